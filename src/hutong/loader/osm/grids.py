"""单元网格 from road blocks (GB/T 47678.3 idea: about 10,000 m², edges along roads and water, seamless, buildings whole).

1. Roads, railways, waterways and shores inside the boundary are noded; their faces are the raw blocks.
2. Raw blocks under 4,000 m², and strips narrower than about 22 m (medians, slip roads), join a neighbour.
3. Blocks over 14,500 m² are cut (`cuts`), and edges that cross a building are led around it (`solid`).
4. Pieces under 4,000 m² join a neighbour of their block, or any neighbour if there is none.

District borders, where given, are never crossed. What is joined depends on the length of the common border and on
what lies on it (`OPENNESS`), so a motorway divides more than an alley.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from hutong.loader.osm import coverage, cuts, regions, solid
from hutong.loader.osm.coverage import Borders, Ints
from hutong.loader.osm.plane import Floats, Geometries, Plane

SLIVER = 4_000.0
"""m²: smaller faces look for a neighbour."""
_CEILING = 16_000.0
_MUST = 2_500.0
_NARROW = 22.0
OPENNESS = (0.0, 0.08, 0.2, 0.4, 0.7, 1.0)
"""How easily areas join across a border of rank 0 (a district border: never), 1 (motorway, trunk, railway, river),
2 (primary, secondary), 3 (tertiary), 4 (other roads), 5 (a mere cut)."""
CUT = len(OPENNESS) - 1


@dataclass(frozen=True)
class Network:
    """Lines that grids follow, in units of the plane, with their rank in OPENNESS."""

    lines: Geometries
    rank: Ints


@dataclass(frozen=True)
class UnitGrids:
    """Grids in units of the plane, from north to south, and their common borders with openness."""

    polygons: Geometries
    borders: Borders
    openness: Floats


def make_grids(network: Network, buildings: Geometries, districts: Geometries, plane: Plane) -> UnitGrids:
    """`districts` are disjoint; together they are the city's area."""
    area = shapely.union_all(districts, grid_size=1)
    shapely.prepare(area)
    hard = shapely.boundary(districts)
    inside = shapely.intersection(network.lines[shapely.intersects(network.lines, area)], area, grid_size=1)
    solids = solid.footprints(buildings, area)
    blocks = _blocks(coverage.node(inside, hard), network, hard, area, plane)
    knives = cuts.cut_blocks(blocks, solids, plane)
    edges = coverage.node(shapely.boundary(blocks), knives)
    edges, crossed = solid.reroute(edges, solids)
    pieces = coverage.faces(coverage.node([edges], hard), area)
    whole, within = solid.unite(pieces, crossed)
    label = _join(pieces, network, hard, plane, whole, within)
    polygons, _ = coverage.dissolve(pieces, label)
    polygons = polygons[coverage.reading_order(polygons)]
    border = coverage.borders(polygons, plane)
    return UnitGrids(polygons, border, openness(border, network, hard))


def openness(border: Borders, network: Network, hard: Any) -> Floats:
    """Length of each edge in metres, times the factor of the strongest line that lies on it."""
    rank = np.full(len(border.a), CUT, dtype=np.int64)
    middle = shapely.points(border.middle)
    for lines, ranks in ((network.lines, network.rank), (hard, np.zeros(len(hard), dtype=np.int64))):
        edge, line = shapely.STRtree(lines).query(middle, predicate="dwithin", distance=3.0)
        np.minimum.at(rank, edge, ranks[line])
    return np.asarray(border.metres * np.array(OPENNESS)[rank], dtype=np.float64)


def _blocks(lines: Any, network: Network, hard: Any, area: Any, plane: Plane) -> Geometries:
    raw = coverage.faces(lines, area)
    border = coverage.borders(raw, plane)
    metric = plane.metres(raw)
    size = shapely.area(metric)
    narrow = 2 * size / shapely.length(metric) < _NARROW
    unlimited = regions.Limits(SLIVER, np.inf)
    label = regions.join(size, border.a, border.b, openness(border, network, hard), unlimited, narrow)
    return coverage.dissolve(raw, label)[0]


def _join(
    pieces: Geometries, network: Network, hard: Any, plane: Plane, whole: Ints, within: Ints
) -> Ints:
    """A label per piece: pieces of one building together, then slivers to their neighbours."""
    united, index = coverage.dissolve(pieces, whole)
    border = coverage.borders(united, plane)
    metric = plane.metres(united)
    size = shapely.area(metric)
    forced: npt.NDArray[np.bool_] = 2 * size / shapely.length(metric) < _NARROW / 2
    forced[np.unique(index[within])] = True
    forced &= size < cuts.TARGET
    limits = regions.Limits(SLIVER, _CEILING, _MUST)
    label = regions.join(size, border.a, border.b, openness(border, network, hard), limits, forced)
    return label[index]
