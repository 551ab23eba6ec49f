"""Simulated callers of a night that is killed after every commit: each call, caller and order is there once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.api.town import furnished
from tests.app.hotline_folder import begun, two_alike

from hutong.app.city import RunningCity, open_city
from hutong.app.posts import Posts
from hutong.app.seeding import Seeder
from hutong.engine.directory import everything
from hutong.kernel.base import MINUTE, Label
from hutong.kernel.call import Call
from hutong.kernel.case import Case, Warning
from hutong.kernel.changes import Applied, Changes, Record
from hutong.kernel.clock import FixedClock
from hutong.kernel.party import Account, Party
from hutong.kernel.query import equals
from hutong.kernel.thing import Thing

START = 1_784_372_400_000_000
"""2026-07-18 19:00 in Shanghai."""
MINUTES = 30
CALLS = 5
FILES = {
    "city.yaml": f"""\
name: town
label: {{zh: 小城, en: Town}}
division: "310101"
zone: Asia/Shanghai
packs: [base, urban, hotline, drainage]
box: [121.40, 31.20, 121.42, 31.22]
source: test
licence: CC0
night:
  label: {{zh: 暴雨之夜, en: Storm night}}
  furnish: drainage.furnish
  feed: drainage.night
  start: "2026-07-18 19:00"
  hours: 1
  rate: 60
  calls:
    {{rule: drainage.pump_failure, category: "hotline:010601", demand: help, street: road, count: {CALLS},
      after: 2, minutes: 10}}
""",
    "organisations.yaml": """\
organisations:
  - {code: district, label: {zh: 区政府, en: District}, side: leadership}
  - {code: hotline, label: {zh: 热线中心, en: Hotline}, side: supervision, parent: district}
""",
    "accounts.yaml": """\
accounts:
  - {login: sim-zuoxi, name: 模拟坐席岗, organisation: hotline, roles: [seat], simulated: true}
""",
}


def _furnish(seeder: Seeder) -> None:
    seeder.observed_properties()
    rows = furnished()
    seeder.furnish(rows, [None] * len(rows))


class Killed(Exception):
    """What a `kill -9` is to the code that was running."""


class Place:
    """A city's folder and, where it is not in it, its database."""

    def __init__(self, folder: Path, database: str | None) -> None:
        self.folder, self.database = folder, database
        self.clock = FixedClock(START)
        begun(folder, FILES, self.clock, database=database, further=_furnish)
        with closing(self.open()) as running:
            fail(running)

    def open(self) -> RunningCity:
        return open_city(self.folder, self.clock, database=self.database)


def fail(running: RunningCity) -> None:
    """The pump's failure is found as the night begins."""
    with running.store.reader() as reader:
        (pump,) = reader.find(Thing, equals("code", "P1-1")).rows
    title = Label("泵站未按指令抽排", "The pump does not follow its command")
    warning = Warning(
        id=running.store.new_ids(1)[0], rule="drainage.pump_failure", rule_version="", thing=pump.id, colour="orange",
        title=title, explanation=title, began=START, raised=START, seen=START,
    )  # fmt: skip
    record = Record(kind="warning.raise", actor=0, at=START, subjects=(("warning", warning.id),))
    running.store.apply(Changes(puts=(warning,), records=(record,)))


@pytest.fixture(params=["sqlite", "postgresql"])
def places(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Place, Place]]:
    with two_alike(request, tmp_path, Place) as made:
        yield made


def play(place: Place, minute: int, *, commits: int | None = None) -> int | None:
    """The night from a minute on, until so many commits were made: the minute it was killed in; None if it went to its end."""
    with closing(place.open()) as running:
        if commits is not None:
            kill_after(running, commits)
        posts = Posts(running)
        for at in range(minute, MINUTES):
            place.clock.move_to(START + at * MINUTE)
            try:
                posts.act()
            except Killed:
                return at
    return None


def kill_after(running: RunningCity, commits: int) -> None:
    """The commit is durable; whoever asked for it never hears of it. One that was made before is none."""
    commit, left = running.store.apply, [commits]

    def apply(changes: Changes) -> Applied:
        applied = commit(changes)
        left[0] -= not applied.repeated
        if left[0] == 0:
            raise Killed
        return applied

    running.store.apply = apply  # type: ignore[method-assign]


def came(place: Place) -> dict[str, Any]:
    """Calls, callers and orders without ids."""
    with closing(place.open()) as running, running.store.reader() as reader:
        cases = {one.id: one for one in everything(reader, Case)}
        calls, parties = everything(reader, Call), everything(reader, Party)
        accounts = {one.id: one.login for one in everything(reader, Account)}
        phones = {one.id: str(one.phone) for one in parties if one.phone is not None}
        assert running.store.verify().sound
    return {
        "callers": sorted(phones.values()),
        "calls": sorted(
            (str(one.number), phones[one.subject], one.state, one.began, one.ended, cases[one.case or 0].number)
            for one in calls
        ),
        "orders": sorted(
            (one.number, one.title.zh, one.text, one.opened, one.position, phones[one.subject or 0], one.state,
             one.facts["call"], [(deed.action, deed.at, accounts[deed.account]) for deed in one.deeds])
            for one in cases.values()
        ),
    }  # fmt: skip


def test_each_call_comes_once_however_often_the_night_is_killed(places: tuple[Place, Place]) -> None:
    undisturbed, killed = places
    assert play(undisturbed, 0) is None
    wanted = came(undisturbed)
    assert [len(wanted[name]) for name in ("callers", "calls", "orders")] == [CALLS] * 3
    assert {call[2] for call in wanted["calls"]} == {"ended"}
    kills, minute = 0, play(killed, 0, commits=1)
    while minute is not None:
        kills += 1
        assert kills < 20 * CALLS, "the night does not go on"
        minute = play(killed, minute, commits=1)
    assert kills >= 3 * CALLS, "every call is rung, written down and ended"
    assert came(killed) == wanted


def test_a_night_begun_again_long_after_its_end_rings_nobody_anew(places: tuple[Place, Place]) -> None:
    place, _ = places
    assert play(place, 0) is None
    before = came(place)
    assert play(place, MINUTES - 1) is None
    assert came(place) == before
