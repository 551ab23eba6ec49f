"""plans.yaml of a pack and duty.yaml of a city: every mistake with file, line and remedy."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.loader.conftest import Patient

from hutong.loader.find import pack_folders


@pytest.fixture
def plans(tmp_path: Path) -> Patient:
    """A copy of the pack that ships a plan."""
    folder = pack_folders(())["drainage"]
    return Patient(shutil.copytree(folder, tmp_path / "packs" / "drainage", ignore=_code))


def _code(_: str, names: list[str]) -> list[str]:
    return [name for name in names if name == "__pycache__"]


def test_the_plan_that_ships_is_sound(plans: Patient) -> None:
    assert [one for one in plans.problems() if one.file.endswith("plans.yaml")] == []


@pytest.mark.parametrize(
    ("old", "new", "reason", "remedy"),
    [
        ("rules: [rainstorm_red]", "rules: [rainstorm_rad]", "no rule", "did you mean 'drainage.rainstorm_red'"),
        ("{level: 2, rules", "{level: 1, rules", "has no level 1", "define it"),
        ("count: 6", "count: 0", "at least 1", "whole number"),
        ("within: 1 h", "within: an hour", "is not a span", "write a number"),
        ("role: duty_chief", "role: duty_cheif", "no role", "did you mean 'duty_chief'"),
        ("mode: flood", "mode: flod", "no mode", "did you mean 'drainage.flood'"),
        ("commanders: [commander]", "commanders: []", "nobody may start", "roles that command"),
        ("minutes: 10", "minutes: 0", "above zero", "minutes to confirm"),
        ("post: road_duty\n            amount", "amount", "goes to one unit", "keep one"),
        ("stage: handling, amount: 2", "stage: handeling, amount: 2", "no clock", "did you mean 'handling'"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_plan(plans: Patient, old: str, new: str, reason: str, remedy: str) -> None:
    plans.replace("plans.yaml", old, new)
    found = [one for one in plans.problems() if one.file == "drainage/plans.yaml" and reason in one.reason]
    assert found, [str(one) for one in plans.problems()]
    assert any(remedy in one.remedy for one in found), [one.remedy for one in found]
    assert all(one.line > 0 for one in found)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("posts: [{post: nowhere, label: {zh: 甲, en: A}, people: []}]", "no plan calls 'nowhere'"),
        ("posts: [{post: flood_duty, label: {zh: 甲, en: A}, people: [nobody]}]", "no account 'nobody'"),
        ("resources: [{code: a, label: {zh: 甲, en: A}, kind: k, amount: -1, unit: 辆}]", "below zero"),
        (
            "resources: [{code: a, label: {zh: 甲, en: A}, kind: k, amount: 1, unit: 辆, organisation: x}]",
            "no organisation 'x'",
        ),
    ],
)
def test_a_mistake_in_the_duty_list(city: Patient, text: str, reason: str) -> None:
    city.write("duty.yaml", text + "\n")
    found = [one for one in city.problems() if one.file.endswith("duty.yaml") and reason in one.reason]
    assert found, [str(one) for one in city.problems()]
