"""The SWMM model: water is neither made nor lost, failures show, errors speak."""

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from hutong.kernel.errors import Invalid
from hutong.packs.drainage import formulas, swmm
from hutong.packs.drainage.assets import Gauge, Network
from hutong.packs.drainage.night import Night, spells
from hutong.packs.drainage.storm import Storm, fall

DATA = Path(__file__).parent / "data"


def quiet(share: float, words: str) -> None:
    assert 0.0 <= share <= 1.0
    assert words


def test_water_is_conserved(town: Network, town_result: dict[str, Any], town_night: Night) -> None:
    runoff, routing = (town_result["summary"]["balance"][k] for k in ("runoff", "routing"))
    assert abs(runoff["Continuity Error (%)"]) < 1.0
    assert abs(routing["Continuity Error (%)"]) < 2.0
    fallen = dict(zip(town_night.gauges.tolist(), town_night.rain_total[-1], strict=True))
    rain = sum(s.area * fallen[s.gauge] / 1000 for s in town.subcatchments)
    assert runoff["Total Precipitation"] == pytest.approx(rain, rel=0.01)
    left = runoff["Infiltration Loss"] + runoff["Surface Runoff"] + runoff["Final Storage"]
    assert left == pytest.approx(rain, rel=0.01)
    entered = routing["Wet Weather Inflow"] + routing["External Inflow"] + routing["Initial Stored Volume"]
    went = routing["External Outflow"] + routing["Flooding Loss"] + routing["Final Stored Volume"]
    assert went == pytest.approx(entered, rel=0.03)


def test_result_has_a_column_for_everything(town: Network, town_night: Night) -> None:
    steps = 5 * 60
    assert town_night.seconds.tolist() == list(range(60, 5 * 3600 + 1, 60))
    assert town_night.level.shape == (steps, len(town.manholes) + len(town.stations))
    assert town_night.conduit_flow.shape == town_night.conduit_fill.shape == (steps, len(town.conduits))
    assert town_night.pump_flow.shape == (steps, sum(len(s.pumps) for s in town.stations))
    assert np.all(town_night.conduit_fill <= 1.0)
    assert np.isfinite(town_night.level).all()


def test_ponding_is_water_above_the_ground(town: Network, town_night: Night) -> None:
    depth = np.array([m.depth for m in town.manholes])
    count = len(town.manholes)
    above = np.maximum(town_night.level[:, :count] - depth, 0.0)
    np.testing.assert_allclose(town_night.ponding[:, :count], above, atol=2e-3)
    assert np.all(town_night.surcharge[:, :count][town_night.ponding[:, :count] > 0] > 1.0)


def test_a_storm_surcharges_and_the_water_goes_again(town_result: dict[str, Any]) -> None:
    summary = town_result["summary"]
    assert summary["surcharged"]["places"] > 0.3 * summary["manholes"]
    assert summary["surcharged"]["at_end"] == 0
    assert summary["flooded"].get("at_end", 0) == 0


def test_failed_pumps_are_told_to_run_and_do_not(
    town: Network, town_inputs: dict[str, Any], town_night: Night
) -> None:
    pumps = [p for s in town.stations for p in s.pumps]
    failed = formulas.pump_failed(
        town_night.pump_command, town_night.pump_flow, [p.rated_flow for p in pumps]
    )
    blocked, tripped = (failure["pump"] for failure in town_inputs["failures"])
    runs = {p.id: max((b - a for a, b in spells(failed[:, k])), default=0) for k, p in enumerate(pumps)}
    assert runs.pop(blocked) >= 3
    assert runs.pop(tripped) >= 3
    assert max(runs.values()) < 3
    names = town_night.pumps.tolist()
    status = town_night.pump_status[failed.any(axis=1)]
    assert status[:, names.index(blocked)].max() == 1
    during = failed[:, names.index(tripped)]
    assert town_night.pump_status[during, names.index(tripped)].max() == 0
    assert town_night.pump_current[during, names.index(tripped)].max() == 0


def test_the_failure_makes_it_worse_upstream(
    town: Network, town_inputs: dict[str, Any], town_night: Night, tmp_path: Path
) -> None:
    sound = Night.load(Path(swmm.run(town_inputs | {"failures": []}, tmp_path, quiet)["file"]))
    station = town_inputs["failures"][0]["pump"].split("-")[0]
    served = [k for k, m in enumerate(town.manholes) if m.served_by == station]
    others = [k for k, m in enumerate(town.manholes) if m.served_by != station]
    assert (town_night.surcharge - sound.surcharge)[:, served].sum() > 10.0
    elsewhere = np.abs(town_night.level - sound.level)[:, others]
    assert (
        elsewhere.mean() < 0.02
    )  # only the time steps of the solver, and so the pumps' cycles, differ a little


def test_same_inputs_same_night(town_inputs: dict[str, Any], town_night: Night, tmp_path: Path) -> None:
    again = Night.load(Path(swmm.run(town_inputs, tmp_path, quiet)["file"]))
    np.testing.assert_array_equal(again.level, town_night.level)
    np.testing.assert_array_equal(again.pump_flow, town_night.pump_flow)


def test_peak_runoff_of_one_catchment_agrees_with_the_rational_formula(town: Network, tmp_path: Path) -> None:
    """A small paved catchment under steady rain: Q = Ψ q F with Ψ its paved share, once everything flows."""
    node = town.manholes[0]
    rain = {"hyetograph_mm": [5.0] * 24, "hyetograph_step_min": 5.0, "edge_loss": 0.0}
    catchment = msgspec.structs.replace(
        next(s for s in town.subcatchments if s.node == node.id), area=1.0, width=200.0, impervious=1.0
    )
    alone = msgspec.structs.replace(town, subcatchments=[catchment])
    inputs = {"network": msgspec.to_builtins(alone), "storm": rain, "hours": 4.0}
    night = Night.load(Path(swmm.run(inputs, tmp_path, quiet)["file"]))
    below = [c.id for c in town.conduits].index(f"C{node.id[2:]}")
    peak = float(night.conduit_flow[:, below].max()) * 1000
    q = 5.0 / 5.0 / formulas.LITRES_PER_S_HA_TO_MM_PER_MIN
    assert peak == pytest.approx(float(formulas.rational_flow(1.0, q, 1.0)), rel=0.03)


def test_progress_rises_to_one(town_inputs: dict[str, Any], tmp_path: Path) -> None:
    seen: list[float] = []
    swmm.run(town_inputs | {"hours": 1.0}, tmp_path, lambda share, words: seen.append(share))
    assert seen == sorted(seen)
    assert seen[0] == 0.0
    assert seen[-1] == 1.0
    assert len(seen) > 5


def test_a_broken_model_says_which_line_is_wrong(tmp_path: Path) -> None:
    source = tmp_path / "bad.inp"
    source.write_bytes((DATA / "model_bad_input_1.inp").read_bytes())
    with pytest.raises(Invalid) as caught:
        swmm.simulate(source, quiet)
    assert caught.value.field == "bad.inp"
    assert "ERROR 209" in caught.value.reason
    assert "S1" in caught.value.reason or "*" in caught.value.reason


def test_a_foreign_model_runs_and_balances(tmp_path: Path) -> None:
    source = tmp_path / "full.inp"
    source.write_bytes((DATA / "model_full_features.inp").read_bytes())
    balance = swmm.simulate(source, quiet)
    assert abs(balance["routing"]["Continuity Error (%)"]) < 5.0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"hours": "long"}, "hours"),
        ({"storm": {"formula": "atlantis"}}, "atlantis"),
        ({"storm": {"colour": "red"}}, "colour"),
        ({"failures": [{"pump": "PS99-P1", "from_min": 1, "minutes": 2}]}, "PS99-P1"),
        ({"storm": {"hyetograph_mm": [1.0, -2.0]}}, "hyetograph"),
    ],
)
def test_wrong_inputs_are_refused_by_name(
    town_inputs: dict[str, Any], tmp_path: Path, change: dict[str, Any], words: str
) -> None:
    with pytest.raises(Invalid, match=words):
        swmm.run(town_inputs | change, tmp_path, quiet)


def test_a_storm_moves_over_the_gauges() -> None:
    def gauge(name: str, lon: float, lat: float) -> Gauge:
        return Gauge(name, "rain", "", (lon, lat), "", [])

    line = [gauge("west", 121.40, 31.2), gauge("middle", 121.45, 31.2), gauge("east", 121.50, 31.2)]
    storm = Storm(heading_deg=90.0, speed_kmh=30.0)
    rain = fall(storm, line, 300)
    peaks = rain.intensity.argmax(axis=0)
    assert peaks.tolist() == sorted(peaks.tolist())
    assert peaks[2] - peaks[0] == pytest.approx(2 * 4.76 / 30 * 60, abs=2)
    total = rain.intensity.sum(axis=0) / 60
    np.testing.assert_allclose(total, formulas.storm_depth("shanghai", 50, 180), rtol=1e-9)
    side = [gauge("north", 121.45, 31.25), gauge("axis", 121.45, 31.2), gauge("south", 121.45, 31.15)]
    across = fall(storm, side, 300).intensity.sum(axis=0)
    assert across[0] < across[1]
    assert across[2] < across[1]
