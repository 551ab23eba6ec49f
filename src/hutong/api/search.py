"""GET /search, /organisations, /places: finding by words, and the lists that forms choose from."""

from __future__ import annotations

import msgspec
from litestar import Router, get
from litestar.params import FromQuery

from hutong.api.access import access, cases_predicate, signed_in
from hutong.api.case_rows import CaseRow, case_rows
from hutong.api.cases import Filter
from hutong.api.house import House
from hutong.api.requests import Limit, QueryId, TheActor, TheHouse
from hutong.api.shapes import PlaceName, Position, point
from hutong.api.things import ThingRow, thing_rows, words
from hutong.api.warning_rows import WarningRow, warning_rows
from hutong.api.warnings import NEWEST, title_words
from hutong.kernel.access import Actor, decide, predicate
from hutong.kernel.base import Label
from hutong.kernel.case import Case, Warning
from hutong.kernel.place import Place
from hutong.kernel.ports import Reader
from hutong.kernel.query import Expr, Order, both, equals
from hutong.kernel.thing import Thing

FIRST = 8
MOST = 1000


class PlaceRow(msgspec.Struct, frozen=True):
    """A place. `trail`: the wider places, nearest first."""

    id: int
    tree: str
    code: str
    name: Label
    position: Position | None
    trail: list[PlaceName]


class PlaceList(msgspec.Struct, frozen=True):
    rows: list[PlaceRow]
    after: str | None


class OrganisationRow(msgspec.Struct, frozen=True):
    """An organisation or post; `side` is its side of 监管分离."""

    id: int
    code: str
    label: Label
    side: str
    parent: int | None


class OrganisationList(msgspec.Struct, frozen=True):
    rows: list[OrganisationRow]
    after: str | None


class Found(msgspec.Struct, frozen=True):
    """The first few of each kind."""

    things: list[ThingRow]
    cases: list[CaseRow]
    places: list[PlaceRow]
    warnings: list[WarningRow]


def place_row(house: House, place: Place) -> PlaceRow:
    directory = house.directory
    wider = [directory.places[id] for id in directory.ancestors(place.id)[1:] if id in directory.places]
    trail = [PlaceName(one.id, one.code, one.name) for one in wider]
    return PlaceRow(place.id, place.tree, place.code, place.name, point(place.geometry), trail)


@get("/search", guards=[signed_in()], sync_to_thread=True, summary="Search everything")
def search(house: TheHouse, actor: TheActor, q: FromQuery[str]) -> Found:
    """Words or the beginning of a code or number; up to eight of each kind that the asker may read."""
    if not q.strip():
        return Found([], [], [], [])
    cases = both(cases_predicate(actor, "read", house.rulebook), Filter(q=q).words())
    with house.store.reader() as reader:
        things = _first(reader, Thing, actor, "thing", words(q))
        places = _first(reader, Place, actor, "place", words(q))
        warnings = _first(reader, Warning, actor, "warning", title_words(q))
        found = reader.find(Case, cases, order=(Order(("opened",), True),), limit=FIRST).rows
        return Found(
            thing_rows(house, reader, things),
            case_rows(house, reader, found),
            [place_row(house, one) for one in places],
            warning_rows(house, reader, warnings),
        )


def _first(reader: Reader, kind: type, actor: Actor, noun: str, where: Expr | None) -> tuple:  # type: ignore[type-arg]
    if not decide(actor, "read", noun).allowed:
        return ()
    order = NEWEST if kind is Warning else ()
    return reader.find(kind, both(predicate(actor, "read", noun), where), order=order, limit=FIRST).rows


@get("/organisations", guards=[signed_in()], sync_to_thread=True, summary="Organisations")
def organisations(house: TheHouse) -> OrganisationList:
    """All organisations and posts; their names are public."""
    rows = [
        OrganisationRow(one.id, one.code, one.label or Label(one.code), one.side, one.parent)
        for one in house.directory.organisations.values()
        if one.retired is None
    ]
    return OrganisationList(rows, None)


@get("/places", guards=[access("read", "place")], sync_to_thread=True, summary="Places")
def places(
    house: TheHouse,
    actor: TheActor,
    tree: FromQuery[str | None] = None,
    q: FromQuery[str | None] = None,
    parent: QueryId = None,
    after: FromQuery[str | None] = None,
    limit: Limit = 50,
) -> PlaceList:
    """`tree`: division, community, unit_grid, duty_grid or zone."""
    where = both(
        predicate(actor, "read", "place"),
        equals("tree", tree) if tree else None,
        equals("parent", parent) if parent is not None else None,
        words(q),
    )
    with house.store.reader() as reader:
        page = reader.find(Place, where, limit=min(limit, MOST), after=after)
    return PlaceList([place_row(house, one) for one in page.rows], page.after)


router = Router("/", route_handlers=[search, organisations, places], tags=["search"])
