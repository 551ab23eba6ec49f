"""Automatic dispatch: off unless the city turned it on for a class that was measured, and never against a person."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from tests.api.conftest import Someone
from tests.api.ended_cases import add_ended
from tests.api.hotline.people import act, order
from tests.api.town import Town

from hutong.engine.flow.dispatching import AutomaticDispatch
from hutong.kernel.case import Case
from hutong.kernel.changes import Changes, Record
from hutong.kernel.definition.triage import Automatic, TriageSetting
from hutong.kernel.query import EVERYTHING

SAID = {"010601": "路口积水没过脚面", "010405": "楼上天天拉二胡到半夜"}
OURS = Automatic(kind="hotline", code="010601", precision=0.6)
ON = TriageSetting(automatic=(OURS,), least_cases=5)


@pytest.fixture
def learnt(someone: Someone, town: Town) -> Town:
    """A town that closed sixty orders of two classes and learnt from them."""
    seat = someone("zuoxi")
    first = {code: order(seat, code=code, text=text)["id"] for code, text in SAID.items()}
    add_ended(town, list(first.values()), "archived")
    assert town.triage.learn() is not None
    return town


def passed_on(someone: Someone, **more: Any) -> int:
    return int(order(someone("zuoxi"), then={"does": "pass_on"}, text="路口又积水了，没过脚面", **more)["id"])


def now(town: Town, id: int) -> Case:
    with town.store.reader() as reader:
        return reader.get(Case, id)


def test_it_is_off_unless_a_city_says_so(someone: Someone, learnt: Town) -> None:
    id = passed_on(someone)
    assert AutomaticDispatch(learnt.cases, learnt.triage).tick() == 0
    assert now(learnt, id).state == "to_dispatch"


def test_it_dispatches_and_says_why(someone: Someone, learnt: Town) -> None:
    learnt.triage.setting = ON
    id = passed_on(someone)
    work = AutomaticDispatch(learnt.cases, learnt.triage)
    assert work.tick() == 1
    case = now(learnt, id)
    assert case.state == "to_sign"
    assert case.organisation == learnt.directory.organisation("drainage")
    assert case.deeds[-1].account == 0
    assert {clock.name for clock in case.clocks if clock.mark == "running"} >= {"signing", "handling"}
    with learnt.store.reader() as reader:
        (record,) = [one for one in reader.journal(limit=10_000) if one.kind == "case.dispatch"]
    why = record.explain["triage"]
    assert why["model"] == learnt.triage.digest
    assert why["confidence"] >= why["threshold"]
    assert any("积水" in word["text"] for word in why["words"])
    assert why["measured"]["low"] >= 0.6
    assert why["measured"]["n"] >= 5
    assert record.explain["responsibility"]["row"]["basis"] == "test"
    told = someone("paidan").get(f"/cases/{id}/explanation").json()["text"]["zh"]
    assert "系统代为办理" in told
    assert work.tick() == 0


def test_a_person_takes_it_back_and_it_stays_taken_back(someone: Someone, learnt: Town) -> None:
    learnt.triage.setting = ON
    id = passed_on(someone)
    work = AutomaticDispatch(learnt.cases, learnt.triage)
    work.tick()
    page = act(someone("paidan"), id, "recall", reason="应由道路所办理")
    assert page["state"] == "to_dispatch"
    assert now(learnt, id).organisation is None
    assert work.tick() == 0
    act(someone("paidan"), id, "dispatch", organisation=learnt.directory.organisation("roads"))
    offered = {
        one["action"]: one["allowed"] for one in someone("paidan").get(f"/cases/{id}").json()["offers"]
    }
    assert not offered.get("recall"), "a person's dispatch is not the platform's to be taken back"


@pytest.mark.parametrize("more", [{"urgency": "critical"}, {"demand": "report"}])
def test_never_what_is_critical_or_confidential(someone: Someone, learnt: Town, more: dict[str, Any]) -> None:
    learnt.triage.setting = ON
    id = passed_on(someone)
    case = now(learnt, id)
    changed = replace(case, urgency="critical") if "urgency" in more else replace(case, confidential=True)
    at = learnt.clock.city_time()
    record = Record(kind="case.change", actor=0, at=at, subjects=(("case", id),))
    learnt.store.apply(Changes(puts=(changed,), records=(record,)))
    assert AutomaticDispatch(learnt.cases, learnt.triage).tick() == 0


def test_words_of_danger_are_left_to_people(someone: Someone, learnt: Town) -> None:
    learnt.triage.setting = ON
    order(someone("zuoxi"), then={"does": "pass_on"}, text="路口积水没过脚面，有人触电了，怕爆炸")
    assert AutomaticDispatch(learnt.cases, learnt.triage).tick() == 0


def test_not_while_the_caller_is_on_the_line_nor_of_another_class(someone: Someone, learnt: Town) -> None:
    learnt.triage.setting = ON
    order(someone("zuoxi"), text="路口又积水了，没过脚面")
    order(someone("zuoxi"), then={"does": "pass_on"}, text="楼上天天拉二胡到半夜")
    assert AutomaticDispatch(learnt.cases, learnt.triage).tick() == 0


@pytest.mark.parametrize(
    "setting", [replace(ON, least_cases=50), replace(ON, automatic=(replace(OURS, precision=0.99),))]
)
def test_too_little_or_too_poorly_measured_is_refused(
    someone: Someone, learnt: Town, setting: TriageSetting
) -> None:
    learnt.triage.setting = setting
    passed_on(someone)
    assert AutomaticDispatch(learnt.cases, learnt.triage).tick() == 0


def test_nothing_is_automatic_before_anything_was_learnt(someone: Someone, town: Town) -> None:
    town.triage.setting = replace(ON, least_cases=1)
    passed_on(someone)
    assert AutomaticDispatch(town.cases, town.triage).tick() == 0
    with town.store.reader() as reader:
        assert {one.state for one in reader.find(Case, EVERYTHING).rows} == {"to_dispatch"}
