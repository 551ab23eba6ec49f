"""Observations that are kept already: corrected, replaced, taken away; packed or not; deep inserts that are judged."""

from __future__ import annotations

from typing import Any

import pytest
from tests.api.sensorthings.conftest import Client, thing_body
from tests.api.town import Town

from hutong.kernel.case import Warning

PATCH = {"Content-Type": "application/json-patch+json"}
CORNER = {
    "name": "corner",
    "description": "of the room",
    "encodingType": "application/geo+json",
    "feature": {"type": "Point", "coordinates": [121.406, 31.206]},
}


@pytest.fixture(params=[False, True], ids=["tail", "packed"])
def path(request: pytest.FixtureRequest, admin: Client, stream: int, town: Town) -> str:
    """The address of the second of three observations."""
    made = [
        admin.post(
            f"/Datastreams({stream})/Observations",
            {
                "phenomenonTime": f"2026-07-18T10:0{minute}:00Z",
                "result": minute,
                "parameters": {"by": "hand"},
            },
        )["@iot.id"]
        for minute in range(3)
    ]
    if request.param:
        (packer,) = town.store.packers()
        while packer.step(all_of_it=True):
            pass
        packer.leave_lease()
    return f"/Observations({made[1]})"


def results(client: Client, stream: int) -> list[Any]:
    return [one["result"] for one in client.get(f"/Datastreams({stream})/Observations")["value"]]


def test_patch_changes_a_part(admin: Client, stream: int, path: str, town: Town) -> None:
    answer = admin.send("PATCH", path, json={"result": 7.5, "resultTime": "2026-07-18T10:05:00Z"})
    assert answer.status_code == 200
    found = admin.get(path)
    assert found == answer.json()
    assert (found["result"], found["resultTime"]) == (7.5, "2026-07-18T10:05:00Z")
    assert (found["phenomenonTime"], found["parameters"]) == ("2026-07-18T10:01:00Z", {"by": "hand"})
    assert results(admin, stream) == [0, 7.5, 2]
    admin.send("PATCH", path, json={"resultTime": None, "parameters": None})
    assert admin.get(path)["resultTime"] is None
    assert "parameters" not in admin.get(path)
    with town.store.reader() as reader:
        records = [one for one in reader.journal(limit=1000) if one.kind == "observation.amend"]
    assert records[0].actor > 0
    assert records[0].facts["observations"][0]["before"]["number"] == 1.0
    assert records[0].facts["observations"][0]["after"]["number"] == 7.5


def test_put_replaces_the_whole(admin: Client, stream: int, path: str) -> None:
    body = {"phenomenonTime": "2026-07-18T09:00:00Z/2026-07-18T09:30:00Z", "result": 8}
    assert admin.send("PUT", path, json=body).status_code == 200
    found = admin.get(path)
    assert found["phenomenonTime"] == "2026-07-18T09:00:00Z/2026-07-18T09:30:00Z"
    assert "parameters" not in found
    assert results(admin, stream) == [8, 0, 2]
    assert admin.send("PUT", path, json={"phenomenonTime": "2026-07-18T09:00:00Z"}).status_code == 400


def test_json_patch(admin: Client, path: str) -> None:
    operations = [
        {"op": "test", "path": "/result", "value": 1},
        {"op": "replace", "path": "/result", "value": 9},
        {"op": "add", "path": "/parameters/why", "value": "misread"},
    ]
    assert admin.send("PATCH", path, json=operations, headers=PATCH).status_code == 200
    assert admin.get(path)["parameters"] == {"by": "hand", "why": "misread"}
    assert admin.send("PATCH", path, json=operations, headers=PATCH).status_code == 409
    assert admin.get(path)["result"] == 9


def test_delete_takes_one_away(admin: Client, stream: int, path: str) -> None:
    assert admin.send("DELETE", path).status_code == 200
    assert admin.status(path) == 404
    assert admin.send("DELETE", path).status_code == 404
    assert results(admin, stream) == [0, 2]


@pytest.mark.parametrize(
    "body",
    [
        {"result": "many"},
        {"result": None},
        {"phenomenonTime": "yesterday"},
        {"phenomenonTime": None},
        {"phenomenonTime": "2199-01-01T00:00:00Z"},
        {"colour": 1},
        {"FeatureOfInterest": CORNER},
        {"FeatureOfInterest": {"@iot.id": 999_999}},
        {"Datastream": {"@iot.id": 1}},
        [],
    ],
)
def test_what_cannot_be_changed_is_refused(admin: Client, stream: int, path: str, body: Any) -> None:
    before = admin.get(path)
    assert admin.send("PATCH", path, json=body).status_code == 400
    assert admin.get(path) == before


def test_who_may_not_manage_may_not_amend(client_of: Any, admin: Client, path: str) -> None:
    reader = client_of("lingdao")
    assert reader.send("PATCH", path, json={"result": 4}).status_code == 403
    assert reader.send("DELETE", path).status_code == 403
    assert admin.get(path)["result"] == 1


def test_a_feature_goes_with_its_observations(admin: Client, stream: int) -> None:
    own = f"/Datastreams({stream})/Observations"
    first = admin.post(own, {"result": 1, "FeatureOfInterest": CORNER})["@iot.id"]
    feature = admin.get(f"/Observations({first})/FeatureOfInterest")["@iot.id"]
    second = admin.post(own, {"result": 2})["@iot.id"]
    third = admin.post(
        f"/FeaturesOfInterest({feature})/Observations", {"result": 3, "Datastream": {"@iot.id": stream}}
    )
    assert admin.get(f"/Observations({third['@iot.id']})/FeatureOfInterest")["@iot.id"] == feature
    moved = admin.send("PUT", f"/Observations({second})/FeatureOfInterest/$ref", json={"@iot.id": feature})
    assert moved.status_code == 200
    assert admin.get(f"/Observations({second})/FeatureOfInterest")["@iot.id"] == feature
    admin.post(own, {"result": 4})
    assert admin.send("DELETE", f"/FeaturesOfInterest({feature})").status_code == 200
    assert admin.status(f"/FeaturesOfInterest({feature})") == 404
    assert results(admin, stream) == [4]
    admin.post(own, {"result": 1, "FeatureOfInterest": {"@iot.id": feature}}, 400)


def test_the_place_that_stands_for_a_feature_is_not_deleted_as_one(admin: Client, stream: int) -> None:
    made = admin.post(f"/Datastreams({stream})/Observations", {"result": 1})["@iot.id"]
    derived = admin.get(f"/Observations({made})/FeatureOfInterest")["@iot.id"]
    assert admin.send("DELETE", f"/FeaturesOfInterest({derived})").status_code == 422
    assert admin.status(f"/Locations({derived})") == 200


def test_an_observation_may_bring_its_datastream(admin: Client) -> None:
    body = thing_body()
    inner = {**body.pop("Datastreams")[0], "Thing": body}
    made = admin.post("/Observations", {"result": 5, "Datastream": inner})
    assert made["result"] == 5
    assert admin.get(f"/Observations({made['@iot.id']})/Datastream/Thing")["name"] == "Kitchen"


def level_body(results: list[float]) -> dict[str, Any]:
    """A manhole whose level a rule watches."""
    body = thing_body(name="Manhole")
    body["properties"] = {"hutong:type": "drainage.ponding_point"}
    stream = body["Datastreams"][0]
    stream["unitOfMeasurement"] = {"name": "metre", "symbol": "m", "definition": "ucum:m"}
    stream["ObservedProperty"] = {
        "name": "depth",
        "definition": "urn:hutong:property:drainage.ponding",
        "description": "of water",
    }
    stream["Observations"] = [
        {"phenomenonTime": f"2026-07-18T10:{50 + at:02}:00Z", "result": value}
        for at, value in enumerate(results)
    ]
    return body


def warnings(town: Town) -> int:
    with town.store.reader() as reader:
        return len(reader.find(Warning, limit=100).rows)


def test_observations_of_a_deep_insert_are_judged(admin: Client, town: Town) -> None:
    made = admin.post("/Things", level_body([0.5, 0.5, 0.6, 0.6, 0.7, 0.7, 0.8, 0.8]))
    streams = admin.get(f"/Things({made['@iot.id']})/Datastreams?$expand=Observations")["value"]
    assert len(streams[0]["Observations"]) == 8
    assert warnings(town) > 0


def test_a_refused_observation_refuses_the_whole_insert(admin: Client, town: Town) -> None:
    count = admin.get("/Things?$count=true&$top=0")["@iot.count"]
    sensors = admin.get("/Sensors?$count=true&$top=0")["@iot.count"]
    body = level_body([0.1, 0.2])
    body["Datastreams"][0]["Observations"].append({"phenomenonTime": "2199-01-01T00:00:00Z", "result": 1})
    refused = admin.post("/Things", body, 400)
    assert "Observations[2]" in refused["message"]
    assert admin.get("/Things?$count=true&$top=0")["@iot.count"] == count
    assert admin.get("/Sensors?$count=true&$top=0")["@iot.count"] == sensors
    assert warnings(town) == 0
    admin.post("/Things", level_body([0.1, 0.2]))
