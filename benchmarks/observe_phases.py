"""The phases of benchmarks/observe.py: through the intake, straight into the tables, and into one plain table."""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections import Counter, deque
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import msgspec
import numpy as np
from benchmarks.storm_feed import Feed, things

from hutong.app.building import copy_city
from hutong.app.city import open_city
from hutong.app.demo import shipped_city
from hutong.app.packing import Packing
from hutong.app.seeding import Seeder
from hutong.engine.directory import everything
from hutong.kernel.base import SECOND
from hutong.kernel.case import Case, Warning
from hutong.kernel.clock import FixedClock
from hutong.kernel.observation import ObservationBatch, Outcome
from hutong.kernel.thing import Datastream
from hutong.loader.city import load_city
from hutong.store import CityStore, open_store
from hutong.store.transaction import Tx

START = 1_784_000_000 * SECOND
TICK_SECONDS = 1.0
TABLE = "plain_observation"
MOST_BACKLOG = 4_000_000
"""Rows not packed at which the append peer waits: `observe` must not let them grow, so its peer must not either."""


class BenchClock(FixedClock):
    """City time as the feed moves it; recorded time is real, for the packer goes by it."""

    def recorded_at(self) -> int:
        return time.time_ns() // 1000


def made_city(folder: Path, url: str | None) -> None:
    """The shipped city's settings and people, and the benchmark's things instead of the map."""
    copy_city(shipped_city(), folder)
    city, _ = load_city(folder)
    store = open_store(url or folder, clock=BenchClock(START), folder=folder)
    try:
        seeder = Seeder(store, city, START)
        seeder.parties("benchmark")
        seeder.observed_properties()
        rows = things()
        seeder.furnish(rows, [None] * len(rows))
    finally:
        store.close()


def stream_ids(store: CityStore) -> np.ndarray:
    """Datastream ids in the order of `things`: they were given in that order."""
    with store.reader() as reader:
        return np.array(sorted(one.id for one in everything(reader, Datastream)), np.int64)


class Lap(msgspec.Struct):
    """One round of a phase. `backlog`: rows not packed, each second; `cpu`: cores used by this process."""

    rows: int
    seconds: float
    cpu: float
    backlog: list[int]

    @property
    def speed(self) -> float:
        return self.rows / self.seconds


class Phase(ABC):
    """Something that takes rows for a while, again and again."""

    name = ""

    def __init__(self) -> None:
        self.laps: list[Lap] = []

    @property
    def speed(self) -> float:
        """Over all rounds."""
        return sum(lap.rows for lap in self.laps) / sum(lap.seconds for lap in self.laps)

    def run(self, seconds: float) -> None:
        """One round: its packer works only meanwhile, so that no backlog is cleared in another's time."""
        packing = self._packing()
        backlog: list[int] = []
        ended = threading.Event()
        watch = threading.Thread(target=self._watch, args=(backlog, ended), daemon=True)
        watch.start()
        began, used = time.perf_counter(), time.process_time()
        rows = self._work(began + seconds)
        took = time.perf_counter() - began
        cpu = (time.process_time() - used) / took
        ended.set()
        watch.join()
        if packing:
            packing.close()
        self.laps.append(Lap(rows, took, cpu, backlog))

    def _watch(self, backlog: list[int], ended: threading.Event) -> None:
        while (rows := self._backlog()) is not None:
            backlog.append(rows)
            if ended.wait(1.0):
                return

    @abstractmethod
    def _work(self, until: float) -> int: ...

    @abstractmethod
    def _store(self) -> CityStore: ...

    def _packing(self) -> Packing | None:
        return Packing(self._store())

    def _backlog(self) -> int | None:
        with self._store().reader() as reader:
            return self._store().observations.backlog(reader.tx, 1)

    def bytes_per_row(self) -> float:
        """What the database takes for all rows, with indexes, journal and what is not packed yet."""
        store = self._store()
        with store.reader() as reader:
            tx: Tx = reader.tx
            if tx.dialect == "sqlite":
                pages = (tx.row("PRAGMA page_count") or (0,))[0] - (tx.row("PRAGMA freelist_count") or (0,))[
                    0
                ]
                size = pages * (tx.row("PRAGMA page_size") or (0,))[0]
            else:
                size = (tx.row("SELECT pg_database_size(current_database())") or (0,))[0]
        return float(size) / sum(lap.rows for lap in self.laps)

    @abstractmethod
    def close(self) -> None: ...


class Observe(Phase):
    """The whole way: check, judge, warnings, cases, journal and rows in one commit."""

    name = "observe"

    def __init__(self, folder: Path, url: str | None, senders: int, window: int, rows: int) -> None:
        super().__init__()
        self.clock = BenchClock(START)
        self.running = open_city(folder, self.clock, database=url)
        self.running.packing.close()
        self.feed = iter(Feed(stream_ids(self.running.store), START, rows))
        self._senders, self._window = senders, window
        self._lock = threading.Lock()
        self._refused = 0

    def _store(self) -> CityStore:
        return self.running.store

    def _next(self) -> tuple[Future[Outcome], int]:
        """Hands over the feed's next batch: batches arrive in order of time, as from one gateway."""
        with self._lock:
            rows = next(self.feed)
            self.clock.move_to(int(rows.time[-1]))
            return self.running.intake.submit(rows), len(rows)

    def _send(self, until: float, taken: list[int]) -> None:
        """Keeps `window` batches under way; counts rows when they are acknowledged."""
        waiting: deque[Future[Outcome]] = deque()
        while time.perf_counter() < until:
            while len(waiting) < self._window:
                waiting.append(self._next()[0])
            taken[0] += self._taken(waiting.popleft())
        for one in waiting:
            taken[0] += self._taken(one)

    def _taken(self, answer: Future[Outcome]) -> int:
        outcome = answer.result()
        self._refused += len(outcome.refused)
        return outcome.taken

    def _work(self, until: float) -> int:
        counts = [[0] for _ in range(self._senders)]
        threads = [threading.Thread(target=self._send, args=(until, count)) for count in counts]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            self.running.intake.tick().result()
            time.sleep(TICK_SECONDS)
        return sum(count[0] for count in counts)

    def group_rows(self) -> int:
        """Rows of a usual commit, as the journal tells."""
        with self.running.store.reader() as reader:
            last = reader.journal(after=max(0, reader.head() - 400), limit=400)
        counts = [int(one.facts["count"]) for one in last if one.kind == "observation.batch"]
        return int(np.median(counts)) if counts else 0

    def journalled(self) -> int:
        """Rows that the journal's batch records say were taken: what was acknowledged, counted another way."""
        total = after = 0
        with self.running.store.reader() as reader:
            while records := reader.journal(after=after, limit=5_000):
                total += sum(int(one.facts["count"]) for one in records if one.kind == "observation.batch")
                after = records[-1].position
        return total

    def found(self) -> str:
        with self.running.store.reader() as reader:
            warnings, cases = everything(reader, Warning), everything(reader, Case)
        by_rule = Counter(one.rule for one in warnings)
        rules = ", ".join(f"{name.partition('.')[2]} {count}" for name, count in sorted(by_rule.items()))
        clear = sum(one.cleared is not None for one in warnings)
        return f"{len(warnings)} warnings ({rules}), {clear} cleared, {len(cases)} cases, {self._refused} rows refused"

    def close(self) -> None:
        self.running.close()


class Straight(Phase):
    """Rows in groups as the intake makes them."""

    def __init__(self, folder: Path, url: str | None, rows: int, observe: Observe) -> None:
        super().__init__()
        self.store = open_store(url or folder, clock=BenchClock(START), folder=folder)
        self._observe = observe
        self._feed = iter(Feed(stream_ids(self.store), START, rows))

    def _store(self) -> CityStore:
        return self.store

    def _groups(self, until: float) -> Iterator[ObservationBatch]:
        size = max(1, self._observe.group_rows())
        while time.perf_counter() < until:
            group: list[ObservationBatch] = []
            while sum(map(len, group)) < size:
                group.append(next(self._feed))
            yield ObservationBatch(
                source="bench",
                stream=np.concatenate([one.stream for one in group]),
                time=np.concatenate([one.time for one in group]),
                number=np.concatenate([one.number for one in group]),
                quality=np.concatenate([one.quality for one in group]),
            )

    def close(self) -> None:
        self.store.close()


class Append(Straight):
    """`Observations.append` and a commit, nothing else. It waits for its packer rather than let the backlog grow."""

    name = "append"

    def _work(self, until: float) -> int:
        rows = 0
        for group in self._groups(until):
            while (self._backlog() or 0) > MOST_BACKLOG:
                time.sleep(0.01)
            with self.store.database.write() as tx:
                self.store.codes.begin(tx, 1, 0)
                self.store.observations.append(tx, 1, group)
                self.store.observations.flush(tx, 1, self.store.clock.recorded_at())
            rows += len(group)
        return rows


class Plain(Straight):
    """A table with one row for each observation, in arrival order, without an index."""

    name = "plain"

    def __init__(self, folder: Path, url: str | None, rows: int, observe: Observe) -> None:
        super().__init__(folder, url, rows, observe)
        number = "REAL" if self.store.database.dialect == "sqlite" else "DOUBLE PRECISION"
        with self.store.database.write() as tx:
            tx.execute(
                f"CREATE TABLE {TABLE} (lane BIGINT, stream BIGINT, seq BIGINT, time BIGINT, number {number}, "
                "quality SMALLINT)"
            )
        self._seq = 0

    def _packing(self) -> None:
        return None

    def _backlog(self) -> None:
        return None

    def _work(self, until: float) -> int:
        rows = 0
        for group in self._groups(until):
            with self.store.database.write() as tx:
                if tx.dialect == "sqlite":
                    tx.many(f"INSERT INTO {TABLE} VALUES (1, ?, ?, ?, ?, ?)", self._rows(group))
                else:
                    self._copy(tx, group)
            rows += len(group)
        return rows

    def _rows(self, group: ObservationBatch) -> Iterator[tuple[int, int, int, float, int]]:
        numbers = range(self._seq, self._seq + len(group))
        self._seq += len(group)
        columns = (
            group.stream.tolist(),
            numbers,
            group.time.tolist(),
            group.number.tolist(),
            group.quality.tolist(),
        )
        return zip(*columns, strict=True)

    def _copy(self, tx: Tx, group: ObservationBatch) -> None:
        """Binary COPY from one numpy buffer: the fastest way in that PostgreSQL has."""
        size = len(group)
        fields = [("lane", 1, ">i8"), ("stream", group.stream, ">i8"),
                  ("seq", np.arange(self._seq, self._seq + size), ">i8"), ("time", group.time, ">i8"),
                  ("number", group.number, ">f8"), ("quality", group.quality, ">i2")]  # fmt: skip
        layout = [("count", ">i2")]
        for name, _, kind in fields:
            layout += [(f"{name}_size", ">i4"), (name, kind)]
        rows = np.zeros(size, np.dtype(layout))
        rows["count"] = len(fields)
        for name, values, kind in fields:
            rows[f"{name}_size"], rows[name] = int(kind[2]), values
        self._seq += size
        with tx.raw.cursor().copy(f"COPY {TABLE} FROM STDIN (FORMAT BINARY)".encode()) as copy:
            copy.write(b"PGCOPY\n\xff\r\n\0" + bytes(8))
            copy.write(rows.tobytes())
            copy.write(b"\xff\xff")
