"""`kill -9` at random moments of a headless night: nothing acknowledged is lost, nothing is doubled, and what comes of the
night is what comes of an undisturbed one."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from tests_faults.night_process import begin, finish, kill_when, minute_of, ready
from tests_faults.outcomes import copied, doubled, fed, journalled, minute, outcome, stored

from hutong.app.building import Builder, copy_city
from hutong.app.demo import shipped_city
from hutong.app.night import night_start
from hutong.kernel.seeded import rng
from hutong.loader.city import load_city

PREPARATION_SHARE = 0.25
"""Share of the kills that fall into the minutes before the first observation."""


class Undisturbed(NamedTuple):
    """The night as it goes when nobody kills it."""

    folder: Path
    outcome: dict[str, Any]
    last_minute: int
    preparing: float
    """Seconds from the start to the first minute."""
    playing: float


@pytest.fixture(scope="module")
def mapped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo city up to its map, which no kill of this suite has to make again."""
    folder = tmp_path_factory.mktemp("mapped") / "city"
    extract = copy_city(shipped_city(), folder)
    city, _ = load_city(folder)
    Builder(folder, city, lambda label, share: None).map(extract)
    return folder


@pytest.fixture(scope="module")
def undisturbed(mapped: Path, tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    folder = tmp_path_factory.mktemp("undisturbed") / "city"
    shutil.copytree(mapped, folder)
    began = time.monotonic()
    process = begin(folder)
    while process.poll() is None and minute_of(folder) < 0:
        time.sleep(0.05)
    first = time.monotonic()
    code = finish(process)
    assert code == 0, folder.with_suffix(".log").read_text()
    playing = time.monotonic() - first
    with copied(folder, folder.with_name("look")) as store:
        assert store.verify().sound
        assert doubled(store) == []
        return Undisturbed(folder, outcome(store), minute(store), first - began, playing)


class Moment(NamedTuple):
    """When to kill: `later` seconds after something was reached."""

    name: str
    reached: Callable[[Path], bool]
    later: float


PREPARING: dict[str, Callable[[Path], bool]] = {
    "rows begun": lambda folder: (folder / "city.db").is_file(),
    "furnishing": lambda folder: (folder / "night").is_dir(),
    "feed begun": lambda folder: "rows" in ready(folder),
}
"""What can be seen from outside before the first observation."""


def moments(kills: int, seed: int, whole: Undisturbed) -> list[Moment]:
    """Seeded, in order, over preparation and night."""
    draw = rng(seed, "kills", str(kills))
    early = sorted(draw.integers(0, len(PREPARING), max(1, round(kills * PREPARATION_SHARE))).tolist())
    names = [list(PREPARING)[which] for which in early]
    before = [Moment(name, PREPARING[name], float(draw.random()) * 2.0) for name in names]
    pace = whole.playing / (whole.last_minute + 1)
    minutes = np.sort(draw.integers(0, round(0.97 * whole.last_minute), kills - len(before))).tolist()
    return before + [
        Moment(f"minute {at}", partial(_beyond, at), 0.01 + float(draw.random()) * pace) for at in minutes
    ]


def _beyond(minute: int, folder: Path) -> bool:
    return minute_of(folder) >= minute


def test_a_night_killed_again_and_again_ends_like_an_undisturbed_one(
    mapped: Path, undisturbed: Undisturbed, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    folder = tmp_path / "city"
    shutil.copytree(mapped, folder)
    kills, seed = request.config.getoption("--kills"), request.config.getoption("--seed")
    began = time.monotonic()
    for number, moment in enumerate(moments(kills, seed, undisturbed), 1):
        killed = kill_when(begin(folder), partial(moment.reached, folder), moment.later)
        print(f"kill {number}, {moment.name}: stands at minute {minute_of(folder)}, ready {ready(folder)}")
        assert killed, "the night was over before it could be killed"
        if "night" in ready(folder):
            nothing_lost(folder, tmp_path / "look")
    code = finish(begin(folder))
    assert code == 0, folder.with_suffix(".log").read_text()
    nothing_lost(folder, tmp_path / "look")
    with copied(folder, tmp_path / "look") as store:
        same(outcome(store), undisturbed.outcome)
    print(
        f"{kills} kills, {time.monotonic() - began:.0f} s; undisturbed: "
        f"{undisturbed.preparing:.0f} s preparing, {undisturbed.playing:.0f} s night"
    )


def nothing_lost(folder: Path, look: Path) -> None:
    """The journal verifies; every row of the feed up to the cursor is there once, and no other."""
    city, _ = load_city(folder)
    assert city.head.night is not None
    start = night_start(city.head.night, city.head.zone)
    with copied(folder, look) as store:
        report = store.verify()
        assert report.sound, report.faults
        assert doubled(store) == []
        kept = stored(store)
        sent = fed(store, folder / "night" / "feed.npz", start, minute(store))
        assert journalled(store) == len(kept.stream) == len(sent.stream)
        for mine, theirs in zip(kept, sent, strict=True):
            assert np.array_equal(mine, theirs)


def same(found: dict[str, Any], wanted: dict[str, Any]) -> None:
    """Case by case and warning by warning, so that a difference can be read."""
    assert found["cases"].keys() == wanted["cases"].keys()
    for number, case in wanted["cases"].items():
        for what, value in case.items():
            assert found["cases"][number][what] == value, f"case {number}: {what}"
    assert found["warnings"] == wanted["warnings"]
    assert found["messages"] == wanted["messages"]
    assert found["callers"] == wanted["callers"]
    assert found["calls"] == wanted["calls"]
