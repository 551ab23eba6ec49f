"""Things of the city for a drainage network: manholes, conduits, stations, pumps, gauges and their datastreams.

The platform calls `furnish` in a worker (models.yaml): it gives the city's roads and waters as plain data and gets
things back as plain data, with the network itself kept as a file for the simulation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import shapely

from hutong.packs.drainage.assets import (
    Design,
    Gauge,
    LonLat,
    Network,
    Provenance,
    RoadLine,
    Station,
    WaterLine,
)
from hutong.packs.drainage.network import lay

Progress = Callable[[float, str], None]
Row = dict[str, Any]

STREAMS = {
    "rain_intensity": "drainage.rain_intensity",
    "rain_total": "drainage.rain_total",
    "level": "drainage.level",
    "ponding": "drainage.ponding",
    "pump_command": "drainage.pump_command",
    "pump_status": "drainage.pump_status",
    "pump_flow": "drainage.pump_flow",
    "pump_current": "drainage.pump_current",
}
CLOSE_ROAD_M, CLOSE_UNDERPASS_M = 0.40, 0.27
RIVER_WIDTH_M = {"river": 60.0, "canal": 20.0, "stream": 10.0}


def furnish(inputs: dict[str, Any], workdir: Path, progress: Progress) -> dict[str, Any]:
    """Lays the network and gives its things.

    `inputs`: {"seed": int, "things": {"base.road": […], "base.water_body": […]}}, each row {name, properties, parts:
    [{closed, lonlat}]}. Returns {"things": [rows], "network": file name}. Raises Invalid when there is no road or no water.
    """
    things = inputs["things"]
    progress(0.0, "roads and waters")
    roads = [road for row in things.get("base.road", []) for road in _roads(row)]
    waters = [water for row in things.get("base.water_body", []) for water in _waters(row)]
    progress(0.1, "laying sewers along the roads")
    network = lay(roads, waters, Design(seed=int(inputs["seed"])))
    progress(0.8, "things of the network")
    (workdir / "network.json").write_bytes(msgspec.json.encode(network))
    english = {
        row["name"]["zh"]: row["name"]["en"] for row in things.get("base.road", []) if row["name"]["en"]
    }
    rows = list(Furniture(network, english).rows())
    progress(1.0, "done")
    return {"things": rows, "network": "network.json"}


def _roads(row: Row) -> Iterator[RoadLine]:
    facts = row["properties"]
    for part in row["parts"]:
        yield RoadLine(
            name=row["name"]["zh"] or "无名道路",
            kind=str(facts.get("highway") or facts.get("kind") or "other"),
            tunnel=bool(facts.get("tunnel")),
            bridge=bool(facts.get("bridge")),
            lonlat=[tuple(point) for point in part["lonlat"]],
        )


def _waters(row: Row) -> Iterator[WaterLine]:
    facts = row["properties"]
    kind = str(facts.get("waterway") or facts.get("water") or "river")
    width = float(facts.get("width") or RIVER_WIDTH_M.get(kind, 15.0))
    name = row["name"]["zh"]
    for part in row["parts"]:
        line = [tuple(point) for point in part["lonlat"]]
        yield WaterLine(name=name, width_m=0.0 if part["closed"] else width, lonlat=line)


class Furniture:
    """Rows of things of one network. `english`: road names by their Chinese names."""

    def __init__(self, network: Network, english: dict[str, str]) -> None:
        self.network = network
        self.english = english
        self.gauges: dict[tuple[str, str], Gauge] = {(one.kind, one.at): one for one in network.gauges}
        self.stations = {one.id: one for one in network.stations}

    def rows(self) -> Iterator[Row]:
        yield from self._stations()
        yield from self._manholes()
        yield from self._conduits()
        yield from self._rain_gauges()
        yield from self._ponding_points()

    def _english(self, road: str) -> str:
        return self.english.get(road, road)

    def _grade(self, what: str) -> dict[str, str]:
        made: Provenance = self.network.provenance[what]
        return {"kind": made.grade, "source": f"{made.by}: {made.rule}", "licence": "ODbL-1.0"}

    def _streams(self, kind: str, at: str) -> list[dict[str, str]]:
        gauge = self.gauges.get((kind, at))
        if gauge is None:
            return []
        return [{"property": STREAMS[name], "sensor": f"模拟传感器 {gauge.id}"} for name in gauge.properties]

    def _stations(self) -> Iterator[Row]:
        for one in self.network.stations:
            flow = round(sum(pump.rated_flow for pump in one.pumps), 3)
            yield {
                "type": "drainage.pump_station",
                "code": one.id,
                "name": {"zh": one.name, "en": f"Pump station {one.id}"},
                "geometry": _point(one.lonlat),
                "component_class": "01072",
                "properties": {"pumps": len(one.pumps), "rated_flow": flow, "kind": one.kind},
                "links": {"served_by": [one.served_by]} if one.served_by != one.id else {},
                "streams": self._streams("well", one.id),
                "provenance": self._grade("network"),
            }
            yield from self._pumps(one)

    def _pumps(self, station: Station) -> Iterator[Row]:
        for number, pump in enumerate(station.pumps, start=1):
            yield {
                "type": "drainage.pump",
                "code": pump.id,
                "name": {"zh": f"{station.name}{number}号泵", "en": f"Pump {number} of station {station.id}"},
                "geometry": _point(station.lonlat),
                "properties": {"rated_flow": pump.rated_flow, "rated_current": pump.rated_current},
                "links": {"station": [station.id]},
                "streams": self._streams("pump", pump.id),
                "provenance": self._grade("network"),
            }

    def _manholes(self) -> Iterator[Row]:
        for one in self.network.manholes:
            yield {
                "type": "drainage.manhole",
                "code": one.id,
                "name": {
                    "zh": f"{one.road} {one.id} 井",
                    "en": f"Manhole {one.id}, {self._english(one.road)}",
                },
                "geometry": _point(one.lonlat),
                "component_class": "01003",
                "properties": {
                    "road": one.road,
                    "ground": one.ground,
                    "invert": one.invert,
                    "depth": round(one.depth, 3),
                    "crown": one.crown,
                },
                "links": {"served_by": [one.served_by]},
                "streams": self._streams("level", one.id),
                "provenance": self._grade("network"),
            }

    def _conduits(self) -> Iterator[Row]:
        ends = {one.id for one in self.network.manholes}
        for one in self.network.conduits:
            links = {"served_by": [one.served_by]}
            links |= {role: [end] for role, end in (("from", one.source), ("to", one.target)) if end in ends}
            yield {
                "type": "drainage.conduit",
                "code": one.id,
                "name": {
                    "zh": f"{one.road} {one.id} 管",
                    "en": f"Conduit {one.id}, {self._english(one.road)}",
                },
                "geometry": shapely.to_wkb(shapely.LineString(one.lonlat)),
                "properties": {
                    "road": one.road,
                    "diameter": one.diameter,
                    "length": one.length,
                    "roughness": one.roughness,
                },
                "links": links,
                "streams": [],
                "provenance": self._grade("network"),
            }

    def _rain_gauges(self) -> Iterator[Row]:
        for one in self.network.gauges:
            if one.kind == "rain":
                yield {
                    "type": "drainage.rain_gauge",
                    "code": one.id,
                    "name": {
                        "zh": f"{one.road}雨量站 {one.id}",
                        "en": f"Rain gauge {one.id}, {self._english(one.road)}",
                    },
                    "geometry": _point(one.lonlat),
                    "properties": {},
                    "links": {},
                    "streams": self._streams("rain", one.at),
                    "provenance": self._grade("gauges"),
                }

    def _ponding_points(self) -> Iterator[Row]:
        served = {one.id: one.served_by for one in self.network.manholes}
        for one in self.network.gauges:
            if one.kind != "ponding":
                continue
            station = self.stations.get(one.at)
            name = f"{one.road}下立交" if station else one.road
            yield {
                "type": "drainage.ponding_point",
                "code": one.id,
                "name": {
                    "zh": f"{name}积水点 {one.id}",
                    "en": f"Ponding point {one.id}, {self._english(one.road)}",
                },
                "geometry": _point(one.lonlat),
                "properties": {
                    "road": one.road,
                    "underpass": station is not None,
                    "close_depth": CLOSE_UNDERPASS_M if station else CLOSE_ROAD_M,
                },
                "links": {"served_by": [station.id]}
                if station
                else {"served_by": [served[one.at]], "manhole": [one.at]},
                "streams": self._streams("ponding", one.at),
                "provenance": self._grade("gauges"),
            }


def _point(lonlat: LonLat) -> bytes:
    point: bytes = shapely.to_wkb(shapely.Point(lonlat))
    return point
