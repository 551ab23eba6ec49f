"""Aggregates: hourly partials kept with the runs, and windows made from partials and rows.

Rows without a number (text, JSON, NaN) are not in any aggregate. A partial carries the time and sequence of
its first and last row, so partials of overlapping runs combine exactly.
"""

from __future__ import annotations

import numpy as np

from hutong.kernel.base import HOUR
from hutong.kernel.observation import Rollup
from hutong.store.observations.columns import Columns
from hutong.store.observations.overlay import Overlay
from hutong.store.observations.rows import Block, Ints, Rows
from hutong.store.observations.same_time import group_starts_of_pairs
from hutong.store.observations.scan import Span, packed_blocks, span
from hutong.store.observations.snapshot import THINNED, Snapshot

_NAMES = (
    *("stream", "start", "n", "sum", "min", "max", "first", "last"),
    *("first_time", "last_time", "first_sequence", "last_sequence"),
)


def partials(rows: Rows, width: int) -> Columns:
    """Aggregates of rows that are ordered by stream, time and sequence, in windows of `width` µs."""
    missing = np.isnan(rows.number)
    if missing.any():
        rows = rows.take(~missing)
    window = rows.time // width
    starts = group_starts_of_pairs(rows.stream, window)
    if not len(starts):
        return {name: np.empty(0, np.int64 if name in _INTS else np.float64) for name in _NAMES}
    ends = np.append(starts[1:], len(rows)) - 1
    return {
        "stream": rows.stream[starts],
        "start": window[starts] * width,
        "n": ends - starts + 1,
        "sum": np.add.reduceat(rows.number, starts),
        "min": np.minimum.reduceat(rows.number, starts),
        "max": np.maximum.reduceat(rows.number, starts),
        "first": rows.number[starts],
        "last": rows.number[ends],
        "first_time": rows.time[starts],
        "last_time": rows.time[ends],
        "first_sequence": rows.sequence[starts],
        "last_sequence": rows.sequence[ends],
    }


_INTS = {"stream", "start", "n", "first_time", "last_time", "first_sequence", "last_sequence"}


def combine(parts: list[Columns], width: int) -> Columns:
    """Partials of windows that divide `width`, as one partial per stream and window of `width` µs."""
    joined = {name: np.concatenate([part[name] for part in parts]) for name in _NAMES}
    joined["start"] = joined["start"] // width * width
    by_first = np.lexsort((joined["first_sequence"], joined["first_time"], joined["start"], joined["stream"]))
    by_last = np.lexsort((joined["last_sequence"], joined["last_time"], joined["start"], joined["stream"]))
    stream, start = joined["stream"][by_first], joined["start"][by_first]
    starts = group_starts_of_pairs(stream, start)
    if not len(starts):
        return joined
    opening, closing = by_first[starts], by_last[np.append(starts[1:], len(stream)) - 1]
    return {
        "stream": stream[starts],
        "start": start[starts],
        "n": np.add.reduceat(joined["n"][by_first], starts),
        "sum": np.add.reduceat(joined["sum"][by_first], starts),
        "min": np.minimum.reduceat(joined["min"][by_first], starts),
        "max": np.maximum.reduceat(joined["max"][by_first], starts),
        **{name: joined[name][opening] for name in ("first", "first_time", "first_sequence")},
        **{name: joined[name][closing] for name in ("last", "last_time", "last_sequence")},
    }


def rollups(snapshot: Snapshot, overlay: Overlay, streams: Ints, start: int, end: int, window: int) -> Rollup:
    """Windows counted from the epoch; only rows with start ≤ time < end count, in the edge windows too."""
    streams = np.unique(streams)
    parts: list[Columns] = [partials(overlay.live.take(slice(0, 0)), window)]
    touched = np.isin(streams, overlay.streams(), assume_unique=True)
    inner_start, inner_end = -(-start // HOUR) * HOUR, end // HOUR * HOUR
    whole = window % HOUR == 0 and inner_start < inner_end
    if whole:
        parts += _kept(snapshot, span(streams[touched], inner_start, inner_end), thinned=True)
    if whole and not touched.all():
        plain = streams[~touched]
        parts += _kept(snapshot, span(plain, inner_start, inner_end))
        parts += _tail(snapshot, overlay, span(plain, inner_start, inner_end), HOUR)
        for edge in (span(plain, start, inner_start), span(plain, inner_end, end)):
            parts += _raw(snapshot, overlay, edge, window)
        streams = streams[touched]
    parts += _raw(snapshot, overlay, span(streams, start, end), window)
    found = combine(parts, window)
    return Rollup(**{name: found[name] for name in Rollup.__struct_fields__})


def _kept(snapshot: Snapshot, wanted: Span, *, thinned: bool = False) -> list[Columns]:
    """Hourly partials that the runs keep, of whole hours; `thinned`: only those whose rows are no longer kept."""
    if not len(wanted.streams):
        return []
    start, end = int(wanted.starts[0]), int(wanted.ends[0])
    parts: list[Columns] = []
    for run in snapshot.runs():
        if run.time_max < start or run.time_min >= end or (thinned and run.level < THINNED):
            continue
        rollup_parts = snapshot.catalog(run).rollups
        for at in rollup_parts.touching(wanted.streams, start, end):
            columns = snapshot.rollup(run, int(rollup_parts.part[at]))
            near = np.minimum(np.searchsorted(wanted.streams, columns["stream"]), len(wanted.streams) - 1)
            inside = wanted.streams[near] == columns["stream"]
            inside &= (columns["start"] >= start) & (columns["start"] < end)
            parts.append({name: columns[name][inside] for name in _NAMES})
    return parts


def _raw(snapshot: Snapshot, overlay: Overlay, wanted: Span, width: int) -> list[Columns]:
    """Partials from rows, block by block, so that memory stays small."""
    if not len(wanted.streams) or wanted.starts[0] >= wanted.ends[0]:
        return []
    blocks = packed_blocks(snapshot, wanted.streams, int(wanted.starts[0]), int(wanted.ends[0]))
    parts = [partials(_inside(block, overlay, wanted), width) for block in blocks]
    parts.append(partials(wanted.clip(overlay.added(wanted.streams)).ordered(), width))
    return parts + _tail(snapshot, overlay, wanted, width)


def _tail(snapshot: Snapshot, overlay: Overlay, wanted: Span, width: int) -> list[Columns]:
    chunks = (_inside(snapshot.chunk(chunk), overlay, wanted) for chunk in snapshot.chunks())
    return [partials(rows.ordered(), width) for rows in chunks if len(rows)]


def _inside(block: Block, overlay: Overlay, wanted: Span) -> Rows:
    return overlay.hide(wanted.clip(block.pick(wanted.streams)))
