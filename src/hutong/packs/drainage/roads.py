"""From road centre lines to a graph of manholes: where sewers can run.

Rules, all deterministic: lines of the chosen classes at ground level are sampled every `sample_step`
metres; samples of different lines within `junction_reach` are joined; manholes are chosen at junctions
first, then by class of road, `manhole_spacing` apart; each sample belongs to the manhole nearest along
the roads; two manholes whose samples touch may be joined by a sewer that follows the road between them.
"""

from collections import Counter

import numpy as np
import numpy.typing as npt
import shapely
from scipy import sparse
from scipy.sparse import csgraph
from scipy.spatial import cKDTree

from hutong.kernel.errors import Invalid
from hutong.packs.drainage.assets import Design, LonLat, RoadLine

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

METRES_PER_DEGREE = 111_320.0


class Plane:
    """Local plane about a point, m east and north; within 15 km its lengths are true to about 0.1 %."""

    def __init__(self, lon: float, lat: float) -> None:
        self.origin = np.array([lon, lat])
        self.scale = METRES_PER_DEGREE * np.array([np.cos(np.radians(lat)), 1.0])

    def metres(self, lonlat: npt.ArrayLike) -> Floats:
        return np.asarray((np.asarray(lonlat, dtype=np.float64) - self.origin) * self.scale)

    def degrees(self, xy: npt.ArrayLike) -> list[LonLat]:
        points = np.atleast_2d(np.asarray(xy, dtype=np.float64)) / self.scale + self.origin
        return [(round(float(lon), 7), round(float(lat), 7)) for lon, lat in points]


class Samples:
    """Points along the roads: `xy` (n, 2), the road of each, its class (0 is the highest), `after` = next
    on the line.
    """

    def __init__(self, roads: list[RoadLine], plane: Plane, design: Design) -> None:
        ranks = {kind: rank for rank, kind in enumerate(design.road_kinds)}
        self.roads = [
            r for r in roads if r.kind in ranks and not (r.tunnel or r.bridge) and len(r.lonlat) > 1
        ]
        if not self.roads:
            kinds = ", ".join(design.road_kinds)
            raise Invalid("roads", f"no road of the classes {kinds} at ground level", "widen road_kinds")
        pieces = [_resample(plane.metres(r.lonlat), design.sample_step) for r in self.roads]
        sizes = np.array([len(p) for p in pieces])
        self.xy = np.concatenate(pieces)
        self.road = np.repeat(np.arange(len(pieces)), sizes)
        self.rank = np.array([ranks[r.kind] for r in self.roads])[self.road]
        self.joined = _joins(self.xy, self.road, design.junction_reach)

    def graph(self) -> sparse.csr_matrix:
        """Symmetric lengths between samples that follow each other or are joined."""
        along = np.flatnonzero(self.road[:-1] == self.road[1:])
        pairs = np.concatenate([np.column_stack([along, along + 1]), self.joined])
        lengths = np.maximum(np.linalg.norm(self.xy[pairs[:, 0]] - self.xy[pairs[:, 1]], axis=1), 0.01)
        return _symmetric(pairs, lengths, len(self.xy))


def _resample(line: Floats, step: float) -> Floats:
    """Points every `step` m (a little less, so that both ends are kept)."""
    line = line[np.r_[True, np.any(np.diff(line, axis=0) != 0, axis=1)]]
    if len(line) < 2:
        return line
    at = np.r_[0.0, np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))]
    wanted = np.linspace(0.0, at[-1], int(np.ceil(at[-1] / step)) + 1)
    return np.column_stack([np.interp(wanted, at, line[:, 0]), np.interp(wanted, at, line[:, 1])])


def _joins(xy: Floats, road: Ints, reach: float) -> Ints:
    pairs = np.asarray(cKDTree(xy).query_pairs(reach, output_type="ndarray"), dtype=np.int64).reshape(-1, 2)
    return np.sort(pairs[road[pairs[:, 0]] != road[pairs[:, 1]]], axis=1)


def _symmetric(pairs: Ints, lengths: Floats, size: int) -> sparse.csr_matrix:
    """Matrix of the shortest length given for each pair."""
    order = np.lexsort((lengths, pairs[:, 1], pairs[:, 0]))
    pairs, lengths = pairs[order], lengths[order]
    first = np.r_[True, np.any(np.diff(pairs, axis=0) != 0, axis=1)]
    pairs, lengths = pairs[first], lengths[first]
    both = np.concatenate([pairs, pairs[:, ::-1]])
    return sparse.csr_matrix((np.r_[lengths, lengths], (both[:, 0], both[:, 1])), shape=(size, size))


class RoadGraph:
    """Manholes and the roads between them.

    `at` (m,) sample of each manhole, `xy` (m, 2); `pairs` (e, 2) manholes that a road joins, `lengths` (e,).
    """

    def __init__(self, samples: Samples, design: Design) -> None:
        self.samples = samples
        self.at = _choose(samples, design.manhole_spacing)
        self.xy = samples.xy[self.at]
        graph = samples.graph()
        dist, back, owner = csgraph.dijkstra(
            graph, indices=self.at, min_only=True, return_predecessors=True, directed=False
        )
        number = np.full(len(samples.xy), -1)
        number[self.at] = np.arange(len(self.at))
        self._back = back
        self._link(
            graph, dist, np.where(owner >= 0, number[np.maximum(owner, 0)], -1), design.longest_conduit
        )

    def _link(self, graph: sparse.csr_matrix, dist: Floats, owner: Ints, longest: float) -> None:
        """Keep for each pair of neighbouring manholes the shortest way between them."""
        edges = sparse.triu(graph).tocoo()
        a, b = owner[edges.row], owner[edges.col]
        length = dist[edges.row] + edges.data + dist[edges.col]
        crossing = np.flatnonzero((a != b) & (a >= 0) & (b >= 0) & (length <= longest))
        low, high = np.minimum(a, b)[crossing], np.maximum(a, b)[crossing]
        order = np.lexsort((crossing, length[crossing], high, low))
        keys = np.column_stack([low, high])[order]
        first = np.r_[True, np.any(np.diff(keys, axis=0) != 0, axis=1)] if len(keys) else np.zeros(0, bool)
        kept = crossing[order][first]
        self.pairs = keys[first]
        self.lengths = length[kept]
        self._gate = np.column_stack([edges.row[kept], edges.col[kept]])
        swap = a[kept] > b[kept]
        self._gate[swap] = self._gate[swap][:, ::-1]

    def matrix(self) -> sparse.csr_matrix:
        return _symmetric(self.pairs, self.lengths, len(self.at))

    def path(self, edge: int) -> Ints:
        """Samples from the lower- to the higher-numbered manhole of an edge, along the road."""
        ends = []
        for sample in self._gate[edge]:
            chain = [int(sample)]
            while self._back[chain[-1]] >= 0:
                chain.append(int(self._back[chain[-1]]))
            ends.append(chain)
        return np.array(ends[0][::-1] + ends[1])

    def line(self, edge: int, tolerance: float = 3.0) -> tuple[Floats, str]:
        """Course of the edge, m, and the name of the road it mostly follows."""
        path = self.path(edge)
        course = shapely.LineString(self.samples.xy[path]).simplify(tolerance)
        names = Counter(self.samples.roads[i].name for i in self.samples.road[path])
        names.pop("", None)
        best = min(names.items(), key=lambda item: (-item[1], item[0]))[0] if names else ""
        return shapely.get_coordinates(course), best


def _choose(samples: Samples, spacing: float) -> Ints:
    """Greedy choice of samples, junctions first, then higher classes, never nearer than `spacing`."""
    junction = np.zeros(len(samples.xy), dtype=np.int64)
    names = [road.name or f"#{i}" for i, road in enumerate(samples.roads)]
    named = np.unique(names, return_inverse=True)[1][samples.road]
    cross = samples.joined[named[samples.joined[:, 0]] != named[samples.joined[:, 1]]]
    np.add.at(junction, cross.ravel(), 1)
    order = np.lexsort((np.arange(len(junction)), samples.rank, -np.minimum(junction, 6)))
    near = cKDTree(samples.xy)
    taken = np.zeros(len(junction), dtype=bool)
    chosen = []
    for i in order:
        if not taken[i]:
            chosen.append(i)
            taken[near.query_ball_point(samples.xy[i], spacing)] = True
    return np.sort(np.array(chosen, dtype=np.int64))
