"""GET /things: the objects of the city, and one with its properties, links, streams, open warnings and cases."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import numpy as np
from litestar import Response, Router, get
from litestar.params import FromQuery

from hutong.api.access import access, cases_predicate, readable
from hutong.api.case_rows import CaseRow, case_rows
from hutong.api.house import House
from hutong.api.layers import open_warnings
from hutong.api.linked import LinkedThing, linked_from
from hutong.api.masked import Shown, receipt
from hutong.api.requests import Limit, QueryId, RowId, TheActor, TheHouse, etag
from hutong.api.shapes import PlaceName, Position, box_of, finite, place_name, point, time_of
from hutong.api.warning_rows import WarningRow, warning_rows
from hutong.api.whereabouts import standing
from hutong.engine.directory import Directory
from hutong.kernel.access import Actor, Decision, predicate
from hutong.kernel.base import DataClass, Label, Provenance
from hutong.kernel.case import Case, Warning
from hutong.kernel.geometry import to_geojson
from hutong.kernel.ports import Reader
from hutong.kernel.query import (
    Call,
    Expr,
    Field,
    InScope,
    IsNull,
    Matches,
    Or,
    Value,
    Within,
    both,
    equals,
    field,
)
from hutong.kernel.thing import Datastream, Thing

MOST = 500


class ThingRow(msgspec.Struct, frozen=True, kw_only=True):
    """A thing in lists."""

    id: int
    version: int
    type: str
    code: str
    name: Label
    position: Position | None
    place: PlaceName | None
    component_class: str | None
    provenance: Provenance


class ThingList(msgspec.Struct, frozen=True):
    rows: list[ThingRow]
    after: str | None


class LatestShape(msgspec.Struct, frozen=True):
    time: str
    number: float | None


class StreamShape(msgspec.Struct, frozen=True, kw_only=True):
    """A datastream with its newest observation."""

    id: int
    name: str
    property: str
    label: Label | None
    unit: str
    low: float | None
    high: float | None
    interval: float | None
    latest: LatestShape | None


class ThingPage(ThingRow, frozen=True, kw_only=True):
    """A thing with all that belongs to it. Properties above the reader's data class are masked as `***`. `linked_from`:
    `type/role` → the things that name it in that role."""

    properties: dict[str, Any]
    links: dict[str, list[LinkedThing]]
    linked_from: dict[str, list[LinkedThing]]
    geometry: dict[str, Any] | None
    streams: list[StreamShape]
    warnings: list[WarningRow]
    cases: list[CaseRow]
    versions: int


def thing_rows(house: House, reader: Reader, things: Sequence[Thing]) -> list[ThingRow]:
    """Rows of lists; things that move stand where they last were."""
    where = standing(house, reader, things)
    return [ThingRow(**_row_fields(house.directory, one, where[one.id])) for one in things]


def _row_fields(directory: Directory, thing: Thing, position: Position | None) -> dict[str, Any]:
    return {
        "id": thing.id,
        "version": thing.version,
        "type": thing.type,
        "code": thing.code,
        "name": thing.name,
        "position": position,
        "place": place_name(directory, thing.place),
        "component_class": thing.component_class,
        "provenance": thing.provenance,
    }


def words(text: str | None) -> Expr | None:
    """What a search box holds, as a filter on names and codes."""
    if text is None or not text.strip():
        return None
    given = text.strip()
    code = Call("startswith", (Field(("code",)), Value(given)))
    return Or((Matches(given), code))


@get("/things", guards=[access("read", "thing")], sync_to_thread=True, summary="Things of the city")
def list_things(
    house: TheHouse,
    actor: TheActor,
    type: FromQuery[str | None] = None,
    q: FromQuery[str | None] = None,
    bbox: FromQuery[str | None] = None,
    place: QueryId = None,
    component_class: FromQuery[str | None] = None,
    after: FromQuery[str | None] = None,
    limit: Limit = 50,
) -> ThingList:
    """`type` is qualified (`drainage.manhole`), `q` words of name or code, `place` a place or a wider one."""
    box = box_of(bbox)
    where = both(
        predicate(actor, "read", "thing"),
        equals("type", type) if type else None,
        equals("component_class", component_class) if component_class else None,
        words(q),
        Within(box) if box else None,
        InScope((place,)) if place is not None else None,
    )
    with house.store.reader() as reader:
        page = reader.find(Thing, where, limit=min(limit, MOST), after=after)
        return ThingList(thing_rows(house, reader, page.rows), page.after)


@get("/things/{id:int}", guards=[access("read", "thing")], sync_to_thread=True, summary="One thing")
def one_thing(house: TheHouse, actor: TheActor, id: RowId) -> Response[ThingPage]:
    """The thing with its streams and their newest values, open warnings and open cases."""
    directory = house.directory
    with house.store.reader() as reader:
        thing = reader.get(Thing, id)
        decision = readable(actor, "thing", directory.scope(thing.place, thing.owner), id)
        shown = _personal(house, thing, decision)
        page = ThingPage(
            **_row_fields(directory, thing, standing(house, reader, [thing])[id]),
            properties=_properties(house, thing, decision),
            links=_links(reader, thing),
            linked_from=linked_from(house, actor, thing),
            geometry=to_geojson(thing.geometry) if thing.geometry else None,
            streams=streams_of(house, reader, [id]),
            warnings=_warnings(house, reader, actor, id),
            cases=_cases(house, reader, actor, id),
            versions=thing.version,
        )
    receipt(house, actor, shown, f"thing/{id}")
    return Response(page, headers={"ETag": etag(thing.version)})


def _classes(house: House, thing: Thing) -> dict[str, DataClass]:
    """The data class of each property of a thing that its type declares; others are facts of the city."""
    kind = house.rulebook.types.get(thing.type)
    declared = {one.name: one.data_class for one in kind.properties} if kind else {}
    return {name: declared.get(name, DataClass.INTERNAL) for name in thing.properties}


def _properties(house: House, thing: Thing, decision: Decision) -> dict[str, Any]:
    classes = _classes(house, thing)
    return {
        name: value if classes[name] <= decision.data_class else "***"
        for name, value in thing.properties.items()
    }


def _personal(house: House, thing: Thing, decision: Decision) -> list[Shown]:
    """The sensitive properties this answer shows."""
    classes = _classes(house, thing)
    fields = tuple(name for name, one in classes.items() if DataClass.SENSITIVE <= one <= decision.data_class)
    return [Shown((thing.owner,) if thing.owner else (), fields)] if fields else []


def _links(reader: Reader, thing: Thing) -> dict[str, list[LinkedThing]]:
    named = reader.many(Thing, [id for ids in thing.links.values() for id in ids])
    return {
        role: [
            LinkedThing(one.id, one.name, one.type, point(one.geometry))
            for id in ids
            if (one := named.get(id))
        ]
        for role, ids in thing.links.items()
    }


def streams_of(house: House, reader: Reader, things: Iterable[int]) -> list[StreamShape]:
    """The datastreams of things with their newest observations."""
    found: list[Datastream] = []
    for thing in things:
        found.extend(reader.find(Datastream, equals("thing", thing), limit=200).rows)
    if not found:
        return []
    latest = reader.latest(np.array([one.id for one in found], np.int64))
    newest = {
        int(stream): LatestShape(time_of(int(at)) or "", finite(float(number)))
        for stream, at, number in zip(latest.stream, latest.time, latest.number, strict=True)
    }
    return [_stream(house, one, newest.get(one.id)) for one in found]


def _stream(house: House, stream: Datastream, latest: LatestShape | None) -> StreamShape:
    definition = house.rulebook.properties.get(stream.property_code)
    return StreamShape(
        id=stream.id,
        name=stream.name,
        property=stream.property_code,
        label=definition.label if definition else None,
        unit=stream.unit,
        low=stream.low,
        high=stream.high,
        interval=stream.interval / 1_000_000 if stream.interval else None,
        latest=latest,
    )


def _warnings(house: House, reader: Reader, actor: Actor, thing: int) -> list[WarningRow]:
    where = both(predicate(actor, "read", "warning"), equals("thing", thing), open_warnings())
    return warning_rows(house, reader, reader.find(Warning, where, limit=50).rows)


def _cases(house: House, reader: Reader, actor: Actor, thing: int) -> list[CaseRow]:
    allowed = cases_predicate(actor, "read", house.rulebook)
    where = both(allowed, equals("thing", thing), IsNull(field("closed")))
    return case_rows(house, reader, reader.find(Case, where, limit=50).rows)


router = Router("/", route_handlers=[list_things, one_thing], tags=["things"])
