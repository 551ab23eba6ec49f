"""What is known of each stream without its history: next sequence and newest row; in memory and as stored
pages."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hutong.store.observations import columns as coded
from hutong.store.observations.rows import Block, Ints, Rows, group_starts

NEVER = np.int64(np.iinfo(np.int64).min)
"""The time of a stream that has no row."""

_LEAF = 4096
PAGE = 4096
"""Stream ids that share a stored page."""


class StreamTable:
    """Columns indexed by a slot per stream; slots are found without hashing, by two array look-ups.

    The newest row of a stream is the one with the greatest (time, sequence).
    """

    def __init__(self) -> None:
        self._leaf_of = np.zeros(16, np.int64)
        self._slots = np.full((1, _LEAF), -1, np.int64)
        self.count = 0
        self.stream = np.zeros(64, np.int64)
        self.next_sequence = np.ones(64, np.int64)
        self.time = np.full(64, NEVER)
        self.sequence = np.zeros(64, np.int64)
        self.number = np.full(64, np.nan)
        self.plain = np.zeros(64, np.uint8)

    def find(self, streams: Ints) -> Ints:
        """Slots, −1 where the stream is not known."""
        leaf = streams // _LEAF
        inside = (leaf >= 0) & (leaf < len(self._leaf_of))
        return self._slots[self._leaf_of[np.where(inside, leaf, 0)] * inside, streams % _LEAF]

    def slots(self, streams: Ints) -> Ints:
        """Slots; streams not seen before get one."""
        found = self.find(streams)
        missing = found < 0
        if missing.any():
            self._add(np.unique(streams[missing]))
            found = self.find(streams)
        return found

    def _add(self, streams: Ints) -> None:
        leaf = streams // _LEAF
        if int(leaf[-1]) >= len(self._leaf_of):
            self._leaf_of = np.concatenate((self._leaf_of, np.zeros(int(leaf[-1]) + 16, np.int64)))
        for new in np.unique(leaf[self._leaf_of[leaf] == 0]).tolist():
            self._leaf_of[new] = len(self._slots)
            self._slots = np.concatenate((self._slots, np.full((1, _LEAF), -1, np.int64)))
        total = self.count + len(streams)
        while total > len(self.stream):
            self._double()
        self._slots[self._leaf_of[leaf], streams % _LEAF] = np.arange(self.count, total)
        self.stream[self.count : total] = streams
        self.count = total

    def _double(self) -> None:
        more = len(self.stream)
        self.stream = np.concatenate((self.stream, np.zeros(more, np.int64)))
        self.next_sequence = np.concatenate((self.next_sequence, np.ones(more, np.int64)))
        self.time = np.concatenate((self.time, np.full(more, NEVER)))
        self.sequence = np.concatenate((self.sequence, np.zeros(more, np.int64)))
        self.number = np.concatenate((self.number, np.full(more, np.nan)))
        self.plain = np.concatenate((self.plain, np.zeros(more, np.uint8)))

    def merge(self, state: StreamState) -> None:
        """Takes what is newer; doing it twice changes nothing."""
        slots = self.slots(state.stream)
        self.next_sequence[slots] = np.maximum(self.next_sequence[slots], state.next_sequence)
        newer = (state.time > self.time[slots]) | (
            (state.time == self.time[slots]) & (state.sequence > self.sequence[slots])
        )
        at = slots[newer]
        self.time[at] = state.time[newer]
        self.sequence[at] = state.sequence[newer]
        self.number[at] = state.number[newer]
        self.plain[at] = state.plain[newer]

    def state(self, streams: Ints) -> StreamState:
        """A copy for the given streams, all of which must be known."""
        slots = self.find(streams)
        return StreamState(
            streams,
            self.next_sequence[slots],
            self.time[slots],
            self.sequence[slots],
            self.number[slots],
            self.plain[slots],
        )

    def known(self) -> Ints:
        """All streams, ascending."""
        return np.sort(self.stream[: self.count])


class StreamState:
    """Columns for some streams (ascending, no repeats): next sequence; time, sequence and number of the
    newest row, and 1 where that row has nothing else (`plain`)."""

    def __init__(
        self,
        stream: Ints,
        next_sequence: Ints,
        time: Ints,
        sequence: Ints,
        number: NDArray[np.float64],
        plain: NDArray[np.uint8],
    ) -> None:
        self.stream = stream
        self.next_sequence = next_sequence
        self.time = time
        self.sequence = sequence
        self.number = number
        self.plain = plain

    def take(self, index: NDArray[np.bool_] | slice) -> StreamState:
        return StreamState(
            self.stream[index],
            self.next_sequence[index],
            self.time[index],
            self.sequence[index],
            self.number[index],
            self.plain[index],
        )

    def encode(self) -> bytes:
        return coded.encode(
            {
                "stream": self.stream,
                "next": self.next_sequence,
                "time": self.time,
                "sequence": self.sequence,
                "number": self.number,
                "plain": self.plain,
            }
        )

    def pages(self) -> list[tuple[int, StreamState]]:
        """Split by stored page."""
        page = self.stream // PAGE
        starts = group_starts(page)
        ends = np.append(starts[1:], len(page))
        return [
            (int(page[start]), self.take(slice(start, end)))
            for start, end in zip(starts.tolist(), ends.tolist(), strict=True)
        ]


def decode_state(blob: bytes) -> StreamState:
    columns, _ = coded.decode(blob)
    return StreamState(
        columns["stream"],
        columns["next"],
        columns["time"],
        columns["sequence"],
        columns["number"],
        columns["plain"],
    )


def newest(grouped: Block) -> StreamState:
    """The state that a block's rows alone would give."""
    rows, starts = grouped.rows, grouped.offsets[:-1]
    if not len(rows):
        none = np.empty(0, np.int64)
        return StreamState(none, none, none, none, np.empty(0), np.empty(0, np.uint8))
    top = np.repeat(np.maximum.reduceat(rows.time, starts), np.diff(grouped.offsets))
    candidate = np.where(rows.time == top, rows.sequence, -1)
    best = np.maximum.reduceat(candidate, starts)
    at = np.flatnonzero(candidate == np.repeat(best, np.diff(grouped.offsets)))
    following = np.maximum.reduceat(rows.sequence, starts) + 1
    return StreamState(grouped.streams, following, rows.time[at], best, rows.number[at], bare(rows.take(at)))


def bare(rows: Rows) -> NDArray[np.uint8]:
    """1 where a row is a number and nothing else: no doubt, no other times, no feature, no parameters."""
    found: NDArray[np.bool_] = (rows.quality == 0) & ~np.isnan(rows.number)
    for column, unset in ((rows.end_time, -1), (rows.result_time, -1), (rows.feature, 0)):
        if column is not None:
            found &= column == unset
    for row in {*rows.texts, *rows.documents, *rows.parameters}:
        found[row] = False
    return found.astype(np.uint8)
