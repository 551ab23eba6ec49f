"""Places (区域) of a city as rows: district, streets, communities, unit grids, beats."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from hutong.kernel.base import Label
from hutong.kernel.place import Tree
from hutong.loader.osm.areas import Areas, Trees
from hutong.loader.osm.boundary import Districts
from hutong.loader.osm.coverage import Ints, dissolve
from hutong.loader.osm.extract import Extract
from hutong.loader.osm.plane import Geometries, Plane, area_m2
from hutong.loader.osm.things import Thing

Row = tuple[Tree, str, Label, str, str, str, Any]
"""A row of Places, in the order of its columns."""


@dataclass(frozen=True)
class Places:
    """Rows by column. `parent` is the code of the next wider place; `duty_grid` a unit grid's beat."""

    tree: list[Tree]
    code: list[str]
    name: list[Label]
    parent: list[str]
    duty_grid: list[str]
    provenance: list[str]
    geometry: Geometries
    """lon, lat"""

    def of(self, tree: Tree) -> Ints:
        return np.flatnonzero(np.array(self.tree) == tree).astype(np.int64)


def make_places(
    districts: Districts, trees: Trees, grids: Geometries, things: list[Thing], extract: Extract
) -> Places:
    """`grids` in units, in the order of `trees`; `things` in lon, lat, with roads to name areas after."""
    plane = districts.plane
    roads = _Roads(things, extract, plane)
    named = districts.names
    streets = roads.label(trees.streets, named, "片区", "area")
    communities = roads.label(trees.communities, named, "社区片", "neighbourhood")
    rows = _counties(districts, trees, grids)
    rows += _rows("division", trees.streets, streets, districts)
    rows += _rows("community", trees.communities, communities, districts)
    rows += _rows("duty_grid", trees.beats, roads.label(trees.beats, {}, "责任网格", "beat"), districts)
    for i, code in enumerate(trees.codes):
        home = communities[trees.communities.of_grid[i]]
        name = Label(f"{home.zh} {code[12:]}", f"{home.en or home.zh} {code[12:]}")
        beat = trees.beats.codes[trees.beats.of_grid[i]]
        rows.append(("unit_grid", code, name, code[:12], beat, "derived", grids[i]))
    tree, code_, name_, parent, duty, provenance, shapes = (list(c) for c in zip(*rows, strict=True))
    geometry = plane.lonlat(np.array(shapes, dtype=object))
    return Places(tree, code_, name_, parent, duty, provenance, geometry)


def place_columns(places: Places) -> dict[str, Any]:
    return {
        "tree": places.tree,
        "code": places.code,
        "name_zh": [name.zh for name in places.name],
        "name_en": [name.en for name in places.name],
        "parent": places.parent,
        "duty_grid": places.duty_grid,
        "provenance": places.provenance,
        "area_m2": np.round(area_m2(places.geometry), 1),
        "geometry": shapely.to_wkb(places.geometry, byte_order=1).tolist(),
    }


def _counties(districts: Districts, trees: Trees, grids: Geometries) -> list[Row]:
    """Each county as the union of its grids, so that both have the same edge to the last digit."""
    owners, index = np.unique([code[:6] for code in trees.codes], return_inverse=True)
    shapes, _ = dissolve(grids, index.astype(np.int64))
    codes = [str(owner) for owner in owners]
    unnamed = districts.label if len(codes) == 1 else None
    kind = _kind(districts.given)
    return [
        ("division", code, districts.names.get(code) or unnamed or Label(code, code), "", "", kind, shape)
        for code, shape in zip(codes, shapes, strict=True)
    ]


def _rows(tree: Tree, areas: Areas, names: list[Label], districts: Districts) -> list[Row]:
    """`parent` is the division three digits shorter; a beat's, and a community's, is its street."""
    given = {code[:n] for code in districts.codes for n in (9, 12) if districts.given and len(code) >= n}
    return [
        (tree, code, name, code[: 6 if len(code) == 9 else 9], "", _kind(code in given), shape)
        for code, name, shape in zip(areas.codes, names, areas.polygons, strict=True)
    ]


def _kind(given: bool) -> str:
    return "recorded" if given else "derived"


class _Roads:
    """Names areas after the named road that is longest in them."""

    def __init__(self, things: list[Thing], extract: Extract, plane: Plane) -> None:
        roads = [t for t in things if t.type == "base.road" and extract.tags[t.rows[0]].get("name")]
        self._names = [t.name for t in roads]
        self._lines = plane.units(np.array([t.geometry for t in roads], dtype=object))

    def label(self, areas: Areas, known: Mapping[str, Label], zh: str, en: str) -> list[Label]:
        """Known names by code; others after their road, with a number where they would be equal."""
        stems = self._stems(areas.polygons)
        total, seen = Counter(s.zh for s in stems), Counter[str]()
        labels = []
        for code, stem in zip(areas.codes, stems, strict=True):
            seen[stem.zh] += 1
            number = f" {seen[stem.zh]}" if total[stem.zh] > 1 else ""
            derived = Label(f"{stem.zh}{zh}{number}", f"{stem.en or stem.zh} {en}{number}")
            labels.append(known.get(code) or derived)
        return labels

    def _stems(self, polygons: Geometries) -> list[Label]:
        """The road that is longest in each area, else the nearest."""
        if not len(self._lines):
            return [Label("无路名", "Unnamed")] * len(polygons)
        tree = shapely.STRtree(self._lines)
        best = {i: (-1.0, -int(r)) for i, r in enumerate(tree.nearest(shapely.centroid(polygons)))}
        area, road = tree.query(polygons, predicate="intersects")
        length = shapely.length(shapely.intersection(self._lines[road], polygons[area]))
        for a, r, long in zip(area.tolist(), road.tolist(), length.tolist(), strict=True):
            best[a] = max(best[a], (long, -r))
        return [self._names[-best[i][1]] for i in range(len(polygons))]
