"""Retention: ordered by who serves, carried out by who packs, told by one record whatever breaks in between."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from hutong.app.archive_work import Retaining
from hutong.app.archiving import archive_now
from hutong.app.city import RunningCity, open_city
from hutong.app.clocks import SystemClock
from hutong.app.custody import verify_city
from hutong.app.retention import DailyRetention, order, retain_now
from hutong.kernel.base import DAY, HOUR, Label
from hutong.kernel.changes import Changes, Record
from hutong.kernel.observation import ObservationBatch
from hutong.kernel.ports import JournalRecord
from hutong.kernel.thing import Datastream, Thing
from hutong.loader.osm import build_city
from hutong.store.archive.thinning import Thinner

EXTRACT = Path(__file__).resolve().parents[1] / "loader" / "osm" / "village.osm"
RETENTION = """retention:
  - {rows_days: 60, least_days: 30, source: city rule}
  - {type: base.building, rows_days: 70, rollups_days: 80, source: city rule}
"""
HOURS = 90 * 24


class Town:
    """Ninety days of two streams, a row an hour: one of lane 1 at a building, one of lane 2 at nothing known."""

    def __init__(self, folder: Path, database: str | None) -> None:
        self.folder = folder
        self.database = database

    def open(self) -> RunningCity:
        return open_city(self.folder, SystemClock(), database=self.database)

    def fill(self) -> None:
        running = self.open()
        try:
            running.store.add_lane(2)
            (thing,) = running.store.new_ids(1)
            building = Thing(id=thing, type="base.building", code="b", name=Label("楼", "b"))
            now = running.clock.city_time()
            record = Record(kind="thing.add", actor=1, at=now, subjects=(("thing", thing),))
            running.store.apply(Changes(puts=(building,), records=(record,)))
            self.streams = [_observed(running, lane, thing if lane == 1 else 10**6) for lane in (1, 2)]
        finally:
            running.close()

    def left(self, running: RunningCity) -> list[int]:
        with running.store.reader() as reader:
            return [len(reader.observations(stream)) for stream in self.streams]

    def records(self, running: RunningCity) -> list[JournalRecord]:
        with running.store.reader() as reader:
            return [
                one
                for lane in (1, 2)
                for one in reader.journal(lane=lane, limit=10_000)
                if one.kind == "observation.retention"
            ]


def _observed(running: RunningCity, lane: int, thing: int) -> int:
    (id,) = running.store.new_stream_ids(1)
    now = running.clock.city_time()
    stream = Datastream(
        id=id, lane=lane, name="level", thing=thing, sensor=1, observed_property=1, property_code="level"
    )
    record = Record(kind="datastream.add", actor=1, at=now, subjects=(("datastream", id),))
    running.store.apply(Changes(lane=lane, puts=(stream,), records=(record,)))
    times = (now - np.arange(HOURS, 0, -1) * HOUR).astype(np.int64)
    values, good = np.arange(HOURS) / 10, np.zeros(HOURS, np.uint8)
    rows = ObservationBatch("test", np.full(HOURS, id), times, values, good)
    running.store.apply(Changes(lane=lane, batches=(rows,)))
    return id


@pytest.fixture(params=["sqlite", "postgresql"])
def town(request: pytest.FixtureRequest, tmp_path: Path) -> Town:
    folder = build_city("village", EXTRACT, "310101", tmp_path / "village").folder
    with (folder / "city.yaml").open("a", encoding="utf-8") as file:
        file.write(RETENTION)
    postgres = request.param == "postgresql"
    town = Town(folder, request.getfixturevalue("empty_postgres_url") if postgres else None)
    town.fill()
    return town


def test_rows_go_by_the_row_that_says_most_with_one_record_a_lane(town: Town) -> None:
    archive_now(town.folder, 30, town.database)
    first, second = retain_now(town.folder, town.database)
    assert retain_now(town.folder, town.database) == []
    assert (first.rows, second.rows) == (pytest.approx(30 * 24, abs=25), pytest.approx(20 * 24, abs=25))
    assert (second.type, second.hourly) == ("base.building", pytest.approx(10 * 24, abs=25))
    running = town.open()
    try:
        assert town.left(running) == [HOURS - second.rows, HOURS - first.rows]
        with running.store.reader() as reader:
            hourly = reader.rollups(np.array(town.streams), 0, running.clock.city_time(), HOUR)
        assert np.bincount(hourly.stream)[town.streams].tolist() == [HOURS - second.hourly, HOURS]
        records = town.records(running)
        assert [(one.lane, one.facts["rows"]) for one in records] == [(1, second.rows), (2, first.rows)]
    finally:
        running.close()
    assert verify_city(town.folder, town.database).sound


def test_a_crash_between_order_and_deletion_repeats_without_a_second_record(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(Thinner, "thin", _killed)
        with pytest.raises(KeyboardInterrupt):
            retain_now(town.folder, town.database)
    assert retain_now(town.folder, town.database) == []
    running = town.open()
    try:
        told = town.records(running)
        assert [HOURS - one.facts["rows"] for one in told] == town.left(running)
        with running.store.reader() as reader:
            assert reader.cursor("retention.due:*|*|*", 2) is None
    finally:
        running.close()


def _killed(*_: object) -> int:
    raise KeyboardInterrupt


def test_a_served_city_orders_once_a_day_and_its_packing_process_deletes(town: Town) -> None:
    running = open_city(town.folder, SystemClock(), database=town.database, apart=True)
    daily = DailyRetention(running)
    try:
        daily.start()
        until = time.monotonic() + 60
        while town.left(running)[1] == HOURS and time.monotonic() < until:
            time.sleep(0.2)
        daily.close()
        assert daily.look() == []
        first, second = town.records(running)
        while HOURS - first.facts["rows"] != town.left(running)[0] and time.monotonic() < until:
            time.sleep(0.2)
        assert town.left(running) == [HOURS - first.facts["rows"], HOURS - second.facts["rows"]]
        assert order(running) == []
    finally:
        running.close()


def test_late_rows_that_came_after_an_order_go_with_the_next(town: Town) -> None:
    retain_now(town.folder, town.database)
    running = town.open()
    try:
        old = ObservationBatch(
            "late", np.array(town.streams[1:]), np.array([DAY]), np.ones(1), np.zeros(1, np.uint8)
        )
        running.store.apply(Changes(lane=2, batches=(old,)))
        (told,) = order(running)
        assert (told.rows, order(running)) == (1, [])
        running.packing.close()
        packer = running.store.packers()[1]
        assert packer.take_lease()
        assert Retaining(packer, town.folder, "Asia/Shanghai").step()
        packer.leave_lease()
        with running.store.reader() as reader:
            assert reader.observed(np.array(town.streams), None, 2 * DAY) == 0
    finally:
        running.close()
