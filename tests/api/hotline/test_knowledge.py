"""知识库: found by words, written by one and approved by another, corrected by whoever finds it wrong."""

from __future__ import annotations

from typing import Any

from tests.api.conftest import Person, Someone
from tests.api.town import Town

from hutong.kernel.base import DAY

BODY = {
    "title": "停水怎么办",
    "text": "先看邻居家是否有水",
    "keywords": ["停水"],
    "category": "0401",
    "since": "2026-01-01",
}


def found(person: Person, q: str) -> list[str]:
    answer = person.get(f"/articles?q={q}")
    assert answer.status_code == 200, answer.text
    return [one["title"] for one in answer.json()["rows"]]


def draft(person: Person, **more: Any) -> dict[str, Any]:
    answer = person.post("/articles", json={**BODY, **more})
    assert answer.status_code == 201, answer.text
    row: dict[str, Any] = answer.json()
    return row


def test_what_holds_is_found_by_its_words_and_keywords(someone: Someone) -> None:
    seat = someone("zuoxi")
    assert found(seat, "涉水") == ["道路积水怎么办"]
    assert found(seat, "内涝") == ["道路积水怎么办"]
    assert found(seat, "停水") == []
    row = seat.get("/articles?category=0106").json()["rows"][0]
    assert row["holds"] is True
    assert row["unit"]["label"]["zh"] == "排水所"
    assert row["category_label"]["zh"] == "排水与内涝"


def test_a_draft_answers_nobody_until_somebody_else_approves_it(someone: Someone) -> None:
    seat, chief = someone("zuoxi"), someone("banzhang")
    row = draft(seat)
    assert (row["state"], row["holds"]) == ("draft", False)
    assert found(seat, "停水") == []
    assert seat.post(f"/articles/{row['id']}/approve").status_code == 403
    approved = chief.post(f"/articles/{row['id']}/approve")
    assert approved.status_code == 200, approved.text
    assert found(seat, "停水") == ["停水怎么办"]
    own = draft(chief, title="自写自审")
    answer = chief.post(f"/articles/{own['id']}/approve")
    assert answer.status_code == 422
    assert "本人" in answer.text


def test_a_revision_leaves_the_old_text_standing_and_then_becomes_the_next_edition(someone: Someone) -> None:
    seat, chief = someone("zuoxi"), someone("banzhang")
    standing = seat.get("/articles?q=积水").json()["rows"][0]
    body = {
        **BODY,
        "title": standing["title"],
        "text": "水深过膝不要通行",
        "keywords": ["积水"],
        "revises": standing["id"],
    }
    row = seat.post("/articles", json=body).json()
    assert row["revises"] == standing["id"]
    assert seat.get(f"/articles/{standing['id']}").json()["text"] == standing["text"]
    assert seat.post("/articles", json=body).status_code == 422
    task = someone("gongdan").post(f"/articles/{standing['id']}/corrections", json={"text": "电话已变更"})
    assert task.status_code == 201, task.text
    assert [one["text"] for one in chief.get("/corrections").json()["rows"]] == ["电话已变更"]
    page = chief.post(f"/articles/{row['id']}/approve").json()
    assert (page["id"], page["edition"], page["text"]) == (standing["id"], 2, "水深过膝不要通行")
    whole = seat.get(f"/articles/{standing['id']}").json()
    assert [(one["edition"], one["text"]) for one in whole["editions"]] == [(1, standing["text"])]
    assert whole["corrections"][0]["state"] == "done"
    assert chief.get("/corrections").json()["rows"] == []
    assert found(seat, "过膝") == [standing["title"]]


def test_only_the_writer_changes_a_draft_and_a_stale_change_is_told(someone: Someone) -> None:
    seat = someone("zuoxi")
    row = draft(seat)
    path = f"/articles/{row['id']}"
    assert someone("zuoxi2").send("PATCH", path, json=BODY).status_code == 422
    changed = seat.send("PATCH", path, {"If-Match": '"1"'}, json={**BODY, "text": "先看表前阀"})
    assert changed.status_code == 200, changed.text
    assert seat.send("PATCH", path, {"If-Match": '"1"'}, json=BODY).status_code == 409


def test_what_ran_out_or_was_withdrawn_is_not_found(someone: Someone, town: Town) -> None:
    seat, chief = someone("zuoxi"), someone("banzhang")
    row = draft(seat, until="2026-07-20")
    chief.post(f"/articles/{row['id']}/approve")
    assert found(seat, "停水") == ["停水怎么办"]
    town.clock.move_to(town.clock.city_time() + 3 * DAY)
    seat, chief = someone("zuoxi"), someone("banzhang")
    assert found(seat, "停水") == []
    standing = seat.get("/articles?q=积水").json()["rows"][0]["id"]
    assert seat.post(f"/articles/{standing}/withdraw").status_code == 403
    assert chief.post(f"/articles/{standing}/withdraw").json()["state"] == "withdrawn"
    assert found(seat, "积水") == []


def test_a_correction_is_dropped_for_a_reason(someone: Someone) -> None:
    seat = someone("zuoxi")
    id = seat.get("/articles?q=积水").json()["rows"][0]["id"]
    task = seat.post(f"/articles/{id}/corrections", json={"text": "已过期"}).json()["id"]
    assert seat.post(f"/corrections/{task}/answer", json={"done": False, "answer": " "}).status_code == 400
    assert (
        seat.post(f"/corrections/{task}/answer", json={"done": False, "answer": "仍然有效"}).json()["state"]
        == "dropped"
    )
    assert seat.post(f"/corrections/{task}/answer", json={"done": True, "answer": "x"}).status_code == 422


def test_wrong_fields_are_named(someone: Someone) -> None:
    seat = someone("zuoxi")
    for more, field in (
        ({"since": "soon"}, "since"),
        ({"until": "2025-01-01"}, "until"),
        ({"unit": 999_999}, "unit"),
        ({"title": "  "}, "title"),
    ):
        answer = seat.post("/articles", json={**BODY, **more})
        assert (answer.status_code, answer.json()["field"]) == (400, field)
