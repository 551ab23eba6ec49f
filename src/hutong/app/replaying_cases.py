"""`hutong replay cases`: a period's cases under other limits, responsibilities or staffing. Nothing of the city is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from msgspec.structs import replace

from hutong.app.beside import beside
from hutong.app.city import functions_of
from hutong.engine.directory import Directory
from hutong.engine.flow.past_cases import Past, past_of
from hutong.engine.flow.replaying_cases import Arrangement, CaseReplay, replayed
from hutong.engine.handle.responsibility import find_unit
from hutong.engine.rulebook import Rulebook
from hutong.kernel.base import Instant, Label
from hutong.kernel.case import Case
from hutong.kernel.clock import instant, local_date
from hutong.kernel.definition.pack import ResponsibilityRow
from hutong.kernel.definition.procedure import ClockDefinition
from hutong.kernel.errors import Invalid, NotFound
from hutong.kernel.ports import Reader
from hutong.kernel.query import Compare, Order, Value, both, field
from hutong.kernel.spans import span
from hutong.kernel.thing import Thing
from hutong.kernel.worktime import WorkCalendar
from hutong.loader.changed_cases import ChangedCases, Shift, read_changed_cases
from hutong.loader.city import load_city

Tell = Callable[[Label, float], None]
PAGE = 500
RECORDS = 100_000
"""Of a case, at most."""
SINCE = "days, hours or minutes before the end (`30 d`), or a local time (2026-07-18 19:00)"


@dataclass(eq=False)
class ReplayedCases:
    """What came of it, with the names that people read."""

    since: Instant
    until: Instant
    found: CaseReplay
    numbers: dict[int, str]
    clocks: dict[str, Label]
    units: dict[int, Label]
    zone: str


def replay_cases(
    folder: Path,
    changed: Path,
    since: str,
    until: str | None,
    tell: Tell,
    *,
    database: str | None = None,
    packs: tuple[Path, ...] = (),
) -> ReplayedCases:
    """Cases opened in the period. Times as SINCE says; `until`: the newest record, if not given."""
    city, sources = load_city(folder, packs)
    with beside(folder, database) as store, store.reader() as reader:
        book = Rulebook(city, functions_of(sources), reader.definition)
        return replay_cases_over(book, reader, changed, since, until, tell)


def replay_cases_over(
    book: Rulebook, reader: Reader, changed: Path, since: str, until: str | None, tell: Tell
) -> ReplayedCases:
    """The same with a city that is open already."""
    return _Run(book, reader, changed).over(since, until, tell)


class _Run:
    def __init__(self, book: Rulebook, reader: Reader, path: Path) -> None:
        self.book, self.reader = book, reader
        self.directory = Directory(reader, book.roles.values())
        clocks = {name for one in book.procedures.values() for name in one.clocks}
        self.changed: ChangedCases = read_changed_cases(path, clocks, self.directory.organisation_codes)
        self.staffing = {
            self.directory.organisation(one.organisation): one.shifts for one in self.changed.staffing
        }
        periods = self.changed.working_periods
        self.calendar = replace(book.calendar, periods=periods) if periods else book.calendar

    def over(self, since: str, until: str | None, tell: Tell) -> ReplayedCases:
        newest = self._newest()
        end = self._instant(until, newest + 1, "until") if until else newest + 1
        start = self._instant(since, end, "since")
        if start >= end:
            raise Invalid("since", "is not before the end of the replay", "give an earlier time")
        pasts = self._pasts(start, end, tell)
        present = Arrangement(self.book.calendar, lambda unit: self._people(unit, self.book.calendar))
        changed = Arrangement(
            self.calendar,
            lambda unit: self._changed_people(unit, start, end),
            self.changed.limits,
            self._unit,
        )
        found = replayed(pasts, present, changed, self._definitions, end)
        units = {one.unit for one in (*found.present, *found.changed)}
        units |= {id for one in found.routes for id in (one.was, one.would)}
        return ReplayedCases(
            since=start,
            until=end,
            found=found,
            numbers={past.case.id: past.case.number for past in pasts},
            clocks={name: one.label for each in self.book.procedures.values() for name, one in each.clocks.items()},
            units={id: self.directory.organisation_name(id) for id in units},
            zone=self.book.city.head.zone,
        )  # fmt: skip

    def _pasts(self, start: Instant, end: Instant, tell: Tell) -> list[Past]:
        opened = field("opened")
        where = both(Compare("ge", opened, Value(start)), Compare("lt", opened, Value(end)))
        found: list[Past] = []
        after: str | None = None
        while True:
            page = self.reader.find(Case, where, order=(Order(("opened",)),), limit=PAGE, after=after)
            for case in page.rows:
                records = self.reader.journal(subject=("case", case.id), limit=RECORDS)
                upto = [one for one in records if one.at < end]
                found.append(past_of(case, upto, self.book.procedure(case)))
            after = page.after
            done = 1.0 if after is None else (page.rows[-1].opened - start) / (end - start)
            tell(Label(f"{len(found):,} 件案卷", f"{len(found):,} cases"), done)
            if after is None:
                return found

    def _definitions(self, case: Case) -> dict[str, ClockDefinition]:
        return dict(self.book.procedure(case).clocks)

    def _unit(self, case: Case, unit: int) -> tuple[int, Label] | None:
        """The unit by the changed rows alone; None where none of them fits."""
        rows: tuple[ResponsibilityRow, ...] = self.changed.responsibilities
        if not rows:
            return None
        places = self.directory.ancestors(case.place) if case.place else ()
        codes = [self.directory.places[id].code for id in places]
        thing = self.reader.many(Thing, [case.thing]).get(case.thing) if case.thing else None
        owner = self.directory.unit_code(thing.owner) if thing and thing.owner else None
        found = find_unit(rows, case.category, codes, owner)
        if found is None or found.row is None:
            return None
        return self.directory.organisation(found.organisation), found.basis

    def _people(self, unit: int, calendar: WorkCalendar) -> tuple[WorkCalendar, ...]:
        """Those of the unit and of units below it who handle cases; one at least, as somebody did the work."""
        directory = self.directory
        people = [
            one.id
            for one in directory.accounts.values()
            if one.disabled is None
            and one.organisation is not None
            and unit in directory.ancestors(one.organisation)
            and any(_handles(directory, held.role) for held in directory.held.get(one.id, ()))
        ]
        return (calendar,) * max(1, len(people))

    def _changed_people(self, unit: int, start: Instant, end: Instant) -> tuple[WorkCalendar, ...]:
        shifts = self.staffing.get(unit)
        if shifts is None:
            return self._people(unit, self.calendar)
        return tuple(one for shift in shifts for one in (self._shift(shift, start, end),) * shift.people)

    def _shift(self, shift: Shift, start: Instant, end: Instant) -> WorkCalendar:
        calendar = replace(self.calendar, periods=shift.periods) if shift.periods else self.calendar
        if not shift.every_day:
            return calendar
        first, last = local_date(start, self.book.zone), local_date(end, self.book.zone) + timedelta(days=366)
        days = {first + timedelta(days=n): True for n in range((last - first).days + 1)}
        return replace(calendar, overrides={**calendar.overrides, **days})

    def _newest(self) -> Instant:
        page = self.reader.find(Case, order=(Order(("opened",), descending=True),), limit=1)
        if not page.rows:
            raise NotFound(
                "history", "the city has no cases", "handle some, or import those of another system"
            )
        last = self.reader.journal(after=self.reader.head() - 1, limit=1)
        return max(page.rows[0].opened, last[0].at if last else 0)

    def _instant(self, text: str, end: Instant, name: str) -> Instant:
        try:
            at = datetime.fromisoformat(text.strip())
        except ValueError:
            try:
                return end - span(text, name)
            except Invalid as wrong:
                raise Invalid(name, f"{text!r} is no time", f"give {SINCE}") from wrong
        return instant(at if at.tzinfo else at.replace(tzinfo=self.book.zone))


def _handles(directory: Directory, role: str) -> bool:
    return role in directory.roles and directory.roles[role].side == "handling"
