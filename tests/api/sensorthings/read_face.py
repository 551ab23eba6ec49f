"""A face to read from, on either database: six rooms with streams, texts, intervals and features of their own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from litestar.testing import TestClient
from tests.api.sensorthings.conftest import Client, thing_body
from tests.api.town import RECORDED, START, Town, _columns, enter_people, furnished, tiny_city

from hutong.api.application import create_app
from hutong.app.seeding import Seeder
from hutong.kernel.base import HOUR
from hutong.kernel.clock import FixedClock
from hutong.store import open_store

NAMES = ("Attic", "Bath", "Cellar", "Den", "Entry", "Foyer")
PROPERTIES: tuple[dict[str, Any], ...] = (
    {"n": 1, "s": "a b", "deep": {"x": 1}},
    {"n": 2.5, "s": "Z"},
    {"n": -3, "s": "", "flag": True},
    {"n": "7", "flag": False},
    {"s": "中文a"},
    {"n": 100, "s": "a'b"},
)
DAY = "2026-07-18T"


def room(number: int) -> dict[str, Any]:
    """A room whose stream has four rows at 10:0N:00, .25 s apart in the fraction; the fourth is a text."""
    body = thing_body(name=NAMES[number], description=f"room {number}", properties=PROPERTIES[number])
    body["Locations"][0]["name"] = f"House {number % 2}"
    body["Locations"][0]["location"]["coordinates"] = [121.402 + number / 1000, 31.205]
    stream = body["Datastreams"][0]
    stream["name"] = f"{NAMES[number]} air"
    stream["ObservedProperty"]["name"] = f"Property {number // 3}"
    stream["Observations"] = [
        {
            "phenomenonTime": f"{DAY}1{number}:0{row}:00.250Z",
            "resultTime": f"{DAY}1{number}:0{row}:30Z",
            "result": number * 10 + row,
            "parameters": {"depth": row / 2, "who": f"p{row}"},
        }
        for row in range(4)
    ]
    return body


@contextmanager
def reading_face(place: str | Path, folder: Path) -> Iterator[tuple[Client, Town]]:
    """The face of a city that is founded at `place`, with the rooms in it; as an administrator."""
    city, functions = tiny_city()
    store = open_store(place, clock=FixedClock(START, RECORDED), folder=folder)
    seeder = Seeder(store, city, START)
    seeder.map(*_columns(), "test", "CC0")
    enter_people(seeder)
    seeder.observed_properties()
    given = furnished()
    seeder.furnish(given, [seeder.places["unit_grid", "310101001001001"]] * len(given))
    store.close()
    clock = FixedClock(START + 12 * HOUR, RECORDED)
    town = Town(open_store(place, clock=clock, folder=folder), city, functions, clock)
    with TestClient(create_app(town.context)) as http:
        admin = Client(http, "xitong")
        for number in range(len(NAMES)):
            admin.post("/Things", room(number))
        yield admin, town
    town.close()
