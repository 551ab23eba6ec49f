"""A city that stood still over 国庆 2026 against one that never did: each deadline fires once, at its own instant."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.app.hotline_folder import FILES, begun, two_alike

from hutong.app.city import RunningCity, open_city
from hutong.engine.directory import everything
from hutong.engine.flow.cases import Act
from hutong.engine.handle.open import OpenCase
from hutong.kernel.base import DAY, HOUR, Instant, Label
from hutong.kernel.case import Case, Category, Message
from hutong.kernel.clock import FixedClock, moment

FRIDAY = 1_789_693_200_000_000
"""2026-09-18 09:00 in Shanghai. Sunday 20 September and Saturday 10 October are worked; 25 September and 1 to 7 October are
off."""
GONE = 40 * DAY


class Place:
    """A city's folder and, where it is not in it, its database."""

    def __init__(self, folder: Path, database: str | None) -> None:
        self.folder, self.database = folder, database
        self.clock = FixedClock(FRIDAY)
        begun(folder, FILES, self.clock, database=database)
        with closing(self.open()) as running:
            Orders(running).all()

    def open(self) -> RunningCity:
        return open_city(self.folder, self.clock, database=self.database)


class Orders:
    """Orders that stand in every kind of state that something is due in."""

    def __init__(self, running: RunningCity) -> None:
        self.running = running
        directory = running.directory()
        self.units = {code: directory.organisation(code) for code in ("utilities", "housing")}
        self.accounts = {one.login: one.id for one in directory.accounts.values()}

    def do(self, case: int, login: str, action: str, **answers: Any) -> None:
        actor = self.running.directory().actor(self.accounts[login], FRIDAY)
        self.running.desk.act(Act(case=case, action=action, answers=answers), actor)

    def received(self, demand: str = "help") -> int:
        command = OpenCase(
            id=self.running.store.new_ids(1)[0], category=Category("hotline", "040101"), title=Label("停水"),
            text="没有水", source="hotline", condition=demand,
        )  # fmt: skip
        actor = self.running.directory().actor(self.accounts["zuoxi"], FRIDAY)
        return self.running.desk.open(command, actor).id

    def dispatched(self, **more: Any) -> int:
        case = self.received()
        self.do(case, "zuoxi", "accept")
        self.do(case, "paidan", "dispatch", organisation=self.units["utilities"], **more)
        return case

    def handled(self) -> int:
        case = self.dispatched()
        self.do(case, "gongyong", "sign")
        self.do(case, "gongyong", "contact", contacted="reached")
        return case

    def all(self) -> None:
        self.received("complaint")
        self.do(self.received(), "zuoxi", "accept")
        self.dispatched(assisting=[self.units["housing"]], note="查水表")
        returned = self.dispatched()
        why = {"reason": "不属本单位", "basis": "三定", "proposed": self.units["housing"]}
        self.do(returned, "gongyong", "return", **why)
        extended = self.handled()
        self.do(extended, "gongyong", "request_extension", reason="待料", extra=3)
        self.do(extended, "paidan", "approve_extension")
        suspended = self.handled()
        self.do(suspended, "gongyong", "request_suspension", reason="待料", review="2026-10-08")
        self.do(suspended, "banzhang", "approve_suspension", review="2026-10-09")
        audited = self.handled()
        self.do(audited, "gongyong", "reply", result="已修", answer="已修", solved="solved")


@pytest.fixture(params=["sqlite", "postgresql"])
def places(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Place, Place]]:
    with two_alike(request, tmp_path, Place) as made:
        yield made


def fired(running: RunningCity) -> list[tuple[str, Instant, str, str, str]]:
    """What the platform did: order, city time, deed, clock, role told."""
    with running.store.reader() as reader:
        numbers = {one.id: one.number for one in everything(reader, Case)}
        found = [
            (numbers[id], one.at, one.kind, str(one.facts.get("clock", "")), str(one.facts.get("told", "")))
            for one in reader.journal(limit=100_000)
            if one.actor == 0
            for noun, id, _ in one.subjects[:1]
            if noun == "case"
        ]
    return sorted(found)


def stands(running: RunningCity) -> list[tuple[Any, ...]]:
    with running.store.reader() as reader:
        cases = everything(reader, Case)
        told = sorted(str(one.text) for one in everything(reader, Message))
    return [*sorted((one.number, one.state, one.clocks, one.next_due, one.late_from) for one in cases), *told]


def test_what_was_due_while_it_stood_still_fires_once_as_if_it_had_not(places: tuple[Place, Place]) -> None:
    awake, stopped = places
    with closing(awake.open()) as running:
        for hour in range(GONE // HOUR + 1):
            awake.clock.move_to(FRIDAY + hour * HOUR)
            running.deadlines.tick()
        wanted, after = fired(running), stands(running)
    stopped.clock.move_to(FRIDAY + GONE)
    with closing(stopped.open()) as running:
        while running.deadlines.tick():
            pass
        assert fired(running) == wanted
        assert stands(running) == after
    with closing(stopped.open()) as running:  # and once more
        assert running.deadlines.tick() == 0
        assert fired(running) == wanted
        assert running.store.verify().sound
    assert len({one for one in wanted if one[2] != "case.review"}) == len(wanted) - 1
    kinds = {(kind, clock) for _, _, kind, clock, _ in wanted}
    for clock in (
        "acceptance",
        "dispatch",
        "signing",
        "returning",
        "contact",
        "handling",
        "assisting",
        "auditing",
    ):
        assert {("case.warn", clock), ("case.overdue", clock)} <= kinds, clock
    assert ("case.review", "") in kinds


def test_the_holidays_and_worked_weekends_of_2026_are_in_every_due_instant(
    places: tuple[Place, Place],
) -> None:
    place, _ = places
    place.clock.move_to(FRIDAY + GONE)
    with closing(place.open()) as running:
        while running.deadlines.tick():
            pass
        zone = running.rulebook.zone
        late = [
            (number[-1], clock, moment(at, zone).strftime("%m-%d %H:%M"))
            for number, at, kind, clock, _ in fired(running)
            if kind == "case.overdue"
        ]
    assert {one for one in late if one[1] in ("handling", "assisting")} == {
        # Friday's own day is free: five working days are Sunday 20 (worked), 21, 22, 23 and 24.
        ("3", "handling", "09-24 17:30"),
        ("4", "handling", "09-24 17:30"),
        # Three more: the 25th is 中秋节, then a weekend.
        ("5", "handling", "09-30 17:30"),
        # Suspended the same Friday until 9 October, after 国庆: the 9th, Saturday 10 (worked), 12, 13 and 14.
        ("6", "handling", "10-14 17:30"),
        ("1", "assisting", "09-22 17:30"),
    }
