"""Subscriptions, keys, messages and the outbox through the API: who may, what is shown once, what is marked read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from litestar import Litestar
from tests.api.conftest import Someone
from tests.api.people import do, report
from tests.api.town import Town

from hutong.api.application import create_app
from hutong.gateways.notices.addresses import parsed
from hutong.kernel.base import Label
from hutong.kernel.case import Message
from hutong.kernel.changes import Changes, Record
from hutong.kernel.definition.faces import WebhookRules
from hutong.kernel.ports import Posted

NEW = {"name": "市平台", "url": "https://desk.example/hook", "kinds": ["case.*"]}


class Played:
    """Checks addresses as the city does; answers 202."""

    def check(self, url: str) -> None:
        parsed(url, WebhookRules())

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Posted:
        return Posted(202)


@pytest.fixture
def app(town: Town) -> Litestar:
    return create_app(replace(town.context, webhooks=Played()))


def test_the_secret_is_shown_once(someone: Someone) -> None:
    admin = someone("xitong")
    answer = admin.post("/subscriptions", {"Idempotency-Key": "one"}, json=NEW)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert made["secret"].startswith("whsec_")
    assert (made["state"], made["own"], made["kinds"]) == ("active", True, ["case.*"])
    assert answer.headers["Location"].endswith(f"/subscriptions/{made['id']}")
    assert admin.post("/subscriptions", {"Idempotency-Key": "one"}, json=NEW).json()["id"] == made["id"]
    rows = admin.get("/subscriptions").json()["rows"]
    assert [one["secret"] for one in rows] == [None]
    assert admin.get(f"/subscriptions/{made['id']}").json()["secret"] is None
    again = admin.post(f"/subscriptions/{made['id']}/rotate").json()
    assert again["secret"] not in (None, made["secret"])


def test_life_of_a_subscription(someone: Someone) -> None:
    admin = someone("xitong")
    id = admin.post("/subscriptions", json=NEW).json()["id"]
    assert admin.post(f"/subscriptions/{id}/test").json() == {"taken": True, "status": 202, "error": ""}
    assert admin.get(f"/subscriptions/{id}/deliveries").json() == {"rows": [], "after": None}
    paused = admin.send("PATCH", f"/subscriptions/{id}", json={"state": "paused"})
    assert paused.json()["state"] == "paused"
    late = admin.send("PATCH", f"/subscriptions/{id}", {"If-Match": '"1"'}, json={"state": "active"})
    assert late.status_code == 409
    assert admin.send("DELETE", f"/subscriptions/{id}").status_code == 204
    assert admin.get(f"/subscriptions/{id}").status_code == 404
    assert admin.get("/subscriptions").json()["rows"] == []


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"url": "https://127.0.0.1:22/"}, "url"),
        ({"url": "http://desk.example/"}, "url"),
        ({"url": "file:///etc/passwd"}, "url"),
        ({"kinds": ["account.*"]}, "kinds"),
        ({"kinds": []}, "kinds"),
        ({"place": 999999}, "place"),
        ({"organisation": 999999}, "organisation"),
        ({"name": ""}, "name"),
    ],
)
def test_what_is_refused(someone: Someone, more: dict[str, Any], field: str) -> None:
    answer = someone("xitong").post("/subscriptions", json={**NEW, **more})
    assert answer.status_code == 400
    assert answer.json()["field"] == field


def test_those_who_may_not_manage_do_not(someone: Someone) -> None:
    person = someone("shouli")
    for path in ("/subscriptions", "/keys", "/outbox"):
        assert person.get(path).status_code == 403
    assert person.post("/subscriptions", json=NEW).status_code == 403
    assert person.post("/keys", json={"name": "x"}).status_code == 403


def test_messages_are_mine_unread_until_opened(someone: Someone, town: Town) -> None:
    case = report(someone("shouli"))
    assert do(someone("shouli"), case["id"], "accept").status_code == 200
    assert do(someone("lingdao"), case["id"], "supervise", answers={"note": "请抓紧"}).status_code == 200
    person = someone("paiqian")
    rows = person.get("/messages").json()["rows"]
    assert [(one["case"], one["number"], one["read"]) for one in rows] == [
        (case["id"], case["number"], False)
    ]
    assert person.get("/messages/unread").json() == {"n": 1, "more": False}
    stranger = someone("xitong")
    assert stranger.get("/messages").json()["rows"] == []
    assert stranger.post("/messages/read", json={"ids": [rows[0]["id"]]}).json()["n"] == 0
    assert person.get("/messages/unread").json()["n"] == 1, "somebody else's reading is not mine"
    assert person.post("/messages/read", json={"ids": [rows[0]["id"]]}).json()["n"] == 0
    assert person.get("/messages?unread=true").json()["rows"] == []
    assert person.get("/messages").json()["rows"][0]["read"]


def test_messages_come_in_pages(someone: Someone, town: Town) -> None:
    to = next(one.id for one in town.directory.accounts.values() if one.login == "paiqian")
    rows = tuple(
        Message(id=id, case=None, to=to, channel="console", text=f"第 {n} 条", state="sent", at=n)
        for n, id in enumerate(town.store.new_ids(7), 1)
    )
    record = Record(kind="message.make", actor=0, at=0, subjects=tuple(("message", one.id) for one in rows))
    town.store.apply(Changes(puts=rows, records=(record,)))
    person, seen, after = someone("paiqian"), [], None
    for _ in range(4):
        page = person.get("/messages", params={"limit": 3, **({"after": after} if after else {})}).json()
        seen += [one["text"] for one in page["rows"]]
        after = page["after"]
        if after is None:
            break
    assert seen == [f"第 {n} 条" for n in range(7, 0, -1)]
    assert person.post("/messages/read", json={}).json() == {"n": 0, "more": False}


def test_what_failed_is_listed_without_words_and_sent_again_by_hand(someone: Someone, town: Town) -> None:
    id = town.store.new_ids(1)[0]
    row = Message(
        id=id, case=None, to=0, channel="sms", text="编号 310101", state="failed", error="no such number"
    )
    record = Record(kind="message.make", actor=0, at=0, subjects=(("message", id),))
    town.store.apply(Changes(puts=(row,), records=(record,)))
    admin = someone("xitong")
    answer = admin.get("/outbox")
    assert "310101" not in answer.text
    assert [(one["id"], one["channel"], one["error"]) for one in answer.json()["rows"]] == [
        (id, "sms", "no such number")
    ]
    assert admin.post(f"/outbox/{id}/retry").json()["state"] == "waiting"
    assert admin.post(f"/outbox/{id}/retry").status_code == 422
    assert admin.get("/outbox?state=lost").status_code == 400


def test_label_of_kinds(someone: Someone) -> None:
    found = someone("xitong").get("/subscriptions/kinds").json()
    assert {"pattern": "case.*", "label": {"zh": "案卷的一切变化", "en": "Everything about cases"}} in found
    assert all(Label(**one["label"]).en for one in found)
