"""A cheap look at a run's rows per pair, to see which pairs a rule need not judge: those where its
condition cannot have held at any row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hutong.engine.judge.events import Flags, Floats, Ints, Rows
from hutong.kernel.lateness import NEVER


@dataclass(eq=False)
class Glance:
    """Rows of some `pairs` (`local`: position in them) and what was known before. `streams[pair, slot, k]`
    as in Wiring; `lowest` bounds from below what each stream had within its longest window."""

    pairs: Ints
    local: Ints
    slot: NDArray[np.int8]
    rows: Rows
    streams: Ints
    newest: Ints
    latest: Floats
    lowest: Floats

    def extent(self, slot: int) -> tuple[Floats, Floats]:
        """Lowest and highest value of the property per pair, the one before the rows included; (inf, −inf):
        none."""
        own = self.slot == slot
        local, value = self.local[own], self.rows.value[own]
        low, high = self._before(slot)
        np.minimum.at(low, local, value)
        np.maximum.at(high, local, value)
        return low, high

    def _before(self, slot: int) -> tuple[Floats, Floats]:
        streams = self.streams[:, slot, :]
        known = (streams >= 0) & (self.newest[streams] != NEVER)
        value = self.latest[streams]
        low, high = np.where(known, value, np.inf), np.where(known, value, -np.inf)
        return low.min(axis=1), high.max(axis=1)

    def waited(self, slot: int) -> Ints:
        """µs from the last row of the property before these (or its first among them) to the newest of
        all."""
        newest = np.full(len(self.pairs), NEVER)
        np.maximum.at(newest, self.local, self.rows.time)
        streams = self.streams[:, slot, :]
        last = np.where(streams >= 0, self.newest[streams], NEVER).max(axis=1)
        own = self.slot == slot
        first = np.full(len(self.pairs), -NEVER)
        np.minimum.at(first, self.local[own], self.rows.time[own])
        start = np.where(last != NEVER, last, first)
        return np.asarray(newest - np.minimum(start, newest))

    def risen(self, slot: int) -> Floats:
        """A bound from above of how far the property rose within the longest window."""
        streams = self.streams[:, slot, :]
        lowest = np.where(streams >= 0, self.lowest[streams], np.inf).min(axis=1)
        return np.asarray(np.where(np.isfinite(lowest), self.extent(slot)[1] - lowest, -np.inf))

    def everywhere(self) -> Flags:
        return np.ones(len(self.pairs), bool)


def distinct(pair: Ints, count: int) -> tuple[Ints, Ints]:
    """The pairs that occur (of `count`), ascending, and the position of each row's in them."""
    if len(pair) * 8 < count:
        return np.unique(pair, return_inverse=True)
    here = np.zeros(count, bool)
    here[pair] = True
    place = np.cumsum(here) - 1
    return np.flatnonzero(here), place[pair]
