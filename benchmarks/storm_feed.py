"""A drainage city of 10,000 streams and its endless feed: quiet with small noise, and a storm over a few things at a time.

Every stream reports once a minute of city time. Each PERIOD of 240 minutes brings one storm over another fiftieth of the
things: its manholes surcharge and fall again, its ponding points flood past the closing depth and dry, its wells rise fast,
its pumps are commanded on and pump nothing for ten minutes; as many ponding gauges are silent for half an hour. All
warnings of a storm clear before the next; a flooding case is opened once for each ponding point, for nobody closes it, and
later floodings are further evidence of it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from hutong.app.seeding import StreamRow, ThingRow
from hutong.kernel.base import MINUTE, Instant, Label, Provenance
from hutong.kernel.observation import ObservationBatch, batch

MANHOLES, PONDING, GAUGES, STATIONS, PUMPS = 5_600, 1_000, 100, 200, 750
STREAMS = MANHOLES + PONDING + 2 * GAUGES + STATIONS + 4 * PUMPS
PERIOD = 240
SHARE = 50
"""One thing in so many has the storm."""
SILENT = slice(120, 150)
KEPT_PERIODS = 4
"""Noise is drawn for so many minutes ÷ PERIOD, then comes again."""
MADE = Provenance("simulated", "benchmarks/storm_feed.py")
Floats = NDArray[np.float64]


def things() -> list[ThingRow]:
    """Stations first, so that links find them; the order of `columns`."""
    stations = [
        _row("pump_station", i, {"pumps": 4, "rated_flow": 8.0}, {}, ("level",)) for i in range(STATIONS)
    ]

    def served(i: int) -> dict[str, list[str]]:
        return {"served_by": [f"pump_station-{i % STATIONS}"]}

    return [
        *stations,
        *(_row("manhole", i, {"crown": 1.2, "depth": 3.0}, served(i), ("level",)) for i in range(MANHOLES)),
        *(_row("ponding_point", i, {"close_depth": 0.27}, served(i), ("ponding",)) for i in range(PONDING)),
        *(_row("rain_gauge", i, {}, {}, ("rain_intensity", "rain_total")) for i in range(GAUGES)),
        *(
            _row(
                "pump",
                i,
                {"rated_flow": 2.0, "rated_current": 120.0},
                {"station": [f"pump_station-{i % STATIONS}"]},
                ("pump_command", "pump_status", "pump_flow", "pump_current"),
            )
            for i in range(PUMPS)
        ),
    ]


def _row(
    kind: str, number: int, properties: dict[str, Any], links: dict[str, list[str]], senses: tuple[str, ...]
) -> ThingRow:
    code = f"{kind}-{number}"
    point = shapely.Point(121.41 + number % 97 * 0.001, 31.18 + number % 89 * 0.001)
    return ThingRow(
        type=f"drainage.{kind}",
        code=code,
        name=Label(code, code),
        geometry=shapely.to_wkb(point),
        properties=properties,
        links=links,
        streams=[StreamRow(f"drainage.{name}", f"sensor of {code}") for name in senses],
        provenance=MADE,
    )


class Columns:
    """Which columns of a minute belong to what, by the order of `things`."""

    def __init__(self) -> None:
        edges = np.cumsum([0, STATIONS, MANHOLES, PONDING, 2 * GAUGES, 4 * PUMPS])
        spans = [np.arange(low, high) for low, high in itertools.pairwise(edges)]
        self.station, self.manhole, self.ponding, rain, pump = spans
        self.intensity, self.total = rain[0::2], rain[1::2]
        self.command, self.status, self.flow, self.current = (pump[k::4] for k in range(4))


class Feed:
    """Batches of `rows` rows in order of time, without end. `streams`: datastream ids in the order of `things`."""

    def __init__(self, streams: NDArray[np.int64], start: Instant, rows: int, seed: int = 1) -> None:
        self._streams = streams
        self._start = start
        self._rows = rows
        self._columns = Columns()
        self._noise = self._quiet(np.random.default_rng(seed))
        self._offsets = np.sort(np.random.default_rng(seed).integers(0, MINUTE, STREAMS))

    def _quiet(self, draw: np.random.Generator) -> Floats:
        """(minutes, streams): what instruments read when nothing happens, in their resolution."""
        minutes, at = KEPT_PERIODS * PERIOD, self._columns
        read = np.zeros((minutes, STREAMS))
        swing = 0.05 * np.sin(np.arange(minutes) * 2 * np.pi / PERIOD)[:, None]
        read[:, at.manhole] = 0.4 + swing + draw.normal(0, 0.01, (minutes, MANHOLES))
        read[:, at.station] = 1.5 + 4 * swing + draw.normal(0, 0.01, (minutes, STATIONS))
        read[:, at.ponding] = np.maximum(draw.normal(0, 0.004, (minutes, PONDING)), 0)
        return np.round(read, 3)

    def minute(self, number: int) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
        """Stream ids, times and values that arrive in a minute of city time."""
        values = self._noise[number % len(self._noise)].copy()
        storm, phase = divmod(number, PERIOD)
        self._storm(values, storm % SHARE, phase)
        time = self._start + number * MINUTE + self._offsets
        if SILENT.start <= phase < SILENT.stop:
            heard = np.ones(STREAMS, bool)
            heard[self._columns.ponding[(storm + SHARE // 2) % SHARE :: SHARE]] = False
            return self._streams[heard], time[heard], values[heard]
        return self._streams, time, values

    def _storm(self, values: Floats, which: int, phase: int) -> None:
        at, some = self._columns, slice(which, None, SHARE)
        height = max(0.0, np.sin((phase - 30) * np.pi / 60)) if 30 <= phase <= 90 else 0.0
        values[at.manhole[some]] += np.round(2.2 * height, 3)
        values[at.ponding[some]] += np.round(0.45 * height, 3)
        values[at.station[some]] += np.round(3.5 * height, 3)
        values[at.intensity] += np.round(60 * height, 1)
        values[at.total] += np.round(40 * min(phase / 90, 1.0), 1)
        if 40 <= phase < 70:
            failing = phase < 50
            values[at.command[some]] = 1
            values[at.status[some]] = 0 if failing else 1
            values[at.flow[some]] = 0 if failing else 1.9
            values[at.current[some]] = 12 if failing else 118

    def __iter__(self) -> Iterator[ObservationBatch]:
        number = 0
        while True:
            streams, times, values = self.minute(number)
            for low in range(0, len(streams), self._rows):
                part = slice(low, low + self._rows)
                yield batch("bench", streams[part], times[part], values[part])
            number += 1
