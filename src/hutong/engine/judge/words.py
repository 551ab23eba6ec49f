"""The rule words, compiled: each tells at which events it holds, and within which band of values it
cannot.

Levels are arrays over the rule's pairs; NaN (a thing without that property) never holds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from hutong.engine.judge.events import Events, Flags, Floats, Ints
from hutong.engine.judge.glance import Glance

FAR = 2**62 + 2**60
"""Longer than any span, even from NEVER to an instant."""


@dataclass(frozen=True, eq=False)
class Quiet:
    """Per pair: while values stay in [low, high], no gap exceeds `gap` µs and no value exceeds the
    lowest seen within `window` µs by more than `rise`, the word cannot begin to hold."""

    low: Floats
    high: Floats
    gap: int = FAR
    rise: Floats | None = None


class Word(Protocol):
    """A compiled condition. `slots` are the properties it reads; `lookback` how far back its rows
    must reach (µs)."""

    @property
    def slots(self) -> tuple[int, ...]: ...

    @property
    def lookback(self) -> int: ...

    @property
    def remembers(self) -> bool:
        """Whether it compares with the row before."""
        ...

    def holds(self, events: Events) -> Flags: ...

    def may_hold(self, glance: Glance) -> Flags:
        """Per pair of the glance: whether it can hold at any of its rows."""
        ...

    def quiet(self, pairs: int) -> Quiet | None:
        """None: every row must be looked at."""
        ...


def _unlimited(pairs: int) -> tuple[Floats, Floats]:
    return np.full(pairs, -np.inf), np.full(pairs, np.inf)


@dataclass(frozen=True, eq=False)
class Above:
    slot: int
    level: Floats
    lookback: int = 0
    remembers: bool = False

    @property
    def slots(self) -> tuple[int, ...]:
        return (self.slot,)

    def holds(self, events: Events) -> Flags:
        return events.value(self.slot) > self.level[events.pair]

    def may_hold(self, glance: Glance) -> Flags:
        return glance.extent(self.slot)[1] > self.level[glance.pairs]

    def quiet(self, pairs: int) -> Quiet | None:
        low, high = _unlimited(pairs)
        return Quiet(low, np.where(np.isnan(self.level), high, self.level))


@dataclass(frozen=True, eq=False)
class Below:
    slot: int
    level: Floats
    lookback: int = 0
    remembers: bool = False

    @property
    def slots(self) -> tuple[int, ...]:
        return (self.slot,)

    def holds(self, events: Events) -> Flags:
        return events.value(self.slot) < self.level[events.pair]

    def may_hold(self, glance: Glance) -> Flags:
        return glance.extent(self.slot)[0] < self.level[glance.pairs]

    def quiet(self, pairs: int) -> Quiet | None:
        low, high = _unlimited(pairs)
        return Quiet(np.where(np.isnan(self.level), low, self.level), high)


@dataclass(frozen=True, eq=False)
class Outside:
    slot: int
    low: Floats
    high: Floats
    lookback: int = 0
    remembers: bool = False

    @property
    def slots(self) -> tuple[int, ...]:
        return (self.slot,)

    def holds(self, events: Events) -> Flags:
        value = events.value(self.slot)
        return np.asarray((value < self.low[events.pair]) | (value > self.high[events.pair]))

    def may_hold(self, glance: Glance) -> Flags:
        low, high = glance.extent(self.slot)
        return np.asarray((low < self.low[glance.pairs]) | (high > self.high[glance.pairs]))

    def quiet(self, pairs: int) -> Quiet | None:
        low, high = _unlimited(pairs)
        return Quiet(
            np.where(np.isnan(self.low), low, self.low), np.where(np.isnan(self.high), high, self.high)
        )


@dataclass(frozen=True, eq=False)
class Equals:
    slot: int
    level: Floats
    lookback: int = 0
    remembers: bool = False

    @property
    def slots(self) -> tuple[int, ...]:
        return (self.slot,)

    def holds(self, events: Events) -> Flags:
        return np.asarray(events.value(self.slot) == self.level[events.pair])

    def may_hold(self, glance: Glance) -> Flags:
        low, high = glance.extent(self.slot)
        level = self.level[glance.pairs]
        return np.asarray((low <= level) & (level <= high))

    def quiet(self, pairs: int) -> Quiet | None:
        low, high = _unlimited(pairs)
        return Quiet(np.where(np.isnan(self.level), low, np.nextafter(self.level, np.inf)), high)


@dataclass(frozen=True, eq=False)
class Missing:
    """No good row of the property for `span` µs. Never said of a property that has not yet been
    seen."""

    slot: int
    span: int
    lookback: int = 0
    remembers: bool = True

    @property
    def slots(self) -> tuple[int, ...]:
        return (self.slot,)

    def holds(self, events: Events) -> Flags:
        at = events.latest(self.slot)
        return (at >= 0) & (events.time - events.time[at] >= self.span)

    def may_hold(self, glance: Glance) -> Flags:
        return glance.waited(self.slot) >= self.span

    def quiet(self, pairs: int) -> Quiet | None:
        return Quiet(*_unlimited(pairs), gap=self.span)


@dataclass(frozen=True, eq=False)
class Rises:
    """The value exceeds the lowest of the last `within` µs (its own time included) by more than
    `by`."""

    slot: int
    by: Floats
    within: int
    remembers: bool = True

    @property
    def slots(self) -> tuple[int, ...]:
        return (self.slot,)

    @property
    def lookback(self) -> int:
        return self.within

    def holds(self, events: Events) -> Flags:
        own = np.flatnonzero(events.slot == self.slot)
        if not len(own):
            return np.zeros(len(events), bool)
        pair, time, value = events.pair[own], events.time[own], events.rows.value[own]
        risen = value - lowest_within(pair, time, value, self.within) > self.by[pair]
        at = np.searchsorted(own, events.latest(self.slot))
        return (events.latest(self.slot) >= 0) & risen[np.minimum(at, len(own) - 1)]

    def may_hold(self, glance: Glance) -> Flags:
        return glance.risen(self.slot) > self.by[glance.pairs]

    def quiet(self, pairs: int) -> Quiet | None:
        by = np.where(np.isnan(self.by), np.inf, self.by)
        return Quiet(*_unlimited(pairs), rise=by)


def lowest_within(group: Ints, time: Ints, value: Floats, within: int) -> Floats:
    """The lowest value of the same group in [t − within, t] at every row; rows are sorted by (group,
    time).

    Windows are found by bisection and their minima by doubling (a sparse table): n log n without a
    loop over rows.
    """
    count = len(value)
    start = _window_starts(group, time, within)
    length = np.arange(count) - start + 1
    level = np.frexp(length.astype(float))[1] - 1
    lowest = np.empty(count)
    table, width = value, 1
    for depth in range(int(level.max(initial=0)) + 1):
        here = np.flatnonzero(level == depth)
        lowest[here] = np.minimum(table[start[here]], table[here - width + 1])
        if len(table) > width:
            table = np.minimum(table[:-width], table[width:])
        width *= 2
    return lowest


def _window_starts(group: Ints, time: Ints, within: int) -> Ints:
    """The first position of the same group whose time is ≥ t − within."""
    edge = np.flatnonzero(np.concatenate(([True], group[1:] != group[:-1])))
    number = np.repeat(np.arange(len(edge)), np.diff(np.append(edge, len(group))))
    moment, rank = np.unique(time, return_inverse=True)
    key = number * (len(moment) + 1) + rank
    wanted = number * (len(moment) + 1) + np.searchsorted(moment, time - within)
    return np.searchsorted(key, wanted)


@dataclass(frozen=True, eq=False)
class Changed:
    """The row's value differs from the one before; holds at that row only."""

    slot: int
    lookback: int = 0
    remembers: bool = True

    @property
    def slots(self) -> tuple[int, ...]:
        return (self.slot,)

    def holds(self, events: Events) -> Flags:
        own = np.flatnonzero(events.slot == self.slot)
        pair, value = events.pair[own], events.rows.value[own]
        differs = np.zeros(len(own), bool)
        differs[1:] = (value[1:] != value[:-1]) & (pair[1:] == pair[:-1])
        found = np.zeros(len(events), bool)
        found[own] = differs
        return found

    def may_hold(self, glance: Glance) -> Flags:
        low, high = glance.extent(self.slot)
        return low < high

    def quiet(self, pairs: int) -> Quiet | None:
        return None


@dataclass(frozen=True, eq=False)
class Every:
    """all"""

    parts: tuple[Word, ...]

    @property
    def slots(self) -> tuple[int, ...]:
        return tuple(slot for part in self.parts for slot in part.slots)

    @property
    def lookback(self) -> int:
        return max(part.lookback for part in self.parts)

    @property
    def remembers(self) -> bool:
        return any(part.remembers for part in self.parts)

    def holds(self, events: Events) -> Flags:
        return np.asarray(np.logical_and.reduce([part.holds(events) for part in self.parts]))

    def may_hold(self, glance: Glance) -> Flags:
        return np.asarray(np.logical_and.reduce([part.may_hold(glance) for part in self.parts]))

    def quiet(self, pairs: int) -> Quiet | None:
        """One part that cannot hold is enough."""
        return next((found for part in self.parts if (found := part.quiet(pairs))), None)


@dataclass(frozen=True, eq=False)
class Some:
    """any"""

    parts: tuple[Word, ...]

    @property
    def slots(self) -> tuple[int, ...]:
        return tuple(slot for part in self.parts for slot in part.slots)

    @property
    def lookback(self) -> int:
        return max(part.lookback for part in self.parts)

    @property
    def remembers(self) -> bool:
        return any(part.remembers for part in self.parts)

    def holds(self, events: Events) -> Flags:
        return np.asarray(np.logical_or.reduce([part.holds(events) for part in self.parts]))

    def may_hold(self, glance: Glance) -> Flags:
        return np.asarray(np.logical_or.reduce([part.may_hold(glance) for part in self.parts]))

    def quiet(self, pairs: int) -> Quiet | None:
        """Every part must be unable to hold."""
        bands = [part.quiet(pairs) for part in self.parts]
        known = [band for band in bands if band is not None]
        if len(known) < len(bands):
            return None
        rises = [band.rise for band in known if band.rise is not None]
        return Quiet(
            low=np.maximum.reduce([band.low for band in known]),
            high=np.minimum.reduce([band.high for band in known]),
            gap=min(band.gap for band in known),
            rise=np.minimum.reduce(rises) if rises else None,
        )


@dataclass(frozen=True, eq=False)
class Formula:
    """A pure function of a pack: columns of latest values, of things' properties, and parameters, by
    keyword.

    It is asked only at rows where every property has been seen.
    """

    function: Callable[..., Any]
    properties: Mapping[str, int]
    things: Mapping[str, Floats]
    parameters: Mapping[str, float]
    lookback: int = 0
    remembers: bool = False

    @property
    def slots(self) -> tuple[int, ...]:
        return tuple(self.properties.values())

    def holds(self, events: Events) -> Flags:
        columns = {name: events.value(slot) for name, slot in self.properties.items()}
        known = np.ones(len(events), bool)
        for column in columns.values():
            known &= ~np.isnan(column)
        found = np.zeros(len(events), bool)
        if known.any():
            given = {name: column[known] for name, column in columns.items()}
            given |= {name: column[events.pair[known]] for name, column in self.things.items()}
            found[known] = np.asarray(self.function(**given, **self.parameters), bool)
        return found

    def may_hold(self, glance: Glance) -> Flags:
        return glance.everywhere()

    def quiet(self, pairs: int) -> Quiet | None:
        return None
