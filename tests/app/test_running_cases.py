"""`hutong check CITY`: which versions running cases keep, and what a changed file would do to them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

import hutong.packs
from hutong.app.checking import check_running
from hutong.app.city import open_city
from hutong.app.running_cases import running_cases
from hutong.cli import app
from hutong.engine.handle.open import OpenCase
from hutong.kernel.access import SYSTEM
from hutong.kernel.base import Label
from hutong.kernel.case import Category
from hutong.kernel.clock import FixedClock
from hutong.kernel.errors import NotFound
from hutong.loader.problem import Faulty

CITY = """\
name: town
label: {zh: 小城, en: Town}
division: "310101"
packs: [base, urban]
box: [121.4, 31.2, 121.5, 31.3]
source: test
licence: CC0
"""
CASES = Path(hutong.packs.__path__[0]) / "urban" / "cases.yaml"


@pytest.fixture
def town(tmp_path: Path) -> Path:
    """A city with two cases to file and one to dispatch."""
    folder = tmp_path / "town"
    folder.mkdir()
    (folder / "city.yaml").write_text(CITY, "utf-8")
    running = open_city(folder, FixedClock(1_790_000_000_000_000))
    for via in ("", "", "listed"):
        command = OpenCase(
            id=running.store.new_ids(1)[0],
            category=Category("matter", "06010"),
            title=Label("暴露垃圾"),
            source="sensor",
            via=via,
        )
        running.desk.open(command, SYSTEM)
    running.close()
    return folder


def changed(town: Path, old: str, new: str) -> Path:
    text = CASES.read_text("utf-8")
    assert old in text
    path = town / "changed.yaml"
    path.write_text(text.replace(old, new), "utf-8")
    return path


def check(*arguments: str) -> tuple[int, str]:
    found = CliRunner().invoke(app, ["check", *arguments])
    return found.exit_code, found.output


def test_cases_on_the_newest_version_are_not_told(town: Path) -> None:
    assert running_cases(town) == []
    code, said = check(str(town))
    assert (code, "town: all open cases run on the newest procedures" in said) == (0, True)


def test_a_changed_file_tells_what_would_be_otherwise(town: Path) -> None:
    path = changed(
        town,
        "name: filing, label: {zh: 立案, en: filing}, amount: 0.5",
        "name: filing, label: {zh: 立案, en: filing}, amount: 2",
    )
    (found,) = running_cases(town, changed=path)
    assert (found.procedure, found.states, found.left, found.lost) == (
        "urban.case", {"to_file": 2, "to_dispatch": 1}, {}, (),
    )  # fmt: skip
    assert [(one.part, one.name, one.fields) for one in found.differences] == [
        ("clock", "filing", {"amount": (0.5, 2.0)})
    ]
    code, said = check(str(town), "--with", str(path))
    assert code == 0
    assert "urban.case: 3 open case(s) keep the definition" in said
    assert "new cases only: clock filing: amount 0.5 → 2.0" in said


def test_the_pack_as_it_stands_is_asked_the_same(town: Path) -> None:
    """The city's own copy of the pack changes while cases run on the former."""
    pack = town / "packs" / "urban"
    shutil.copytree(CASES.parent, pack, ignore=shutil.ignore_patterns("__pycache__"))
    text = CASES.read_text("utf-8").replace(
        "sets: {fed_back: none, joined_to: none, facts.ends_as: none, facts.kept: none}",
        "sets: {fed_back: none, facts.kept: none}",
    )
    (pack / "cases.yaml").write_text(text, "utf-8")
    (found,) = running_cases(town)
    assert [(one.part, one.name) for one in found.differences] == [("action", "reopen")]


def test_rights_are_lost_at_once(town: Path) -> None:
    path = town / "changed.yaml"
    path.write_text(
        "roles:\n  - {name: duty_chief, label: {zh: 值班长, en: duty chief}, side: supervision, may: {read: ['*']}}\n",
        "utf-8",
    )
    (found,) = running_cases(town, changed=path)
    assert found.differences == ()
    assert "file: no role holds the right" in found.lost


def test_a_faulty_file_is_told_line_by_line(town: Path) -> None:
    path = changed(town, "at: main_ended", "at: main_ended\n        roles: [leader]")
    with pytest.raises(Faulty) as caught:
        running_cases(town, changed=path)
    assert "an automatic action has no roles" in str(caught.value)


def test_the_answer_for_programs(town: Path) -> None:
    path = changed(town, "label: {zh: 待立案, en: awaiting filing}", "label: {zh: 待立, en: to file}")
    code, said = check(str(town), "--with", str(path), "--json")
    assert code == 0
    (found,) = json.loads(said)["running"]["town"]
    assert (found["procedure"], found["states"], found["differences"]) == (
        "urban.case", {"to_file": 2, "to_dispatch": 1}, [],
    )  # fmt: skip


def test_a_file_needs_a_city(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no city with a store is named"):
        check_running((), tmp_path / "x.yaml")
