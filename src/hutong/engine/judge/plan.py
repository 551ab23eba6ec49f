"""A rule laid over the city: its pairs (things), where each finds its properties, its levels and
spans."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from hutong.engine.judge.events import Events, Flags, Floats, Ints
from hutong.engine.judge.machine import Needed
from hutong.engine.judge.version import Version, clears, needed
from hutong.engine.judge.words import Missing, Quiet, Word
from hutong.kernel.base import HOUR, MINUTE, Instant
from hutong.kernel.definition.rule import Rule
from hutong.kernel.lateness import NEVER

LONGEST_EVIDENCE = HOUR
"""Rows further back than this (and the rule's own spans) are not kept in memory for evidence."""

ROWS_EVIDENCE = 10 * MINUTE
"""How far back rows prove a rule that counts them."""


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
    def units(self) -> NDArray[np.object_]: ...

    def __len__(self) -> int: ...

    def position(self, stream: Ints) -> Ints: ...

    @property
    def same_time(self) -> NDArray[np.uint8]: ...

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
    """A compiled rule with its versions, in order of time. Spans in µs; `things` are the ids of its pairs, ascending;
    slot 0 is the rule's own property."""

    versions: tuple[Version, ...]
    things: Ints
    properties: tuple[str, ...]
    wiring: Wiring
    when: Word
    missing: tuple[Missing, ...]

    @property
    def rule(self) -> Rule:
        """The last version's definition; name, type and property are those of all."""
        return self.versions[-1].rule

    @property
    def version(self) -> str:
        return self.versions[-1].digest

    def at(self, time: Instant) -> Version | None:
        """The version that is valid at that time."""
        return next((one for one in self.versions if one.valid[0] <= time < one.valid[1]), None)

    def ends(self) -> tuple[Instant, ...]:
        """When a version ends and no other follows at once."""
        starts = {version.valid[0] for version in self.versions}
        ends = (version.valid[1] for version in self.versions)
        return tuple(end for end in ends if end < -NEVER and end not in starts)

    @cached_property
    def late(self) -> int:
        return max(version.late for version in self.versions)

    @cached_property
    def lookback(self) -> int:
        clears = (version.clear.lookback for version in self.versions if version.clear is not None)
        return max(self.when.lookback, *clears, 0)

    @cached_property
    def keep(self) -> int:
        """How far behind its newest row a stream's rows may still be asked for."""
        return self.late + self.lookback + self.evidence_span

    @cached_property
    def evidence_span(self) -> int:
        """Of a number of rows nobody knows how long they take: as many as are kept prove it."""
        if any(version.hold.rows for version in self.versions):
            return ROWS_EVIDENCE
        return min(max(version.hold.span for version in self.versions), LONGEST_EVIDENCE)

    def delays(self, word: Missing) -> tuple[int, ...]:
        """When, after the last row of its property, the word may begin to hold or to raise."""
        return tuple(sorted({word.span, *(word.span + version.hold.span for version in self.versions)}))

    @property
    def windowed(self) -> bool:
        """Whether it needs earlier rows than the latest of each property."""
        return self.lookback > 0

    @cached_property
    def remembers(self) -> bool:
        """Whether it needs the latest value of its properties before the rows at hand."""
        clears = any(version.clear is not None and version.clear.remembers for version in self.versions)
        return len(self.properties) > 1 or self.when.remembers or clears

    @property
    def quiet(self) -> Quiet | None:
        """None where a band of single streams cannot tell that nothing happens."""
        return self.when.quiet(len(self.things)) if self.wiring.single else None

    def holds(self, events: Events) -> Flags:
        return self.when.holds(events)

    def clears(self, events: Events, holds: Flags) -> Flags:
        return clears(self.versions, events, holds)

    def needed(self, time: Ints) -> Needed:
        return needed(self.versions, time)

    def severity(self, events: Events) -> Floats:
        """How bad each row of the rule's own property is, by the last version; −inf at other rows."""
        badness = self.badness(events.rows.value, events.pair)
        return np.where((events.slot == 0) & ~np.isnan(badness), badness, -np.inf)

    def badness(self, value: Floats, pair: Ints) -> Floats:
        last = self.versions[-1]
        if last.band is None:
            return value * last.direction
        low, high = last.band
        return np.maximum(low[pair] - value, value - high[pair])
