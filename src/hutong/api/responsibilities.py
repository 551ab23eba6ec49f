"""GET /responsibilities: the 权责清单 in force and as it was, what a table would change, and its taking in."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Any

import msgspec
from litestar import Response, Router, get, post
from litestar.params import FromQuery, JSONBody, QueryParameter

from hutong.api.access import access
from hutong.api.csv_table import table
from hutong.api.house import House
from hutong.api.requests import QueryId, RowId, TheActor, TheHouse, TheRepeat
from hutong.api.shapes import Named, organisation, time_of
from hutong.engine.directory import everything
from hutong.engine.flow.duty_list import DutyChange, DutyDesk
from hutong.kernel.base import Instant, Label
from hutong.kernel.case import Case, Category
from hutong.kernel.errors import NotFound
from hutong.kernel.party import Responsibility
from hutong.kernel.ports import Reader

SHOWN = 1000
"""Rows of a list, or of a preview, in one answer."""
Search = Annotated[str | None, QueryParameter(description="Part of a code, name, unit, place or basis.")]


class DutyRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row: category × place → unit. `case`: the case whose 会商 made it."""

    id: int
    kind: str
    code: str
    category: Label
    place: str
    place_name: Label
    organisation: Named | None
    organisation_code: str
    basis: str
    since: str
    until: str | None
    case: Named | None


class DutyRows(msgspec.Struct, frozen=True):
    """`total` matching rows, at most a thousand shown; `stored` false: the list still comes from the city's file alone."""

    rows: list[DutyRow]
    total: int
    stored: bool


class DutyImport(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table as CSV text. `whole`: it is the complete list, rows that are not in it end. `apply`: take it in."""

    text: Annotated[str, msgspec.Meta(max_length=1_000_000)]
    whole: bool = False
    apply: bool = False


class DutyPreview(msgspec.Struct, frozen=True):
    """What changes (or changed, where `applied`): how many of each kind, and the rows, the same ones last."""

    counts: dict[str, int]
    rows: list[DutyChange]
    applied: bool


def desk_of(house: House) -> DutyDesk:
    context = house.context
    changed = context.reread or (lambda: None)
    return DutyDesk(house.store, house.clock, house.rulebook, context.directory, changed)


@get(
    "/responsibilities",
    guards=[access("read", "responsibility")],
    sync_to_thread=True,
    summary="The list of responsibilities",
)
def list_responsibilities(
    house: TheHouse,
    q: Search = None,
    kind: FromQuery[str | None] = None,
    code: FromQuery[str | None] = None,
    place: FromQuery[str | None] = None,
    unit: QueryId = None,
    past: FromQuery[bool] = False,
) -> DutyRows:
    """Rows in force (`past`: those that ended too). `code` matches rows that hold for the class: its own and wider ones."""
    with house.store.reader() as reader:
        every = everything(reader, Responsibility)
        wanted = _Wanted(q, kind, code, place, unit, past, house.now())
        rows = [one for one in every if wanted.fits(one)]
        shaped = [row for row in _shapes(house, reader, rows) if _says(row, q)]
    shaped.sort(key=lambda one: (one.kind, one.code, one.place, one.since))
    return DutyRows(shaped[:SHOWN], len(shaped), bool(every))


@get(
    "/responsibilities/export.csv",
    guards=[access("read", "responsibility")],
    sync_to_thread=True,
    media_type="text/csv",
    summary="The list of responsibilities as CSV",
)
def export_responsibilities(house: TheHouse) -> Response[bytes]:
    """The rows in force, in the form the import reads."""
    with house.store.reader() as reader:
        wanted = _Wanted(at=house.now())
        rows = _shapes(house, reader, [one for one in everything(reader, Responsibility) if wanted.fits(one)])
    rows.sort(key=lambda one: (one.kind, one.code, one.place))
    body = table(
        ["kind", "code", "place", "organisation", "basis"],
        ([one.kind, one.code, one.place, one.organisation_code, one.basis] for one in rows),
    )
    headers = {"Content-Disposition": 'attachment; filename="responsibilities.csv"'}
    return Response(body, media_type="text/csv; charset=utf-8", headers=headers)


@get(
    "/responsibilities/{id:int}/history",
    guards=[access("read", "responsibility")],
    sync_to_thread=True,
    summary="What a row was before",
)
def responsibility_history(house: TheHouse, id: RowId) -> DutyRows:
    """All rows there ever were for the category and place of this one, newest first."""
    with house.store.reader() as reader:
        every = everything(reader, Responsibility)
        one = next((row for row in every if row.id == id), None)
        if one is None:
            raise NotFound("responsibility", f"there is no responsibility/{id}", noun="responsibility", id=id)
        same = [row for row in every if (row.kind, row.code, row.area) == (one.kind, one.code, one.area)]
        rows = _shapes(house, reader, sorted(same, key=lambda row: (-row.since, -row.id)))
    return DutyRows(rows, len(rows), True)


@post(
    "/responsibilities/import",
    guards=[access("manage", "responsibility")],
    sync_to_thread=True,
    status_code=200,
    summary="Preview or take in a list",
)
def import_responsibilities(
    house: TheHouse, actor: TheActor, data: JSONBody[DutyImport], repeat: TheRepeat
) -> DutyPreview:
    """First without `apply`: nothing is written, every refused line says why. With it the other lines are taken in at once."""
    desk = desk_of(house)
    if data.apply:
        found = desk.apply(data.text, actor, whole=data.whole, key=repeat.key, digest=repeat.digest)
    else:
        found = desk.preview(data.text, whole=data.whole)
    order = ("refused", "changed", "ended", "new", "same")
    rows = sorted(found, key=lambda one: (order.index(one.change), one.line or 0))
    return DutyPreview(dict(Counter(one.change for one in found)), rows[:SHOWN], data.apply)


class _Wanted(msgspec.Struct, frozen=True):
    """Which rows are asked for."""

    q: str | None = None
    kind: str | None = None
    code: str | None = None
    place: str | None = None
    unit: int | None = None
    past: bool = False
    at: Instant = 0

    def fits(self, row: Responsibility) -> bool:
        return (
            (self.past or (row.since <= self.at and (row.until is None or self.at < row.until)))
            and (not self.kind or row.kind in (self.kind, "*"))
            and (not self.code or self.code.startswith(row.code))
            and (not self.place or row.area == self.place)
            and (self.unit is None or row.organisation == self.unit)
        )


def _says(row: DutyRow, q: str | None) -> bool:
    if not q or not q.strip():
        return True
    unit = row.organisation.label if row.organisation else Label("")
    texts = (
        row.code,
        row.category.zh,
        row.category.en,
        row.place,
        row.place_name.zh,
        unit.zh,
        unit.en,
        row.basis,
    )
    return any(q.strip().casefold() in text.casefold() for text in texts)


def _shapes(house: House, reader: Reader, rows: list[Responsibility]) -> list[DutyRow]:
    cases = reader.many(Case, [one.case for one in rows if one.case is not None])
    return [_shape(house, one, cases) for one in rows]


def _shape(house: House, row: Responsibility, cases: dict[int, Any]) -> DutyRow:
    directory = house.directory
    place = directory.place_codes.get(row.area)
    case = cases.get(row.case) if row.case is not None else None
    return DutyRow(
        id=row.id,
        kind=row.kind,
        code=row.code,
        category=_category(house, row),
        place=row.area,
        place_name=directory.place_name(place) if place else Label("全市", "the whole city"),
        organisation=organisation(directory, row.organisation),
        organisation_code=directory.unit_code(row.organisation),
        basis=row.basis,
        since=time_of(row.since) or "",
        until=time_of(row.until),
        case=Named(case.id, Label(case.number, case.number)) if case else None,
    )


def _category(house: House, row: Responsibility) -> Label:
    """The class's name; of a prefix, of how many classes."""
    rulebook = house.rulebook
    exact = rulebook.category_names.get(Category(row.kind, row.code))  # type: ignore[arg-type]
    if exact is not None:
        return exact
    some = [
        one
        for key, one in rulebook.categories.items()
        if key.code.startswith(row.code) and row.kind in (key.kind, "*")
    ]
    majors = {one.major for one in some}
    major = majors.pop() if len(majors) == 1 else Label("")
    zh, en = (f"{text} · " if text else "" for text in (major.zh, major.text("en")))
    return Label(f"{zh}共 {len(some)} 个小类", f"{en}{len(some)} classes")


router = Router(
    "/",
    route_handlers=[
        list_responsibilities,
        export_responsibilities,
        responsibility_history,
        import_responsibilities,
    ],
    tags=["responsibilities"],
)
