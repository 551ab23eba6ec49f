"""Spatial filters: the box index finds candidates, shapely takes the exact step on those that need it."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from hutong.kernel.errors import Invalid
from hutong.store.layout import Noun
from hutong.store.piece import FALSE, Piece, joined
from hutong.store.sql import one_of
from hutong.store.transaction import Tx

Box = tuple[float, float, float, float]


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


def within_box(tx: Tx, noun: Noun, box: Box, alias: str, source: str) -> Piece:
    """Rows whose geometry meets the box. Rows whose own box lies inside it need no exact step."""
    west, south, east, north = box
    if not (west <= east and south <= north):
        raise Invalid("box", "west must not exceed east, nor south north", "give west, south, east, north")
    inside = f"NOT ({alias}.west >= ? AND {alias}.east <= ? AND {alias}.south >= ? AND {alias}.north <= ?)"
    unsure = Piece(inside, (west, east, south, north))
    return _exact(tx, noun, shapely.box(west, south, east, north), "intersects", alias, source, unsure)


def related(tx: Tx, noun: Noun, relation: str, geometry: Any, alias: str, source: str) -> Piece:
    """Rows whose geometry is `within`, `intersects`, `contains`, `touches`, … the given one."""
    if geometry.is_empty:
        return FALSE
    return _exact(tx, noun, geometry, relation, alias, source, Piece("1 = 1"))


def _exact(tx: Tx, noun: Noun, geometry: Any, relation: str, alias: str, source: str, unsure: Piece) -> Piece:
    if noun.geometry is None:
        raise Invalid("box", f"{noun.name} has no geometry")
    near = _boxes_meet(tx, noun, tuple(geometry.bounds), alias, source)
    sql = f'SELECT {alias}.id, {alias}."{noun.geometry}" FROM {source} {alias} WHERE {near.sql} AND {unsure.sql}'
    rows = tx.rows(sql, (*near.values, *unsure.values))
    if not rows:
        return near
    shapely.prepare(geometry)
    shapes = shapely.from_wkb(np.array([row[1] for row in rows], dtype=object))
    hits = getattr(shapely, relation)(shapes, geometry)
    misses = [row[0] for row, hit in zip(rows, hits, strict=True) if not hit]
    if not misses:
        return near
    matched, value = one_of(tx.dialect, f"{alias}.id", misses)
    return joined([near, Piece(f"NOT ({matched})", (value,))], "AND")


def _boxes_meet(tx: Tx, noun: Noun, box: tuple[float, ...], alias: str, source: str) -> Piece:
    west, south, east, north = box
    meet = f"{alias}.west <= ? AND {alias}.east >= ? AND {alias}.south <= ? AND {alias}.north >= ?"
    plain = Piece(meet, (east, west, north, south))
    if source != noun.table:
        return plain
    if tx.dialect == "sqlite":
        found = (
            f'SELECT id FROM "{noun.name}_box" WHERE west <= ? AND east >= ? AND south <= ? AND north >= ?'
        )
        return joined([plain, Piece(f"{alias}.id IN ({found})", (east, west, north, south))], "AND")
    indexed = (
        f"box(point({alias}.west, {alias}.south), point({alias}.east, {alias}.north)) "
        "&& box(point(?, ?), point(?, ?))"
    )
    return joined([plain, Piece(indexed, (west, south, east, north))], "AND")
