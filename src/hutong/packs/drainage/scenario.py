"""The demo's storm night: one storm, one station that fails, so that rules, folding and handling have
something real to do.
"""

from typing import Any

import msgspec
import numpy as np

from hutong.packs.drainage.assets import Network
from hutong.packs.drainage.gauges import central_station
from hutong.packs.drainage.roads import Plane
from hutong.packs.drainage.storm import Storm
from hutong.packs.drainage.swmm_input import Failure

STORM = Storm(formula="shanghai", return_period_a=50.0, duration_min=180.0, peak_ratio=0.405)
HOURS = 8.0
"""From 19:00, when the rain begins, to 03:00, when all water must have gone."""


def storm_night(network: Network) -> dict[str, Any]:
    """Inputs of `swmm.run` for the night."""
    return {
        "network": msgspec.to_builtins(network),
        "storm": msgspec.to_builtins(STORM),
        "failures": [msgspec.to_builtins(failure) for failure in central_failure(network)],
        "hours": HOURS,
        "step_s": 60,
    }


def central_failure(network: Network, from_min: float = 75.0, minutes: float = 90.0) -> list[Failure]:
    """Pump 2 of the sewer station nearest to the middle of the network, blocked just before the peak.

    Only stations built for more than the smallest design period are considered, so that the failure, not
    the age of the system, floods its streets. Five minutes later the overload protection of the same
    switchboard trips pump 3.
    """
    lonlat = np.array([m.lonlat for m in network.manholes])
    station = central_station(network.manholes, network.stations, Plane(*lonlat.mean(axis=0).tolist()))
    blocked = Failure(station.pumps[1].id, from_min, minutes, "blocked")
    return [blocked, Failure(station.pumps[2].id, from_min + 5, minutes - 5, "tripped")]
