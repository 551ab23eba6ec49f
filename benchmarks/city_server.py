"""The tiny city of the tests, served over HTTP by a process of its own for the benchmarks beside it.

    python -m benchmarks.city_server FOLDER [DATABASE_URL] [--streams N]

With N, so many streams of things with a level, each with one observation, are there from the start. Rules on, packer
running, durable as in service: SQLite with synchronous=FULL in FOLDER, or PostgreSQL at DATABASE_URL.
Prints its port; ends when its standard input is closed, or after an hour whatever happens.
"""

from __future__ import annotations

import argparse
import os
import threading
import time
from pathlib import Path

from benchmarks.expand_latest import furnish, observe
from benchmarks.serving import serve
from tests.api.town import PASSWORD, RECORDED, START, Town, _columns, furnished, tiny_city

from hutong.app.packing import PackingProcess
from hutong.app.seeding import Seeder
from hutong.kernel.clock import FixedClock
from hutong.store import open_store

LONGEST = 3600


def opened(folder: Path, place: str | Path) -> Town:
    city, functions = tiny_city()
    clock = FixedClock(START, RECORDED)
    store = open_store(place, clock=clock, folder=folder)
    seeder = Seeder(store, city, START)
    places, things = _columns()
    seeder.map(places, things, "benchmark", "CC0")
    seeder.parties(PASSWORD)
    seeder.observed_properties()
    rows = furnished()
    seeder.furnish(rows, [seeder.places["unit_grid", "310101001001001"]] * len(rows))
    return Town(store, city, functions, clock)


def _follow_time(clock: FixedClock) -> None:
    while True:
        clock.move_to(time.time_ns() // 1000)
        time.sleep(0.05)


def main() -> None:
    threading.Timer(LONGEST, os._exit, (1,)).start()
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("database", nargs="?", default="")
    parser.add_argument("--streams", type=int, default=0)
    options = parser.parse_args()
    folder, place = options.folder, options.database or options.folder
    town = opened(folder, place)
    if options.streams:
        observe(town.store, furnish(town.store, options.streams), options.streams)
    packing = PackingProcess(str(place), folder)
    threading.Thread(target=_follow_time, args=(town.clock,), daemon=True).start()

    def close() -> None:
        packing.close()
        town.close()

    serve(town.context, close)


if __name__ == "__main__":
    main()
