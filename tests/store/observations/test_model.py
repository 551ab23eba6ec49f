"""Random work on the store and on the model; every read must agree, before and after packing, merging and folding."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from hutong.kernel.base import HOUR, MINUTE
from hutong.kernel.clock import FixedClock
from hutong.kernel.errors import NotFound
from hutong.kernel.observation import ObservationBatch, Quality
from hutong.store.archive import ArchiveFiles, days, sealing
from hutong.store.archive.sealing import Sealer
from hutong.store.observations import Observations, Packer, lease, merge, pack, segments
from hutong.store.transaction import Database

LANE = 3
START = 1_767_225_600_000_000
STREAMS = [5, 6, 7, 900, 70_000, 2_000_001]
SAME_TIME = {5: 0, 6: 1, 7: 2, 900: 1, 70_000: 2, 2_000_001: 0}


class Kept(msgspec.Struct):
    stream: int
    sequence: int
    time: int
    number: float
    quality: int = 0
    text: str | None = None


class Model:
    """The observation store as a list: every answer by looking at all rows."""

    def __init__(self, same_time: dict[int, int]) -> None:
        self.same_time = same_time
        self.rows: list[Kept] = []
        self.next: dict[int, int] = {}

    def append(self, row: Kept) -> int:
        """The sequence the row gets, by same_time (0 keep all, 1 keep the first, 2 replace)."""
        mode = self.same_time.get(row.stream, 0)
        same = [kept for kept in self.of(row.stream) if kept.time == row.time]
        if mode == 1 and same:
            return same[0].sequence
        if mode == 2 and same:
            same[-1].number, same[-1].quality, same[-1].text = row.number, row.quality, row.text
            return same[-1].sequence
        row.sequence = self.next.get(row.stream, 1)
        self.next[row.stream] = row.sequence + 1
        self.rows.append(row)
        return row.sequence

    def of(self, stream: int) -> list[Kept]:
        found = [row for row in self.rows if row.stream == stream]
        return sorted(found, key=lambda row: (row.time, row.sequence))

    def find(self, stream: int, sequence: int) -> Kept | None:
        found = [row for row in self.rows if (row.stream, row.sequence) == (stream, sequence)]
        return found[0] if found else None

    def latest(self, stream: int) -> Kept | None:
        rows = self.of(stream)
        return rows[-1] if rows else None

    def rollups(self, streams: list[int], start: int, end: int, window: int) -> dict[tuple[int, int], Any]:
        groups: dict[tuple[int, int], list[float]] = {}
        for stream in sorted(set(streams)):
            for row in self.of(stream):
                if start <= row.time < end and not math.isnan(row.number) and row.quality < Quality.SUSPECT:
                    groups.setdefault((stream, row.time // window * window), []).append(row.number)
        return {
            key: (len(numbers), math.fsum(numbers), min(numbers), max(numbers), numbers[0], numbers[-1])
            for key, numbers in groups.items()
        }


class Pair:
    """The store and the model, given the same work."""

    def __init__(self, database: Database, seed: int, archive: Path | None = None) -> None:
        self.database = database
        self.archive = archive or Path("no archive")
        self.random = np.random.default_rng(seed)
        self.model = Model(SAME_TIME)
        self.now = START
        self.clock = FixedClock(START)
        self.reopen()

    def reopen(self) -> None:
        """As after a restart: nothing in memory."""
        self.files = ArchiveFiles(self.archive)
        self.store = Observations(
            lambda tx, lane, streams: np.array([SAME_TIME[int(one)] for one in streams], np.uint8), self.files
        )
        self.clock.recorded += 2 * lease.LEASE
        self.packer = Packer(self.database, LANE, self.clock, self.store)

    def batch(self, size: int) -> tuple[ObservationBatch, list[Kept]]:
        """Rows somewhat in order, with repeats, far outliers, gaps, NaN, text and quality."""
        random = self.random
        self.now += int(random.integers(1, 40)) * MINUTE
        late = np.where(random.random(size) < 0.3, random.integers(0, 300, size), random.integers(0, 3, size))
        late = np.where(random.random(size) < 0.02, random.integers(0, 100_000, size), late)
        times = self.now - late * MINUTE
        streams = random.choice(STREAMS, size)
        numbers = np.where(random.random(size) < 0.1, np.nan, np.round(random.normal(size=size) * 10, 1))
        if random.random() < 0.3:
            numbers = numbers / 3
        quality = random.choice([0, 0, 0, 1, 17], size).astype(np.uint8)
        texts = {at: f"text {at}" for at in range(size) if math.isnan(numbers[at]) and random.random() < 0.5}
        batch = ObservationBatch("test", streams, times, numbers, quality, texts=texts)
        rows = zip(streams.tolist(), times.tolist(), numbers.tolist(), quality.tolist(), strict=True)
        kept = [Kept(one[0], 0, one[1], one[2], one[3], texts.get(at)) for at, one in enumerate(rows)]
        return batch, kept

    def append(self, batches: int) -> None:
        with self.database.write() as tx:
            for _ in range(batches):
                batch, rows = self.batch(int(self.random.integers(0, 60)))
                stored = self.store.append(tx, LANE, batch)
                assert stored.sequence is not None
                assert stored.sequence.tolist() == [self.model.append(row) for row in rows]
            self.store.flush(tx, LANE, START)

    def undone(self) -> None:
        """A transaction that fails leaves nothing."""
        with pytest.raises(ZeroDivisionError):
            self.fail()

    def fail(self) -> None:
        with self.database.write() as tx:
            self.store.append(tx, LANE, self.batch(20)[0])
            if self.random.random() < 0.5:
                self.store.flush(tx, LANE, START)
            raise ZeroDivisionError

    def amend(self) -> None:
        if not self.model.rows:
            return
        row = self.model.rows[int(self.random.integers(len(self.model.rows)))]
        id = row.stream << 32 | row.sequence
        with self.database.write() as tx:
            if self.random.random() < 0.4:
                self.store.amend(tx, LANE, id, None, START)
                self.model.rows.remove(row)
                return
            row.time += int(self.random.integers(-90, 90)) * MINUTE
            row.number, row.text = float(self.random.normal()), None
            row.quality = int(self.random.choice([0, 1, 17]))
            columns = ([row.stream], [row.time], [row.number], [row.quality])
            types = (np.int64, np.int64, np.float64, np.uint8)
            arrays = [np.array(column, kind) for column, kind in zip(columns, types, strict=True)]
            self.store.amend(tx, LANE, id, ObservationBatch("test", *arrays), START)

    def pack(self) -> None:
        while self.packer.step(all_of_it=True):
            pass

    def seal(self) -> None:
        """Days that ended long enough ago become files."""
        self.packer.step()
        sealer = Sealer(self.packer, self.database, LANE, self.store, self.files, "Asia/Shanghai")
        before = self.now - int(self.random.integers(0, 72)) * HOUR
        for _ in range(3):
            sealer.seal(before)

    def compare(self) -> None:
        self.compare_rows()
        self.compare_latest()
        self.compare_rollups()
        self.compare_latest_at()

    def compare_rows(self) -> None:
        for stream in STREAMS:
            expected = self.model.of(stream)
            assert self.read(stream, limit=10**9) == [told(row) for row in expected]
            start, end = sorted(self.random.integers(START, self.now + 1, 2).tolist())
            inside = [told(row) for row in expected if start <= row.time < end]
            limit = int(self.random.integers(1, 30))
            assert self.read(stream, start, end, limit=limit) == inside[:limit]
            assert self.read(stream, start, end, limit=limit, descending=True) == inside[::-1][:limit]
            self.compare_one(stream)

    def compare_one(self, stream: int) -> None:
        sequence = int(self.random.integers(1, self.model.next.get(stream, 1) + 1))
        expected = self.model.find(stream, sequence)
        with self.database.read() as tx:
            if expected is None:
                with pytest.raises(NotFound):
                    self.store.get(tx, LANE, stream << 32 | sequence)
            else:
                assert rows_of(self.store.get(tx, LANE, stream << 32 | sequence)) == [told(expected)]

    def read(self, stream: int, *range_: int, limit: int, descending: bool = False) -> list[object]:
        with self.database.read() as tx:
            batch = self.store.observations(tx, LANE, stream, *range_, limit=limit, descending=descending)
        return rows_of(batch)

    def compare_latest(self) -> None:
        with self.database.read() as tx:
            latest = self.store.latest(tx, LANE, np.array([*STREAMS[::-1], 12, 10**15]))
        found = zip(latest.stream.tolist(), latest.time.tolist(), latest.number.tolist(), strict=True)
        newest = [self.model.latest(stream) for stream in STREAMS[::-1]]
        expected = [(row.stream, row.time, row.number) for row in newest if row is not None]
        assert str(list(found)) == str(expected)

    def compare_latest_at(self) -> None:
        for at in self.random.integers(START - 50 * HOUR, self.now + HOUR, 3).tolist():
            with self.database.read() as tx:
                latest = self.store.latest_at(tx, LANE, np.array(STREAMS), at)
            found = zip(latest.stream.tolist(), latest.time.tolist(), latest.number.tolist(), strict=True)
            past = [[row for row in self.model.of(stream) if row.time <= at] for stream in STREAMS]
            newest = [rows[-1] for rows in past if rows]
            assert str(list(found)) == str([(row.stream, row.time, row.number) for row in newest])

    def compare_rollups(self) -> None:
        start, end = sorted(self.random.integers(START - HOUR, self.now + HOUR, 2).tolist())
        for window in (HOUR, 24 * HOUR, 10 * MINUTE, 7 * MINUTE):
            for first, last in ((start, end), (START - 100_000 * MINUTE, self.now + HOUR)):
                with self.database.read() as tx:
                    found = self.store.rollups(tx, LANE, np.array(STREAMS), first, last, window)
                expected = self.model.rollups(STREAMS, first, last, window)
                keys = zip(found.stream.tolist(), found.start.tolist(), strict=True)
                assert list(keys) == sorted(expected)
                columns = np.array([found.n, found.sum, found.min, found.max, found.first, found.last]).T
                values = np.array([expected[key] for key in sorted(expected)]).reshape(-1, 6)
                np.testing.assert_allclose(columns, values, rtol=1e-9, atol=1e-9)


def told(row: Kept) -> object:
    """Comparable also where the number is NaN."""
    return (row.stream, row.sequence, row.time, repr(row.number), row.quality, row.text)


def rows_of(batch: ObservationBatch) -> list[object]:
    assert batch.sequence is not None
    columns = (batch.stream, batch.sequence, batch.time, batch.number, batch.quality)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return [(a, b, c, repr(d), e, batch.texts.get(at)) for at, (a, b, c, d, e) in enumerate(rows)]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sizes at which a few hundred rows make many segments, runs and merges."""
    monkeypatch.setattr(segments, "SEGMENT_ROWS", 32)
    monkeypatch.setattr(pack, "PACK_ROWS", 150)
    monkeypatch.setattr(merge, "FAN_IN", 3)
    monkeypatch.setattr(merge, "SLICE_ROWS", 60)
    monkeypatch.setattr(merge, "FOLD_AT", 15)


def work(pair: Pair, steps: int, *further: Callable[[Pair], None]) -> None:
    actions: list[Callable[[], None]] = [
        *[lambda: pair.append(int(pair.random.integers(1, 5)))] * 5,
        *[pair.amend] * 3,
        *[pair.pack, pair.undone, pair.reopen, lambda: pair.packer.step() and None],
        *[functools.partial(act, pair) for act in further],
    ]
    for _ in range(steps):
        actions[int(pair.random.integers(len(actions)))]()
        if pair.random.random() < 0.2:
            pair.compare()
    pair.compare()
    pair.pack()
    pair.compare()
    pair.reopen()
    pair.compare()


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.usefixtures("small")
def test_every_read_agrees_with_the_model(open_database: Callable[[str], Database], seed: int) -> None:
    work(Pair(open_database("sqlite"), seed), steps=60)


@pytest.mark.parametrize("seed", range(100, 103))
@pytest.mark.usefixtures("small")
def test_the_same_on_postgresql(open_database: Callable[[str], Database], seed: int) -> None:
    work(Pair(open_database("postgresql"), seed), steps=60)


@pytest.mark.parametrize(
    ("kind", "seed"), [*(("sqlite", seed) for seed in range(200, 206)), ("postgresql", 206)]
)
@pytest.mark.usefixtures("small")
def test_reads_reach_archived_days_alike(
    open_database: Callable[[str], Database],
    kind: str,
    seed: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(days, "GROUP_ROWS", 40)
    monkeypatch.setattr(sealing, "FILES_A_DAY", 3)
    monkeypatch.setattr(sealing, "DAYS_AT_ONCE", 5)
    pair = Pair(open_database(kind), seed, tmp_path / "archive")
    work(pair, 60, Pair.seal, Pair.seal)
    assert list((tmp_path / "archive").rglob("part-*.parquet"))
    assert not list((tmp_path / "archive").rglob("*.draft"))
