"""Where things stand: on their geometry, or, if their type moves, where they last were."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from hutong.api.house import House
from hutong.api.shapes import Position, point
from hutong.api.things_by_type import every
from hutong.engine.flow.whereabouts import positions
from hutong.kernel.ports import Reader
from hutong.kernel.query import In, both, field
from hutong.kernel.thing import Datastream, Thing


def standing(house: House, reader: Reader, things: Iterable[Thing]) -> dict[int, Position | None]:
    """Thing → where it stands now; None if nobody knows."""
    found: dict[int, Position | None] = {}
    moving: dict[tuple[str, str], list[int]] = {}
    for one in things:
        kind = house.rulebook.types.get(one.type)
        if kind is None or kind.position is None:
            found[one.id] = point(one.geometry)
        else:
            moving.setdefault(kind.position, []).append(one.id)
    for names, ids in moving.items():
        found |= _moving(reader, names, ids)
    return found


def _moving(reader: Reader, names: tuple[str, str], ids: list[int]) -> dict[int, Position | None]:
    where = both(In(field("thing"), tuple(ids)), In(field("property_code"), names))
    streams: dict[tuple[int, str], int] = {}
    for one in every(reader, Datastream, where):
        streams.setdefault((one.thing, one.property_code), one.id)
    longitude, latitude = (np.array([streams.get((id, name), 0) for id in ids], np.int64) for name in names)
    at = positions(reader, longitude, latitude).lonlat
    return {
        id: (round(lon, 7), round(lat, 7)) if np.isfinite(lon) else None
        for id, (lon, lat) in zip(ids, at.tolist(), strict=True)
    }
