"""HistoricalLocations that clients write: earlier ones, later ones that move the Thing, corrections, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from tests.api.sensorthings.conftest import Client
from tests.api.town import Town


def place(longitude: float) -> dict[str, Any]:
    shape = {"type": "Point", "coordinates": [longitude, 31.205]}
    return {
        "name": f"at {longitude}",
        "description": "d",
        "encodingType": "application/geo+json",
        "location": shape,
    }


def track(admin: Client, thing: dict[str, Any]) -> list[tuple[str, list[str]]]:
    """Times and names of places, newest first."""
    rows = admin.get(f"/Things({thing['@iot.id']})/HistoricalLocations?$expand=Locations")["value"]
    return [(one["time"], [where["name"] for where in one["Locations"]]) for one in rows]


def test_an_earlier_position_leaves_the_thing_where_it_is(admin: Client, thing: dict[str, Any]) -> None:
    before = track(admin, thing)
    where = admin.post("/Locations", place(121.41))["@iot.id"]
    body = {"time": "2020-01-01T00:00:00Z", "Locations": [{"@iot.id": where}]}
    made = admin.post("/HistoricalLocations", {**body, "Thing": {"@iot.id": thing["@iot.id"]}})
    assert admin.get(made["@iot.selfLink"])["time"] == "2020-01-01T00:00:00Z"
    assert admin.get(f"{made['@iot.selfLink']}/Thing")["name"] == "Kitchen"
    assert track(admin, thing) == [*before, ("2020-01-01T00:00:00Z", ["at 121.41"])]
    assert [one["name"] for one in admin.get(f"/Things({thing['@iot.id']})/Locations")["value"]] == ["House"]
    asked = {"$filter": "time lt 2021-01-01T00:00:00Z"}
    assert [one["@iot.id"] for one in admin.get("/HistoricalLocations", params=asked)["value"]] == [
        made["@iot.id"]
    ]


def test_the_latest_position_moves_the_thing(admin: Client, thing: dict[str, Any]) -> None:
    own = f"/Things({thing['@iot.id']})"
    made = admin.post(
        f"{own}/HistoricalLocations", {"time": "2030-01-01T00:00:00Z", "Locations": [place(121.42)]}
    )
    assert admin.get(f"/HistoricalLocations({made['@iot.id']})")["time"] == "2030-01-01T00:00:00Z"
    assert [one["name"] for one in admin.get(f"{own}/Locations")["value"]] == ["at 121.42"]
    assert [names for _, names in track(admin, thing)] == [["at 121.42"], ["House"]]


def test_positions_are_corrected_and_forgotten(admin: Client, thing: dict[str, Any]) -> None:
    own = f"/Things({thing['@iot.id']})/HistoricalLocations"
    first = admin.get(own)["value"][0]["@iot.id"]
    answer = admin.send("PATCH", f"/HistoricalLocations({first})", json={"time": "2015-07-01T00:00:00Z"})
    assert (answer.status_code, answer.json()["time"]) == (200, "2015-07-01T00:00:00Z")
    assert track(admin, thing) == [("2015-07-01T00:00:00Z", ["House"])]
    other = admin.post(own, {"time": "2014-01-01T00:00:00Z", "Locations": [place(121.41)]})["@iot.id"]
    where = admin.post("/Locations", place(121.43))["@iot.id"]
    whole = {"time": "2014-02-01T00:00:00Z", "Locations": [{"@iot.id": where}]}
    assert admin.send("PUT", f"/HistoricalLocations({other})", json=whole).status_code == 200
    changes = [{"op": "replace", "path": "/time", "value": "2014-03-01T00:00:00Z"}]
    kind = {"content-type": "application/json-patch+json"}
    assert (
        admin.send("PATCH", f"/HistoricalLocations({other})", json=changes, headers=kind).status_code == 200
    )
    assert track(admin, thing)[1] == ("2014-03-01T00:00:00Z", ["at 121.43"])
    assert admin.send("DELETE", f"/HistoricalLocations({other})").status_code == 200
    assert admin.status(f"/HistoricalLocations({other})") == 404
    again = admin.post(own, {"time": "2014-01-01T00:00:00Z", "Locations": [place(121.41)]})["@iot.id"]
    assert again not in (first, other)
    walked, page = [], admin.get("/HistoricalLocations?$top=1")
    while "@iot.nextLink" in page:
        walked += page["value"]
        page = admin.get(page["@iot.nextLink"])
    walked += page["value"]
    found = [one["@iot.id"] for one in walked]
    assert {first, again} <= set(found)
    assert len(found) == len(set(found))


def test_a_post_of_the_city_keeps_its_own_place(admin: Client, town: Town) -> None:
    own = f"/Things({town.thing('P1')})"
    body = {"time": "2001-01-01T00:00:00Z", "Locations": [{"@iot.id": town.thing("P1")}]}
    admin.post(f"{own}/HistoricalLocations", body)
    assert len(admin.get(f"{own}/HistoricalLocations")["value"]) == 2
    assert [one["@iot.id"] for one in admin.get(f"{own}/Locations")["value"]] == [town.thing("P1")]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"Locations": [place(121.41)]}, 400),
        ({"time": "2001-01-01T00:00:00Z"}, 400),
        ({"time": "yesterday", "Locations": [place(121.41)]}, 400),
        ({"time": "2001-01-01T00:00:00Z", "Locations": [{"@iot.id": 999_999}]}, 400),
        ({"time": "2001-01-01T00:00:00Z", "Locations": [place(121.41)], "when": 1}, 400),
    ],
)
def test_wrong_positions_leave_nothing(
    admin: Client, thing: dict[str, Any], body: dict[str, Any], status: int
) -> None:
    count = admin.get("/Locations?$count=true&$top=0")["@iot.count"]
    answer = admin.send("POST", f"/Things({thing['@iot.id']})/HistoricalLocations", json=body)
    assert answer.status_code == status, answer.text
    assert admin.get("/Locations?$count=true&$top=0")["@iot.count"] == count
    assert len(track(admin, thing)) == 1
