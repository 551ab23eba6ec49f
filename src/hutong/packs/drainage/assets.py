"""The drainage network as data: what roads and water give in, what the layout gives out.

Lengths, levels and depths in m, levels above the city datum, areas in ha, flows in m³/s, positions
(longitude, latitude) in degrees. Everything here is typed and immutable; arrays are made from it where
sums are done.
"""

from typing import Literal

import msgspec

LonLat = tuple[float, float]
Grade = Literal["derived", "simulated"]


class RoadLine(msgspec.Struct, frozen=True):
    """Centre line of a road as the city knows it; `kind` is the OpenStreetMap highway class."""

    name: str
    kind: str
    tunnel: bool
    bridge: bool
    lonlat: list[LonLat]


class WaterLine(msgspec.Struct, frozen=True):
    """Centre line of a river with its width, or (closed, width 0) the outline of a water body."""

    name: str
    width_m: float
    lonlat: list[LonLat]


class Provenance(msgspec.Struct, frozen=True):
    """DESIGN §10: which code made it, by which rule, from what."""

    grade: Grade
    by: str
    rule: str
    source: str = ""


class Manhole(msgspec.Struct, frozen=True):
    """Junction of sewers. `depth` is ground to invert, `crown` invert to the crown of its highest pipe."""

    id: str
    lonlat: LonLat
    road: str
    ground: float
    invert: float
    crown: float
    ponded_area: float
    served_by: str

    @property
    def depth(self) -> float:
        return self.ground - self.invert


class Conduit(msgspec.Struct, frozen=True):
    """Round sewer that falls from `source` to `target`."""

    id: str
    source: str
    target: str
    length: float
    diameter: float
    roughness: float
    road: str
    lonlat: list[LonLat]
    served_by: str


class Pump(msgspec.Struct, frozen=True):
    """One set of a station: `start` and `stop` are depths in the wet well, `curve` is (head m, flow m³/s)."""

    id: str
    station: str
    rated_flow: float
    rated_head: float
    rated_current: float
    start: float
    stop: float
    curve: list[tuple[float, float]]


class Station(msgspec.Struct, frozen=True):
    """Pump station: a wet well and its pumps, lifting to `target` (an outfall, or a manhole for an
    underpass).

    `well` is (depth above floor, surface area m²); `road_level` is the depth at which water stands on the
    carriageway of an underpass (0 for a sewer station, whose water never reaches a road).
    """

    id: str
    kind: Literal["sewer", "underpass"]
    name: str
    lonlat: LonLat
    ground: float
    floor: float
    inlet: float
    road_level: float
    well: list[tuple[float, float]]
    target: str
    design_period: float
    pumps: list[Pump]
    served_by: str


class Outfall(msgspec.Struct, frozen=True):
    """Where a station discharges; `stage` is the fixed water level of the river."""

    id: str
    lonlat: LonLat
    water: str
    stage: float
    station: str


class Subcatchment(msgspec.Struct, frozen=True):
    """Ground that drains to one node; `gauge` is the rain gauge it takes its rain from."""

    id: str
    node: str
    gauge: str
    area: float
    impervious: float
    width: float
    slope: float


class Gauge(msgspec.Struct, frozen=True):
    """An instrument, always simulated. `at` is the node or pump it watches; one gauge may report several
    properties.
    """

    id: str
    kind: Literal["rain", "level", "ponding", "well", "pump"]
    at: str
    lonlat: LonLat
    road: str
    properties: list[str]


class Network(msgspec.Struct, frozen=True):
    """A whole network; `msgspec.json` reads and writes it."""

    manholes: list[Manhole]
    conduits: list[Conduit]
    stations: list[Station]
    outfalls: list[Outfall]
    subcatchments: list[Subcatchment]
    gauges: list[Gauge]
    provenance: dict[str, Provenance]


class Design(msgspec.Struct, frozen=True):
    """Every number the layout uses. Defaults are common practice, chosen for the demo city and open to
    change.
    """

    seed: int = 310000
    storm: str = "shanghai"
    road_kinds: tuple[str, ...] = ("trunk", "primary", "secondary", "tertiary")
    sample_step: float = 20.0
    junction_reach: float = 30.0
    """Roads nearer than this are one road to a sewer: two carriageways, a crossing mapped as four nodes."""
    manhole_spacing: float = 215.0
    longest_conduit: float = 700.0
    station_spacing: float = 1500.0
    """Along the sewers; gives sewersheds of 1 to 4 km², as 强排系统 in old Shanghai have."""
    smallest_sewershed: int = 6
    catchment_reach: float = 250.0
    design_period: float = 5.0
    old_period: float = 1.0
    old_share: float = 0.09
    """Share of sewersheds still sized for P = 1 a, as many built before 2014 are."""
    underpass_period: float = 30.0
    underpass_old_period: float = 5.0
    inlet_time: float = 10.0
    roughness: float = 0.013
    runoff: float = 0.8
    slope: float = 0.001
    cover: float = 1.6
    well_sump: float = 2.5
    flow_per_pump: float = 5.0
    pump_margin: float = 1.35
    old_pump_margin: float = 1.0
    river_stage: float = 3.0
    road_share: float = 0.08
    """Share of a catchment that is carriageway low enough to hold ponded water."""
    long_tunnel: float = 600.0
    """A longer tunnel dives under a river: it floods at its two portals, a shorter one in its middle."""
    check_period: float = 50.0
    """Storm whose grade line decides where gauges are worth most."""
    rain_gauges: int = 12
    level_gauges: int = 130
    ponding_gauges: int = 150
    ponding_gauges_each: int = 2
    """At least so many in every sewershed, the rest where the freeboard is least."""
    pilot_levels: int = 7
    pilot_ponding: int = 5
    """At least so many in the sewershed in the middle of the network, a pilot area that is watched more closely."""
