"""Links, history of places, cascades: what a change takes with it."""

from __future__ import annotations

from typing import Any

from tests.api.sensorthings.conftest import Client, thing_body
from tests.api.town import Town


def place(lon: float, name: str = "Yard") -> dict[str, Any]:
    return {
        "name": name,
        "description": "outside",
        "encodingType": "application/vnd.geo+json",
        "location": {"type": "Point", "coordinates": [lon, 31.205]},
    }


def test_a_new_location_moves_the_thing_and_is_remembered(
    admin: Client, thing: dict[str, Any], town: Town
) -> None:
    path = f"/Things({thing['@iot.id']})"
    town.clock.move_to(town.clock.city + 3_600_000_000)
    made = admin.post(f"{path}/Locations", place(121.415))
    assert [one["@iot.id"] for one in admin.get(f"{path}/Locations")["value"]] == [made["@iot.id"]]
    past = admin.get(f"{path}/HistoricalLocations?$expand=Locations,Thing")["value"]
    assert [one["time"] for one in past] == ["2026-07-18T12:00:00Z", "2026-07-18T11:00:00Z"]
    assert [one["Locations"][0]["name"] for one in past] == ["Yard", "House"]
    assert past[0]["Thing"]["@iot.id"] == thing["@iot.id"]
    assert admin.get(past[1]["@iot.selfLink"])["time"] == "2026-07-18T11:00:00Z"
    old = thing["Locations"][0]["@iot.id"]
    assert admin.get(f"/Locations({old})/Things")["value"] == []
    assert admin.get(f"/Locations({made['@iot.id']})/Things")["value"][0]["name"] == "Kitchen"
    box = "POLYGON((121.414 31.2,121.416 31.2,121.416 31.21,121.414 31.21,121.414 31.2))"
    found = admin.get(
        "/Things", params={"$filter": f"st_within(Locations/location,geography'{box}') and name eq 'Kitchen'"}
    )
    assert len(found["value"]) == 1
    assert len(admin.get("/HistoricalLocations?$top=1000")["value"]) > 2


def test_moving_a_location_moves_its_things(admin: Client, thing: dict[str, Any]) -> None:
    own = f"/Locations({thing['Locations'][0]['@iot.id']})"
    body = {"location": {"type": "Point", "coordinates": [121.417, 31.215]}}
    assert admin.send("PATCH", own, json=body).status_code == 200
    found = admin.get(
        "/Things", params={"$filter": "st_intersects(Locations/location,geography'POINT(121.417 31.215)')"}
    )
    assert [one["@iot.id"] for one in found["value"]] == [thing["@iot.id"]]


def test_a_thing_takes_a_known_location_and_streams_take_known_parents(admin: Client, stream: int) -> None:
    where = admin.post("/Locations", place(121.403, "Shared"))["@iot.id"]
    ids = [
        admin.post("/Things", thing_body(Locations=[{"@iot.id": where}], Datastreams=[]))["@iot.id"]
        for _ in range(2)
    ]
    assert [one["@iot.id"] for one in admin.get(f"/Locations({where})/Things")["value"]] == ids
    whole = admin.get(f"/Datastreams({stream})?$expand=Sensor,ObservedProperty")
    body = thing_body()["Datastreams"][0]
    body |= {name: {"@iot.id": whole[name]["@iot.id"]} for name in ("Sensor", "ObservedProperty")}
    made = admin.post(f"/Things({ids[0]})/Datastreams", body)
    sensor = whole["Sensor"]["@iot.id"]
    assert {one["@iot.id"] for one in admin.get(f"/Sensors({sensor})/Datastreams")["value"]} == {
        stream,
        made["@iot.id"],
    }
    moved = admin.send("PATCH", f"/Datastreams({made['@iot.id']})", json={"Thing": {"@iot.id": ids[1]}})
    assert moved.status_code == 200
    assert admin.get(f"/Datastreams({made['@iot.id']})/Thing")["@iot.id"] == ids[1]
    assert admin.get(f"/Things({ids[0]})/Datastreams")["value"] == []


def test_a_thing_goes_with_its_datastreams_and_their_observations(
    admin: Client, thing: dict[str, Any], stream: int
) -> None:
    sent = admin.post(f"/Datastreams({stream})/Observations", {"result": 1})
    sensor = admin.get(f"/Datastreams({stream})/Sensor")["@iot.id"]
    where = thing["Locations"][0]["@iot.id"]
    assert admin.send("DELETE", f"/Things({thing['@iot.id']})").status_code == 200
    for path in (
        f"/Datastreams({stream})",
        f"/Observations({sent['@iot.id']})",
        f"/Datastreams({stream})/Observations",
    ):
        assert admin.status(path) == 404, path
    assert admin.status(f"/Sensors({sensor})") == 200
    assert admin.get(f"/Locations({where})/Things")["value"] == []
    refused = admin.post("/Observations", {"result": 1, "Datastream": {"@iot.id": stream}}, 400)
    assert "there is no Datastream" in refused["message"]


def test_a_sensor_goes_with_its_datastreams(admin: Client, stream: int) -> None:
    sensor = admin.get(f"/Datastreams({stream})/Sensor")["@iot.id"]
    assert admin.send("DELETE", f"/Sensors({sensor})").status_code == 200
    assert admin.status(f"/Datastreams({stream})") == 404


def test_a_location_that_goes_leaves_the_thing_without_a_place(admin: Client, thing: dict[str, Any]) -> None:
    where = thing["Locations"][0]["@iot.id"]
    assert admin.send("DELETE", f"/Locations({where})").status_code == 200
    assert admin.status(f"/Locations({where})") == 404
    assert admin.get(f"/Things({thing['@iot.id']})/Locations")["value"] == []


def test_what_the_rules_know_stays(admin: Client) -> None:
    known = admin.get(
        "/ObservedProperties", params={"$filter": "definition eq 'urn:hutong:property:drainage.level'"}
    )
    own = known["value"][0]["@iot.id"]
    assert admin.send("DELETE", f"/ObservedProperties({own})").status_code == 422
    assert (
        admin.send("PATCH", f"/ObservedProperties({own})", json={"definition": "http://x"}).status_code == 422
    )


def test_derived_entities_cannot_be_changed(admin: Client, town: Town) -> None:
    pump = town.thing("P1")
    assert admin.send("PATCH", f"/Locations({pump})", json={"name": "x"}).status_code == 422
    assert admin.send("DELETE", f"/Locations({pump})").status_code == 422


def test_the_journal_says_who_changed_what(admin: Client, thing: dict[str, Any], town: Town) -> None:
    admin.send("PATCH", f"/Things({thing['@iot.id']})", json={"name": "Hall"})
    with town.store.reader() as reader:
        kinds = [one.kind for one in reader.journal(subject=("thing", thing["@iot.id"]))]
        actors = {one.actor for one in reader.journal(subject=("thing", thing["@iot.id"]))}
    assert kinds == ["thing.create", "thing.change"]
    assert min(actors) > 0
