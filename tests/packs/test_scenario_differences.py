"""A scenario that does not come out says what was expected and what came."""

from pathlib import Path

import msgspec
import pytest

from hutong.app.scenarios import run_pack, run_scenario
from hutong.kernel.definition.scenario import Scenario
from hutong.loader.check import sources_of
from hutong.loader.scaffold import new_pack
from hutong.loader.yaml_source import YamlSource


@pytest.fixture(scope="module")
def trees(tmp_path_factory):
    return new_pack("trees", tmp_path_factory.mktemp("packs"))


def differences(folder, tmp_path, change):
    """What comes of the pack's scenario after `change` was made to its data."""
    data = YamlSource(folder / "scenarios/too_high.yaml", "too_high.yaml").data
    change(data)
    return run_scenario(sources_of((folder,)), msgspec.convert(data, Scenario), tmp_path / "city")


def test_the_scenario_of_a_new_pack_comes_out(trees):
    assert run_pack(trees) == {"a_high_level_is_handled_and_clears": []}


def warning(key, value):
    return lambda data: data["expect"]["warnings"][0].__setitem__(key, value)


def case(key, value):
    return lambda data: data["expect"]["cases"][0].__setitem__(key, value)


def step(key, value):
    return lambda data: data["given"]["actions"][0].__setitem__(key, value)


MARK = "warning trees.too_high on S1"
CASE = "case other:trees.too_high on S1"
STEP = "actions[0] (19:06 dispatcher: dispatch)"
CHANGES = {
    "began": (warning("began", "19:02"), f"{MARK}: began: expected 19:02, found 19:01"),
    "raised": (warning("raised", "19:05"), f"{MARK}: raised: expected 19:05, found 19:03"),
    "cleared": (warning("cleared", "19:08"), f"{MARK}: cleared: expected 19:08, found 19:07"),
    "still standing": (
        warning("cleared", None),
        f"{MARK}: expected to stand still, but cleared at 19:07",
    ),
    "state of a warning": (
        warning("state", "to_judge"),
        f"{MARK}: state: expected to_judge, found confirmed",
    ),
    "other thing": (
        warning("thing", "S2"),
        "warning trees.too_high on S2: expected, but it never came (there came trees.too_high on S1)",
    ),
    "unexpected warning": (
        lambda data: data["expect"].update(warnings=[]),
        f"{MARK}: not expected, but raised at 19:03",
    ),
    "opened": (case("opened", "19:04"), f"{CASE}: opened: expected 19:04, found 19:03"),
    "state": (case("state", "closed"), f"{CASE}: state: expected closed, found handling"),
    "organisation": (
        case("organisation", "command"),
        f"{CASE}: organisation: expected command, found handling",
    ),
    "unexpected case": (
        lambda data: data["expect"].update(cases=[]),
        f"{CASE}: not expected, but opened at 19:03",
    ),
    "clock": (
        case("clocks", {"melting": {"overdue": False}}),
        f"{CASE}: clock melting: expected, but it never started",
    ),
    "overdue": (
        case("clocks", {"handling": {"overdue": True}}),
        f"{CASE}: clock handling: overdue: expected True, found False",
    ),
    "cause": (
        lambda data: data["expect"].update(one_cause=[["trees.too_high", "urban.none"]]),
        "one_cause: urban.none raised no warning",
    ),
    "state after a step": (step("state", "closed"), f"{STEP}: expected state closed, found handling"),
    "refusal that did not come": (
        step("refused", "access"),
        f"{STEP}: expected to be refused (access), but it was done",
    ),
    "refused": (
        step("by", "handler"),
        "actions[0] (19:06 handler: dispatch): expected to be done, but refused (access)",
    ),
    "unknown action": (
        step("action", "despatch"),
        "actions[0] (19:06 dispatcher: despatch): expected to be done, but refused (not-found)",
    ),
    "unknown person": (
        step("by", "gardener"),
        "actions[0] (19:06 gardener: dispatch): expected to be done, but refused (not-found): by: there is nobody",
    ),
    "unknown thing": (
        lambda data: data["given"]["observations"][0].update(thing="S9"),
        "given: given.observations.thing: there is no given thing 'S9'",
    ),
    "no time": (
        lambda data: data["given"].update(at="tonight"),
        "given: time: 'tonight' is no local time",
    ),
}


@pytest.mark.parametrize(("change", "said"), CHANGES.values(), ids=CHANGES)
def test_a_difference_is_told(trees, tmp_path, change, said):
    found = differences(trees, tmp_path, change)
    assert any(one.startswith(said) for one in found), found


def test_another_refusal_than_expected(trees, tmp_path):
    def change(data):
        data["given"]["actions"][0].update(by="handler", refused="proof")

    found = differences(trees, tmp_path, change)
    assert any("expected refusal proof, met access" in one for one in found), found


def test_rows_that_are_refused_are_told(trees, tmp_path):
    def change(data):
        data["given"]["observations"][0]["values"][1] = float("inf")

    found = differences(trees, tmp_path, change)
    assert any(one.startswith("row of 19:01: refused: result") for one in found), found


def test_warnings_can_be_judged_by_people(trees, tmp_path):
    def change(data):
        given = data["given"]
        given["opens_cases"] = []
        given["actions"] = [
            {"at": "19:04", "by": "handler", "judge": "confirmed", "refused": "forbidden"},
            {"at": "19:05", "by": "receptionist", "judge": "confirmed", "thing": "S1", "state": "to_file"},
        ]
        data["expect"]["cases"] = [{"category": "trees.too_high", "thing": "S1", "opened": "19:05"}]

    assert differences(trees, tmp_path, change) == []


def test_times_are_read_as_they_are_written():
    from zoneinfo import ZoneInfo

    from hutong.app.scenarios.times import LocalTimes

    times = LocalTimes("2026-07-18 19:00", ZoneInfo("Asia/Shanghai"))
    assert times.read("19:04") - times.start == 4 * 60 * 1_000_000
    assert times.write(times.read("00:10")) == "00:10"
    assert times.read("00:10") > times.read("23:59")
    assert times.write(times.read("2026-07-20 19:04:30")) == "2026-07-20 19:04:30"
    assert times.write(None) == "never"


def test_packs_can_be_played_from_any_folder(trees):
    assert Path(trees).name == "trees"
    assert all(found == [] for found in run_pack(trees).values())
