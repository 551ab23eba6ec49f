"""History through the API: newest values, windows over many streams, exports, and the city as it was."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from tests.api.conftest import Person, Someone
from tests.api.feed import minutes, stream
from tests.api.town import Town

import hutong.api.export as export_module
from hutong.kernel.base import HOUR

LEVELS = [0.0, 0.1, 0.3, 0.3, 0.3, 0.02, 0.01]


@pytest.fixture
def person(someone: Someone, town: Town) -> Person:
    minutes(town, "W1", "ponding", LEVELS)
    minutes(town, "W2", "ponding", [0.5, 0.25])
    return someone("shouli")


def test_newest_values_come_in_pages(person: Person, town: Town) -> None:
    wet = [stream(town, "W1", "ponding"), stream(town, "W2", "ponding")]
    found: list[int] = []
    numbers: list[float] = []
    after: Any = ""
    while after is not None:
        page = person.get(
            f"/streams/latest?property=drainage.ponding&limit=1{f'&after={after}' if after else ''}"
        )
        assert page.status_code == 200, page.text
        found += page.json()["stream"]
        numbers += page.json()["number"]
        after = page.json()["after"]
    assert {one: number for one, number in zip(found, numbers, strict=True) if one in wet} == {
        wet[0]: 0.01,
        wet[1]: 0.25,
    }
    assert found == sorted(found)


def test_newest_values_of_then(person: Person, town: Town) -> None:
    one = stream(town, "W1", "ponding")
    told = person.get(f"/streams/latest?streams={one}&at=2026-07-18T11:03:30Z").json()
    assert (told["time"], told["number"]) == (["2026-07-18T11:03:00Z"], [0.3])
    assert person.get(f"/streams/latest?streams={one}&at=2026-07-18T10:00:00Z").json()["stream"] == []


def test_windows_of_each_and_of_all(person: Person, town: Town) -> None:
    span = "start=2026-07-18T11:00:00Z&end=2026-07-18T12:00:00Z"
    each = person.get(f"/streams/aggregates?property=drainage.ponding&{span}").json()
    assert each["stream"] == sorted([stream(town, "W1", "ponding"), stream(town, "W2", "ponding")])
    assert sorted(each["n"]) == [2, 7]
    assert each["unit"] == "m"
    whole = person.get(f"/streams/aggregates?property=drainage.ponding&of=all&{span}").json()
    assert (whole["n"], whole["min"], whole["max"], whole["stream"]) == ([9], [0.0], [0.5], None)
    assert whole["mean"] == [pytest.approx((sum(LEVELS) + 0.75) / 9)]
    assert whole["streams"] >= 2


def test_windows_need_a_choice_and_one_unit(person: Person, town: Town) -> None:
    assert person.get("/streams/aggregates").json()["field"] == "streams"
    assert person.get("/streams/aggregates?streams=1,x").json()["field"] == "streams"
    assert person.get("/streams/aggregates?streams=987654321").status_code == 404
    thing = town.thing("W1")
    assert person.get(f"/streams/aggregates?thing={thing}&window=PT1H").status_code == 200
    assert person.get("/streams/aggregates?type=drainage.pump&of=all").json()["field"] == "of"
    many = person.get("/streams/aggregates?property=drainage.ponding&window=PT1S&start=2020-01-01T00:00:00Z")
    assert many.json()["field"] == "window"


def test_streams_are_found_by_words(person: Person, town: Town) -> None:
    rows = person.get("/streams?q=积水 1号").json()["rows"]
    assert [row["id"] for row in rows] == [stream(town, "W1", "ponding")]
    assert rows[0]["thing"]["id"] == town.thing("W1")
    assert person.get("/streams?limit=1").json()["after"] is not None


def test_csv_export_has_every_row_in_local_time(
    person: Person, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_module, "PAGE", 3)
    answer = person.get(f"/streams/export.csv?thing={town.thing('W1')}&property=drainage.ponding&language=en")
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert [float(row["Result"]) for row in rows] == LEVELS
    assert rows[0]["Time"] == "2026-07-18T19:01:00+08:00"
    assert rows[0]["Unit"] == "m"


def test_parquet_export_reads_back(person: Person, town: Town, tmp_path: Path) -> None:
    answer = person.get("/streams/export.parquet?property=drainage.ponding")
    kept = tmp_path / "rows.parquet"
    kept.write_bytes(answer.content)
    table = pq.read_table(kept)
    assert table.num_rows == len(LEVELS) + 2
    assert table.column("number").to_pylist()[: len(LEVELS)] == LEVELS
    assert str(table.schema.field("time").type) == "timestamp[us, tz=UTC]"


def test_a_layer_as_it_was(person: Person) -> None:
    def tone(at: str) -> tuple[float | None, str]:
        layer = person.get(f"/layers/drainage.ponding/live?at={at}").json()
        place = layer["name"].index("1号积水点")
        return layer["value"][place], layer["tone"][place]

    assert tone("2026-07-18T11:05:00Z") == (0.3, "orange")
    assert tone("2026-07-18T11:01:30Z") == (0.0, "calm")
    now = person.get("/layers/drainage.ponding/live").json()
    assert now["value"][now["name"].index("1号积水点")] == 0.01


def test_warnings_and_cases_that_stood_then(person: Person, town: Town) -> None:
    before = person.get("/warnings?at=2026-07-18T11:01:00Z").json()["rows"]
    during = person.get("/warnings?at=2026-07-18T11:06:00Z").json()["rows"]
    assert before == []
    assert any(row["rule"] == "drainage.flooding" for row in during)
    assert person.post(f"/warnings/{during[0]['id']}/judge", json={"verdict": "confirmed"}).status_code == 200
    town.clock.move_to(town.clock.city + HOUR)
    (case,) = person.get("/cases?at=2026-07-18T11:30:00Z").json()["rows"]
    assert case["clock"] is None or not case["clock"]["overdue"]
    assert person.get("/cases?at=2026-07-18T11:01:00Z").json()["rows"] == []
    again = person.get("/warnings?at=2026-07-18T11:06:00Z").json()["rows"]
    assert {row["state"] for row in again} == {"to_judge"}


def test_a_stream_tells_the_levels_that_rules_compare_it_with(person: Person, town: Town) -> None:
    page = person.get(f"/streams/{stream(town, 'W1', 'ponding')}").json()
    assert (page["number"], page["unit"], page["code"]) == (0.01, "m", "W1")
    told = {(one["rule"], one["word"], one["clears"]): one["value"] for one in page["thresholds"]}
    assert told["drainage.flooding", "above", False] == 0.15
    assert told["drainage.flooding", "below", True] < 0.15
    assert person.get("/streams/4711").status_code == 404


def test_warnings_of_a_span(person: Person) -> None:
    span = "start=2026-07-18T11:02:00Z&end=2026-07-18T11:30:00Z"
    assert person.get(f"/warnings?{span}").json()["rows"]
    assert person.get("/warnings?end=2026-07-18T11:01:00Z").json()["rows"] == []
