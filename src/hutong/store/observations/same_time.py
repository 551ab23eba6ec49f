"""Rows of one stream with the same phenomenon time: keep the first, replace it, or keep all."""

from __future__ import annotations

from enum import IntEnum

import msgspec
import numpy as np
from numpy.typing import NDArray

from hutong.store.observations.overlay import Overlay
from hutong.store.observations.rows import Block, Ints, Rows, group_starts, join
from hutong.store.observations.scan import Span, scan
from hutong.store.observations.snapshot import Snapshot


class SameTimeCode(IntEnum):
    """Codes of a datastream's `same_time`."""

    KEEP_ALL = 0
    KEEP_FIRST = 1
    REPLACE = 2


class Settled(msgspec.Struct, frozen=True):
    """What becomes of new rows, by position. `stored` rows are new and take their content from the row `content`
    (a later one that replaces it, or itself); any other is the new row `same_as`, or (−1) the stored row with
    sequence `existing`, whose content it replaces if `replaces`.
    """

    stored: NDArray[np.bool_]
    content: Ints
    same_as: Ints
    existing: Ints
    replaces: NDArray[np.bool_]

    def among(self, mine: NDArray[np.bool_]) -> Settled:
        """The same for a larger block, of which the `mine` rows were settled and all others are new."""
        position = np.flatnonzero(mine)
        total = len(mine)
        stored, replaces = np.ones(total, np.bool_), np.zeros(total, np.bool_)
        content = np.arange(total)
        same_as, existing = np.full(total, -1, np.int64), np.full(total, -1, np.int64)
        stored[position], replaces[position] = self.stored, self.replaces
        same_as[position] = np.where(self.same_as >= 0, position[self.same_as], -1)
        existing[position] = self.existing
        content[position] = position[self.content]
        return Settled(stored, content, same_as, existing, replaces)


def doubtful(fresh: Block, codes: NDArray[np.uint8], newest_time: Ints) -> NDArray[np.bool_]:
    """Streams of the block that may repeat a time: not strictly newer row by row.

    `codes` and `newest_time` go with `fresh.streams`. All other streams (nearly always all) need no look-up.
    """
    if not codes.any():
        return np.zeros(len(codes), np.bool_)
    previous = np.empty_like(fresh.rows.time)
    previous[1:] = fresh.rows.time[:-1]
    previous[fresh.offsets[:-1]] = newest_time
    repeats = np.logical_or.reduceat(fresh.rows.time <= previous, fresh.offsets[:-1])
    found: NDArray[np.bool_] = repeats & (codes != SameTimeCode.KEEP_ALL)
    return found


def settle(
    snapshot: Snapshot, overlay: Overlay, pending: list[Block], fresh: Block, codes: NDArray[np.uint8]
) -> Settled:
    """Compares every row of the block with what is stored or pending, and with the rows before it in the block."""
    rows, starts = fresh.rows, fresh.offsets[:-1]
    ranges = Span(
        fresh.streams, np.minimum.reduceat(rows.time, starts), np.maximum.reduceat(rows.time, starts) + 1
    )
    waiting = [overlay.hide(ranges.clip(some.pick(fresh.streams))) for some in pending]
    stored = join([scan(snapshot, overlay, ranges), *waiting]).ordered()
    code_of = np.repeat(codes, np.diff(fresh.offsets))
    known = _row_at(stored, rows, last=code_of == SameTimeCode.REPLACE)
    first, last = _within(rows)
    position = np.arange(len(rows))
    all_kept = code_of == SameTimeCode.KEEP_ALL
    replace = code_of == SameTimeCode.REPLACE
    new = known < 0
    return Settled(
        stored=all_kept | (new & (first == position)),
        content=np.where(replace, last, position),
        same_as=np.where(all_kept | ~new, -1, first),
        existing=np.append(stored.sequence, -1)[known],
        replaces=replace & ~new & (last == position) & ~_same_content(stored, known, rows),
    )


def _same_content(stored: Rows, known: Ints, rows: Rows) -> NDArray[np.bool_]:
    """Whether a row says nothing that its stored row (at position `known`) does not say; a device that repeats itself
    changes nothing."""
    if not (stored.plain and rows.plain and len(stored)):
        return np.zeros(len(rows), np.bool_)
    same: NDArray[np.bool_] = stored.number[known].view(np.int64) == rows.number.view(np.int64)
    same &= stored.quality[known] == rows.quality
    return same


def _row_at(stored: Rows, rows: Rows, *, last: NDArray[np.bool_]) -> Ints:
    """Position of the first (or `last`) stored row with each new row's stream and time, −1 if there is none."""
    total = len(stored) + len(rows)
    stream = np.concatenate((stored.stream, rows.stream))
    time = np.concatenate((stored.time, rows.time))
    order = np.lexsort((np.arange(total), time, stream))
    new_pair = np.ones(total, np.bool_)
    new_pair[1:] = (np.diff(stream[order]) != 0) | (np.diff(time[order]) != 0)
    pair = np.empty(total, np.int64)
    pair[order] = np.cumsum(new_pair) - 1
    firsts = np.full(total, -1, np.int64)
    lasts = np.full(total, -1, np.int64)
    held = pair[: len(stored)]
    lasts[held] = np.arange(len(stored))
    firsts[held[::-1]] = np.arange(len(stored))[::-1]
    mine = pair[len(stored) :]
    return np.where(last, lasts[mine], firsts[mine])


def _within(rows: Rows) -> tuple[Ints, Ints]:
    """For each row, the positions of the first and the last row of the block with its stream and time."""
    order = np.lexsort((np.arange(len(rows)), rows.time, rows.stream))
    starts = group_starts_of_pairs(rows.stream[order], rows.time[order])
    ends = np.append(starts[1:], len(rows)) - 1
    counts = np.diff(np.append(starts, len(rows)))
    first, last = np.empty(len(rows), np.int64), np.empty(len(rows), np.int64)
    first[order] = np.repeat(order[starts], counts)
    last[order] = np.repeat(order[ends], counts)
    return first, last


def group_starts_of_pairs(first: Ints, second: Ints) -> Ints:
    """Where each run of equal pairs begins."""
    return np.union1d(group_starts(first), group_starts(second))
