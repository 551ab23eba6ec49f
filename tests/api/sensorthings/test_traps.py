"""What other servers get wrong, seen with real clients and conformance suites."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.api.sensorthings.conftest import BASE, Client, thing_body


def test_patch_and_delete_answer_200(admin: Client, thing: dict[str, Any]) -> None:
    path = f"/Things({thing['@iot.id']})"
    changed = admin.send("PATCH", path, json={"name": "Hall"})
    assert changed.status_code == 200
    assert admin.get(path)["name"] == "Hall"
    assert admin.get(path)["description"] == "A room"
    assert admin.send("DELETE", path).status_code == 200
    assert admin.status(path) == 404


@pytest.mark.parametrize(
    "body",
    [
        {"Locations": [{"name": "x", "description": "x", "encodingType": "application/geo+json"}]},
        {"Datastreams": [{"name": "x"}]},
        {"name": "other", "Datastreams": [{"name": "x"}]},
    ],
)
def test_entities_described_inside_a_patch_are_refused(
    admin: Client, thing: dict[str, Any], body: dict[str, Any]
) -> None:
    path = f"/Things({thing['@iot.id']})"
    assert admin.send("PATCH", path, json=body).status_code == 400
    assert admin.get(path)["name"] == "Kitchen"


def test_described_parents_inside_a_patch_of_a_datastream_are_refused(admin: Client, stream: int) -> None:
    body = {"ObservedProperty": {"name": "Count", "definition": "http://x", "description": "x"}}
    assert admin.send("PATCH", f"/Datastreams({stream})", json=body).status_code == 400


def counts(admin: Client) -> dict[str, int]:
    names = ("Things", "Locations", "Datastreams", "Sensors", "ObservedProperties", "FeaturesOfInterest")
    return {name: admin.get(f"/{name}?$count=true&$top=0")["@iot.count"] for name in names}


@pytest.mark.parametrize(
    "spoil",
    [
        lambda body: body["Datastreams"][0].pop("ObservedProperty"),
        lambda body: body["Datastreams"][0]["Sensor"].pop("metadata"),
        lambda body: body["Datastreams"][0].update(observationType="guess"),
        lambda body: body["Datastreams"][0].update(Sensor={"@iot.id": 999_999}),
        lambda body: body["Datastreams"][0].update(Observations=[{"result": 1}, {"result": "many"}]),
        lambda body: body["Datastreams"][0].update(
            Observations=[{"phenomenonTime": "2199-01-01T00:00:00Z", "result": 1}]
        ),
        lambda body: body["Locations"][0].update(location={"type": "Point", "coordinates": [500, 0]}),
        lambda body: body.update(colour="red"),
        lambda body: body["properties"].update({"hutong:type": "no.such_type"}),
    ],
)
def test_a_refused_deep_insert_leaves_nothing(admin: Client, spoil: Callable[[Any], Any]) -> None:
    before = counts(admin)
    body = thing_body()
    spoil(body)
    answer = admin.send("POST", "/Things", json=body)
    assert answer.status_code == 400, answer.text
    assert answer.json()["message"]
    assert counts(admin) == before


@pytest.mark.parametrize(
    "path",
    [
        "/Things(9223372036854775807)",
        "/Things(9223372036854775808)",
        "/Things(99999999999999999999999)",
        "/Things('abc')",
        "/Things(0)",
        "/Observations(9223372036854775807)",
        "/Observations(4294967297)",
        "/HistoricalLocations(9223372036854775807)",
        "/Things(1)(2)",
        "/Nothing",
        "/things",
        "/Things(1)/Nothing",
        "/Things/Datastreams",
    ],
)
def test_what_is_not_there_is_404(admin: Client, path: str) -> None:
    for method in ("GET", "DELETE"):
        answer = admin.send(method, path, json=None)
        assert answer.status_code == 404, f"{method} {answer.text}"


def test_unset_result_time_is_null(admin: Client, stream: int) -> None:
    made = admin.post("/Observations", {"result": 1, "Datastream": {"@iot.id": stream}})
    found = admin.get(f"/Observations({made['@iot.id']})")
    assert "resultTime" in found
    assert found["resultTime"] is None
    assert found["phenomenonTime"] == "2026-07-18T11:00:00Z"


def test_the_feature_of_interest_comes_from_the_location_of_the_thing(admin: Client, stream: int) -> None:
    made = admin.post(f"/Datastreams({stream})/Observations", {"result": 1})
    feature = admin.get(f"/Observations({made['@iot.id']})/FeatureOfInterest")
    assert feature["feature"] == {"type": "Point", "coordinates": [121.405, 31.205]}
    assert feature["name"] == "House"
    own = admin.get(feature["@iot.selfLink"])
    assert own["@iot.id"] == feature["@iot.id"]
    back = admin.get(f"/FeaturesOfInterest({own['@iot.id']})/Observations")
    assert [one["@iot.id"] for one in back["value"]] == [made["@iot.id"]]


def test_results_compare_as_numbers(admin: Client, stream: int) -> None:
    for minute, result in enumerate((3, 10, 25, 2)):
        time = f"2026-07-18T10:0{minute}:00Z"
        admin.post(f"/Datastreams({stream})/Observations", {"result": result, "phenomenonTime": time})
    for text in ("result gt '3'", "result gt 3", "result gt 3.0"):
        found = admin.get(f"/Datastreams({stream})/Observations", params={"$filter": text})
        assert [one["result"] for one in found["value"]] == [10, 25], text


def test_browsers_get_json_too(admin: Client) -> None:
    for accept in ("text/html,application/xhtml+xml", "*/*", "application/json", "text/html"):
        answer = admin.send("GET", "/Things", headers={"Accept": accept})
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].startswith("application/json")


def test_encoded_dollars_plus_signs_and_capitals(admin: Client, stream: int) -> None:
    for minute in range(3):
        time = f"2026-07-18T10:0{minute}:00Z"
        admin.post(f"/Datastreams({stream})/Observations", {"result": minute, "phenomenonTime": time})
    path = f"/Datastreams({stream})/Observations"
    query = "?%24filter=result+ge+1+and+phenomenonTime+lt+2026-07-18T18:02:30%2B08:00&%24orderby=result+DESC&%24top=5"
    assert [one["result"] for one in admin.get(path + query)["value"]] == [2, 1]
    unescaped = "?$filter=phenomenonTime lt 2026-07-18T18:00:30+08:00&$orderby=phenomenonTime ASC"
    assert [one["result"] for one in admin.get(path + unescaped)["value"]] == [0]


def test_put_replaces_and_json_patch_patches(admin: Client, thing: dict[str, Any]) -> None:
    path = f"/Things({thing['@iot.id']})"
    whole = {"name": "Hall", "description": "Another", "properties": {"colour": "white"}}
    assert admin.send("PUT", path, json=whole).status_code == 200
    found = admin.get(path)
    assert (found["name"], found["properties"]["colour"]) == ("Hall", "white")
    assert "floor" not in found["properties"]
    assert admin.send("PUT", path, json={"name": "only"}).status_code == 400
    operations = [
        {"op": "test", "path": "/properties/colour", "value": "white"},
        {"op": "add", "path": "/properties/size", "value": [1, 2]},
        {"op": "add", "path": "/properties/size/1", "value": 9},
        {"op": "remove", "path": "/properties/colour"},
        {"op": "replace", "path": "/name", "value": "Attic"},
    ]
    headers = {"Content-Type": "application/json-patch+json"}
    assert admin.send("PATCH", path, json=operations, headers=headers).status_code == 200
    found = admin.get(path)
    assert found["name"] == "Attic"
    assert found["properties"]["size"] == [1, 9, 2]
    assert "colour" not in found["properties"]
    failing = [
        {"op": "test", "path": "/name", "value": "Cellar"},
        {"op": "remove", "path": "/properties/size"},
    ]
    assert admin.send("PATCH", path, json=failing, headers=headers).status_code == 409
    assert admin.get(path)["properties"]["size"] == [1, 9, 2]


def test_next_links_are_absolute_and_lead_to_the_end(admin: Client, thing: dict[str, Any]) -> None:
    seen, url = [], "/Things?$top=3&$orderby=name&$filter=id gt 0"
    while True:
        page = admin.get(url)
        seen += [one["@iot.id"] for one in page["value"]]
        if "@iot.nextLink" not in page:
            break
        url = page["@iot.nextLink"]
        assert url.startswith(f"{BASE}/Things?")
    assert thing["@iot.id"] in seen
    assert len(seen) == len(set(seen)) == admin.get("/Things?$count=true&$top=0")["@iot.count"]


def test_pygeoapi_filters(admin: Client, thing: dict[str, Any], stream: int) -> None:
    box = "POLYGON((121.404 31.204,121.406 31.204,121.406 31.206,121.404 31.206,121.404 31.204))"
    inside = admin.get("/Things", params={"$filter": f"st_within(Locations/location,geography'{box}')"})
    assert thing["@iot.id"] in [one["@iot.id"] for one in inside["value"]]
    nothing = box.replace("121.4", "120.4")
    assert (
        admin.get("/Things", params={"$filter": f"st_within(Locations/location,geography'{nothing}')"})[
            "value"
        ]
        == []
    )
    named = admin.get("/Things", params={"$filter": "name eq Kitchen"})
    assert [one["@iot.id"] for one in named["value"]] == [thing["@iot.id"]]
    spaced = admin.get("/Datastreams", params={"$filter": "name eq Air temperature"})
    assert [one["@iot.id"] for one in spaced["value"]] == [stream]
    through = {"$filter": f"st_within(Thing/Locations/location,geography'{box}')"}
    assert stream in [one["@iot.id"] for one in admin.get("/Datastreams", params=through)["value"]]


def test_unknown_methods_and_bodies(admin: Client) -> None:
    assert admin.send("TRACE", "/Things").status_code == 405
    assert admin.send("POST", "/Things", content=b"{").status_code == 400
    assert admin.send("POST", "/Things", content=b"[]").status_code == 400
    assert admin.send("POST", "/Things", content=b"[" * 100_000).status_code == 400
    assert admin.send("POST", "/Things", content=b"\xff\xfe").status_code == 400
