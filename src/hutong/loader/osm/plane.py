"""The plane in which grids are made: whole numbers of 10⁻⁷ degree, counted from a corner of the city.

OpenStreetMap's own resolution is 10⁻⁷ degree (about 1 cm), so source coordinates are exact here, and a vertex
that two grids share is the same pair of doubles in both: the grids stay seamless after they are written.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

UNITS = 10_000_000
_A = 6_378_137.0
_E2 = 0.006_694_380_022_9
"""CGCS2000 ellipsoid (GB 22021): semi-major axis in metres, first eccentricity squared."""

Geometries = npt.NDArray[np.object_]
Floats = npt.NDArray[np.float64]


def metres_per_degree(latitude: Any) -> tuple[Any, Any]:
    """Length of one degree of longitude and of latitude, on the CGCS2000 ellipsoid."""
    phi = np.radians(latitude)
    w2 = 1 - _E2 * np.sin(phi) ** 2
    east = np.radians(1) * _A * np.cos(phi) / np.sqrt(w2)
    north = np.radians(1) * _A * (1 - _E2) / w2**1.5
    return east, north


def area_m2(lonlat: Any) -> Floats:
    """Area of polygons of a few kilometres at most: planar, at the scale of each one's middle latitude."""
    bounds = np.asarray(shapely.bounds(lonlat))
    east, north = metres_per_degree((bounds[..., 1] + bounds[..., 3]) / 2)
    return np.asarray(np.where(shapely.is_empty(lonlat), 0.0, shapely.area(lonlat) * east * north))


@dataclass(frozen=True)
class Plane:
    """Origin in units; metres per unit along x and y at the middle latitude."""

    x: int
    y: int
    east: float
    north: float

    @classmethod
    def of(cls, box: tuple[float, float, float, float]) -> Plane:
        east, north = metres_per_degree((box[1] + box[3]) / 2)
        return cls(round(box[0] * UNITS), round(box[1] * UNITS), float(east) / UNITS, float(north) / UNITS)

    def units(self, lonlat: Any) -> Any:
        origin = np.array([self.x, self.y], dtype=np.float64)
        return shapely.transform(lonlat, lambda c: np.rint(c * UNITS) - origin)

    def lonlat(self, units: Any) -> Any:
        origin = np.array([self.x, self.y], dtype=np.float64)
        return shapely.transform(units, lambda c: (c + origin) / UNITS)

    def metres(self, units: Any) -> Any:
        scale = np.array([self.east, self.north])
        return shapely.transform(units, lambda c: c * scale)

    def from_metres(self, metres: Any) -> Any:
        scale = np.array([self.east, self.north])
        return shapely.transform(metres, lambda c: np.rint(c / scale))
