"""The versions of one rule: each is valid for a half-open interval of event time, and judges the rows in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hutong.engine.judge.events import Events, Flags, Floats, Ints
from hutong.engine.judge.machine import Needed
from hutong.engine.judge.words import Some, Word
from hutong.kernel.base import Instant
from hutong.kernel.definition.rule import Rule


@dataclass(frozen=True)
class Lasting:
    """How long something must last: µs of event time, or so many rows of the rule's property (the other is 0)."""

    span: int
    rows: int


@dataclass(frozen=True, eq=False)
class Version:
    """One definition of a rule, compiled. `level`, `band` (lowest and highest good value) are per pair."""

    rule: Rule
    digest: str
    valid: tuple[Instant, Instant]
    when: Word
    clear: Word | None
    hold: Lasting
    clear_for: Lasting
    late: int
    direction: int
    band: tuple[Floats, Floats] | None
    level: Floats

    def covers(self, time: Ints) -> Flags:
        return np.asarray((time >= self.valid[0]) & (time < self.valid[1]))


@dataclass(frozen=True, eq=False)
class Dated(Some):
    """The condition of the version that is valid at each event; outside all of them it does not hold."""

    valid: tuple[tuple[Instant, Instant], ...] = ()

    def holds(self, events: Events) -> Flags:
        found = np.zeros(len(events), bool)
        for part, (since, until) in zip(self.parts, self.valid, strict=True):
            inside = (events.time >= since) & (events.time < until)
            if inside.any():
                found |= inside & part.holds(events)
        return found


def clears(versions: tuple[Version, ...], events: Events, holds: Flags) -> Flags:
    """Without a condition of its own a version clears when its condition does not hold; where no version is valid, all
    clears."""
    found = np.ones(len(events), bool)
    for version in versions:
        if version.clear is not None:
            found &= version.clear.holds(events) | ~version.covers(events.time)
    return np.asarray(found & ~holds)


def needed(versions: tuple[Version, ...], time: Ints) -> Needed:
    """How long each event's version wants its conditions to last."""
    first = versions[0]
    if len(versions) == 1:
        return Needed(first.hold.span, first.clear_for.span, first.hold.rows, first.clear_for.rows)
    columns = [np.zeros(len(time), np.int64) for _ in range(4)]
    for version in versions:
        inside = version.covers(time)
        given = (version.hold.span, version.clear_for.span, version.hold.rows, version.clear_for.rows)
        for column, value in zip(columns, given, strict=True):
            column[inside] = value
    return Needed(*columns)
