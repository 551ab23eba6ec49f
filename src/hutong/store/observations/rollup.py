"""Aggregates: hourly partials kept with the runs, and windows made from partials and rows.

Rows without a number (text, JSON, NaN) and doubted rows (quality from SUSPECT on) are not in any aggregate. A partial
carries the time and sequence of its first and last counted row, so partials of overlapping runs combine exactly. An hour
that has rows, but none that count, has a partial with n = 0: it tells that the stream was heard of.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from hutong.kernel.base import HOUR
from hutong.kernel.observation import Rollup
from hutong.store.observations.columns import Columns
from hutong.store.observations.counted import counts
from hutong.store.observations.overlay import Overlay
from hutong.store.observations.rows import Block, Ints, Rows, group_starts
from hutong.store.observations.same_time import group_starts_of_pairs
from hutong.store.observations.scan import Span, packed_blocks, scan, span
from hutong.store.observations.snapshot import THINNED, Run, Snapshot

_NAMES = (
    *("stream", "start", "n", "sum", "min", "max", "first", "last"),
    *("first_time", "last_time", "first_sequence", "last_sequence"),
)


_INTS = {"stream", "start", "n", "first_time", "last_time", "first_sequence", "last_sequence"}


def partials(rows: Rows, width: int) -> Columns:
    """Aggregates of rows that are ordered by stream, time and sequence, in windows of `width` µs."""
    keep = counts(rows.number, rows.quality)
    if not keep.all():
        rows = rows.take(keep)
    window = rows.time // width
    starts = group_starts_of_pairs(rows.stream, window)
    if not len(starts):
        return _none()
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


def hourly(rows: Rows) -> Columns:
    """The partials that are kept of rows in that order: hours without a row that counts are among them."""
    hour = rows.time // HOUR
    starts = group_starts_of_pairs(rows.stream, hour)
    if not len(starts):
        return partials(rows, HOUR)
    told = np.logical_or.reduceat(counts(rows.number, rows.quality), starts)
    found = partials(rows, HOUR)
    if told.all():
        return found
    kept: Columns = {}
    for name, column in found.items():
        kept[name] = np.full(len(starts), 0 if name in _INTS or name == "sum" else np.nan, column.dtype)
        kept[name][told] = column
    return kept | {"stream": rows.stream[starts], "start": hour[starts] * HOUR}


def combine(parts: list[Columns], width: int) -> Columns | None:
    """Partials of windows that divide `width`, as one partial per stream and window of `width` µs. None if rows of the
    same time would have to be told apart by sequences that are not known (0)."""
    joined = {name: np.concatenate([part[name] for part in parts]) for name in _NAMES}
    joined["start"] = joined["start"] // width * width
    key = _key(joined["stream"], joined["start"], width)
    if (key[1:] > key[:-1]).all():
        return joined
    order = np.argsort(key, kind="stable")
    starts = group_starts(key[order])
    if len(starts) == len(order):
        return {name: column[order] for name, column in joined.items()}
    sizes = np.diff(np.append(starts, len(order)))
    several = np.repeat(sizes > 1, sizes)
    mine, group = order[several], key[order][several]
    opening, closing = order[starts], order[starts]
    first, clear = _outermost(group, mine, joined["first_time"], joined["first_sequence"], 0)
    last, clear_too = _outermost(group, mine, joined["last_time"], joined["last_sequence"], -1)
    if not (clear and clear_too):
        return None
    opening[sizes > 1], closing[sizes > 1] = first, last
    return {
        "stream": joined["stream"][opening],
        "start": joined["start"][opening],
        "n": np.add.reduceat(joined["n"][order], starts),
        "sum": np.add.reduceat(joined["sum"][order], starts),
        "min": np.minimum.reduceat(joined["min"][order], starts),
        "max": np.maximum.reduceat(joined["max"][order], starts),
        **{name: joined[name][opening] for name in ("first", "first_time", "first_sequence")},
        **{name: joined[name][closing] for name in ("last", "last_time", "last_sequence")},
    }


def _key(stream: Ints, start: Ints, width: int) -> Ints:
    """Integers in the order of stream and start, equal where both are."""
    if not len(stream):
        return stream
    window = (start - start.min()) // width
    windows = int(window.max()) + 1
    if (int(stream.max()) + 1) * windows >= 2**63:
        stream = np.searchsorted(np.unique(stream), stream)
        window = np.searchsorted(np.unique(window), window)
        windows = int(window.max()) + 1
    key: Ints = stream * windows + window
    return key


def _outermost(group: Ints, mine: Ints, time: Ints, sequence: Ints, side: int) -> tuple[Ints, bool]:
    """Of each group (ascending) the position in `mine` that is first (side 0) or last (−1) by time and sequence; and
    whether every choice is sure."""
    if not len(mine):
        return mine, True
    ranked = mine[np.lexsort((sequence[mine], time[mine], group))]
    starts = group_starts(group)
    if side == 0:
        found, next_to = ranked[starts], ranked[starts + 1]
    else:
        ends = np.append(starts[1:], len(group)) - 1
        found, next_to = ranked[ends], ranked[ends - 1]
    unknown = (sequence[found] == 0) | (sequence[next_to] == 0)
    return found, not ((time[found] == time[next_to]) & unknown).any()


def rollups(snapshot: Snapshot, overlay: Overlay, streams: Ints, start: int, end: int, window: int) -> Rollup:
    """Windows counted from the epoch; only rows with start ≤ time < end count, in the edge windows too."""
    wanted = span(np.unique(streams), start, end)
    gather = _mostly_kept if window % HOUR == 0 else from_rows
    found = combine([_none(), *gather(snapshot, overlay, wanted, window)], window)
    if found is None:
        found = combine([_none(), *gather(snapshot, overlay, wanted, window, exact=True)], window)
    if found is None:
        raise RuntimeError("rows that were read whole have no sequence")
    return Rollup(**{name: found[name] for name in Rollup.__struct_fields__})


def _none() -> Columns:
    return {name: np.empty(0, np.int64 if name in _INTS else np.float64) for name in _NAMES}


def _split(overlay: Overlay, wanted: Span) -> tuple[Ints, Ints]:
    """The streams without amendments, and those with."""
    touched = np.isin(wanted.streams, overlay.streams(), assume_unique=True)
    return wanted.streams[~touched], wanted.streams[touched]


def _mostly_kept(
    snapshot: Snapshot, overlay: Overlay, wanted: Span, width: int, *, exact: bool = False
) -> Iterator[Columns]:
    """From kept partials as far as they lie inside the span; other hours, and streams with amendments, from rows."""
    if not len(wanted.streams):
        return
    start, end = int(wanted.starts[0]), int(wanted.ends[0])
    plain, touched = _split(overlay, wanted)
    for run in snapshot.runs():
        if run.time_max < start or run.time_min >= end:
            continue
        if run.level >= THINNED:
            yield from (whole for whole, _ in _kept(snapshot, run, wanted))
            continue
        found = list(_kept(snapshot, run, span(plain, start, end)))
        whole, partly = ([pair[side] for pair in found] for side in (0, 1))
        for hour in sorted({hour for part in partly for hour in part["start"].tolist()}):
            some = np.unique(np.concatenate([part["stream"][part["start"] == hour] for part in partly]))
            whole = [_without(part, some, hour) for part in whole]
            edge = span(some, max(start, hour), min(end, hour + HOUR))
            yield from _packed(snapshot, (run,), edge, width, exact=exact)
        yield from whole
    yield from _tail(snapshot, overlay, span(plain, start, end), width, exact=exact)
    yield from _amended(snapshot, overlay, span(touched, start, end), width)


def _without(part: Columns, streams: Ints, hour: int) -> Columns:
    """Without what it says of an hour of `streams` (a kept part may hold a half of it, and the other half is cut)."""
    over = (part["start"] == hour) & np.isin(part["stream"], streams)
    return {name: column[~over] for name, column in part.items()} if over.any() else part


def _kept(snapshot: Snapshot, run: Run, wanted: Span) -> Iterator[tuple[Columns, Columns]]:
    """Partials that a run keeps: those of rows inside the span, and those of hours that are cut by it."""
    if not len(wanted.streams):
        return
    start, end = int(wanted.starts[0]), int(wanted.ends[0])
    lines = snapshot.catalog(run).rollups
    for at in lines.touching(wanted.streams, start, end):
        columns = snapshot.rollup(run, int(lines.part[at]))
        near = np.minimum(np.searchsorted(wanted.streams, columns["stream"]), len(wanted.streams) - 1)
        mine = (wanted.streams[near] == columns["stream"]) & (columns["n"] > 0)
        mine &= (columns["last_time"] >= start) & (columns["first_time"] < end)
        whole = mine & (columns["first_time"] >= start) & (columns["last_time"] < end)
        cut = mine & ~whole
        yield (
            columns if whole.all() else {name: columns[name][whole] for name in _NAMES},
            {name: columns[name][cut] for name in ("stream", "start")},
        )


def from_rows(
    snapshot: Snapshot, overlay: Overlay, wanted: Span, width: int, *, exact: bool = False
) -> Iterator[Columns]:
    """Partials in windows of `width` µs from rows alone, part by part, so that memory stays small. Of packed rows only
    what is counted is read, without sequences, unless it must be `exact`."""
    if not len(wanted.streams):
        return
    start, end = int(wanted.starts[0]), int(wanted.ends[0])
    plain, touched = _split(overlay, wanted)
    yield from _packed(snapshot, snapshot.runs(), span(plain, start, end), width, exact=exact)
    yield from _tail(snapshot, overlay, span(plain, start, end), width, exact=exact)
    yield from _amended(snapshot, overlay, span(touched, start, end), width)


def _packed(
    snapshot: Snapshot, runs: tuple[Run, ...], wanted: Span, width: int, *, exact: bool
) -> Iterator[Columns]:
    """Of streams without amendments."""
    if not len(wanted.streams) or wanted.starts[0] >= wanted.ends[0]:
        return
    start, end = int(wanted.starts[0]), int(wanted.ends[0])
    for run in runs:
        if run.time_max < start or run.time_min >= end:
            continue
        lines = snapshot.catalog(run).segments
        at = lines.touching(wanted.streams, start, end)
        if exact:
            blocks = (snapshot.segment(run, part) for part in lines.part[at].tolist())
            yield from (partials(wanted.clip(block.pick(wanted.streams)), width) for block in blocks)
            continue
        inside = (lines.time_min[at] >= start) & (lines.time_max[at] < end)
        for whole, counted in zip(inside.tolist(), snapshot.counted(run, lines.part[at]), strict=True):
            rows = counted.of(wanted.streams)
            rows = rows if whole else rows.between(start, end)
            if len(rows.time):
                yield rows.windows(width)


def _amended(snapshot: Snapshot, overlay: Overlay, wanted: Span, width: int) -> Iterator[Columns]:
    """Of streams with amendments: rows, in tail and runs, with what was amended."""
    if not len(wanted.streams):
        return
    for block in packed_blocks(snapshot, wanted.streams, int(wanted.starts[0]), int(wanted.ends[0])):
        yield partials(_inside(block, overlay, wanted), width)
    yield partials(wanted.clip(overlay.added(wanted.streams)).ordered(), width)
    yield from _tail(snapshot, overlay, wanted, width, exact=True)


def _tail(
    snapshot: Snapshot, overlay: Overlay, wanted: Span, width: int, *, exact: bool
) -> Iterator[Columns]:
    """Of rows that are not packed yet; `exact` also where streams have amendments."""
    if not len(wanted.streams):
        return
    start, end = int(wanted.starts[0]), int(wanted.ends[0])
    for chunk in snapshot.chunks():
        if exact:
            some = _inside(snapshot.chunk(chunk), overlay, wanted)
            if len(some):
                yield partials(some.ordered(), width)
            continue
        rows = snapshot.counted_chunk(chunk).of(wanted.streams)
        if len(rows.time):
            rows = rows.between(start, end)
        if len(rows.time):
            yield rows.windows(width)


def _inside(block: Block, overlay: Overlay, wanted: Span) -> Rows:
    return overlay.hide(wanted.clip(block.pick(wanted.streams)))


def heard(snapshot: Snapshot, overlay: Overlay, streams: Ints, start: int, end: int) -> tuple[Ints, Ints]:
    """In which hours the streams have rows, counted or not: pairs of stream and start of the hour, in no order, some
    more than once. `start` and `end` are whole hours."""
    plain, touched = _split(overlay, span(streams, start, end))
    found: list[tuple[Ints, Ints]] = [(streams[:0], streams[:0])]
    for run in snapshot.runs():
        if not len(plain) or run.level >= THINNED or run.time_max < start or run.time_min >= end:
            continue
        lines = snapshot.catalog(run).rollups
        for at in lines.touching(plain, start, end):
            columns = snapshot.rollup(run, int(lines.part[at]))
            mine = np.isin(columns["stream"], plain)
            mine &= (columns["start"] >= start) & (columns["start"] < end)
            found.append((columns["stream"][mine], columns["start"][mine]))
    rest = [scan(snapshot, overlay, span(plain, start, end), runs=False)]
    rest.append(scan(snapshot, overlay, span(touched, start, end)))
    found += [(rows.stream, rows.time // HOUR * HOUR) for rows in rest]
    return np.concatenate([pair[0] for pair in found]), np.concatenate([pair[1] for pair in found])
