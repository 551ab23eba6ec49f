"""Last period's cases under other clocks, other responsibilities or other staffing. Pure: nothing is read or written here.

Clocks are run again from the starts and stops as they happened, so that part is exact. What another unit or another number of
people would have done is not known; it is a queue played again (`queueing.py`), with what it assumes in ASSUMPTIONS.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

import msgspec

from hutong.engine.flow.past_cases import ClockMove, Past, Stay
from hutong.engine.flow.queueing import Done, Job, longest_queue, play
from hutong.engine.handle.clocks import best_row
from hutong.kernel import caseclock
from hutong.kernel.base import Instant, Label
from hutong.kernel.case import Case, CaseClock
from hutong.kernel.definition.procedure import ClockDefinition, LimitRow
from hutong.kernel.worktime import LimitUnit, WorkCalendar

ASSUMPTIONS = (
    Label(
        "时限：各阶段的起止按流水记录原样重算，仅时限（及工作时间）不同。",
        "Clocks: every stage starts and stops as it did; only limits (and working time) differ. An extension keeps its number.",
    ),
    Label(
        "排队：到达时间照旧；每件的工作时长取实际接单（未接单则派遣）至离开部门的工作时间；先到先办，一人一件。",
        "Queue: arrivals as they were; a case takes the working time from being taken (or dispatched) until it left the unit; "
        "first come, first served; one person, one case.",
    ),
    Label(
        "改派后由新部门以原部门的工作时长办理；现行情形亦按同法推演，两者可比。",
        "Another unit would take the working time that the real one took; the present arrangement is played the same way, so "
        "that both compare.",
    ),
)


class Worked(msgspec.Struct, frozen=True):
    """A clock as it ran. `clause`: which limit it was measured by."""

    clock: CaseClock
    clause: str

    def late(self, until: Instant) -> bool:
        """Ran out before it was stopped; one that still runs is looked at as of `until`."""
        clock = self.clock
        return clock.overdue or (clock.mark == "running" and clock.due is not None and clock.due < until)


class ClockDifference(msgspec.Struct, frozen=True):
    """A clock of a case that would have been late, or on time, otherwise than it was."""

    case: int
    clock: str
    was_late: bool
    was_due: Instant | None
    due: Instant | None
    ended: Instant | None
    was_by: str
    by: str


class RouteDifference(msgspec.Struct, frozen=True):
    """A case that would have gone to another unit."""

    case: int
    was: int
    would: int
    basis: Label


class QueueDifference(msgspec.Struct, frozen=True):
    """A case that the unit would have finished in time, or not, otherwise than with the people it has."""

    case: int
    unit: int
    was_finished: Instant
    finished: Instant
    was_late: bool
    due: Instant


class Rate(msgspec.Struct, frozen=True):
    """How many clocks of a stage ran, and how many of them were late."""

    clock: str
    ran: int
    was_late: int
    late: int


class Load(msgspec.Struct, frozen=True):
    """What a unit would carry. `wait`: mean working hours until somebody begins; `queue`: most cases waiting at once; `busy`:
    share of its people's working time."""

    unit: int
    cases: int
    hours: float
    people: int
    wait: float
    queue: int
    busy: float


@dataclass(frozen=True)
class Arrangement:
    """Who handles, when, by which limits. `limits`: rows before those that held then. `unit`: the unit for a case that was
    given to one, with the reason (None: as it was). `people`: the working times of each person of a unit."""

    calendar: WorkCalendar
    people: Callable[[int], tuple[WorkCalendar, ...]]
    limits: tuple[LimitRow, ...] = ()
    unit: Callable[[Case, int], tuple[int, Label] | None] = lambda case, unit: None


@dataclass(eq=False)
class CaseReplay:
    """What came of it."""

    cases: int = 0
    rates: list[Rate] = field(default_factory=list)
    clocks: list[ClockDifference] = field(default_factory=list)
    routes: list[RouteDifference] = field(default_factory=list)
    queues: list[QueueDifference] = field(default_factory=list)
    present: list[Load] = field(default_factory=list)
    changed: list[Load] = field(default_factory=list)


Definitions = Callable[[Case], dict[str, ClockDefinition]]


def replayed(
    pasts: Sequence[Past],
    present: Arrangement,
    changed: Arrangement,
    definitions: Definitions,
    until: Instant,
) -> CaseReplay:
    """Both arrangements over the same cases, and the differences."""
    found = CaseReplay(cases=len(pasts))
    was = {past.case.id: run_clocks(past, present, definitions(past.case)) for past in pasts}
    now = {past.case.id: run_clocks(past, changed, definitions(past.case)) for past in pasts}
    found.rates = _rates(was, now, until)
    for past in pasts:
        found.clocks += _clock_differences(past.case.id, was[past.case.id], now[past.case.id], until)
    found.routes = [one for past in pasts for one in _routes(past, changed)]
    before, found.present = loads(pasts, present, until)
    after, found.changed = loads(pasts, changed, until)
    found.queues = _queue_differences(before, after, was, now)
    return found


def run_clocks(past: Past, by: Arrangement, definitions: dict[str, ClockDefinition]) -> dict[str, Worked]:
    """The clocks of a case run again from what happened to them, under the arrangement's limits and calendar."""
    found: dict[str, Worked] = {}
    for move in past.moves:
        definition = definitions.get(move.clock)
        if definition is None:
            continue
        known = found.get(move.clock)
        if move.effect in ("start", "restart"):
            found[move.clock] = _begun(past.case, move, by, definition)
        elif known is not None:
            clock = _moved(known.clock, move, definition, by.calendar)
            found[move.clock] = Worked(clock, known.clause)
    return found


def _begun(case: Case, move: ClockMove, by: Arrangement, definition: ClockDefinition) -> Worked:
    given = move.clock in case.facts.get("deadlines", {})  # by who sent it, whatever the city's limits
    row = None if given else best_row(by.limits, case, move.clock)
    amount, unit = (row.amount, row.unit) if row is not None else (move.amount, move.unit)
    clock = caseclock.begin(definition, amount, unit, move.at, by.calendar)
    return Worked(
        clock, f"{amount:g} {unit}" + (f" ({row.kind} {_codes(row)}: {row.source or '-'})" if row else "")
    )


def _codes(row: LimitRow) -> str:
    return ", ".join(row.codes) or row.code or "*"


def _moved(
    clock: CaseClock, move: ClockMove, definition: ClockDefinition, calendar: WorkCalendar
) -> CaseClock:
    if move.effect == "stop":
        return clock if clock.mark == "stopped" else caseclock.stop(clock, move.at, calendar)
    if move.effect == "pause":
        return caseclock.pause(clock, move.at, calendar)
    if move.effect == "resume":
        return caseclock.resume(clock, move.at, definition.warn_left, calendar)
    return caseclock.extend(clock, move.by, definition.warn_left, move.at, calendar)


def _rates(
    was: dict[int, dict[str, Worked]], now: dict[int, dict[str, Worked]], until: Instant
) -> list[Rate]:
    names = dict.fromkeys(name for clocks in was.values() for name in clocks)
    found = []
    for name in names:
        ran = [case for case, clocks in was.items() if name in clocks]
        before = sum(was[case][name].late(until) for case in ran)
        after = sum(now[case][name].late(until) for case in ran)
        found.append(Rate(name, len(ran), before, after))
    return found


def _clock_differences(
    case: int, was: dict[str, Worked], now: dict[str, Worked], until: Instant
) -> list[ClockDifference]:
    return [
        ClockDifference(
            case, name, one.late(until), one.clock.due, now[name].clock.due, one.clock.stopped, one.clause, now[name].clause
        )
        for name, one in was.items()
        if one.late(until) != now[name].late(until)
    ]  # fmt: skip


def _routes(past: Past, by: Arrangement) -> list[RouteDifference]:
    """Of the first unit it was given to."""
    for stay in past.stays[:1]:
        would = by.unit(past.case, stay.unit)
        if would is not None and would[0] != stay.unit:
            return [RouteDifference(past.case.id, stay.unit, would[0], would[1])]
    return []


def service(stay: Stay, until: Instant, calendar: WorkCalendar) -> float:
    """Working hours that the unit needed; of one worked on outside working time, hours by the clock."""
    begun, ended = (
        stay.since if stay.taken is None else stay.taken,
        until if stay.until is None else stay.until,
    )
    worked = calendar.elapsed(begun, ended, LimitUnit.WORK_HOUR)
    return worked or calendar.elapsed(begun, ended, LimitUnit.URGENT_HOUR)


def loads(
    pasts: Sequence[Past], by: Arrangement, until: Instant
) -> tuple[dict[tuple[int, Instant], tuple[int, Done]], list[Load]]:
    """(case, arrival) → the unit and its turn there; and the load of each unit. Only stays that ended are work done."""
    jobs: list[tuple[int, Job]] = []
    for past in pasts:
        for stay in past.stays:
            if stay.until is None:
                continue
            would = by.unit(past.case, stay.unit)
            unit = stay.unit if would is None else would[0]
            jobs.append((unit, Job(past.case.id, stay.since, service(stay, until, by.calendar))))
    turns: dict[tuple[int, Instant], tuple[int, Done]] = {}
    found: list[Load] = []
    for unit, group in groupby(sorted(jobs, key=lambda pair: pair[0]), key=lambda pair: pair[0]):
        some = [job for _, job in group]
        people = by.people(unit)
        done = play(some, people)
        turns.update({(one.job.case, one.job.arrival): (unit, one) for one in done})
        found.append(_load(unit, some, done, people))
    return turns, found


def _load(unit: int, jobs: Sequence[Job], done: Sequence[Done], people: Sequence[WorkCalendar]) -> Load:
    hours = sum(job.hours for job in jobs)
    begin = min(job.arrival for job in jobs)
    end = max((one.finished for one in done), default=begin)
    there = sum(calendar.elapsed(begin, end, LimitUnit.WORK_HOUR) for calendar in people)
    return Load(
        unit=unit,
        cases=len(jobs),
        hours=round(hours, 3),
        people=len(people),
        wait=round(sum(one.wait for one in done) / len(done), 3) if done else 0.0,
        queue=longest_queue(done),
        busy=round(hours / there, 4) if there else 0.0,
    )


def _queue_differences(
    before: dict[tuple[int, Instant], tuple[int, Done]],
    after: dict[tuple[int, Instant], tuple[int, Done]],
    was: dict[int, dict[str, Worked]],
    now: dict[int, dict[str, Worked]],
) -> list[QueueDifference]:
    """Cases that the queue would have brought over, or within, the limit of the stage that began as they were given out."""
    found = []
    for (case, arrival), (_, first) in before.items():
        if (case, arrival) not in after:
            continue
        unit, then = after[case, arrival]
        limits = _due_since(was[case], arrival), _due_since(now[case], arrival)
        if limits[0] is None or limits[1] is None:
            continue
        was_late, late = first.finished > limits[0], then.finished > limits[1]
        if was_late != late:
            found.append(QueueDifference(case, unit, first.finished, then.finished, was_late, limits[1]))
    return found


def _due_since(clocks: dict[str, Worked], arrival: Instant) -> Instant | None:
    """When the clock is due that was started as the unit got the case; of several, the first."""
    ends = [
        one.clock.due for one in clocks.values() if one.clock.started == arrival and one.clock.due is not None
    ]
    return min(ends, default=None)
