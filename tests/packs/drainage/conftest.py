"""A made-up town of 2.4 × 1.8 km: a grid of streets, a river along its south, an underpass, a tunnel
under the river.
"""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from hutong.packs.drainage import swmm
from hutong.packs.drainage.assets import Design, Network, RoadLine, WaterLine
from hutong.packs.drainage.network import lay
from hutong.packs.drainage.night import Night
from hutong.packs.drainage.scenario import central_failure

LON, LAT, EAST, NORTH = 121.47, 31.23, 0.0021, 0.0018
"""South-west corner, and steps of about 200 m."""


def street(name: str, kind: str, a: tuple[float, float], b: tuple[float, float], **flags: bool) -> RoadLine:
    ends = [(LON + EAST * x, LAT + NORTH * y) for x, y in (a, b)]
    return RoadLine(name, kind, flags.get("tunnel", False), flags.get("bridge", False), ends)


@pytest.fixture(scope="session")
def roads() -> list[RoadLine]:
    grid = [street(f"横{y}路", "secondary", (0, y), (12, y)) for y in range(1, 10, 2)]
    grid += [street(f"纵{x}路", "primary", (x, 0), (x, 9)) for x in range(0, 13, 2)]
    grid.append(street("纵4路地道", "primary", (4, 5), (4, 6), tunnel=True))
    grid.append(street("越江隧道", "primary", (8, -6), (8, 1), tunnel=True))
    grid.append(street("过江桥", "primary", (10, -6), (10, 0), bridge=True))
    return grid


@pytest.fixture(scope="session")
def waters() -> list[WaterLine]:
    return [WaterLine("青河", 60.0, [(LON - EAST, LAT - NORTH), (LON + 13 * EAST, LAT - NORTH)])]


@pytest.fixture(scope="session")
def town(roads: list[RoadLine], waters: list[WaterLine]) -> Network:
    return lay(roads, waters, Design(level_gauges=20, ponding_gauges=12, rain_gauges=3))


@pytest.fixture(scope="session")
def town_inputs(town: Network) -> dict[str, Any]:
    failures = [msgspec.to_builtins(f) for f in central_failure(town, from_min=40.0, minutes=60.0)]
    storm = {"duration_min": 120.0, "return_period_a": 50.0}
    return {"network": msgspec.to_builtins(town), "storm": storm, "failures": failures, "hours": 5.0}


@pytest.fixture(scope="session")
def town_result(town_inputs: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return swmm.run(town_inputs, tmp_path_factory.mktemp("town"), lambda share, words: None)


@pytest.fixture(scope="session")
def town_night(town_result: dict[str, Any]) -> Night:
    return Night.load(Path(town_result["file"]))
