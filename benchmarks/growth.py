"""What reading costs as history grows: one stream's day, its newest rows, the newest of all, hourly means of one stream's
and of all streams' last day, at 10⁵, 10⁶, 10⁷ (and with `--to 8` 10⁸) rows. Caches are emptied before each read.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np
from benchmarks.observe import machine

from hutong.app.clocks import SystemClock
from hutong.kernel.base import DAY, HOUR, SECOND
from hutong.kernel.observation import ObservationBatch
from hutong.store import open_store
from hutong.store.city_store import CityStore
from hutong.store.observations import Observations
from hutong.store.observations.snapshot import Caches
from hutong.store.reader import StoreReader

START = 1_767_225_600_000_000
INTERVAL = 60 * SECOND


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=int, default=7, help="power of ten")
    parser.add_argument("--streams", type=int, default=1_000)
    options = parser.parse_args()
    print(f"{machine()}; SQLite, {options.streams:,} streams, a row a minute each; median of 5, ms")
    names = list(reads(0, options.streams))
    print(f"| rows | runs | bytes/row | {' | '.join(names)} |\n|{'---|' * (len(names) + 3)}")
    home = Path(tempfile.mkdtemp(prefix="hutong-bench-"))
    try:
        store = open_store(home, clock=SystemClock())
        store.observations = Observations(lambda tx, lane, streams: np.zeros(len(streams), np.uint8))
        rows = 0
        for power in range(5, options.to + 1):
            rows = filled(store, options.streams, rows, 10**power)
            print(line(store, options.streams, rows, home), flush=True)
        store.abandon()
    finally:
        shutil.rmtree(home, ignore_errors=True)
    return 0


def filled(store: CityStore, streams: int, rows: int, until: int) -> int:
    """Rows arrive minute by minute and are packed as they would be."""
    random = np.random.default_rng(rows)
    (packer,) = store.packers()
    minutes = 100
    ids = np.tile(np.arange(1, streams + 1), minutes)
    while rows < until:
        first = rows // streams
        times = START + np.repeat(np.arange(first, first + minutes), streams) * INTERVAL
        numbers = np.round(random.normal(20, 5, len(ids)), 1)
        batch = ObservationBatch("bench", ids, times, numbers, np.zeros(len(ids), np.uint8))
        with store.database.write() as tx:
            store.observations.append(tx, 1, batch)
            store.observations.flush(tx, 1, store.clock.recorded_at())
        rows += len(ids)
        while packer.step():
            pass
    while packer.step(all_of_it=True):
        pass
    store.database.fold_log()
    packer.leave_lease()
    return rows


def reads(end: int, streams: int) -> dict[str, Callable[[StoreReader], object]]:
    one, every, day = np.array([streams // 2]), np.arange(1, streams + 1), max(START, end - DAY)
    return {
        "a day of one stream": lambda reader: reader.observations(int(one[0]), day, end),
        "newest 100 of one": lambda reader: reader.observations(int(one[0]), limit=100, descending=True),
        "newest of all": lambda reader: reader.latest(every),
        "hourly, one, last day": lambda reader: reader.rollups(one, day, end, HOUR),
        "hourly, all, last day": lambda reader: reader.rollups(every, day, end, HOUR),
        "one row by id": lambda reader: reader.observation(int(one[0]) << 32 | 1),
    }


def line(store: CityStore, streams: int, rows: int, home: Path) -> str:
    end = START + rows // streams * INTERVAL
    found = []
    for read in reads(end, streams).values():
        took = []
        for _ in range(5):
            store.observations.caches.__dict__.update(Caches().__dict__)
            with store.reader() as reader:
                began = time.perf_counter()
                read(reader)
                took.append((time.perf_counter() - began) * 1000)
        found.append(f"{median(took):.1f}")
    with store.database.read() as tx:
        runs = tx.row("SELECT count(*) FROM observation_run")
    size = sum(path.stat().st_size for path in home.glob("city.db*"))
    return f"| {rows:,} | {runs[0] if runs else 0} | {size / rows:.1f} | {' | '.join(found)} |"


if __name__ == "__main__":
    sys.exit(main())
