"""GET /evaluation: figures of people, units and areas in a period, and the very cases behind every number.

Nothing is ranked unless that is asked for (国办函〔2025〕66号: no one-sided ranking)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated

import msgspec
from litestar import Response, Router, get
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, QueryParameter

from hutong.api.access import access, cases_predicate
from hutong.api.case_rows import CaseRow, case_rows
from hutong.api.csv_table import table
from hutong.api.evaluation_shapes import LineShape, SheetShape, line_shape, sheet_shape
from hutong.api.house import House
from hutong.api.requests import Limit, QueryId, RowId, TheActor, TheHouse
from hutong.engine.flow.measuring import Asked, Line, Sheet
from hutong.kernel.access import Actor, decide
from hutong.kernel.case import Case
from hutong.kernel.clock import local_date
from hutong.kernel.errors import Invalid, NotFound
from hutong.kernel.ports import Reader

MOST = 200
First = Annotated[str | None, QueryParameter(name="from", description="A business day, 2026-07-01.")]
Last = Annotated[str | None, QueryParameter(name="to", description="A business day, 2026-07-18 (included).")]


class SheetList(msgspec.Struct, frozen=True):
    """What can be evaluated; the first and last day that are asked for unless others are named."""

    sheets: list[SheetShape]
    first: str
    last: str


class SheetRows(msgspec.Struct, frozen=True, kw_only=True):
    """A sheet of a period. `only_own`: the asker sees only the own row of a sheet of people."""

    sheet: SheetShape
    first: str
    last: str
    only_own: bool
    rows: list[LineShape]


class CountedCases(msgspec.Struct, frozen=True):
    """A page of the cases that a number is made of, newest first; `total` how many there are."""

    rows: list[CaseRow]
    total: int
    after: str | None


@dataclass(frozen=True)
class Narrowed:
    """The period and what it is narrowed to."""

    first: str | None = None
    last: str | None = None
    place: int | None = None
    organisation: int | None = None

    def asked(self, house: House, actor: Actor) -> Asked:
        """Without days: this month up to today."""
        today = local_date(house.now(), house.rulebook.zone)
        last = _day(self.last, "to") or today
        first = _day(self.first, "from") or last.replace(day=1)
        directory = house.directory
        if self.place is not None and self.place not in directory.places:
            raise NotFound("place", f"there is no place/{self.place}")
        if self.organisation is not None and self.organisation not in directory.organisations:
            raise NotFound("organisation", f"there is no organisation/{self.organisation}")
        return Asked(
            first=first,
            last=last,
            place=self.place,
            organisation=self.organisation,
            allowed=cases_predicate(actor, "read", house.rulebook),
        )


def _day(text: str | None, name: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid(name, f"{text!r} is no day", "write it like 2026-07-18") from None


def _narrowed(
    first: First = None,
    last: Last = None,
    place: QueryId = None,
    organisation: QueryId = None,
) -> Narrowed:
    return Narrowed(first, last, place, organisation)


@get(
    "/evaluation",
    guards=[access("read", "indicator")],
    sync_to_thread=True,
    summary="What can be evaluated",
)
def evaluation_sheets(house: TheHouse, actor: TheActor) -> SheetList:
    """Every sheet of every pack with its indicators, their definitions and settings."""
    asked = Narrowed().asked(house, actor)
    found = [
        sheet_shape(house, one) for one in house.measuring.sheets.values() if _may_see(house, actor, one)
    ]
    return SheetList(found, asked.first.isoformat(), asked.last.isoformat())


@get(
    "/evaluation/{object:str}",
    guards=[access("read", "indicator")],
    sync_to_thread=True,
    summary="A sheet of figures",
)
def evaluation_sheet(
    house: TheHouse,
    actor: TheActor,
    object: FromPath[str],
    wanted: NamedDependency[Narrowed],
    sort: FromQuery[str | None] = None,
) -> SheetRows:
    """Rows by name. `sort` orders by an indicator (`urban.disposal_rate`, with a minus the other way round), only when it is
    asked for."""
    sheet = house.measuring.sheet(object)
    asked = wanted.asked(house, actor)
    rows = _rows(house, actor, sheet, asked, sort)
    return SheetRows(
        sheet=sheet_shape(house, sheet),
        first=asked.first.isoformat(),
        last=asked.last.isoformat(),
        only_own=_only_own(actor, sheet),
        rows=rows,
    )


@get(
    "/evaluation/{object:str}/export.csv",
    guards=[access("read", "indicator")],
    sync_to_thread=True,
    media_type="text/csv",
    summary="A sheet of figures as CSV",
)
def export_evaluation(
    house: TheHouse,
    actor: TheActor,
    object: FromPath[str],
    wanted: NamedDependency[Narrowed],
    language: FromQuery[str] = "zh",
) -> Response[bytes]:
    """The counts and figures of a sheet as CSV for spreadsheets."""
    sheet = house.measuring.sheet(object)
    rows = _rows(house, actor, sheet, wanted.asked(house, actor), None)
    head = ["名称" if language == "zh" else "Name", "所属" if language == "zh" else "Within"]
    head += [one.label.text(language) for one in sheet.counts]
    head += [one.label.text(language) for one in sheet.indicators]
    body = table(head, (_cells(sheet, one, language) for one in rows))
    headers = {"Content-Disposition": f'attachment; filename="{sheet.key}.csv"'}
    return Response(body, media_type="text/csv; charset=utf-8", headers=headers)


@get(
    "/evaluation/{object:str}/{id:int}/cases",
    guards=[access("read", "indicator")],
    sync_to_thread=True,
    summary="The cases behind a number",
)
def counted_cases(
    house: TheHouse,
    actor: TheActor,
    object: FromPath[str],
    id: RowId,
    wanted: NamedDependency[Narrowed],
    count: FromQuery[str],
    after: QueryId = None,
    limit: Limit = 50,
) -> CountedCases:
    """`count`: one of the sheet's counts, or `excused` (cases in which an accepted objection changed what counts)."""
    sheet = house.measuring.sheet(object)
    asked = wanted.asked(house, actor)
    with house.store.reader() as reader:
        if id not in {one.id for one in _visible(house, actor, sheet, asked, reader)}:
            raise NotFound("row", f"the sheet {object} has no row {id}")
        ids = house.measuring.cases(reader, sheet, id, count, asked)
        start = ids.index(after) + 1 if after in ids else 0
        page = ids[start : start + min(limit, MOST)]
        found = reader.many(Case, page)
        rows = case_rows(house, reader, [found[one] for one in page if one in found])
    more = start + len(page) < len(ids)
    return CountedCases(rows, len(ids), str(page[-1]) if more else None)


def _rows(house: House, actor: Actor, sheet: Sheet, asked: Asked, sort: str | None) -> list[LineShape]:
    with house.store.reader() as reader:
        lines = _visible(house, actor, sheet, asked, reader)
    rows = [line_shape(house, sheet, one) for one in lines]
    if sheet.object != "value":  # values have the order in which they are listed
        rows.sort(key=lambda one: (one.name.zh, one.id))
    return rows if sort is None else _sorted(sheet, rows, sort)


def _sorted(sheet: Sheet, rows: list[LineShape], sort: str) -> list[LineShape]:
    """By an indicator; rows without a value last."""
    name, falling = sort.removeprefix("-"), sort.startswith("-")
    if name not in {one.name for one in sheet.indicators}:
        raise Invalid("sort", f"the sheet has no indicator {name!r}", "choose one of its indicators")
    known = [one for one in rows if one.figures[name].value is not None]
    rest = [one for one in rows if one.figures[name].value is None]
    return sorted(known, key=lambda one: one.figures[name].value or 0.0, reverse=falling) + rest


def _visible(house: House, actor: Actor, sheet: Sheet, asked: Asked, reader: Reader) -> Sequence[Line]:
    """Lines the asker may see: of people only the own one without the right to evaluate; of units those in scope."""
    lines = house.measuring.lines(reader, sheet, asked)
    if _only_own(actor, sheet):
        return [one for one in lines if one.id == actor.account]
    if sheet.object == "organisation":
        return [one for one in lines if _reads_unit(house, actor, one.id)]
    return lines


def _only_own(actor: Actor, sheet: Sheet) -> bool:
    return sheet.object == "role" and not decide(actor, "evaluate", "indicator").allowed


def _reads_unit(house: House, actor: Actor, unit: int) -> bool:
    places = tuple(one.place for one in actor.grants if one.place is not None)
    scope = (*house.directory.ancestors(unit), *places)
    return any(decide(actor, "read", name, scope).allowed for name in house.rulebook.procedures)


def _may_see(house: House, actor: Actor, sheet: Sheet) -> bool:
    """A sheet of people is for those who evaluate and for those who hold the role."""
    return not _only_own(actor, sheet) or sheet.role in actor.roles


def _cells(sheet: Sheet, row: LineShape, language: str) -> list[object]:
    counts = [f"{row.counts[one.name]:g}" for one in sheet.counts]
    values = [row.figures[one.name].value for one in sheet.indicators]
    return [
        row.name.text(language),
        row.within.text(language),
        *counts,
        *("—" if one is None else f"{one:g}" for one in values),
    ]


router = Router(
    "/",
    route_handlers=[evaluation_sheets, evaluation_sheet, export_evaluation, counted_cases],
    dependencies={"wanted": Provide(_narrowed, sync_to_thread=False)},
    tags=["evaluation"],
)
