"""From when on rows are kept: before, retention has left hourly partials alone."""

from __future__ import annotations

import numpy as np

from hutong.kernel.base import HOUR
from hutong.store.observations.rows import Ints
from hutong.store.observations.snapshot import THINNED, Run, Snapshot


def rows_since(snapshot: Snapshot, streams: Ints, start: int, end: int) -> int | None:
    """The end of the last hour that begins in start ≤ t < end and of which some stream (ascending) keeps a partial without
    its rows; None if there is none. Parts are read latest first, as few as tell it: mostly one."""
    found: int | None = None
    for until, run, part in _candidates(snapshot, streams, start, end):
        if found is not None and until <= found:
            break
        columns = snapshot.rollup(run, part)
        mine = np.isin(columns["stream"], streams) & (columns["n"] > 0)
        mine &= (columns["start"] >= start) & (columns["start"] < end)
        if mine.any():
            found = max(found or 0, int(columns["start"][mine].max()) + HOUR)
    return found


def _candidates(snapshot: Snapshot, streams: Ints, start: int, end: int) -> list[tuple[int, Run, int]]:
    """Parts that may hold such partials: the latest end first."""
    found: list[tuple[int, Run, int]] = []
    for run in snapshot.runs():
        if run.level < THINNED or run.time_max < start or run.time_min >= end or not len(streams):
            continue
        lines = snapshot.catalog(run).rollups
        near = lines.touching(streams, start, end)
        ends = np.minimum(lines.time_max[near] + 1, end + HOUR).tolist()
        found += [(until, run, part) for until, part in zip(ends, lines.part[near].tolist(), strict=True)]
    return sorted(found, key=lambda one: one[0], reverse=True)
