"""What is reported already near a point: offered before a second case of the same is made."""

from __future__ import annotations

from math import cos, hypot, radians

import msgspec
import shapely

from hutong.api.house import House
from hutong.api.public.matters import category_named, listed, service_of, settings
from hutong.api.public.taking import called
from hutong.api.shapes import time_of, wkb_of
from hutong.engine.flow.neighbours import counted
from hutong.kernel.base import Label
from hutong.kernel.case import Case
from hutong.kernel.query import IsNull, Within, both, equals, field

DEGREE = 111_320.0
"""Metres of a degree of latitude; enough for some hundred metres."""
SHOWN = 5
LOOKED_AT = 200


class NearReport(msgspec.Struct, frozen=True, kw_only=True):
    """An open report close by."""

    number: str
    service: str
    label: Label
    state: Label
    opened: str | None
    metres: int
    neighbours: int


class Near(msgspec.Struct, frozen=True):
    """Whether a point lies in the city, what the place is called, and what is reported there."""

    inside: bool
    place: Label | None
    rows: list[NearReport]


def near(house: House, lon: float, lat: float, service: str | None) -> Near:
    """Open reports of the matter within the city's distance, nearest first."""
    wkb_of((lon, lat), "lon")
    grid = house.directory.locate(lon, lat)
    if grid is None:
        return Near(False, None, [])
    name = house.directory.place_name(called(house, grid))
    if service is None:
        return Near(True, name, [])
    category = category_named(house, service, "service")
    reach = settings(house).near_metres
    high = reach / DEGREE
    wide = high / max(0.01, cos(radians(lat)))
    where = both(
        Within((lon - wide, lat - high, lon + wide, lat + high)),
        equals("category/kind", category.kind),
        equals("category/code", category.code),
        IsNull(field("closed")),
        equals("confidential", False),
    )
    with house.store.reader() as reader:
        found = [
            (metres, case)
            for case in reader.find(Case, where, limit=LOOKED_AT).rows
            if (metres := _metres(case, lon, lat)) <= reach and service_of(case.category) in listed(house)
        ]
        found.sort(key=lambda pair: (pair[0], pair[1].id))
        rows = [
            NearReport(
                number=case.number,
                service=service_of(case.category),
                label=house.rulebook.category_names[case.category],
                state=house.rulebook.procedure(case).states[case.state].label,
                opened=time_of(case.opened),
                metres=round(metres),
                neighbours=counted(reader, case),
            )
            for metres, case in found[:SHOWN]
        ]
    return Near(True, name, rows)


def _metres(case: Case, lon: float, lat: float) -> float:
    if case.position is None:
        return float("inf")
    at = shapely.from_wkb(case.position)
    return hypot((at.x - lon) * DEGREE * cos(radians(lat)), (at.y - lat) * DEGREE)
