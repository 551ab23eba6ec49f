"""Evaluation: sheets of figures per person, unit and place, made of what packs declare and of what happened in cases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
from numpy.typing import NDArray

from hutong.engine.directory import Directory
from hutong.engine.measure.figures import Figure, figure
from hutong.engine.measure.happened import KEEPER
from hutong.engine.measure.ledger import Ledger
from hutong.engine.measure.rows import Bools, Ints, Rows
from hutong.engine.measure.tally import counted, mapped, newest_first, sums, within
from hutong.engine.rulebook import Rulebook
from hutong.kernel.base import HOUR, Instant, Label
from hutong.kernel.case import Case
from hutong.kernel.clock import Clock, instant, local_date
from hutong.kernel.definition.indicator import CountDefinition, IndicatorDefinition, Object
from hutong.kernel.errors import Invalid, NotFound
from hutong.kernel.ports import Reader
from hutong.kernel.query import EVERYTHING, Compare, Expr, Field, IsNull, Value, both, field

LEVEL = "division"
"""The tree whose places are the rows of an area sheet."""
LONGEST = timedelta(days=366 * 2)


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """The indicators of one object (and role) of a pack."""

    key: str
    """`urban.collector`, `urban.organisation`, `urban.area`."""
    pack: str
    object: Object
    role: str
    indicators: tuple[IndicatorDefinition, ...]
    counts: tuple[CountDefinition, ...]
    """What they count, each once."""
    day_starts: str = ""
    """The parameter that shifts its business day."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A period of business days (both included) and what it is narrowed to. `allowed`: cases the asker may read."""

    first: date
    last: date
    place: int | None = None
    organisation: int | None = None
    allowed: Expr = EVERYTHING


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A row of a sheet: an account, a unit or a place (0: the city)."""

    id: int
    counts: dict[str, float]
    figures: dict[str, Figure]
    excused: int = 0
    """Cases of it in which an accepted 申诉 changed what counts."""


class Measuring:
    """Counts by packs' definitions. One for a running city: what it read stays in memory (engine/measure/ledger.py)."""

    def __init__(self, clock: Clock, rulebook: Rulebook, directory: Callable[[], Directory]) -> None:
        self.clock = clock
        self.rulebook = rulebook
        self.directory = directory
        self.counts = _counts(rulebook)
        self.index = {one.name: place for place, one in enumerate(self.counts)}
        self.ledger = Ledger(self.counts, self._months)

    @cached_property
    def sheets(self) -> dict[str, Sheet]:
        found: dict[str, list[IndicatorDefinition]] = {}
        owners: dict[str, str] = {}
        for pack in self.rulebook.city.packs:
            for one in pack.indicators:
                if one.counts:
                    key = f"{pack.head.name}.{one.role or one.object}"
                    owners[key] = pack.head.name
                    found.setdefault(key, []).append(one)
        return {key: self._sheet(key, owners[key], some) for key, some in found.items()}

    def _sheet(self, key: str, pack: str, indicators: list[IndicatorDefinition]) -> Sheet:
        packs = {one.head.name: one for one in self.rulebook.city.packs}
        names = dict.fromkeys(name for one in indicators for name in one.counts.values())
        return Sheet(
            key=key,
            pack=pack,
            object=indicators[0].object,
            role=indicators[0].role,
            indicators=tuple(indicators),
            counts=tuple(self.counts[self.index[name]] for name in names),
            day_starts=packs[pack].day_starts,
        )

    def sheet(self, key: str) -> Sheet:
        if key not in self.sheets:
            raise NotFound(
                "object", f"there is no sheet {key!r}", "choose one of " + ", ".join(sorted(self.sheets))
            )
        return self.sheets[key]

    def lines(self, reader: Reader, sheet: Sheet, asked: Asked) -> list[Line]:
        """The rows of a sheet, also those for which nothing was counted; in no order that would rank them."""
        rows = self._rows(reader, sheet, asked, self._used(sheet))
        ids = self._ids(sheet, asked, rows)
        by_place = counted(rows, self._kept_by_place(sheet), len(self.counts))
        own = rows.where(~by_place)
        values = sums(own, self._keys(sheet, own), ids, len(self.counts))
        self._add_keepers(sheet, rows.where(by_place), ids, values)
        excused = self._excused(sheet, own)
        return [self._line(sheet, id, each, excused.get(id, 0)) for id, each in zip(ids, values, strict=True)]

    def cases(self, reader: Reader, sheet: Sheet, id: int, count: str, asked: Asked) -> list[int]:
        """The very cases that a count of a row is made of, newest first; `count` is qualified, or `excused`."""
        if count == "excused":
            rows = self._rows(reader, sheet, asked, self._used(sheet))
            return newest_first(rows.where(rows.excused & (self._keys(sheet, rows) == id)))
        if count not in {one.name for one in sheet.counts}:
            raise NotFound(
                "count", f"the sheet {sheet.key} has no count {count!r}", "choose one of its counts"
            )
        place = self.index[count]
        rows = self._rows(reader, sheet, asked, [place])
        if place in self._kept_by_place(sheet):
            return newest_first(rows.where(self._kept(id, sheet.role, rows)))
        return newest_first(rows.where(self._keys(sheet, rows) == id))

    def by_role(self, reader: Reader, start: Instant, end: Instant) -> dict[str, dict[str, float]]:
        """Role → count → how often its holders did it between two instants, over all sheets of people."""
        rows = self.ledger.rows(reader, start, end)
        held = self.directory().held
        found: dict[str, dict[str, float]] = {}
        for sheet in (one for one in self.sheets.values() if one.object == "role"):
            holders = [id for id, roles in held.items() if any(one.role == sheet.role for one in roles)]
            mine = rows.where(within(rows.account, holders))
            done = np.bincount(mine.counted, weights=mine.weight, minlength=len(self.counts))
            told = {one.name: float(done[self.index[one.name]]) for one in sheet.counts if not one.credit}
            found.setdefault(sheet.role, {}).update(told)
        return found

    def period(self, sheet: Sheet, asked: Asked) -> tuple[Instant, Instant]:
        """Begin and end of the business days, in the city's zone; a city may have the days of a pack begin at another hour
        than midnight."""
        if asked.last < asked.first:
            raise Invalid("to", f"{asked.last} is before {asked.first}", "give the later day second")
        if asked.last - asked.first > LONGEST:
            raise Invalid("from", "the period is longer than two years", "ask for a shorter one")
        parameters = self.rulebook.parameters(self.clock.city_time())
        shift = round(parameters.get(sheet.day_starts, 0.0) * HOUR)
        return self._midnight(asked.first) + shift, self._midnight(asked.last + timedelta(days=1)) + shift

    def _rows(self, reader: Reader, sheet: Sheet, asked: Asked, counts: Sequence[int]) -> Rows:
        """What of these counts happened in the period, as far as the asker may see it."""
        start, end = self.period(sheet, asked)
        rows = self.ledger.rows(reader, start, min(end, self.clock.city_time() + 1))
        rows = rows.where(counted(rows, counts, len(self.counts)))
        directory = self.directory()
        if asked.place is not None:
            below = [id for id in directory.places if asked.place in directory.ancestors(id)]
            rows = rows.where(within(rows.place, below))
        if asked.organisation is not None:
            rows = rows.where(within(rows.organisation, _below(directory, asked.organisation)))
        if asked.allowed != EVERYTHING:
            begun = Compare("lt", Field(("opened",)), Value(end))
            held = (
                IsNull(field("closed")),
                Compare("ge", field("closed"), Value(start)),
            )  # each has its index
            allowed = [
                one
                for still in held
                for one in reader.columns(Case, ("id",), both(asked.allowed, begun, still))["id"]
            ]
            rows = rows.where(within(rows.case, allowed))
        return rows

    def _ids(self, sheet: Sheet, asked: Asked, rows: Rows) -> list[int]:
        directory = self.directory()
        if sheet.object == "city":
            return [0]
        if sheet.object == "value":
            return list(range(1, len(values_of(sheet)) + 1))
        if sheet.object == "organisation":
            units = [one.id for one in directory.organisations.values() if one.side == "handling"]
            wanted = units if asked.organisation is None else _below(directory, asked.organisation)
            return [id for id in units if id in set(wanted)]
        if sheet.object == "area":
            return sorted({int(one) for one in self._keys(sheet, rows)} - {0})
        return self._holders(sheet.role, asked)

    def _holders(self, role: str, asked: Asked) -> list[int]:
        directory, now = self.directory(), self.clock.city_time()
        units = None if asked.organisation is None else set(_below(directory, asked.organisation))
        return [
            id
            for id, account in directory.accounts.items()
            if any(one.role == role and (one.until or now + 1) > now for one in directory.held.get(id, ()))
            and (units is None or account.organisation in units)
        ]

    def _keys(self, sheet: Sheet, rows: Rows) -> Ints:
        """The row of the sheet that each thing counted belongs to; 0: none."""
        if sheet.object == "city":
            return np.zeros(len(rows), np.int64)
        if sheet.object == "area":
            return mapped(rows.place, self._areas())
        if sheet.object == "value":
            numbers, names = self.ledger.numbers, values_of(sheet)
            return mapped(
                rows.value, {numbers[one]: place for place, one in enumerate(names, 1) if one in numbers}
            )
        return rows.account if sheet.object == "role" else rows.organisation

    def _areas(self) -> dict[int, int]:
        """Place → the narrowest division it lies in."""
        directory = self.directory()
        found = {}
        for id in directory.places:
            wider = (one for one in directory.ancestors(id) if directory.places[one].tree == LEVEL)
            found[id] = next(wider, 0)
        return found

    def _used(self, sheet: Sheet) -> list[int]:
        return [self.index[one.name] for one in sheet.counts]

    def _kept_by_place(self, sheet: Sheet) -> list[int]:
        """Counts of a role's sheet that are everybody's who holds the role where the case lies."""
        if sheet.object != "role":
            return []
        return [self.index[one.name] for one in sheet.counts if one.credit == KEEPER]

    def _kept(self, account: int, role: str, rows: Rows) -> Bools:
        directory = self.directory()
        places = {one.place for one in directory.held.get(account, ()) if one.role == role}
        if None in places:
            return np.ones(len(rows), np.bool_)
        below = [id for id in directory.places if places & set(directory.ancestors(id))]
        return within(rows.place, below)

    def _add_keepers(self, sheet: Sheet, kept: Rows, ids: list[int], values: NDArray[np.float64]) -> None:
        for line, id in enumerate(ids if len(kept) else ()):
            mine = kept.where(self._kept(id, sheet.role, kept))
            np.add.at(values[line], mine.counted, mine.weight)

    def _excused(self, sheet: Sheet, rows: Rows) -> dict[int, int]:
        some = rows.where(rows.excused)
        pairs = set(zip(self._keys(sheet, some).tolist(), some.case.tolist(), strict=True))
        return Counter(key for key, _ in pairs)

    def _line(self, sheet: Sheet, id: int, values: NDArray[np.float64], excused: int) -> Line:
        counts = {one.name: float(values[self.index[one.name]]) for one in sheet.counts}
        parameters = self.rulebook.parameters(self.clock.city_time())
        return Line(
            id=id,
            counts=counts,
            figures={
                one.name: figure(one, counts, parameters, self.rulebook.functions) for one in sheet.indicators
            },
            excused=excused,
        )

    def _months(self, start: Instant, end: Instant) -> list[tuple[Instant, Instant]]:
        zone, found = self.rulebook.zone, []
        month = local_date(start, zone).replace(day=1)
        while self._midnight(month) < end:
            following = (month + timedelta(days=32)).replace(day=1)
            found.append((self._midnight(month), self._midnight(following)))
            month = following
        return found

    def _midnight(self, day: date) -> Instant:
        zone: ZoneInfo = self.rulebook.zone
        return instant(datetime(day.year, day.month, day.day, tzinfo=zone))


def values_of(sheet: Sheet) -> dict[str, Label]:
    """The rows of a sheet of values in their order; a row's id is its place, from 1."""
    return {name: label for one in sheet.indicators for name, label in one.values.items()}


def _below(directory: Directory, organisation: int) -> list[int]:
    return [id for id in directory.organisations if organisation in directory.ancestors(id)]


def _counts(rulebook: Rulebook) -> list[CountDefinition]:
    """All counts of all packs; those that name no procedure are of all procedures of their pack."""
    found = []
    for pack in rulebook.city.packs:
        own = tuple(one.name for one in pack.procedures)
        found += [
            one if one.procedures else msgspec.structs.replace(one, procedures=own) for one in pack.counts
        ]
    return found
