"""Changed rules over stored history: what they would have raised, missed and cleared; nothing of the city changes."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from tests.api.feed import minutes
from tests.api.town import Town, found_town, tiny_city
from typer.testing import CliRunner

from hutong.app.replay_report import COLUMNS, document, table
from hutong.app.replaying import Replay, replay_over
from hutong.cli import app
from hutong.engine.flow.replaying import RuleChange, same_outcome
from hutong.kernel.access import SYSTEM
from hutong.kernel.case import Warning
from hutong.kernel.errors import HutongError, Invalid, NotFound
from hutong.kernel.query import EVERYTHING

FLOOD = [0.02, 0.16, 0.18, 0.18, 0.18, 0.02, 0.02, 0.02, 0.02, 0.02, 0.02, 0.02]
DEEP = [0.02, 0.16, 0.26, 0.36, 0.36, 0.36, 0.02, 0.02, 0.02, 0.02, 0.02, 0.02, 0.02, 0.02]
LOW = [0.02, 0.12, 0.12, 0.12, 0.12, 0.02]


@pytest.fixture
def town(tmp_path: Path) -> Any:
    made = found_town(tmp_path / "city")
    minutes(made, "W1", "ponding", FLOOD)
    minutes(made, "W2", "ponding", DEEP)
    minutes(made, "W3", "ponding", LOW)
    yield made
    made.close()


def replayed(town: Town, tmp_path: Path, text: str, since: str = "2 h", until: str | None = None) -> Replay:
    path = tmp_path / "changed.yaml"
    path.write_text(text, "utf-8")
    with town.store.reader() as reader:
        return replay_over(town.rulebook, reader, path, since, until, lambda label, share: None)


def warnings(town: Town) -> dict[str, Warning]:
    """Of the flooding rule, by the code of the thing."""
    with town.store.reader() as reader:
        rows = reader.find(Warning, EVERYTHING, limit=100).rows
    codes = {town.thing(code): code for code in ("W1", "W2", "W3")}
    return {codes[one.thing]: one for one in rows if one.rule == "drainage.flooding"}


def of(found: Replay, rule: str = "drainage.flooding") -> RuleChange:
    return next(one for one in found.summary if one.rule == rule)


def test_the_present_rules_give_what_was_really_raised(town: Town, tmp_path: Path) -> None:
    found = replayed(town, tmp_path, "parameters: {drainage.passable_depth: 0.15}")
    flooding = of(found)
    assert (flooding.present, flooding.changed, flooding.real, flooding.unexplained) == (2, 2, 2, 0)
    assert all(same_outcome(one) for one in found.differences)
    raised = {
        one.thing: one.present.raised
        for one in found.differences
        if one.present and one.rule.endswith("flooding")
    }
    assert raised == {one.thing: one.raised for one in warnings(town).values()}


def test_a_higher_level_loses_a_false_alarm_and_delays_another(town: Town, tmp_path: Path) -> None:
    real = warnings(town)
    town.warnings.judge(real["W1"].id, "false_alarm", "测试", SYSTEM)
    case = town.warnings.judge(real["W2"].id, "confirmed", "", SYSTEM).case
    assert case is not None
    found = replayed(town, tmp_path, "parameters: {passable_depth: 0.25}")
    flooding = of(found)
    assert (flooding.present, flooding.changed, flooding.fewer, flooding.more, flooding.later) == (
        2,
        1,
        1,
        0,
        1,
    )
    assert (flooding.vanished_false, flooding.vanished_confirmed, flooding.cases) == (1, 0, ())
    (gone,) = [one for one in found.differences if one.verdict == "fewer"]
    assert gone.thing == town.thing("W1")
    lost = of(replayed(town, tmp_path, "parameters: {passable_depth: 0.5}"))
    assert (lost.vanished_false, lost.vanished_confirmed, lost.cases) == (1, 1, (case.id,))


def test_a_changed_rule_raises_what_was_missed(town: Town, tmp_path: Path) -> None:
    text = (Path(tiny_city()[0].packs[-1].folder) / "rules.yaml").read_text("utf-8")
    assert "when: {above: {parameter: drainage.passable_depth}}" in text
    found = replayed(
        town,
        tmp_path,
        text.replace("when: {above: {parameter: drainage.passable_depth}}", "when: {above: 0.1}"),
    )
    assert (of(found).more, of(found).fewer, of(found).earlier) == (1, 0, 0)
    (new,) = [one for one in found.differences if one.verdict == "more"]
    assert new.thing == town.thing("W3")
    assert new.changed is not None
    assert new.changed.cleared is None


def test_rules_can_be_left_out(town: Town, tmp_path: Path) -> None:
    found = replayed(town, tmp_path, "without: [flooding]")
    assert (of(found).present, of(found).changed, of(found).vanished_waiting) == (2, 0, 2)
    assert found.rules == ("drainage.flooding",)


def test_a_part_of_history(town: Town, tmp_path: Path) -> None:
    early = replayed(town, tmp_path, "without: [flooding]", "2026-07-18T19:00", "2026-07-18T19:10")
    assert (of(early).present, of(early).real) == (1, 1)


def test_nothing_of_the_city_changes(town: Town, tmp_path: Path) -> None:
    with town.store.reader() as reader:
        head, marks = reader.head(), reader.rule_state()
    replayed(town, tmp_path, "parameters: {passable_depth: 0.25}")
    with town.store.reader() as reader:
        assert (reader.head(), reader.rule_state()) == (head, marks)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("parameters: {passabel: 1}", "passabel"),
        ("without: [floodin]", "floodin"),
        ("rulez: []", "rulez"),
        ("{}", "changes nothing"),
        ("parameters: {passable_depth: high}", "expected `float`"),
        ("without: [flooding", "is not YAML"),
    ],
)
def test_mistakes_in_the_file_are_told_with_their_place(
    town: Town, tmp_path: Path, text: str, names: str
) -> None:
    with pytest.raises(HutongError, match=names):
        replayed(town, tmp_path, text)


def test_times_that_make_no_sense(town: Town, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="is no time"):
        replayed(town, tmp_path, "without: [flooding]", "yesterday")
    with pytest.raises(Invalid, match="not before the end"):
        replayed(town, tmp_path, "without: [flooding]", "2030-01-01")
    with town.store.reader() as reader, pytest.raises(NotFound):
        replay_over(town.rulebook, reader, tmp_path / "none.yaml", "1 h", None, lambda label, share: None)


def test_what_it_came_to_is_exported(town: Town, tmp_path: Path) -> None:
    found = replayed(town, tmp_path, "parameters: {passable_depth: 0.25}")
    rows = table(found)
    assert all(len(row) == len(COLUMNS) for row in rows)
    whole = json.loads(document(found))
    assert len(whole["differences"]) == len(rows)
    gone = next(row for row in whole["differences"] if row["verdict"] == "fewer")
    assert gone["name_zh"] == "1号积水点"
    assert gone["present_raised"].startswith("2026-07-18 19:0")
    assert (gone["changed_raised"], gone["judged"]) == ("", "to_judge")


def test_the_command_prints_and_writes_the_differences(demo_like: Path, tmp_path: Path) -> None:
    changed = tmp_path / "changed.yaml"
    changed.write_text("parameters: {drainage.passable_depth: 0.25}", "utf-8")
    out = tmp_path / "out.csv"
    command = [
        "replay",
        "rules",
        "--since",
        "2 h",
        "--with",
        str(changed),
        "--city",
        str(demo_like),
        "--csv",
        str(out),
    ]
    answer = CliRunner().invoke(app, command)
    assert answer.exit_code == 0, answer.output
    assert "drainage.flooding" in answer.output
    assert "would not be raised" in answer.output
    with out.open(encoding="utf-8-sig", newline="") as file:
        assert {row["verdict"] for row in csv.DictReader(file)} >= {"fewer", "both"}


@pytest.fixture
def demo_like(tmp_path: Path) -> Path:
    """A city folder whose records were made as those of the tiny city, then left."""
    folder = tmp_path / "served"
    made = found_town(folder)
    minutes(made, "W1", "ponding", FLOOD)
    minutes(made, "W2", "ponding", DEEP)
    made.close()
    (folder / "city.yaml").write_text(
        "name: tiny\nlabel: {zh: 小城, en: Tiny}\ndivision: '310101'\npacks: [base, urban, drainage]\n"
        "box: [121.40, 31.20, 121.42, 31.22]\nsource: test\nlicence: CC0\n",
        "utf-8",
    )
    return folder
