"""How long small commits of observations take while the packer works: p50, p99 and the longest, in milliseconds.

Groups of `--rows` rows arrive on a timetable (open loop: a late commit makes the next one wait, and that counts) at
`--rate` rows a second. Rounds alternate between no packer, a packer in a thread and one in a process of its own.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import numpy as np
from benchmarks.observe import machine, server

from hutong.app.clocks import SystemClock
from hutong.app.packing import Packing, PackingProcess
from hutong.kernel.observation import ObservationBatch
from hutong.store import open_store
from hutong.store.city_store import CityStore
from hutong.store.observations import Observations

STREAMS = 10_000


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=int, default=100_000, help="rows a second")
    parser.add_argument("--rows", type=int, default=1_000, help="rows a commit")
    parser.add_argument("--seconds", type=float, default=30.0, help="of each round")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--ways", nargs="+", default=["none", "thread", "process"])
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    return parser.parse_args()


def main() -> int:
    options = parsed()
    print(f"{machine()}; {options.database}, {options.rate:,} rows/s in commits of {options.rows:,}")
    print(
        "| round | packer | p50 ms | p99 ms | longest ms | packed rows | rows/s |\n|---|---|---|---|---|---|---|"
    )
    for turn in range(options.rounds):
        for way in options.ways:
            print(f"| {turn + 1} | {way} | {lap(way, options)} |", flush=True)
    return 0


def lap(way: str, options: argparse.Namespace) -> str:
    """One round in a fresh store."""
    home = Path(tempfile.mkdtemp(prefix="hutong-bench-"))
    try:
        with server(home) if options.database == "postgresql" else nullcontext() as made:
            place = made.database("latency") if made else home / "city"
            store = open_store(place, clock=SystemClock(), folder=home / "city")
            store.observations = Observations(lambda tx, lane, streams: np.zeros(len(streams), np.uint8))
            with packer(way, store, str(place), home / "city"):
                began = time.monotonic()
                waits = commits(store, options)
                took = time.monotonic() - began
                with store.reader() as reader:
                    left = store.observations.backlog(reader.tx, 1)
            store.abandon()
        p50, p99, most = np.percentile(waits, (50, 99, 100)) * 1000
        done = len(waits) * options.rows
        return f"{p50:.1f} | {p99:.1f} | {most:.1f} | {done - left:,} | {done / took:,.0f}"
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def packer(way: str, store: CityStore, place: str, folder: Path) -> Iterator[None]:
    working = {"none": lambda: None, "thread": lambda: Packing(store)}.get(
        way, lambda: PackingProcess(place, folder)
    )()
    try:
        yield
    finally:
        if working is not None:
            working.close()


def commits(store: CityStore, options: argparse.Namespace) -> list[float]:
    """Seconds from when each group was due to when it was durable."""
    random = np.random.default_rng(7)
    streams = np.arange(1, STREAMS + 1)
    interval = options.rows / options.rate
    start = time.monotonic()
    waits: list[float] = []
    for turn in range(int(options.seconds / interval)):
        due = start + turn * interval
        time.sleep(max(0.0, due - time.monotonic()))
        some = np.sort(random.choice(streams, options.rows, replace=False))
        times = np.full(options.rows, 1_767_225_600_000_000 + turn * 100_000)
        numbers = np.round(random.normal(20, 5, options.rows), 1)
        group = ObservationBatch("bench", some, times, numbers, np.zeros(options.rows, np.uint8))
        with store.database.write() as tx:
            store.observations.append(tx, 1, group)
            store.observations.flush(tx, 1, store.clock.recorded_at())
        waits.append(time.monotonic() - due)
    return waits


if __name__ == "__main__":
    sys.exit(main())
