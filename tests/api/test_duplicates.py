"""Duplicates offered at intake; joining keeps the joined case's own number."""

from __future__ import annotations

from tests.api.conftest import Someone
from tests.api.people import CATEGORY, do, report
from tests.api.town import Town

from hutong.kernel.base import DAY

SAID = {"category": CATEGORY, "position": [121.4051, 31.205], "text": "路面垃圾很多"}


def test_a_like_case_is_offered_and_joined_with_its_own_number(someone: Someone) -> None:
    first = report(someone("shouli"))
    (found,) = someone("shouli").post("/cases/duplicates", json=SAID).json()["rows"]
    assert found["case"]["number"] == first["number"]
    assert found["reason"]["zh"].startswith("10 米外，0 分钟前，同类")
    assert found["same_category"] is True
    second = report(someone("shouli"), text="路面垃圾很多")
    offered = (
        someone("shouli").post("/cases/duplicates", json={**SAID, "except_case": second["id"]}).json()["rows"]
    )
    assert [one["case"]["id"] for one in offered] == [first["id"]]
    answer = do(someone("shouli"), second["id"], "join", answers={"main": first["id"]})
    assert answer.status_code == 200, answer.text
    joined = someone("shouli").get(f"/cases/{second['id']}").json()
    assert joined["number"] == second["number"] != first["number"]
    assert joined["state"] == "joining"


def test_ended_joined_old_and_hidden_cases_are_not_offered(someone: Someone, town: Town) -> None:
    case = report(someone("shouli"))["id"]
    assert someone("paishui").post("/cases/duplicates", json=SAID).json()["rows"] == []
    assert do(someone("shouli"), case, "reject", answers={"reason": "不属实"}).status_code == 200
    assert someone("shouli").post("/cases/duplicates", json=SAID).json()["rows"] == []
    report(someone("shouli"))
    town.clock.move_to(town.clock.city_time() + 4 * DAY)
    assert someone("shouli").post("/cases/duplicates", json=SAID).json()["rows"] == []


def test_a_report_without_place_or_class_is_like_nothing(someone: Someone) -> None:
    report(someone("shouli"))
    assert someone("shouli").post("/cases/duplicates", json={"text": "垃圾"}).json()["rows"] == []
    wrong = someone("shouli").post("/cases/duplicates", json={"position": [999, 0]})
    assert (wrong.status_code, wrong.json()["field"]) == (400, "position")
