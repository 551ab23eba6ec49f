"""GET /field: what a phone in the street needs, in one call: whose turn it is near here, and what may be reported."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec
from litestar import Router, get
from litestar.params import FromQuery

from hutong.api.access import CASE, access, cases_predicate, in_general
from hutong.api.case_offers import OfferShape, offer_shapes
from hutong.api.case_rows import CaseRow, case_rows
from hutong.api.cases import my_turn
from hutong.api.file_rows import FileRow, file_rows
from hutong.api.house import House
from hutong.api.requests import TheActor, TheHouse
from hutong.api.shapes import Position, point, time_of
from hutong.engine.flow.cases import files_of
from hutong.kernel.access import Actor, decide
from hutong.kernel.case import Case, Category
from hutong.kernel.ports import Reader
from hutong.kernel.query import IsNull, Order, both, field

LOOKED_AT = 200
SHOWN = 60
EARTH = 6_371_008.8
"""Mean radius in metres."""


class FieldTask(msgspec.Struct, frozen=True):
    """A case that waits for the asker. `distance` in metres from where he is; `offers` are the actions that are his, and
    `files` the photos whose angle a new one repeats; `household`: whom it is to visit, if anybody."""

    case: CaseRow
    text: str
    distance: float | None
    offers: list[OfferShape]
    files: list[FileRow]
    household: int | None


class FieldAnswer(msgspec.Struct, frozen=True):
    """`opens`: procedures of which the asker may open cases; `shortcuts`: categories (`matter:06010`) shown as buttons;
    `source`: the 案卷来源 of what he reports; `visits`: whether he visits households; `more`: tasks not told here."""

    city_time: str | None
    tasks: list[FieldTask]
    more: bool
    opens: list[str]
    shortcuts: list[str]
    source: str
    visits: bool


@get("/field", guards=[access("read", CASE)], sync_to_thread=True, summary="What waits for one in the street")
def near_me(
    house: TheHouse, actor: TheActor, lon: FromQuery[float | None] = None, lat: FromQuery[float | None] = None
) -> FieldAnswer:
    """The nearest first where the position is given, else by what runs out first. The position is not kept."""
    here = (lon, lat) if lon is not None and lat is not None else None
    with house.store.reader() as reader:
        tasks, more = _tasks(house, reader, actor, here)
    opens = [name for name in house.rulebook.procedures if decide(actor, "open", name).allowed]
    visits = in_general(actor, "visit", "household", house.rulebook).allowed
    return FieldAnswer(
        city_time=time_of(house.now()),
        tasks=tasks,
        more=more,
        opens=opens,
        shortcuts=_shortcuts(house, opens),
        source="grid" if visits else _SOURCES.get(actor.side, "department"),
        visits=visits,
    )


_SOURCES = {"supervision": "collector", "leadership": "leader"}


def _tasks(house: House, reader: Reader, actor: Actor, here: Position | None) -> tuple[list[FieldTask], bool]:
    where = both(
        cases_predicate(actor, "read", house.rulebook), my_turn(house, reader, actor), IsNull(field("closed"))
    )
    page = reader.find(Case, where, order=(Order(("next_due",)),), limit=LOOKED_AT)
    away = {one.id: metres(here, point(one.position)) for one in page.rows}
    rows = list(page.rows)
    if here is not None:
        rows.sort(key=lambda one: math.inf if (far := away[one.id]) is None else far)
    shown = rows[:SHOWN]
    told = case_rows(house, reader, shown)
    tasks = [
        _task(house, reader, actor, (case, row), away[case.id]) for case, row in zip(shown, told, strict=True)
    ]
    return tasks, len(rows) > SHOWN or page.after is not None


def _task(
    house: House, reader: Reader, actor: Actor, both_of: tuple[Case, CaseRow], away: float | None
) -> FieldTask:
    case, row = both_of
    offers = [one for one in house.context.cases.offers(reader, case, actor) if one.mine]
    repeated = {id for offer in offers for need in offer.proof for id in need.same_angle_as}
    files = [one for one in files_of(reader, case.id) if one.id in repeated or one.stage == "report"]
    return FieldTask(
        case=row,
        text=case.text,
        distance=None if away is None else round(away),
        offers=offer_shapes(house, actor, offers),
        files=file_rows(house.directory, files),
        household=home if isinstance(home := case.facts.get("household"), int) else None,
    )


def _shortcuts(house: House, opens: Sequence[str]) -> list[str]:
    """Those that packs offer, of procedures the asker may open."""
    found = []
    for pack in house.rulebook.city.packs:
        for one in pack.shortcuts:
            key = Category(one.kind, one.code)  # type: ignore[arg-type]
            definition = house.rulebook.categories.get(key)
            if definition is not None and definition.procedure in opens:
                found.append(f"{one.kind}:{one.code}")
    return found


def metres(one: Position | None, other: Position | None) -> float | None:
    """Great-circle distance; None where one of them is not known."""
    if one is None or other is None:
        return None
    (west, south), (east, north) = ((math.radians(lon), math.radians(lat)) for lon, lat in (one, other))
    haversine = (
        math.sin((north - south) / 2) ** 2
        + math.cos(south) * math.cos(north) * math.sin((east - west) / 2) ** 2
    )
    return 2 * EARTH * math.asin(min(1.0, math.sqrt(haversine)))


router = Router("/", route_handlers=[near_me], tags=["field"])
