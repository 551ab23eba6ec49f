"""Unit grids: seamless, without overlap, covering the boundary, about 10,000 m², buildings whole."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from hutong.kernel.codes import parse_unit_grid
from hutong.kernel.errors import Invalid
from hutong.kernel.locate import OUTSIDE, Locator
from hutong.loader.osm import CityData, CityReport, build_city, coverage, cuts, read_city, regions
from hutong.loader.osm.extract import read_extract
from hutong.loader.osm.plane import Plane, area_m2


def tree(data: CityData, name: str) -> tuple[list[str], Any]:
    rows = [i for i, t in enumerate(data.places["tree"]) if t == name]
    shapes = shapely.from_wkb([data.places["geometry"][i] for i in rows])
    return [data.places["code"][i] for i in rows], shapes


def test_grids_cover_the_boundary_without_gap_or_overlap(haidian: tuple[CityReport, CityData]) -> None:
    report, data = haidian
    _, grids = tree(data, "unit_grid")
    assert shapely.is_valid(grids).all()
    assert set(shapely.get_type_id(grids)) == {3}
    assert shapely.coverage_is_valid(grids)
    rectangle = shapely.box(*report.box)
    assert shapely.symmetric_difference(shapely.union_all(grids), rectangle).area < 1e-15
    assert report.area == pytest.approx(area_m2(grids).sum(), rel=1e-5)
    assert report.area == pytest.approx(float(area_m2(rectangle)), rel=1e-5)


def test_grids_are_about_ten_thousand_square_metres(haidian: tuple[CityReport, CityData]) -> None:
    _, grids = tree(haidian[1], "unit_grid")
    areas = area_m2(grids)
    assert 8_000 < np.median(areas) < 12_000
    assert np.mean((areas > 4_000) & (areas < 16_000)) > 0.9


def test_codes_are_valid_unique_and_sorted(haidian: tuple[CityReport, CityData]) -> None:
    codes, _ = tree(haidian[1], "unit_grid")
    assert [parse_unit_grid(code).code for code in codes] == codes == sorted(set(codes))
    assert {code[:6] for code in codes} == {"110108"}


def test_no_building_is_split(haidian: tuple[CityReport, CityData], haidian_osm: Path) -> None:
    report, data = haidian
    extract = read_extract(haidian_osm)
    rows = [i for i, found in enumerate(extract.tags) if "building" in found and extract.shape[i] == "a"]
    buildings = shapely.intersection(extract.geometry[rows], shapely.box(*report.box))
    buildings = buildings[~shapely.is_empty(buildings)]
    _, grids = tree(data, "unit_grid")
    building, grid = shapely.STRtree(grids).query(buildings, predicate="intersects")
    share = area_m2(shapely.intersection(grids[grid], buildings[building])) > 1.0
    homes = np.bincount(building[share], minlength=len(buildings))
    assert len(buildings) > 200
    # one that overlaps the border belongs to as many grids as it has parts inside
    parts = shapely.get_num_geometries(buildings)
    assert (homes <= np.maximum(parts, 1)).all()


def test_every_point_lies_in_exactly_one_grid(haidian: tuple[CityReport, CityData]) -> None:
    report, data = haidian
    _, grids = tree(data, "unit_grid")
    west, south, east, north = report.box
    random = np.random.default_rng(7)
    points = np.column_stack([random.uniform(west, east, 20_000), random.uniform(south, north, 20_000)])
    found = Locator(grids).locate(points)
    assert (found != OUTSIDE).all()
    assert shapely.intersects(grids[found], shapely.points(points)).all()
    assert np.array_equal(found, Locator(grids).locate(shapely.points(points)))


def test_points_on_common_edges_belong_to_the_smallest_code(haidian: tuple[CityReport, CityData]) -> None:
    codes, grids = tree(haidian[1], "unit_grid")
    corners = shapely.points(np.unique(shapely.get_coordinates(grids), axis=0))
    found = Locator(grids).locate(corners)
    corner, grid = shapely.STRtree(grids).query(corners, predicate="intersects")
    touching: dict[int, list[str]] = {}
    for c, g in zip(corner.tolist(), grid.tolist(), strict=True):
        touching.setdefault(c, []).append(codes[g])
    assert max(map(len, touching.values())) >= 3
    assert all(codes[found[c]] == min(names) for c, names in touching.items())
    assert Locator(grids).locate(np.array([[0.0, 0.0]])).tolist() == [OUTSIDE]


def test_wider_areas_are_unions_of_their_grids(haidian: tuple[CityReport, CityData]) -> None:
    places = haidian[1].places
    area = dict(zip(places["code"], places["area_m2"], strict=True))
    for name, key in (("community", "parent"), ("duty_grid", "duty_grid")):
        codes, _ = tree(haidian[1], name)
        total = dict.fromkeys(codes, 0.0)
        for row, kind in enumerate(places["tree"]):
            if kind == "unit_grid":
                total[places[key][row]] += places["area_m2"][row]
        assert all(total[code] == pytest.approx(area[code], abs=10) for code in codes)
    divisions, _ = tree(haidian[1], "division")
    assert sorted(map(len, divisions))[0] == 6
    assert all(parent in area or parent == "" for parent in places["parent"])
    beats = [c for c, t in zip(places["code"], places["tree"], strict=True) if t == "duty_grid"]
    assert all(beat[:9] in divisions for beat in beats)


def test_no_grid_crosses_a_district(tmp_path: Path, haidian_osm: Path) -> None:
    west, south, east, north = 116.345, 39.998, 116.359, 40.008
    middle = [[116.352, south], [116.3505, 40.003], [116.353, north]]
    left = [[west, north], [west, south], *middle, [west, north]]
    right = [[east, south], [east, north], *reversed(middle), [east, south]]
    boundary = tmp_path / "two.geojson"
    boundary.write_text(
        '{"type": "FeatureCollection", "features": ['
        + ",".join(
            f'{{"type": "Feature", "properties": {{"code": "{code}", "name": "{name}"}},'
            f' "geometry": {{"type": "Polygon", "coordinates": [{ring}]}}}}'
            for code, name, ring in (("110108", "海淀区", left), ("110105", "朝阳区", right))
        )
        + "]}",
        "utf-8",
    )
    build_city("two", haidian_osm, "110108", tmp_path / "out", boundary)
    data = read_city(tmp_path / "out")
    codes, grids = tree(data, "unit_grid")
    assert shapely.coverage_is_valid(grids)
    for code, ring in (("110108", left), ("110105", right)):
        mine = grids[[c.startswith(code) for c in codes]]
        assert area_m2(mine).sum() == pytest.approx(float(area_m2(shapely.Polygon(ring))), rel=1e-5)
        assert area_m2(shapely.difference(mine, shapely.Polygon(ring))).max() < 10
    names = dict(zip(data.places["code"], data.places["name_zh"], strict=True))
    assert (names["110108"], names["110105"]) == ("海淀区", "朝阳区")


def test_area_below_a_cut_equals_that_of_the_clipped_polygon() -> None:
    ring = [(0, 0), (40, -5), (60, 30), (45, 22), (20, 50), (-10, 20)]
    polygon = shapely.Polygon(ring, [[(10, 10), (20, 10), (20, 20)]])
    trials = np.linspace(-15, 65, 33)
    for along_x in (True, False):
        found = cuts._area_below(cuts._edges(polygon, along_x), trials)
        boxes = [shapely.box(-99, -99, t, 99) if along_x else shapely.box(-99, -99, 99, t) for t in trials]
        assert found == pytest.approx(shapely.area(shapely.intersection(polygon, boxes)))


def test_a_large_block_is_cut_into_equal_pieces() -> None:
    plane = Plane.of((121.0, 31.0, 121.01, 31.01))
    block = plane.from_metres(np.array([shapely.box(0, 0, 500, 300)], dtype=object))
    lines = cuts.cut_blocks(block, np.empty(0, dtype=object), plane)
    pieces = coverage.faces(coverage.node(shapely.boundary(block), lines), block[0])
    areas = shapely.area(plane.metres(pieces))
    assert len(areas) == 15
    assert areas == pytest.approx(np.full(15, 10_000), rel=1e-3)


def test_joining_takes_the_smallest_first_and_respects_closed_borders() -> None:
    area = np.array([1.0, 5.0, 9.0, 1.0])
    a, b, open_to = np.array([0, 1, 2]), np.array([1, 2, 3]), np.array([1.0, 1.0, 0.0])
    label = regions.join(area, a, b, open_to, regions.Limits(floor=3, ceiling=10))
    assert label.tolist() == [0, 0, 2, 3]
    label = regions.join(area, a, b, open_to, regions.Limits(floor=6.5, ceiling=10, must=6.5))
    assert label.tolist() == [0, 0, 0, 3]


def test_streets_of_the_boundary_file_are_used(tmp_path: Path, haidian_osm: Path) -> None:
    features = [
        {
            "type": "Feature",
            "properties": {"code": code, "name": name},
            "geometry": shapely.geometry.mapping(shapely.box(*box)),
        }
        for code, name, box in (
            ("110108012", "学院路街道", (116.345, 39.998, 116.352, 40.008)),
            ("110108015", "清河街道", (116.352, 39.998, 116.359, 40.008)),
        )
    ]
    boundary = tmp_path / "streets.geojson"
    boundary.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    build_city("海淀", haidian_osm, "110108", tmp_path / "out", boundary)
    places = read_city(tmp_path / "out").places
    rows = zip(places["tree"], places["code"], places["name_zh"], places["provenance"], strict=True)
    assert [row[1:] for row in rows if row[0] == "division"] == [
        ("110108", "海淀", "recorded"),
        ("110108012", "学院路街道", "recorded"),
        ("110108015", "清河街道", "recorded"),
    ]
    codes = [c for t, c in zip(places["tree"], places["code"], strict=True) if t == "unit_grid"]
    assert {code[:9] for code in codes} == {"110108012", "110108015"}
    features[0]["properties"]["code"] = "110108"  # type: ignore[index]
    boundary.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    with pytest.raises(Invalid, match="mixes codes"):
        build_city("海淀", haidian_osm, "110108", tmp_path / "out", boundary)
