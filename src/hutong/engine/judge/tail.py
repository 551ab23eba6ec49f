"""The recent rows of every watched stream, kept as long as a late row may ask for them.

Chunks in arrival order, merged when of like size (so a row is copied a logarithmic number of times);
what has aged out leaves at a merge, and the newest row that left is kept per stream, so that "the
value at that time" stays answerable.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hutong.engine.judge.events import Floats, Ints, Rows, joined
from hutong.kernel.lateness import NEVER, advance

FLOOR, KEPT, FRESH = 0, 1, 2
"""AGE of a row: the newest that has left, one kept from before, one of the last append."""

NOTHING = Rows(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0), np.zeros(0, np.int64))

SMALL = 4096
"""Chunks below this size are merged with their like at once."""


class Tail:
    """`keep`: per stream, µs behind its newest row for which rows are kept; `limit` bounds all rows
    together."""

    def __init__(self, keep: Ints, limit: int = 4_000_000) -> None:
        self.keep = keep
        self.limit = limit
        self.chunks: list[Rows] = []
        self.floor_time: Ints = np.full(len(keep), NEVER, np.int64)
        self.floor_value: Floats = np.zeros(len(keep))

    def __len__(self) -> int:
        return sum(len(chunk) for chunk in self.chunks)

    def append(self, rows: Rows, newest: Ints) -> None:
        """Adds rows in arrival order; `newest` is the newest time per stream before them."""
        self._settle(newest)
        self.chunks.append(rows)

    def _settle(self, newest: Ints) -> None:
        """Merges the last chunks while the one before is not much larger."""
        chunks = self.chunks
        while len(chunks) > 1 and len(chunks[-2]) <= 2 * max(len(chunks[-1]), SMALL // 2):
            right, left = chunks.pop(), chunks.pop()
            chunks.append(joined([self._aged(left, newest), self._aged(right, newest)]))
        while len(chunks) > 1 and len(self) > self.limit:
            self._drop(chunks.pop(0))

    def _aged(self, rows: Rows, newest: Ints) -> Rows:
        """The rows still asked for; the others leave."""
        kept = rows.time >= newest[rows.stream] - self.keep[rows.stream]
        if kept.all():
            return rows
        self._drop(rows.take(np.flatnonzero(~kept & ~np.isnan(rows.value))))
        first = int(np.argmax(kept))
        if kept[first:].all():
            return rows.take(slice(first if kept[first] else len(kept), None))
        return rows.take(np.flatnonzero(kept))

    def _drop(self, rows: Rows) -> None:
        advance(rows.stream, rows.time, rows.value, self.floor_time, self.floor_value)

    def fetch(self, streams: Ints) -> tuple[Rows, NDArray[np.int8]]:
        """All kept rows of these streams in arrival order, with their AGE."""
        wanted = np.zeros(len(self.keep), bool)
        wanted[streams] = True
        floor = streams[self.floor_time[streams] != NEVER]
        ground = Rows(floor, self.floor_time[floor], self.floor_value[floor], np.zeros(len(floor), np.int64))
        parts = [ground, *(chunk.take(np.flatnonzero(wanted[chunk.stream])) for chunk in self.chunks)]
        age = np.full(sum(len(part) for part in parts), KEPT, np.int8)
        age[: len(floor)] = FLOOR
        if self.chunks:
            age[len(age) - len(parts[-1]) :] = FRESH
        rows = joined(parts)
        bad = np.isnan(rows.value)
        if bad.any():
            return rows.take(np.flatnonzero(~bad)), age[~bad]
        return rows, age

    def kept(self, streams: Ints) -> Rows:
        """The kept rows of these streams, those of bad quality (value NaN) too."""
        wanted = np.zeros(len(self.keep), bool)
        wanted[streams] = True
        return joined([NOTHING, *(chunk.take(np.flatnonzero(wanted[chunk.stream])) for chunk in self.chunks)])

    def remove(self, places: set[tuple[int, int]]) -> None:
        """Rows at these (stream, time) are no more."""
        streams = np.zeros(len(self.keep), bool)
        streams[[stream for stream, _ in places]] = True
        for chunk in self.chunks:
            rows = np.flatnonzero(streams[chunk.stream])
            at = zip(chunk.stream[rows].tolist(), chunk.time[rows].tolist(), strict=True)
            gone = rows[[place in places for place in at]]
            if len(gone):
                chunk.value = chunk.value.copy()
                chunk.value[gone] = np.nan

    def number(self, ids: Ints) -> None:
        """The rows of the last append got their observation ids (by their position in what was stored)."""
        if self.chunks:
            seen = self.chunks[-1].observation
            waiting = seen < 0
            seen[waiting] = ids[-1 - seen[waiting]]
