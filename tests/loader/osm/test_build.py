"""The whole import: same bytes, base map, what is kept, and what bad input is told."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import apsw
import numpy as np
import osmium
import pytest
import shapely
import yaml

from hutong.kernel.errors import Corrupt, Invalid, NotFound
from hutong.kernel.locate import OUTSIDE, Locator
from hutong.loader.osm import CityData, CityReport, build_city, read_city
from hutong.loader.osm.columns import read_table, write_table
from hutong.loader.osm.mbtiles import read_tile

VILLAGE = Path(__file__).parent / "village.osm"
SHANGHAI = Path(__file__).parents[3] / "cities/shanghai_center/source/shanghai_center.osm.gz"


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def test_the_same_extract_gives_the_same_bytes(
    tmp_path: Path, haidian: tuple[CityReport, CityData], haidian_osm: Path
) -> None:
    code = (
        "import sys; from pathlib import Path; from hutong.loader.osm import build_city; "
        "build_city('海淀清华东路', Path(sys.argv[1]), '110108', Path(sys.argv[2]))"
    )
    environment = os.environ | {"PYTHONHASHSEED": "7"}
    subprocess.run(
        [sys.executable, "-c", code, str(haidian_osm), str(tmp_path / "again")], check=True, env=environment
    )
    assert digests(tmp_path / "again") == digests(haidian[0].folder)


def test_a_pbf_gives_the_same_city(tmp_path: Path) -> None:
    pbf = tmp_path / "village.pbf"
    with osmium.SimpleWriter(str(pbf)) as writer:
        for item in osmium.FileProcessor(str(VILLAGE)):
            writer.add(item)
    boundary = tmp_path / "b.json"
    boundary.write_text(json.dumps(shapely.geometry.mapping(shapely.box(121.0, 31.0, 121.0063, 31.0036))))
    build_city("v", pbf, "310101", tmp_path / "a", boundary)
    build_city("v", VILLAGE, "310101", tmp_path / "b", boundary)
    for table in ("places.table", "things.table", "basemap.mbtiles"):
        assert (tmp_path / "a" / table).read_bytes() == (tmp_path / "b" / table).read_bytes()


def test_the_base_map_holds_every_grid_and_road(
    haidian: tuple[CityReport, CityData], decode: Callable[[bytes], dict[str, list[Any]]]
) -> None:
    _, data = haidian
    database = apsw.Connection(str(data.basemap), flags=apsw.SQLITE_OPEN_READONLY)
    metadata = dict(database.execute("SELECT name, value FROM metadata"))
    assert metadata["attribution"] == "© OpenStreetMap contributors"
    layers = {layer["id"] for layer in json.loads(metadata["json"])["vector_layers"]}
    named = {
        "land",
        "green",
        "water",
        "waterway",
        "road",
        "building",
        "transit",
        "poi",
        "place",
        "grid",
        "district",
    }
    assert layers == named
    codes: set[str] = set()
    largest = 0
    for z, x, row in list(database.execute("SELECT zoom_level, tile_column, tile_row FROM tiles")):
        packed = read_tile(database, z, x, 2**z - 1 - row)
        assert packed is not None
        largest = max(largest, len(packed))
        tile = decode(gzip.decompress(packed))
        assert set(tile) <= layers
        if z < 13:
            assert "grid" not in tile
        if z == 15:
            codes |= {feature.attributes["code"] for feature in tile["grid"]} if "grid" in tile else set()
    assert codes == {
        c for c, t in zip(data.places["code"], data.places["tree"], strict=True) if t == "unit_grid"
    }
    assert largest < 100_000
    assert read_tile(database, 9, 0, 0) is None


def test_tile_coordinates_match_the_ground(
    haidian: tuple[CityReport, CityData], decode: Callable[[bytes], dict[str, list[Any]]]
) -> None:
    """The outlines of buildings in a tile of zoom 16, taken back to degrees, lie on buildings."""
    _, data = haidian
    database = apsw.Connection(str(data.basemap), flags=apsw.SQLITE_OPEN_READONLY)
    z, x, y = 16, 53950, 24810
    packed = read_tile(database, z, x, y)
    assert packed is not None
    rings = [part for feature in decode(gzip.decompress(packed))["building"] for part in feature.parts]
    points = np.array([p for ring in rings for p in ring if max(p) < 4096 and min(p) > 0], dtype=float)
    size = 4096 * 2.0**z
    lon = (points[:, 0] + x * 4096) / size * 360 - 180
    lat = np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * (points[:, 1] + y * 4096) / size))))
    rows = [i for i, t in enumerate(data.things["type"]) if t == "base.building"]
    buildings = shapely.union_all(shapely.from_wkb([data.things["geometry"][i] for i in rows]))
    distance = shapely.distance(shapely.boundary(buildings), shapely.points(lon, lat))
    assert len(points) > 50
    assert np.median(distance) < 2e-6


def test_what_people_edited_is_kept(tmp_path: Path) -> None:
    (tmp_path / "city.yaml").write_text("label: {zh: 我的村, en: My Village}\n", "utf-8")
    (tmp_path / "people.yaml").write_text("posts: []\n", "utf-8")
    build_city("v", VILLAGE, "310101", tmp_path)
    assert yaml.safe_load((tmp_path / "city.yaml").read_text("utf-8")) == {
        "label": {"zh": "我的村", "en": "My Village"}
    }
    assert (tmp_path / "people.yaml").read_text("utf-8") == "posts: []\n"
    division = read_city(tmp_path).places
    assert division["name_zh"][division["code"].index("310101")] == "我的村"


def test_progress_rises_to_one(tmp_path: Path) -> None:
    seen: list[tuple[str, float]] = []
    build_city("v", VILLAGE, "310101", tmp_path, progress=lambda what, share: seen.append((what, share)))
    shares = [share for _, share in seen]
    assert shares == sorted(shares)
    assert seen[0] == ("read", 0.0)
    assert seen[-1] == ("done", 1.0)


def test_city_yaml(tmp_path: Path) -> None:
    report = build_city("village", VILLAGE, "310101", tmp_path)
    city = yaml.safe_load((tmp_path / "city.yaml").read_text("utf-8"))
    assert city["division"] == "310101"
    assert city["zone"] == "Asia/Shanghai"
    assert city["packs"] == ["base", "urban", "hotline", "community", "emergency", "project", "drainage"]
    assert city["licence"] == "ODbL-1.0"
    assert city["box"] == pytest.approx([121.0, 31.0, 121.0063, 31.0036])
    assert report.skipped == 1
    facts = read_city(tmp_path).facts
    assert facts["skipped"] == 1
    assert facts["places"]["unit_grid"] == report.grids


def build(out: Path, osm: Path, division: str = "310101", boundary: Path | None = None) -> Invalid:
    """The error, after making sure that nothing was written."""
    with pytest.raises(Invalid) as error:
        build_city("bad", osm, division, out / "out", boundary)
    assert not (out / "out").exists()
    assert error.value.remedy
    return error.value


@pytest.mark.parametrize("name", ["x.osm", "x.osm.gz", "x.pbf", "x.txt"])
def test_a_file_that_is_no_extract(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("Dear map, please find attached", "utf-8")
    error = build(tmp_path, tmp_path / name)
    assert error.field == "osm"
    assert name in error.reason


def test_a_missing_or_cut_extract(tmp_path: Path, haidian_osm: Path) -> None:
    assert "no such file" in build(tmp_path, tmp_path / "none.osm").reason
    cut = tmp_path / "cut.osm.gz"
    cut.write_bytes(haidian_osm.read_bytes()[:100_000])
    error = build(tmp_path, cut)
    assert "cannot be read" in error.reason
    assert "cut short" in error.remedy


def test_an_extract_without_tags(tmp_path: Path) -> None:
    path = tmp_path / "bare.osm"
    path.write_text('<osm version="0.6"><node id="1" lat="31" lon="121"/></osm>')
    assert "no tagged object" in build(tmp_path, path).reason


def test_an_extract_that_covers_no_area(tmp_path: Path) -> None:
    path = tmp_path / "point.osm"
    path.write_text(
        '<osm version="0.6"><node id="1" lat="31" lon="121"><tag k="natural" v="tree"/></node></osm>'
    )
    assert "no area" in build(tmp_path, path).reason


def test_an_extract_without_roads_or_buildings(tmp_path: Path) -> None:
    path = tmp_path / "field.osm"
    path.write_text(
        '<osm version="0.6"><bounds minlat="31" minlon="121" maxlat="31.003" maxlon="121.003"/>'
        '<node id="1" lat="31.001" lon="121.001"><tag k="natural" v="tree"/></node></osm>'
    )
    report = build_city("field", path, "310101", tmp_path / "out")
    assert report.components == {"04002": 1}
    assert report.grids == 10


@pytest.mark.parametrize("division", ["31010", "abcdef", "990101", "3101010"])
def test_a_wrong_division(tmp_path: Path, division: str) -> None:
    assert build(tmp_path, VILLAGE, division).field == "division"


def boundary_file(folder: Path, geometry: dict[str, Any], **properties: str) -> Path:
    path = folder / "boundary.geojson"
    path.write_text(json.dumps({"type": "Feature", "properties": properties, "geometry": geometry}))
    return path


def test_wrong_boundaries(tmp_path: Path) -> None:
    far = boundary_file(tmp_path, shapely.geometry.mapping(shapely.box(100, 30, 100.01, 30.01)))
    assert "covers 0%" in build(tmp_path, VILLAGE, boundary=far).reason
    half = boundary_file(tmp_path, shapely.geometry.mapping(shapely.box(121, 31, 121.0126, 31.0036)))
    assert "covers 50%" in build(tmp_path, VILLAGE, boundary=half).reason
    line = boundary_file(tmp_path, {"type": "LineString", "coordinates": [[121, 31], [121.1, 31]]})
    assert "LineString" in build(tmp_path, VILLAGE, boundary=line).reason
    metric = boundary_file(tmp_path, shapely.geometry.mapping(shapely.box(450_000, 300, 451_000, 400)))
    assert "not in degrees" in build(tmp_path, VILLAGE, boundary=metric).reason
    whole = shapely.geometry.mapping(shapely.box(121, 31, 121.006, 31.003))
    other = boundary_file(tmp_path, whole, code="110101")
    assert "province" in build(tmp_path, VILLAGE, boundary=other).reason
    (tmp_path / "boundary.geojson").write_text("{")
    assert "GeoJSON" in build(tmp_path, VILLAGE, boundary=tmp_path / "boundary.geojson").reason


def test_reading_a_city_that_is_not_there_or_damaged(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        read_city(tmp_path)
    build_city("v", VILLAGE, "310101", tmp_path)
    (tmp_path / "things.table").write_bytes(b"not a table")
    with pytest.raises(Corrupt, match=r"things\.table"):
        read_city(tmp_path)


def test_tables_round_trip(tmp_path: Path) -> None:
    columns = {"a": ["甲", ""], "b": [b"\x00", b""], "n": np.array([-1, 2**40]), "x": np.array([0.1, np.inf])}
    write_table(tmp_path / "t", columns)
    found = read_table(tmp_path / "t")
    assert found["a"] == columns["a"]
    assert found["b"] == columns["b"]
    assert found["n"].tolist() == [-1, 2**40]
    assert found["x"].tolist() == [0.1, np.inf]
    with pytest.raises(ValueError, match="differ in length"):
        write_table(tmp_path / "t", {"a": ["x"], "b": []})


def test_central_shanghai(tmp_path: Path) -> None:
    report = build_city("上海中心城区", SHANGHAI, "310101", tmp_path)
    assert report.snapshot == "2025-08-09T07:00:26Z"
    assert 14_000 < report.grids < 16_000
    assert 9_000 < report.grid_area[1] < 11_000
    assert report.components["02014"] == 1_385  # one is tagged traffic_signals;crossing
    assert report.components["02004"] == 1_227
    assert report.things["base.crossing"] == 738
    data = read_city(tmp_path)
    roads = [
        osm.split()
        for osm, t in zip(data.things["osm"], data.things["type"], strict=True)
        if t == "base.road"
    ]
    assert sum(map(len, roads)) == len({way for ways in roads for way in ways}) > 4_690
    rows = [i for i, t in enumerate(data.places["tree"]) if t == "unit_grid"]
    grids = shapely.from_wkb([data.places["geometry"][i] for i in rows])
    assert shapely.coverage_is_valid(grids)
    west, south, east, north = report.box
    random = np.random.default_rng(1)
    points = np.column_stack([random.uniform(west, east, 100_000), random.uniform(south, north, 100_000)])
    assert (Locator(grids).locate(points) != OUTSIDE).all()
