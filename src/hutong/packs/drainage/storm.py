"""A storm over a city: what each rain gauge sees, minute by minute.

A Chicago storm moves across the gauges along a straight axis. Off the axis it is weaker: factor
1 − edge_loss · (1 − exp(−(d/half_width)²)) with d the distance from the axis. Along the axis it is later:
delay = distance / speed after the gauge it meets first. The gauge on the axis gets the design storm itself.
"""

from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from hutong.kernel.errors import Invalid
from hutong.packs.drainage import formulas
from hutong.packs.drainage.assets import Gauge
from hutong.packs.drainage.roads import Plane

Floats = npt.NDArray[np.float64]


class Storm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A design storm, or (`hyetograph_mm`, depth per `hyetograph_step_min`) a measured or forecast one."""

    formula: str = "shanghai"
    return_period_a: float = 50.0
    duration_min: float = 180.0
    peak_ratio: float = 0.405
    hyetograph_mm: list[float] = []
    hyetograph_step_min: float = 5.0
    start_min: float = 0.0
    heading_deg: float = 60.0
    """Where the storm goes, degrees clockwise from north."""
    speed_kmh: float = 25.0
    half_width_km: float = 3.5
    edge_loss: float = 0.4


class Rain(NamedTuple):
    """`minute` (T,) ends of the minutes, `gauges` (G,), `intensity` (T, G) mm/h during the minute before."""

    minute: Floats
    gauges: list[str]
    intensity: Floats


def cumulative(storm: Storm, at_min: Floats) -> Floats:
    """Depth fallen on the axis until each minute after the storm began there, mm."""
    if not storm.hyetograph_mm:
        return formulas.chicago_cumulative(
            storm.formula, storm.return_period_a, storm.duration_min, storm.peak_ratio, at_min
        )
    depth = np.asarray(storm.hyetograph_mm, dtype=np.float64)
    if storm.hyetograph_step_min <= 0 or not np.all(depth >= 0):
        raise Invalid(
            "storm.hyetograph_mm", "a depth or the step is negative", "give depths ≥ 0 and a step > 0"
        )
    edges = np.arange(len(depth) + 1) * storm.hyetograph_step_min
    return np.interp(at_min, edges, np.r_[0.0, np.cumsum(depth)])


def fall(storm: Storm, gauges: list[Gauge], minutes: int) -> Rain:
    """Rain at every rain gauge for so many minutes of simulation."""
    rain = [g for g in gauges if g.kind == "rain"]
    if not rain:
        raise Invalid("network.gauges", "there is no rain gauge", "add at least one gauge of kind rain")
    factor, delay = _pattern(storm, rain)
    edges = np.arange(minutes + 1, dtype=np.float64)
    began = edges[:, None] - storm.start_min - delay[None, :]
    depth = cumulative(storm, np.maximum(began, 0.0)) * factor
    return Rain(edges[1:], [g.id for g in rain], np.diff(depth, axis=0) * 60.0)


def _pattern(storm: Storm, rain: list[Gauge]) -> tuple[Floats, Floats]:
    """Factor and delay (min) of each gauge."""
    lonlat = np.array([g.lonlat for g in rain])
    xy = Plane(*lonlat.mean(axis=0).tolist()).metres(lonlat) / 1000.0
    heading = np.radians(storm.heading_deg)
    along = xy @ np.array([np.sin(heading), np.cos(heading)])
    across = xy @ np.array([np.cos(heading), -np.sin(heading)])
    factor = 1.0 - storm.edge_loss * (1.0 - np.exp(-((across / storm.half_width_km) ** 2)))
    delay = np.round((along - along.min()) / storm.speed_kmh * 60.0)
    return factor, delay
