"""`hutong replay cases` on a city's folder, as somebody runs it: the store is read from the folder, also beside a server."""

from __future__ import annotations

import csv
import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.app.hotline_folder import FILES, begun
from typer.testing import CliRunner

from hutong.app.case_replay_report import COLUMNS
from hutong.app.city import RunningCity, open_city
from hutong.cli import app
from hutong.engine.flow.cases import Act
from hutong.engine.handle.open import OpenCase
from hutong.kernel.access import Actor
from hutong.kernel.base import HOUR, MINUTE, Label
from hutong.kernel.case import Category
from hutong.kernel.clock import FixedClock

MONDAY = 1_789_347_600_000_000
"""2026-09-14 09:00 in Shanghai."""
CHANGED = """\
limits:
  - {kind: hotline, codes: ["040101"], urgency: ordinary, stage: handling, amount: 4, unit: work_hour, source: 试行}
  - {kind: "*", code: "", urgency: urgent, stage: contact, amount: 0.1, unit: urgent_hour, source: 试行}
responsibilities: [{kind: hotline, code: "040101", organisation: housing, basis: 试行清单}]
staffing: [{organisation: utilities, shifts: [{people: 2}]}, {organisation: housing, shifts: [{people: 3}]}]
"""


class Folder:
    """A city's folder whose unit answered three orders about water and one about a burst pipe, one after another."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = FixedClock(MONDAY)
        begun(folder, FILES, self.clock)

    def open(self) -> RunningCity:
        return open_city(self.folder, self.clock)


def actor(running: RunningCity, login: str) -> Actor:
    directory = running.directory()
    account = next(one.id for one in directory.accounts.values() if one.login == login)
    return directory.actor(account, running.clock.city_time())


def order(running: RunningCity, code: str) -> int:
    """Given to 公用所 at once."""
    command = OpenCase(
        id=running.store.new_ids(1)[0],
        category=Category("hotline", code),
        title=Label("停水"),
        text="家里没有水",
        source="hotline",
        condition="help",
    )
    case = running.desk.open(command, actor(running, "zuoxi")).id
    act(running, case, "zuoxi", "accept")
    unit = running.directory().organisation("utilities")
    act(running, case, "paidan", "dispatch", organisation=unit)
    return case


def act(running: RunningCity, case: int, login: str, action: str, **answers: Any) -> None:
    running.desk.act(Act(case=case, action=action, answers=answers), actor(running, login))


def answered(running: RunningCity, case: int, clock: FixedClock, hours: float) -> None:
    """Signed and contacted now, and answered after so many hours."""
    act(running, case, "gongyong", "sign")
    clock.move_to(clock.city + 10 * MINUTE)
    act(running, case, "gongyong", "contact", contacted="reached")
    clock.move_to(clock.city + round(hours * HOUR) - 10 * MINUTE)
    told = {"result": "已恢复供水", "answer": "已恢复供水", "solved": "solved"}
    act(running, case, "gongyong", "reply", **told)


@pytest.fixture
def town(tmp_path: Path) -> Folder:
    """Monday 09:00: four orders at once; answered at 10:00, 11:00, 12:00 and 15:30."""
    made = Folder(tmp_path / "town")
    with closing(made.open()) as running:
        water = [order(running, "040101") for _ in range(3)]
        pipe = order(running, "040104")
        for case, hours in zip((water[0], pipe, *water[1:]), (1, 1, 1, 3.5), strict=True):
            answered(running, case, made.clock, hours)
    return made


def replay(
    town: Folder, tmp_path: Path, text: str, *more: str
) -> tuple[dict[str, Any], list[list[str]], str]:
    """What the command wrote as JSON and CSV, and what it said."""
    path, table, whole = (tmp_path / name for name in ("changed.yaml", "d.csv", "d.json"))
    path.write_text(text, "utf-8")
    arguments = ["replay", "cases", "--city", str(town.folder), "--since", "2 d", "--with", str(path)]
    said = CliRunner().invoke(app, [*arguments, "--csv", str(table), "--json", str(whole), *more])
    assert said.exit_code == 0, said.output
    with table.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == list(COLUMNS)
    return json.loads(whole.read_bytes()), rows[1:], said.output


def test_clocks_routing_and_staffing_otherwise(town: Folder, tmp_path: Path) -> None:
    found, rows, said = replay(town, tmp_path, CHANGED)
    assert found["cases"] == 4
    rates = {one["clock"]: (one["ran"], one["was_late"], one["late"]) for one in found["clocks"]}
    # Four working hours from 09:00 are over at 13:30; the last one, at 15:30, would have been late.
    assert rates["handling"] == (4, 0, 1)
    # The burst pipe is urgent: contacted after 70 minutes, six minutes would have been allowed.
    assert rates["contact"] == (4, 0, 1)
    clocks = {line[COLUMNS.index("what")]: line for line in rows if line[0] == "clock"}
    assert set(clocks) == {"handling", "contact"}
    assert clocks["handling"][COLUMNS.index("changed_by")] == "4 work_hour (hotline 040101: 试行)"
    assert clocks["handling"][COLUMNS.index("changed_late")] == "1"
    routed = [line for line in rows if line[0] == "unit"]
    assert [line[3:5] for line in routed] == [["公用所", "房管所"]] * 3
    before = {one["name"]["zh"]: one for one in found["present"]}
    after = {one["name"]["zh"]: one for one in found["changed"]}
    assert {name: (one["cases"], one["people"]) for name, one in before.items()} == {"公用所": (4, 1)}
    assert {name: (one["cases"], one["people"]) for name, one in after.items()} == {
        "公用所": (1, 2),
        "房管所": (3, 3),
    }
    assert before["公用所"]["wait"] > 0
    assert {one["wait"] for one in after.values()} == {0}
    assert sum(one["hours"] for one in before.values()) == pytest.approx(
        sum(one["hours"] for one in after.values())
    )
    for word in ("按期率", "承办", "房管所", "RX20260914"):
        assert word in said


def test_it_reads_beside_a_server_and_writes_nothing(town: Folder, tmp_path: Path) -> None:
    with closing(town.open()) as running:
        before = running.store.verify().records
        found, _, _ = replay(town, tmp_path, CHANGED)
        assert found["cases"] == 4
        assert running.store.verify().records == before
        assert running.store.verify().sound


def test_a_period_takes_only_its_own_cases(town: Folder, tmp_path: Path) -> None:
    found, _, _ = replay(
        town, tmp_path, CHANGED, "--since", "2026-09-14T00:00", "--until", "2026-09-14T09:00:00"
    )
    assert (found["cases"], found["differences"]) == (0, [])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("limits: [{kind: '*', code: '', mode: war, stage: handling, amount: 1, unit: work_hour}]", "mode"),
        ("staffing: [{organisation: nobody, shifts: [{people: 1}]}]", "nobody"),
    ],
)
def test_a_mistake_is_told_and_no_file_is_written(town: Folder, tmp_path: Path, text: str, told: str) -> None:
    path, table = tmp_path / "changed.yaml", tmp_path / "d.csv"
    path.write_text(text, "utf-8")
    arguments = ["replay", "cases", "--city", str(town.folder), "--since", "2 d", "--with", str(path)]
    said = CliRunner().invoke(app, [*arguments, "--csv", str(table)])
    assert said.exit_code != 0
    assert told in said.output or told in str(said.exception)
    assert not table.exists()


def test_a_folder_without_records_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "town"
    folder.mkdir()
    (folder / "city.yaml").write_text(FILES["city.yaml"], "utf-8")
    changed = tmp_path / "changed.yaml"
    changed.write_text(CHANGED, "utf-8")
    arguments = ["replay", "cases", "--city", str(folder), "--since", "2 d", "--with", str(changed)]
    said = CliRunner().invoke(app, arguments)
    assert said.exit_code != 0
    assert "no records yet" in said.output + str(said.exception)
