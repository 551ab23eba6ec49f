"""pygeoapi's SensorThings provider: a third party republishes our things, datastreams and observations."""

from __future__ import annotations

import os
from typing import Any

import pytest
import requests
from pygeoapi.provider.sensorthings import SensorThingsProvider

URL = os.environ["HUTONG_URL"] + "/sta/v1.1"
ACCOUNT = (os.environ["HUTONG_LOGIN"], os.environ["HUTONG_PASSWORD"])
MEASUREMENT = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement"
AROUND = [121.40, 31.20, 121.42, 31.22]
ELSEWHERE = [120.40, 31.20, 120.42, 31.22]


def provider(entity: str, **more: Any) -> SensorThingsProvider:
    """The provider with the account in the address: it has no other way to sign in."""
    address = URL.replace("http://", f"http://{ACCOUNT[0]}:{ACCOUNT[1]}@")
    return SensorThingsProvider(
        {"name": "SensorThings", "type": "feature", "data": address, "entity": entity, **more}
    )


BARREL = {
    "name": "Rain barrel",
    "description": "in the yard",
    "properties": {"litres": 200},
    "Locations": [
        {
            "name": "Yard",
            "description": "behind the house",
            "encodingType": "application/geo+json",
            "location": {"type": "Point", "coordinates": [121.405, 31.205]},
        }
    ],
    "Datastreams": [
        {
            "name": "Water level",
            "description": "of the barrel",
            "observationType": MEASUREMENT,
            "unitOfMeasurement": {"name": "metre", "symbol": "m", "definition": "ucum:m"},
            "Sensor": {
                "name": "Float",
                "description": "x",
                "encodingType": "text/plain",
                "metadata": "x",
            },
            "ObservedProperty": {
                "name": "Level",
                "definition": "http://example.org/l",
                "description": "x",
            },
            "Observations": [
                {"phenomenonTime": f"2026-07-18T10:0{minute}:00Z", "result": minute} for minute in range(3)
            ],
        }
    ],
}


@pytest.fixture(scope="module")
def thing() -> int:
    """A Thing with a Location, a Datastream and three observations."""
    answer = requests.post(f"{URL}/Things", json=BARREL, auth=ACCOUNT, timeout=30)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["@iot.id"])


def test_things_become_features(thing: int) -> None:
    things = provider("Things")
    assert things.get_fields()["name"]["type"] == "string"
    feature = things.get(str(thing))
    assert feature["geometry"] == {"type": "Point", "coordinates": [121.405, 31.205]}
    assert feature["properties"]["name"] == "Rain barrel"
    assert feature["properties"]["litres"] == 200


def test_bbox_properties_paging_and_hits(thing: int) -> None:
    things = provider("Things")
    found = things.query(bbox=AROUND, properties=[("name", "'Rain barrel'")])
    assert [one["id"] for one in found["features"]] == [str(thing)]
    unquoted = things.query(properties=[("name", "Rain barrel")], bbox=AROUND)
    assert [one["id"] for one in unquoted["features"]] == [str(thing)]
    assert things.query(bbox=ELSEWHERE)["features"] == []
    hits = things.query(resulttype="hits")["numberMatched"]
    pages = [things.query(offset=offset, limit=3)["features"] for offset in range(0, hits, 3)]
    ids = [one["id"] for page in pages for one in page]
    assert len(ids) == len(set(ids)) == hits
    ordered = things.query(sortby=[{"property": "name", "order": "-"}], limit=hits)["features"]
    names = [one["properties"]["name"] for one in ordered]
    assert names == sorted(names, reverse=True)


def test_datastreams_stand_where_their_things_stand(thing: int) -> None:
    streams = provider("Datastreams")
    found = streams.query(properties=[("Thing", thing)])["features"]
    assert [one["geometry"]["coordinates"] for one in found] == [[121.405, 31.205]]
    assert found[0]["properties"]["unitOfMeasurement"]["symbol"] == "m"
    assert len(streams.query(bbox=AROUND, properties=[("name", "'Water level'")])["features"]) == 1


def test_observations_by_time_and_place(thing: int) -> None:
    stream = provider("Datastreams").query(properties=[("Thing", thing)])["features"][0]["id"]
    observations = provider("Observations", time_field="phenomenonTime")
    asked = [("Datastream", stream)]
    found = observations.query(properties=asked, datetime_="2026-07-18T10:01:00Z/..")["features"]
    assert [one["properties"]["result"] for one in found] == [1, 2]
    assert found[0]["geometry"]["coordinates"] == [121.405, 31.205]
    assert len(observations.query(properties=asked, bbox=AROUND)["features"]) == 3
    assert observations.query(properties=asked, bbox=ELSEWHERE)["features"] == []
