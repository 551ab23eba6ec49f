"""tick: what time makes happen to a case.

Warnings, overdue clocks, escalations and review dates fire once, in order, at their own instant, also when
the platform was down at that instant.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import replace

from hutong.kernel import caseclock
from hutong.kernel.base import MINUTE, Facts, Instant, Label
from hutong.kernel.case import Case, CaseClock, Notice
from hutong.kernel.caseclock import ClockEvent
from hutong.kernel.changes import Record
from hutong.kernel.clock import moment
from hutong.kernel.definition.procedure import Procedure, RoleDefinition
from hutong.kernel.worktime import WorkCalendar

PUNCTUAL = MINUTE
"""What fires later than this after its instant is said to be late."""

_AFTER_CLOCKS = 1000
"""Rank of automatic actions among things of one instant."""


class Performed(Protocol):
    """What an automatic action made of a case."""

    @property
    def case(self) -> Case: ...

    @property
    def records(self) -> tuple[Record, ...]: ...

    @property
    def notices(self) -> tuple[Notice, ...]: ...


@dataclass(frozen=True)
class Ticker:
    """What tick needs of a procedure and the city. `perform` does an automatic action at an instant
    (handle's `act_automatically`, bound by whoever composes the verbs)."""

    procedure: Procedure
    roles: Mapping[str, RoleDefinition]
    calendar: WorkCalendar
    perform: Callable[[Case, str, Instant], Performed]


class Ticked(msgspec.Struct, frozen=True, kw_only=True):
    """A case after all that was due; `fired` counts the events (0: nothing was due, nothing changed)."""

    case: Case
    records: tuple[Record, ...] = ()
    notices: tuple[Notice, ...] = ()
    fired: int = 0


class _Due(msgspec.Struct, frozen=True):
    """The next thing to happen: a clock's event, or an automatic action."""

    at: Instant
    rank: int
    event: ClockEvent | None = None
    action: str = ""


def tick(case: Case, now: Instant, ticker: Ticker) -> Ticked:
    """Fires all that is due by `now`, earliest first: a clock resumed by a review date may run out in the
    same pass. Records carry the instant at which it was due; `explain` says when it was found, if late.
    """
    ticked = Ticked(case=case)
    due = _next(case, ticker)
    while due is not None and due.at <= now:
        ticked = _fire(ticked, due, now, ticker)
        due = _next(ticked.case, ticker)
    return ticked


def _next(case: Case, ticker: Ticker) -> _Due | None:
    if case.closed is not None:
        return None
    definitions = {clock.name: clock for clock in ticker.procedure.clocks}
    waiting = [
        _Due(event.at, event.rank, event=event)
        for clock in case.clocks
        for event in caseclock.coming(clock, definitions[clock.name], ticker.calendar)[:1]
    ]
    for at, action in caseclock.due_actions(case, ticker.procedure):
        waiting.append(_Due(at, _AFTER_CLOCKS, action=action))
    return min(waiting, key=lambda due: (due.at, due.rank), default=None)


def _fire(ticked: Ticked, due: _Due, now: Instant, ticker: Ticker) -> Ticked:
    if due.event is None:
        performed = ticker.perform(ticked.case, due.action, due.at)
        case, notices, records = performed.case, performed.notices, performed.records
    else:
        case = _marked(ticked.case, due.event, ticker)
        records = (_record(case, due.event, ticker.calendar),)
        notices = _notices(case, due.event, ticker)
    return Ticked(
        case=case,
        records=ticked.records + tuple(_late(record, now) for record in records),
        notices=ticked.notices + notices,
        fired=ticked.fired + 1,
    )


def _marked(case: Case, event: ClockEvent, ticker: Ticker) -> Case:
    clocks = tuple(_fired(clock, event) if clock.name == event.clock else clock for clock in case.clocks)
    case = _pressed(replace(case, clocks=clocks), event, ticker)
    return caseclock.foreseen(case, ticker.procedure, ticker.calendar)


def _pressed(case: Case, event: ClockEvent, ticker: Ticker) -> Case:
    """催办 of the platform at a warning, 督办 at each step up the line: the marks that lists show and filter by.

    `facts.urged`: since, by, clock, times. `facts.supervised`: level (1: the first step), since, by, clock, role; what a
    person's 督办 left there (an answer it waits for) stays.
    """
    kind, _, role = event.mark.partition(":")
    mark: Facts = {"since": event.at, "by": 0, "clock": event.clock}
    if kind == "warn":
        times = int(_marks(case, "urged").get("times", 0)) + 1
        return _with_mark(case, "urged", {**mark, "times": times})
    if not role:
        return case
    definition = next(one for one in ticker.procedure.clocks if one.name == event.clock)
    before = _marks(case, "supervised")
    level = max(definition.escalate.index(role) + 1, int(before.get("level", 0)))
    return _with_mark(case, "supervised", {**before, **mark, "role": role, "level": level})


def _marks(case: Case, name: str) -> Facts:
    found = case.facts.get(name)
    return found if isinstance(found, dict) else {}


def _with_mark(case: Case, name: str, mark: Facts) -> Case:
    return replace(case, facts={**case.facts, name: mark})


def _fired(clock: CaseClock, event: ClockEvent) -> CaseClock:
    overdue = clock.overdue or event.mark == "overdue"
    return replace(clock, fired=(*clock.fired, event.mark), overdue=overdue)


def _record(case: Case, event: ClockEvent, calendar: WorkCalendar) -> Record:
    clock = next(one for one in case.clocks if one.name == event.clock)
    kind, _, role = event.mark.partition(":")
    moved: Facts = {
        "clock": clock.name,
        "effect": kind,
        "amount": clock.amount,
        "unit": clock.unit,
        "used": caseclock.used(clock, event.at, calendar),
        "due": clock.due,
        "overdue": clock.overdue,
    }
    facts: Facts = {"action": kind, "clock": clock.name, "from": case.state, "to": case.state}
    return Record(
        kind=f"case.{kind}",
        actor=0,
        at=event.at,
        subjects=(("case", case.id),),
        facts={**facts, "told": role} if role else facts,
        explain={
            "procedure": case.procedure,
            "definition": case.definition,
            "local_time": moment(event.at, ZoneInfo(calendar.zone)).isoformat(),
            "clocks": [moved],
        },
        cause=case.cause,
    )


def _late(record: Record, now: Instant) -> Record:
    """Says that it was found later than it happened, and when."""
    if now - record.at <= PUNCTUAL:
        return record
    return replace(record, explain={**record.explain, "found": now, "late_by": now - record.at})


def _notices(case: Case, event: ClockEvent, ticker: Ticker) -> tuple[Notice, ...]:
    """Those whose turn it is hear of a warning and of the end of a limit; the line above of an escalation."""
    kind, _, role = event.mark.partition(":")
    label = next(clock.label for clock in ticker.procedure.clocks if clock.name == event.clock)
    words = _WORDS[kind]
    text = Label(
        f"案卷 {case.number or case.title.zh} {label.zh}{words.zh}",
        f"Case {case.number or case.title.text('en')}: {label.text('en')} {words.en}",
    )
    if role:
        return (_notice(case, "escalated", text, role, ticker),)
    turn = next((state.turn for state in ticker.procedure.states if state.name == case.state), ())
    return tuple(_notice(case, kind, text, one, ticker) for one in turn)


_WORDS = {
    "warn": Label("即将到期，请抓紧办理（催办）", "is nearly due; please go on with it"),
    "overdue": Label("已超期", "is overdue"),
    "escalate": Label("超期，报请督办", "is overdue and calls for your supervision"),
}


def _notice(case: Case, kind: str, text: Label, role: str, ticker: Ticker) -> Notice:
    unit = case.organisation if ticker.roles[role].side == "handling" else None
    return Notice(case.id, kind, text, role=role, organisation=unit)
