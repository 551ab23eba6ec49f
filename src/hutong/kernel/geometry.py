"""Geometry as the platform keeps it: WKB, longitude before latitude, EPSG:4490/4326; measures in metres.

Lengths, areas and distances are geodesic, on the GRS80 ellipsoid of CGCS2000. Buffers and whatever else
needs a plane use `LocalMetres`, an azimuthal equidistant plane around a centre: distances from the centre
are true, others are wrong by less than 1 in 10 000 within 100 km.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, cast

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from pyproj import Geod, Transformer
from shapely import Geometry
from shapely.errors import GEOSException

from hutong.kernel.errors import Invalid

FloatArray = NDArray[np.float64]
BBox = tuple[float, float, float, float]
"""West, south, east, north in degrees."""

_GEOD = Geod(ellps="GRS80")
_POLYGONAL = ("Polygon", "MultiPolygon")


def from_wkb(wkb: bytes, field: str = "geometry") -> Geometry:
    """The shapely geometry of WKB."""
    try:
        return shapely.from_wkb(wkb)
    except (GEOSException, TypeError) as error:
        raise Invalid(field, f"this is not WKB: {error}", "send well-known binary, longitude first") from None


def to_wkb(geometry: Geometry) -> bytes:
    """Little-endian WKB; heights are kept where there are any."""
    return cast(bytes, shapely.to_wkb(geometry, byte_order=1))


def bbox(wkb: bytes) -> BBox:
    """Bounds of one geometry."""
    west, south, east, north = from_wkb(wkb).bounds
    return west, south, east, north


def bboxes(wkbs: Sequence[bytes]) -> FloatArray:
    """Bounds of many geometries, shape (n, 4)."""
    bounds = shapely.bounds(shapely.from_wkb(np.asarray(wkbs, dtype=object)))
    return np.asarray(bounds, np.float64).reshape(-1, 4)


def from_geojson(source: Mapping[str, Any] | str | bytes, field: str = "geometry") -> bytes:
    """WKB of a GeoJSON geometry; refused if it is empty, crosses itself or lies outside the world.

    Rings are turned as RFC 7946 has them, the outer counter-clockwise.
    """
    text = json.dumps(source) if isinstance(source, Mapping) else source
    try:
        geometry = shapely.from_geojson(text)
    except (GEOSException, TypeError, UnicodeDecodeError) as error:
        raise Invalid(
            field, f"this is not a GeoJSON geometry: {error}", "send type and coordinates"
        ) from None
    return to_wkb(shapely.orient_polygons(checked(geometry, field)))


def to_geojson(wkb: bytes, digits: int = 7) -> dict[str, Any]:
    """GeoJSON geometry, coordinates rounded to `digits` decimals (7 is a centimetre)."""
    geometry = shapely.transform(from_wkb(wkb), lambda points: np.round(points, digits), include_z=None)
    return cast(dict[str, Any], json.loads(shapely.to_geojson(geometry)))


def checked(geometry: Geometry, field: str = "geometry") -> Geometry:
    """The geometry itself, if it can be kept: not empty, valid, within ±180° and ±90°."""
    if geometry is None or geometry.is_empty:
        raise Invalid(field, "the geometry is empty", "give at least one position")
    west, south, east, north = geometry.bounds
    if not (west >= -180 and east <= 180 and south >= -90 and north <= 90):
        raise Invalid(
            field,
            f"the geometry reaches from {west}, {south} to {east}, {north}",
            "give degrees, longitude first; metres must be converted before",
        )
    if not geometry.is_valid:
        raise Invalid(
            field, f"the geometry is not valid: {shapely.is_valid_reason(geometry)}", "mend it there"
        )
    return geometry


def length_m(wkb: bytes) -> float:
    """Geodesic length of lines in metres; of areas, the perimeter."""
    geometry = from_wkb(wkb)
    return float(_GEOD.geometry_length(geometry))


def area_m2(wkb: bytes) -> float:
    """Geodesic area in m²; 0 for points and lines."""
    area, _perimeter = _GEOD.geometry_area_perimeter(shapely.orient_polygons(from_wkb(wkb)))
    return float(area)


def grid_area_m2(wkb: bytes, field: str = "geometry") -> float:
    """Area of a grid in m² (a 万米单元网格 has about 10 000); refused if the geometry is no area."""
    kind = from_wkb(wkb, field).geom_type
    if kind not in _POLYGONAL:
        raise Invalid(field, f"a grid is an area, this is a {kind}", "give a Polygon")
    return area_m2(wkb)


def distance_m(lon: ArrayLike, lat: ArrayLike, other_lon: ArrayLike, other_lat: ArrayLike) -> FloatArray:
    """Geodesic distances between points in metres; arrays of one shape, or a point against many."""
    start_lon, start_lat, end_lon, end_lat = np.broadcast_arrays(lon, lat, other_lon, other_lat)
    _azimuth, _back, distance = _GEOD.inv(start_lon, start_lat, end_lon, end_lat)
    return np.asarray(distance, np.float64)


def buffer_m(wkb: bytes, metres: float) -> bytes:
    """The area within so many metres, as WKB; a negative distance shrinks an area, perhaps to nothing."""
    geometry = from_wkb(wkb)
    plane = local_metres(*_centre(geometry))
    return to_wkb(plane.to_degrees(plane.to_metres(geometry).buffer(metres)))


class LocalMetres:
    """A plane in metres around a centre: x to the east, y to the north, (0, 0) at the centre."""

    def __init__(self, lon: float, lat: float) -> None:
        plane = f"+proj=aeqd +lat_0={lat} +lon_0={lon} +ellps=GRS80 +units=m +no_defs"
        self._transformer = Transformer.from_crs(4490, plane, always_xy=True)

    def to_metres(self, geometry: Geometry) -> Geometry:
        """The geometry on the plane."""
        return shapely.transform(geometry, lambda points: np.column_stack(self.xy(*points.T)))

    def to_degrees(self, geometry: Geometry) -> Geometry:
        """The geometry back in longitude and latitude."""
        return shapely.transform(geometry, lambda points: np.column_stack(self.lon_lat(*points.T)))

    def xy(self, lon: ArrayLike, lat: ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Metres east and north of the centre."""
        x, y = self._transformer.transform(np.asarray(lon, np.float64), np.asarray(lat, np.float64))
        return np.asarray(x, np.float64), np.asarray(y, np.float64)

    def lon_lat(self, x: ArrayLike, y: ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Degrees of points of the plane."""
        lon, lat = self._transformer.transform(
            np.asarray(x, np.float64), np.asarray(y, np.float64), direction="INVERSE"
        )
        return np.asarray(lon, np.float64), np.asarray(lat, np.float64)


def local_metres(lon: float, lat: float) -> LocalMetres:
    """A plane whose centre is within 0.01° of the point: neighbours share one, because making one takes
    long.
    """
    return _local_metres(round(lon, 2), round(lat, 2))


@lru_cache(maxsize=1024)
def _local_metres(lon: float, lat: float) -> LocalMetres:
    return LocalMetres(lon, lat)


def _centre(geometry: Geometry) -> tuple[float, float]:
    if geometry.is_empty:
        raise Invalid("geometry", "the geometry is empty", "give at least one position")
    west, south, east, north = geometry.bounds
    return (west + east) / 2, (south + north) / 2
