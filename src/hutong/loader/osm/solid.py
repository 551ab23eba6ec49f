"""Keeps buildings whole: no grid edge runs through one.

Where an edge crosses a building it is replaced by the building's outline, and the building joins one of its
neighbours. Courtyards count as part of the building.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from scipy import sparse

from hutong.loader.osm.coverage import Ints
from hutong.loader.osm.plane import Geometries

_CROSSES = "T********"
"""DE-9IM: the interiors meet."""


def footprints(buildings: Geometries, districts: Geometries) -> Geometries:
    """Filled outlines; buildings that overlap (not those that only touch) become one.

    A building on a district border is two, one each side: that border outranks the building.
    """
    outlines = _outlines(shapely.make_valid(shapely.get_parts(buildings)))
    outline, district = shapely.STRtree(districts).query(outlines, predicate="intersects")
    outlines = _outlines(shapely.intersection(outlines[outline], districts[district], grid_size=1))
    i, j = shapely.STRtree(outlines).query(outlines, predicate="intersects")
    overlap = shapely.relate_pattern(outlines[i], outlines[j], _CROSSES)
    group = _connected(len(outlines), i[overlap], j[overlap])
    order = np.argsort(group, kind="stable")
    bounds = np.searchsorted(group[order], np.arange(group.max(initial=-1) + 2))
    merged = outlines[order[bounds[:-1]]]
    for g in np.flatnonzero(np.diff(bounds) > 1):
        merged[g] = shapely.union_all(outlines[order[bounds[g] : bounds[g + 1]]], grid_size=1)
    return _outlines(merged)


def _outlines(geometry: Geometries) -> Geometries:
    parts = shapely.get_parts(shapely.get_parts(geometry))
    rings = shapely.get_exterior_ring(parts[shapely.get_type_id(parts) == 3])
    return np.asarray(shapely.polygons(rings), dtype=object)


def reroute(lines: Any, buildings: Geometries) -> tuple[Any, Geometries]:
    """The lines led around the buildings they cross, and those buildings."""
    pieces = shapely.get_parts(lines)
    line, building = shapely.STRtree(buildings).query(pieces, predicate="intersects")
    cross = shapely.relate_pattern(pieces[line], buildings[building], _CROSSES)
    crossed = buildings[np.unique(building[cross])]
    if not len(crossed):
        return lines, crossed
    outside = shapely.difference(lines, shapely.union_all(crossed), grid_size=1)
    return shapely.union_all([outside, *shapely.boundary(crossed)], grid_size=1), crossed


def unite(faces: Geometries, crossed: Geometries) -> tuple[Ints, Ints]:
    """A label per face, equal for all faces within one crossed building, and the faces that are
    within one."""
    inner = shapely.point_on_surface(faces)
    building, face = shapely.STRtree(inner).query(crossed, predicate="contains")
    first: dict[int, int] = {}
    anchor = np.array([first.setdefault(b, f) for b, f in zip(building, face, strict=True)], dtype=np.int64)
    return _connected(len(faces), face, anchor), np.unique(face).astype(np.int64)


def _connected(n: int, i: Any, j: Any) -> Ints:
    links = sparse.coo_matrix((np.ones(len(i), dtype=np.int8), (i, j)), shape=(n, n))
    return np.asarray(sparse.csgraph.connected_components(links, directed=False)[1], dtype=np.int64)
