"""The city, its things and what they measure: layers, tiles, cards, series, search."""

from __future__ import annotations

import zlib
from dataclasses import replace

from litestar import Litestar
from litestar.testing import TestClient
from tests.api.conftest import Someone
from tests.api.feed import minutes, stream
from tests.api.town import BOX, PASSWORD, Town

from hutong.api.application import create_app
from hutong.api.context import BaseMap
from hutong.kernel.base import HOUR, SECOND


def test_the_city_tells_everything_its_packs_define(nobody: TestClient[Litestar]) -> None:
    city = nobody.get("/api/v1/city").json()
    assert city["box"] == list(BOX)
    assert city["centre"] == [121.41, 31.21]
    assert [one["name"] for one in city["packs"]] == ["base", "urban", "emergency", "drainage"]
    assert city["types"]["drainage.pump"]["links"][0]["to"] == "drainage.pump_station"
    assert city["properties"]["drainage.ponding"]["unit"] == "m"
    assert "drainage.ponding" in {one["name"] for one in city["layers"]}
    assert city["procedures"]["urban.case"]["noun"]["zh"] == "案卷"
    assert city["procedures"]["urban.case"]["states"]["handling"]["label"]["zh"] == "处置中"
    assert city["rules"]["drainage.flooding"]["colour"] == "yellow"
    assert city["roles"]["receptionist"]["side"] == "supervision"
    assert city["categories"]["other:drainage.flooding"]["label"]["zh"] == "道路积水"
    assert sum(name.startswith("component:") for name in city["categories"]) == 153
    assert sum(name.startswith("matter:") for name in city["categories"]) == 250
    assert city["demo_password"] == PASSWORD
    assert {one["login"] for one in city["demo_accounts"]} >= {"shouli", "xitong"}


def test_a_city_that_is_no_demo_shows_no_accounts(town: Town) -> None:
    with TestClient(create_app(replace(town.context, demo=None))) as client:
        city = client.get("/api/v1/city").json()
    assert (city["demo"], city["demo_accounts"], city["demo_password"]) == (False, [], None)


def test_clock(nobody: TestClient[Litestar]) -> None:
    told = nobody.get("/api/v1/clock").json()
    assert told == {
        "city_time": "2026-07-18T11:00:00Z", "rate": 1.0, "running": True, "night": None, "preparing": None,
    }  # fmt: skip


def test_a_layer_is_coloured_by_its_values_and_warnings(someone: Someone, town: Town) -> None:
    person = someone("shouli")
    minutes(town, "W1", "ponding", [0.01, 0.06])
    minutes(town, "W2", "ponding", [0.3, 0.3, 0.3, 0.02])
    layer = person.get("/layers/drainage.ponding/live").json()
    assert layer["geometry"] == "point"
    shown = dict(
        zip(layer["name"], zip(layer["value"], layer["tone"], layer["time"], strict=True), strict=True)
    )
    assert shown["1号积水点"][:2] == (0.06, "blue")
    assert shown["2号积水点"][1] == "orange", "the open warning is graver than the water that is left"
    assert shown["3号积水点"] == (None, "calm", None)
    near = person.get("/layers/drainage.ponding/live?bbox=121.404,31.2,121.406,31.21").json()
    assert near["name"] == ["1号积水点"]
    assert person.get("/layers/drainage.nothing/live").status_code == 404
    assert person.get("/layers/drainage.ponding/live?bbox=1,2,3").json()["field"] == "bbox"


def test_new_values_show_after_a_moment(someone: Someone, town: Town) -> None:
    person = someone("shouli")
    minutes(town, "W1", "ponding", [0.01])
    assert person.get("/layers/drainage.ponding/live").json()["value"][0] == 0.01
    minutes(town, "W1", "ponding", [0.04])
    assert person.get("/layers/drainage.ponding/live").json()["value"][0] == 0.04


def test_tiles_of_things(someone: Someone) -> None:
    person = someone("shouli")
    answer = person.get("/tiles/drainage.ponding/14/13717/6690.mvt")
    assert answer.status_code in (200, 204)
    whole = person.get("/tiles/drainage.ponding/0/0/0.mvt")
    assert whole.headers["Content-Type"] == "application/vnd.mapbox-vector-tile"
    assert "1号积水点".encode() in whole.content
    assert "private" in whole.headers["Cache-Control"]
    assert person.get("/tiles/drainage.ponding/0/1/0.mvt").status_code == 400
    assert person.get("/tiles/drainage.ponding/0/0/x.mvt").status_code == 400


def test_base_tiles_are_sent_as_they_are_kept(town: Town) -> None:
    packer = zlib.compressobj(wbits=31)
    body = packer.compress(b"tile") + packer.flush()
    kept = BaseMap(lambda z, x, y: body if (z, x, y) == (1, 1, 0) else None, {"minzoom": "9", "json": "{}"})
    with TestClient(create_app(replace(town.context, basemap=kept))) as client:
        answer = client.get("/api/v1/tiles/base/1/1/0.mvt", headers={"Accept-Encoding": "gzip"})
        assert answer.headers["Content-Encoding"] == "gzip"
        assert answer.content == b"tile"
        plain = client.get("/api/v1/tiles/base/1/1/0.mvt", headers={"Accept-Encoding": "identity"})
        assert "Content-Encoding" not in plain.headers
        assert plain.content == b"tile"
        assert client.get("/api/v1/tiles/base/1/0/0.mvt").status_code == 204
        assert client.get("/api/v1/style").json()["min_zoom"] == 9


def test_things_are_found_by_type_words_box_and_place(someone: Someone, town: Town) -> None:
    person = someone("shouli")

    def codes(query: str) -> set[str]:
        return {row["code"] for row in person.get(f"/things?{query}").json()["rows"]}

    assert codes("type=drainage.ponding_point") == {"W1", "W2", "W3"}
    assert codes("q=积水点") == {"W1", "W2", "W3"}
    assert codes("q=P1") == {"P1", "P1-1"}
    assert codes("bbox=121.4045,31.2,121.4055,31.21&type=drainage.ponding_point") == {"W1"}
    assert "W1" in codes(f"place={town.directory.place_codes['310101']}")
    assert codes("component_class=01003") == {"M1"}
    first = person.get("/things?limit=3").json()
    rest = person.get(f"/things?limit=50&after={first['after']}").json()
    assert len({row["id"] for row in first["rows"] + rest["rows"]}) == 8


def test_one_thing_has_streams_links_and_geometry(someone: Someone, town: Town) -> None:
    minutes(town, "W1", "ponding", [0.2, 0.2, 0.2])
    person = someone("shouli")
    answer = person.get(f"/things/{town.thing('W1')}")
    page = answer.json()
    assert answer.headers["ETag"] == '"1"'
    assert page["links"]["served_by"][0]["name"]["zh"] == "一号泵站"
    assert page["geometry"]["type"] == "Point"
    (only,) = page["streams"]
    assert only["latest"] == {"time": "2026-07-18T11:03:00Z", "number": 0.2}
    assert only["label"]["zh"] == "路面积水深度"
    assert [one["rule"] for one in page["warnings"]] == ["drainage.flooding"]
    assert page["cases"] == []
    assert person.get("/things/4711").status_code == 404


def test_observations_and_windows(someone: Someone, town: Town) -> None:
    minutes(town, "R1", "rain_intensity", [10.0, 20.0, 30.0, 40.0])
    id = stream(town, "R1", "rain_intensity")
    person = someone("shouli")
    rows = person.get(f"/streams/{id}/observations").json()
    assert rows["number"] == [10, 20, 30, 40]
    assert rows["time"][0] == "2026-07-18T11:01:00Z"
    assert rows["unit"] == "mm/h"
    some = person.get(
        f"/streams/{id}/observations?start=2026-07-18T11:02:00Z&end=2026-07-18T11:04:00Z"
    ).json()
    assert some["number"] == [20, 30]
    assert person.get(f"/streams/{id}/observations?limit=1").json()["number"] == [40]
    windows = person.get(f"/streams/{id}/rollups?window=PT2M&start=2026-07-18T11:00:00Z").json()
    assert windows["n"] == [1, 2, 1]
    assert windows["mean"] == [10, 25, 40]
    assert (windows["min"], windows["max"]) == ([10, 20, 40], [10, 30, 40])
    assert person.get(f"/streams/{id}/rollups?window=1h").json()["field"] == "window"
    assert person.get(f"/streams/{id}/rollups?window=PT1S&start=2020-01-01T00:00:00Z").status_code == 400
    assert person.get(f"/streams/{id}/observations?start=yesterday").json()["field"] == "start"
    assert person.get("/streams/4711/observations").status_code == 404


def test_figures_count_what_there_is(someone: Someone, town: Town) -> None:
    minutes(town, "R1", "rain_intensity", [35.0])
    minutes(town, "W1", "ponding", [0.2, 0.2, 0.2])
    desk = someone("shouli")
    id = desk.get("/warnings").json()["rows"][0]["id"]
    desk.post(f"/warnings/{id}/judge", json={"verdict": "confirmed"})
    rows = {row["name"]: row for row in desk.get("/kpis").json()["rows"]}
    assert rows["warnings_open"]["value"] == 1
    assert rows["warnings_open"]["tone"] == "yellow"
    assert rows["cases_open"]["value"] == 1
    assert rows["cases_overdue"]["value"] == 0
    assert rows["false_alarm_rate"]["value"] == 0
    assert rows["rain"]["value"] == 35
    assert all(row["definition"]["zh"] and row["provenance"]["en"] and row["link"] for row in rows.values())
    case = desk.get("/cases").json()["rows"][0]["id"]
    chief = someone("zhiban")
    chief.post(f"/cases/{case}/actions/void", json={"answers": {"reason": "演练"}})
    town.clock.move_to(town.clock.city + 10 * SECOND)
    rows = {row["name"]: row for row in desk.get("/kpis").json()["rows"]}
    assert rows["cases_closed"]["value"] == 1
    assert rows["time_to_close"]["value"] == 0


def test_series(someone: Someone, town: Town) -> None:
    minutes(town, "R1", "rain_intensity", [30.0, 40.0])
    minutes(town, "W1", "ponding", [0.2] * 3)
    town.clock.move_to(town.clock.city + HOUR)
    person = someone("shouli")
    rain = person.get("/series/rain?hours=2").json()
    assert rain["unit"] == "mm/h"
    assert max(rain["value"]) == 40
    held = person.get("/series/warnings_open?hours=2").json()
    assert (held["value"][0], held["value"][-1]) == (0, 1)
    assert person.get("/series/cases_open?hours=2").json()["value"][-1] == 0
    assert person.get("/series/nothing").status_code == 404
    assert person.get("/series/rain?hours=0").status_code == 400


def test_search_finds_every_kind(someone: Someone, town: Town) -> None:
    minutes(town, "W1", "ponding", [0.2] * 3)
    person = someone("shouli")
    found = person.get("/search?q=1号积水点").json()
    assert [one["code"] for one in found["things"]] == ["W1"]
    assert len(found["warnings"]) == 1
    assert [one["code"] for one in person.get("/search?q=310101001001002").json()["places"]] == [
        "310101001001002"
    ]
    assert person.get("/search?q=%20").json() == {"things": [], "cases": [], "places": [], "warnings": []}


def test_organisations_and_places(someone: Someone) -> None:
    person = someone("shouli")
    units = {one["code"]: one for one in person.get("/organisations").json()["rows"]}
    assert units["drainage"]["side"] == "handling"
    assert units["drainage"]["parent"] == units["district"]["id"]
    grids = person.get("/places?tree=unit_grid").json()["rows"]
    assert len(grids) == 4
    assert grids[0]["trail"][0]["code"] == "310101"
