"""frost_sta_client: create, read, query, page, update, patch and delete against a running city."""

from __future__ import annotations

import os
from typing import Any

import frost_sta_client as fsc
import pytest
import requests
from frost_sta_client.model.ext.data_array_document import DataArrayDocument
from frost_sta_client.model.ext.data_array_value import DataArrayValue
from frost_sta_client.model.ext.unitofmeasurement import UnitOfMeasurement
from frost_sta_client.service.auth_handler import AuthHandler
from geojson import Point

URL = os.environ["HUTONG_URL"] + "/sta/v1.1"
MEASUREMENT = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement"


@pytest.fixture
def service() -> fsc.SensorThingsService:
    auth = AuthHandler(os.environ["HUTONG_LOGIN"], os.environ["HUTONG_PASSWORD"])
    return fsc.SensorThingsService(URL, auth_handler=auth)


@pytest.fixture
def thing(service: fsc.SensorThingsService) -> Any:
    """A Thing with a Location and a Datastream, made in one deep insert."""
    location = fsc.Location(
        name="treasure", description="location of treasure", location=Point((121.405, 31.205)),
        encoding_type="application/geo+json",
    )  # fmt: skip
    stream = fsc.Datastream(
        name="Shadow length",
        description="of the flag pole",
        observation_type=MEASUREMENT,
        unit_of_measurement=UnitOfMeasurement(name="metre", symbol="m", definition="ucum:m"),
        sensor=fsc.Sensor(
            name="Tape", description="a tape", encoding_type="text/html", metadata="https://example.org/tape"
        ),
        observed_property=fsc.ObservedProperty(
            name="Length", definition="http://example.org/length", description="of a shadow"
        ),
    )
    made = fsc.Thing(name="Flag pole", description="on the square", properties={"height": 12})
    made.locations = [location]
    made.datastreams = [stream]
    service.create(made)
    return service.things().find(made.id)


def stream_of(thing: Any) -> Any:
    return thing.get_datastreams().query().list().get(0)


def sent(service: fsc.SensorThingsService, stream: Any, count: int) -> None:
    """`count` observations, one a minute, as a data array."""
    values = DataArrayValue()
    values.datastream = stream
    values.components = {values.Property.PHENOMENON_TIME, values.Property.RESULT}
    for minute in range(count):
        time = f"2026-07-18T{minute // 60:02}:{minute % 60:02}:00Z"
        values.add_observation(fsc.Observation(phenomenon_time=time, result=float(minute)))
    document = DataArrayDocument()
    document.add_data_array_value(values)
    links = service.observations().create(document)
    assert len(links) == count


def test_create_and_read_back(service: fsc.SensorThingsService, thing: Any) -> None:
    assert thing.name == "Flag pole"
    assert thing.properties["height"] == 12
    stream = stream_of(thing)
    assert stream.unit_of_measurement.symbol == "m"
    observation = fsc.Observation(
        phenomenon_time="2026-07-18T10:00:00Z", result=3.5, datastream=fsc.Datastream(id=stream.id)
    )
    service.create(observation)
    back = service.observations().find(observation.id)
    assert back.result == 3.5
    assert back.result_time is None
    assert stream.get_observations().query().list().get(0).id == observation.id


def test_pages_follow_the_next_link(service: fsc.SensorThingsService, thing: Any) -> None:
    stream = stream_of(thing)
    sent(service, stream, 250)
    listed = stream.get_observations().query().top(100).orderby("phenomenonTime", "ASC").list()
    assert [one.result for one in listed] == [float(minute) for minute in range(250)]


def test_queries(service: fsc.SensorThingsService, thing: Any) -> None:
    stream = stream_of(thing)
    sent(service, stream, 60)
    query = stream.get_observations().query()
    found = (
        query.filter("result gt 55 and phenomenonTime lt 2026-07-18T00:58:00Z")
        .orderby("result", "DESC")
        .list()
    )
    assert [one.result for one in found] == [57.0, 56.0]
    named = (
        service.things()
        .query()
        .filter(f"name eq 'Flag pole' and id eq {thing.id}")
        .expand("Datastreams")
        .list()
    )
    assert named.get(0).datastreams.get(0).name == "Shadow length"
    counted = service.things().query().filter("startswith(name,'Flag')").count().top(1).list()
    assert counted.count >= 1


def test_reading_through_links_and_functions(service: fsc.SensorThingsService, thing: Any) -> None:
    sent(service, stream_of(thing), 5)
    near = "geo.distance(Locations/location,geography'POINT(121.405 31.205)') lt 0.001"
    asked = f"Datastreams/ObservedProperty/name eq 'Length' and properties/height gt '11' and {near}"
    newest = "Datastreams($expand=Observations($top=1;$orderby=phenomenonTime desc))"
    found = service.things().query().filter(asked).expand(newest).list()
    rows = [one for one in found if one.id == thing.id]
    assert rows[0].datastreams.get(0).observations.get(0).result == 4.0
    timed = f"Datastream/Thing/id eq {thing.id} and minute(phenomenonTime) ge 3"
    assert [one.result for one in service.observations().query().filter(timed).list()] == [3.0, 4.0]


def test_update_patch_and_delete(service: fsc.SensorThingsService, thing: Any) -> None:
    thing.description = "moved to the park"
    service.update(thing)
    assert service.things().find(thing.id).description == "moved to the park"
    service.patch(thing, [{"op": "replace", "path": "/properties/height", "value": 13}])
    assert service.things().find(thing.id).properties["height"] == 13
    service.delete(thing)
    with pytest.raises(requests.exceptions.HTTPError) as refused:
        service.things().find(thing.id)
    assert refused.value.response.status_code == 404


def test_observations_are_updated_patched_and_deleted(service: fsc.SensorThingsService, thing: Any) -> None:
    stream = stream_of(thing)
    sent(service, stream, 3)
    second = stream.get_observations().query().orderby("phenomenonTime", "ASC").list().get(1)
    second.result = 41.5
    service.update(second)
    assert service.observations().find(second.id).result == 41.5
    service.patch(second, [{"op": "replace", "path": "/result", "value": 42}])
    back = service.observations().find(second.id)
    assert (back.result, back.id) == (42, second.id)
    service.delete(back)
    with pytest.raises(requests.exceptions.HTTPError) as refused:
        service.observations().find(second.id)
    assert refused.value.response.status_code == 404
    left = stream.get_observations().query().orderby("phenomenonTime", "ASC").list()
    assert [one.result for one in left] == [0.0, 2.0]


def test_a_feature_is_updated_and_takes_its_observations_along(
    service: fsc.SensorThingsService, thing: Any
) -> None:
    stream = stream_of(thing)
    feature = fsc.FeatureOfInterest(
        name="pole", description="its foot", feature=Point((121.405, 31.205)), encoding_type="application/geo+json"
    )  # fmt: skip
    service.create(feature)
    observation = fsc.Observation(
        phenomenon_time="2026-07-18T10:00:00Z", result=3.5, datastream=fsc.Datastream(id=stream.id),
        feature_of_interest=fsc.FeatureOfInterest(id=feature.id),
    )  # fmt: skip
    service.create(observation)
    feature.description = "its top"
    service.update(feature)
    assert service.features_of_interest().find(feature.id).description == "its top"
    service.delete(feature)
    assert len(stream.get_observations().query().list().entities) == 0


def test_datastreams_and_sensors_are_updated(service: fsc.SensorThingsService, thing: Any) -> None:
    stream = stream_of(thing)
    sensor = service.sensors().query().filter(f"Datastreams/id eq {stream.id}").list().get(0)
    sensor.description = "a longer tape"
    service.update(sensor)
    assert service.sensors().find(sensor.id).description == "a longer tape"
    service.patch(stream, [{"op": "replace", "path": "/name", "value": "Shadow"}])
    assert service.datastreams().find(stream.id).name == "Shadow"
    service.delete(sensor)
    assert len(thing.get_datastreams().query().list().entities) == 0


def test_errors_are_told_in_words(service: fsc.SensorThingsService) -> None:
    with pytest.raises(requests.exceptions.HTTPError) as refused:
        service.things().query().filter("colour eq 'red'").list()
    assert refused.value.response.status_code == 400
    assert "colour" in refused.value.response.json()["message"]


def test_strangers_are_turned_away() -> None:
    with pytest.raises(requests.exceptions.HTTPError) as refused:
        fsc.SensorThingsService(URL).things().query().list()
    assert refused.value.response.status_code == 401
