"""How many rows there are, told by the headers of segments where a segment lies wholly inside what is asked."""

from __future__ import annotations

import numpy as np

from hutong.store.observations.overlay import Overlay
from hutong.store.observations.rows import Ints
from hutong.store.observations.scan import Span
from hutong.store.observations.snapshot import Parts, Snapshot

NO_END = int(np.iinfo(np.int64).max)


def count(snapshot: Snapshot, overlay: Overlay, wanted: Span, known: Ints, at_most: int) -> int:
    """Rows of the span; `known` are all streams that have rows, ascending. Stops when `at_most` is passed."""
    if not len(wanted.streams):
        return 0
    total = _amended(overlay, wanted)
    for chunk in snapshot.chunks():
        total += len(wanted.clip(snapshot.chunk(chunk).pick(wanted.streams)))
    start, end = int(wanted.starts.min()), int(wanted.ends.max())
    for run in snapshot.runs():
        segments = snapshot.catalog(run).segments
        near = segments.touching(wanted.streams, start, end)
        whole = near[_whole(segments, near, wanted, known)]
        total += int(segments.rows[whole].sum())
        for at in np.setdiff1d(near, whole, assume_unique=True):
            if total > at_most:
                return at_most
            block = snapshot.segment(run, int(segments.part[at]))
            total += len(wanted.clip(block.pick(wanted.streams)))
    return min(total, at_most)


def _whole(segments: Parts, near: Ints, wanted: Span, known: Ints) -> np.typing.NDArray[np.bool_]:
    """Which segments hold nothing but wanted rows: by their range of times, and since every stream that is known in
    their range of streams is wanted."""
    asked = np.intersect1d(known, wanted.streams, assume_unique=True)
    first, last = segments.stream_min[near], segments.stream_max[near]
    mine = np.searchsorted(asked, last, "right") - np.searchsorted(asked, first)
    every = np.searchsorted(known, last, "right") - np.searchsorted(known, first)
    start, end = int(wanted.starts.max()), int(wanted.ends.min())
    inside = (segments.time_min[near] >= start) & (segments.time_max[near] < end)
    return np.asarray((mine == every) & inside, np.bool_)


def _amended(overlay: Overlay, wanted: Span) -> int:
    """What amendments change: the rows they hide are counted where they lie, their new rows are not."""
    if not len(overlay):
        return 0
    streams = overlay.ids >> 32
    mine = np.isin(streams, wanted.streams)
    at = np.searchsorted(wanted.streams, streams[mine])
    was = overlay.was_time[mine]
    hidden = int(((was >= wanted.starts[at]) & (was < wanted.ends[at])).sum())
    return len(wanted.clip(overlay.added(wanted.streams))) - hidden
