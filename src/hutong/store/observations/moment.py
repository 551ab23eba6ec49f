"""What the newest observation of each stream was at a past moment.

First the rows of the last hour; then, for streams that were silent, the hour that held their last row (counted in
aggregates or not), told by the hourly partials; then, for streams silent for longer, their history.
"""

from __future__ import annotations

import numpy as np

from hutong.kernel.base import DAY, HOUR
from hutong.kernel.observation import Latest
from hutong.store.observations.overlay import Overlay
from hutong.store.observations.rollup import heard
from hutong.store.observations.rows import Ints, Rows, join
from hutong.store.observations.scan import EARLIEST, Span, history, scan
from hutong.store.observations.snapshot import Snapshot

SPANS = (DAY, 40 * DAY)
"""How far back the hourly partials are looked through, in steps: most silent streams were heard of today."""


def latest_at(snapshot: Snapshot, overlay: Overlay, streams: Ints, at: int) -> Latest:
    """The newest row with time ≤ `at` of each stream that has one, ordered by stream."""
    rows = newest_at(snapshot, overlay, streams, at)
    return Latest(rows.stream, rows.time, rows.number)


def newest_at(snapshot: Snapshot, overlay: Overlay, streams: Ints, at: int) -> Rows:
    """The same as whole rows."""
    wanted = np.unique(streams)
    hour = at // HOUR * HOUR
    found = [_last_rows(snapshot, overlay, wanted, np.full(len(wanted), hour - HOUR), at + 1)]
    rest = np.setdiff1d(wanted, found[0].stream, assume_unique=True)
    end = hour - HOUR
    for reach in SPANS:
        if not len(rest):
            break
        known, newest = _newest_hours(*heard(snapshot, overlay, rest, hour - HOUR - reach, end))
        end = hour - HOUR - reach
        for start in np.unique(newest).tolist():
            some = known[newest == start]
            found.append(_last_rows(snapshot, overlay, some, np.full(len(some), start), start + HOUR))
        rest = np.setdiff1d(rest, known, assume_unique=True)
    found += [
        history(snapshot, overlay, stream, EARLIEST, at + 1, limit=1, descending=True)
        for stream in rest.tolist()
    ]
    return join(found).ordered()


def _last_rows(snapshot: Snapshot, overlay: Overlay, streams: Ints, starts: Ints, end: int) -> Rows:
    """The last row of each stream with start ≤ time < end."""
    rows = scan(snapshot, overlay, Span(streams, starts, np.full(len(streams), end)))
    if not len(rows):
        return rows
    last = np.append(rows.stream[1:] != rows.stream[:-1], True)
    return rows.take(last)


def _newest_hours(stream: Ints, start: Ints) -> tuple[Ints, Ints]:
    """Of pairs in any order, each stream (ascending) and its last start."""
    order = np.lexsort((start, stream))
    stream, start = stream[order], start[order]
    last = np.append(stream[1:] != stream[:-1], True)[: len(stream)]
    return stream[last], start[last]
