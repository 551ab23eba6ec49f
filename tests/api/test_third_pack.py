"""A third pack in a folder of its own is on map, desk and API; nothing else is changed (issue 2, acceptance 4)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import shapely
from litestar.testing import TestClient
from tests.api.conftest import Person
from tests.api.town import PACKS, Town, found_town

from hutong.api.application import create_app
from hutong.app.seeding import StreamRow, ThingRow
from hutong.kernel.base import MINUTE, Label, Provenance
from hutong.kernel.observation import batch
from hutong.kernel.query import equals
from hutong.kernel.thing import Datastream

FILES = {
    "pack.yaml": """
name: trees
version: 0.1.0
label: {zh: 行道树, en: Street trees}
needs: [base, urban]
problem: {zh: 树死了没人知道。, en: Nobody knows when a tree dies.}
effect: {zh: 成活率。, en: Survival rate.}
""",
    "things.yaml": """
types:
  - name: tree
    label: {zh: 行道树, en: Street tree}
    symbol: tree
    properties:
      - {name: species, label: {zh: 树种, en: Species}}
""",
    "observations.yaml": """
properties:
  - name: moisture
    label: {zh: 土壤湿度, en: Soil moisture}
    of: [tree]
    unit: "%"
    low: 0
    high: 100
    interval: 1 min
""",
    "rules.yaml": """
rules:
  - name: dry
    label: {zh: 缺水, en: Dry}
    type: tree
    property: moisture
    when: {below: 10}
    hold: 2 min
    colour: blue
    says: {zh: "{thing}土壤湿度仅 {value} {unit}", en: "{thing}: soil moisture {value} {unit}"}
    category: {kind: other, code: trees.dry}
    source: test
""",
    "cases.yaml": """
categories:
  - {kind: other, code: trees.dry, label: {zh: 行道树缺水, en: Dry tree}, major: {zh: 绿化, en: Green}, procedure: urban.case}
""",
    "views.yaml": """
layers:
  - name: tree
    label: {zh: 行道树, en: Street trees}
    type: tree
    shows: moisture
    legend:
      - {from: 0, colour: notice, label: {zh: 缺水, en: Dry}}
      - {from: 10, colour: calm, label: {zh: 正常, en: Fine}}
cards:
  - {type: tree, properties: [species], charts: [moisture]}
""",
    "words/zh.yaml": "pack.trees: 行道树\n",
    "words/en.yaml": "pack.trees: Street trees\n",
    "scenarios/dry.yaml": """
name: dry_tree_warns
label: {zh: 缺水报警, en: A dry tree warns}
given:
  at: "2026-07-18 19:00"
  things:
    - {type: trees.tree, code: T1, name: 一号树, properties: {species: 悬铃木}}
  observations:
    - {thing: T1, property: trees.moisture, every: 1 min, values: [9, 8, 7, 6]}
expect:
  warnings:
    - {rule: trees.dry, thing: T1, began: "19:00", raised: "19:02"}
  cases: []
""",
    "README.md": "Street trees.\n",
}


def tree(number: int) -> ThingRow:
    return ThingRow(
        type="trees.tree",
        code=f"T{number}",
        name=Label(f"{number}号悬铃木", f"Plane tree {number}"),
        geometry=shapely.to_wkb(shapely.Point(121.403 + number * 0.001, 31.206)),
        properties={"species": "悬铃木"},
        streams=[StreamRow("trees.moisture", "probe")],
        provenance=Provenance("simulated", "test"),
    )


@pytest.fixture
def town(tmp_path: Path) -> Any:
    for name, text in FILES.items():
        file = tmp_path / "packs" / "trees" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    rows = [tree(1), tree(2)]
    made = found_town(tmp_path / "city", (*PACKS, "trees"), (tmp_path / "packs",), rows)
    yield made
    made.close()


def dry_out(town: Town) -> None:
    with town.store.reader() as reader:
        probe = reader.find(Datastream, equals("thing", town.thing("T1"))).rows[0].id
    for value in (9.0, 8.0, 7.0):
        town.clock.move_to(town.clock.city + MINUTE)
        town.intake.submit(batch("test", [probe], [town.clock.city], [value])).result(10)


def test_street_trees_appear_everywhere(town: Town) -> None:
    with TestClient(create_app(town.context)) as client:
        desk = Person(client, "shouli")
        city = desk.get("/city").json()
        assert city["types"]["trees.tree"]["label"]["zh"] == "行道树"
        assert city["properties"]["trees.moisture"]["unit"] == "%"
        assert city["cards"]["trees.tree"]["charts"] == ["trees.moisture"]
        assert city["categories"]["other:trees.dry"]["procedure"] == "urban.case"
        assert "trees.tree" in {layer["name"] for layer in city["layers"]}
        things = desk.get("/things?type=trees.tree").json()["rows"]
        assert [one["name"]["zh"] for one in things] == ["1号悬铃木", "2号悬铃木"]
        assert desk.get("/layers/trees.tree/live").json()["tone"] == ["calm", "calm"]
        dry_out(town)
        assert desk.get("/layers/trees.tree/live").json()["tone"] == ["blue", "calm"]
        assert "号悬铃木".encode() in desk.get("/tiles/trees.tree/0/0/0.mvt").content
        (warning,) = desk.get("/warnings?open=true").json()["rows"]
        judged = desk.post(f"/warnings/{warning['id']}/judge", json={"verdict": "confirmed"}).json()
        assert judged["case"]["category"]["label"]["zh"] == "行道树缺水"
        assert desk.get("/cases?category=other:trees").json()["rows"][0]["id"] == judged["case"]["id"]
        assert desk.get("/search?q=悬铃木").json()["things"][0]["type"] == "trees.tree"
