"""The layout's rules: what every network laid along roads must satisfy."""

import math

import msgspec
import numpy as np
import pytest

from hutong.kernel.errors import Invalid
from hutong.packs.drainage.assets import Design, Network, RoadLine, WaterLine
from hutong.packs.drainage.network import lay
from hutong.packs.drainage.roads import Plane


def metres(a: tuple[float, float], b: tuple[float, float]) -> float:
    return float(np.linalg.norm(Plane(*a).metres(b)))


def test_every_manhole_drains_to_its_own_station_without_a_loop(town: Network) -> None:
    down = {c.source: c.target for c in town.conduits}
    assert len(down) == len(town.conduits) == len(town.manholes)
    for manhole in town.manholes:
        seen, here = set(), manhole.id
        while here in down:
            assert here not in seen
            seen.add(here)
            here = down[here]
        assert here == manhole.served_by


def test_sewers_fall_and_never_shrink_downstream(town: Network) -> None:
    invert = {m.id: m.invert for m in town.manholes} | {s.id: s.inlet for s in town.stations}
    leaving = {c.source: c for c in town.conduits}
    for conduit in town.conduits:
        assert invert[conduit.source] - invert[conduit.target] >= 0.001 * conduit.length - 0.01
        if conduit.target in leaving:
            assert leaving[conduit.target].diameter >= conduit.diameter


def test_every_sewer_has_cover_above_its_crown(town: Network) -> None:
    assert all(m.depth - m.crown >= Design().cover - 0.01 for m in town.manholes)


def test_sewers_follow_the_roads_they_name(town: Network, roads: list[RoadLine]) -> None:
    names = {r.name for r in roads if not (r.tunnel or r.bridge)}
    ends = {m.id: m.lonlat for m in town.manholes} | {s.id: s.lonlat for s in town.stations}
    for conduit in town.conduits:
        assert conduit.road in names
        assert metres(conduit.lonlat[0], ends[conduit.source]) < 5
        assert metres(conduit.lonlat[-1], ends[conduit.target]) < 5
        drawn = sum(metres(a, b) for a, b in zip(conduit.lonlat, conduit.lonlat[1:], strict=False))
        assert drawn == pytest.approx(conduit.length, rel=0.1, abs=10)


def test_nothing_is_laid_over_bridges_or_through_tunnels(town: Network) -> None:
    south = min(m.lonlat[1] for m in town.manholes)
    assert south >= 31.23 - 1e-6


def test_stations_stand_at_the_river_first_and_apart(town: Network) -> None:
    stations = [s for s in town.stations if s.kind == "sewer"]
    assert stations[0].lonlat[1] == pytest.approx(31.23, abs=0.002) or len(stations) > 1
    outfalls = {o.station: o for o in town.outfalls}
    assert {s.id for s in stations} == set(outfalls)
    assert all(o.water == "青河" for o in town.outfalls)


def test_pumps_carry_the_design_flow_and_start_in_turn(town: Network) -> None:
    for station in town.stations:
        starts = [p.start for p in station.pumps]
        assert starts == sorted(set(starts))
        assert all(0 < p.stop < p.start for p in station.pumps)
        assert all(q == sorted(q, reverse=True) for q in ([f for _, f in p.curve] for p in station.pumps))
        assert starts[-1] < station.well[-1][0]


def test_short_tunnels_flood_in_the_middle_and_long_ones_at_their_portals(town: Network) -> None:
    low = [s for s in town.stations if s.kind == "underpass"]
    names = sorted(s.name for s in low)
    assert names.count("纵4路地道") == 1
    assert names.count("越江隧道") >= 1
    middle = next(s for s in low if s.name == "纵4路地道")
    assert middle.lonlat == pytest.approx((121.47 + 4 * 0.0021, 31.23 + 5.5 * 0.0018), abs=2e-4)
    manholes = {m.id for m in town.manholes}
    assert all(s.target in manholes and s.served_by for s in low)


def test_catchments_cover_land_once_and_have_rain(town: Network) -> None:
    rain = {g.id for g in town.gauges if g.kind == "rain"}
    assert all(s.gauge in rain for s in town.subcatchments)
    served = [s.node for s in town.subcatchments]
    assert len(set(served)) == len(served)
    area = sum(s.area for s in town.subcatchments if s.node.startswith(("MH", "PS")))
    box = (12 * 0.2 + 0.5) * (9 * 0.2 + 0.5) * 100  # the town and 250 m around it, ha
    assert 0.8 * box < area < box


def test_each_pump_well_and_underpass_is_watched(town: Network) -> None:
    watched = {(g.kind, g.at) for g in town.gauges}
    for station in town.stations:
        assert ("well", station.id) in watched
        assert all(("pump", p.id) in watched for p in station.pumps)
        assert (("ponding", station.id) in watched) == (station.kind == "underpass")
    assert sum(g.kind == "level" for g in town.gauges) == min(20, len(town.manholes))


def test_ids_are_unique_and_everything_says_where_it_comes_from(town: Network) -> None:
    ids = [
        x.id
        for group in (town.manholes, town.conduits, town.stations, town.outfalls, town.gauges)
        for x in group
    ]
    assert len(set(ids)) == len(ids)
    assert {k: p.grade for k, p in town.provenance.items()} == {
        "network": "derived",
        "ground": "simulated",
        "gauges": "simulated",
    }


def test_same_roads_same_network_and_json_keeps_it(
    town: Network, roads: list[RoadLine], waters: list[WaterLine]
) -> None:
    again = lay(roads, waters, Design(level_gauges=20, ponding_gauges=12, rain_gauges=3))
    assert again == town
    assert msgspec.json.decode(msgspec.json.encode(town), type=Network) == town


def test_another_seed_moves_the_ground_but_not_the_roads(
    town: Network, roads: list[RoadLine], waters: list[WaterLine]
) -> None:
    other = lay(roads, waters, Design(seed=1, level_gauges=20, ponding_gauges=12, rain_gauges=3))
    assert {m.lonlat for m in other.manholes} | {s.lonlat for s in other.stations if s.kind == "sewer"} == {
        m.lonlat for m in town.manholes
    } | {s.lonlat for s in town.stations if s.kind == "sewer"}
    assert [m.ground for m in other.manholes] != [m.ground for m in town.manholes]
    assert all(1.5 < m.ground < 5.5 and math.isfinite(m.ground) for m in other.manholes)


def test_a_city_without_known_water_still_drains(roads: list[RoadLine]) -> None:
    dry = lay(roads, [])
    assert {o.water for o in dry.outfalls} == {""}
    assert {o.station for o in dry.outfalls} == {s.id for s in dry.stations if s.kind == "sewer"}


def test_a_city_without_roads_for_sewers_is_refused(roads: list[RoadLine], waters: list[WaterLine]) -> None:
    with pytest.raises(Invalid, match="roads"):
        lay([], waters)
    with pytest.raises(Invalid, match="connected roads"):
        lay([RoadLine("短路", "primary", False, False, [(121.47, 31.23), (121.474, 31.23)])], waters)
    paths = [RoadLine("小径", "footway", False, False, roads[0].lonlat)]
    with pytest.raises(Invalid, match="no road of the classes"):
        lay(paths, waters)
