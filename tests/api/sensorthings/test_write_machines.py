"""Machines that post all day: the role that may only send, and the short way of single posts."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.api.sensorthings.accounts import add_account, place_of
from tests.api.sensorthings.conftest import BASE, Client
from tests.api.town import PASSWORD, Town

from hutong.kernel.changes import Changes, Record
from hutong.kernel.party import Role
from hutong.kernel.query import equals
from hutong.kernel.thing import Datastream, Thing


@pytest.fixture
def machine(town: Town, client_of: Any) -> Client:
    """A gauge's account, of the role `device`, in the grid where the pump station stands."""
    add_account(town, "gauge-1", "device", place_of(town, "P1"))
    client: Client = client_of("gauge-1")
    assert client.auth == ("gauge-1", PASSWORD)
    return client


def streams(town: Town, *, inside: bool) -> list[int]:
    """Datastreams of things in the machine's grid, or elsewhere."""
    with town.store.reader() as reader:
        place = reader.get(Thing, town.thing("P1")).place
        things = {one.id: one.place for one in reader.find(Thing, limit=1000).rows}
        rows = reader.find(Datastream, equals("result_kind", "number"), limit=1000).rows
    return [one.id for one in rows if (things[one.thing] == place) is inside]


def test_a_machine_sends_in_its_place_and_does_nothing_else(
    machine: Client, admin: Client, town: Town
) -> None:
    own, other = streams(town, inside=True)[0], streams(town, inside=False)
    for _ in range(2):
        made = machine.post(f"/Datastreams({own})/Observations", {"result": 0.25})
        for strange in other[:1]:
            machine.post(f"/Datastreams({strange})/Observations", {"result": 0.25}, 403)
    rows = [{"Datastream": {"@iot.id": own}, "components": ["result"], "dataArray": [[0.5]]}]
    assert machine.post("/CreateObservations", rows) != ["error"]
    machine.post("/Things", {"name": "t", "description": "d"}, 403)
    path = f"/Observations({made['@iot.id']})"
    assert machine.send("PATCH", path, json={"result": 9}).status_code == 403
    assert machine.send("DELETE", path).status_code == 403
    assert machine.send("DELETE", f"/Datastreams({own})").status_code == 403
    assert machine.send("PUT", f"/Datastreams({own})/Thing/$ref", json={"@iot.id": 1}).status_code == 403
    assert admin.get(path)["result"] == 0.25


def test_a_role_that_ends_ends_at_once(machine: Client, town: Town) -> None:
    own = streams(town, inside=True)[0]
    machine.post(f"/Datastreams({own})/Observations", {"result": 0.25})
    machine.post(f"/Datastreams({own})/Observations", {"result": 0.25})
    with town.store.reader() as reader:
        role = reader.find(Role, equals("role", "device")).rows[0]
    import msgspec

    ended = msgspec.structs.replace(role, until=town.clock.city_time())
    record = Record(kind="role.end", actor=0, at=town.clock.city_time(), subjects=(("role", role.id),))
    town.store.apply(Changes(puts=(ended,), records=(record,)))
    town.reread()
    machine.post(f"/Datastreams({own})/Observations", {"result": 0.25}, 403)


def test_the_short_way_answers_like_the_long_one(admin: Client, stream: int) -> None:
    body = {"phenomenonTime": "2026-07-18T10:00:00Z", "result": 1.5}
    path = f"/Datastreams({stream})/Observations"
    long = admin.send("POST", path, json=body, headers={"Idempotency-Key": "x"})
    short = admin.send("POST", path, json=body)
    posted = admin.send("POST", "/Observations", json={**body, "Datastream": {"@iot.id": stream}})
    assert long.status_code == short.status_code == posted.status_code == 201
    found = [admin.get(one.headers["Location"]) for one in (long, short, posted)]
    assert [one["result"] for one in found] == [1.5] * 3
    assert short.headers["Location"] == f"{BASE}/Observations({found[1]['@iot.id']})"
    assert short.json().keys() == long.json().keys()
    for name, value in long.headers.items():
        if name not in ("location", "content-length"):
            assert short.headers[name] == value, name


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b'{"result":1}', 201),
        (b'  {"result":1.5 }\n', 201),
        (b'{"result":"2"}', 201),
        (b'{"result":1,"resultTime":"2026-07-18T10:00:00Z"}', 201),
        (b'{"result":true}', 400),
        (b'{"result":1,"phenomenonTime":"yesterday"}', 400),
        (b'{"result":1,"phenomenonTime":"2199-01-01T00:00:00Z"}', 400),
        (b'{"result":1,"colour":2}', 400),
        (b'{"result":1e999}', 400),
        (b'{"result":1', 400),
        (b"", 400),
        (b"\xff", 400),
    ],
)
def test_doubtful_bodies_are_answered_as_ever(
    admin: Client, stream: int, content: bytes, status: int
) -> None:
    path = f"/Datastreams({stream})/Observations"
    admin.post(path, {"result": 0})
    answer = admin.send("POST", path, content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == status, answer.text
    assert answer.json()
    foreign = {"Origin": "https://elsewhere.example"}
    assert admin.send("POST", path, content=content, headers=foreign).status_code == 403


def test_what_is_retired_is_not_sent_to(admin: Client, stream: int) -> None:
    path = f"/Datastreams({stream})/Observations"
    admin.post(path, {"result": 0})
    assert admin.send("DELETE", f"/Datastreams({stream})").status_code == 200
    admin.post(path, {"result": 0}, 404)


def test_many_at_once_each_get_their_own_answer(town: Town, admin: Client, stream: int) -> None:
    from hutong.api.house import House
    from hutong.api.sensorthings.express import Group
    from hutong.api.sensorthings.ingest import Ingest
    from hutong.kernel.errors import Invalid

    async def run() -> list[Any]:
        group = Group(Ingest(House(town.context)))
        start = town.clock.city_time() - 1_000_000_000
        rows = [(stream if at % 10 else 999_999, start + at * 1_000_000, float(at)) for at in range(100)]
        waiting = [asyncio.wait_for(group.add(*row), 20) for row in rows]
        return await asyncio.gather(*waiting, return_exceptions=True)

    found = asyncio.run(run())
    for at, one in enumerate(found):
        if at % 10:
            assert admin.get(f"/Observations({one})")["result"] == at
        else:
            assert isinstance(one, Invalid)


def test_rows_of_a_data_array_carry_everything(admin: Client, stream: int) -> None:
    feature = admin.post(
        "/FeaturesOfInterest",
        {
            "name": "f", "description": "f", "encodingType": "application/geo+json",
            "feature": {"type": "Point", "coordinates": [121.4, 31.2]},
        },
    )["@iot.id"]  # fmt: skip
    names = [
        "phenomenonTime", "resultTime", "result", "resultQuality", "validTime", "parameters", "FeatureOfInterest/id",
    ]  # fmt: skip
    span = "2026-07-18T10:00:00Z/2026-07-18T10:10:00Z"
    good = [span, "2026-07-18T10:11:00Z", 1, "ok", span, {"by": "hand"}, feature]
    lost = [span, None, 2, None, None, None, 999_999]
    bare = [span, None, "3", None, None, None, None]
    rows = [{"Datastream": {"@iot.id": stream}, "components": names, "dataArray": [good, lost, bare]}]
    first, second, third = admin.post("/CreateObservations", rows)
    assert second == "error"
    found = admin.get(f"{first}?$expand=FeatureOfInterest")
    assert [found[name] for name in names[:-1]] == good[:-1]
    assert found["FeatureOfInterest"]["@iot.id"] == feature
    assert (admin.get(third)["result"], admin.get(third)["phenomenonTime"]) == (3, span)
