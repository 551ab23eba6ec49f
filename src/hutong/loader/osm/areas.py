"""Codes and wider areas of the unit grids: community, street, and the beats of supervisors.

An extract has no polygons of streets (街道) or communities (社区), so they are derived, and marked so:
grids join to communities of 0.2–0.6 km², communities to streets of 1.5–5 km², each time across the border
that divides least. They give the 15-digit codes their middle digits and are to be replaced by a city's own.
责任网格 (a 监督员's beat) are joined from the grids of one street to about twelve, apart from communities.

Everything is numbered in rows from the north-west, so the same extract gives the same codes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from hutong.kernel.codes import parse_unit_grid
from hutong.kernel.errors import Invalid
from hutong.loader.osm import coverage, regions
from hutong.loader.osm.coverage import Ints
from hutong.loader.osm.grids import UnitGrids
from hutong.loader.osm.plane import Floats, Geometries, Plane

_COMMUNITY = regions.Limits(200_000, 600_000, 40_000)
_STREET = regions.Limits(1_500_000, 5_000_000, 300_000)
_BEAT = regions.Limits(100_000, 180_000, 40_000)
_MOST = 999


@dataclass(frozen=True)
class Areas:
    """Polygons of one tree (units of the plane), sorted by code, and the area of each unit grid."""

    codes: list[str]
    polygons: Geometries
    of_grid: Ints


@dataclass(frozen=True)
class Trees:
    """`order` sorts the unit grids by code; all other columns are in that order."""

    codes: list[str]
    order: Ints
    streets: Areas
    communities: Areas
    beats: Areas


def arrange(grids: UnitGrids, district: Ints, divisions: list[str], plane: Plane) -> Trees:
    """`district` is each grid's index into `divisions` (6-digit codes). No area crosses a district."""
    size = np.asarray(shapely.area(plane.metres(grids.polygons)), dtype=np.float64)
    community = _joined(grids, size, district, np.arange(len(size)), _COMMUNITY)
    street = _joined(grids, size, district, community, _STREET)
    beat = _joined(grids, size, street, np.arange(len(size)), _BEAT)
    points = shapely.get_coordinates(shapely.centroid(plane.metres(grids.polygons)))
    at = _Centres(points, size)
    street_of = _number(street, district, at, 800.0, "streets in a district")
    community_of = _number(community, street, at, 300.0, "communities in a street")
    grid_of = _number(np.arange(len(size)), community, at, 60.0, "unit grids in a community")
    beat_of = _number(beat, street, at, 200.0, "beats in a street")
    street_codes = [f"{divisions[d]}{s:03d}" for d, s in zip(district, street_of, strict=True)]
    community_codes = [f"{s}{c:03d}" for s, c in zip(street_codes, community_of, strict=True)]
    codes = [f"{c}{g:03d}" for c, g in zip(community_codes, grid_of, strict=True)]
    beat_codes = [f"{s}Z{b:03d}" for s, b in zip(street_codes, beat_of, strict=True)]
    order = np.argsort(np.array(codes), kind="stable").astype(np.int64)
    polygons = grids.polygons[order]
    return Trees(
        [parse_unit_grid(codes[i]).code for i in order],
        order,
        _areas(street_codes, order, polygons),
        _areas(community_codes, order, polygons),
        _areas(beat_codes, order, polygons),
    )


def _joined(grids: UnitGrids, size: Floats, barrier: Ints, start: Ints, limits: regions.Limits) -> Ints:
    """Label per grid after joining the areas of `start`, never across different values of `barrier`."""
    _, index = np.unique(start, return_inverse=True)
    area: Floats = np.bincount(index, weights=size).astype(np.float64)
    a, b = grids.borders.a, grids.borders.b
    open_to = np.where(barrier[a] == barrier[b], grids.openness, 0.0)
    a, b = index[a], index[b]
    joined = regions.join(area, np.minimum(a, b), np.maximum(a, b), np.where(a == b, 0, open_to), limits)
    return joined[index]


@dataclass(frozen=True)
class _Centres:
    """Centroids of the unit grids in metres, with their areas as weights."""

    points: Floats
    size: Floats


def _number(label: Ints, parent: Ints, at: _Centres, row: float, what: str) -> Ints:
    """Number from 1 of each grid's area within its parent: in rows of `row` metres from the north."""
    names, first, index = np.unique(label, return_index=True, return_inverse=True)
    weight = np.bincount(index, weights=at.size)
    x = np.bincount(index, weights=at.size * at.points[:, 0]) / weight
    y = np.bincount(index, weights=at.size * at.points[:, 1]) / weight
    group = parent[first]
    order = np.lexsort((names, x, -np.floor(y / row), group))
    starts = np.r_[0, np.flatnonzero(np.diff(group[order])) + 1]
    counts = np.diff(np.r_[starts, len(order)])
    if counts.max() > _MOST:
        raise Invalid("boundary", f"{counts.max()} {what}: the code has room for {_MOST}", "split the city")
    number = np.empty(len(order), dtype=np.int64)
    number[order] = np.arange(len(order)) - np.repeat(starts, counts) + 1
    return np.asarray(number[index], dtype=np.int64)


def _areas(codes: list[str], order: Ints, polygons: Geometries) -> Areas:
    names, index = np.unique(np.array(codes)[order], return_inverse=True)
    return Areas([str(n) for n in names], coverage.dissolve(polygons, index)[0], index.astype(np.int64))
