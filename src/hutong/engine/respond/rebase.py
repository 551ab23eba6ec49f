"""平战: clocks that run when a mode is switched on get its limits, and their own again when it is switched off.

No switch makes a clock run out: where the other limit would be over already, the clock keeps the one that lets it live.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from msgspec.structs import replace

from hutong.kernel import caseclock
from hutong.kernel.base import Facts, Instant
from hutong.kernel.case import Case, CaseClock
from hutong.kernel.definition.plan import Rebase
from hutong.kernel.definition.procedure import ClockDefinition
from hutong.kernel.worktime import WorkCalendar

PEACE = "peace_clocks"
"""Fact of a case: clock → `clock` as it was before a `mode` was switched on, and `at`, from when that mode's limit counts."""
HOURS = {"urgent_hour": 1.0, "work_hour": 1.0, "work_day": 8.0, "calendar_day": 24.0}
"""What one unit of a limit is worth where time used under one limit is counted under another of another unit."""


class Limited(msgspec.Struct, frozen=True):
    """The limit of a clock under a mode."""

    amount: float
    unit: str


class Rebased(msgspec.Struct, frozen=True):
    """A case with other limits, and what changed, for the journal."""

    case: Case
    effects: tuple[Facts, ...]


LimitOf = Callable[[Case, str], Limited | None]
"""The limit the mode gives a clock of a case; None where it says nothing about it."""


def switch_on(
    case: Case,
    limit: LimitOf,
    how: Rebase,
    now: Instant,
    definitions: dict[str, ClockDefinition],
    calendar: WorkCalendar,
    mode: str = "",
) -> Rebased | None:
    """The case with the mode's limits on its running clocks; None where nothing changes. Done twice it changes nothing.

    A clock that another mode has already keeps that one's limit.
    """
    known = dict(case.facts.get(PEACE, {}))
    clocks, effects = [], []
    for clock in case.clocks:
        switched = clock.name in known and known[clock.name]["clock"]["started"] == clock.started
        other = limit(case, clock.name) if clock.mark == "running" and not switched else None
        after = clock if other is None else _under(clock, other, how, now, definitions[clock.name], calendar)
        if after != clock:
            known[clock.name] = {"clock": msgspec.to_builtins(clock), "at": after.resumed, "mode": mode}
            effects.append(_effect(clock, after, "mode_on"))
        clocks.append(after)
    if not effects:
        return None
    return Rebased(replace(case, clocks=tuple(clocks), facts={**case.facts, PEACE: known}), tuple(effects))


def switch_off(
    case: Case,
    now: Instant,
    definitions: dict[str, ClockDefinition],
    calendar: WorkCalendar,
    mode: str = "",
) -> Rebased | None:
    """The case with the limits its clocks had before this mode; None where it changed none. What another mode changed stays.

    A clock that ran through is exactly as if the mode had never been. One that was stopped under the mode keeps the limit
    that held for it; one that was begun anew meanwhile keeps the limit it began with.
    """
    held = case.facts.get(PEACE, {})
    known = {name: one for name, one in held.items() if one.get("mode", mode) == mode}
    if not known:
        return None
    clocks, effects = [], []
    for clock in case.clocks:
        after = clock
        if clock.name in known:
            after = _restored(clock, known[clock.name], now, definitions[clock.name], calendar)
        if after != clock:
            effects.append(_effect(clock, after, "mode_off"))
        clocks.append(after)
    facts = {name: value for name, value in case.facts.items() if name != PEACE}
    others = {name: one for name, one in held.items() if name not in known}
    if others:
        facts[PEACE] = others
    return Rebased(replace(case, clocks=tuple(clocks), facts=facts), tuple(effects))


def _under(
    clock: CaseClock, limit: Limited, how: Rebase, now: Instant, one: ClockDefinition, calendar: WorkCalendar
) -> CaseClock:
    if how == "keep" or clock.overdue or (limit.amount, limit.unit) == (clock.amount, clock.unit):
        return clock
    start = clock.started if how == "from_start" and clock.used == 0 else now
    begun = caseclock.begin(one, limit.amount, limit.unit, start, calendar)
    if begun.due is not None and begun.due <= now:
        begun = caseclock.begin(one, limit.amount, limit.unit, now, calendar)
        start = now
    return replace(begun, started=clock.started, resumed=start, fired=(), overdue=clock.overdue)


def _restored(
    clock: CaseClock, kept: Facts, now: Instant, one: ClockDefinition, calendar: WorkCalendar
) -> CaseClock:
    before, switched = msgspec.convert(kept["clock"], CaseClock), int(kept["at"])
    if clock.mark == "stopped" or clock.started != before.started:
        return clock
    fired = tuple(dict.fromkeys((*before.fired, *clock.fired))) if clock.overdue else before.fired
    back = replace(before, fired=fired, overdue=before.overdue or clock.overdue)
    if clock.mark == "paused" or clock.resumed != switched:
        back = _with_used(back, clock, switched, one, calendar)
    ran_out = back.mark == "running" and back.due is not None and back.due <= now
    return clock if ran_out and not back.overdue else back


def _with_used(
    back: CaseClock, clock: CaseClock, switched: Instant, one: ClockDefinition, calendar: WorkCalendar
) -> CaseClock:
    """A clock that stood still meanwhile: what it used before the switch, and what it used under the mode."""
    spent = caseclock.used(back, switched, calendar) + clock.used * HOURS[clock.unit] / HOURS[back.unit]
    still = replace(back, mark="paused", used=spent, due=None, warn=None)
    if clock.mark == "paused":
        return still
    return caseclock.resume(still, clock.resumed or switched, one.warn_left, calendar)


def _effect(before: CaseClock, after: CaseClock, effect: str) -> Facts:
    return {
        "clock": after.name,
        "effect": effect,
        "amount": after.amount,
        "unit": after.unit,
        "amount_before": before.amount,
        "unit_before": before.unit,
        "due": after.due,
        "due_before": before.due,
    }
