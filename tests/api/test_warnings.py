"""Warnings: listed with evidence, judged one by one and many at once."""

from __future__ import annotations

from typing import Any

from tests.api.conftest import Person, Someone
from tests.api.feed import minutes
from tests.api.town import Town

FLOOD = [0.02, 0.2, 0.21, 0.22, 0.23]


def flooded(town: Town, *codes: str) -> None:
    for code in codes or ("W1",):
        minutes(town, code, "ponding", FLOOD)


def listed(person: Person, query: str = "") -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = person.get(f"/warnings?{query}").json()["rows"]
    return rows


def test_a_warning_shows_its_thing_and_evidence(someone: Someone, town: Town) -> None:
    flooded(town)
    desk = someone("shouli")
    (row,) = listed(desk, "open=true")
    assert row["rule"] == "drainage.flooding"
    assert row["colour"] == "yellow"
    assert row["state"] == "to_judge"
    assert row["thing"]["name"]["zh"] == "1号积水点"
    assert row["unit"] == "m"
    page = desk.get(f"/warnings/{row['id']}")
    assert page.headers["ETag"] == f'"{row["version"]}"'
    evidence = page.json()["evidence"]
    assert [one["number"] for one in evidence][-1] >= 0.2
    assert {one["property"] for one in evidence} == {"drainage.ponding"}
    assert page.json()["judged"] is None


def test_a_confirmed_warning_becomes_a_case(someone: Someone, town: Town) -> None:
    flooded(town)
    desk = someone("shouli")
    id = listed(desk)[0]["id"]
    answer = desk.post(f"/warnings/{id}/judge", json={"verdict": "confirmed", "reason": "视频可见积水"})
    assert answer.status_code == 200
    judged = answer.json()
    assert judged["warning"]["state"] == "confirmed"
    assert judged["warning"]["judged"]["by"]["name"]["zh"] == "沈受理"
    assert judged["case"]["state"] == "to_file"
    assert judged["case"]["source"] == "sensor"
    page = desk.get(f"/cases/{judged['case']['id']}").json()
    assert [one["id"] for one in page["warnings_list"]] == [id]
    assert page["thing"]["code"] == "W1"
    again = desk.post(f"/warnings/{id}/judge", json={"verdict": "confirmed"})
    assert again.status_code == 422
    assert "沈受理" in again.json()["facts"]["zh"]


def test_a_false_alarm_needs_a_reason_and_leaves_the_map(someone: Someone, town: Town) -> None:
    flooded(town)
    desk = someone("shouli")
    id = listed(desk)[0]["id"]
    assert desk.post(f"/warnings/{id}/judge", json={"verdict": "false_alarm"}).json()["field"] == "reason"
    assert desk.post(f"/warnings/{id}/judge", json={"verdict": "maybe"}).status_code == 400
    desk.post(f"/warnings/{id}/judge", json={"verdict": "false_alarm", "reason": "探头被遮挡"})
    assert listed(desk, "open=true") == []
    assert [one["id"] for one in listed(desk, "state=false_alarm")] == [id]
    assert [one["id"] for one in listed(desk, "open=false")] == [id]


def test_only_those_who_may_judge_do(someone: Someone, town: Town) -> None:
    flooded(town)
    id = listed(someone("paishui"))[0]["id"]
    assert someone("paishui").post(f"/warnings/{id}/judge", json={"verdict": "confirmed"}).status_code == 403
    assert someone("shouli").post("/warnings/4711/judge", json={"verdict": "confirmed"}).status_code == 404


def test_stale_and_repeated_judgements(someone: Someone, town: Town) -> None:
    flooded(town)
    desk, chief = someone("shouli"), someone("zhiban")
    id = listed(desk)[0]["id"]
    seen = desk.get(f"/warnings/{id}").headers["ETag"]
    body = {"verdict": "confirmed"}
    key = {"Idempotency-Key": "k", "If-Match": seen}
    first, again = (desk.post(f"/warnings/{id}/judge", key, json=body) for _ in range(2))
    assert first.status_code == again.status_code == 200
    assert first.json()["case"]["id"] == again.json()["case"]["id"]
    late = chief.post(f"/warnings/{id}/judge", {"If-Match": seen}, json=body)
    assert late.status_code == 409
    assert late.json()["facts"]["by"] == "沈受理"


def test_many_are_judged_each_on_its_own(someone: Someone, town: Town) -> None:
    flooded(town, "W1", "W2")
    desk = someone("shouli")
    ids = [one["id"] for one in listed(desk)]
    assert len(ids) == 2
    body = {"ids": [*ids, 4711], "verdict": "confirmed", "reason": ""}
    rows = desk.post("/warnings/judge", {"Idempotency-Key": "b"}, json=body).json()["rows"]
    assert [(one["id"], one["ok"]) for one in rows] == [(ids[0], True), (ids[1], True), (4711, False)]
    again = desk.post("/warnings/judge", {"Idempotency-Key": "b"}, json=body).json()["rows"]
    assert [one["case"] for one in again] == [one["case"] for one in rows]
    assert desk.post("/warnings/judge", json={**body, "ids": []}).status_code == 400


def test_warnings_of_one_cause_know_each_other(someone: Someone, town: Town) -> None:
    flooded(town, "W1", "W2")
    desk = someone("shouli")
    first, second = listed(desk)
    assert first["cause"] == second["cause"]
    same = desk.get(f"/warnings/{first['id']}").json()["same_cause"]
    assert [one["id"] for one in same] == [second["id"]]
    body = {"verdict": "joined", "joined_to": first["id"], "reason": "同一泵站"}
    joined = desk.post(f"/warnings/{second['id']}/judge", json=body).json()
    assert joined["warning"]["joined_to"] == first["id"]


def test_filters(someone: Someone, town: Town) -> None:
    flooded(town, "W1", "W2")
    desk = someone("shouli")
    assert len(listed(desk, "colour=yellow,red")) == 2
    assert listed(desk, "colour=red") == []
    assert len(listed(desk, "rule=drainage.flooding")) == 2
    assert [one["thing"]["id"] for one in listed(desk, "q=2号")] == [town.thing("W2")]
    assert len(listed(desk, f"thing={town.thing('W1')}")) == 1
    page = desk.get("/warnings?limit=1").json()
    assert page["after"] is not None
    rest = desk.get(f"/warnings?after={page['after']}").json()
    assert len({row["id"] for row in page["rows"] + rest["rows"]}) == 2
