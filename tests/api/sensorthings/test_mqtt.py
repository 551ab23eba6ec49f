"""SensorThings over MQTT without a broker: what messages create, and what is published of what changed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from tests.api.town import START, Town, found_town

from hutong.api.application import create_app
from hutong.api.house import House
from hutong.api.sensorthings.mqtt import Created, MqttCreating
from hutong.api.sensorthings.publishing import Published, Publishing
from hutong.engine.flow.intake import Intake
from hutong.kernel.base import MINUTE
from hutong.kernel.clock import iso
from hutong.kernel.errors import Invalid
from hutong.kernel.observation import batch
from hutong.kernel.query import equals
from hutong.kernel.thing import Datastream, Thing

BASE = "http://city/sta/v1.1"
NAMED = {"name": "gauge", "description": "over MQTT"}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    made = found_town(tmp_path_factory.mktemp("home") / "city")
    yield made
    made.close()


@pytest.fixture(scope="module")
def house(town: Town) -> House:
    found: House = create_app(town.context).state["house"]
    return found


@pytest.fixture
def creating(house: House) -> MqttCreating:
    return MqttCreating(house, "xitong", "v1.1", BASE)


def stream(town: Town, thing: str) -> int:
    with town.store.reader() as reader:
        return reader.find(Datastream, equals("thing", town.thing(thing))).rows[0].id


def took(creating: MqttCreating, *sent: tuple[str, Any]) -> Created:
    return creating.take([(topic, json.dumps(body).encode()) for topic, body in sent])


def test_many_messages_are_one_batch(town: Town, creating: MqttCreating) -> None:
    one, two = stream(town, "W1"), stream(town, "W2")
    created = took(
        creating,
        (f"v1.1/Datastreams({one})/Observations", {"result": 0.1, "phenomenonTime": iso(START)}),
        ("v1.1/Observations", {"result": "wet", "Datastream": {"@iot.id": one}}),
        ("v1.1/Observations", {"result": 0.2, "Datastream": {"@iot.id": two}}),
        ("v1.1/Datastreams(99999)/Observations", {"result": 1}),
        ("v1.1/Colours", {}),
        ("v1.1/Things(1)", {}),
        (f"v1.1/Datastreams({one})/Observations", {"result": 1, "colour": "red"}),
    )
    assert created.batch is not None
    assert created.batch.stream.tolist() == [one, two]
    assert created.batch.number.tolist() == [0.1, 0.2]
    assert created.owner.tolist() == [0, 2]
    assert sorted(created.refused) == [1, 3, 4, 5, 6]
    assert "not a number" in created.refused[1]
    assert not created.later


def test_bytes_that_are_no_json_are_refused(creating: MqttCreating) -> None:
    created = creating.take([("v1.1/Things", b"\xff"), ("v1.1/Things", b"[" * 5000), ("", b"{}")])
    assert sorted(created.refused) == [0, 1, 2]
    assert created.batch is None


def test_entities_are_created_one_by_one(town: Town, creating: MqttCreating) -> None:
    ((at, create),) = took(creating, ("v1.1/Things", NAMED)).later
    assert at == 0
    create()
    with town.store.reader() as reader:
        assert [one.name.zh for one in reader.find(Thing, equals("type", "base.generic_sensor")).rows] == [
            "gauge"
        ]


def test_who_may_not_observe_creates_nothing(town: Town, house: House) -> None:
    reader_only = MqttCreating(house, "lingdao", "v1.1", BASE)
    created = took(reader_only, (f"v1.1/Datastreams({stream(town, 'W1')})/Observations", {"result": 0.1}))
    assert created.batch is None or not len(created.batch)
    assert list(created.refused) == [0]
    with pytest.raises(Invalid, match="no account"):
        MqttCreating(house, "nobody", "v1.1", BASE)


def told(publishing: Publishing) -> list[tuple[str, Any]]:
    """Everything there is to tell now."""
    found: list[tuple[str, Any]] = []
    while messages := publishing.look():
        found += [(topic, json.loads(payload)) for topic, payload in messages]
        publishing.sent()
    publishing.sent()
    return found


def observed(intake: Intake, stream: int, *rows: tuple[int, float]) -> None:
    times, results = zip(*rows, strict=True)
    intake.submit(batch("test", [stream] * len(rows), times, results)).result()


def test_only_what_is_listed_is_published(town: Town, house: House) -> None:
    one, two = stream(town, "W1"), stream(town, "W2")
    listed = Published(
        observations=(f"Datastreams({one})",),
        selects=(f"Datastreams({one})/Observations?$select=result",),
        warnings="",
    )
    publishing = Publishing(house, listed, BASE, "some")
    assert told(publishing) == []
    observed(town.intake, one, (START - 2 * MINUTE, 0.01), (START - MINUTE, 0.02))
    observed(town.intake, two, (START, 0.03))
    found = told(publishing)
    assert [topic for topic, _ in found] == [
        "v1.1/Observations",
        f"v1.1/Datastreams({one})/Observations",
        f"v1.1/Datastreams({one})/Observations?$select=result",
    ] * 2
    assert [body["result"] for _, body in found] == [0.01] * 3 + [0.02] * 3
    assert found[2][1] == {"result": 0.01}
    assert found[0][1]["@iot.selfLink"].startswith(f"{BASE}/Observations(")
    assert told(publishing) == []


def test_what_was_not_confirmed_is_told_again(town: Town, house: House) -> None:
    one = stream(town, "W3")
    publishing = Publishing(house, Published(observations=("drainage.ponding",)), BASE, "again")
    told(publishing)
    observed(town.intake, one, (START, 0.04))
    first = publishing.look()
    assert publishing.look() == first
    publishing.sent()
    assert told(publishing) == []


def test_created_and_changed_things_are_published(town: Town, house: House, creating: MqttCreating) -> None:
    publishing = Publishing(house, Published(), BASE, "things")
    told(publishing)
    ((_, create),) = took(creating, ("v1.1/Things", {**NAMED, "name": "published"})).later
    create()
    (listed, own) = told(publishing)
    assert listed[0] == "v1.1/Things"
    assert listed[1]["name"] == "published"
    assert own == (f"v1.1/Things({listed[1]['@iot.id']})", listed[1])


def test_warnings_are_published_as_they_are_raised(town: Town, house: House) -> None:
    publishing = Publishing(house, Published(entities="none", warnings="city/warnings"), BASE, "warnings")
    told(publishing)
    rows = [(START + n * MINUTE, 0.9) for n in range(5)]
    observed(town.intake, stream(town, "W2"), *rows)
    found = told(publishing)
    assert {topic for topic, _ in found} == {"city/warnings"}
    assert {body["rule"] for _, body in found} == {"drainage.flooding", "drainage.impassable"}


def test_a_restart_goes_on_from_the_kept_place(town: Town, house: House) -> None:
    before = Publishing(house, Published(), BASE, "restart")
    told(before)
    town.clock.recorded += MINUTE
    observed(town.intake, stream(town, "W1"), (START + MINUTE, 0.01))
    told(before)
    with town.store.reader() as reader:
        assert 0 < int(reader.cursor("mqtt.restart") or 0) <= reader.head()
    assert told(Publishing(house, Published(), BASE, "restart")) == []
