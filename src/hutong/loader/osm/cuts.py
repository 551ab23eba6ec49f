"""Cuts large blocks into pieces of about the target area.

A block of n times the target (n rounded) is cut across its longer side, so that the two parts hold ⌊n/2⌋
and ⌈n/2⌉ shares; each part is treated the same way. Where buildings stand near the place of the cut, it
moves by up to a fifth of a share to where it meets least of them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from shapely import affinity

from hutong.loader.osm.plane import Floats, Geometries, Plane

TARGET = 10_000.0
"""m², the 万米单元网格."""
_WHOLE = 1.45
"""A block up to this many targets stays whole."""
_PLAY = 0.2
_TRIALS = 21
_FAR = 1e7


def cut_blocks(blocks: Geometries, buildings: Geometries, plane: Plane) -> Geometries:
    """Cut lines, in the plane's units, that divide the blocks (of the same plane)."""
    metric = plane.metres(blocks)
    solid = plane.metres(buildings)
    tree = shapely.STRtree(solid)
    lines: list[Any] = []
    for block in metric[shapely.area(metric) > _WHOLE * TARGET]:
        near = solid[np.sort(tree.query(block, predicate="intersects"))]
        _cut(block, near, lines)
    return np.asarray(plane.from_metres(np.array(lines, dtype=object)), dtype=object)


def _cut(block: Any, buildings: Geometries, lines: list[Any]) -> None:
    angle, centre = _long_axis(block)
    pending = [affinity.rotate(block, -angle, origin=centre)]
    turned = np.array([affinity.rotate(b, -angle, origin=centre) for b in buildings], dtype=object)
    spans = shapely.bounds(turned) if len(turned) else np.empty((0, 4))
    while pending:
        part = pending.pop()
        shares = round(part.area / TARGET)
        if part.area <= _WHOLE * TARGET or shares < 2:
            continue
        west, south, east, north = part.bounds
        along_x = east - west >= north - south
        at = _place(part, shares, spans, along_x)
        knife = shapely.LineString([(at, -_FAR), (at, _FAR)] if along_x else [(-_FAR, at), (_FAR, at)])
        chord = shapely.intersection(knife, part)
        lines.append(affinity.rotate(chord, angle, origin=centre))
        pending += _halves(part, at, along_x)


def _long_axis(block: Any) -> tuple[float, Any]:
    """Angle in degrees, within ±45, that lays the block's tightest rectangle along the axes."""
    box = shapely.get_coordinates(shapely.minimum_rotated_rectangle(block))
    sides = np.diff(box, axis=0)
    dx, dy = sides[np.argmax(np.hypot(sides[:, 0], sides[:, 1]))]
    angle = float(np.degrees(np.arctan2(dy, dx)))
    return (angle + 45) % 90 - 45, shapely.Point(box[0])


def _halves(part: Any, at: float, along_x: bool) -> list[Any]:
    if along_x:
        boxes = [shapely.box(-_FAR, -_FAR, at, _FAR), shapely.box(at, -_FAR, _FAR, _FAR)]
    else:
        boxes = [shapely.box(-_FAR, -_FAR, _FAR, at), shapely.box(-_FAR, at, _FAR, _FAR)]
    pieces = shapely.get_parts(shapely.intersection(part, np.array(boxes, dtype=object)))
    return [piece for piece in pieces if piece.geom_type == "Polygon"]


def _place(part: Any, shares: int, spans: Floats, along_x: bool) -> float:
    """Where the cut goes: the coordinate below which lie ⌊shares/2⌋ of `shares` equal parts."""
    area = part.area
    want = area * (shares // 2) / shares
    play = area / shares * _PLAY
    low, high = (part.bounds[0], part.bounds[2]) if along_x else (part.bounds[1], part.bounds[3])
    edges = _edges(part, along_x)
    trials = np.linspace(low, high, 257)
    below = _area_below(edges, trials)
    best = float(np.interp(want, below, trials))
    if not len(spans):
        return best
    first, last = np.interp([want - play, want + play], below, trials)
    trials = np.concatenate([[best], np.linspace(first, last, _TRIALS)])
    return float(trials[np.argmin(_met(trials, spans, along_x) + 0.1 * np.abs(trials - best))])


def _met(trials: Floats, spans: Floats, along_x: bool) -> Floats:
    """Metres of building (by bounding box) that each trial cut meets."""
    near, far = (0, 2) if along_x else (1, 3)
    across = spans[:, 3] - spans[:, 1] if along_x else spans[:, 2] - spans[:, 0]
    hit = (spans[:, near] < trials[:, None]) & (trials[:, None] < spans[:, far])
    return np.asarray(hit @ across, dtype=np.float64)


def _edges(part: Any, along_x: bool) -> Floats:
    """Edges of all rings as rows (u1, u2, v2 − v1), u along the cut's axis; outer rings one way round,
    holes the other."""
    rings = shapely.get_rings(shapely.orient_polygons(part))
    points, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    u, v = (points[:, 0], points[:, 1]) if along_x else (points[:, 1], points[:, 0])
    return np.column_stack([u[:-1][same], u[1:][same], (v[1:] - v[:-1])[same]])


def _area_below(edges: Floats, trials: Floats) -> Floats:
    """Area where u < t, for each t: by Green's theorem ∮ min(u, t) dv, with min(u, t) integrated exactly
    along each straight edge."""
    low, high = np.minimum(edges[:, 0], edges[:, 1]), np.maximum(edges[:, 0], edges[:, 1])
    t = trials[:, None]
    width = np.maximum(high - low, 1e-9)
    share = np.clip((t - low) / width, 0.0, 1.0)
    mean = share * (low + np.clip(t, low, high)) / 2 + (1 - share) * t
    mean = np.where(t >= high, (low + high) / 2, mean)
    base = low.min() if len(low) else 0.0
    total = (np.where(t <= low, t, mean) - base) @ edges[:, 2]
    return np.asarray(np.abs(total), dtype=np.float64)
