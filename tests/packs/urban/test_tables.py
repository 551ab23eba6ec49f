"""The procedure and class tables of the pack; its scenarios are played with those of all packs."""

import csv
from pathlib import Path

import msgspec
import pytest
import yaml
from msgspec.structs import replace

import hutong.packs.urban
from hutong.engine.handle import faults
from hutong.kernel.definition.procedure import CasesFile
from hutong.loader.pack import PackSource

FOLDER = Path(hutong.packs.urban.__path__[0])


def read(path, kind):
    return msgspec.convert(yaml.safe_load(path.read_text(encoding="utf-8")), kind)


def test_the_procedure_has_no_faults():
    cases = read(FOLDER / "cases.yaml", CasesFile)
    assert faults(replace(cases.procedures[0], name="urban.case"), cases.roles) == []


def rows_of(name):
    with (FOLDER / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def codes_of(majors):
    """The codes that the standard gives: of every 大类 the last number and those it leaves out."""
    return [
        f"{major}{number:03d}"
        for major, (last, left_out) in majors.items()
        for number in range(1, last + 1)
        if number not in left_out
    ]


COMPONENTS = codes_of(
    {"01": (77, {16}), "02": (44, ()), "03": (16, ()), "04": (14, ()), "05": (9, {1, 4, 5, 6, 7, 8})}
)
EVENTS = codes_of({"06": (52, {31}), "07": (8, {5}), "08": (16, ()), "09": (22, {7}), "10": (2, ())})


def test_every_class_of_the_standard_is_there():
    assert (len(COMPONENTS), len(EVENTS)) == (153, 97)
    for name, codes in (("components.csv", COMPONENTS), ("matters.csv", COMPONENTS + EVENTS)):
        rows = rows_of(name)
        assert [row["class_code"] for row in rows] == codes
        assert all(row["class_code"].startswith(row["major_code"]) for row in rows)


@pytest.mark.parametrize("name", ["components.csv", "matters.csv"])
def test_every_class_has_an_english_name_of_its_own(name):
    names = [row["name_en"] for row in rows_of(name)]
    assert all(one and one == one.strip() and one.isascii() for one in names)
    assert len({one.lower() for one in names}) == len(names)


def test_the_defect_of_a_component_is_named_after_it():
    components = {row["class_code"]: row["name_en"] for row in rows_of("components.csv")}
    defects = {
        row["class_code"]: row["name_en"] for row in rows_of("matters.csv") if row["origin"] == "component"
    }
    assert defects == {code: f"{name}: defect" for code, name in components.items()}


def test_the_pack_shows_the_english_names():
    labels = {(one.kind, one.code): one.label for one in PackSource(FOLDER).pack.categories}
    assert labels["component", "01001"].text("en") == "Water supply manhole cover"
    assert labels["matter", "06010"].text("en") == "Exposed rubbish"
    assert all(label.zh and label.en for label in labels.values())


def test_limit_rows_name_classes_that_exist():
    cases = read(FOLDER / "cases.yaml", CasesFile)
    codes = [row["class_code"] for row in rows_of("matters.csv")]
    for row in (*cases.procedures[0].limits, *cases.procedures[0].urgent):
        assert any(code.startswith(row.code) for code in codes), row


def test_every_cover_is_urgent_and_nothing_else_is():
    cases = read(FOLDER / "cases.yaml", CasesFile)
    prefixes = tuple(one.code for one in cases.procedures[0].urgent)
    rows = rows_of("matters.csv")
    covers = {row["class_code"] for row in rows if "井盖" in row["name"] or "箅子" in row["name"]}
    assert {row["class_code"] for row in rows if row["class_code"].startswith(prefixes)} == covers
