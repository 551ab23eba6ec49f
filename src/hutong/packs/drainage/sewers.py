"""Sewersheds, slopes and sizes: from the graph of roads to a network that drains.

Rules: a pump station stands at the manhole nearest to water that is `station_spacing` of sewer away from
every other (ties: lower ground), so rivers are lined first and the inland follows; every manhole drains
along the shortest way to its nearest station, and stations of fewer than `smallest_sewershed` manholes
are dropped with their fragment. Sizes come from the rational formula at the sewershed's design period,
inverts from cover and slope, pumps from the design flow of the whole sewershed.
"""

import math
from typing import NamedTuple

import numpy as np
from scipy.sparse import csgraph
from scipy.spatial import cKDTree

from hutong.kernel.errors import Invalid
from hutong.kernel.seeded import rng
from hutong.packs.drainage import formulas
from hutong.packs.drainage.assets import Design, Pump
from hutong.packs.drainage.roads import Floats, Ints, RoadGraph
from hutong.packs.drainage.terrain import Water

STANDARD_DIAMETERS_M = np.array(
    [0.6, 0.8, 1.0, 1.2, 1.35, 1.5, 1.65, 1.8, 2.0, 2.2, 2.4, 2.7, 3.0, 3.3, 3.6, 4.0, 4.4]
)


class Tree(NamedTuple):
    """Where each manhole drains. `down` (m,) next manhole, −1 at a station; `root` (m,) its station's
    manhole.

    `order` lists manholes from the farthest to the stations; `edge` (m,) is the edge of the graph to `down`.
    Manholes that drain nowhere have root −1 and are not in `order`.
    """

    down: Ints
    root: Ints
    order: Ints
    edge: Ints


def choose_stations(graph: RoadGraph, water: Water, ground: Floats, design: Design) -> Ints:
    """Manholes at which the pump stations stand."""
    order = np.lexsort((ground, np.floor(water.distance(graph.xy) / 200.0)))
    matrix = graph.matrix()
    away = np.full(len(order), np.inf)
    chosen = []
    for i in order:
        if away[i] >= design.station_spacing:
            chosen.append(i)
            near = csgraph.dijkstra(matrix, indices=i, limit=design.station_spacing)
            away = np.minimum(away, near)
    stations = np.array(chosen, dtype=np.int64)
    _, _, owner = csgraph.dijkstra(matrix, indices=stations, min_only=True, return_predecessors=True)
    members = np.bincount(owner[owner >= 0], minlength=len(order))
    kept = np.sort(stations[members[stations] >= design.smallest_sewershed])
    if not len(kept):
        reason = f"nowhere do {design.smallest_sewershed} manholes lie on connected roads"
        raise Invalid("roads", reason, "widen road_kinds or lower smallest_sewershed")
    return kept


def drain(graph: RoadGraph, stations: Ints) -> Tree:
    """Shortest ways to the nearest station."""
    matrix = graph.matrix()
    dist, down, root = csgraph.dijkstra(matrix, indices=stations, min_only=True, return_predecessors=True)
    reached = np.isfinite(dist)
    root = np.where(reached, root, -1)
    down = np.where(down >= 0, down, -1)
    order = np.argsort(-np.where(reached, dist, -1.0), kind="stable")[: int(reached.sum())]
    number = {(int(a), int(b)): k for k, (a, b) in enumerate(graph.pairs)}
    edge = np.array([number[min(i, d), max(i, d)] if d >= 0 else -1 for i, d in enumerate(down)])
    return Tree(down.astype(np.int64), root.astype(np.int64), order, edge)


def catchment_areas(graph: RoadGraph, water: Water, design: Design, cell: float = 25.0) -> Floats:
    """Land nearest to each manhole within reach, ha, counted on a grid of `cell` m."""
    low, high = graph.xy.min(axis=0) - design.catchment_reach, graph.xy.max(axis=0) + design.catchment_reach
    east, north = (np.arange(low[k] + cell / 2, high[k], cell) for k in (0, 1))
    grid = np.column_stack([g.ravel() for g in np.meshgrid(east, north)])
    away, nearest = cKDTree(graph.xy).query(grid)
    grid, nearest = grid[away <= design.catchment_reach], nearest[away <= design.catchment_reach]
    land = water.distance(grid) > 0
    cells = np.bincount(nearest[land], minlength=len(graph.xy)).astype(np.float64)
    return np.asarray(cells * (cell * cell / 1e4))


class Sizes(NamedTuple):
    """Per manhole: `invert` m, `diameter` m of the sewer that leaves it, `flow` m³/s it must carry there
    at the return `period` (a) of its sewershed; `pumped` m³/s is what a station standing there would be
    built for.
    """

    invert: Floats
    diameter: Floats
    flow: Floats
    period: Floats
    pumped: Floats


def size(graph: RoadGraph, tree: Tree, area: Floats, ground: Floats, design: Design) -> Sizes:
    """Diameters by the rational formula, inverts by cover and slope, walking down every tree once."""
    count = len(area)
    period = _periods(tree, design)
    total, time = area.copy(), np.full(count, design.inlet_time)
    flow, diameter = np.zeros(count), np.full(count, STANDARD_DIAMETERS_M[0])
    invert = np.full(count, np.inf)
    for i in tree.order:
        q = formulas.storm_intensity(design.storm, period[i], time[i])
        flow[i] = float(formulas.rational_flow(design.runoff, q, total[i])) / 1000.0
        diameter[i] = max(diameter[i], _standard(flow[i], design))
        invert[i] = min(invert[i], ground[i] - design.cover - diameter[i])
        below = tree.down[i]
        if below >= 0:
            length = graph.lengths[tree.edge[i]]
            speed = flow[i] / (math.pi / 4 * diameter[i] ** 2)
            total[below] += total[i]
            time[below] = max(time[below], time[i] + length / max(speed, 0.5) / 60.0)
            diameter[below] = max(diameter[below], diameter[i])
            invert[below] = min(invert[below], invert[i] - design.slope * length)
    margin = np.where(period == design.old_period, design.old_pump_margin, design.pump_margin)
    return Sizes(invert, diameter, flow, period, flow * margin)


def freeboard(graph: RoadGraph, tree: Tree, sizes: Sizes, ground: Floats, design: Design) -> Floats:
    """Ground above the steady grade line of the check storm, m; negative where that storm would stand on
    the road.

    From each station upwards: the crown at its inlet, plus 3 m for each whole share by which the inflow
    exceeds the pumps, plus friction S (Q/Qfull)² over every sewer.
    """
    check = formulas.storm_intensity(design.storm, design.check_period, 30.0)
    ratio = {
        p: check / formulas.storm_intensity(design.storm, p, 30.0) for p in np.unique(sizes.period).tolist()
    }
    flow = sizes.flow * np.array([ratio[p] for p in sizes.period.tolist()])
    full = formulas.full_pipe_flow(sizes.diameter, design.slope, design.roughness)
    line = np.zeros(len(ground))
    for i in tree.order[::-1]:
        below = tree.down[i]
        if below < 0:
            excess = max(0.0, flow[i] / sizes.pumped[i] - 1.0)
            line[i] = sizes.invert[i] + sizes.diameter[i] + 3.0 * excess
        else:
            loss = design.slope * (flow[i] / full[i]) ** 2 * graph.lengths[tree.edge[i]]
            line[i] = max(line[below] + loss, sizes.invert[i])
    return np.asarray(ground - line)


def _periods(tree: Tree, design: Design) -> Floats:
    """Design return period of each manhole's sewershed; a seeded share is old and small."""
    roots = np.unique(tree.root[tree.root >= 0])
    draw = rng(design.seed, "drainage", "old sewersheds").random(len(roots))
    old = set(roots[np.argsort(draw, kind="stable")[: round(design.old_share * len(roots))]].tolist())
    return np.array([design.old_period if r in old else design.design_period for r in tree.root.tolist()])


def _standard(flow: float, design: Design) -> float:
    wanted = float(formulas.diameter_for(flow, design.slope, design.roughness))
    at = int(np.searchsorted(STANDARD_DIAMETERS_M, wanted))
    return float(STANDARD_DIAMETERS_M[min(at, len(STANDARD_DIAMETERS_M) - 1)])


def pump_sets(station: str, flow: float, head: float, first_start: float, count: int) -> list[Pump]:
    """`count` equal sets that share `flow`; each starts 0.3 m higher than the one before and stops 0.6 m
    below that.

    The curve is a falling one through the rated point: 115 % of the flow at 60 % of the head, 70 % at 130 %.
    """
    rated = flow / count
    voltage = 10_000.0 if rated > 0.5 else 380.0
    current = float(formulas.pump_current(rated, head, voltage=voltage))
    curve = [
        (share * head, factor * rated) for share, factor in ((0.0, 1.25), (0.6, 1.15), (1.0, 1.0), (1.3, 0.7))
    ]
    return [
        Pump(
            id=f"{station}-P{k + 1}",
            station=station,
            rated_flow=round(rated, 4),
            rated_head=round(head, 2),
            rated_current=round(current, 1),
            start=round(first_start + 0.3 * k, 3),
            stop=round(first_start + 0.3 * k - 0.6, 3),
            curve=[(round(h, 3), round(q, 4)) for h, q in curve],
        )
        for k in range(count)
    ]
