"""GET /census: components by class and grid, how complete their fields are, and the table they are exchanged in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec
from litestar import Response, Router, get
from litestar.params import FromQuery

from hutong.api.access import access
from hutong.api.csv_table import table
from hutong.api.house import House
from hutong.api.requests import TheHouse
from hutong.api.shapes import PlaceName, place_name, point
from hutong.api.things_by_type import every
from hutong.engine.census import LAT, LON, row_of
from hutong.engine.flow.census_desk import exchanged_type, standing
from hutong.kernel.base import Label
from hutong.kernel.case import Category
from hutong.kernel.definition.thing import ThingType
from hutong.kernel.query import equals
from hutong.kernel.thing import Thing

KEPT = 60.0
"""Seconds for which figures may be the same."""
SHOWN_GRIDS = 200


class ClassCount(msgspec.Struct, frozen=True):
    """A class, and how many stand."""

    code: str
    label: Label
    n: int


class GridCount(msgspec.Struct, frozen=True):
    """A unit grid, and how many stand in it."""

    place: PlaceName | None
    n: int


class FieldFilled(msgspec.Struct, frozen=True, kw_only=True):
    """A field of the table, and in how many rows it is filled."""

    column: str
    label: Label
    required: bool
    filled: int


class CensusFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What stands. `types`: those that have an exchange table."""

    type: str
    label: Label
    types: dict[str, Label]
    source: str
    n: int
    classes: list[ClassCount]
    grids: list[GridCount]
    fields: list[FieldFilled]


@get("/census", guards=[access("read", "thing")], sync_to_thread=True, summary="Figures of the census")
def census_figures(house: TheHouse, type: FromQuery[str] = "") -> CensusFigures:
    """Counted from the things themselves, at most a minute ago."""
    kind = exchanged_type(house.rulebook, type)
    return house.cached(("census", kind.name), KEPT, lambda: _figures(house, kind))


@get(
    "/census/export.csv",
    guards=[access("read", "thing")],
    sync_to_thread=True,
    media_type="text/csv",
    summary="The census as CSV",
)
def export_census(house: TheHouse, type: FromQuery[str] = "") -> Response[bytes]:
    """The table as it is taken in: the fields in their order, then X and Y (CGCS2000)."""
    kind = exchanged_type(house.rulebook, type)
    assert kind.exchange is not None
    head = [one.column for one in kind.exchange.fields]
    body = table([*head, LON, LAT], _rows(house, kind))
    headers = {"Content-Disposition": 'attachment; filename="components.csv"'}
    return Response(body, media_type="text/csv; charset=utf-8", headers=headers)


def _rows(house: House, kind: ThingType) -> Iterator[list[str]]:
    assert kind.exchange is not None
    directory = house.directory
    with house.store.reader() as reader:
        for one in every(reader, Thing, equals("type", kind.name), 1_000_000):
            grid = directory.places.get(one.place or 0)
            values = {
                **one.properties,
                "code": one.code,
                "name": one.name.zh,
                "grid": grid.code if grid else "",
                "position": point(one.geometry),
            }
            yield row_of(values, kind.exchange)


def _figures(house: House, kind: ThingType) -> CensusFigures:
    assert kind.exchange is not None
    with house.store.reader() as reader:
        found = standing(reader, kind.name)
    filled: Counter[str] = Counter()
    for text in found["properties"]:
        properties: dict[str, Any] = msgspec.json.decode(text)
        filled.update(name for name, value in properties.items() if value not in (None, ""))
    filled["code"] = sum(map(bool, found["code"]))
    filled["name"] = sum(map(bool, found["name"]))
    filled["grid"] = sum(one is not None for one in found["place"])
    types = {one.name: one.label for one in house.rulebook.types.values() if one.exchange is not None}
    return CensusFigures(
        type=kind.name,
        label=kind.label,
        types=types,
        source=kind.exchange.source,
        n=len(found["id"]),
        classes=_classes(house, Counter(found["component_class"])),
        grids=[
            GridCount(place_name(house.directory, place), n)
            for place, n in Counter(found["place"]).most_common(SHOWN_GRIDS)
        ],
        fields=[
            FieldFilled(column=one.column, label=one.label, required=one.required, filled=filled[one.into])
            for one in kind.exchange.fields
        ],
    )


def _classes(house: House, counts: Counter[str | None]) -> list[ClassCount]:
    names = house.rulebook.category_names
    return [
        ClassCount(code or "", names.get(Category("component", code or ""), Label(code or "—")), n)
        for code, n in sorted(counts.items(), key=lambda pair: pair[0] or "")
    ]


router = Router("/", route_handlers=[census_figures, export_census], tags=["census"])
