"""Things from tags: types, component classes and ids, names, merged roads."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import shapely

from hutong.kernel.codes import parse_class_code, parse_component_id
from hutong.loader.osm import CityData, CityReport, build_city, read_city, tags


@pytest.fixture(scope="module")
def village(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Rows by the OSM idents they were made from, and component class if there is one."""
    out = tmp_path_factory.mktemp("village")
    build_city("村", Path(__file__).parent / "village.osm", "310101", out)
    things = read_city(out).things
    rows = [dict(zip(things, row, strict=True)) for row in zip(*things.values(), strict=True)]
    return {f"{row['osm']} {row['component_class']}".strip(): row for row in rows}


def test_what_tags_become(village: dict[str, dict[str, Any]]) -> None:
    classes = {key: row["component_class"] or row["type"] for key, row in village.items()}
    assert classes == {
        "n10 02014": "02014",
        "n11 02014": "02014",
        "n12 02004": "02004",
        "n14 02004": "02004",
        "n15": "base.crossing",
        "n16 01037": "01037",
        "n17 04002": "04002",
        "n18 03005": "03005",
        "n19 04007": "04007",
        "n20 01013": "01013",
        "n21 03001": "03001",
        "n22": "base.poi",
        "w100 w101": "base.road",
        "w102": "base.road",
        "w103": "base.road",
        "w103 02009": "02009",
        "w104": "base.water_body",
        "w105": "base.building",
    }


def test_component_ids(village: dict[str, dict[str, Any]]) -> None:
    assert village["n10 02014"]["code"] == "31010102014000001"
    assert village["n11 02014"]["code"] == "31010102014000002"
    assert village["w103 02009"]["code"] == "31010102009000001"
    assert village["w105"]["code"] == "310101-w105"


def test_names(village: dict[str, dict[str, Any]]) -> None:
    def names(key: str) -> tuple[str, str]:
        return village[key]["name_zh"], village[key]["name_en"]

    assert names("n12 02004") == ("测试站", "Test Stop")
    assert names("n10 02014") == ("东西路/南北路交通信号灯", "Traffic signal, East-West Road / 南北路")
    assert names("w100 w101") == ("东西路", "East-West Road")
    assert names("w103 02009")[0] == "小石桥"


def test_roads_are_merged_and_cut_at_the_border(village: dict[str, dict[str, Any]]) -> None:
    road = village["w100 w101"]
    shape = shapely.from_wkb(road["geometry"])
    assert shape.geom_type == "LineString"
    assert shape.bounds == pytest.approx((121.0, 31.0018, 121.0063, 31.0018))
    assert json.loads(road["properties"])["highway"] == "primary"


def test_contacts_are_left_out(village: dict[str, dict[str, Any]]) -> None:
    assert json.loads(village["n22"]["properties"]) == {"amenity": "cafe"}


def test_things_of_haidian(haidian: tuple[CityReport, CityData]) -> None:
    report, data = haidian
    things = data.things
    assert report.things["base.building"] > 240
    assert report.components["02014"] == 20
    assert len(set(things["code"])) == len(things["code"])
    grids = set(data.places["code"])
    assert set(things["unit_grid"]) <= grids
    ids = [c for c, t in zip(things["code"], things["type"], strict=True) if t == "urban.component"]
    parsed = [parse_component_id(code) for code in ids]
    numbers = Counter((p.division, p.component.code) for p in parsed)
    assert dict(numbers) == {("110108", k): n for k, n in report.components.items()}
    assert all(things["name_zh"])


def test_unnamed_things_are_called_after_their_kind() -> None:
    (building,) = tags.section("things")._by_key["building"]
    assert building.label({"building": "residential"}).zh == "住宅楼"
    assert building.label({"building": "yes"}).zh == "建筑物"
    road = next(r for r in tags.section("things")._by_key["highway"] if r.facts.get("type") == "base.road")
    assert road.label({"highway": "residential"}).zh == "道路"


def test_rules_name_classes_that_can_exist() -> None:
    rules = [rule for rows in tags.section("things")._by_key.values() for rule in rows]
    assert len(rules) > 80
    for rule in rules:
        assert ("class" in rule.facts) != ("type" in rule.facts), rule
        if "class" in rule.facts:
            parse_class_code("component", rule.facts["class"])
        assert rule.label({}).zh
        assert rule.label({}).en
