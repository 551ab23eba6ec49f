"""An administrator of one place: what stands elsewhere is neither seen nor changed, by whatever way it is asked."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from tests.api.sensorthings.accounts import add_account, place_of
from tests.api.sensorthings.conftest import Client, thing_body
from tests.api.sensorthings.test_write_batch import send
from tests.api.town import Town
from tests.store.samples import changes

from hutong.kernel.place import Place
from hutong.kernel.query import equals
from hutong.kernel.thing import Datastream, Thing


@pytest.fixture
def local(town: Town, client_of: Any, admin: Client) -> Client:
    """Administers the grid that only the pump station stands in."""
    with town.store.reader() as reader:
        station = reader.get(Thing, town.thing("P1"))
        other = reader.find(Place, equals("code", "310101001001004")).rows[0].id
    town.store.apply(changes(msgspec.structs.replace(station, place=other)))
    add_account(town, "local", "administrator", other)
    assert place_of(town, "road-1") != other
    client: Client = client_of("local")
    return client


def stream_of(town: Town, code: str) -> int:
    with town.store.reader() as reader:
        return reader.find(Datastream, equals("thing", town.thing(code))).rows[0].id


def test_a_batch_reads_what_its_asker_may(local: Client, town: Town, stream: int) -> None:
    own, hidden = town.thing("P1"), town.thing("W1")
    reads = [f"Things({own})", f"Things({hidden})", "Things/$count", f"Datastreams({stream})/Observations"]
    found = send(local, [{"method": "get", "url": url} for url in reads], prefer="odata.continue-on-error")
    assert [one["status"] for one in found] == [200, 404, 200, 404]
    assert int(found[2]["body"]) == 1


def test_what_stands_elsewhere_is_not_changed(local: Client, admin: Client, town: Town, stream: int) -> None:
    own = stream_of(town, "P1")
    assert local.send("PATCH", f"/Datastreams({own})", json={"description": "mine"}).status_code == 200
    attempts: list[tuple[str, str, Any]] = [
        ("PATCH", f"/Datastreams({stream})", {"description": "theirs"}),
        ("PATCH", f"/Datastreams({own})", {"Thing": {"@iot.id": town.thing("W1")}}),
        ("PATCH", f"/Datastreams({stream})", {"Thing": {"@iot.id": town.thing("P1")}}),
        ("DELETE", f"/Datastreams({stream})", None),
        ("DELETE", f"/Things({town.thing('W1')})", None),
        ("PATCH", f"/Things({town.thing('W1')})", {"description": "theirs"}),
        ("PUT", f"/Datastreams({stream})/Thing/$ref", {"@iot.id": town.thing("P1")}),
        ("POST", f"/Things({town.thing('W1')})/HistoricalLocations", {"time": "2001-01-01T00:00:00Z"}),
        ("POST", f"/Things({town.thing('W1')})/Datastreams", thing_body()["Datastreams"][0]),
    ]
    for method, path, body in attempts:
        answer = local.send(method, path, **({} if body is None else {"json": body}))
        assert answer.status_code == 403, (method, path, answer.text)
    parts = [
        {"atomicityGroup": "a", "method": "patch", "url": f"Datastreams({own})", "body": {"name": "x"}},
        {"atomicityGroup": "a", "method": "patch", "url": f"Datastreams({stream})", "body": {"name": "x"}},
    ]
    assert [one["status"] for one in send(local, parts)] == [403]
    assert admin.get(f"/Datastreams({own})")["name"] != "x"
    assert admin.get(f"/Datastreams({stream})")["description"] == "Temperature in the kitchen"
    assert admin.get(f"/Datastreams({stream})/Thing")["name"] == "Kitchen"
