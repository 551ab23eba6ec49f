"""`hutong replay cases` over a city whose cases were really handled; nothing of the city changes."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from tests.api.town import Town, found_town
from typer.testing import CliRunner

from hutong.app.case_replay_report import COLUMNS, document, summary, table
from hutong.app.replaying_cases import ReplayedCases, replay_cases_over
from hutong.cli import app
from hutong.engine.flow.cases import Act
from hutong.engine.handle.open import OpenCase
from hutong.kernel.access import Actor
from hutong.kernel.base import HOUR, MINUTE, Label
from hutong.kernel.case import Case, Category
from hutong.loader.problem import Faulty


def person(town: Town, login: str) -> Actor:
    found = next(one for one in town.directory.accounts.values() if one.login == login)
    return town.directory.actor(found.id, town.clock.city)


def handled(town: Town) -> Case:
    """Reported Saturday 19:00, dispatched to 排水所 at 19:20, taken at 19:30 and returned at 20:30."""
    grid = next(one for one in town.directory.places.values() if one.tree == "unit_grid")
    desk = town.cases
    command = OpenCase(
        id=town.store.new_ids(1)[0], category=Category("matter", "06010"), title=Label("暴露垃圾"), source="collector",
        place=grid.id, position_text="南京西路",
    )  # fmt: skip
    case = desk.open(command, person(town, "jiandu"))
    for login, action, answers, wait in (
        ("zhiban", "file", {}, 10 * MINUTE),
        ("paiqian", "dispatch", {"organisation": town.directory.organisation("drainage")}, 10 * MINUTE),
        ("paishui", "take", {}, 10 * MINUTE),
        (
            "paishui",
            "return",
            {"reason": "不属本部门", "basis": "权责清单", "proposed": town.directory.organisation("roads")},
            HOUR,
        ),
    ):
        town.clock.move_to(town.clock.city + wait)
        case = desk.act(Act(case=case.id, action=action, answers=answers), person(town, login))
    return case


@pytest.fixture
def town(tmp_path: Path) -> Any:
    made = found_town(tmp_path / "city")
    yield made
    made.close()


def replayed(town: Town, tmp_path: Path, text: str) -> ReplayedCases:
    path = tmp_path / "changed.yaml"
    path.write_text(text, "utf-8")
    with town.store.reader() as reader:
        return replay_cases_over(town.rulebook, reader, path, "1 d", None, lambda label, share: None)


def test_a_shorter_limit_and_another_unit(town: Town, tmp_path: Path) -> None:
    case = handled(town)
    before = town.store.verify().records
    found = replayed(
        town,
        tmp_path,
        "limits: [{kind: matter, code: '06', stage: filing, amount: 0.1, unit: urgent_hour, source: 试行}]\n"
        "responsibilities: [{kind: matter, code: '06', organisation: roads, basis: 试行清单}]\n",
    )
    assert (found.found.cases, found.numbers) == (1, {case.id: case.number})
    [late] = found.found.clocks
    assert (late.clock, late.was_late, late.by) == ("filing", False, "0.1 urgent_hour (matter 06: 试行)")
    roads, drainage = (town.directory.organisation(one) for one in ("roads", "drainage"))
    assert [(one.was, one.would) for one in found.found.routes] == [(drainage, roads)]
    assert [(one.unit, one.cases, one.hours) for one in found.found.present] == [(drainage, 1, 1.0)]
    assert [(one.unit, one.cases) for one in found.found.changed] == [(roads, 1)]
    kinds = {line[COLUMNS.index("kind")] for line in table(found)}
    assert kinds == {"clock", "unit"}
    assert json.loads(document(found))["cases"] == 1
    assert any("道路所" in line for line in summary(found))
    assert town.store.verify().records == before


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{}", "changes nothing"),
        ("limits: [{kind: matter, code: '', stage: nap, amount: 1, unit: work_hour}]", "no clock 'nap'"),
        ("limits: [{kind: matter, code: '', stage: filing, amount: 0, unit: work_hour}]", "above zero"),
        ("staffing: [{organisation: nobody, shifts: [{people: 1}]}]", "no organisation 'nobody'"),
        ("staffing: [{organisation: roads, shifts: []}]", "names nobody"),
        (
            "staffing: [{organisation: roads, shifts: [{people: 1, periods: [['18:00', '09:00']]}]}]",
            "follow one another",
        ),
    ],
)
def test_mistakes_of_the_file_are_told(town: Town, tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(Faulty, match=told):
        replayed(town, tmp_path, text)


def test_the_command_tells_and_writes_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command finds the city by its folder; here the town stands for it."""
    town = found_town(tmp_path / "city")
    handled(town)
    path = tmp_path / "changed.yaml"
    path.write_text("staffing: [{organisation: drainage, shifts: [{people: 3, every_day: true}]}]", "utf-8")

    def over(city: Path, changed: Path, since: str, until: str | None, tell: Any, **_: Any) -> ReplayedCases:
        with town.store.reader() as reader:
            return replay_cases_over(town.rulebook, reader, changed, since, until, tell)

    monkeypatch.setattr("hutong.app.replaying_cases.replay_cases", over)
    arguments = ["replay", "cases", "--since", "1 d", "--with", str(path)]
    outputs = ["--csv", str(tmp_path / "d.csv"), "--json", str(tmp_path / "d.json")]
    result = CliRunner().invoke(app, [*arguments, *outputs])
    town.close()
    assert result.exit_code == 0, result.output
    assert "按期率" in result.output
    with (tmp_path / "d.csv").open(encoding="utf-8-sig") as file:
        assert next(csv.reader(file)) == list(COLUMNS)
    assert json.loads((tmp_path / "d.json").read_bytes())["changed"][0]["people"] == 3
