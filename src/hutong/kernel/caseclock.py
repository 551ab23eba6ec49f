"""The arithmetic of a case's clocks: what runs, what is used up, what will happen next.

Pure functions of a `CaseClock` and the working calendar. A clock that ran before keeps what it used: after 返工 or 挂账 it
goes on with what is left (domain-facts §1.7).
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from msgspec.structs import replace

from hutong.kernel.base import Instant
from hutong.kernel.case import Case, CaseClock
from hutong.kernel.caseview import all_hold, nested
from hutong.kernel.definition.procedure import CHILDREN_ENDED, MAIN_ENDED, ClockDefinition, Procedure
from hutong.kernel.worktime import LimitUnit, WorkCalendar

Effect = Literal["start", "stop", "pause", "resume", "restart"]


class ClockEvent(msgspec.Struct, frozen=True, order=True):
    """Something a running clock makes happen: `warn`, `overdue`, `escalate:ROLE`."""

    at: Instant
    rank: int
    """Order of events of one instant."""
    clock: str
    mark: str


def begin(
    definition: ClockDefinition, amount: float, unit: str, now: Instant, calendar: WorkCalendar
) -> CaseClock:
    """A clock that starts now with the whole limit before it."""
    return _run(CaseClock(definition.name, amount, unit, now), now, definition.warn_left, calendar)


def stop(clock: CaseClock, now: Instant, calendar: WorkCalendar) -> CaseClock:
    """Stopped for good (though `resume` may set it going again); it keeps the due time it was measured against."""
    late = clock.overdue or (clock.mark == "running" and clock.due is not None and now > clock.due)
    return replace(
        clock, mark="stopped", used=used(clock, now, calendar), stopped=now, warn=None, overdue=late
    )


def pause(clock: CaseClock, now: Instant, calendar: WorkCalendar) -> CaseClock:
    """Standing still: it has no due time until it is resumed."""
    if clock.mark != "running":
        return clock
    late = clock.overdue or (clock.due is not None and now > clock.due)
    return replace(
        clock, mark="paused", used=used(clock, now, calendar), due=None, warn=None, overdue=late, stopped=None
    )


def resume(clock: CaseClock, now: Instant, warn_left: float, calendar: WorkCalendar) -> CaseClock:
    """Running again with what is left; one that was used up is due at once (it stays overdue)."""
    if clock.mark == "running":
        return clock
    return _run(replace(clock, resumed=now, stopped=None), now, warn_left, calendar)


def extend(
    clock: CaseClock, more: float, warn_left: float, now: Instant, calendar: WorkCalendar
) -> CaseClock:
    """A longer limit (延期). What has not happened under the new limit may happen again."""
    longer = replace(clock, amount=clock.amount + more)
    if clock.mark != "running":
        return longer
    longer = _run(longer, _since(clock), warn_left, calendar)
    if longer.due is not None and longer.due > now:
        fired = (
            ()
            if longer.warn is not None and longer.warn > now
            else tuple(f for f in clock.fired if f == "warn")
        )
        longer = replace(longer, overdue=False, fired=fired)
    return longer


def used(clock: CaseClock, now: Instant, calendar: WorkCalendar) -> float:
    """What has run of the limit by `now`, in the clock's unit."""
    if clock.mark != "running":
        return clock.used
    ran = calendar.elapsed(_since(clock), now, LimitUnit(clock.unit), resumed=clock.resumed is not None)
    return clock.used + ran


def left(clock: CaseClock, now: Instant, calendar: WorkCalendar) -> float:
    """What is left of the limit, negative once it is overdue (then in the same unit)."""
    return clock.amount - used(clock, now, calendar)


def coming(clock: CaseClock, definition: ClockDefinition, calendar: WorkCalendar) -> list[ClockEvent]:
    """What a running clock has yet to make happen, in order."""
    if clock.mark != "running" or clock.due is None:
        return []
    events = []
    if clock.warn is not None and "warn" not in clock.fired and "overdue" not in clock.fired:
        events.append(ClockEvent(clock.warn, 0, clock.name, "warn"))
    if "overdue" not in clock.fired:
        events.append(ClockEvent(clock.due, 1, clock.name, "overdue"))
    for step, role in enumerate(definition.escalate):
        mark = f"escalate:{role}"
        if mark not in clock.fired:
            later = step * definition.escalate_step * clock.amount
            at = calendar.add(clock.due, later, LimitUnit(clock.unit), resumed=True)
            events.append(ClockEvent(at, 2 + step, clock.name, mark))
    return sorted(events)


def due_actions(case: Case, procedure: Procedure) -> list[tuple[Instant, str]]:
    """Automatic actions of the case's state that wait for an instant among its facts (a review date), and whose conditions
    hold."""
    waiting = []
    for action in procedure.actions:
        if action.at in (None, MAIN_ENDED, CHILDREN_ENDED) or case.state not in action.of:
            continue
        at = fact(case, str(action.at))
        if isinstance(at, int) and not isinstance(at, bool) and all_hold(case, action.when):
            waiting.append((at, action.name))
    return sorted(waiting)


def next_due(case: Case, procedure: Procedure, calendar: WorkCalendar) -> Instant | None:
    """The earliest thing that will happen to an open case by itself; None for one that has ended."""
    if case.closed is not None:
        return None
    definitions = {clock.name: clock for clock in procedure.clocks}
    instants = [
        event.at for clock in case.clocks for event in coming(clock, definitions[clock.name], calendar)[:1]
    ]
    instants.extend(at for at, _ in due_actions(case, procedure))
    return min(instants, default=None)


def late_from(case: Case) -> Instant | None:
    """Before which instant an open case is within its limits: it is overdue at t if this is less than t. 0 once a clock
    that runs was told to be overdue; None if no clock runs."""
    if case.closed is not None:
        return None
    ends = [
        0 if clock.overdue else clock.due
        for clock in case.clocks
        if clock.mark == "running" and (clock.overdue or clock.due is not None)
    ]
    return min((one for one in ends if one is not None), default=None)


def foreseen(case: Case, procedure: Procedure, calendar: WorkCalendar) -> Case:
    """The case with what its clocks will make happen: `next_due` and `late_from`."""
    return replace(case, next_due=next_due(case, procedure, calendar), late_from=late_from(case))


def fact(case: Case, path: str) -> Any:
    """A fact by its name; `suspended.NAME` reads those of a 挂账."""
    group, dot, name = path.partition(".")
    if dot and group == "suspended":
        return nested(case.suspended, name)
    return nested(case.facts, name if dot and group == "facts" else path)


def _since(clock: CaseClock) -> Instant:
    return clock.started if clock.resumed is None else clock.resumed


def _run(clock: CaseClock, now: Instant, warn_left: float, calendar: WorkCalendar) -> CaseClock:
    unit, resumed = LimitUnit(clock.unit), clock.resumed is not None
    remaining = max(0.0, clock.amount - clock.used)
    before_warn = max(0.0, clock.amount * (1 - warn_left) - clock.used)
    due = calendar.add(now, remaining, unit, resumed)
    warn = calendar.add(now, before_warn, unit, resumed) if warn_left > 0 else None
    return replace(clock, mark="running", due=due, warn=warn)
