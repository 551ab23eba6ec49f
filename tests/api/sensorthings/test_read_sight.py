"""What an asker sees: their own places, past moments, whole levels in few queries, counts told without rows."""

from __future__ import annotations

import dataclasses
from typing import Any

import msgspec
import pytest
from litestar.testing import TestClient
from tests.api.sensorthings.conftest import Client, thing_body
from tests.api.town import Town
from tests.store.samples import changes

from hutong.api.application import create_app
from hutong.api.sensorthings.paths import parse_path
from hutong.api.sensorthings.reading import Reading
from hutong.api.sensorthings.sight import Sight
from hutong.kernel.access import SYSTEM
from hutong.kernel.base import HOUR
from hutong.kernel.clock import iso
from hutong.kernel.place import Place
from hutong.kernel.query import NOTHING, InScope, equals
from hutong.kernel.thing import Thing
from hutong.store.sqlite import SQLiteTx

BASE = "http://testserver.local/sta/v1.1"


def read(town: Town, sight: Sight, path: str, query: str = "") -> Any:
    """An answer in a sight, without HTTP."""
    app = create_app(town.context)
    with town.store.reader() as reader:
        reading = Reading(app.state["house"], reader, SYSTEM, BASE, sight)
        return reading.answer(parse_path(path), query, BASE + path)


@pytest.fixture
def grid(town: Town) -> Sight:
    """One who may read the grid that only the pump station stands in, from now on."""
    with town.store.reader() as reader:
        station = reader.get(Thing, town.thing("P1"))
        road = reader.get(Thing, town.thing("road-1"))

    with town.store.reader() as reader:
        other = reader.find(Place, equals("code", "310101001001004")).rows[0].id

    town.store.apply(changes(msgspec.structs.replace(station, place=other)))
    assert road.place != other
    only = InScope((other,))
    return Sight(only, only)


def test_only_things_of_ones_places_are_seen(town: Town, grid: Sight, stream: int) -> None:
    whole = Sight()
    for path, some in (("/Things", 1), ("/Datastreams", 1), ("/Locations", 1), ("/Sensors", 1)):
        assert len(read(town, grid, path)["value"]) == some, path
        assert len(read(town, whole, path)["value"]) > some
    assert [one["name"] for one in read(town, grid, "/FeaturesOfInterest")["value"]] == ["一号泵站"]
    assert read(town, grid, "/Things/$count") == 1
    assert len(read(town, grid, "/HistoricalLocations")["value"]) == 1
    hidden = town.thing("W1")
    for path in (f"/Things({hidden})", f"/Locations({hidden})", f"/Datastreams({stream})"):
        with pytest.raises(Exception, match="there is no"):
            read(town, grid, path)
    assert read(town, Sight(NOTHING, NOTHING), "/Things")["value"] == []


def test_observations_follow_the_same_places(town: Town, grid: Sight, admin: Client, stream: int) -> None:
    admin.post(
        f"/Datastreams({stream})/Observations", {"result": 3, "phenomenonTime": "2026-07-18T10:00:00Z"}
    )
    assert [one["result"] for one in read(town, Sight(), "/Observations")["value"]] == [3]
    assert read(town, grid, "/Observations")["value"] == []
    assert read(town, grid, "/Observations", "$orderby=phenomenonTime desc&$count=true")["@iot.count"] == 0
    own = read(town, Sight(), "/Observations")["value"][0]["@iot.id"]
    with pytest.raises(Exception, match="there is no"):
        read(town, grid, f"/Observations({own})")


def test_a_city_open_to_read_is_open_to_all(town: Town) -> None:
    app = create_app(dataclasses.replace(town.context, public_read=True))
    with TestClient(app) as http:
        assert len(Client(http, None).get("/Things")["value"]) > 1


def test_things_as_they_were(town: Town, admin: Client, thing: dict[str, Any], stream: int) -> None:
    own = f"/Things({thing['@iot.id']})"
    for minute, result in ((0, 1), (30, 2)):
        body = {"result": result, "phenomenonTime": f"2026-07-18T10:{minute:02}:00Z"}
        admin.post(f"/Datastreams({stream})/Observations", body)
    town.clock.move_to(town.clock.city_time() + HOUR)
    before = iso(town.clock.recorded_at() - 1)
    admin.send("PATCH", own, json={"name": "Later", "properties": {"floor": 9}})
    then = {"$as_of": before}
    assert admin.get(own)["name"] == "Later"
    assert admin.get(own, params=then)["name"] == "Kitchen"
    filtered = {**then, "$filter": "properties/floor eq 2", "$expand": "Datastreams($select=name),Locations"}
    found = admin.get("/Things", params=filtered)["value"]
    assert [one["name"] for one in found] == ["Kitchen"]
    assert found[0]["Locations"][0]["name"] == "House"
    assert admin.get("/Things", params={**then, "$filter": "name eq 'Later'"})["value"] == []
    kept = admin.get(f"/Datastreams({stream})/Observations", params=then)
    assert [one["result"] for one in kept["value"]] == [1, 2]
    assert admin.send("GET", own, params={"$as_of": "2020-01-01T00:00:00Z"}).status_code == 404
    assert admin.send("GET", own, params={"$as_of": "yesterday"}).status_code == 400


def test_a_level_is_read_by_one_query(
    town: Town, admin: Client, thing: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    plain = SQLiteTx.rows

    def noted(self: SQLiteTx, sql: str, parameters: Any = ()) -> Any:
        asked.append(sql)
        return plain(self, sql, parameters)

    def spent(top: int) -> int:
        monkeypatch.setattr(SQLiteTx, "rows", noted)
        asked.clear()
        newest = "Observations($top=1;$orderby=phenomenonTime desc)"
        options = f"Datastreams($expand={newest},Sensor,ObservedProperty),Locations,HistoricalLocations"
        page = admin.get(f"/Things?$top={top}&$expand={options}")
        assert len(page["value"]) == top
        monkeypatch.setattr(SQLiteTx, "rows", plain)
        return len([one for one in asked if "FROM" in one])

    few, many = spent(2), spent(8)
    assert many <= few + 2


def test_the_newest_row_is_whole_and_leads_on(admin: Client, thing: dict[str, Any], stream: int) -> None:
    newest = f"/Datastreams({stream})?$expand=Observations($top=1;$orderby=phenomenonTime desc)"
    assert admin.get(newest)["Observations"] == []
    rows = [
        {"result": 1, "phenomenonTime": "2026-07-18T10:00:00Z"},
        {"result": 2, "phenomenonTime": "2026-07-18T10:05:00Z", "parameters": {"a": 1}},
        {"result": 0, "phenomenonTime": "2026-07-18T09:00:00Z"},
    ]
    admin.post(f"/Datastreams({stream})/Observations", rows[0])
    one = admin.get(newest)
    assert one["Observations"][0]["result"] == 1
    assert "Observations@iot.nextLink" not in one
    for row in rows[1:]:
        admin.post(f"/Datastreams({stream})/Observations", row)
    found = admin.get(newest)
    assert found["Observations"][0]["parameters"] == {"a": 1}
    rest = admin.get(found["Observations@iot.nextLink"])
    assert [row["result"] for row in rest["value"]] == [1]
    own = found["Observations"][0]["@iot.id"]
    admin.send("DELETE", f"/Observations({own})")
    assert admin.get(newest)["Observations"][0]["result"] == 1
    counted = admin.get(f"/Datastreams({stream})/Observations?$count=true&$top=0")
    assert counted["@iot.count"] == 2


def test_pages_hold_while_rows_come_and_go(admin: Client) -> None:
    made = [admin.post("/Things", thing_body(name=f"N{n}"))["@iot.id"] for n in range(6)]
    first = admin.get("/Things?$filter=startswith(name,'N')&$orderby=name&$top=2")
    admin.post("/Things", thing_body(name="N0a"))
    admin.send("DELETE", f"/Things({made[1]})")
    second = admin.get(first["@iot.nextLink"])
    assert [one["name"] for one in (*first["value"], *second["value"])] == ["N0", "N1", "N2", "N3"]


def test_the_service_root_tells_what_is_true(admin: Client) -> None:
    found = admin.get("")["serverSettings"]["conformance"]
    assert len(found) == len(set(found))
    assert any("request-data" in one for one in found)
    answer = admin.send("GET", "/Things?$apply=x")
    assert answer.status_code == 400
    assert "$filter" in answer.json()["message"]


def test_arrays_of_one_stream_and_of_many(admin: Client, thing: dict[str, Any], stream: int) -> None:
    for minute in range(3):
        body = {"result": minute, "phenomenonTime": f"2026-07-18T10:0{minute}:00Z"}
        admin.post(f"/Datastreams({stream})/Observations", body)
    page = admin.get(f"/Datastreams({stream})/Observations?$resultFormat=dataArray&$select=result&$top=2")
    assert page["value"][0]["dataArray"] == [[0], [1]]
    assert admin.get(page["@iot.nextLink"])["value"][0]["dataArray"] == [[2]]
    inside = admin.get(
        f"/Things({thing['@iot.id']})?$expand=Datastreams($expand=Observations($resultFormat=dataArray;$select=result))"
    )
    assert inside["Datastreams"][0]["Observations"][0]["dataArray"] == [[0], [1], [2]]


def test_a_moment_cuts_observations(town: Town, admin: Client, thing: dict[str, Any], stream: int) -> None:
    """Those of a later phenomenonTime are not there: in lists, counts, newest values, extents, nor by their id."""
    later = town.clock.recorded_at() + HOUR
    town.clock.move_to(max(town.clock.city_time(), later + HOUR))
    times = (later - HOUR // 2, later, later + 1, later + HOUR // 2)
    made = [
        admin.post(f"/Datastreams({stream})/Observations", {"result": n, "phenomenonTime": iso(time)})
        for n, time in enumerate(times)
    ]
    then = {"$as_of": iso(later)}
    own = f"/Datastreams({stream})"
    for order in ("", "phenomenonTime desc", "result"):
        asked = {**then, "$orderby": order, "$count": "true"}
        page = admin.get(f"{own}/Observations", params={k: v for k, v in asked.items() if v})
        assert sorted(one["result"] for one in page["value"]) == [0, 1]
        assert page["@iot.count"] == 2
    newest = {**then, "$expand": "Observations($top=1;$orderby=phenomenonTime desc)"}
    found = admin.get(own, params=newest)
    assert [one["result"] for one in found["Observations"]] == [1]
    assert found["phenomenonTime"] == f"{iso(times[0])}/{iso(times[1])}"
    first = admin.get(f"{own}/Observations", params={**then, "$top": "1"})
    assert [one["result"] for one in admin.get(first["@iot.nextLink"])["value"]] == [1]
    paths = [f"/Observations({one['@iot.id']})" for one in made]
    assert [admin.send("GET", path, params=then).status_code for path in paths] == [200, 200, 404, 404]
    assert all(admin.get(one["@iot.selfLink"])["@iot.id"] == one["@iot.id"] for one in made)


@pytest.mark.parametrize("order", ["", "phenomenonTime desc"])
def test_lists_inside_many_datastreams_are_read_at_once(
    town: Town, admin: Client, monkeypatch: pytest.MonkeyPatch, order: str
) -> None:
    """What one read gives is what each list gives by itself: rows, counts and links to more."""
    made = [admin.post("/Things", thing_body(name=f"T{n}"))["@iot.id"] for n in range(3)]
    streams = [admin.get(f"/Things({id})/Datastreams")["value"][0]["@iot.id"] for id in made]
    for rows, id in zip((0, 2, 5), streams, strict=True):
        for minute in range(rows):
            body = {"result": minute, "phenomenonTime": f"2026-07-18T10:0{minute}:00Z"}
            admin.post(f"/Datastreams({id})/Observations", body)
    inner = "$top=2;$skip=1;$count=true" + (f";$orderby={order}" if order else "")
    asked = {"$filter": f"id ge {streams[0]}", "$expand": f"Observations({inner})", "$orderby": "id"}
    together = admin.get("/Datastreams", params=asked)["value"]
    assert [one["Observations@iot.count"] for one in together] == [0, 2, 5]
    assert [len(one["Observations"]) for one in together] == [0, 1, 2]
    rest = admin.get(together[2]["Observations@iot.nextLink"])["value"]
    whole = [one["result"] for one in (*together[2]["Observations"], *rest)]
    assert whole == ([3, 2, 1, 0] if order else [1, 2, 3, 4])[: len(whole)]
    assert len(whole) == 4
    monkeypatch.setattr("hutong.api.sensorthings.history.TOGETHER", 3)
    assert admin.get("/Datastreams", params=asked)["value"] == together
