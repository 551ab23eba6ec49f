"""The procedure and class tables of the pack; its scenarios are played with those of all packs."""

import csv
from pathlib import Path

import msgspec
import yaml
from msgspec.structs import replace

import hutong.packs.urban
from hutong.engine.handle import faults
from hutong.kernel.definition.procedure import CasesFile

FOLDER = Path(hutong.packs.urban.__path__[0])


def read(path, kind):
    return msgspec.convert(yaml.safe_load(path.read_text(encoding="utf-8")), kind)


def test_the_procedure_has_no_faults():
    cases = read(FOLDER / "cases.yaml", CasesFile)
    assert faults(replace(cases.procedures[0], name="urban.case"), cases.roles) == []


def test_every_class_of_the_standard_is_there():
    counts = {}
    for name in ("components.csv", "matters.csv"):
        with (FOLDER / name).open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        assert len({row["class_code"] for row in rows}) == len(rows)
        assert all(row["class_code"].startswith(row["major_code"]) for row in rows)
        counts[name] = len(rows)
    assert counts == {"components.csv": 153, "matters.csv": 250}


def test_limit_rows_name_classes_that_exist():
    cases = read(FOLDER / "cases.yaml", CasesFile)
    with (FOLDER / "matters.csv").open(encoding="utf-8-sig", newline="") as file:
        codes = [row["class_code"] for row in csv.DictReader(file)]
    for row in (*cases.procedures[0].limits, *cases.procedures[0].urgent):
        assert any(code.startswith(row.code) for code in codes), row


def test_every_cover_is_urgent_and_nothing_else_is():
    cases = read(FOLDER / "cases.yaml", CasesFile)
    prefixes = tuple(one.code for one in cases.procedures[0].urgent)
    with (FOLDER / "matters.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    covers = {row["class_code"] for row in rows if "井盖" in row["name"] or "箅子" in row["name"]}
    assert {row["class_code"] for row in rows if row["class_code"].startswith(prefixes)} == covers
