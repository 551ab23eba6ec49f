"""Counts of cases come from kept counters and are exact after whatever was done, for everybody."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace
from tests.api.town import Town

from hutong.api.access import cases_predicate
from hutong.api.case_counts import MOST, Tally, late, my_turn
from hutong.api.house import House
from hutong.engine.flow.cases import Act
from hutong.engine.flow.deadlines import Deadlines
from hutong.engine.handle.open import OpenCase
from hutong.kernel.access import Actor, Grant, Permission
from hutong.kernel.base import HOUR, MINUTE, Label
from hutong.kernel.case import Case, Category
from hutong.kernel.changes import Changes, Record
from hutong.kernel.errors import HutongError
from hutong.kernel.query import IsNull, Order, both, equals, field

ANSWERS = {"result": "已处理", "reason": "理由", "basis": "依据"}


def people(town: Town) -> dict[str, Actor]:
    return {
        one.login: town.directory.actor(id, town.clock.city) for id, one in town.directory.accounts.items()
    }


def within(actor: Actor, *places: int) -> Actor:
    """The same person, who may see cases of these places only."""
    grants = tuple(
        Grant("collector", Permission("read", noun), place) for place in places for noun in ("urban.case",)
    )
    return replace(actor, grants=grants)


def wander(town: Town, chance: random.Random, steps: int) -> None:
    """Random deeds of random people; what is refused is refused."""
    actors, desk = people(town), town.cases
    grids = [one.id for one in town.directory.places.values() if one.tree == "unit_grid"]
    units = [town.directory.organisation(one) for one in ("drainage", "roads")]
    cases: list[int] = []
    deadlines = Deadlines(desk)
    for _ in range(steps):
        town.clock.move_to(town.clock.city + chance.randrange(1, 90) * MINUTE)
        if len(cases) < 4 or chance.random() < 0.2:
            command = OpenCase(
                id=town.store.new_ids(1)[0], category=Category("matter", chance.choice(("06010", "06012"))),
                title=Label("暴露垃圾"), source=chance.choice(("collector", "public", "leader")),
                place=chance.choice(grids), position_text="路口",
            )  # fmt: skip
            cases.append(desk.open(command, actors["jiandu"]).id)
            continue
        with town.store.reader() as reader:
            case = reader.get(Case, chance.choice(cases))
        leaving = town.rulebook.procedure(case).leaving[case.state]
        actor = actors[chance.choice(list(actors))]
        try:
            if chance.random() < 0.1:
                desk.undo(case.id, actor)
            elif leaving:
                action = chance.choice(leaving)
                asked = {ask.name: ask.kind for ask in action.asks if ask.required}
                given: dict[str, Any] = {
                    name: units[chance.randrange(2)] if kind == "organisation" else ANSWERS.get(name, "-")
                    for name, kind in asked.items()
                    if kind in ("organisation", "text")
                }
                desk.act(Act(case=case.id, action=action.name, answers=given), actor)
        except HutongError:
            pass
        if chance.random() < 0.5:
            deadlines.tick()
    _retire(town, cases[0])


def _retire(town: Town, id: int) -> None:
    with town.store.reader() as reader:
        case = reader.get(Case, id)
    gone = replace(case, retired=town.clock.city)
    record = Record(kind="case.retire", actor=0, at=town.clock.city, subjects=(("case", id),))
    town.store.apply(Changes(puts=(gone,), records=(record,)))


def check(town: Town, actor: Actor) -> int:
    """Every count of the tally is what counting the rows gives; how many cases the actor sees."""
    house = House(town.context)
    rulebook = town.rulebook
    with town.store.reader() as reader:
        allowed = cases_predicate(actor, "read", rulebook)
        rows = reader.find(Case, allowed, limit=1000).rows
        tally = Tally(house, reader, actor)
        for name, compiled in rulebook.procedures.items():
            for state in compiled.states:
                counted = sum(one.procedure == name and one.state == state for one in rows)
                assert tally.of_state(name, state) == counted, (name, state)
                where = both(allowed, equals("procedure", name), equals("state", state))
                assert reader.count(Case, where, at_most=MOST) == counted
        now = town.clock.city
        overdue = [
            one for one in rows
            if one.closed is None
            and any(c.mark == "running" and (c.overdue or (c.due or now) < now) for c in one.clocks)
        ]  # fmt: skip
        assert tally.overdue() == len(overdue)
        assert {one.id for one in reader.find(Case, both(allowed, late(now)), limit=1000).rows} == {
            one.id for one in overdue
        }
        assert tally.open() == sum(one.closed is None for one in rows)
        mine = reader.find(Case, both(allowed, my_turn(house, reader, actor)), limit=1000).rows
        assert tally.mine() == len(mine)
        for order in ("opened", "next_due"):
            _check_pages(reader, allowed, order, rows)
    return len(rows)


def _check_pages(reader: Any, allowed: Any, order: str, rows: tuple[Case, ...]) -> None:
    """Pages in an order hold every case once, sorted, whichever table leads."""
    for descending in (False, True):
        found: list[Case] = []
        after: str | None = None
        while True:
            page = reader.find(Case, allowed, order=(Order((order,), descending),), limit=3, after=after)
            found += page.rows
            after = page.after
            if after is None:
                break
        assert sorted(one.id for one in found) == sorted(one.id for one in rows)
        keys = [_key(one, order) for one in found]
        assert keys == sorted(keys, reverse=descending)
    with_open = reader.find(
        Case, both(allowed, IsNull(field("closed"))), order=(Order((order,)),), limit=1000
    )
    assert {one.id for one in with_open.rows} == {one.id for one in rows if one.closed is None}


def _key(case: Case, order: str) -> tuple[int, int]:
    if order == "opened":
        return case.opened, case.id
    last = 2**62 if case.closed is not None else 2**62 - 1
    return (last if case.next_due is None or case.closed is not None else case.next_due), case.id


@pytest.mark.parametrize("seed", [1, 2])
def test_counts_are_exact_after_random_lives(town: Town, seed: int) -> None:
    wander(town, random.Random(seed), 60)
    town.clock.move_to(town.clock.city + 2 * HOUR)
    actors = people(town)
    seen = {login: check(town, actor) for login, actor in actors.items()}
    assert seen["shouli"] > 5
    grids = [one.id for one in town.directory.places.values() if one.tree == "unit_grid"]
    part = check(town, within(actors["shouli"], grids[0]))
    both_grids = check(town, within(actors["shouli"], grids[0], grids[1]))
    assert 0 < part <= both_grids < seen["shouli"]


def test_the_api_gives_the_same(town: Town, someone: Callable[[str], Any]) -> None:
    wander(town, random.Random(3), 40)
    desk = someone("paiqian")
    counts = desk.get("/cases/counts").json()
    listed = desk.get("/cases?limit=200").json()["rows"]
    assert sum(one["n"] for one in counts["states"]) == len(listed)
    assert counts["mine"] == len(desk.get("/cases?mine=true&limit=200").json()["rows"])
    assert counts["overdue"] == len(desk.get("/cases?overdue=true&limit=200").json()["rows"])


def test_what_waits_is_counted_for_one_procedure(town: Town, someone: Callable[[str], Any]) -> None:
    wander(town, random.Random(3), 40)
    desk = someone("shouli")
    counts = desk.get("/cases/counts").json()
    known, other = (
        desk.get(f"/cases/counts?mine_of={name}").json()["mine"] for name in ("urban.case", "no.such")
    )
    assert (known, other) == (counts["mine"], 0)
    assert counts["mine"] > 0
