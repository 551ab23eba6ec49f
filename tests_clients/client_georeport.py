"""georeport, another's client of Open311 GeoReport v2, against a running city: in JSON and in XML."""

from __future__ import annotations

import os
from typing import Any

import pytest
import requests
from georeport import GeoReport

ROOT = os.environ["HUTONG_URL"]
BASE = f"{ROOT}/open311/v2"
LOGIN = (os.environ["HUTONG_LOGIN"], os.environ["HUTONG_PASSWORD"])


@pytest.fixture(scope="module")
def key() -> str:
    answer = requests.post(f"{ROOT}/api/v1/keys", json={"name": "georeport"}, auth=LOGIN, timeout=20)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["key"])


@pytest.fixture(scope="module")
def numbers(key: str) -> list[str]:
    """The client only reads; two requests are sent as the specification has it: a form."""
    found = []
    for service in ("matter-06010", "matter-06011"):
        form = {
            "api_key": key,
            "service_code": service,
            "lat": "31.205",
            "long": "121.405",
            "description": "垃圾",
        }
        answer = requests.post(f"{BASE}/requests.json", data=form, timeout=20)
        assert answer.status_code == 201, answer.text
        found.append(str(answer.json()[0]["service_request_id"]))
    return found


def as_list(found: Any) -> list[Any]:
    """xmltodict gives a single child bare."""
    return found if isinstance(found, list) else [found]


@pytest.mark.parametrize("form", ["json", "xml"])
@pytest.mark.parametrize("jurisdiction", [None, "310101"])
def test_the_client_reads_everything(form: str, jurisdiction: str | None, numbers: list[str]) -> None:
    client = GeoReport(BASE, jurisdiction=jurisdiction, output_format=form)
    services = client.get_service_list()
    assert services[0]["service_code"] == "matter-06010"
    definition = client.get_service_definition("matter-06010")
    assert definition["service_code"] == "matter-06010"
    every = as_list(client.get_service_requests())
    assert {one["service_request_id"] for one in every} >= set(numbers)
    both = as_list(client.get_service_requests(service_request_id=",".join(numbers)))
    assert {one["service_request_id"] for one in both} == set(numbers)
    some = as_list(client.get_service_requests(service_code="matter-06011", status="open"))
    assert {one["service_request_id"] for one in some} == {numbers[1]}
    one = client.get_service_request(numbers[0])
    assert one["service_request_id"] == numbers[0]
    assert one["status"] == "open"
    first = as_list(client.get_service_requests(start_date=one["requested_datetime"]))
    assert numbers[0] in {found["service_request_id"] for found in first}


def test_wrong_questions_raise(numbers: list[str]) -> None:
    client = GeoReport(BASE)
    with pytest.raises(requests.HTTPError):
        client.get_service_request("none")
    with pytest.raises(requests.HTTPError):
        GeoReport(BASE, jurisdiction="elsewhere").get_service_list()
