"""A third domain is one folder: street trees in a temporary folder, and nothing else is changed."""

import re
import shutil
from pathlib import Path

import pytest

from hutong.app.scenarios import run_pack
from hutong.engine.rulebook import Rulebook
from hutong.kernel.case import Category
from hutong.loader.check import check_all
from hutong.loader.city import load_city
from hutong.loader.find import SHIPPED
from hutong.loader.scaffold import new_pack

CITY = Path(__file__).resolve().parents[2] / "cities" / "shanghai_center"
FILES = {
    "things.yaml": """\
types:
  - name: tree
    label: {zh: 行道树, en: Street tree}
    symbol: tree
    properties:
      - {name: species, label: {zh: 树种, en: Species}}
      - {name: dry, label: {zh: 缺水墒情, en: Moisture at which it thirsts}, kind: number, unit: "%", low: 0, high: 100}
""",
    "observations.yaml": """\
properties:
  - name: soil_moisture
    label: {zh: 土壤含水率, en: Soil moisture}
    of: [tree]
    unit: "%"
    low: 0
    high: 100
    interval: 10 min
""",
    "parameters.yaml": """\
parameters:
  - name: watered
    label: {zh: 浇足后的含水率, en: Moisture once watered}
    unit: "%"
    values:
      - {since: "2026-01-01", value: 30, source: city rule, confidence: L}
""",
    "rules.yaml": """\
rules:
  - name: thirsty
    label: {zh: 行道树缺水, en: Street tree is thirsty}
    type: tree
    property: soil_moisture
    when: {below: {thing: dry}}
    hold: 20 min
    clear: {above: {parameter: watered}}
    colour: blue
    says:
      zh: "{thing}土壤含水率 {value} {unit}，低于 {level} {unit}"
      en: "{thing}: soil moisture {value} {unit}, below {level} {unit}"
    category: {kind: other, code: street_trees.thirst}
    source: city rule (L)
""",
    "cases.yaml": """\
categories:
  - {kind: other, code: street_trees.thirst, label: {zh: 行道树缺水, en: Thirsty street tree}, procedure: urban.case}
""",
    "views.yaml": """\
layers:
  - {name: tree, label: {zh: 行道树, en: Street trees}, type: tree, shows: soil_moisture, min_zoom: 14}
cards:
  - {type: tree, properties: [species, dry], charts: [soil_moisture], columns: [species]}
""",
    "scenarios/thirst.yaml": """\
name: a_thirsty_tree_is_watered
label: {zh: 缺水立案，浇水后解除, en: A thirsty tree opens a case and is watered}
given:
  at: "2026-07-18 09:00"
  things:
    - {type: street_trees.tree, code: T1, name: 南京西路一号树, properties: {species: 悬铃木, dry: 15}}
  observations:
    - {thing: T1, property: street_trees.soil_moisture, every: 10 min, values: [22, 14, 13, 12, 12, 40]}
  opens_cases: [street_trees.thirsty]
  responsibilities:
    - {kind: other, code: street_trees.thirst, organisation: gardens}
  organisations:
    - {code: gardens, side: handling}
  people:
    - {who: handler 2, organisation: gardens}
  actions:
    - {at: "09:32", by: dispatcher, action: dispatch, answers: {organisation: gardens}, state: handling}
    - {at: "09:40", by: handler 1, action: take, refused: access}
    - {at: "09:41", by: handler 2, action: take}
    - {at: "09:52", by: handler 2, action: feed_back, photos: [near, far], answers: {result: 已浇透水}, state: to_check}
    - {at: "10:00", by: collector, action: check_pass, photos: [near], state: to_close}
    - {at: "10:05", by: duty_chief, action: close}
expect:
  warnings:
    - {rule: street_trees.thirsty, thing: T1, began: "09:10", raised: "09:30", cleared: "09:50", state: confirmed}
  cases:
    - category: street_trees.thirst
      thing: T1
      opened: "09:30"
      closed: "10:05"
      state: closed
      ending: closed
      organisation: gardens
""",
    "words/zh.yaml": "pack.street_trees: 行道树\n",
    "words/en.yaml": "pack.street_trees: Street trees\n",
}


@pytest.fixture
def trees(tmp_path):
    folder = new_pack("street_trees", tmp_path / "packs")
    (folder / "scenarios/too_high.yaml").unlink()
    for name, text in FILES.items():
        (folder / name).write_text(text, "utf-8")
    return folder


@pytest.fixture
def city(tmp_path):
    folder = tmp_path / "city"
    folder.mkdir()
    for path in CITY.iterdir():
        if path.is_file():
            shutil.copyfile(path, folder / path.name)
    head = (folder / "city.yaml").read_text("utf-8")
    wider = re.sub(r"(?m)^packs: \[(.*)\]$", r"packs: [\1, street_trees]", head)
    assert wider != head
    (folder / "city.yaml").write_text(wider, "utf-8")
    return folder


def test_the_pack_has_no_mistakes(trees):
    assert check_all([trees]) == []


def test_its_scenario_comes_out(trees):
    assert run_pack(trees) == {"a_thirsty_tree_is_watered": []}


def test_a_city_takes_it_up_from_a_further_folder(trees, city):
    loaded, sources = load_city(city, (trees.parent,))
    rulebook = Rulebook(loaded, {}, lambda digest: b"")
    assert "street_trees.tree" in rulebook.types
    assert rulebook.rules["street_trees.thirsty"].category == Category("other", "street_trees.thirst")
    assert "street_trees.soil_moisture" in rulebook.properties
    assert rulebook.procedure_for(Category("other", "street_trees.thirst")).name == "urban.case"
    layers = [layer for pack in loaded.packs for layer in pack.layers]
    assert "street_trees.tree" in [layer.type for layer in layers]
    assert [source.folder for source in sources if source.folder.name == "street_trees"] == [trees]


def test_a_city_takes_it_up_from_its_own_packs_folder(trees, city):
    shutil.copytree(trees, city / "packs" / "street_trees")
    loaded, _ = load_city(city)
    assert [pack.head.name for pack in loaded.packs][-1] == "street_trees"
    assert check_all(cities=[city]) == []


def test_nothing_that_ships_knows_of_it():
    for path in SHIPPED.parent.rglob("*.py"):
        assert "street_trees.t" not in path.read_text("utf-8"), path
