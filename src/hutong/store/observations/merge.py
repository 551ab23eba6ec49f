"""Neighbouring runs become one, so that a stream's rows lie together; amendments of their rows are folded in.

Parts of the new run are written in many short transactions and are invisible until the last one swaps the
runs.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import msgspec
import numpy as np

from hutong.kernel.observation import STREAM_SHIFT
from hutong.store.observations.overlay import NONE, Overlay, drop_folded
from hutong.store.observations.pack import write_run
from hutong.store.observations.pages import set_newest
from hutong.store.observations.rows import Ints, Rows, block, join
from hutong.store.observations.scan import EARLIEST, FOREVER, history
from hutong.store.observations.segments import Part, rollup_parts, segments
from hutong.store.observations.snapshot import ARCHIVED, Archived, Caches, Catalog, Run, Snapshot
from hutong.store.observations.streams import newest
from hutong.store.transaction import Tx

FAN_IN = 8
MAX_RUN_ROWS = 16_000_000
"""Runs are not merged beyond this: a merge stays a matter of seconds."""
SLICE_ROWS = 500_000
FOLD_AT = 2_000
"""With so many amendments waiting, the run that has most of them is written anew."""


def choose(runs: Sequence[Run]) -> list[Run]:
    """FAN_IN neighbours of one level, the lowest level first; or nothing."""
    runs = [run for run in runs if run.level < ARCHIVED]
    for level in sorted({run.level for run in runs}):
        group: list[Run] = []
        for run in runs:
            group = [*group, run] if run.level == level else []
            if len(group) == FAN_IN:
                if sum(member.row_count for member in group) <= MAX_RUN_ROWS:
                    return group
                group = group[1:]
    return []


def choose_fold(snapshot: Snapshot, overlay: Overlay) -> list[Run]:
    """The run that holds most of the amended rows, if too many wait."""
    if len(overlay) < FOLD_AT:
        return []
    counts = {run.run: amended_in(snapshot, run, overlay) for run in snapshot.runs()}
    best = max(snapshot.runs(), key=lambda run: counts[run.run], default=None)
    return [best] if best is not None and counts[best.run] else []


def amended_in(snapshot: Snapshot, run: Run, overlay: Overlay) -> int:
    """How many rows of the run are amended."""
    inside = (overlay.was_time >= run.time_min) & (overlay.was_time <= run.time_max)
    if not inside.any():
        return 0
    streams = np.unique(overlay.ids[inside] >> STREAM_SHIFT)
    start, end = int(overlay.was_time[inside].min()), int(overlay.was_time[inside].max()) + 1
    lines = snapshot.catalog(run).segments
    touched = lines.part[lines.touching(streams, start, end)]
    folded = [overlay.fold(snapshot.segment(run, int(part), keep=False).rows)[1] for part in touched]
    return len(union(folded))


class Slice(msgspec.Struct, frozen=True):
    """Streams low ≤ stream < high at times start ≤ time < end."""

    low: int
    high: int
    start: int = EARLIEST
    end: int = FOREVER


def slices(catalogs: Sequence[Catalog]) -> list[Slice]:
    """Ranges with about SLICE_ROWS rows each, in order; a stream with many more is cut by time."""
    lines = [catalog.segments for catalog in catalogs]
    low = np.concatenate([some.stream_min for some in lines])
    rows = np.concatenate([some.rows for some in lines])
    edges = _quantiles(low, rows)
    found: list[Slice] = []
    for start, end in zip(edges, [*edges[1:], FOREVER], strict=True):
        mine = (low >= start) & (low < end)
        lone = np.concatenate([some.stream_max for some in lines])[mine].max() == start
        if lone and int(rows[mine].sum()) > 2 * SLICE_ROWS:
            times = _quantiles(np.concatenate([some.time_min for some in lines])[mine], rows[mine])
            bounds = [EARLIEST, *times[1:], FOREVER]
            pieces = itertools.pairwise(bounds)
            found += [Slice(start, start + 1, first, last) for first, last in pieces]
            found.append(Slice(start + 1, end))
        else:
            found.append(Slice(start, end))
    return found


def _quantiles(key: Ints, weight: Ints) -> list[int]:
    """The least key, and the keys at which another SLICE_ROWS of weight begin."""
    order = np.argsort(key, kind="stable")
    slot = (np.cumsum(weight[order]) - weight[order]) // SLICE_ROWS
    first = np.flatnonzero(np.diff(slot, prepend=-1))
    return [int(value) for value in np.unique(key[order][first])]


def read_slice(snapshot: Snapshot, runs: Sequence[Run], piece: Slice) -> Rows:
    """The rows of the slice in all the runs, unordered."""
    parts: list[Rows] = []
    for run in runs:
        lines = snapshot.catalog(run).segments
        near = (lines.stream_max >= piece.low) & (lines.stream_min < piece.high)
        near &= (lines.time_max >= piece.start) & (lines.time_min < piece.end)
        for part in lines.part[near]:
            rows = snapshot.segment(run, int(part), keep=False).rows
            inside = (rows.stream >= piece.low) & (rows.stream < piece.high)
            inside &= (rows.time >= piece.start) & (rows.time < piece.end)
            parts.append(rows if inside.all() else rows.take(inside))
    return join(parts)


def encode_slice(rows: Rows, overlay: Overlay) -> tuple[list[Part], list[Part], Ints]:
    """Segments, rollup parts and the overlay positions that were folded in."""
    amended, folded = overlay.fold(rows)
    ordered = amended.ordered()
    return segments(ordered), rollup_parts(ordered), folded


def union(positions: Sequence[Ints]) -> Ints:
    """All positions, once each."""
    return np.unique(np.concatenate([np.empty(0, np.int64), *positions]))


def swap(
    tx: Tx,
    lane: int,
    old: Sequence[Run],
    new: int,
    catalog: Catalog,
    overlay: Overlay,
    folded: Ints,
    archive: Archived | None = None,
) -> None:
    """The new run takes the place of the old ones. The lane must be locked."""
    for run in old:
        tx.execute("DELETE FROM observation_run WHERE lane = ? AND run = ?", (lane, run.run))
    level = old[0].level + (1 if len(old) > 1 else 0)
    write_run(tx, lane, new, level=level, chunks=(old[0].first_chunk, old[-1].last_chunk), catalog=catalog)
    tx.execute("UPDATE observation_lane SET generation = generation + 1 WHERE lane = ?", (lane,))
    drop_folded(tx, lane, overlay, folded)
    if len(folded):
        mend_pages(tx, lane, np.unique(overlay.ids[folded] >> STREAM_SHIFT), new, archive)


def mend_pages(tx: Tx, lane: int, streams: Ints, version: int, archive: Archived | None) -> None:
    """Streams whose rows were amended: the newest packed row is looked up again."""
    snapshot = Snapshot(tx, lane, Caches(archive), uncached_from=0)
    found = join(
        [
            history(snapshot, NONE, int(stream), EARLIEST, FOREVER, limit=1, descending=True, tail=False)
            for stream in streams
        ]
    )
    set_newest(tx, lane, streams, newest(block(found)), version)


def still_there(tx: Tx, lane: int, runs: Sequence[Run]) -> bool:
    found = {row[0] for row in tx.rows("SELECT run FROM observation_run WHERE lane = ?", (lane,))}
    return all(run.run in found for run in runs)


def garbage(tx: Tx, lane: int, below: int) -> Iterator[tuple[int, list[int]]]:
    """Parts (run, numbers) of no run: what an interrupted merge left, or what merged runs left behind."""
    listed = {row[0] for row in tx.rows("SELECT run FROM observation_run WHERE lane = ?", (lane,))}
    at = 0
    while True:
        found = tx.row(
            "SELECT run FROM observation_segment WHERE lane = ? AND run >= ? ORDER BY run LIMIT 1", (lane, at)
        )
        if found is None or found[0] >= below:
            return
        if found[0] not in listed:
            parts = tx.rows(
                "SELECT part FROM observation_segment WHERE lane = ? AND run = ?", (lane, found[0])
            )
            yield found[0], [part for (part,) in parts]
        at = found[0] + 1
