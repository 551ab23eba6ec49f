"""A rule laid over the city: its pairs (things), where each finds its properties, its levels and
spans."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from hutong.engine.judge.events import Events, Flags, Floats, Ints
from hutong.engine.judge.words import Missing, Quiet, Word
from hutong.kernel.base import HOUR, Instant
from hutong.kernel.definition.rule import Rule
from hutong.kernel.lateness import NEVER

LONGEST_EVIDENCE = HOUR
"""Rows further back than this (and the rule's own spans) are not kept in memory for evidence."""


class Streams(Protocol):
    """What judge needs of the table of datastreams."""

    @property
    def id(self) -> Ints: ...

    @property
    def thing(self) -> Ints: ...

    @property
    def kind(self) -> NDArray[np.uint8]: ...

    @property
    def codes(self) -> tuple[str, ...]: ...

    @property
    def units(self) -> tuple[str, ...]: ...

    def __len__(self) -> int: ...

    def position(self, stream: Ints) -> Ints: ...

    @property
    def property(self) -> NDArray[np.int32]: ...


@dataclass(frozen=True, eq=False)
class Wiring:
    """Which streams feed which (pair, slot): `pair_of`, `slot_of` per stream (−1: none) and back,
    padded with −1: `streams[pair, slot, k]`."""

    pair_of: NDArray[np.int32]
    slot_of: NDArray[np.int8]
    streams: Ints

    @property
    def single(self) -> bool:
        """Every pair is fed by one stream."""
        return self.streams.shape[1:] == (1, 1)

    def newest(self, pairs: Ints, newest: Ints) -> Ints:
        """The newest time of any stream of each pair."""
        streams = self.streams[pairs]
        return np.asarray(np.where(streams >= 0, newest[streams], NEVER).max(axis=(1, 2)))

    def all_streams(self, pairs: Ints) -> Ints:
        found = self.streams[pairs].ravel()
        return found[found >= 0]


@dataclass(frozen=True, eq=False)
class Plan:
    """A compiled rule. Spans in µs; `things` are the ids of its pairs, ascending; slot 0 is the
    rule's own property.

    `valid` is the half-open interval of event times at which it judges.
    """

    rule: Rule
    version: str
    things: Ints
    properties: tuple[str, ...]
    wiring: Wiring
    when: Word
    clear: Word | None
    hold: int
    clear_for: int
    late: int
    valid: tuple[Instant, Instant]
    direction: int
    band: tuple[Floats, Floats] | None
    level: Floats
    missing: tuple[Missing, ...]

    @property
    def lookback(self) -> int:
        return max(self.when.lookback, 0 if self.clear is None else self.clear.lookback)

    @property
    def keep(self) -> int:
        """How far behind its newest row a stream's rows may still be asked for."""
        return self.late + self.lookback + self.evidence_span

    @property
    def evidence_span(self) -> int:
        return min(self.hold, LONGEST_EVIDENCE)

    @property
    def windowed(self) -> bool:
        """Whether it needs earlier rows than the latest of each property."""
        return self.lookback > 0

    @property
    def remembers(self) -> bool:
        """Whether it needs the latest value of its properties before the rows at hand."""
        return len(self.properties) > 1 or self.when.remembers or bool(self.clear and self.clear.remembers)

    @property
    def quiet(self) -> Quiet | None:
        """None where a band of single streams cannot tell that nothing happens."""
        return self.when.quiet(len(self.things)) if self.wiring.single else None

    def holds(self, events: Events) -> Flags:
        since, until = self.valid
        return self.when.holds(events) & (events.time >= since) & (events.time < until)

    def clears(self, events: Events, holds: Flags) -> Flags:
        """Without a condition of its own it clears when it does not hold; a rule that has ended
        clears."""
        if self.clear is None:
            return ~holds
        return (self.clear.holds(events) | (events.time >= self.valid[1])) & ~holds

    def severity(self, events: Events) -> Floats:
        """How bad each row of the rule's own property is; −inf at other rows."""
        value = events.rows.value
        if self.band is None:
            badness = value * self.direction
        else:
            low, high = self.band
            badness = np.maximum(low[events.pair] - value, value - high[events.pair])
        return np.where((events.slot == 0) & ~np.isnan(badness), badness, -np.inf)
