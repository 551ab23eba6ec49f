"""Coordinates as they come in: WGS-84, GCJ-02, BD-09 and projected CGCS2000; and map sheet numbers.

Everything is stored in degrees, longitude before latitude, on CGCS2000 (EPSG:4490), which differs from
WGS-84 (EPSG:4326) by less than a city's data do. GCJ-02 and BD-09 are converted once, when they come in;
the inverse is an approximation good to 1e-7° (1 cm), not a survey transformation, and changes nothing in
the law of map publishing.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from math import floor
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS, Transformer

from hutong.kernel.errors import Invalid

FloatArray = NDArray[np.float64]
Points = tuple[FloatArray, FloatArray]
"""(longitudes, latitudes) in degrees, of one shape; a scalar gives arrays of no dimension."""

GeographicDatum = Literal["wgs84", "cgcs2000", "gcj02", "bd09"]

# Constants of the Krasovsky ellipsoid as GCJ-02 implementations use them.
_SEMI_MAJOR = 6378245.0
_ECCENTRICITY_2 = 0.00669342162296594323
_BD_ANGLE = np.pi * 3000.0 / 180.0
_BD_LON, _BD_LAT = 0.0065, 0.006
_TOLERANCE = 1e-7 / 8
_MAX_ROUNDS = 30


def in_offset_area(lon: ArrayLike, lat: ArrayLike) -> NDArray[np.bool_]:
    """Where GCJ-02 differs from WGS-84: a rough box that also covers neighbours, Hong Kong, Macao and
    Taiwan.

    Whether the offset is used in the last three depends on the source: pass `offset=False` for points known
    to have none.
    """
    x, y = _points(lon, lat)
    return (x >= 72.004) & (x <= 137.8347) & (y >= 0.8293) & (y <= 55.8271)


def wgs84_to_gcj02(lon: ArrayLike, lat: ArrayLike, offset: ArrayLike = True) -> Points:
    """WGS-84 to GCJ-02; points outside the box, or where `offset` is False, are unchanged."""
    x, y = _points(lon, lat)
    dx, dy = _gcj02_offset(x, y)
    moved = in_offset_area(x, y) & np.asarray(offset, np.bool_)
    return np.where(moved, x + dx, x), np.where(moved, y + dy, y)


def gcj02_to_wgs84(lon: ArrayLike, lat: ArrayLike, offset: ArrayLike = True) -> Points:
    """GCJ-02 to WGS-84 by iteration, to 1e-7°."""
    x, y = _points(lon, lat)
    moved = in_offset_area(x, y) & np.asarray(offset, np.bool_)
    # Elsewhere the formula has no meaning and the iteration no end: any point of China stands in.
    inside_x, inside_y = np.where(moved, x, 105.0), np.where(moved, y, 35.0)
    back_x, back_y = _inverse(lambda a, b: _shifted(a, b, _gcj02_offset(a, b)), inside_x, inside_y)
    return np.where(moved, back_x, x), np.where(moved, back_y, y)


def gcj02_to_bd09(lon: ArrayLike, lat: ArrayLike) -> Points:
    """GCJ-02 to BD-09 (Baidu)."""
    x, y = _points(lon, lat)
    radius = np.hypot(x, y) + 0.00002 * np.sin(y * _BD_ANGLE)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(x * _BD_ANGLE)
    return radius * np.cos(angle) + _BD_LON, radius * np.sin(angle) + _BD_LAT


def bd09_to_gcj02(lon: ArrayLike, lat: ArrayLike) -> Points:
    """BD-09 to GCJ-02 by iteration, to 1e-7°."""
    x, y = _points(lon, lat)
    return _inverse(gcj02_to_bd09, x, y)


def wgs84_to_bd09(lon: ArrayLike, lat: ArrayLike, offset: ArrayLike = True) -> Points:
    """WGS-84 to BD-09."""
    return gcj02_to_bd09(*wgs84_to_gcj02(lon, lat, offset))


def bd09_to_wgs84(lon: ArrayLike, lat: ArrayLike, offset: ArrayLike = True) -> Points:
    """BD-09 to WGS-84, to 1e-7°."""
    return gcj02_to_wgs84(*bd09_to_gcj02(lon, lat), offset)


def to_wgs84(lon: ArrayLike, lat: ArrayLike, datum: GeographicDatum) -> Points:
    """Coordinates of a named datum as the platform keeps them."""
    if datum == "gcj02":
        return gcj02_to_wgs84(lon, lat)
    if datum == "bd09":
        return bd09_to_wgs84(lon, lat)
    return _points(lon, lat)


def _points(lon: ArrayLike, lat: ArrayLike) -> Points:
    x, y = np.asarray(lon, np.float64), np.asarray(lat, np.float64)
    if x.shape != y.shape:
        raise Invalid("lon, lat", f"{x.shape} longitudes and {y.shape} latitudes", "give one of each a point")
    return x, y


def _gcj02_offset(lon: FloatArray, lat: FloatArray) -> Points:
    """Offsets in degrees that GCJ-02 adds."""
    x, y = lon - 105.0, lat - 35.0
    root, product = np.sqrt(np.abs(x)), x * y
    waves = (20 * np.sin(6 * x * np.pi) + 20 * np.sin(2 * x * np.pi)) * 2 / 3
    dy = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * product + 0.2 * root + waves
    dy += (20 * np.sin(y * np.pi) + 40 * np.sin(y / 3 * np.pi)) * 2 / 3
    dy += (160 * np.sin(y / 12 * np.pi) + 320 * np.sin(y * np.pi / 30)) * 2 / 3
    dx = 300 + x + 2 * y + 0.1 * x * x + 0.1 * product + 0.1 * root + waves
    dx += (20 * np.sin(x * np.pi) + 40 * np.sin(x / 3 * np.pi)) * 2 / 3
    dx += (150 * np.sin(x / 12 * np.pi) + 300 * np.sin(x / 30 * np.pi)) * 2 / 3
    radians = np.radians(lat)
    w2 = 1 - _ECCENTRICITY_2 * np.sin(radians) ** 2
    meridian = _SEMI_MAJOR * (1 - _ECCENTRICITY_2) / (w2 * np.sqrt(w2))
    parallel = _SEMI_MAJOR / np.sqrt(w2) * np.cos(radians)
    return np.degrees(dx / parallel), np.degrees(dy / meridian)


def _shifted(lon: FloatArray, lat: FloatArray, by: Points) -> Points:
    return lon + by[0], lat + by[1]


def _inverse(forward: Callable[[FloatArray, FloatArray], Points], lon: FloatArray, lat: FloatArray) -> Points:
    """Fixed-point iteration; the offsets vary slowly, so each round gains about two digits."""
    x, y = lon.copy(), lat.copy()
    for _ in range(_MAX_ROUNDS):
        there_x, there_y = forward(x, y)
        error_x, error_y = lon - there_x, lat - there_y
        x, y = x + error_x, y + error_y
        if x.size == 0 or max(np.abs(error_x).max(), np.abs(error_y).max()) < _TOLERANCE:
            break
    return x, y


def gauss_kruger_zone(lon: float, width: Literal[3, 6] = 3) -> int:
    """Zone of the 3° (25–45 in China) or 6° (13–23) Gauss-Krüger grid that a longitude lies in."""
    return floor((lon + 1.5) / 3) if width == 3 else floor(lon / 6) + 1


def central_meridian(zone: int, width: Literal[3, 6] = 3) -> int:
    """Central meridian of a zone, degrees east."""
    return zone * 3 if width == 3 else zone * 6 - 3


def cgcs2000_epsg(zone: int, width: Literal[3, 6] = 3, numbered: bool = True) -> int:
    """EPSG code of CGCS2000 in that zone.

    `numbered`: eastings begin with the zone number (39 500 000 m), as government maps have them; otherwise
    they begin at 500 000 m.
    """
    first, last, numbered_base, plain_base = (25, 45, 4513, 4534) if width == 3 else (13, 23, 4491, 4502)
    if not first <= zone <= last:
        raise Invalid("zone", f"{zone} is no {width}° zone of China", f"zones are {first} to {last}")
    return (numbered_base if numbered else plain_base) + zone - first


def project_cgcs2000(lon: ArrayLike, lat: ArrayLike, epsg: int) -> Points:
    """Geographic coordinates to (eastings, northings) in metres of a projected CGCS2000 system."""
    x, y = _points(lon, lat)
    east, north = _transformer(epsg).transform(x, y)
    return np.asarray(east, np.float64), np.asarray(north, np.float64)


def unproject_cgcs2000(east: ArrayLike, north: ArrayLike, epsg: int) -> Points:
    """(Eastings, northings) in metres to geographic coordinates. Chinese lists often give the northing
    first, as X.
    """
    x, y = _points(east, north)
    lon, lat = _transformer(epsg).transform(x, y, direction="INVERSE")
    return np.asarray(lon, np.float64), np.asarray(lat, np.float64)


@lru_cache(maxsize=64)
def _transformer(epsg: int) -> Transformer:
    crs = CRS.from_epsg(epsg)
    if not crs.is_projected or crs.geodetic_crs is None or crs.geodetic_crs.to_epsg() != 4490:
        raise Invalid("epsg", f"EPSG:{epsg} is not a projected CGCS2000 system", "use 4491 to 4554")
    return Transformer.from_crs(4490, crs, always_xy=True)
