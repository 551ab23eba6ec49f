"""Instruments of the network: how many, where and what they report. All of them are simulated.

Rain gauges spread as far from each other as they can. Level gauges take, sewershed by sewershed in turn,
the manhole that lies lowest against its surroundings; the lowest of those also get a road ponding gauge.
Every wet well, pump and underpass is watched; the sewershed in the middle is a pilot area with more gauges.
"""

import numpy as np
import numpy.typing as npt

from hutong.packs.drainage.assets import Design, Gauge, Manhole, Station
from hutong.packs.drainage.roads import Floats, Plane

RAIN = ["rain_intensity", "rain_total"]
PUMP = ["pump_command", "pump_status", "pump_flow", "pump_current"]


def spread(xy: Floats, count: int) -> list[int]:
    """Indices of points chosen one by one, each farthest from those before; the first is nearest to the
    middle.
    """
    first = int(np.argmin(np.linalg.norm(xy - xy.mean(axis=0), axis=1)))
    chosen, away = [first], np.linalg.norm(xy - xy[first], axis=1)
    while len(chosen) < min(count, len(xy)):
        chosen.append(int(np.argmax(away)))
        away = np.minimum(away, np.linalg.norm(xy - xy[chosen[-1]], axis=1))
    return chosen


def in_turn(order: npt.NDArray[np.int64], group: list[str], count: int) -> list[int]:
    """The first of each group by `order`, then the second of each, until `count` are taken."""
    seen: dict[str, int] = {}
    rounds = []
    for place, i in enumerate(order.tolist()):
        seen[group[i]] = seen.get(group[i], 0) + 1
        rounds.append((seen[group[i]], place, i))
    return [i for _, _, i in sorted(rounds)[:count]]


def place(
    manholes: list[Manhole], freeboard: Floats, stations: list[Station], plane: Plane, design: Design
) -> list[Gauge]:
    """All gauges of the network in a stable order: rain, level, ponding, wells, pumps."""
    xy = plane.metres([m.lonlat for m in manholes])
    order = np.argsort(freeboard, kind="stable")
    sewersheds = [m.served_by for m in manholes]
    pilot = central_station(manholes, stations, plane).id
    central = [i for i in order.tolist() if sewersheds[i] == pilot]
    level = _first(
        central[: design.pilot_levels], in_turn(order, sewersheds, len(manholes)), design.level_gauges
    )
    each = in_turn(order, sewersheds, design.ponding_gauges_each * len(set(sewersheds)))
    ponding = _first(central[: design.pilot_ponding], [*each, *order.tolist()], design.ponding_gauges)
    rain = sorted(spread(xy, design.rain_gauges))
    gauges = [_at("RG", n, "rain", manholes[i], RAIN) for n, i in enumerate(rain)]
    gauges += [_at("LG", n, "level", manholes[i], ["level"]) for n, i in enumerate(sorted(level))]
    gauges += [_at("PG", n, "ponding", manholes[i], ["ponding"]) for n, i in enumerate(sorted(ponding))]
    for station in stations:
        gauges += _watch(station)
    return gauges


def _first(before: list[int], others: list[int], count: int) -> list[int]:
    """So many of both lists without repetition, those of the first before the others."""
    return list(dict.fromkeys((*before, *others)))[:count]


def central_station(manholes: list[Manhole], stations: list[Station], plane: Plane) -> Station:
    """The sewer station nearest to the middle of the network, of those built for more than the smallest design period."""
    sewers = [s for s in stations if s.kind == "sewer"]
    oldest = min(s.design_period for s in sewers)
    sound = [s for s in sewers if s.design_period > oldest] or sewers
    middle = plane.metres([m.lonlat for m in manholes]).mean(axis=0)
    away = np.linalg.norm(plane.metres([s.lonlat for s in sound]) - middle, axis=1)
    return sound[int(np.argmin(away))]


def _at(prefix: str, number: int, kind: str, manhole: Manhole, properties: list[str]) -> Gauge:
    return Gauge(f"{prefix}{number + 1:03d}", kind, manhole.id, manhole.lonlat, manhole.road, properties)  # type: ignore[arg-type]


def _watch(station: Station) -> list[Gauge]:
    here, road = station.lonlat, station.name
    found = [Gauge(f"WG-{station.id}", "well", station.id, here, road, ["level"])]
    if station.kind == "underpass":
        found.append(Gauge(f"PG-{station.id}", "ponding", station.id, here, road, ["ponding"]))
    found += [Gauge(f"MG-{pump.id}", "pump", pump.id, here, road, PUMP) for pump in station.pumps]
    return found
