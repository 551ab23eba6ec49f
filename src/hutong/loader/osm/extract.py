"""Reads an OpenStreetMap extract into columns: one row per tagged node, way or area.

Coordinates are WGS-84, which the base map treats as CGCS2000 (they differ by centimetres to decimetres).
"""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import osmium
import shapely

from hutong.kernel.errors import Invalid

SUFFIXES = (".osm", ".osm.gz", ".osm.bz2", ".pbf")
Box = tuple[float, float, float, float]
Tags = dict[str, str]


@dataclass(frozen=True)
class Extract:
    """Rows sorted by (shape, OSM id). `shape` is n (point), w (line) or a (area, multipolygon).

    `ident` is the provenance, such as `n123`, `w45` or `r7`: an area names the way or relation it was
    made from. `box` is the extract's declared bounds, else the rectangle of everything in it.
    """

    shape: npt.NDArray[np.str_]
    ident: list[str]
    tags: list[Tags]
    geometry: npt.NDArray[np.object_]
    box: Box
    snapshot: str
    """When the data was taken, as the file says it, or the newest edit in it; empty if unknown."""
    skipped: int
    """Objects left out because nodes they need are not in the file."""

    def __len__(self) -> int:
        return len(self.ident)


def read_extract(path: Path) -> Extract:
    """Raises Invalid if the file is missing, of another kind, damaged, or holds nothing with tags."""
    if not path.is_file():
        raise Invalid("osm", f"{path.name}: no such file", "give the path of an OpenStreetMap extract")
    if not path.name.endswith(SUFFIXES):
        raise Invalid("osm", f"{path.name}: not an extract by its name", f"use one of {', '.join(SUFFIXES)}")
    try:
        rows, newest, skipped = _rows(path)
        box = _declared_box(path)
    except (RuntimeError, OSError) as error:
        raise Invalid(
            "osm",
            f"{path.name} cannot be read as OpenStreetMap data: {error}",
            "the file is damaged, cut short or of another kind; download it again",
        ) from error
    if not rows:
        raise Invalid("osm", f"{path.name} holds no tagged object", "take a larger extract")
    rows.sort(key=lambda row: (row[0], row[1]))
    geometry = shapely.from_wkb([row[3] for row in rows])
    return Extract(
        np.array([row[0] for row in rows]),
        [row[4] for row in rows],
        [row[2] for row in rows],
        geometry,
        box or _rectangle(geometry),
        _declared_snapshot(path) or newest,
        skipped,
    )


Row = tuple[str, int, Tags, str, str]
SUPPLEMENT = "s"
"""Idents of drawn features begin with it; they are not OpenStreetMap's."""


def with_supplement(extract: Extract, path: Path) -> Extract:
    """The extract with features that it lacks, from GeoJSON whose properties are OpenStreetMap tags.

    The box stays the extract's. Raises Invalid naming the feature.
    """
    try:
        features = json.loads(path.read_text("utf-8"))["features"]
        shapes = [shapely.from_geojson(json.dumps(one["geometry"])) for one in features]
        tags = [{str(k): str(v) for k, v in one["properties"].items()} for one in features]
    except (OSError, ValueError, KeyError, TypeError, shapely.GEOSException) as error:
        raise Invalid(
            "supplement", f"{path.name} is not a GeoJSON feature collection: {error}", "mend it"
        ) from error
    kinds = [_SHAPES.get(int(dimension), "") for dimension in shapely.get_dimensions(shapes)]
    return replace(
        extract,
        shape=np.concatenate([extract.shape, np.array(kinds)]),
        ident=[*extract.ident, *(f"{SUPPLEMENT}{number}" for number in range(1, len(features) + 1))],
        tags=[*extract.tags, *tags],
        geometry=np.concatenate([extract.geometry, np.array(shapes, dtype=object)]),
    )


_SHAPES = {0: "n", 1: "w", 2: "a"}


def _rows(path: Path) -> tuple[list[Row], str, int]:
    rows: list[Row] = []
    wkb = osmium.geom.WKBFactory()
    newest = 0.0
    skipped = 0
    tagged = osmium.filter.EmptyTagFilter()
    item: Any
    for item in osmium.FileProcessor(str(path)).with_locations().with_areas().with_filter(tagged):
        newest = max(newest, item.timestamp.timestamp())
        try:
            row = _row(item, wkb)
        except (osmium.InvalidLocationError, RuntimeError):
            skipped += 1
            continue
        if row:
            rows.append(row)
    stamp = np.datetime64(int(newest), "s").item().isoformat() + "Z" if newest > 0 else ""
    return rows, stamp, skipped


def _row(item: Any, wkb: osmium.geom.WKBFactory) -> Row | None:
    if item.is_node():
        return ("n", item.id, dict(item.tags), wkb.create_point(item), f"n{item.id}")
    if item.is_way():
        return ("w", item.id, dict(item.tags), wkb.create_linestring(item), f"w{item.id}")
    if item.is_area():
        ident = f"{'w' if item.from_way() else 'r'}{item.orig_id()}"
        return ("a", item.id, dict(item.tags), wkb.create_multipolygon(item), ident)
    return None


def _declared_box(path: Path) -> Box | None:
    reader = osmium.io.Reader(str(path))
    try:
        box = reader.header().box()
    finally:
        reader.close()
    if not box.valid():
        return None
    return (box.bottom_left.lon, box.bottom_left.lat, box.top_right.lon, box.top_right.lat)


def _declared_snapshot(path: Path) -> str:
    if path.name.endswith(".pbf"):
        reader = osmium.io.Reader(str(path))
        try:
            return str(reader.header().get("osmosis_replication_timestamp", ""))
        finally:
            reader.close()
    if path.name.endswith(".bz2"):
        return ""
    with gzip.open(path) if path.name.endswith(".gz") else path.open("rb") as file:
        found = re.search(rb'(?:osm_base|timestamp)="([^"]+)"', file.read(2000).split(b"<node")[0])
    return found.group(1).decode() if found else ""


def _rectangle(geometry: npt.NDArray[np.object_]) -> Box:
    west, south, east, north = (float(v) for v in shapely.total_bounds(geometry))
    return (west, south, east, north)
