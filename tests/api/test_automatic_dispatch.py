"""自动派遣 of 案卷: off for a class that was not measured, done and explained for one that was, and a person's to take back."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from tests.api.conftest import Someone
from tests.api.ended_cases import add_ended
from tests.api.people import attach, do, report
from tests.api.town import Town

from hutong.engine.flow.dispatching import AutomaticDispatch
from hutong.kernel.case import Case
from hutong.kernel.changes import Changes, Record
from hutong.kernel.definition.triage import Automatic, TriageSetting
from hutong.kernel.party import Responsibility

CODE = "06010"
SAID = {CODE: "路边垃圾成堆没人清运", "06011": "墙上到处贴着小广告"}
RUBBISH = Automatic(kind="matter", code=CODE, precision=0.6)
ON = TriageSetting(automatic=(RUBBISH,), least_cases=5)
NEW = "路边又有垃圾成堆，没人清运"


@pytest.fixture
def duty(town: Town) -> Town:
    """The 权责清单 has 道路所 for the class."""
    now = town.clock.city_time()
    row = Responsibility(
        id=town.store.new_ids(1)[0], kind="matter", code=CODE, area="*",
        organisation=town.directory.organisation("roads"), basis="清单 6-10", since=now,
    )  # fmt: skip
    record = Record(kind="responsibility.import", actor=0, at=now, subjects=(("responsibility", row.id),))
    town.store.apply(Changes(puts=(row,), records=(record,)))
    town.reread()
    return town


@pytest.fixture
def learnt(someone: Someone, duty: Town) -> Town:
    """Sixty closed 案卷 of two classes, and what was learnt and measured on them."""
    told = [
        report(someone("shouli"), text=text, category={"kind": "matter", "code": code})["id"]
        for code, text in SAID.items()
    ]
    add_ended(duty, told, "closed")
    assert duty.triage.learn() is not None
    return duty


def filed(someone: Someone, text: str = NEW, **more: Any) -> int:
    """A public report, verified on site and filed by people; it waits for 派遣."""
    case = int(report(someone("shouli"), text=text, **more)["id"])
    assert do(someone("shouli"), case, "accept").status_code == 200
    photos = [attach(someone("jiandu"), case, "verify", role)["id"] for role in ("near", "far")]
    assert do(someone("jiandu"), case, "verify_exists", files=photos).status_code == 200
    assert do(someone("zhiban"), case, "file").json()["state"] == "to_dispatch"
    return case


def now_of(town: Town, id: int) -> Case:
    with town.store.reader() as reader:
        return reader.get(Case, id)


def enabled(someone: Someone) -> dict[str, Any]:
    """What the page of triage says about the class that is turned on."""
    (found,) = someone("xitong").get("/triage/model").json()["enabled"]
    return dict(found)


def test_a_class_turned_on_without_a_measured_precision_is_left_to_people(
    someone: Someone, duty: Town
) -> None:
    duty.triage.setting = ON
    id = filed(someone)
    assert AutomaticDispatch(duty.cases, duty.triage).tick() == 0
    assert now_of(duty, id).state == "to_dispatch"
    said = enabled(someone)
    assert said["automatic"]["allowed"] is False
    assert said["automatic"]["reason"]["zh"]


@pytest.mark.parametrize(
    "setting", [replace(ON, least_cases=50), replace(ON, automatic=(replace(RUBBISH, precision=0.99),))]
)
def test_too_little_or_too_poorly_measured_is_left_to_people(
    someone: Someone, learnt: Town, setting: TriageSetting
) -> None:
    learnt.triage.setting = setting
    id = filed(someone)
    assert AutomaticDispatch(learnt.cases, learnt.triage).tick() == 0
    assert now_of(learnt, id).state == "to_dispatch"
    assert enabled(someone)["automatic"]["allowed"] is False


def test_a_measured_class_is_dispatched_by_the_list_and_says_why(someone: Someone, learnt: Town) -> None:
    learnt.triage.setting = ON
    id = filed(someone)
    work = AutomaticDispatch(learnt.cases, learnt.triage)
    assert work.tick() == 1
    case = now_of(learnt, id)
    assert (case.state, case.organisation) == ("handling", learnt.directory.organisation("roads"))
    assert (case.deeds[-1].action, case.deeds[-1].account) == ("dispatch", 0)
    assert {one.name for one in case.clocks if one.mark == "running"} >= {"handling"}
    with learnt.store.reader() as reader:
        records = reader.journal(subject=("case", id), limit=1000)
    (record,) = [one for one in records if one.kind == "case.dispatch"]
    why = record.explain["triage"]
    assert (why["model"], why["category"]) == (learnt.triage.digest, f"matter:{CODE}")
    assert why["confidence"] >= why["threshold"]
    assert why["measured"]["low"] >= why["asked"] == 0.6
    assert any("垃圾" in word["text"] for word in why["words"])
    assert record.explain["responsibility"]["as_suggested"] is True
    assert "系统代为办理" in someone("zhiban").get(f"/cases/{id}/explanation").json()["text"]["zh"]
    assert someone("daolu").get(f"/cases/{id}").json()["state"] == "handling", "the unit has it"
    assert enabled(someone)["automatic"]["allowed"] is True
    assert work.tick() == 0
    assert learnt.store.verify().sound


def test_a_dispatcher_takes_it_back_until_somebody_took_it(someone: Someone, learnt: Town) -> None:
    learnt.triage.setting = ON
    first, second = filed(someone), filed(someone, text="这条路边垃圾成堆，清运的人没来")
    work = AutomaticDispatch(learnt.cases, learnt.triage)
    assert work.tick() == 2
    refused = do(someone("jiandu"), first, "recall", answers={"reason": "应由排水所办理"})
    assert refused.status_code == 403
    page = do(someone("paiqian"), first, "recall", answers={"reason": "应由排水所办理"}).json()
    assert (page["state"], page["organisation"]) == ("to_dispatch", None)
    assert {one.name for one in now_of(learnt, first).clocks if one.mark == "running"} >= {"dispatch"}
    assert work.tick() == 0, "what a person took back is a person's"
    assert do(someone("daolu"), second, "take").status_code == 200
    late = do(someone("paiqian"), second, "recall", answers={"reason": "晚了"})
    assert (late.status_code, late.json()["facts"]["kind"]) == (422, "when")


def test_critical_confidential_and_dangerous_cases_are_left_to_people(someone: Someone, learnt: Town) -> None:
    learnt.triage.setting = ON
    case = int(report(someone("shouli"), text=NEW)["id"])
    do(someone("shouli"), case, "accept")
    photos = [attach(someone("jiandu"), case, "verify", role)["id"] for role in ("near", "far")]
    do(someone("jiandu"), case, "verify_exists", files=photos)
    do(someone("zhiban"), case, "file", answers={"urgency": "critical"})
    filed(someone, text="路边垃圾成堆没人清运，起火了，有人被困")
    filed(someone, text="墙上到处贴着小广告", category={"kind": "matter", "code": "06011"})
    assert AutomaticDispatch(learnt.cases, learnt.triage).tick() == 0
