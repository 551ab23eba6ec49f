"""The result of a run as columns: one row per output step, one column per element; stored as a compact
.npz.
"""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from hutong.packs.drainage.assets import Network

Columns = npt.NDArray[np.float32]
Signals = npt.NDArray[np.int8]
Names = npt.NDArray[np.str_]


@dataclass(frozen=True)
class Night:
    """Simulated truth. `seconds` (T,) since the start; every matrix (T, names of its group).

    level, surcharge, ponding in m; flows m³/s; fill 0–1; current A; rain mm/h and mm since the start.
    """

    seconds: npt.NDArray[np.int64]
    gauges: Names
    rain_intensity: Columns
    rain_total: Columns
    nodes: Names
    level: Columns
    surcharge: Columns
    ponding: Columns
    conduits: Names
    conduit_flow: Columns
    conduit_fill: Columns
    pumps: Names
    pump_command: Signals
    pump_status: Signals
    pump_flow: Columns
    pump_current: Columns

    def save(self, target: Path) -> None:
        """Write all columns, levels rounded to mm so that they compress."""
        columns = {}
        for field in fields(self):
            column = getattr(self, field.name)
            columns[field.name] = np.round(column, 4) if column.dtype == np.float32 else column
        np.savez_compressed(target, **columns)

    @classmethod
    def load(cls, source: Path) -> Self:
        with np.load(source, allow_pickle=False) as stored:
            return cls(**{field.name: stored[field.name] for field in fields(cls)})


def spells(above: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First and last row (exclusive) of each run of True."""
    edges = np.flatnonzero(np.diff(np.r_[0, above.astype(np.int8), 0]))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


def summary(night: Night, network: Network) -> dict[str, Any]:
    """How many places surcharge and flood, when it begins and ends (minutes), and what still stands at
    the end.
    """
    manholes = len(network.manholes)
    low = [k for k, s in enumerate(network.stations, start=manholes) if s.kind == "underpass"]
    minute = night.seconds / 60.0
    return {
        "manholes": manholes,
        "surcharged": _times(night.surcharge[:, :manholes] > 0, minute, 3),
        "flooded": _times(night.ponding[:, :manholes] >= 0.15, minute, 2),
        "underpasses_closed": _times(night.ponding[:, low] >= 0.27, minute, 2),
        "rain_mm": [float(night.rain_total[-1].min()), float(night.rain_total[-1].max())],
    }


def _times(above: npt.NDArray[np.bool_], minute: npt.NDArray[np.float64], least: int) -> dict[str, Any]:
    """Count of columns with a run of `least` rows, first begin, last end, quartiles of the longest run,
    minutes.
    """
    step = minute[0]
    found = []
    for column in above.T:
        runs = [(a, b) for a, b in spells(column) if b - a >= least]
        if runs:
            found.append((minute[runs[0][0]], minute[runs[-1][1] - 1], max(b - a for a, b in runs) * step))
    if not found:
        return {"places": 0}
    begin, end, longest = np.array(found).T
    quartiles = [float(q) for q in np.quantile(longest, (0.25, 0.5, 0.75, 1.0))]
    left = int(above[-1].sum())
    return {
        "places": len(found),
        "first": float(begin.min()),
        "last": float(end.max()),
        "ends_p90": float(np.quantile(end, 0.9)),
        "minutes": quartiles,
        "at_end": left,
    }
