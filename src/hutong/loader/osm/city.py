"""Builds a city folder from an extract, and reads it back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
import yaml

from hutong.kernel.base import Label
from hutong.kernel.errors import NotFound
from hutong.loader.osm import columns, tags
from hutong.loader.osm.areas import Trees, arrange
from hutong.loader.osm.basemap import write_basemap
from hutong.loader.osm.boundary import Districts, read_districts
from hutong.loader.osm.coverage import Ints
from hutong.loader.osm.extract import Extract, read_extract, with_supplement
from hutong.loader.osm.grids import Network, UnitGrids, make_grids
from hutong.loader.osm.places import Places, make_places, place_columns
from hutong.loader.osm.plane import Geometries
from hutong.loader.osm.things import Thing, idents, make_things, properties

LICENCE = "ODbL-1.0"
SOURCE = "OpenStreetMap contributors"
ZONE = "Asia/Shanghai"
PLACES, THINGS, BASEMAP, MANIFEST = "places.table", "things.table", "basemap.mbtiles", "map.yaml"
Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class CityReport:
    """What was built. Areas in m²: of all unit grids, and quantiles 5, 50 and 95 % of one."""

    folder: Path
    snapshot: str
    box: tuple[float, float, float, float]
    grids: int
    area: float
    grid_area: tuple[float, float, float]
    trees: dict[str, int]
    things: dict[str, int]
    """By type."""
    components: dict[str, int]
    """By component class."""
    tiles: int
    skipped: int


@dataclass(frozen=True)
class CityData:
    """A generated city, as columns for a bulk loader.

    places: tree, code, name_zh, name_en, parent (code), duty_grid (code, unit grids only), provenance,
    area_m2, geometry (WKB, lon lat). things: type, code, component_class, name_zh, name_en, unit_grid (code),
    osm (idents, joined by a space), properties (JSON), geometry. `facts` is map.yaml.
    """

    places: dict[str, Any]
    things: dict[str, Any]
    facts: dict[str, Any]
    basemap: Path


def build_city(
    name: str,
    osm: Path,
    division: str,
    out: Path,
    boundary: Path | None = None,
    *,
    progress: Progress = lambda what, share: None,
    supplement: Path | None = None,
) -> CityReport:
    """Writes places, things, base map and map.yaml to `out`, and city.yaml if there is none.

    `supplement`: GeoJSON of features that the extract lacks. `progress` gets what is being done and the share
    done (0–1). Raises Invalid, and then writes nothing.
    """
    progress("read", 0.0)
    extract = read_extract(osm)
    if supplement is not None:
        extract = with_supplement(extract, supplement)
    label = _label(out, name)
    districts = read_districts(boundary, division, label, extract.box)
    progress("grids", 0.05)
    grids, trees = _divide(extract, districts)
    progress("things", 0.45)
    area = shapely.union_all(grids, grid_size=1)
    things = make_things(extract, area, grids, trees.codes, districts.plane)
    places = make_places(districts, trees, grids, things, extract)
    progress("tables", 0.55)
    out.mkdir(parents=True, exist_ok=True)
    columns.write_table(out / PLACES, place_columns(places))
    columns.write_table(out / THINGS, _thing_columns(things, trees.codes, extract))
    progress("tiles", 0.6)
    tiles = write_basemap(
        out / BASEMAP, extract, places, label, lambda share: progress("tiles", 0.6 + 0.4 * share)
    )
    report = _report(out, extract, places, things, tiles)
    _write_manifest(report, osm)
    _write_city(report, name, division)
    progress("done", 1.0)
    return report


def read_city(folder: Path) -> CityData:
    """Raises NotFound if the folder was not built, Corrupt if a file is damaged."""
    if not (folder / MANIFEST).is_file():
        raise NotFound(str(folder.name), "has no map.yaml", "build it with hutong new city")
    facts = yaml.safe_load((folder / MANIFEST).read_text("utf-8"))
    places, things = columns.read_table(folder / PLACES), columns.read_table(folder / THINGS)
    return CityData(places, things, facts, folder / BASEMAP)


def _divide(extract: Extract, districts: Districts) -> tuple[Geometries, Trees]:
    """Unit grids in units of the plane, sorted by code, and the trees above them."""
    plane = districts.plane
    matches = tags.section("edges").matches(extract)
    shapes = plane.units(extract.geometry[[m.row for m in matches]])
    lines = np.where(shapely.get_dimensions(shapes) == 2, shapely.boundary(shapes), shapes)
    network = Network(lines, np.array([m.rule.facts["rank"] for m in matches], dtype=np.int64))
    is_building = [
        shape == "a" and found.get("building", "no") != "no"
        for shape, found in zip(extract.shape, extract.tags, strict=True)
    ]
    buildings = plane.units(extract.geometry[np.array(is_building, dtype=bool)])
    grids = make_grids(network, buildings, districts.polygons, plane)
    divisions = sorted(set(districts.codes))
    trees = arrange(grids, _owner(grids, districts, divisions), divisions, plane)
    return grids.polygons[trees.order], trees


def _owner(grids: UnitGrids, districts: Districts, divisions: list[str]) -> Ints:
    """The index of each grid's division."""
    number = np.array([divisions.index(code) for code in districts.codes], dtype=np.int64)
    inner = shapely.point_on_surface(grids.polygons)
    grid, district = shapely.STRtree(districts.polygons).query(inner, predicate="intersects")
    owner = np.zeros(len(inner), dtype=np.int64)
    owner[grid] = number[district]
    return owner


def _label(out: Path, name: str) -> Label:
    """The label in city.yaml, which people may have edited, else the name given."""
    path = out / "city.yaml"
    found = (yaml.safe_load(path.read_text("utf-8")) or {}).get("label") if path.is_file() else None
    return Label(str(found["zh"]), str(found.get("en", ""))) if isinstance(found, dict) else Label(name, name)


def _thing_columns(things: list[Thing], grid_codes: list[str], extract: Extract) -> dict[str, Any]:
    shapes = np.array([t.geometry for t in things], dtype=object)
    return {
        "type": [t.type for t in things],
        "code": [t.code for t in things],
        "component_class": [t.component_class for t in things],
        "name_zh": [t.name.zh for t in things],
        "name_en": [t.name.en for t in things],
        "unit_grid": [grid_codes[t.grid] for t in things],
        "osm": [" ".join(idents(t, extract)) for t in things],
        "properties": [properties(t, extract) for t in things],
        "geometry": shapely.to_wkb(shapes, byte_order=1).tolist(),
    }


def _report(out: Path, extract: Extract, places: Places, things: list[Thing], tiles: int) -> CityReport:
    area = place_columns(places)["area_m2"][places.of("unit_grid")]
    low, middle, high = (float(v) for v in np.percentile(area, [5, 50, 95]))
    west, south, east, north = (float(v) for v in shapely.total_bounds(places.geometry))
    return CityReport(
        folder=out,
        snapshot=extract.snapshot,
        box=(west, south, east, north),
        grids=len(area),
        area=float(area.sum()),
        grid_area=(low, middle, high),
        trees=dict(sorted(Counter(places.tree).items())),
        things=dict(sorted(Counter(t.type for t in things).items())),
        components=dict(sorted(Counter(t.component_class for t in things if t.component_class).items())),
        tiles=tiles,
        skipped=extract.skipped,
    )


def _write_manifest(report: CityReport, osm: Path) -> None:
    west, south, east, north = report.box
    facts = {
        "format": "hutong-city-map/1",
        "source": {"file": osm.name, "of": SOURCE, "licence": LICENCE, "snapshot": report.snapshot},
        "box": list(report.box),
        "centre": [round((west + east) / 2, 6), round((south + north) / 2, 6)],
        "area_m2": round(report.area),
        "unit_grid_area_m2": {
            "p5": report.grid_area[0],
            "p50": report.grid_area[1],
            "p95": report.grid_area[2],
        },
        "places": report.trees,
        "things": report.things,
        "components": report.components,
        "tiles": report.tiles,
        "skipped": report.skipped,
        "files": [PLACES, THINGS, BASEMAP],
    }
    _write_yaml(report.folder / MANIFEST, "Generated by hutong new city; do not edit.", facts)


def _write_city(report: CityReport, name: str, division: str) -> None:
    path = report.folder / "city.yaml"
    if path.exists():
        return
    facts = {
        "name": name,
        "label": {"zh": name, "en": name},
        "division": division,
        "zone": ZONE,
        "packs": ["base", "urban", "hotline", "community", "emergency", "project", "drainage"],
        "box": list(report.box),
        "source": SOURCE,
        "licence": LICENCE,
    }
    _write_yaml(path, "Yours to edit: made once, never overwritten.", facts)


def _write_yaml(path: Path, comment: str, facts: dict[str, Any]) -> None:
    body = yaml.safe_dump(facts, allow_unicode=True, sort_keys=False)
    path.write_text(f"# {comment}\n{body}", "utf-8")
