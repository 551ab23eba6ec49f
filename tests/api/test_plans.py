"""Plans over HTTP: what a level will do is told first; only a commander decides; whoever is called confirms."""

from __future__ import annotations

from typing import Any

from tests.api.conftest import Someone
from tests.api.town import Town

from hutong.api.happenings import happenings

PLAN = "drainage.flood_control"
START = {"plan": PLAN, "level": 4, "reason": "暴雨橙色雨量达到", "event_grade": 4, "colour": "orange"}


def test_a_plan_says_what_its_levels_will_do(someone: Someone, town: Town) -> None:
    chief = someone("zhihui")
    (plan,) = [one for one in chief.get("/plans").json()["rows"] if one["name"] == PLAN]
    assert [one["level"] for one in plan["levels"]] == [2, 3, 4]
    assert [one["grade"] for one in plan["grades"]] == [1, 2, 3, 4]
    assert plan["proposal"] is None
    ahead = chief.get(f"/plans/{PLAN}/ahead?level=3").json()
    assert ahead["refused"] == ""
    assert {one["post"] for one in ahead["calls"]} == {"flood_duty", "road_duty", "duty_chief"}
    assert [one["short"] for one in ahead["supplies"]] == [3, 4]
    assert ahead["clocks"][0]["amount"] == 2
    assert someone("shouli").get(f"/plans/{PLAN}/ahead?level=3").json()["refused"]
    assert chief.get(f"/plans/{PLAN}/ahead?level=1").status_code == 400


def told_of_confirming(town: Town, case: int) -> None:
    """Whoever watches the main case hears at once that somebody has confirmed."""
    with town.store.reader() as reader:
        records = reader.journal(after=max(0, reader.head() - 50), limit=100)
        told = happenings(reader, records, town.context)[-1].shape
    assert (told.kind, told.subject.id) == ("calling.confirm", case)
    assert told.title.zh.startswith("确认叫应：")


def test_a_response_is_started_confirmed_changed_and_ended(someone: Someone, town: Town) -> None:
    chief = someone("zhihui")
    refused = someone("shouli").post("/responses", json=START)
    assert refused.status_code == 403
    key = {"Idempotency-Key": "start-1"}
    answer = chief.post("/responses", key, json=START)
    assert answer.status_code == 201, answer.text
    page: dict[str, Any] = answer.json()
    assert (page["level"], page["event_grade"], page["colour"]) == (4, 4, "orange")
    assert chief.post("/responses", key, json=START).json()["id"] == page["id"]
    assert chief.post("/responses", json=START).status_code == 422
    (calling,) = page["callings"]
    mine = someone("yingji")
    (waiting,) = mine.get("/callings").json()["rows"]
    assert (waiting["id"], waiting["mine"]) == (calling["id"], True)
    assert someone("shouli").post(f"/callings/{calling['id']}/confirm", json={}).status_code == 403
    confirmed = mine.post(f"/callings/{calling['id']}/confirm", json={"channel": "console"})
    assert confirmed.json()["state"] == "confirmed"
    told_of_confirming(town, page["case"]["id"])
    assert mine.get("/callings").json()["rows"] == []
    path = f"/responses/{page['id']}"
    short = chief.post(f"{path}/level", json={"level": 3, "reason": "积水增多"})
    assert short.status_code == 422
    assert short.json()["facts"]["short"] == {"pump_truck": 3, "flood_team": 4}
    wanted = {"level": 3, "reason": "积水增多", "accept_shortage": True}
    stale = chief.post(f"{path}/level", {"If-Match": '"99"'}, json=wanted)
    assert stale.status_code == 409
    changed = chief.post(f"{path}/level", json=wanted).json()
    assert (changed["level"], changed["mode"]["state"]) == (3, "switching_on")
    assert [one["level"] for one in changed["changes"]] == [4, 3]
    assert chief.post(f"{path}/end", json={"reason": "雨停"}).status_code == 422
    ended = chief.post(f"{path}/end", json={"reason": "雨停", "drop_tasks": True}).json()
    assert ended["ended"] is not None
    assert [one["what"]["en"] for one in ended["log"]] == [
        "Response started", "Confirmed", "Response changed", "Response ended",
    ]  # fmt: skip
    assert chief.get("/responses?running=true").json()["rows"] == []
    assert [one["id"] for one in chief.get("/responses").json()["rows"]] == [page["id"]]


def test_the_road_crew_sees_a_response_but_does_not_command_it(someone: Someone, town: Town) -> None:
    page = someone("zhihui").post("/responses", json=START).json()
    crew = someone("yingji")
    seen = crew.get(f"/responses/{page['id']}").json()
    assert seen["refused"]
    assert crew.post(f"/responses/{page['id']}/end", json={"reason": "x"}).status_code == 403
    assert crew.get("/resources").json()["rows"] == []
