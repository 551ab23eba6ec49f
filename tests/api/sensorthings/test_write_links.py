"""Links by $ref, and what is derived."""

from __future__ import annotations

from typing import Any

import pytest
from tests.api.sensorthings.conftest import BASE, Client, thing_body
from tests.api.sensorthings.test_changes import place


def ids(client: Client, path: str) -> list[int]:
    return [one["@iot.id"] for one in client.get(path)["value"]]


def test_a_location_is_linked_and_unlinked(admin: Client, thing: dict[str, Any]) -> None:
    own = f"/Things({thing['@iot.id']})"
    first = thing["Locations"][0]["@iot.id"]
    second = admin.post("/Locations", place(121.404))["@iot.id"]
    assert admin.send("POST", f"{own}/Locations/$ref", json={"@iot.id": second}).status_code == 200
    assert sorted(ids(admin, f"{own}/Locations")) == sorted([first, second])
    assert ids(admin, f"/Locations({second})/Things") == [thing["@iot.id"]]
    assert admin.send("DELETE", f"{own}/Locations({first})/$ref").status_code == 200
    assert ids(admin, f"{own}/Locations") == [second]
    assert admin.send("DELETE", f"{own}/Locations({first})/$ref").status_code == 404
    address = f"{BASE}/Locations({second})"
    assert admin.send("DELETE", f"{own}/Locations/$ref", params={"$id": address}).status_code == 200
    assert ids(admin, f"{own}/Locations") == []
    link = {"@odata.id": f"{BASE}/Things({thing['@iot.id']})"}
    assert admin.send("POST", f"/Locations({second})/Things/$ref", json=link).status_code == 200
    assert ids(admin, f"{own}/Locations") == [second]


def test_a_datastream_gets_another_parent(admin: Client, stream: int) -> None:
    other = admin.post("/Things", thing_body(Datastreams=[], Locations=[]))["@iot.id"]
    sensor = admin.post(
        "/Sensors", {"name": "s", "description": "s", "encodingType": "text/plain", "metadata": "m"}
    )["@iot.id"]
    own = f"/Datastreams({stream})"
    assert admin.send("PUT", f"{own}/Sensor/$ref", json={"@iot.id": sensor}).status_code == 200
    assert admin.get(f"{own}/Sensor")["@iot.id"] == sensor
    assert (
        admin.send("POST", f"/Things({other})/Datastreams/$ref", json={"@iot.id": stream}).status_code == 200
    )
    assert admin.get(f"{own}/Thing")["@iot.id"] == other


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("DELETE", "/Datastreams({})/Sensor/$ref", None, 422),
        ("POST", "/Datastreams({})/Sensor/$ref", {"@iot.id": 1}, 400),
        ("PUT", "/Datastreams({})/Sensor/$ref", {"@iot.id": 999_999}, 400),
        ("PUT", "/Datastreams({})/Sensor/$ref", {"url": "Things(1)"}, 400),
        ("PUT", "/Datastreams({})/Sensor/$ref", {}, 400),
        ("POST", "/Datastreams({})/Observations/$ref", {"@iot.id": 1}, 422),
        ("POST", "/Datastreams/$ref", {"@iot.id": 1}, 400),
        ("POST", "/Datastreams(999999)/Observations", {"result": 1}, 404),
        ("POST", "/HistoricalLocations", {"time": "2026-07-18T10:00:00Z"}, 400),
    ],
)
def test_wrong_links_are_refused(
    admin: Client, stream: int, method: str, path: str, body: Any, status: int
) -> None:
    answer = admin.send(method, path.format(stream), **({} if body is None else {"json": body}))
    assert answer.status_code == status, answer.text


def test_a_historical_location_can_be_forgotten(admin: Client, thing: dict[str, Any]) -> None:
    own = f"/Things({thing['@iot.id']})"
    admin.post(f"{own}/Locations", place(121.415))
    past = ids(admin, f"{own}/HistoricalLocations")
    assert len(past) == 2
    assert admin.send("DELETE", f"/HistoricalLocations({past[1]})").status_code == 200
    assert ids(admin, f"{own}/HistoricalLocations") == past[:1]
    assert admin.status(f"/HistoricalLocations({past[1]})") == 404


def test_described_entities_are_refused_in_changes(admin: Client, thing: dict[str, Any], stream: int) -> None:
    inline = {"Locations": [place(121.41)]}
    assert admin.send("PATCH", f"/Things({thing['@iot.id']})", json=inline).status_code == 400
    sensor = {"name": "s", "description": "s", "encodingType": "text/plain", "metadata": "m"}
    assert admin.send("PATCH", f"/Datastreams({stream})", json={"Sensor": sensor}).status_code == 400
    assert len(ids(admin, f"/Things({thing['@iot.id']})/Locations")) == 1
