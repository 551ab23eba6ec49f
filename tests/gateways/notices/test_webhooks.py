"""Webhooks: CloudEvents in order, at least once, signed, only what the account may read, and nothing about people."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

import pytest
import shapely
from tests.api.town import Town

from hutong.engine.handle.open import OpenCase
from hutong.engine.webhooks.deliver import Deliverer
from hutong.engine.webhooks.desk import SubscriptionDesk
from hutong.engine.webhooks.events import known_pattern
from hutong.kernel.access import SYSTEM, Actor
from hutong.kernel.base import HOUR, Label
from hutong.kernel.case import Case, Category, Message
from hutong.kernel.errors import Forbidden, Invalid, NotFound
from hutong.kernel.party import Party
from hutong.kernel.ports import Posted
from hutong.kernel.query import equals
from hutong.kernel.subscription import Delivery, Subscription

URL = "https://desk.example/hook"


class Played:
    """Answers as told; keeps what was posted."""

    def __init__(self) -> None:
        self.answers: list[int | None] = []
        self.got: list[tuple[str, bytes, dict[str, str]]] = []

    def check(self, url: str) -> None:
        if not url.startswith("https://"):
            raise Invalid("url", "is no address")

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Posted:
        self.got.append((url, body, dict(headers)))
        status = self.answers.pop(0) if self.answers else 200
        return Posted(status, "" if status is not None and status < 300 else f"it answered {status}")

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body, _ in self.got]


class Scene:
    def __init__(self, town: Town) -> None:
        self.town = town
        self.played = Played()
        self.desk = SubscriptionDesk(town.store, town.clock, lambda: town.directory, self.played)
        self.deliverer = Deliverer(town.store, town.clock, town.rulebook, lambda: town.directory, self.played)

    def actor(self, login: str) -> Actor:
        account = next(one.id for one in self.town.directory.accounts.values() if one.login == login)
        return self.town.directory.actor(account, self.town.clock.city_time())

    def subscribe(self, login: str = "xitong", **more: Any) -> int:
        given = {"name": "n", "url": URL, "kinds": ["case.*"], **more}
        return self.desk.create(self.actor(login), **given)

    def open(self, **more: Any) -> Case:
        """A case with words that must not leave."""
        town = self.town
        id, person = town.store.new_ids(2)
        party = Party(id=person, subject=person, kind="person", person_name="张三", phone="13800138000")
        command = OpenCase(
            id=id,
            category=Category("matter", "06010"),
            title=Label("张三家门口 暴露垃圾"),
            text="我是张三，电话 13800138000",
            source="public",
            place=town.directory.locate(121.405, 31.205),
            position=shapely.to_wkb(shapely.Point(121.405, 31.205)),
            position_text="张三家门口",
            subject=person,
            **more,
        )
        return town.cases.open(command, SYSTEM, puts=[party])

    def later(self, wait: int) -> None:
        self.town.clock.move_to(self.town.clock.city_time() + wait)

    def row(self, id: int) -> Subscription:
        with self.town.store.reader() as reader:
            return reader.get(Subscription, id)

    def log(self, id: int) -> list[Delivery]:
        with self.town.store.reader() as reader:
            return list(reader.find(Delivery, equals("subscription", id)).rows)


@pytest.fixture
def scene(town: Town) -> Any:
    made = Scene(town)
    yield made
    made.deliverer.close()


def test_a_case_is_told_as_a_cloud_event_without_people(scene: Scene) -> None:
    scene.open()
    id = scene.subscribe()
    case = scene.open()
    assert scene.deliverer.step() == 1
    assert scene.deliverer.step() == 0
    event = scene.played.events[0]
    assert event["specversion"] == "1.0"
    assert event["type"] == "hutong.case.open"
    assert event["source"] == "urn:hutong:city:tiny"
    assert event["subject"] == f"case/{case.id}"
    assert event["time"] == "2026-07-18T11:00:00Z"
    assert event["data"]["number"] == case.number
    assert event["data"]["position"] == [121.405, 31.205]
    url, body, headers = scene.played.got[0]
    assert url == URL
    assert headers["Content-Type"].startswith("application/cloudevents+json")
    text = body.decode()
    for secret in ("张三", "13800138000", "门口"):
        assert secret not in text
    assert [one.state for one in scene.log(id)] == ["delivered"]


def test_confidential_cases_have_no_position(scene: Scene) -> None:
    scene.subscribe()
    scene.open(confidential=True)
    scene.deliverer.step()
    assert "position" not in scene.played.events[0]["data"]


def test_signatures_can_be_checked_in_both_forms(scene: Scene) -> None:
    row = scene.row(scene.subscribe())
    scene.open()
    scene.deliverer.step()
    _, body, headers = scene.played.got[0]
    parts = dict(part.split("=", 1) for part in headers["Hutong-Signature"].split(","))
    assert parts["kid"] == row.key_id
    made = hmac.new(row.secret.encode(), parts["t"].encode() + b"." + body, hashlib.sha256)
    assert parts["v1"] == made.hexdigest()
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    standard = hmac.new(base64.b64decode(row.secret.removeprefix("whsec_")), content, hashlib.sha256)
    assert headers["webhook-signature"] == "v1," + base64.b64encode(standard.digest()).decode()
    assert headers["webhook-id"] == scene.played.events[0]["id"]


def test_a_failure_stops_the_order_and_is_tried_again_later(scene: Scene) -> None:
    id = scene.subscribe()
    cases = [scene.open() for _ in range(3)]
    scene.played.answers = [200, 500]
    assert scene.deliverer.step() == 1
    assert scene.deliverer.step() == 0, "it waits"
    assert (scene.row(id).failures, scene.row(id).state) == (1, "active")
    scene.later(HOUR)
    assert scene.deliverer.step() == 2
    told = [one["data"]["number"] for one in scene.played.events]
    numbers = [one.number for one in cases]
    assert told == [numbers[0], numbers[1], numbers[1], numbers[2]]
    assert len({one["id"] for one in scene.played.events}) == 3, "a repeat keeps its id"
    assert scene.row(id).failures == 0
    assert [one.state for one in scene.log(id)] == ["delivered", "failed", "delivered"]


def test_a_worker_killed_before_the_cursor_is_kept_tells_again(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.subscribe()
    scene.open()
    with monkeypatch.context() as patched:
        patched.setattr(Deliverer, "_keep", lambda *_: 0)
        scene.deliverer.step()
    assert scene.deliverer.step() == 1
    assert [one["id"] for one in scene.played.events] == [scene.played.events[0]["id"]] * 2


def test_after_long_failure_it_is_switched_off_and_the_owner_told(scene: Scene) -> None:
    id = scene.subscribe()
    scene.open()
    scene.played.answers = [503] * 100
    for _ in range(20):
        scene.deliverer.step()
        scene.later(7 * HOUR)
    assert scene.row(id).state == "disabled"
    assert scene.row(id).why == "it answered 503"
    with scene.town.store.reader() as reader:
        told = reader.find(Message, equals("to", scene.row(id).account)).rows
    assert [one.channel for one in told] == ["console"]
    posted = len(scene.played.got)
    scene.deliverer.step()
    assert len(scene.played.got) == posted
    scene.played.answers = []
    scene.desk.change(id, scene.actor("xitong"), version=None, state="active")
    assert scene.deliverer.step() == 1, "nothing was lost meanwhile"


def test_gone_means_gone(scene: Scene) -> None:
    id = scene.subscribe()
    scene.open()
    scene.played.answers = [410]
    scene.deliverer.step()
    assert scene.row(id).state == "disabled"


def test_only_what_the_account_may_read(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """A unit's account hears of its own cases only; one that is disabled hears of nothing."""
    scene.subscribe("paishui", name="unit")
    case = scene.open()
    assert scene.deliverer.step() == 0
    reader_actor = scene.actor("paishui")
    assert case.scope
    assert reader_actor.organisation not in case.scope


def test_kinds_and_places_narrow_what_is_told(scene: Scene) -> None:
    other = next(one.id for one in scene.town.directory.places.values() if one.code.endswith("004"))
    scene.subscribe(kinds=["warning.*"])
    scene.subscribe(place=other)
    scene.open()
    assert scene.deliverer.step() == 0
    scene.subscribe(place=scene.town.directory.place_codes["310101"])
    scene.open()
    assert scene.deliverer.step() == 1


def test_a_delivery_is_repeated_by_hand_with_the_same_ids(scene: Scene) -> None:
    id = scene.subscribe()
    scene.open()
    scene.open()
    scene.deliverer.step()
    first = scene.log(id)[0]
    again = scene.desk.again(id, first.id, scene.actor("xitong"), key=None, digest="")
    assert scene.deliverer.step() == 2
    ids = [one["id"] for one in scene.played.events]
    assert ids[:2] == ids[2:]
    with scene.town.store.reader() as reader:
        assert reader.get(Delivery, again).state == "delivered"
    scene.open()
    assert scene.deliverer.step() == 1, "the order goes on where it was"


def test_two_workers_do_not_tell_beside_each_other(scene: Scene) -> None:
    scene.subscribe()
    scene.open()
    other = Deliverer(
        scene.town.store, scene.town.clock, scene.town.rulebook, lambda: scene.town.directory, scene.played
    )
    assert scene.deliverer.lease.hold()
    assert other.step() == 0
    assert scene.deliverer.step() == 1
    other.close()


def test_telling_is_not_told(scene: Scene) -> None:
    """What delivering writes into the journal is no event, or it would never end."""
    scene.subscribe(kinds=["*"])
    scene.open()
    assert scene.deliverer.step() == 1
    assert [scene.deliverer.step() for _ in range(3)] == [0, 0, 0]


def test_others_do_not_change_a_subscription(scene: Scene) -> None:
    id = scene.subscribe("shouli")
    with pytest.raises(NotFound):
        scene.desk.rotate(id, scene.actor("zhiban"))
    with pytest.raises(Forbidden):
        scene.desk.change(id, scene.actor("xitong"), version=None, url="https://evil.example/")
    assert scene.desk.change(id, scene.actor("xitong"), version=None, state="paused").state == "paused"


def test_a_new_secret_signs_from_then_on(scene: Scene) -> None:
    id = scene.subscribe()
    old = scene.row(id)
    new = scene.desk.rotate(id, scene.actor("xitong"))
    assert new.secret != old.secret
    assert new.key_id != old.key_id
    with scene.town.store.reader() as reader:
        assert old.secret not in str(reader.journal(limit=1000))


@pytest.mark.parametrize(
    "kinds", [[], ["party.*"], ["account.sign_in"], ["case"], ["*.open"] * 21, ["journal.x"]]
)
def test_patterns_that_name_nothing_are_refused(scene: Scene, kinds: list[str]) -> None:
    with pytest.raises(Invalid):
        scene.subscribe(kinds=kinds)


def test_patterns() -> None:
    assert all(map(known_pattern, ("*", "case.*", "case.open", "warning.raise", "*.open", "c*.*")))
    assert not any(map(known_pattern, ("party.*", "", "case", "receipt.give", "message.*")))
