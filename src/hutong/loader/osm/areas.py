"""Codes and wider areas of the unit grids: community, street, and the beats of supervisors.

Where the boundary file holds a city's streets or communities (codes of 9 or 12 digits), those are used. An
extract has none, so streets (街道) and communities (社区) are otherwise derived, and marked so: grids join to
communities of 0.2–0.6 km², communities to streets of 1.5–5 km², each time across the border that divides
least. They give the 15-digit codes their middle digits.

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
    """`district` is each grid's index into `divisions`: codes of counties (6 digits), streets (9) or
    communities (12). No area crosses a division."""
    metric = plane.metres(grids.polygons)
    size = np.asarray(shapely.area(metric), dtype=np.float64)
    at = _Centres(shapely.get_coordinates(shapely.centroid(metric)), size)
    single = np.arange(len(size))
    community, street = _wider(grids, size, district, divisions)
    beat = _joined(grids, size, street, single, _BEAT)
    home = [divisions[d] for d in district.tolist()]
    street_codes = _codes(
        [c[:9] for c in home], 9, _number(street, district, at, 800.0, "streets in a district")
    )
    number = _number(community, street, at, 300.0, "communities in a street")
    community_codes = _codes(
        [max(s, c, key=len) for s, c in zip(street_codes, home, strict=True)], 12, number
    )
    codes = _codes(community_codes, 15, _number(single, community, at, 60.0, "unit grids in a community"))
    beats = _number(beat, street, at, 200.0, "beats in a street")
    beat_codes = [f"{s}Z{b:03d}" for s, b in zip(street_codes, beats.tolist(), strict=True)]
    order = np.argsort(np.array(codes), kind="stable").astype(np.int64)
    polygons = grids.polygons[order]
    return Trees(
        [parse_unit_grid(codes[i]).code for i in order],
        order,
        _areas(street_codes, order, polygons),
        _areas(community_codes, order, polygons),
        _areas(beat_codes, order, polygons),
    )


def _wider(grids: UnitGrids, size: Floats, district: Ints, divisions: list[str]) -> tuple[Ints, Ints]:
    """A label per grid for its community and its street: those of `divisions` if known, else derived."""
    width = len(divisions[0])
    community = district
    if width < 12:
        community = _joined(grids, size, district, np.arange(len(size)), _COMMUNITY)
    if width < 9:
        return community, _joined(grids, size, district, community, _STREET)
    streets = sorted({code[:9] for code in divisions})
    return community, np.array([streets.index(code[:9]) for code in divisions], dtype=np.int64)[district]


def _codes(stems: list[str], width: int, numbers: Ints) -> list[str]:
    """Stems that are shorter than `width` digits get their number."""
    return [s if len(s) == width else f"{s}{n:03d}" for s, n in zip(stems, numbers.tolist(), strict=True)]


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
