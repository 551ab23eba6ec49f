"""The city's own base map: vector tiles of zoom 9–16 (clients overzoom beyond).

Layers and attributes (names are absent where unknown):

- land, green, water, waterway, building, place: class, name, name_en
- road: class, name, name_en, bridge, tunnel (true or absent)
- transit, poi: class, kind (the tag's value), name, name_en
- grid (from zoom 13): code
- district: level (division, street, community), code, name, name_en
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from hutong.kernel import mvt
from hutong.kernel.base import Label
from hutong.loader.osm import tags
from hutong.loader.osm.coverage import Ints
from hutong.loader.osm.extract import Extract, Tags
from hutong.loader.osm.mbtiles import Tile, describe, write_tiles
from hutong.loader.osm.places import Places
from hutong.loader.osm.plane import Geometries

ZOOMS = (9, 16)
ATTRIBUTION = "© OpenStreetMap contributors"
LAYERS = ("land", "green", "water", "waterway", "road", "building", "transit", "poi", "place")
_AS_POINT = ("poi", "place", "transit")
_MERGED_BELOW = 14
"""Below this zoom, lines of equal attributes are one feature."""
_NAMES_FROM = 11
_TOLERANCE = 4.0
"""Tile units (of 4096) by which lines may be simplified: half a pixel; at the last zoom a quarter of that."""
_SPECKS = 24.0
"""Square tile units below which an area is not drawn before the last zoom."""


@dataclass(frozen=True)
class Layer:
    """Shapes in the web Mercator unit square, their first zoom, and attribute columns."""

    name: str
    shapes: Geometries
    zoom: Ints
    attributes: dict[str, list[Any]]

    def take(self, rows: Ints) -> Layer:
        columns = {key: [column[i] for i in rows.tolist()] for key, column in self.attributes.items()}
        return Layer(self.name, self.shapes[rows], self.zoom[rows], columns)


def write_basemap(
    path: Path, extract: Extract, places: Places, name: Label, progress: Callable[[float], None]
) -> int:
    """The number of tiles. `progress` gets the share done."""
    box = shapely.box(*shapely.total_bounds(places.geometry))
    layers = [_tagged(layer, extract, box) for layer in LAYERS]
    layers += [_city_label(name, box), _grid(places), _district(places)]
    layers = [layer for layer in layers if len(layer.shapes)]
    west, south, east, north = box.bounds
    fields = {layer.name: (max(int(layer.zoom.min()), ZOOMS[0]), layer.attributes) for layer in layers}
    metadata = describe(
        fields,
        ZOOMS,
        name=name.zh,
        attribution=ATTRIBUTION,
        bounds=f"{west},{south},{east},{north}",
        center=f"{(west + east) / 2:.6f},{(south + north) / 2:.6f},12",
    )
    return write_tiles(path, _tiles(layers, box, progress), metadata)


def _tagged(name: str, extract: Extract, box: Any) -> Layer:
    found = tags.section(f"map.{name}").matches(extract)
    rows = np.array([m.row for m in found], dtype=np.int64)
    inside = shapely.intersects(box, extract.geometry[rows])
    found = [m for m, here in zip(found, inside, strict=True) if here]
    shapes = mvt.web_mercator(extract.geometry[rows[inside]])
    if name in _AS_POINT:
        areal = shapely.get_dimensions(shapes) == 2
        shapes[areal] = shapely.point_on_surface(shapes[areal])
    objects = [extract.tags[m.row] for m in found]
    columns: dict[str, list[Any]] = {"class": [m.rule.facts["class"] for m in found]}
    if name in ("transit", "poi"):
        columns["kind"] = [
            next(o[key] for key, _, _ in m.rule.where) for m, o in zip(found, objects, strict=True)
        ]
    names = [tags.names(o) for o in objects]
    columns["name"] = [n.zh or None for n in names]
    columns["name_en"] = [n.en or None for n in names]
    if name == "road":
        columns["bridge"] = [_yes(o, "bridge") for o in objects]
        columns["tunnel"] = [_yes(o, "tunnel") for o in objects]
    return Layer(name, shapes, np.array([m.rule.facts["zoom"] for m in found], dtype=np.int64), columns)


def _yes(found: Tags, key: str) -> bool | None:
    return True if found.get(key, "no") != "no" else None


def _city_label(name: Label, box: Any) -> Layer:
    shapes = mvt.web_mercator(np.array([shapely.centroid(box)], dtype=object))
    columns: dict[str, list[Any]] = {"class": ["city"], "name": [name.zh], "name_en": [name.en or None]}
    return Layer("place", shapes, np.array([ZOOMS[0]]), columns)


def _grid(places: Places) -> Layer:
    rows = places.of("unit_grid")
    columns: dict[str, list[Any]] = {"code": [places.code[i] for i in rows.tolist()]}
    return Layer("grid", mvt.web_mercator(places.geometry[rows]), np.full(len(rows), 13), columns)


def _district(places: Places) -> Layer:
    rows = np.concatenate([places.of("division"), places.of("community")])
    level = {6: "division", 9: "street", 12: "community"}
    codes = [places.code[i] for i in rows.tolist()]
    names = [places.name[i] for i in rows.tolist()]
    columns: dict[str, list[Any]] = {
        "level": [level[len(code)] for code in codes],
        "code": codes,
        "name": [n.zh or None for n in names],
        "name_en": [n.en or None for n in names],
    }
    first = {6: 9, 9: 11, 12: 13}
    zoom = np.array([first[len(code)] for code in codes], dtype=np.int64)
    return Layer("district", mvt.web_mercator(places.geometry[rows]), zoom, columns)


# ---- tiles -------------------------------------------------------------------------------------------------


def _tiles(layers: list[Layer], box: Any, progress: Callable[[float], None]) -> Iterator[Tile]:
    west, north, east, south = shapely.bounds(mvt.web_mercator(box))[[0, 1, 2, 3]]
    for z in range(ZOOMS[0], ZOOMS[1] + 1):
        ready = [_Drawn(_at_zoom(layer, z)) for layer in layers if (layer.zoom <= z).any()]
        columns = range(int(west * 2**z), int(east * 2**z) + 1)
        for x in columns:
            for y in range(int(north * 2**z), int(south * 2**z) + 1):
                body = mvt.encode([drawn for layer in ready for drawn in layer.tile(z, x, y)])
                if body:
                    yield z, x, y, body
            done = (x - columns.start + 1) / len(columns)
            progress((4.0**z * done) / 4.0 ** ZOOMS[1])


def _at_zoom(layer: Layer, z: int) -> Layer:
    """What is drawn at a zoom, simplified to it."""
    shown = layer.take(np.flatnonzero(layer.zoom <= z))
    last = z == ZOOMS[1]
    unit = 1 / (mvt.EXTENT * 2.0**z)
    dimension = shapely.get_dimensions(shown.shapes)
    if not last:
        shown = shown.take(np.flatnonzero((dimension < 2) | (shapely.area(shown.shapes) > _SPECKS * unit**2)))
    if z < _NAMES_FROM and layer.name == "road":
        shown = Layer(shown.name, shown.shapes, shown.zoom, {"class": shown.attributes["class"]})
    if z < _MERGED_BELOW and layer.name in ("road", "waterway", "transit"):
        shown = _lines_merged(shown)
    tolerance = unit * (_TOLERANCE / 4 if last else _TOLERANCE)
    if layer.name in ("grid", "district"):
        return shown
    shapes = shapely.simplify(shown.shapes, tolerance, preserve_topology=False)
    return Layer(shown.name, shapes, shown.zoom, shown.attributes)


def _lines_merged(layer: Layer) -> Layer:
    groups: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    is_line = shapely.get_dimensions(layer.shapes) == 1
    columns = list(layer.attributes.values())
    for i, line in enumerate(is_line):
        groups[(*(column[i] for column in columns), -1 if line else i)].append(i)
    first = np.array([rows[0] for rows in groups.values()], dtype=np.int64)
    merged = layer.take(first)
    for k, rows in enumerate(groups.values()):
        if len(rows) > 1:
            merged.shapes[k] = shapely.line_merge(
                shapely.multilinestrings(shapely.get_parts(layer.shapes[rows]))
            )
    return merged


class _Drawn:
    """A layer at one zoom, with an index of its shapes."""

    def __init__(self, layer: Layer) -> None:
        self._layer = layer
        self._tree = shapely.STRtree(layer.shapes)

    def tile(self, z: int, x: int, y: int) -> list[mvt.MvtLayer]:
        edge = mvt.BUFFER / mvt.EXTENT
        view = shapely.box(*(v / 2**z for v in (x - edge, y - edge, x + 1 + edge, y + 1 + edge)))
        rows = np.sort(self._tree.query(view)).astype(np.int64)
        if not len(rows):
            return []
        seen = self._layer.take(rows)
        return [mvt.MvtLayer(seen.name, mvt.to_tile(seen.shapes, z, x, y), seen.attributes)]
