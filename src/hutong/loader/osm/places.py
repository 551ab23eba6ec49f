"""Places (区域) of a city as rows: district, streets, communities, unit grids, beats."""

from __future__ import annotations

from collections import Counter
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
    rows: list[tuple[Tree, str, Label, str, str, str, Any]] = []
    borders, codes = _districts(districts, trees, grids)
    kind = "recorded" if districts.given else "derived"
    names = dict(zip(districts.codes, districts.names, strict=True))
    rows += [
        ("division", code, names[code], "", "", kind, border)
        for code, border in zip(codes, borders, strict=True)
    ]
    roads = _Roads(things, extract, plane)
    streets = roads.label(trees.streets.polygons, "片区", "area")
    communities = roads.label(trees.communities.polygons, "社区片", "neighbourhood")
    beats = roads.label(trees.beats.polygons, "责任网格", "beat")
    rows += _rows("division", trees.streets, streets, 6)
    rows += _rows("community", trees.communities, communities, 9)
    rows += _rows("duty_grid", trees.beats, beats, 9)
    for i, code in enumerate(trees.codes):
        home = communities[trees.communities.of_grid[i]]
        name = Label(f"{home.zh} {code[12:]}", f"{home.en} {code[12:]}")
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


def _districts(districts: Districts, trees: Trees, grids: Geometries) -> tuple[Geometries, list[str]]:
    """Each division as the union of its grids, so that both have the same edge to the last digit."""
    codes = sorted(set(districts.codes))
    owner = np.array([codes.index(code[:6]) for code in trees.codes], dtype=np.int64)
    return dissolve(grids, owner)[0], [codes[i] for i in np.unique(owner)]


def _rows(tree: Tree, areas: Areas, names: list[Label], parent: int) -> list[tuple[Any, ...]]:
    return [
        (tree, code, name, code[:parent], "", "derived", shape)
        for code, name, shape in zip(areas.codes, names, areas.polygons, strict=True)
    ]


class _Roads:
    """Names areas after the named road that is longest in them."""

    def __init__(self, things: list[Thing], extract: Extract, plane: Plane) -> None:
        roads = [t for t in things if t.type == "base.road" and extract.tags[t.rows[0]].get("name")]
        self._names = [t.name for t in roads]
        self._lines = plane.units(np.array([t.geometry for t in roads], dtype=object))

    def label(self, polygons: Geometries, zh: str, en: str) -> list[Label]:
        """Unlike names: those that would be equal get a number."""
        best: dict[int, tuple[float, int]] = {}
        area, road = shapely.STRtree(self._lines).query(polygons, predicate="intersects")
        length = shapely.length(shapely.intersection(self._lines[road], polygons[area]))
        for a, r, metres in zip(area.tolist(), road.tolist(), length.tolist(), strict=True):
            best[a] = max(best.get(a, (-1.0, 0)), (metres, -r))
        nearest = shapely.STRtree(self._lines).nearest(shapely.centroid(polygons)) if len(self._lines) else []
        best = {i: (0.0, -int(r)) for i, r in enumerate(nearest)} | best
        stems = [
            self._names[-best[i][1]] if i in best else Label("无路名", "Unnamed")
            for i in range(len(polygons))
        ]
        total, seen = Counter(s.zh for s in stems), Counter[str]()
        labels = []
        for stem in stems:
            seen[stem.zh] += 1
            number = f" {seen[stem.zh]}" if total[stem.zh] > 1 else ""
            labels.append(Label(f"{stem.zh}{zh}{number}", f"{stem.en or stem.zh} {en}{number}"))
        return labels
