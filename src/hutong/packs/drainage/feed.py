"""The storm night as its instruments report it: the live feed of the demo.

`StormNight` looks at the simulated truth through every gauge of the network: small noise, resolution,
gauges that fall silent for a while, single lost rows and a few wrong values, all from one seed. Same
result, network and seed: same feed.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from hutong.kernel.seeded import rng
from hutong.packs.drainage.assets import Gauge, Network
from hutong.packs.drainage.night import Night

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


class Stream(NamedTuple):
    """One observed property of one thing; `gauge` is the instrument that reports it."""

    thing: str
    property: str
    gauge: str


class Step(NamedTuple):
    """What arrives at one instant: `streams` are indices into `StormNight.streams`."""

    seconds: int
    streams: npt.NDArray[np.int64]
    values: Floats


class Quirk(NamedTuple):
    """How an instrument errs: standard deviation (absolute and as a share of the value), resolution,
    values it may give when it is wrong.
    """

    absolute: float
    share: float
    resolution: float
    wrong: tuple[float, ...]


QUIRKS = {
    "rain_intensity": Quirk(0.0, 0.03, 0.1, ()),
    "rain_total": Quirk(0.0, 0.0, 0.1, ()),
    "level": Quirk(0.01, 0.0, 0.001, (99.99, -9.99)),
    "ponding": Quirk(0.004, 0.0, 0.001, (9.99, 0.6)),
    "pump_command": Quirk(0.0, 0.0, 1.0, ()),
    "pump_status": Quirk(0.0, 0.0, 1.0, ()),
    "pump_flow": Quirk(0.0, 0.01, 0.001, ()),
    "pump_current": Quirk(0.0, 0.01, 0.1, ()),
}
SILENT_SHARE = 0.03
"""Share of gauges that fall silent once, for 15 to 60 minutes."""
LOST_SHARE = 0.002
"""Share of rows that never arrive."""
WRONG_ROWS = 14
"""Single wrong values of level and ponding gauges in a night."""


class StormNight:
    """`seconds` (T,) since the start, `streams` (S), `values` (T, S) as reported, `present` (T, S)
    whether it arrives.
    """

    def __init__(self, night: Night, network: Network, seed: int) -> None:
        self.seconds = night.seconds
        self.streams = [s for gauge in network.gauges for s in _streams(gauge)]
        truth = _truth(night, self.streams, {g.id: g for g in network.gauges})
        self.values = self._noisy(truth, seed)
        self.present = self._arrivals(seed)
        self.wrong = self._wrong(seed)

    def __iter__(self) -> Iterator[Step]:
        for k, second in enumerate(self.seconds.tolist()):
            arrived = np.flatnonzero(self.present[k])
            yield Step(second, arrived, self.values[k, arrived])

    def _noisy(self, truth: Floats, seed: int) -> Floats:
        quirks = [QUIRKS[s.property] for s in self.streams]
        absolute, share, resolution = np.array([q[:3] for q in quirks]).T
        gauss = ndtri(rng(seed, "drainage", "noise").random(truth.shape))
        read = truth + gauss * (absolute + share * np.abs(truth))
        whole = np.round(read / resolution)
        return np.asarray(np.where(truth >= 0, np.maximum(whole, 0.0), whole) * resolution)

    def _arrivals(self, seed: int) -> Flags:
        """Lost single rows and silent gauges; all streams of a gauge fall silent together."""
        draw = rng(seed, "drainage", "silence")
        present = draw.random((len(self.seconds), len(self.streams))) >= LOST_SHARE
        gauges = sorted({s.gauge for s in self.streams})
        step = float(self.seconds[0]) / 60.0
        silent = np.argsort(draw.random(len(gauges)), kind="stable")[: round(SILENT_SHARE * len(gauges))]
        for g in silent.tolist():
            begin = int(draw.random() * len(self.seconds))
            rows = int((15 + 45 * draw.random()) / step)
            columns = [k for k, s in enumerate(self.streams) if s.gauge == gauges[g]]
            present[begin : begin + rows, columns] = False
        return present

    def _wrong(self, seed: int) -> list[tuple[int, int]]:
        """Put the wrong values in and return where, as (row, stream)."""
        draw = rng(seed, "drainage", "wrong")
        able = [k for k, s in enumerate(self.streams) if QUIRKS[s.property].wrong]
        places = []
        for _ in range(WRONG_ROWS if able else 0):
            row, column = int(draw.random() * len(self.seconds)), able[int(draw.random() * len(able))]
            choices = QUIRKS[self.streams[column].property].wrong
            self.values[row, column] = choices[int(draw.random() * len(choices))]
            self.present[row, column] = True
            places.append((row, column))
        return places


def _streams(gauge: Gauge) -> list[Stream]:
    """Rain and ponding belong to the instrument's own place, the rest to the manhole, well or pump it
    watches.
    """
    thing = gauge.id if gauge.kind in ("rain", "ponding") else gauge.at
    return [Stream(thing, name, gauge.id) for name in gauge.properties]


def _truth(night: Night, streams: list[Stream], gauges: dict[str, Gauge]) -> Floats:
    """True value of each stream, (T, S)."""
    groups: dict[str, tuple[npt.NDArray[np.str_], npt.NDArray[Any]]] = {
        "rain_intensity": (night.gauges, night.rain_intensity),
        "rain_total": (night.gauges, night.rain_total),
        "level": (night.nodes, night.level),
        "ponding": (night.nodes, night.ponding),
        "pump_command": (night.pumps, night.pump_command),
        "pump_status": (night.pumps, night.pump_status),
        "pump_flow": (night.pumps, night.pump_flow),
        "pump_current": (night.pumps, night.pump_current),
    }
    index = {name: {str(key): k for k, key in enumerate(keys)} for name, (keys, _) in groups.items()}
    columns = []
    for stream in streams:
        gauge = gauges[stream.gauge]
        key = gauge.id if gauge.kind == "rain" else gauge.at
        columns.append(groups[stream.property][1][:, index[stream.property][key]])
    return np.column_stack(columns).astype(np.float64)
