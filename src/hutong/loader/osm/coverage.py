"""Faces of a line network as a coverage: polygons that share whole edges and leave no gap.

All in the units of `Plane`. Lines are noded by snap rounding on whole units: equal edges are equal numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from hutong.loader.osm.plane import Floats, Geometries, Plane

Ints = npt.NDArray[np.int64]


def node(*groups: Any) -> Any:
    """All lines, split where they meet, on whole units."""
    lines = np.concatenate([np.atleast_1d(np.asarray(group, dtype=object)) for group in groups])
    return shapely.union_all(lines, grid_size=1)


def faces(lines: Any, within: Any) -> Geometries:
    """Polygons that the noded lines enclose inside `within`, from north to south, then west to east."""
    polygons = shapely.get_parts(shapely.polygonize([lines]))
    shapely.prepare(within)
    polygons = polygons[shapely.contains_properly(within, shapely.point_on_surface(polygons))]
    ordered: Geometries = polygons[reading_order(polygons)]
    return ordered


def reading_order(polygons: Geometries, row: float = 0) -> Ints:
    """Order by rows of height `row` from the north, then from the west."""
    points = shapely.centroid(polygons)
    x, y = shapely.get_x(points), shapely.get_y(points)
    band = -np.floor(y / row) if row else -y
    return np.lexsort((y, x, band)).astype(np.int64)


@dataclass(frozen=True)
class Borders:
    """Edges between faces: faces `a` < `b`, the edge's midpoint in units, its length in metres."""

    a: Ints
    b: Ints
    middle: Floats
    metres: Floats


def borders(polygons: Geometries, plane: Plane) -> Borders:
    rings, owner = shapely.get_rings(polygons, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    face = owner[ring[:-1][same]]
    start, end = points[:-1][same], points[1:][same]
    swap = (start[:, 0] > end[:, 0]) | ((start[:, 0] == end[:, 0]) & (start[:, 1] > end[:, 1]))
    low, high = np.where(swap[:, None], end, start), np.where(swap[:, None], start, end)
    order = np.lexsort((face, high[:, 1], high[:, 0], low[:, 1], low[:, 0]))
    low, high, face = low[order], high[order], face[order]
    twin = np.all((low[1:] == low[:-1]) & (high[1:] == high[:-1]), axis=1) & (face[1:] != face[:-1])
    a, b = face[:-1][twin].astype(np.int64), face[1:][twin].astype(np.int64)
    low, high = low[:-1][twin], high[:-1][twin]
    metres = np.hypot((high[:, 0] - low[:, 0]) * plane.east, (high[:, 1] - low[:, 1]) * plane.north)
    return Borders(a, b, (low + high) / 2, metres)


def dissolve(polygons: Geometries, label: Ints) -> tuple[Geometries, Ints]:
    """One polygon per label, in order of label, and the new index of each old polygon."""
    names, index = np.unique(label, return_inverse=True)
    order = np.argsort(index, kind="stable")
    cuts = np.searchsorted(index[order], np.arange(len(names) + 1))
    merged = np.empty(len(names), dtype=object)
    for i in range(len(names)):
        members = polygons[order[cuts[i] : cuts[i + 1]]]
        merged[i] = members[0] if len(members) == 1 else shapely.coverage_union_all(members)
    return merged, index.astype(np.int64)
