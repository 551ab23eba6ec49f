"""A small city of gauges for faults that need no night, and a feed whose every batch carries its number as a cursor."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import shapely

from hutong.app.building import copy_city
from hutong.app.city import RunningCity, open_city
from hutong.app.demo import shipped_city
from hutong.app.seeding import Seeder, StreamRow, ThingRow
from hutong.engine.directory import everything
from hutong.kernel.base import MINUTE, SECOND, Label, Provenance
from hutong.kernel.clock import FixedClock
from hutong.kernel.observation import ObservationBatch, batch
from hutong.kernel.thing import Datastream
from hutong.loader.city import load_city
from hutong.store import CityStore, open_store

START = 1_784_000_000 * SECOND
GAUGES = 500
CURSOR = "gateway"
MADE = Provenance("simulated", "tests_faults/town.py")


def made(folder: Path, url: str | None = None) -> None:
    """The shipped city's settings and people, and ponding points without a map."""
    copy_city(shipped_city(), folder)
    city, _ = load_city(folder)
    rows = [_gauge(number) for number in range(GAUGES)]
    store = open_store(url or folder, clock=FixedClock(START), folder=folder)
    try:
        seeder = Seeder(store, city, START)
        seeder.parties("faults")
        seeder.observed_properties()
        seeder.furnish(rows, [None] * len(rows))
    finally:
        store.close()


def _gauge(number: int) -> ThingRow:
    code = f"point-{number}"
    return ThingRow(
        type="drainage.ponding_point",
        code=code,
        name=Label(code, code),
        geometry=shapely.to_wkb(shapely.Point(121.45, 31.2)),
        properties={"close_depth": 0.27},
        streams=[StreamRow("drainage.ponding", f"sensor of {code}")],
        provenance=MADE,
    )


def opened(folder: Path, url: str | None = None) -> RunningCity:
    return open_city(folder, FixedClock(START), database=url)


class Gateway:
    """Minute `number` of the feed: all gauges; some flood for a while, so that cases are opened beside the rows."""

    def __init__(self, running: RunningCity) -> None:
        self.running = running
        with running.store.reader() as reader:
            self.streams = np.array(sorted(one.id for one in everything(reader, Datastream)), np.int64)

    def rows(self, number: int) -> ObservationBatch:
        values = np.full(GAUGES, 0.01) + number % 7 * 0.001
        values[number // 20 % GAUGES] = 0.2 if 5 <= number % 20 < 12 else 0.02
        return batch(CURSOR, self.streams, np.full(GAUGES, START + number * MINUTE), values)

    def send(self, number: int) -> int:
        """Sends a minute and waits until it is acknowledged; rows taken."""
        clock = self.running.clock
        assert isinstance(clock, FixedClock)
        clock.move_to(START + number * MINUTE)
        return self.running.intake.submit(self.rows(number), cursors={CURSOR: str(number)}).result().taken

    def reached(self) -> int:
        """The last minute that is stored; −1 before the first."""
        return reached(self.running.store)


def reached(store: CityStore) -> int:
    with store.reader() as reader:
        return int(reader.cursor(CURSOR) or -1)
