"""Bounding boxes of stored geometries (WKB)."""

from __future__ import annotations

import struct

import shapely

from hutong.kernel.errors import Invalid

Box = tuple[float | None, float | None, float | None, float | None]
_POINT = b"\x01\x01\x00\x00\x00"


def box_of(field: str, wkb: bytes | None) -> Box:
    """West, south, east, north; all None for no or an empty geometry."""
    if wkb is None:
        return (None, None, None, None)
    if len(wkb) == 21 and wkb.startswith(_POINT):
        x, y = struct.unpack_from("<dd", wkb, 5)
        return (x, y, x, y)
    try:
        geometry = shapely.from_wkb(wkb)
    except (shapely.errors.GEOSException, TypeError) as error:
        raise Invalid(field, f"is not WKB: {error}", "give well-known binary in EPSG:4326") from None
    if geometry.is_empty:
        return (None, None, None, None)
    west, south, east, north = geometry.bounds
    return (west, south, east, north)


def meets(wkb: bytes, box: tuple[float, float, float, float]) -> bool:
    """Does the geometry have a point in common with the box (west, south, east, north)?"""
    return bool(shapely.from_wkb(wkb).intersects(shapely.box(*box)))
