"""Observations on their way in: data arrays row by row, kinds of results, repeats, rules that watch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.api.sensorthings.conftest import Client, thing_body
from tests.api.town import Town

from hutong.api.sensorthings.times import instant_of, instants
from hutong.kernel.case import Warning
from hutong.kernel.clock import iso


def array(stream: int, rows: list[Any], *components: str) -> dict[str, Any]:
    names = components or ("phenomenonTime", "result")
    return {"Datastream": {"@iot.id": stream}, "components": list(names), "dataArray": rows}


def test_each_row_has_its_outcome_in_the_order_sent(admin: Client, stream: int) -> None:
    body = [
        array(stream, [["2026-07-18T10:00:00Z", 1], ["2026-07-18T10:01:00+00:00", "2"], ["yesterday", 3]]),
        array(999_999, [["2026-07-18T10:00:00Z", 4]]),
        array(stream, [["2026-07-18T10:02:00Z", 5], ["2199-01-01T00:00:00Z", 6]]),
        array(
            stream,
            [[7, "2026-07-18T10:03:00Z", "2026-07-18T10:04:00Z"]],
            "result",
            "phenomenonTime",
            "resultTime",
        ),
        array(stream, [[8]], "result"),
        array(stream, [[9, "2026-07-18T10:05:00Z", 1]]),
    ]
    answer = admin.send("POST", "/CreateObservations", json=body)
    assert answer.status_code == 201
    links = answer.json()
    assert [link == "error" for link in links] == [False, False, True, True, False, True, False, False, True]
    kept = [admin.get(link)["result"] for link in links if link != "error"]
    assert kept == [1, 2, 5, 7, 8]
    assert admin.get(links[6])["resultTime"] == "2026-07-18T10:04:00Z"
    told = answer.headers["Hutong-Refused"]
    assert told.startswith("4 refused; row 2: phenomenonTime: 'yesterday' is no instant")
    assert len(admin.get(f"/Datastreams({stream})/Observations")["value"]) == 5


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b"[{}]",
        b"[1]",
        b"nothing",
        b'[{"Datastream":{"@iot.id":1},"components":["colour"],"dataArray":[[1]]}]',
    ],
)
def test_what_is_no_data_array_is_refused_whole(admin: Client, body: bytes) -> None:
    assert admin.send("POST", "/CreateObservations", content=body).status_code == 400


def test_a_repeat_with_the_same_key_adds_nothing(admin: Client, stream: int) -> None:
    body = [array(stream, [["2026-07-18T10:00:00Z", 1], ["2026-07-18T10:01:00Z", 2]])]
    key = {"Idempotency-Key": "batch-1"}
    first = admin.post("/CreateObservations", body, headers=key)
    assert admin.post("/CreateObservations", body, headers=key) == first
    one = {"phenomenonTime": "2026-07-18T10:02:00Z", "result": 3}
    path = f"/Datastreams({stream})/Observations"
    made = admin.post(path, one, headers={"Idempotency-Key": "one-1"})
    assert admin.post(path, one, headers={"Idempotency-Key": "one-1"})["@iot.id"] == made["@iot.id"]
    admin.post(path, {**one, "result": 4}, 409, headers={"Idempotency-Key": "one-1"})
    assert [one["result"] for one in admin.get(path)["value"]] == [1, 2, 3]
    admin.post(path, one)
    assert len(admin.get(path)["value"]) == 4


@pytest.mark.parametrize(
    ("kind", "results", "wrong"),
    [
        ("OM_Measurement", [1.5, -3.0, 1e300], ["many", None, True, {"a": 1}]),
        ("OM_CountObservation", [1, 20], ["many"]),
        ("OM_CategoryObservation", ["wet", "干"], [1, None]),
        ("OM_TruthObservation", [True, False], []),
        ("OM_Observation", [{"a": [1, None]}, "text", 3, None], []),
    ],
)
def test_results_keep_their_kind(admin: Client, kind: str, results: list[Any], wrong: list[Any]) -> None:
    body = thing_body()
    body["Datastreams"][0]["observationType"] = (
        f"http://www.opengis.net/def/observationType/OGC-OM/2.0/{kind}"
    )
    thing = admin.post("/Things", body)
    stream = admin.get(f"/Things({thing['@iot.id']})/Datastreams")["value"][0]["@iot.id"]
    path = f"/Datastreams({stream})/Observations"
    for minute, result in enumerate(results):
        admin.post(path, {"phenomenonTime": f"2026-07-18T10:{minute:02}:00Z", "result": result})
    for result in wrong:
        admin.post(path, {"result": result}, 400)
    found = [one["result"] for one in admin.get(path)["value"]]
    assert found == results
    assert [type(one) for one in found] == [type(one) for one in results]


def test_everything_an_observation_may_carry(admin: Client, stream: int) -> None:
    body = {
        "phenomenonTime": "2026-07-18T10:00:00Z/2026-07-18T10:10:00Z",
        "resultTime": "2026-07-18T10:11:00.5Z",
        "validTime": "2026-07-18T10:00:00Z/2026-07-19T00:00:00Z",
        "resultQuality": {"code": "estimated"},
        "parameters": {"operator": 7},
        "result": 4.25,
        "FeatureOfInterest": {
            "name": "corner",
            "description": "of the room",
            "encodingType": "application/geo+json",
            "feature": {"type": "Point", "coordinates": [121.406, 31.206]},
        },
    }
    made = admin.post(f"/Datastreams({stream})/Observations", body)
    found = admin.get(f"/Observations({made['@iot.id']})?$expand=FeatureOfInterest")
    assert {name: found[name] for name in body if name not in ("FeatureOfInterest", "resultTime")} == {
        name: value for name, value in body.items() if name not in ("FeatureOfInterest", "resultTime")
    }
    assert found["resultTime"] == "2026-07-18T10:11:00.500Z"
    feature = found["FeatureOfInterest"]
    assert feature["feature"]["coordinates"] == [121.406, 31.206]
    again = {
        "result": 5,
        "FeatureOfInterest": {"@iot.id": feature["@iot.id"]},
        "phenomenonTime": "2026-07-18T10:20:00Z",
    }
    admin.post(f"/Datastreams({stream})/Observations", again)
    back = admin.get(f"/FeaturesOfInterest({feature['@iot.id']})/Observations")
    assert [one["result"] for one in back["value"]] == [4.25, 5]
    admin.post(
        f"/Datastreams({stream})/Observations", {"result": 1, "FeatureOfInterest": {"@iot.id": 987_654}}, 400
    )


def test_a_refused_observation_leaves_no_feature_behind(admin: Client, stream: int) -> None:
    feature = thing_body()["Locations"][0]
    feature["feature"] = feature.pop("location")
    body = {"result": "many", "FeatureOfInterest": feature}
    admin.post(f"/Datastreams({stream})/Observations", body, 400)
    admin.post(
        f"/Datastreams({stream})/Observations",
        {**body, "result": 1, "phenomenonTime": "2199-01-01T00:00:00Z"},
        400,
    )
    listed = admin.get("/FeaturesOfInterest?$filter=name eq 'House'&$expand=Observations")["value"]
    assert [one["Observations"] for one in listed] == [[]]


def test_rules_watch_a_client_made_stream_of_a_known_property(admin: Client, town: Town) -> None:
    body = thing_body(
        name="新积水点", properties={"hutong:type": "drainage.ponding_point", "hutong:code": "W9"}
    )
    stream = body["Datastreams"][0]
    stream["unitOfMeasurement"] = {"name": "metre", "symbol": "m", "definition": "ucum:m"}
    stream["ObservedProperty"] = {
        "name": "Ponding",
        "definition": "urn:hutong:property:drainage.ponding",
        "description": "depth of standing water",
    }
    wrong = thing_body(properties=body["properties"])
    wrong["Datastreams"][0]["ObservedProperty"] = stream["ObservedProperty"]
    assert "send values in m" in admin.post("/Things", wrong, 400)["message"]
    made = admin.post("/Things", body)
    thing = made["@iot.id"]
    assert town.thing("W9") == thing
    id = admin.get(f"/Things({thing})/Datastreams")["value"][0]["@iot.id"]
    rows = [[f"2026-07-18T10:{minute:02}:00Z", 0.45] for minute in range(30)]
    admin.post("/CreateObservations", [array(id, rows)])
    with town.store.reader() as reader:
        raised = [one for one in reader.find(Warning).rows if one.thing == thing]
    assert raised


def test_times_as_columns_equal_times_one_by_one() -> None:
    texts = ["2026-07-18T10:00:00Z", "1970-01-01T00:00:00Z", "2000-02-29T23:59:59Z"]
    assert instants(texts) is not None
    assert np.asarray(instants(texts)).tolist() == [instant_of(text, "t") for text in texts]
    for wrong in (
        "2026-02-30T10:00:00Z",
        "2026-13-01T10:00:00Z",
        "2026-07-18T24:00:00Z",
        "2026-07-18 10:00:00Z",
    ):
        assert instants([wrong]) is None
    assert instants(["2026-07-18T10:00:00Z", "2026-07-18T10:00:00.5Z"]) is None
    assert instants(["2026-07-18T10:00:00Ｚ"]) is None


@given(
    st.lists(st.integers(0, 4_000_000_000_000_000), min_size=1, max_size=20),
    st.sampled_from([1_000_000, 1000, 1]),
)
def test_any_instants_read_back_as_columns(moments: list[int], step: int) -> None:
    cut = [at // step * step for at in moments]
    texts = [iso(at) for at in cut]
    alike = len({len(text) for text in texts}) == 1
    found = instants(texts)
    assert (found is not None) == alike
    if found is not None:
        assert found.tolist() == cut
