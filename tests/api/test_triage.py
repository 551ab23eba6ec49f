"""POST /triage through the API: what is suggested, what is recorded, what is not told."""

from __future__ import annotations

from typing import Any

from tests.api.conftest import Person, Someone
from tests.api.people import report
from tests.api.town import Town

from hutong.kernel.case import Case


def asked(person: Person, text: str, **more: Any) -> dict[str, Any]:
    answer = person.post("/triage", json={"text": text, **more})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_class_place_and_urgency_with_the_words_that_say_so(someone: Someone) -> None:
    found = asked(someone("shouli"), "投诉：南京西路1376号门前的垃圾桶满了没人清，都溢出来了")
    assert found["category"]["code"] == "06042"
    assert found["category"]["confidence"] > 0.5
    assert "垃圾桶" in [one["text"] for one in found["words"]]
    assert found["places"][0]["words"] == "南京西路1376号"
    assert found["urgency"]["name"] == "ordinary"
    assert found["demand"] is None, "no pack of this town says what demands are"
    assert found["model"] == ""
    assert found["automatic"]["allowed"] is False


def test_danger_raises_urgency_and_nothing_lowers_it(someone: Someone) -> None:
    desk = someone("shouli")
    assert asked(desk, "楼道里有煤气味，怕爆炸")["urgency"]["name"] == "critical"
    assert asked(desk, "没有漏电，只是灯不亮")["urgency"]["name"] == "ordinary"
    assert asked(desk, "路灯不亮", urgency="critical")["urgency"]["name"] == "critical"


def test_it_abstains_where_no_word_says_anything(someone: Someone) -> None:
    found = asked(someone("shouli"), "qqq zzz")
    assert found["category"] is None
    assert found["choices"] == []
    assert found["unit"] is None


def test_the_unit_comes_from_the_list_of_responsibilities(someone: Someone) -> None:
    found = asked(someone("shouli"), "下大雨，南京西路路面积水", kinds=["other"])
    assert found["category"]["kind"] == "other"
    assert found["unit"]["label"]["zh"] == "排水所"
    assert found["unit"]["basis"] == "test"


def test_open_cases_that_say_the_same_are_shown_to_those_who_may_read_them(
    someone: Someone, town: Town
) -> None:
    text = "南京西路一棵大树被风刮倒，横在人行道上，行人无法通过"
    id = report(someone("shouli"), text=text)["id"]
    found = asked(someone("shouli"), "南京西路有大树刮倒了，横在人行道上，无法通过")
    assert [one["case"]["id"] for one in found["alike"]] == [id]
    assert found["alike"][0]["likeness"] > 0.5


def test_what_was_suggested_is_kept_beside_what_was_chosen(someone: Someone, town: Town) -> None:
    desk = someone("shouli")
    told = {"category": "matter:06010", "confidence": 0.81, "model": ""}
    first = report(desk, suggested=told)["id"]
    report(desk, suggested={**told, "category": "matter:06042"})
    with town.store.reader() as reader:
        assert reader.get(Case, first).facts["triage"] == told
    page = desk.get("/triage/model").json()
    assert page["acceptance"] == {"suggested": 2, "accepted": 1}
    assert page["learnt_from"] == 0
    assert page["reason"]["zh"]


def test_who_may_open_nothing_may_not_ask(someone: Someone) -> None:
    assert someone("paishui").post("/triage", json={"text": "路灯不亮"}).status_code == 403
    assert someone("shouli").post("/triage", json={"text": "路灯", "urgency": "soon"}).status_code == 400
