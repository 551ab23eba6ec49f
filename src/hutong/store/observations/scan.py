"""Reading rows: of many streams in time ranges, of one stream newest or oldest first, of one id."""

from __future__ import annotations

import functools
import heapq
import itertools
from collections.abc import Callable, Iterator

import msgspec
import numpy as np

from hutong.store.observations.overlay import Overlay
from hutong.store.observations.rows import Block, Ints, Rows, join, nothing
from hutong.store.observations.snapshot import Run, Snapshot

EARLIEST = int(np.iinfo(np.int64).min)
FOREVER = int(np.iinfo(np.int64).max)


class Span(msgspec.Struct, frozen=True):
    """Streams (ascending, no repeats), each with start ≤ time < end."""

    streams: Ints
    starts: Ints
    ends: Ints

    def clip(self, rows: Rows) -> Rows:
        """The rows inside; every row's stream must be one of the span's."""
        at = np.searchsorted(self.streams, rows.stream)
        inside = (rows.time >= self.starts[at]) & (rows.time < self.ends[at])
        return rows if inside.all() else rows.take(inside)


def span(streams: Ints, start: int = EARLIEST, end: int = FOREVER) -> Span:
    """The same range for every stream."""
    return Span(streams, np.full(len(streams), start), np.full(len(streams), end))


def scan(snapshot: Snapshot, overlay: Overlay, wanted: Span, *, tail: bool = True, runs: bool = True) -> Rows:
    """All rows of the span, ordered by stream, time and sequence."""
    if not len(wanted.streams):
        return nothing()
    start, end = int(wanted.starts.min()), int(wanted.ends.max())
    parts: list[Rows] = []
    if runs:
        for block in packed_blocks(snapshot, wanted.streams, start, end):
            parts.append(wanted.clip(block.pick(wanted.streams)))
    if tail:
        for chunk in snapshot.chunks():
            parts.append(wanted.clip(snapshot.chunk(chunk).pick(wanted.streams)))
    unamended = overlay.hide(join(parts))
    return join([unamended, wanted.clip(overlay.added(wanted.streams))]).ordered()


def packed_blocks(snapshot: Snapshot, streams: Ints, start: int, end: int) -> Iterator[Block]:
    """Segments that may hold rows of `streams` (ascending) with start ≤ time < end, one at a time."""
    for run in snapshot.runs():
        if run.time_max < start or run.time_min >= end:
            continue
        if run.stream_max < streams[0] or run.stream_min > streams[-1]:
            continue
        segments = snapshot.catalog(run).segments
        for at in segments.touching(streams, start, end):
            yield snapshot.segment(run, int(segments.part[at]))


class _Source(msgspec.Struct, frozen=True):
    """Where rows of a stream may be: a bound on their times, and how to get them."""

    time_min: int
    time_max: int
    read: Callable[[], Rows]


def history(
    snapshot: Snapshot,
    overlay: Overlay,
    stream: int,
    start: int,
    end: int,
    *,
    limit: int,
    descending: bool,
    tail: bool = True,
) -> Rows:
    """The first `limit` rows of a stream in time order (or the last, newest first), reading no more than
    they need."""
    wanted = span(np.array([stream], np.int64), start, end)
    amended = wanted.clip(overlay.added(wanted.streams))
    taken = [amended]
    times = amended.time
    for source in _in_order(snapshot, overlay, wanted, descending, tail=tail):
        if len(times) >= limit and _enough(times, limit, source, descending):
            break
        rows = source.read()
        taken.append(rows)
        times = np.concatenate((times, rows.time))
    ordered = join(taken).ordered()
    if descending:
        return ordered.take(np.arange(len(ordered) - 1, max(len(ordered) - limit, 0) - 1, -1))
    return ordered.take(slice(0, limit))


def _enough(times: Ints, limit: int, source: _Source, descending: bool) -> bool:
    """Whether `limit` rows are known that come before anything the source may hold."""
    if limit == 0:
        return True
    if descending:
        return int(np.partition(times, len(times) - limit)[len(times) - limit]) > source.time_max
    return int(np.partition(times, limit - 1)[limit - 1]) < source.time_min


def _in_order(
    snapshot: Snapshot, overlay: Overlay, wanted: Span, descending: bool, *, tail: bool
) -> Iterator[_Source]:
    """Sources by their bounds. A run is an empty one first: where the reader stops at it, its
    catalog is not read."""
    sides = itertools.count()
    start, end = int(wanted.starts[0]), int(wanted.ends[0])
    known = _tail_sources(snapshot, overlay, wanted) if tail else []
    waiting: list[tuple[int, int, _Source | Run]] = []

    def wait(one: _Source | Run) -> None:
        first = -one.time_max if descending else one.time_min
        heapq.heappush(waiting, (first, next(sides), one))

    every: list[_Source | Run] = [*known, *snapshot.runs()]
    for one in every:
        if one.time_max >= start and one.time_min < end:
            wait(one)
    while waiting:
        _, _, one = heapq.heappop(waiting)
        if isinstance(one, _Source):
            yield one
            continue
        yield _Source(one.time_min, one.time_max, nothing)
        for source in _packed_sources(snapshot, overlay, one, wanted):
            wait(source)


def _packed_sources(snapshot: Snapshot, overlay: Overlay, run: Run, wanted: Span) -> Iterator[_Source]:
    segments = snapshot.catalog(run).segments
    for at in segments.touching(wanted.streams, int(wanted.starts[0]), int(wanted.ends[0])):
        read = functools.partial(_segment_rows, snapshot, overlay, run, int(segments.part[at]), wanted)
        yield _Source(int(segments.time_min[at]), int(segments.time_max[at]), read)


def _segment_rows(snapshot: Snapshot, overlay: Overlay, run: Run, part: int, wanted: Span) -> Rows:
    return overlay.hide(wanted.clip(snapshot.segment(run, part).pick(wanted.streams)))


def _same(rows: Rows) -> Rows:
    return rows


def _tail_sources(snapshot: Snapshot, overlay: Overlay, wanted: Span) -> list[_Source]:
    sources: list[_Source] = []
    for chunk in snapshot.chunks():
        rows = overlay.hide(wanted.clip(snapshot.chunk(chunk).pick(wanted.streams)))
        if len(rows):
            sources.append(
                _Source(int(rows.time.min()), int(rows.time.max()), functools.partial(_same, rows))
            )
    return sources


def one(snapshot: Snapshot, overlay: Overlay, stream: int, sequence: int) -> Rows:
    """The row of an id as it is now: one row, or none."""
    amended = overlay.added(np.array([stream], np.int64))
    match = amended.take(amended.sequence == sequence)
    return match if len(match) else overlay.hide(unamended(snapshot, stream, sequence))


def unamended(snapshot: Snapshot, stream: int, sequence: int) -> Rows:
    """The row of an id as tail or runs hold it: one row, or none."""
    wanted = np.array([stream], np.int64)
    for chunk in reversed(snapshot.chunks()):
        rows = snapshot.chunk(chunk).pick(wanted)
        match = rows.sequence == sequence
        if match.any():
            return rows.take(match)
    for run in reversed(snapshot.runs()):
        if not run.stream_min <= stream <= run.stream_max:
            continue
        segments = snapshot.catalog(run).segments
        for at in segments.holding(stream, sequence):
            rows = snapshot.segment(run, int(segments.part[at])).pick(wanted)
            match = rows.sequence == sequence
            if match.any():
                return rows.take(match)
    return nothing()
