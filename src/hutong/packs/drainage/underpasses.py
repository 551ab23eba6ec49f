"""Underpasses: where roads dive below ground and need pumps of their own.

Rules: tunnel lines of one name that touch are one tunnel. Up to `long_tunnel` metres it is an underpass,
lowest in its middle; a longer one runs under a river and takes rain at its two portals. Each such place
gets a sump below the carriageway, two pumps for its own small catchment, and lifts into the nearest manhole.
"""

from typing import NamedTuple

import numpy as np
import shapely
from scipy.sparse import csgraph, csr_matrix
from scipy.spatial import cKDTree
from scipy.spatial.distance import pdist, squareform

from hutong.kernel.seeded import rng
from hutong.packs.drainage import formulas
from hutong.packs.drainage.assets import Design, RoadLine, Station, Subcatchment
from hutong.packs.drainage.roads import Floats, Plane
from hutong.packs.drainage.sewers import pump_sets
from hutong.packs.drainage.terrain import UNDERPASS_DIP_M

SUMP_M = 3.0
REACH_M = 500.0
APART_M = 200.0
CATCHMENT_HA = 1.5
OLD_ONE_IN = 6
UNGUARDED_HA = 3.2
"""Older underpasses lack the hump (驼峰) at their ramps and take water from the streets around, beyond
their design.
"""
HEAD_M = 9.0
WELL = (
    (0.0, 40.0),
    (SUMP_M, 40.0),
    (SUMP_M + 0.1, 300.0),
    (SUMP_M + 0.6, 1500.0),
    (SUMP_M + UNDERPASS_DIP_M, 4000.0),
)
"""Depth above the sump's floor and water surface: a pit, then a carriageway 4.8 m below ground that fills."""


class Dip(NamedTuple):
    """A place that floods from its own rain: position on the plane and name of the road."""

    xy: Floats
    name: str


def find_dips(roads: list[RoadLine], plane: Plane, design: Design) -> list[Dip]:
    """Low points of the tunnels of the chosen classes, in a stable order, at least `APART_M` from each
    other.
    """
    lines = [r for r in roads if r.tunnel and r.kind in design.road_kinds and len(r.lonlat) > 1]
    dips: list[Dip] = []
    for name, shape in _tunnels(lines, plane):
        for xy in _low_points(shape, design.long_tunnel):
            if all(np.linalg.norm(xy - other.xy) >= APART_M for other in dips):
                dips.append(Dip(xy, name))
    return sorted(dips, key=lambda dip: (dip.name, *dip.xy.round().tolist()))


def _tunnels(lines: list[RoadLine], plane: Plane) -> list[tuple[str, Floats]]:
    """Name and points of each group of touching lines of one name, the longest group first."""
    shapes = np.array([shapely.LineString(plane.metres(line.lonlat)) for line in lines], dtype=object)
    if not len(shapes):
        return []
    tree = shapely.STRtree(shapes)
    pairs = tree.query(shapes, predicate="dwithin", distance=40.0)
    same = np.array([lines[a].name == lines[b].name for a, b in pairs.T], dtype=bool)
    joined = csr_matrix((np.ones(same.sum()), pairs[:, same]), shape=(len(lines), len(lines)))
    count, group = csgraph.connected_components(joined, directed=False)
    found = []
    for k in range(count):
        members = np.flatnonzero(group == k)
        points = np.concatenate(
            [shapely.get_coordinates(shapely.segmentize(shapes[m], 20.0)) for m in members]
        )
        name = lines[members[0]].name
        found.append((name, points))
    return sorted(found, key=lambda item: (-len(item[1]), item[0], *item[1][0].tolist()))


def _low_points(points: Floats, long_tunnel: float) -> list[Floats]:
    away = squareform(pdist(points))
    first, last = np.unravel_index(int(np.argmax(away)), away.shape)
    if away[first, last] > long_tunnel:
        return [points[first], points[last]]
    middle = (points[first] + points[last]) / 2
    return [points[int(np.argmin(np.linalg.norm(points - middle, axis=1)))]]


class Receivers(NamedTuple):
    """Manholes an underpass may lift into."""

    xy: Floats
    ids: list[str]
    served_by: list[str]


def build(
    dips: list[Dip], receivers: Receivers, ground: Floats, plane: Plane, design: Design
) -> tuple[list[Station], list[Subcatchment]]:
    """Underpass stations and their catchments; a dip farther than `REACH_M` from any manhole is left out."""
    away, nearest = cKDTree(receivers.xy).query(np.array([dip.xy for dip in dips]).reshape(-1, 2))
    kept = [k for k in range(len(dips)) if away[k] <= REACH_M]
    old = set(
        np.argsort(rng(design.seed, "drainage", "old underpasses").random(len(kept)))[
            : len(kept) // OLD_ONE_IN
        ].tolist()
    )
    stations, catchments = [], []
    for n, k in enumerate(kept):
        period = design.underpass_old_period if n in old else design.underpass_period
        q = formulas.storm_intensity(design.storm, period, 10.0)
        flow = float(formulas.rational_flow(0.9, q, CATCHMENT_HA)) / 1000.0
        name = f"UP{n + 1:02d}"
        stations.append(
            Station(
                id=name,
                kind="underpass",
                name=dips[k].name or "无名地道",
                lonlat=plane.degrees(dips[k].xy)[0],
                ground=round(float(ground[k]), 3),
                floor=round(float(ground[k]) - UNDERPASS_DIP_M - SUMP_M, 3),
                inlet=round(float(ground[k]) - UNDERPASS_DIP_M, 3),
                road_level=SUMP_M,
                well=list(WELL),
                target=receivers.ids[nearest[k]],
                design_period=period,
                pumps=pump_sets(name, flow, HEAD_M, 1.0, 2),
                served_by=receivers.served_by[nearest[k]],
            )
        )
        catchments.append(
            Subcatchment(f"S-{name}", name, "", UNGUARDED_HA if n in old else CATCHMENT_HA, 0.95, 60.0, 0.04)
        )
    return stations, catchments
