"""Which limit holds for a case, and what an action does to its clocks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from hutong.engine.handle.procedure import Compiled
from hutong.engine.handle.setting import Setting
from hutong.kernel import caseclock
from hutong.kernel.base import HOUR, Facts, Instant
from hutong.kernel.case import Case, CaseClock
from hutong.kernel.caseclock import Effect
from hutong.kernel.definition.procedure import ClockDefinition, LimitRow, Window


class Limit(msgspec.Struct, frozen=True):
    """A limit and where it comes from: `row` is None where the procedure's default holds."""

    amount: float
    unit: str
    row: LimitRow | None
    source: str
    confidence: str

    def facts(self) -> Facts:
        """For the journal: the row itself, or that it is the default."""
        origin: Any = "no row" if self.row is None else _row_facts(self.row)
        return {
            "amount": self.amount,
            "unit": self.unit,
            "source": self.source,
            "confidence": self.confidence,
            "row": origin,
        }


def _row_facts(row: LimitRow) -> Facts:
    facts: Facts = {
        "kind": row.kind,
        "code": ",".join(row.codes) or row.code,
        "condition": row.condition,
        "stage": row.stage,
    }
    return {**facts, "mode": row.mode} if row.mode else facts


def limit_of(
    case: Case, definition: ClockDefinition | Window, compiled: Compiled, setting: Setting, now: Instant
) -> Limit | None:
    """The limit of a stage: a deadline that came with the case (`facts.deadlines`) before all; then rows of the mode that is
    on, then those that always hold, the city's before the procedure's, the longest code first, the case's own 立案条件 before
    rows without one; then the default. None for an optional clock that no row names."""
    given = case.facts.get("deadlines", {}).get(definition.name)
    if given is not None:
        source = case.external or "given with the case"
        return Limit(max(0, given - now) / HOUR, "urgent_hour", None, source, "P")
    for mode in dict.fromkeys((setting.mode, "")):
        for rows in (setting.limits, compiled.procedure.limits):
            row = best_row((one for one in rows if one.mode == mode), case, definition.name)
            if row is not None:
                return Limit(row.amount, row.unit, row, row.source, row.confidence)
    if isinstance(definition, ClockDefinition) and definition.optional:
        return None
    return Limit(definition.amount, definition.unit, None, definition.source, definition.confidence)


def best_row(rows: Iterable[LimitRow], case: Case, stage: str) -> LimitRow | None:
    """The longest code first, the case's own 立案条件 before rows without one, then its urgency."""
    condition = case.facts.get("condition", "")
    fitting = [
        row
        for row in rows
        if row.stage == stage
        and row.kind in (case.category.kind, "*")
        and row.reach(case.category.code) >= 0
        and row.condition in ("", condition)
        and row.urgency in ("", case.urgency)
    ]
    code = case.category.code
    return max(
        fitting, key=lambda row: (row.reach(code), bool(row.condition), bool(row.urgency)), default=None
    )


class Moved(msgspec.Struct, frozen=True):
    """A case with its clocks moved, and what happened to each, for the journal."""

    case: Case
    effects: tuple[Facts, ...] = ()


def move(
    case: Case, effects: Mapping[str, Effect], now: Instant, compiled: Compiled, setting: Setting
) -> Moved:
    """Starts, stops, pauses and resumes clocks. Stopping or resuming what never started does nothing."""
    told: list[Facts] = []
    for name, effect in effects.items():
        before = clock_of(case, name)
        after, limit = _moved(case, before, effect, now, compiled.clocks[name], compiled, setting)
        if after is None or after == before:
            continue
        case = with_clock(case, after)
        told.append(_effect_facts(after, effect, limit))
    return Moved(case, tuple(told))


def _moved(
    case: Case,
    before: CaseClock | None,
    effect: Effect,
    now: Instant,
    definition: ClockDefinition,
    compiled: Compiled,
    setting: Setting,
) -> tuple[CaseClock | None, Limit | None]:
    calendar = setting.calendar
    if effect in ("start", "restart"):
        limit = limit_of(case, definition, compiled, setting, now)
        if limit is None:
            return None, None
        return caseclock.begin(definition, limit.amount, limit.unit, now, calendar), limit
    if before is None:
        return None, None
    if effect == "stop":
        return (before if before.mark == "stopped" else caseclock.stop(before, now, calendar)), None
    if effect == "pause":
        return caseclock.pause(before, now, calendar), None
    return caseclock.resume(before, now, definition.warn_left, calendar), None


def _effect_facts(clock: CaseClock, effect: Effect, limit: Limit | None) -> Facts:
    facts: Facts = {
        "clock": clock.name,
        "effect": effect,
        "amount": clock.amount,
        "unit": clock.unit,
        "used": clock.used,
        "due": clock.due,
        "overdue": clock.overdue,
    }
    if limit is not None:
        facts["limit"] = limit.facts()
    return facts


def extend(case: Case, name: str, more: float, now: Instant, compiled: Compiled, setting: Setting) -> Moved:
    """A longer limit for one clock; nothing if it never started."""
    before = clock_of(case, name)
    if before is None:
        return Moved(case)
    after = caseclock.extend(before, more, compiled.clocks[name].warn_left, now, setting.calendar)
    facts = {"clock": name, "effect": "extend", "by": more, "amount": after.amount, "unit": after.unit}
    return Moved(with_clock(case, after), ({**facts, "due": after.due, "due_before": before.due},))


def stop_all(case: Case, now: Instant, compiled: Compiled, setting: Setting) -> Moved:
    """An ended case has no clock that runs or waits."""
    going: dict[str, Effect] = {clock.name: "stop" for clock in case.clocks if clock.mark != "stopped"}
    return move(case, going, now, compiled, setting)


def clock_of(case: Case, name: str) -> CaseClock | None:
    return next((clock for clock in case.clocks if clock.name == name), None)


def with_clock(case: Case, clock: CaseClock) -> Case:
    """The case with that clock in place of the one of its name, or added."""
    if clock_of(case, clock.name) is None:
        return replace(case, clocks=(*case.clocks, clock))
    return replace(case, clocks=tuple(clock if one.name == clock.name else one for one in case.clocks))


def with_next_due(case: Case, compiled: Compiled, setting: Setting) -> Case:
    return caseclock.foreseen(case, compiled.procedure, setting.calendar)
