"""Hourly and half-hourly aggregates of 1,000 streams × 24 h, a row every 10 s (8.64 million), at the store's port: from rows
alone and by the hourly partials, beside DuckDB (two threads) reading the same rows from its own table.

Rows are regular, jittered (each up to 3 s late, one in fifty missing) or gappy (a fifth missing, and six hours of every
stream). Count, sum, least and greatest are compared with numpy to 1e-6. Rounds are interleaved; both sides are warm, and
once more ours is measured with nothing in memory. Processor time is told too, since others may use the machine.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import duckdb
import msgspec
import numpy as np
from benchmarks.observe import machine

from hutong.app.clocks import SystemClock
from hutong.kernel.base import DAY, HOUR, SECOND
from hutong.kernel.observation import ObservationBatch
from hutong.store import open_store
from hutong.store.city_store import CityStore
from hutong.store.observations import Observations
from hutong.store.observations.rollup import combine, from_rows
from hutong.store.observations.scan import span
from hutong.store.observations.snapshot import Caches, Snapshot

START = 1_767_225_600_000_000
STREAMS = np.arange(1, 1001)
HALF = HOUR // 2
SQL = (
    "SELECT stream, time // {} AS start, count(*), sum(number), min(number), max(number) FROM rows "
    "GROUP BY ALL ORDER BY ALL"
)


def main() -> int:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    print(machine())
    for kind in ("regular", "jittered", "gappy"):
        home = Path(tempfile.mkdtemp(prefix="hutong-bench-"))
        try:
            measured(kind, home, rounds)
        finally:
            shutil.rmtree(home, ignore_errors=True)
    return 0


def measured(kind: str, home: Path, rounds: int) -> None:
    stream, times, numbers = rows(kind)
    store = filled(home / "city", stream, times, numbers)
    base = duckdb.connect(str(home / "rows.duckdb"), config={"threads": 2})
    base.execute("CREATE TABLE rows (stream BIGINT, time BIGINT, number DOUBLE)")
    base.from_arrow(_arrow(stream, times, numbers)).insert_into("rows")
    ways: dict[str, Callable[[], object]] = {
        "DuckDB, hours": lambda: base.execute(SQL.format(HOUR)).fetchnumpy(),
        "hours, kept partials": lambda: kept(store, HOUR),
        "hours, rows": lambda: raw(store, HOUR),
        "hours, rows, nothing in memory": lambda: cold(store, HOUR),
        "DuckDB, half hours": lambda: base.execute(SQL.format(HALF)).fetchnumpy(),
        "half hours, rows": lambda: kept(store, HALF),
    }
    check(kept(store, HOUR), stream, times, numbers, HOUR)
    check(raw(store, HOUR), stream, times, numbers, HOUR)
    check(kept(store, HALF), stream, times, numbers, HALF)
    took: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            began, worked = time.perf_counter(), time.process_time()
            way()
            took[name].append((time.perf_counter() - began, time.process_time() - worked))
    print(
        f"\n{kind}, {len(stream):,} rows\n| way | median s | processor s | DuckDB : it |\n|---|---|---|---|"
    )
    first = 0.0
    for name, some in took.items():
        seconds, worked = (median(column) for column in zip(*some, strict=True))
        first = seconds if name.startswith("DuckDB") else first
        print(f"| {name} | {seconds:.3f} | {worked:.3f} | {first / seconds:.2f} |", flush=True)
    store.abandon()


def rows(kind: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(3)
    steps = 8640
    stream = np.tile(STREAMS, steps)
    times = START + np.repeat(np.arange(steps) * 10 * SECOND, len(STREAMS))
    there = np.ones(len(times), np.bool_)
    if kind == "jittered":
        times = times + random.integers(0, 3 * SECOND, len(times))
        there = random.random(len(times)) > 0.02
    elif kind == "gappy":
        hole = START + random.integers(0, DAY - 6 * HOUR, len(STREAMS) + 1)[stream]
        there = (random.random(len(times)) > 0.2) & ((times < hole) | (times >= hole + 6 * HOUR))
    return stream[there], times[there], np.round(random.normal(20, 5, int(there.sum())), 1)


def filled(folder: Path, stream: np.ndarray, times: np.ndarray, numbers: np.ndarray) -> CityStore:
    store = open_store(folder, clock=SystemClock())
    store.observations = Observations(lambda tx, lane, streams: np.zeros(len(streams), np.uint8))
    (packer,) = store.packers()
    for at in range(0, len(stream), 100_000):
        cut = slice(at, at + 100_000)
        count = len(stream[cut])
        batch = ObservationBatch("bench", stream[cut], times[cut], numbers[cut], np.zeros(count, np.uint8))
        with store.database.write() as tx:
            store.observations.append(tx, 1, batch)
            store.observations.flush(tx, 1, store.clock.recorded_at())
        while packer.step():
            pass
    while packer.step(all_of_it=True):
        pass
    packer.leave_lease()
    return store


def raw(store: CityStore, window: int) -> dict[str, np.ndarray]:
    """As if no partials were kept."""
    wanted = span(STREAMS, START, START + DAY)
    with store.reader() as reader:
        snapshot = Snapshot(reader.tx, 1, store.observations.caches)
        overlay = store.observations.overlays.of(snapshot)
        found = combine(list(from_rows(snapshot, overlay, wanted, window)), window)
    assert found is not None
    return found


def cold(store: CityStore, window: int) -> object:
    store.observations.caches.__dict__.update(Caches().__dict__)
    return raw(store, window)


def kept(store: CityStore, window: int) -> dict[str, np.ndarray]:
    """As the store answers: whole hours from partials, any other windows from rows."""
    with store.reader() as reader:
        return msgspec.structs.asdict(reader.rollups(STREAMS, START, START + DAY, window))


def check(
    found: dict[str, np.ndarray], stream: np.ndarray, times: np.ndarray, numbers: np.ndarray, window: int
) -> None:
    """AssertionError where the answer is not what numpy says."""
    inside = times < START + DAY
    windows = DAY // window
    slot = ((stream - 1) * windows + (times - START) // window)[inside]
    order = np.argsort(slot, kind="stable")
    slot, number = slot[order], numbers[inside][order]
    starts = np.flatnonzero(np.append(True, slot[1:] != slot[:-1]))
    np.testing.assert_array_equal(
        (found["stream"] - 1) * windows + (found["start"] - START) // window, slot[starts]
    )
    np.testing.assert_array_equal(found["n"], np.diff(np.append(starts, len(slot))))
    for name, over in (("sum", np.add), ("min", np.minimum), ("max", np.maximum)):
        np.testing.assert_allclose(found[name], over.reduceat(number, starts), rtol=1e-6, err_msg=name)


def _arrow(stream: np.ndarray, times: np.ndarray, numbers: np.ndarray) -> object:
    import pyarrow as pa

    return pa.table({"stream": stream, "time": times, "number": numbers})


if __name__ == "__main__":
    sys.exit(main())
