"""Lay a drainage network along real roads.

`lay` turns road centre lines and rivers into manholes, sewers, pump stations, outfalls, catchments and
gauges by the rules written in `roads`, `sewers`, `underpasses`, `terrain` and `gauges`. No city publishes
its drains; this one is `derived`, its ground and instruments `simulated`, and it says so.
"""

import math

import numpy as np

from hutong.kernel.errors import Invalid
from hutong.packs.drainage import gauges, underpasses
from hutong.packs.drainage.assets import (
    Conduit,
    Design,
    Gauge,
    Manhole,
    Network,
    Outfall,
    Provenance,
    RoadLine,
    Station,
    Subcatchment,
    WaterLine,
)
from hutong.packs.drainage.roads import Floats, Plane, RoadGraph, Samples
from hutong.packs.drainage.sewers import (
    Sizes,
    Tree,
    catchment_areas,
    choose_stations,
    drain,
    freeboard,
    pump_sets,
    size,
)
from hutong.packs.drainage.terrain import Ground, Water

HEAD_LOSS_M = 1.5


def lay(roads: list[RoadLine], waters: list[WaterLine], design: Design | None = None) -> Network:
    """The network of a city. Same input and design, same network.

    Without water, stations stand at low ground and discharge beside themselves into an unnamed water.
    Raises Invalid when no road of the chosen classes lies at ground level, or too few of them are connected.
    """
    return _Layout(roads, waters, design or Design()).network()


class _Layout:
    """One run of the rules; holds what several of them share."""

    def __init__(self, roads: list[RoadLine], waters: list[WaterLine], design: Design) -> None:
        if not roads:
            raise Invalid("roads", "the city has no roads", "import roads before laying a network")
        points = np.concatenate([np.asarray(r.lonlat, dtype=np.float64) for r in roads])
        self.plane = Plane(*points.mean(axis=0).tolist())
        self.design, self.roads = design, roads
        self.water = Water(waters, self.plane)
        graph = RoadGraph(Samples(roads, self.plane, design), design)
        self.graph = graph
        self.surface = Ground(design.seed, graph.xy, self.water)
        self.ground: Floats = self.surface(graph.xy)
        self.tree: Tree = drain(graph, choose_stations(graph, self.water, self.ground, design))
        self.area: Floats = np.where(self.tree.root >= 0, catchment_areas(graph, self.water, design), 0.0)
        self.sizes: Sizes = size(graph, self.tree, self.area, self.ground, design)
        self.lines = {
            int(i): graph.line(int(self.tree.edge[i])) for i in self.tree.order if self.tree.edge[i] >= 0
        }
        self.ids = self._name()

    def _name(self) -> dict[int, str]:
        """Stations and manholes numbered from north-west to south-east, so that neighbours have near
        numbers.
        """
        xy = self.graph.xy
        members = sorted(self.tree.order.tolist(), key=lambda i: (-round(xy[i, 1] / 500), xy[i, 0]))
        stations = [i for i in members if self.tree.down[i] < 0]
        manholes = [i for i in members if self.tree.down[i] >= 0]
        names = {i: f"PS{n + 1:02d}" for n, i in enumerate(stations)}
        return names | {i: f"MH{n + 1:04d}" for n, i in enumerate(manholes)}

    def network(self) -> Network:
        manholes = [self._manhole(i) for i in self.ids if self.tree.down[i] >= 0]
        conduits = [self._conduit(i) for i in self.ids if self.tree.down[i] >= 0]
        stations, outfalls = self._stations()
        dips = underpasses.find_dips(self.roads, self.plane, self.design)
        receivers = underpasses.Receivers(
            self.plane.metres([m.lonlat for m in manholes]),
            [m.id for m in manholes],
            [m.served_by for m in manholes],
        )
        levels = self.surface(np.array([dip.xy for dip in dips]).reshape(-1, 2))
        low, small = underpasses.build(dips, receivers, levels, self.plane, self.design)
        instruments = gauges.place(manholes, self._freeboard(), stations + low, self.plane, self.design)
        catchments = self._catchments(instruments, small, stations + low)
        return Network(manholes, conduits, stations + low, outfalls, catchments, instruments, _provenance())

    def _freeboard(self) -> Floats:
        free = freeboard(self.graph, self.tree, self.sizes, self.ground, self.design)
        return free[[i for i in self.ids if self.tree.down[i] >= 0]]

    def _manhole(self, i: int) -> Manhole:
        ground, invert = float(self.ground[i]), float(self.sizes.invert[i])
        return Manhole(
            id=self.ids[i],
            lonlat=self.plane.degrees(self.graph.xy[i])[0],
            road=self.lines[i][1],
            ground=round(ground, 3),
            invert=round(invert, 3),
            crown=round(float(self.sizes.diameter[i]), 3),
            ponded_area=round(max(500.0, float(self.area[i]) * 1e4 * self.design.road_share), 1),
            served_by=self.ids[int(self.tree.root[i])],
        )

    def _conduit(self, i: int) -> Conduit:
        course, road = self.lines[i]
        if i > self.tree.down[i]:
            course = course[::-1]
        name = self.ids[i]
        return Conduit(
            id=f"C{name[2:]}",
            source=name,
            target=self.ids[int(self.tree.down[i])],
            length=round(float(self.graph.lengths[self.tree.edge[i]]), 1),
            diameter=float(self.sizes.diameter[i]),
            roughness=self.design.roughness,
            road=road,
            lonlat=self.plane.degrees(course),
            served_by=self.ids[int(self.tree.root[i])],
        )

    def _stations(self) -> tuple[list[Station], list[Outfall]]:
        found = [self._station(i) for i in self.ids if self.tree.down[i] < 0]
        return [s for s, _ in found], [o for _, o in found]

    def _station(self, i: int) -> tuple[Station, Outfall]:
        design, name = self.design, self.ids[i]
        inlet = float(self.sizes.invert[i])
        floor = inlet - design.well_sump
        flow = float(self.sizes.pumped[i])
        count = int(np.clip(math.ceil(flow / design.flow_per_pump), 3, 4))
        head = design.river_stage - (floor + 1.0) + HEAD_LOSS_M
        bank, water = self.water.nearest(self.graph.xy[i])
        outfall = Outfall(f"OF{name[2:]}", self.plane.degrees(bank)[0], water, design.river_stage, name)
        area = round(max(100.0, 150.0 * flow / count), 1)
        station = Station(
            id=name,
            kind="sewer",
            name=self._station_name(i),
            lonlat=self.plane.degrees(self.graph.xy[i])[0],
            ground=round(float(self.ground[i]), 3),
            floor=round(floor, 3),
            inlet=round(inlet, 3),
            road_level=0.0,
            well=[(0.0, area), (round(float(self.ground[i]) - floor + 2.0, 3), area)],
            target=outfall.id,
            design_period=float(self.sizes.period[i]),
            pumps=pump_sets(name, flow, head, 1.0, count),
            served_by=name,
        )
        return station, outfall

    def _station_name(self, i: int) -> str:
        """Named by its road; the second station of a road is 2号, and so on."""
        samples = self.graph.samples
        roads = {k: samples.roads[int(samples.road[self.graph.at[k]])].name for k in self.ids}
        same = [k for k in self.ids if self.tree.down[k] < 0 and roads[k] == roads[i]]
        number = f"{same.index(i) + 1}号" if len(same) > 1 else ""
        return f"{roads[i]}{number}泵站"

    def _catchments(
        self, instruments: list[Gauge], small: list[Subcatchment], stations: list[Station]
    ) -> list[Subcatchment]:
        rain = [g for g in instruments if g.kind == "rain"]
        spots = self.plane.metres([g.lonlat for g in rain])
        density = np.bincount(self.graph.pairs.ravel(), np.repeat(self.graph.lengths / 2, 2), len(self.area))

        def nearest(xy: Floats) -> str:
            return rain[int(np.argmin(np.linalg.norm(spots - xy, axis=1)))].id

        found = []
        for i, name in self.ids.items():
            area = float(self.area[i])
            if area <= 0:
                continue
            paved = 0.6 + 0.25 * min(1.0, float(density[i]) / (area * 1e4 / 150.0))
            width = area * 1e4 / 120.0
            gauge = nearest(self.graph.xy[i])
            found.append(
                Subcatchment(
                    f"S-{name}", name, gauge, round(area, 4), round(paved, 3), round(width, 1), 0.005
                )
            )
        where = {s.id: self.plane.metres(s.lonlat) for s in stations}
        for s in small:
            gauge = nearest(where[s.node])
            found.append(Subcatchment(s.id, s.node, gauge, s.area, s.impervious, s.width, s.slope))
        return found


def _provenance() -> dict[str, Provenance]:
    by = "hutong.packs.drainage.network.lay"
    osm = "road centre lines of the city (OpenStreetMap contributors, ODbL)"
    return {
        "network": Provenance("derived", by, "sewers along roads, sized by the rational formula", osm),
        "ground": Provenance("simulated", by, "gentle synthetic surface, see hutong.packs.drainage.terrain"),
        "gauges": Provenance("simulated", by, "placed by rule, see hutong.packs.drainage.gauges"),
    }
