"""`hutong import observations`: long and wide tables, time zones, units, refusals, and going on after a break."""

from __future__ import annotations

import csv
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import uvicorn
from pyarrow import parquet
from tests.api.town import PASSWORD, START, Town, found_town

from hutong.api.application import create_app
from hutong.app.importing import run, tables
from hutong.app.importing.keeping import Opened, arrays
from hutong.app.importing.layout import Layout
from hutong.app.importing.run import Done, Wanted, import_files
from hutong.kernel.base import DAY, HOUR, MINUTE, Instant
from hutong.kernel.case import Warning
from hutong.kernel.changes import Changes
from hutong.kernel.clock import instant, iso
from hutong.kernel.errors import Invalid, NotFound, Unauthenticated, Unavailable
from hutong.kernel.observation import ObservationBatch, Outcome, Quality
from hutong.kernel.query import equals
from hutong.kernel.thing import Datastream

LONG = "thing,property,time,value\n"


class Home:
    """A city that an import opens, and that the test looks into afterwards."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.store, self.intake, self.rulebook, self.clock = (
            town.store, town.intake, town.rulebook, town.clock,
        )  # fmt: skip

    @property
    def city(self) -> Any:
        return self.town.rulebook.city

    def close(self) -> None:
        """The test closes it."""

    def stream(self, thing: str, name: str) -> int:
        with self.store.reader() as reader:
            found = reader.find(Datastream, equals("thing", self.town.thing(thing)), limit=50).rows
        return next(one.id for one in found if one.property_code == name)

    def rows(self, stream: int) -> ObservationBatch:
        with self.store.reader() as reader:
            return reader.observations(stream, limit=100_000)

    def results(self, thing: str, name: str) -> list[float]:
        return self.rows(self.stream(thing, name)).number.tolist()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    town = found_town(tmp_path / "city")
    (tmp_path / "city" / "city.yaml").write_text("", "utf-8")
    made = Home(town)
    monkeypatch.setattr(run, "open_city", lambda *_, **__: made)
    yield made
    town.close()


def imported(tmp_path: Path, content: str | bytes, name: str = "rows.csv", **more: Any) -> Done:
    file = tmp_path / name
    if isinstance(content, str):
        content = content.encode()
    file.write_bytes(content)
    (done,) = import_files(Wanted((file,), tmp_path / "city", **more), lambda _: lambda share, rows: None)
    return done


def mapped(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "map.yaml"
    path.write_text(text, "utf-8")
    return path


def shanghai(text: str) -> Instant:
    return instant(datetime.fromisoformat(f"{text}+08:00"))


def test_long_tables_in_local_time(home: Home, tmp_path: Path) -> None:
    done = imported(
        tmp_path,
        LONG
        + "W1,drainage.ponding,2026-07-18 08:00:00,0.01\n"
        + "W1,ponding,2026-07-18T00:01:00Z,0.02\n"
        + "W2,drainage.ponding,2026-07-18T08:02:00+08:00,0.03\n",
    )
    assert (done.rows, done.kept, done.refused) == (3, 3, 0)
    rows = home.rows(home.stream("W1", "drainage.ponding"))
    assert rows.number.tolist() == [0.01, 0.02]
    assert rows.time.tolist() == [shanghai("2026-07-18 08:00:00"), shanghai("2026-07-18 08:01:00")]
    assert home.results("W2", "drainage.ponding") == [0.03]


def test_refusals_say_row_column_and_reason(home: Home, tmp_path: Path) -> None:
    done = imported(
        tmp_path,
        LONG
        + "W9,drainage.ponding,2026-07-18 08:00:00,0.01\n"
        + "W1,drainage.colour,2026-07-18 08:00:00,0.01\n"
        + "W1,drainage.ponding,yesterday,0.01\n"
        + "W1,drainage.ponding,2026-07-18 08:00:00,wet\n"
        + "W1,drainage.ponding,2026-07-18 08:01:00,\n"
        + "W1,drainage.ponding,2096-07-18 08:01:00,1\n"
        + "W1,drainage.ponding,2026-07-18 08:02:00,0.07\n",
    )
    assert (done.rows, done.kept, done.refused) == (7, 1, 6)
    with done.refusals.open(encoding="utf-8-sig", newline="") as file:
        told = list(csv.DictReader(file))
    assert [(int(one["row"]), one["column"]) for one in told] == [
        (1, "thing"), (2, "thing"), (3, "time"), (4, "value"), (5, "value"), (6, "value"),
    ]  # fmt: skip
    assert "has no datastream of 'drainage.colour'" in told[1]["reason"]
    assert "ahead of the city's clock" in told[5]["reason"]


def test_wide_tables_with_units_and_a_format(home: Home, tmp_path: Path) -> None:
    layout = mapped(
        tmp_path,
        'time: 时间\ntime_format: "%Y%m%d%H%M"\nencoding: gb18030\ncolumns:\n'
        "  一号: {thing: W1, property: drainage.ponding, unit: cm}\n"
        "  二号: {thing: W2, property: drainage.ponding}\n",
    )
    table = "时间,一号,二号,备注\n202607180800,12,0.5,雨\n202607180801,-,0.25,\n"
    done = imported(tmp_path, table.encode("gb18030"), map=layout)
    assert (done.rows, done.kept, done.refused) == (2, 3, 0)
    assert home.results("W1", "drainage.ponding") == pytest.approx([0.12])
    assert home.results("W2", "drainage.ponding") == [0.5, 0.25]


def test_parquet_with_zoned_times_and_quality(home: Home, tmp_path: Path) -> None:
    table = pa.table(
        {
            "id": [home.stream("W1", "drainage.ponding")] * 3,
            "at": pa.array([START - HOUR, START - HOUR + MINUTE, START - HOUR + 2 * MINUTE]).cast(
                pa.timestamp("us", tz="UTC")
            ),
            "v": [0.1, None, 0.3],
            "q": ["GOOD", "GOOD", "suspect"],
        }
    )
    parquet.write_table(table, tmp_path / "made.parquet")
    layout = mapped(tmp_path, "datastream: id\ntime: at\nvalue: v\nquality: q\n")
    done = imported(tmp_path, (tmp_path / "made.parquet").read_bytes(), "rows.parquet", map=layout)
    assert (done.rows, done.kept, done.refused) == (3, 2, 1)
    rows = home.rows(home.stream("W1", "drainage.ponding"))
    assert rows.quality.tolist() == [Quality.GOOD, Quality.SUSPECT]


def flood(minutes: int) -> str:
    """A gauge far above its limit; no rule can overlook it."""
    rows = (f"W1,drainage.ponding,{iso(START - DAY + n * MINUTE)},0.9\n" for n in range(minutes))
    return LONG + "".join(rows)


@pytest.mark.parametrize("rules", [True, False])
def test_rules_judge_unless_told_not_to(home: Home, tmp_path: Path, rules: bool) -> None:
    imported(tmp_path, flood(10), rules=rules)
    with home.store.reader() as reader:
        raised = {one.rule for one in reader.find(Warning, limit=10).rows}
    assert raised == ({"drainage.flooding", "drainage.impassable"} if rules else set())
    assert len(home.results("W1", "drainage.ponding")) == 10


@pytest.mark.parametrize("rules", [True, False])
def test_a_broken_import_goes_on_where_it_stopped(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rules: bool
) -> None:
    monkeypatch.setattr(tables, "BLOCK", 100)
    lines = [f"W1,drainage.ponding,{iso(START - DAY + n * MINUTE)},{n / 10_000}" for n in range(1000)]
    lines[130] = "W1,drainage.ponding,never,1"
    lines[730] = "W1,drainage.ponding,never,1"
    content = LONG + "\n".join(lines) + "\n"
    keep, calls = Opened.keep, 0

    def breaking(self: Opened, batch: ObservationBatch, name: str, place: int) -> Future[Outcome]:
        nonlocal calls
        calls += 1
        if calls == 6:
            raise KeyboardInterrupt
        return keep(self, batch, name, place)

    monkeypatch.setattr(Opened, "keep", breaking)
    with pytest.raises(KeyboardInterrupt):
        imported(tmp_path, content, rules=rules)
    home.intake.tick().result()
    home.store.apply(Changes())
    monkeypatch.setattr(Opened, "keep", keep)
    done = imported(tmp_path, content, rules=rules)
    assert done.skipped == 500
    assert home.results("W1", "drainage.ponding") == [n / 10_000 for n in range(1000) if n not in (130, 730)]
    with done.refusals.open(encoding="utf-8-sig", newline="") as file:
        assert [row[0] for row in csv.reader(file)] == ["row", "131", "731"]
    again = imported(tmp_path, content, rules=rules)
    assert (again.skipped, again.rows, again.kept) == (1000, 0, 0)
    assert len(home.results("W1", "drainage.ponding")) == 998


def test_one_datastream(home: Home, tmp_path: Path) -> None:
    layout = mapped(tmp_path, "time: t\nvalue: v\ntime_format: s\n")
    content = f"t,v\n{START // 1_000_000 - 60},0.5\n"
    imported(tmp_path, content, map=layout, stream="W3/drainage.ponding")
    assert home.results("W3", "drainage.ponding") == [0.5]
    assert home.rows(home.stream("W3", "drainage.ponding")).time.tolist() == [START - MINUTE]


def test_what_cannot_be_imported_is_said(home: Home, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"rows\.csv.*thing"):
        imported(tmp_path, "a,b\n1,2\n")
    with pytest.raises(NotFound, match="no datastream of 'colour'"):
        imported(tmp_path, LONG, stream="W1/colour")
    with pytest.raises(NotFound, match="no file"):
        import_files(Wanted((tmp_path / "none.csv",), tmp_path / "city"), lambda _: lambda *_: None)
    with pytest.raises(Invalid, match="zone"):
        imported(tmp_path, LONG, map=mapped(tmp_path, "zone: Mars/Olympus\n"))
    assert home.results("W1", "drainage.ponding") == []


def test_without_pyarrow_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "needed", lambda: run_needed(None))
    from hutong.app.importing.arrow import needed as run_needed

    with pytest.raises(Unavailable, match="pip install pyarrow"):
        import_files(Wanted((), Path("nowhere")), lambda _: lambda *_: None)


def test_layouts_name_the_columns_they_need() -> None:
    assert Layout().needed() == ["thing", "property", "time", "value"]
    assert Layout().needed(one_stream=True) == ["time", "value"]
    assert Layout(datastream="id", quality="q").needed() == ["id", "time", "value", "q"]


@pytest.fixture
def served(home: Home) -> Iterator[str]:
    """The city on a port of its own."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(create_app(home.town.context), log_level="warning", lifespan="on"))
    thread = threading.Thread(target=lambda: server.run(sockets=[listening]), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(timeout=20)


CITY = """name: tiny
label: {zh: 小城, en: Tiny}
division: "310101"
packs: [base, urban, drainage]
box: [121.40, 31.20, 121.42, 31.22]
source: test
licence: CC0-1.0
"""


def test_a_running_city_is_sent_the_rows(home: Home, served: str, tmp_path: Path) -> None:
    (tmp_path / "city" / "city.yaml").write_text(CITY, "utf-8")
    content = (
        LONG
        + "W1,drainage.ponding,2026-07-18 08:00:00,0.01\n"
        + "W1,drainage.ponding,2096-07-18 08:00:00,0.5\n"
        + "W2,ponding,2026-07-18T00:01:00Z,0.02\n"
    )
    sent = {"server": served, "login": "xitong", "password": PASSWORD}
    done = imported(tmp_path, content, **sent)
    assert (done.rows, done.kept, done.refused) == (3, 2, 1)
    with done.refusals.open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file))[1][:2] == ["2", "value"]
    assert home.results("W1", "drainage.ponding") == [0.01]
    again = imported(tmp_path, content, **sent)
    assert (again.skipped, again.kept) == (3, 0)
    (tmp_path / ".hutong-import.json").unlink()
    imported(tmp_path, content, **sent)
    assert home.results("W1", "drainage.ponding") == [0.01]
    assert home.results("W2", "drainage.ponding") == [0.02]
    with pytest.raises(Unauthenticated):
        imported(tmp_path, content, **{**sent, "password": "wrong"})


def test_arrays_keep_track_of_rows() -> None:
    none = np.zeros(3, np.uint8)
    batch = ObservationBatch(
        "import", np.array([7, 5, 7]), np.array([0, 1_000_000, 2]), np.array([1.0, 2.0, 3.0]), none
    )
    body, order = arrays(batch)
    assert order.tolist() == [1, 0, 2]
    assert b'["1970-01-01T00:00:01.000000Z",2.0]' in body
    assert body.count(b'"Datastream"') == 2
