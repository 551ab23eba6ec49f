"""SensorThings clients of the tiny city: machines sign in by HTTP Basic."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from tests.api.town import PASSWORD

BASE = "http://testserver.local/sta/v1.1"


class Client:
    """Speaks to the face as one account."""

    def __init__(self, client: TestClient[Litestar], login: str | None) -> None:
        self.http = client
        self.auth = (login, PASSWORD) if login else None

    def send(self, method: str, path: str, **more: Any) -> Any:
        url = path if path.startswith("http") else f"/sta/v1.1{path}"
        return self.http.request(method, url, auth=self.auth, **more)

    def get(self, path: str, **more: Any) -> Any:
        """The JSON of an answer that must be there."""
        answer = self.send("GET", path, **more)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def status(self, path: str) -> int:
        return int(self.send("GET", path).status_code)

    def post(self, path: str, body: Any, status: int = 201, **more: Any) -> Any:
        answer = self.send("POST", path, json=body, **more)
        assert answer.status_code == status, answer.text
        return answer.json()


def thing_body(**more: Any) -> dict[str, Any]:
    """A Thing with everything inside it."""
    return {
        "name": "Kitchen",
        "description": "A room",
        "properties": {"floor": 2, "maker": "acme"},
        "Locations": [
            {
                "name": "House",
                "description": "Where it stands",
                "encodingType": "application/geo+json",
                "location": {"type": "Point", "coordinates": [121.405, 31.205]},
            }
        ],
        "Datastreams": [
            {
                "name": "Air temperature",
                "description": "Temperature in the kitchen",
                "observationType": "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement",
                "unitOfMeasurement": {"name": "degree Celsius", "symbol": "°C", "definition": "ucum:Cel"},
                "Sensor": {
                    "name": "DHT22",
                    "description": "a sensor",
                    "encodingType": "application/pdf",
                    "metadata": "https://example.org/dht22.pdf",
                },
                "ObservedProperty": {
                    "name": "Temperature",
                    "definition": "http://example.org/temperature",
                    "description": "of the air",
                },
            }
        ],
        **more,
    }


@pytest.fixture
def client_of(nobody: TestClient[Litestar]) -> Callable[[str | None], Client]:
    return lambda login: Client(nobody, login)


@pytest.fixture
def admin(client_of: Callable[[str | None], Client]) -> Client:
    """An administrator may manage everything."""
    return client_of("xitong")


@pytest.fixture
def thing(admin: Client) -> dict[str, Any]:
    """A Thing that a client made, with a datastream: as $expand shows it."""
    made = admin.post("/Things", thing_body())
    return admin.get(f"/Things({made['@iot.id']})?$expand=Datastreams,Locations")


@pytest.fixture
def stream(thing: dict[str, Any]) -> int:
    return int(thing["Datastreams"][0]["@iot.id"])
