"""Spatial filters: the box index finds candidates, shapely takes the exact step on those that need it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import shapely

from hutong.kernel.errors import Invalid
from hutong.store.layout import Noun
from hutong.store.piece import FALSE, Piece, joined
from hutong.store.sql import one_of
from hutong.store.transaction import Tx

Box = tuple[float, float, float, float]
MOST_EXACT = 200_000
"""Rows whose geometry one filter may look at exactly."""


class Ground(msgspec.Struct, frozen=True):
    """Rows with a geometry: `source` under `alias`; `only` narrows the rows that the exact step reads (versions at a
    moment)."""

    tx: Tx
    noun: Noun
    alias: str
    source: str
    only: Piece

    @property
    def geometry(self) -> str:
        if self.noun.geometry is None:
            raise Invalid("box", f"{self.noun.name} has no geometry")
        return f'{self.alias}."{self.noun.geometry}"'


def geometry_of(value: Any) -> Any:
    """A shapely geometry from WKB, WKT (`geography'…'` taken off by the parser) or a shapely one."""
    try:
        if isinstance(value, bytes):
            return shapely.from_wkb(value)
        if isinstance(value, str):
            return shapely.from_wkt(value)
    except shapely.errors.GEOSException as error:
        raise Invalid("filter", f"is not a geometry: {error}", "give WKT or WKB") from None
    raise Invalid("filter", "needs a geometry", "give WKT or WKB")


def within_box(ground: Ground, box: Box) -> Piece:
    """Rows whose geometry meets the box. Rows whose own box lies inside it need no exact step."""
    west, south, east, north = box
    if not (west <= east and south <= north):
        raise Invalid("box", "west must not exceed east, nor south north", "give west, south, east, north")
    a = ground.alias
    inside = f"NOT ({a}.west >= ? AND {a}.east <= ? AND {a}.south >= ? AND {a}.north <= ?)"
    unsure = Piece(inside, (west, east, south, north))
    window = shapely.box(west, south, east, north)
    return _exact(ground, box, lambda shapes: shapely.intersects(shapes, window), unsure)


def related(ground: Ground, relation: str, geometry: Any) -> Piece:
    """Rows whose geometry is `within`, `intersects`, `contains`, `touches`, … the given one."""
    test = getattr(shapely, relation)
    if geometry.is_empty:
        return FALSE
    shapely.prepare(geometry)
    return _exact(ground, geometry.bounds, lambda shapes: test(shapes, geometry))


def disjoint(ground: Ground, geometry: Any) -> Piece:
    """Rows that have a geometry, which has no point in common with the given one."""
    meeting = related(ground, "intersects", geometry)
    return Piece(f"{ground.geometry} IS NOT NULL AND NOT COALESCE(({meeting.sql}), 1 = 0)", meeting.values)


def relating(ground: Ground, geometry: Any, pattern: str) -> Piece:
    """Rows whose DE-9IM relation to the geometry matches the pattern (`T*F**F***`)."""
    if len(pattern) != 9 or not set(pattern.upper()) <= set("TF012*"):
        raise Invalid("st_relate", f"{pattern!r} is no DE-9IM pattern", "give nine of T F 0 1 2 *")

    def test(shapes: Any) -> Any:
        return shapely.relate_pattern(shapes, geometry, pattern.upper())

    meets = any(pattern[place].upper() in "T012" for place in (0, 1, 3, 4))
    if geometry.is_empty:
        return FALSE
    return _exact(ground, geometry.bounds, test) if meets else _every(ground, test, Piece("1 = 1"))


def at_distance(ground: Ground, geometry: Any, reach: float, *, inclusive: bool) -> Piece:
    """Rows nearer to the geometry than `reach` (in units of the coordinates: degrees), or as near."""
    if geometry.is_empty or not reach >= 0:
        return FALSE

    def test(shapes: Any) -> Any:
        distance = shapely.distance(shapes, geometry)
        return distance <= reach if inclusive else distance < reach

    west, south, east, north = geometry.bounds
    return _exact(ground, (west - reach, south - reach, east + reach, north + reach), test)


def of_length(ground: Ground, compare: Callable[[Any, float], Any], length: float) -> Piece:
    """Rows whose geometry's length (in degrees; 0 of a point, the outline of an area) compares so with `length`."""
    a = ground.alias
    extended = Piece(f"({a}.west < {a}.east OR {a}.south < {a}.north)")
    lines = _every(ground, lambda shapes: compare(shapely.length(shapes), length), extended)
    if not bool(compare(0.0, length)):
        return lines
    return joined([Piece(f"{a}.west = {a}.east AND {a}.south = {a}.north"), lines], "OR")


def _exact(
    ground: Ground, box: tuple[float, ...], test: Callable[[Any], Any], unsure: Piece | None = None
) -> Piece:
    """Rows near the box, without those that the test refuses."""
    near = _boxes_meet(ground, box)
    ids, shapes = _shapes(ground, near, *([unsure] if unsure else []))
    if not len(ids):
        return near
    misses = ids[~np.asarray(test(shapes), bool)]
    if not len(misses):
        return near
    matched, value = one_of(ground.tx.dialect, f"{ground.alias}.id", misses.tolist())
    return joined([near, Piece(f"NOT ({matched})", (value,))], "AND")


def _every(ground: Ground, test: Callable[[Any], Any], among: Piece) -> Piece:
    """Rows for which the test holds, where no box can narrow it."""
    ids, shapes = _shapes(ground, Piece(f"{ground.geometry} IS NOT NULL"), among)
    hits = ids[np.asarray(test(shapes), bool)] if len(ids) else ids
    if not len(hits):
        return FALSE
    matched, value = one_of(ground.tx.dialect, f"{ground.alias}.id", hits.tolist())
    return Piece(matched, (value,))


def _shapes(ground: Ground, *conditions: Piece) -> tuple[Any, Any]:
    """Ids and geometries of rows; Invalid if they are too many."""
    condition = joined([ground.only, *conditions], "AND")
    sql = f"SELECT {ground.alias}.id, {ground.geometry} FROM {ground.source} {ground.alias} WHERE {condition.sql} LIMIT ?"
    rows = ground.tx.rows(sql, (*condition.values, MOST_EXACT + 1))
    if len(rows) > MOST_EXACT:
        raise Invalid(
            "filter", f"looks at more than {MOST_EXACT} geometries of {ground.noun.name}", "narrow the area"
        )
    ids = np.array([row[0] for row in rows], np.int64)
    return ids, shapely.from_wkb(np.array([row[1] for row in rows], dtype=object))


def _boxes_meet(ground: Ground, box: tuple[float, ...]) -> Piece:
    west, south, east, north = box
    a, noun = ground.alias, ground.noun
    meet = f"{a}.west <= ? AND {a}.east >= ? AND {a}.south <= ? AND {a}.north >= ?"
    plain = Piece(meet, (east, west, north, south))
    if noun.geometry is None:
        raise Invalid("box", f"{noun.name} has no geometry")
    if ground.source != noun.table:
        return plain
    if ground.tx.dialect == "sqlite":
        found = (
            f'SELECT id FROM "{noun.name}_box" WHERE west <= ? AND east >= ? AND south <= ? AND north >= ?'
        )
        return joined([plain, Piece(f"{a}.id IN ({found})", (east, west, north, south))], "AND")
    indexed = f"box(point({a}.west, {a}.south), point({a}.east, {a}.north)) && box(point(?, ?), point(?, ?))"
    return joined([plain, Piece(indexed, (west, south, east, north))], "AND")
