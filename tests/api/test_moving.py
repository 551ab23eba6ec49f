"""Things that move: they stand where they last were, live and in the past; so do their warnings and cases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from litestar.testing import TestClient
from msgspec.structs import replace
from tests.api.conftest import Person, Serving
from tests.api.town import PACKS, SIMULATED, Town, found_town

from hutong.app.seeding import StreamRow, ThingRow
from hutong.engine.flow.whereabouts import UNKNOWN, positions, streams_of
from hutong.kernel.base import HOUR, MINUTE, SECOND, Instant, Label
from hutong.kernel.case import Case
from hutong.kernel.clock import iso
from hutong.kernel.observation import Quality, batch
from hutong.kernel.query import both, equals
from hutong.kernel.thing import Datastream

NAMES = ("longitude", "latitude", "speed", "sos_alarm")
LAYER = "/layers/vehicles.vehicle/live"


def _vehicle(code: str) -> ThingRow:
    return ThingRow(
        type="vehicles.vehicle",
        code=code,
        name=Label(f"渣土车{code}", f"Muck truck {code}"),
        geometry=None,
        provenance=SIMULATED,
        streams=[StreamRow(f"vehicles.{name}", "terminal") for name in NAMES],
    )


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    made = found_town(tmp_path / "city", (*PACKS, "vehicles"), rows=[_vehicle("V1"), _vehicle("V2")])
    made.rulebook.city = replace(
        made.rulebook.city, head=replace(made.rulebook.city.head, opens_cases=("vehicles.sos",))
    )
    yield made
    made.close()


@pytest.fixture
def person(town: Town, serving: Serving) -> Iterator[Person]:
    with TestClient(serving(town.context)) as client:
        yield Person(client, "xitong")


def told(
    town: Town, code: str, lon: float, lat: float, speed: float = 30.0, sos: float = 0, doubted: bool = False
) -> Instant:
    """A report; a minute passes before it."""
    town.clock.move_to(town.clock.city + MINUTE)
    at = town.clock.city
    with town.store.reader() as reader:
        streams = [
            reader.find(
                Datastream, both(equals("thing", town.thing(code)), equals("property_code", f"vehicles.{name}"))
            ).rows[0].id
            for name in NAMES
        ]  # fmt: skip
    bad = int(Quality.SUSPECT) if doubted else 0
    sent = batch("test", streams, [at] * 4, [lon, lat, speed, sos], [bad, bad, 0, 0])
    assert town.intake.submit(sent).result(10).taken == 4
    return at


def shown(person: Person, query: str = "") -> dict[str, Any]:
    """Name → (position, speed, when it was there)."""
    layer = person.get(LAYER + query).json()
    places = zip(layer["lon"], layer["lat"], strict=True)
    return dict(zip(layer["name"], zip(places, layer["value"], layer["located"], strict=True), strict=True))


def test_a_vehicle_that_was_never_located_is_not_drawn(person: Person, town: Town) -> None:
    assert shown(person) == {}
    at = told(town, "V1", 121.402, 31.202)
    assert shown(person) == {"渣土车V1": ((121.402, 31.202), 30.0, iso(at))}


def test_it_moves_and_stood_elsewhere_before(person: Person, town: Town) -> None:
    first = told(town, "V1", 121.402, 31.202)
    second = told(town, "V1", 121.415, 31.215, 45)
    assert shown(person)["渣土车V1"] == ((121.415, 31.215), 45.0, iso(second))
    then = shown(person, f"?at={iso(first + SECOND)}")
    assert then["渣土车V1"] == ((121.402, 31.202), 30.0, iso(first))
    assert shown(person, f"?at={iso(first - SECOND)}") == {}
    assert shown(person, "?bbox=121.41,31.21,121.42,31.22").keys() == {"渣土车V1"}
    assert shown(person, "?bbox=121.40,31.20,121.41,31.21") == {}


def test_a_doubted_position_leaves_it_where_it_was(person: Person, town: Town) -> None:
    at = told(town, "V1", 121.402, 31.202)
    for _ in range(3):
        told(town, "V1", 0.0, 0.0, 20, doubted=True)
    assert shown(person)["渣土车V1"] == ((121.402, 31.202), 20.0, iso(at))
    told(town, "V2", 0.0, 0.0, doubted=True)
    assert "渣土车V2" not in shown(person)


def where(town: Town, code: str) -> tuple[Instant, list[float]]:
    """When and where it last was, without the API, whose sessions end meanwhile."""
    with town.store.reader() as reader:
        names = ("vehicles.longitude", "vehicles.latitude")
        lon, lat = (np.array([one]) for one in streams_of(reader, town.thing(code), names))
        found = positions(reader, lon, lat)
    return int(found.time[0]), found.lonlat[0].tolist()


def test_a_good_position_is_looked_for_half_a_day_back(town: Town) -> None:
    at = told(town, "V1", 121.402, 31.202)
    for wait in (90 * MINUTE, 10 * HOUR):
        town.clock.move_to(town.clock.city + wait)
        told(town, "V1", 0.0, 0.0, doubted=True)
        assert where(town, "V1") == (at, [121.402, 31.202])
    town.clock.move_to(town.clock.city + HOUR)
    told(town, "V1", 0.0, 0.0, doubted=True)
    assert where(town, "V1")[0] == UNKNOWN


def test_its_page_and_its_rows_say_where_it_is(person: Person, town: Town) -> None:
    told(town, "V1", 121.402, 31.202)
    told(town, "V1", 121.404, 31.202)
    assert person.get(f"/things/{town.thing('V1')}").json()["position"] == [121.404, 31.202]
    rows = person.get("/things?type=vehicles.vehicle").json()["rows"]
    assert [one["position"] for one in rows] == [[121.404, 31.202], None]


def test_a_case_is_where_it_was_and_the_warning_where_it_is(person: Person, town: Town) -> None:
    told(town, "V1", 121.402, 31.202)
    told(town, "V1", 121.415, 31.215, sos=1)
    told(town, "V1", 121.417, 31.217, sos=1)
    with town.store.reader() as reader:
        (case,) = reader.find(Case, equals("category/code", "vehicles.emergency")).rows
    page = person.get(f"/cases/{case.id}").json()
    assert page["position"] == [121.415, 31.215], "the very report that raised it"
    assert page["place"]["code"] == "310101001001004", "and the grid it was in then"
    (warning,) = page["warnings_list"]
    assert warning["thing"]["position"] == [121.417, 31.217]


def test_there_are_no_tiles_of_what_moves(person: Person) -> None:
    answer = person.get("/tiles/vehicles.vehicle/0/0/0.mvt")
    assert answer.status_code == 404
    assert "/live" in answer.json()["remedy"]
