"""What the model test does not reach: optional columns, errors, interruptions, other threads and processes."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import pytest

from hutong.kernel.base import HOUR, MINUTE, SECOND
from hutong.kernel.clock import FixedClock
from hutong.kernel.errors import Invalid, NotFound
from hutong.kernel.observation import ObservationBatch, batch
from hutong.store.observations import Observations, Packer, SameTimeCode, merge, pack, segments
from hutong.store.observations.cache import BoundedCache
from hutong.store.transaction import Database, Tx

START = 1_767_225_600_000_000
LANE = 1


def observations(code: SameTimeCode = SameTimeCode.KEEP_ALL) -> Observations:
    return Observations(lambda tx, lane, streams: np.full(len(streams), code, np.uint8))


def put(database: Database, store: Observations, rows: ObservationBatch) -> list[int]:
    with database.write() as tx:
        stored = store.append(tx, LANE, rows)
        store.flush(tx, LANE, START)
    assert stored.sequence is not None
    return (stored.stream << 32 | stored.sequence).tolist()


def packed(database: Database, store: Observations) -> None:
    packer = Packer(database, LANE, FixedClock(START), store)
    while packer.step(all_of_it=True):
        pass
    packer.leave_lease()


def test_optional_columns_survive_packing_and_amending(database: Database) -> None:
    store = observations()
    rows = ObservationBatch(
        "form",
        stream=np.array([9, 4, 9]),
        time=START + np.array([2, 1, 0]) * MINUTE,
        number=np.array([np.nan, 7.5, np.nan]),
        quality=np.zeros(3, np.uint8),
        end_time=np.array([-1, START + HOUR, -1]),
        result_time=np.array([START, -1, START + SECOND]),
        feature=np.array([0, 0, 77]),
        texts={0: "积水"},
        documents={2: {"cover": "missing", "photos": [1, 2]}},
        parameters={1: {"method": "manual"}},
    )
    put(database, store, rows)
    for _ in range(2):
        with database.read() as tx:
            nine = store.observations(tx, LANE, 9)
            four = store.observations(tx, LANE, 4)
        assert nine.texts == {1: "积水"}
        assert nine.documents == {0: {"cover": "missing", "photos": [1, 2]}}
        assert nine.result_time is not None
        assert nine.result_time.tolist() == [START + SECOND, START]
        assert nine.feature is not None
        assert nine.feature.tolist() == [77, 0]
        assert four.end_time is not None
        assert four.end_time.tolist() == [START + HOUR]
        assert four.parameters == {0: {"method": "manual"}}
        packed(database, store)
    text = ObservationBatch(
        "form", np.array([4]), np.array([START]), np.array([np.nan]), np.zeros(1, np.uint8), texts={0: "x"}
    )
    with database.write() as tx:
        store.amend(tx, LANE, 4 << 32 | 1, text, START)
    with database.read() as tx:
        assert store.get(tx, LANE, 4 << 32 | 1).texts == {0: "x"}


def test_a_stream_that_cannot_be_one_is_refused(database: Database) -> None:
    with pytest.raises(Invalid) as refusal:
        put(database, observations(), batch("test", [1, -4], [START, START], [1, 2]))
    assert "row 1" in refusal.value.reason


def test_what_is_not_there_cannot_be_amended(database: Database) -> None:
    store = observations()
    (id_,) = put(database, store, batch("test", [5], [START], [1.0]))
    with database.write() as tx:
        store.amend(tx, LANE, id_, None, START)
    with pytest.raises(NotFound), database.write() as tx:
        store.amend(tx, LANE, id_, None, START)
    (id_,) = put(database, store, batch("test", [5], [START], [2.0]))
    with pytest.raises(Invalid), database.write() as tx:
        store.amend(tx, LANE, id_, batch("test", [6], [START], [2.0]), START)


def test_keep_first_gives_a_repeat_the_first_id(database: Database) -> None:
    store = observations(SameTimeCode.KEEP_FIRST)
    rows = batch("hj212", [5, 6, 5], [START, START, START + MINUTE], [1.0, 2.0, 3.0])
    first = put(database, store, rows)
    packed(database, store)
    assert put(database, store, rows) == first
    assert put(database, observations(SameTimeCode.KEEP_FIRST), rows) == first
    with database.read() as tx:
        assert len(store.observations(tx, LANE, 5)) == 2


class Interrupted(Exception):
    pass


class Fragile:
    """A database whose n-th writing transaction fails at its end, as if the process were killed there."""

    def __init__(self, database: Database, writes: int) -> None:
        self.dialect = database.dialect
        self._database = database
        self._left = writes

    @contextmanager
    def write(self) -> Iterator[Tx]:
        self._left -= 1
        with self._database.write() as tx:
            yield tx
            if self._left < 0:
                raise Interrupted

    def read(self) -> object:
        return self._database.read()


def test_an_interrupted_packer_leaves_nothing_wrong(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segments, "SEGMENT_ROWS", 64)
    monkeypatch.setattr(pack, "PACK_ROWS", 400)
    monkeypatch.setattr(merge, "SLICE_ROWS", 300)
    monkeypatch.setattr(merge, "FAN_IN", 2)
    store, clock = observations(), FixedClock(START)
    for turn in range(12):
        rows = np.arange(turn * 200, turn * 200 + 200)
        put(database, store, batch("test", rows % 20 + 1, START + rows * SECOND, rows))
        clock.recorded += 2 * MINUTE
        packer = Packer(Fragile(database, turn % 6), LANE, clock, store)  # type: ignore[arg-type]
        with suppress(Interrupted):
            while packer.step(all_of_it=True):
                pass
        with database.read() as tx:
            count = sum(len(store.observations(tx, LANE, stream)) for stream in range(1, 21))
            found = store.rollups(tx, LANE, np.arange(1, 21), START, START + HOUR, HOUR)
        assert count == (turn + 1) * 200
        assert int(found.n.sum()) == count
        assert float(found.sum.sum()) == float(np.arange(count).sum())
    clock.recorded += 2 * MINUTE
    last = Packer(database, LANE, clock, store)
    while last.step(all_of_it=True):
        pass
    with database.read() as tx:
        listed = {row[0] for row in tx.rows("SELECT run FROM observation_run")}
        stored = {row[0] for row in tx.rows("SELECT DISTINCT run FROM observation_segment")}
        assert listed == stored
        assert store.backlog(tx, LANE) == 0


def test_one_packer_works_at_a_time(database: Database) -> None:
    store, clock = observations(), FixedClock(START)
    put(database, store, batch("test", [1], [START], [1.0]))
    first, second = (Packer(database, LANE, clock, store) for _ in range(2))
    assert first.step(all_of_it=True)
    put(database, store, batch("test", [1], [START], [2.0]))
    assert not second.step(all_of_it=True)
    clock.recorded += 2 * MINUTE
    assert second.step(all_of_it=True)
    put(database, store, batch("test", [1], [START], [3.0]))
    assert not first.step(all_of_it=True)


class Flaky(Fragile):
    """The first writing transactions fail, then the database is back."""

    @contextmanager
    def write(self) -> Iterator[Tx]:
        self._left -= 1
        with self._database.write() as tx:
            yield tx
            if self._left >= 0:
                raise Interrupted


def test_a_packer_tries_again_when_the_database_was_gone(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hutong.store.observations.packer.IDLE_SECONDS", 0.001)
    monkeypatch.setattr(pack, "PACK_ROWS", 1)
    store = observations()
    put(database, store, batch("test", [1], [START], [1.0]))
    packer = Packer(Flaky(database, 2), LANE, FixedClock(START), store)  # type: ignore[arg-type]
    worker = threading.Thread(target=packer.run)
    worker.start()
    left = 1
    for _ in range(500):
        with database.read() as tx:
            left = store.backlog(tx, LANE)
        if not left:
            break
        threading.Event().wait(0.01)
    packer.stop.set()
    worker.join()
    assert left == 0


def test_readers_see_every_row_once_while_the_packer_works(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pack, "PACK_ROWS", 2_000)
    monkeypatch.setattr(merge, "FAN_IN", 3)
    monkeypatch.setattr("hutong.store.observations.packer.IDLE_SECONDS", 0.001)
    store = observations()
    packer = Packer(database, LANE, FixedClock(START), store)
    worker = threading.Thread(target=packer.run)
    worker.start()
    try:
        for turn in range(60):
            rows = np.arange(turn * 500, turn * 500 + 500)
            put(database, store, batch("test", rows % 10 + 1, START + rows * SECOND, rows))
            with database.read() as tx:
                found = store.rollups(tx, LANE, np.arange(1, 11), START, START + 20 * HOUR, HOUR)
                latest = store.latest(tx, LANE, np.array([10]))
            assert int(found.n.sum()) == (turn + 1) * 500
            assert latest.number.tolist() == [float(turn * 500 + 499)]
    finally:
        packer.stop.set()
        worker.join()


def test_several_processes_share_a_lane(
    open_database: Callable[[str], Database], empty_postgres_url: str
) -> None:
    database = open_database("postgresql")
    script = Path(__file__).with_name("writer_process.py")
    workers = [
        subprocess.Popen([sys.executable, script, empty_postgres_url, str(worker)]) for worker in range(4)
    ]
    assert [worker.wait(60) for worker in workers] == [0] * 4
    store = observations()
    with database.read() as tx:
        for stream in (1, 2):
            rows = store.observations(tx, LANE, stream)
            assert rows.sequence is not None
            assert sorted(rows.sequence.tolist()) == list(range(1, 601))
            assert len(np.unique(rows.time)) == 600


def test_the_cache_stays_within_its_limit() -> None:
    cache: BoundedCache[bytes] = BoundedCache(1_000)
    for key in range(100):
        assert cache.get(key, lambda: b"x" * 90, len) == b"x" * 90
    assert cache.held <= 1_000
    assert cache.get(99, lambda: b"new", len) != b"new"
    assert cache.get(0, lambda: b"new", len) == b"new"
