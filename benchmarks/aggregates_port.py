"""Hourly aggregates of 1,000 streams × 24 h, a row every 10 s (8.64 million), at the store's port: by raw scan and by the
hourly partials, beside DuckDB reading the same rows from its own table. Times are jittered and one in fifty is missing;
both are compared with numpy to 1e-6. Warm caches on both sides, rounds interleaved.
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
import numpy as np
from benchmarks.observe import machine

from hutong.app.clocks import SystemClock
from hutong.kernel.base import DAY, HOUR, SECOND
from hutong.kernel.observation import ObservationBatch
from hutong.store import open_store
from hutong.store.city_store import CityStore
from hutong.store.observations import Observations
from hutong.store.observations.rollup import partials
from hutong.store.observations.rows import from_batch

START = 1_767_225_600_000_000
STREAMS = np.arange(1, 1001)
SQL = (
    "SELECT stream, time // 3600000000 AS hour, count(*), sum(number), min(number), max(number) FROM rows "
    "GROUP BY ALL ORDER BY ALL"
)


def main() -> int:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    home = Path(tempfile.mkdtemp(prefix="hutong-bench-"))
    try:
        stream, times, numbers = rows()
        store = filled(home / "city", stream, times, numbers)
        base = duckdb.connect(str(home / "rows.duckdb"))
        base.execute("CREATE TABLE rows (stream BIGINT, time BIGINT, number DOUBLE)")
        base.from_arrow(_arrow(stream, times, numbers)).insert_into("rows")
        ways: dict[str, Callable[[], object]] = {
            "duckdb, its own table": lambda: base.execute(SQL).fetchnumpy(),
            "raw scan": lambda: raw(store),
            "hourly partials": lambda: kept(store),
        }
        check(store, stream, times, numbers)
        took: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(rounds):
            for name, way in ways.items():
                began = time.perf_counter()
                way()
                took[name].append(time.perf_counter() - began)
        print(f"{machine()}; {len(stream):,} rows\n| way | median s | duckdb : it |\n|---|---|---|")
        first = median(took["duckdb, its own table"])
        for name, some in took.items():
            print(f"| {name} | {median(some):.3f} | {first / median(some):.2f} |")
        store.abandon()
    finally:
        shutil.rmtree(home, ignore_errors=True)
    return 0


def rows() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(3)
    steps = 8640
    times = START + np.repeat(np.arange(steps) * 10 * SECOND, len(STREAMS))
    times = times + random.integers(0, 3 * SECOND, len(times))
    kept_rows = random.random(len(times)) > 0.02
    stream = np.tile(STREAMS, steps)[kept_rows]
    return stream, times[kept_rows], np.round(random.normal(20, 5, len(stream)), 1)


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


def raw(store: CityStore) -> object:
    with store.reader() as reader:
        found = reader.scan(STREAMS, START, START + DAY)
    return partials(from_batch(found), HOUR)


def kept(store: CityStore) -> object:
    with store.reader() as reader:
        return reader.rollups(STREAMS, START, START + DAY, HOUR)


def check(store: CityStore, stream: np.ndarray, times: np.ndarray, numbers: np.ndarray) -> None:
    with store.reader() as reader:
        found = reader.rollups(STREAMS, START, START + DAY, HOUR)
    slot = (stream - 1) * 25 + (times - START) // HOUR
    inside = times < START + DAY
    total = np.bincount(slot[inside], weights=numbers[inside])
    mine = (found.stream - 1) * 25 + (found.start - START) // HOUR
    np.testing.assert_allclose(found.sum, total[mine], atol=1e-6)
    assert int(found.n.sum()) == int(inside.sum())


def _arrow(stream: np.ndarray, times: np.ndarray, numbers: np.ndarray) -> object:
    import pyarrow as pa

    return pa.table({"stream": stream, "time": times, "number": numbers})


if __name__ == "__main__":
    sys.exit(main())
