"""Things (城市对象) from tagged objects: what they are (`tags.yaml`), in which unit grid, under which code.

Pieces of one road, watercourse or bridge (same name, near each other) are one thing. Roads and waters are
cut at the city's border; other things keep their whole shape. A thing lies in the unit grid of its middle
point.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from scipy import sparse

from hutong.kernel.base import Label
from hutong.kernel.codes import component_id
from hutong.kernel.locate import OUTSIDE, Locator
from hutong.loader.osm import tags
from hutong.loader.osm.coverage import Ints
from hutong.loader.osm.extract import Extract, Tags
from hutong.loader.osm.plane import Geometries, Plane

COMPONENT = "urban.component"
_CUT_AT_BORDER = ("base.road", "base.water_body")
_NEAR_ROAD = 60.0
"""Metres within which an unnamed thing is named after a road."""
_PRIVATE = (
    "name",
    "alt_name",
    "old_name",
    "int_name",
    "source",
    "note",
    "fixme",
    "created_by",
    "description",
)
_CONTACT = ("contact", "phone", "email", "fax", "operator:phone")
_CLASSES = ("motorway", "trunk", "primary", "secondary", "tertiary", "unclassified", "residential")


@dataclass(frozen=True)
class Thing:
    """`geometry` in units of the plane, later in lon, lat."""

    type: str
    component_class: str
    name: Label
    rule: tags.Rule
    rows: tuple[int, ...]
    geometry: Any
    code: str = ""
    grid: int = OUTSIDE


def make_things(
    extract: Extract, area: Any, grids: Geometries, grid_codes: list[str], plane: Plane
) -> list[Thing]:
    """Things within `area`, sorted by type, class and code, in lon, lat. `area` and `grids` in the plane."""
    drafts = _drafts(extract, area, plane)
    drafts = _give_way(_merged(drafts, extract, plane), plane)
    drafts = _named(drafts, extract, plane)
    place = _grid(drafts, area, grids)
    drafts = [replace(t, grid=int(g)) for t, g in zip(drafts, place, strict=True) if g != OUTSIDE]
    coded = _coded(drafts, extract, grid_codes)
    shapes = plane.lonlat(np.array([t.geometry for t in coded], dtype=object))
    final = [replace(t, geometry=shape) for t, shape in zip(coded, shapes, strict=True)]
    return sorted(final, key=lambda t: (t.type, t.component_class, t.code))


def idents(thing: Thing, extract: Extract) -> list[str]:
    return [extract.ident[row] for row in thing.rows]


def properties(thing: Thing, extract: Extract) -> str:
    """JSON of the object's tags that say what it is; of several pieces, what most say."""
    pieces = [_plain(extract.tags[row]) for row in thing.rows]
    keys = sorted({key for piece in pieces for key in piece})
    facts: dict[str, Any] = {key: _common([p[key] for p in pieces if key in p]) for key in keys}
    if thing.type == "base.road":
        kinds = [k for k in _CLASSES if any(p.get("highway") == k for p in pieces)]
        facts["highway"] = kinds[0] if kinds else facts["highway"]
    return json.dumps(facts, ensure_ascii=False, sort_keys=True)


def _plain(found: Tags) -> Tags:
    heads = {key: key.split(":")[0] for key in found}
    return {k: v for k, v in found.items() if heads[k] not in _PRIVATE and heads[k] not in _CONTACT}


def _common(values: list[str]) -> str:
    return min(Counter(values).items(), key=lambda item: (-item[1], item[0]))[0]


def _drafts(extract: Extract, area: Any, plane: Plane) -> list[Thing]:
    shapely.prepare(area)
    found: list[Thing] = []
    seen: set[tuple[str, int]] = set()
    matches = tags.section("things").matches(extract)
    shapes = plane.units(extract.geometry[[m.row for m in matches]])
    inside = shapely.intersects(area, shapes)
    for match, shape, here in zip(matches, shapes, inside, strict=True):
        kind = match.rule.facts.get("type", COMPONENT)
        mark = (extract.ident[match.row], match.rule.place)
        if not here or mark in seen:
            continue
        seen.add(mark)
        if kind in _CUT_AT_BORDER:
            shape = _within(shape, area)  # noqa: PLW2901
        if shape is not None:
            name = tags.names(extract.tags[match.row])
            number = match.rule.facts.get("class", "")
            found.append(Thing(kind, number, name, match.rule, (match.row,), shape))
    return found


def _within(shape: Any, area: Any) -> Any | None:
    """The part inside, of the same dimension; None if the shape only touches the border."""
    if shapely.contains_properly(area, shape):
        return shape
    parts = shapely.get_parts(shapely.intersection(shape, area, grid_size=1))
    parts = parts[shapely.get_dimensions(parts) == shapely.get_dimensions(shape)]
    return shapely.union_all(parts) if len(parts) else None


def _merged(drafts: list[Thing], extract: Extract, plane: Plane) -> list[Thing]:
    groups: dict[tuple[str, str, tuple[bool, ...]], list[int]] = defaultdict(list)
    alone: list[Thing] = []
    for i, thing in enumerate(drafts):
        key = _merge_name(thing, extract)
        if key and "merge" in thing.rule.facts:
            groups[thing.component_class or thing.type, key, _apart(thing, extract)].append(i)
        else:
            alone.append(thing)
    for (_, key, _), members in groups.items():
        pieces = [drafts[i] for i in members]
        for group in _near(pieces, plane):
            alone.append(_one(group, key))
    return sorted(alone, key=lambda thing: (thing.rows, thing.rule.place))


def _apart(thing: Thing, extract: Extract) -> tuple[bool, ...]:
    """Pieces that differ in one of these tags stay apart: water does not run off a road in a tunnel."""
    found = extract.tags[thing.rows[0]]
    return tuple(found.get(tag, "no") != "no" for tag in thing.rule.facts.get("apart", ()))


def _merge_name(thing: Thing, extract: Extract) -> str:
    found = extract.tags[thing.rows[0]]
    bridge = found.get("bridge:name", "") if thing.component_class == "02009" else ""
    return bridge or thing.name.zh


def _near(pieces: list[Thing], plane: Plane) -> list[list[Thing]]:
    """Pieces in groups whose members lie within the rule's distance of another member."""
    shapes = plane.metres(np.array([p.geometry for p in pieces], dtype=object))
    distance = float(pieces[0].rule.facts["merge"])
    i, j = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=distance)
    links = sparse.coo_matrix((np.ones(len(i), dtype=np.int8), (i, j)), shape=(len(pieces),) * 2)
    _, label = sparse.csgraph.connected_components(links, directed=False)
    groups: dict[int, list[Thing]] = defaultdict(list)
    for piece, group in zip(pieces, label.tolist(), strict=True):
        groups[group].append(piece)
    return list(groups.values())


def _one(group: list[Thing], name: str) -> Thing:
    shape = (
        shapely.union_all([t.geometry for t in group], grid_size=1) if len(group) > 1 else group[0].geometry
    )
    if shapely.get_dimensions(shape) == 1:
        shape = shapely.line_merge(shape)
    english = [t.name.en for t in group if t.name.en]
    rows = tuple(sorted({row for t in group for row in t.rows}))
    return replace(group[0], name=Label(name, _common(english) if english else ""), rows=rows, geometry=shape)


def _give_way(things: list[Thing], plane: Plane) -> list[Thing]:
    """Leaves out things of a rule that gives way to earlier rules' things of the same class nearby."""
    keep = np.ones(len(things), dtype=bool)
    points = shapely.centroid(plane.metres(np.array([t.geometry for t in things], dtype=object)))
    for place in sorted({t.rule.place for t in things if "gives_way" in t.rule.facts}):
        weak = [i for i, t in enumerate(things) if t.rule.place == place]
        rule = things[weak[0]].rule
        strong = [
            i
            for i, t in enumerate(things)
            if keep[i] and t.component_class == rule.facts["class"] and t.rule.place < place
        ]
        near, _ = shapely.STRtree(points[strong]).query(
            points[weak], predicate="dwithin", distance=float(rule.facts["gives_way"])
        )
        keep[np.array(weak)[near]] = False
    return [t for t, kept in zip(things, keep, strict=True) if kept]


def _named(things: list[Thing], extract: Extract, plane: Plane) -> list[Thing]:
    """Unnamed things are called after what they are and the one or two named roads beside them."""
    roads = [t for t in things if t.type == "base.road" and t.name.zh]
    bare = [i for i, t in enumerate(things) if not t.name.zh]
    shapes = plane.metres(np.array([t.geometry for t in roads], dtype=object))
    points = shapely.centroid(plane.metres(np.array([things[i].geometry for i in bare], dtype=object)))
    point, road = shapely.STRtree(shapes).query(points, predicate="dwithin", distance=_NEAR_ROAD)
    distance = shapely.distance(points[point], shapes[road])
    beside: dict[int, list[Label]] = defaultdict(list)
    for k in np.lexsort((road, np.rint(distance * 100), point)):
        labels, label = beside[bare[point[k]]], roads[road[k]].name
        if len(labels) < 2 and label not in labels:
            labels.append(label)
    return [
        t
        if t.name.zh
        else replace(t, name=_place_name(t.rule.label(extract.tags[t.rows[0]]), beside.get(i, [])))
        for i, t in enumerate(things)
    ]


def _place_name(what: Label, roads: list[Label]) -> Label:
    if not roads:
        return what
    english = " / ".join(road.en or road.zh for road in roads)
    return Label(zh="".join(("/".join(r.zh for r in roads), what.zh)), en=f"{what.en}, {english}")


def _grid(things: list[Thing], area: Any, grids: Geometries) -> Ints:
    shapes = np.array([t.geometry for t in things], dtype=object)
    dimension = shapely.get_dimensions(shapes)
    middle = shapely.point_on_surface(shapes)
    for i in np.flatnonzero(dimension == 1):
        longest = max(shapely.get_parts(shapes[i]), key=shapely.length)
        middle[i] = shapely.line_interpolate_point(longest, 0.5, normalized=True)
    found = Locator(grids).locate(middle)
    out = np.flatnonzero(found == OUTSIDE)
    inside = shapely.point_on_surface(shapely.intersection(shapes[out], area))
    found[out] = Locator(grids).locate(inside)
    return found


def _coded(things: list[Thing], extract: Extract, grid_codes: list[str]) -> list[Thing]:
    """Components are numbered within division and class in the order of their OSM ids, so that later ones
    mostly come last; other things are called by their first OSM id."""
    count: Counter[tuple[str, str]] = Counter()
    coded = []
    for thing in things:
        division = grid_codes[thing.grid][:6]
        if thing.type == COMPONENT:
            count[division, thing.component_class] += 1
            number = count[division, thing.component_class]
            code = component_id(division, thing.component_class, number).code
        else:
            code = f"{division}-{extract.ident[thing.rows[0]]}"
        coded.append(replace(thing, code=code))
    return coded
