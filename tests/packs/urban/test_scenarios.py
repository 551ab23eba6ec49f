"""Scenarios of the pack that play a case: given a report and what people did, expect how the case stands.

given: {at, case: {source, by, category, photos}, actions: [{at, by: ROLE NUMBER, action, answers, photos, refused}]};
expect: {case: {FIELD: value, clocks: {NAME: {due, used, overdue}}}}. `refused` names the kind of obstacle that is met.
"""

import csv
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest
import yaml
from msgspec.structs import replace

import hutong.packs.urban
from hutong.engine.handle import Command, OpenCase, Setting, act, compile_procedure, faults, open_case
from hutong.kernel.access import Actor, Grant, Permission
from hutong.kernel.base import Label
from hutong.kernel.case import Category, File
from hutong.kernel.definition.pack import Scenario
from hutong.kernel.definition.procedure import CasesFile
from hutong.kernel.errors import HutongError

FOLDER = Path(hutong.packs.urban.__path__[0])
SCENARIOS = sorted((FOLDER / "scenarios").glob("*.yaml"))
STAGES = {
    "verify_exists": "verify",
    "verify_absent": "verify",
    "feed_back": "handle",
    "self_handle": "handle",
}


def read(path, kind):
    return msgspec.convert(yaml.safe_load(path.read_text(encoding="utf-8")), kind)


def local(text):
    zone = ZoneInfo("Asia/Shanghai")
    return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()) * 1_000_000


@pytest.fixture(scope="module")
def compiled():
    cases = read(FOLDER / "cases.yaml", CasesFile)
    return compile_procedure(replace(cases.procedures[0], name="urban.case"), cases.roles, "d" * 64)


def actor(compiled, who):
    """`collector 2` is the second collector; handling units' people belong to unit 200."""
    name, _, number = who.partition(" ")
    role = compiled.roles[name]
    grants = tuple(Grant(name, Permission(verb, noun)) for verb, nouns in role.may.items() for noun in nouns)
    account = 10 * list(compiled.roles).index(name) + int(number or 1)
    unit = 200 if role.side == "handling" else 100 + list(compiled.roles).index(name)
    return Actor(account, organisation=unit, roles=(name,), grants=grants, side=role.side)


def photos(files, roles, stage, at):
    """New photos of those roles, each at the angle of the first photo of its role."""
    for role in roles:
        first = next((file.id for file in files if file.role == role), None)
        number = 1 + len(files)
        files.append(
            File(
                id=number,
                case=1,
                stage=stage,
                role=role,
                name=f"{role}.jpg",
                media_type="image/jpeg",
                size=1,
                digest=f"{number:064x}",
                taken=at,
                same_angle_as=first,
            )
        )


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_scenario(compiled, path):
    scenario = read(path, Scenario)
    setting, files = Setting(division="310101"), []
    given = scenario.given["case"]
    kind, _, code = given["category"].partition(":")
    command = OpenCase(
        id=1, category=Category(kind, code), title=Label(scenario.label.zh), source=given["source"]
    )
    at = local(scenario.given["at"])
    case = open_case(command, actor(compiled, given["by"]), at, compiled, setting).case
    photos(files, given.get("photos", ()), "report", at)
    for step in scenario.given["actions"]:
        at = local(step["at"])
        photos(files, step.get("photos", ()), STAGES.get(step["action"], "check"), at)
        command = Command(action=step["action"], answers=step.get("answers", {}), files=files)
        if "refused" in step:
            with pytest.raises(HutongError) as caught:
                act(case, command, actor(compiled, step["by"]), at, compiled, setting)
            assert caught.value.facts["kind"] == step["refused"]
            continue
        case = act(case, command, actor(compiled, step["by"]), at, compiled, setting).case
    check(case, scenario.expect["case"])


def check(case, expected):
    for field, value in expected.items():
        if field != "clocks":
            assert getattr(case, field) == value, field
    clocks = {clock.name: clock for clock in case.clocks}
    for name, marks in expected.get("clocks", {}).items():
        for mark, value in marks.items():
            wanted = local(value) if mark == "due" else value
            assert getattr(clocks[name], mark) == pytest.approx(wanted), (name, mark)


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
