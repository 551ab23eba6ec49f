"""单元网格 from road blocks: about 10,000 m², edges along roads and water, seamless, buildings whole.

The rules are those of GB/T 47678.3 as common knowledge has them; 待核实 against its text.

1. Roads, railways, waterways and shores inside the boundary are noded; their faces are the raw blocks.
2. Raw blocks under 4,000 m², and strips narrower than about 22 m (medians, slip roads), join a neighbour.
3. Blocks over 14,500 m² are cut (`cuts`), and edges that cross a building are led around it (`solid`).
4. Pieces under 4,000 m² join a neighbour of their block, or any neighbour if there is none.

District borders, where given, are never crossed. What is joined depends on the length of the common border
and on what lies on it (`OPENNESS`), so a motorway divides more than an alley.
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
"""How easily areas join across a border of rank 0 (a district border: never), 1 (motorway, trunk, railway,
river), 2 (primary, secondary), 3 (tertiary), 4 (other roads), 5 (a mere cut)."""
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


@dataclass(frozen=True)
class _Ground:
    """What the grids of a city are made on: its area, the borders never crossed, what divides it."""

    network: Network
    hard: Geometries
    area: Any
    plane: Plane

    def openness(self, border: Borders) -> Floats:
        """Length of each edge in metres, times the factor of the strongest line that lies on it."""
        rank = np.full(len(border.a), CUT, dtype=np.int64)
        middle = shapely.points(border.middle)
        never = np.zeros(len(self.hard), dtype=np.int64)
        for lines, ranks in ((self.network.lines, self.network.rank), (self.hard, never)):
            edge, line = shapely.STRtree(lines).query(middle, predicate="dwithin", distance=3.0)
            np.minimum.at(rank, edge, ranks[line])
        return np.asarray(border.metres * np.array(OPENNESS)[rank], dtype=np.float64)

    def join(self, polygons: Geometries, limits: regions.Limits, narrow: float, forced: Ints) -> Ints:
        """A label per polygon. Those narrower than `narrow` metres, and `forced` ones that are no whole
        grid themselves, join like slivers."""
        border = coverage.borders(polygons, self.plane)
        metric = self.plane.metres(polygons)
        size = shapely.area(metric)
        must: npt.NDArray[np.bool_] = 2 * size / shapely.length(metric) < narrow
        must[forced[size[forced] < cuts.TARGET]] = True
        return regions.join(size, border.a, border.b, self.openness(border), limits, forced=must)


def make_grids(network: Network, buildings: Geometries, districts: Geometries, plane: Plane) -> UnitGrids:
    """`districts` are disjoint; together they are the city's area."""
    area = shapely.union_all(districts, grid_size=1)
    shapely.prepare(area)
    ground = _Ground(network, shapely.boundary(districts), area, plane)
    solids = solid.footprints(buildings, districts)
    blocks = _blocks(ground)
    knives = cuts.cut_blocks(blocks, solids, plane)
    edges, crossed = solid.reroute(coverage.node(shapely.boundary(blocks), knives), solids)
    pieces = coverage.faces(coverage.node([edges], ground.hard), area)
    whole, within = solid.unite(pieces, crossed)
    united, index = coverage.dissolve(pieces, whole)
    limits = regions.Limits(SLIVER, _CEILING, _MUST)
    label = ground.join(united, limits, _NARROW / 2, np.unique(index[within]))
    polygons, _ = coverage.dissolve(united, label)
    polygons = polygons[coverage.reading_order(polygons)]
    border = coverage.borders(polygons, plane)
    return UnitGrids(polygons, border, ground.openness(border))


def _blocks(ground: _Ground) -> Geometries:
    lines = ground.network.lines
    lines = lines[shapely.intersects(lines, ground.area)]
    inside = shapely.intersection(lines, ground.area, grid_size=1)
    raw = coverage.faces(coverage.node(inside, ground.hard), ground.area)
    nothing = np.empty(0, dtype=np.int64)
    label = ground.join(raw, regions.Limits(SLIVER, np.inf), _NARROW, nothing)
    return coverage.dissolve(raw, label)[0]
