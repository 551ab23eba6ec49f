"""The demo city's night: sizes and counts that the demo, its rules and its story rest on."""

import json
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import osmium
import pytest

from hutong.packs.drainage import swmm
from hutong.packs.drainage.assets import Design, Network, RoadLine, WaterLine
from hutong.packs.drainage.network import lay
from hutong.packs.drainage.night import Night
from hutong.packs.drainage.scenario import storm_night

HERE = Path(__file__).parent
EXTRACT = HERE.parents[2] / "cities" / "shanghai_center" / "source" / "shanghai_center.osm.gz"


def read_roads(source: Path) -> list[RoadLine]:
    roads = []
    for way in osmium.FileProcessor(str(source)).with_locations():
        if way.is_way() and "highway" in way.tags:
            line = [(node.lon, node.lat) for node in way.nodes if node.location.valid()]
            tunnel, bridge = (way.tags.get(key, "no") != "no" for key in ("tunnel", "bridge"))
            roads.append(RoadLine(way.tags.get("name", ""), way.tags["highway"], tunnel, bridge, line))
    return roads


@pytest.fixture(scope="module")
def network() -> Network:
    rivers = msgspec.convert(
        json.loads((HERE / "data" / "shanghai_rivers.json").read_bytes()), list[WaterLine]
    )
    return lay(read_roads(EXTRACT), rivers, Design(seed=20260718))


@pytest.fixture(scope="module")
def result(network: Network, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return swmm.run(storm_night(network), tmp_path_factory.mktemp("shanghai"), lambda share, words: None)


def test_network_has_the_size_of_a_skeleton_of_main_roads(network: Network) -> None:
    assert 600 <= len(network.manholes) <= 1200
    assert len(network.outfalls) == sum(s.kind == "sewer" for s in network.stations)
    assert {"黄浦江", "苏州河"} <= {o.water for o in network.outfalls}
    assert sum(g.kind == "rain" for g in network.gauges) == 12
    levels = sum(g.kind in ("level", "well", "ponding") for g in network.gauges)
    assert 150 <= levels <= 500
    assert {"外滩隧道", "西藏北路地道"} <= {s.name for s in network.stations}


def test_fifty_year_storm_floods_some_places_and_all_water_goes(result: dict[str, Any]) -> None:
    summary = result["summary"]
    assert 20 <= summary["flooded"]["places"] <= 60
    assert 1 <= summary["underpasses_closed"]["places"] <= 10
    for what in ("surcharged", "flooded", "underpasses_closed"):
        assert summary[what]["at_end"] == 0
        assert summary[what]["last"] < 6 * 60
    assert abs(summary["balance"]["routing"]["Continuity Error (%)"]) < 2.0


def test_the_failed_station_floods_its_own_sewershed_and_gauges_see_it(
    network: Network, result: dict[str, Any]
) -> None:
    night = Night.load(Path(result["file"]))
    failed = storm_night(network)["failures"][0]["pump"].split("-")[0]
    served = {m.id for m in network.manholes if m.served_by == failed}
    wet = {
        node
        for node, ponding in zip(night.nodes.tolist(), night.ponding.T, strict=True)
        if (ponding > 0.15).sum() > 1
    }
    assert len(wet & served) >= 5
    watched = {g.at for g in network.gauges if g.kind == "ponding"}
    assert len(wet & served & watched) >= 1
    assert len(wet & watched) >= 0.5 * len(wet)


def test_most_of_the_network_copes_with_a_three_year_storm(network: Network, tmp_path: Path) -> None:
    inputs = storm_night(network) | {"storm": {"return_period_a": 3.0}, "failures": [], "hours": 4.0}
    result = swmm.run(inputs, tmp_path, lambda share, words: None)
    night = Night.load(Path(result["file"]))
    surcharged = (night.surcharge[:, : len(network.manholes)] > 0).sum(axis=0) >= 3
    assert np.mean(surcharged) < 0.1
    assert result["summary"]["flooded"]["places"] <= 2
