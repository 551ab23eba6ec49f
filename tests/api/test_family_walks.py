"""Random walks over a case and its parts with a real store: whatever people do, the family stays in order."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from msgspec.structs import asdict
from tests.api.town import Town

from hutong.engine.flow.cases import Act
from hutong.engine.flow.deadlines import Deadlines
from hutong.engine.handle.open import OpenCase
from hutong.engine.handle.separation import kept_apart
from hutong.kernel import caseclock
from hutong.kernel.access import Actor
from hutong.kernel.base import DAY, MINUTE, Label
from hutong.kernel.case import Case, Category, File
from hutong.kernel.changes import Changes, Record
from hutong.kernel.errors import Refused
from hutong.kernel.query import equals

LOGINS = ("shouli", "zhiban", "jiandu", "paiqian", "paishui", "daolu", "lingdao")
LEAVING = ("void", "reject", "not_file", "join", "urge", "supervise")
"""What ends a walk early or changes little: chosen one time in four."""
NUMBERS = count(1)


class Family:
    """A case with its parts, and the people of the town."""

    def __init__(self, town: Town) -> None:
        self.town, self.desk = town, town.cases
        self.now = town.clock.city_time
        place = next(one for one in town.directory.places.values() if one.tree == "unit_grid")
        command = OpenCase(
            id=town.store.new_ids(1)[0], category=Category("matter", "06011"), title=Label("积存渣土"), source="collector",
            place=place.id,
        )  # fmt: skip
        self.id = self.desk.open(command, self.person("jiandu")).id

    def person(self, login: str) -> Actor:
        account = next(one for one in self.town.directory.accounts.values() if one.login == login)
        return self.town.directory.actor(account.id, self.now())

    def members(self) -> list[Case]:
        with self.town.store.reader() as reader:
            return [reader.get(Case, self.id), *reader.find(Case, equals("parent", self.id), limit=100).rows]

    def offers(self, case: Case, actor: Actor) -> list[Any]:
        with self.town.store.reader() as reader:
            offers = self.desk.offers(reader, case, actor)
        return [one for one in offers if one.allowed and all(ask.kind != "case" for ask in one.asks)]

    def photos(self, case: Case, offer: Any) -> None:
        for need in offer.proof:
            if need.stage is not None and not need.met:
                number = next(NUMBERS)
                file = File(
                    id=self.town.store.new_ids(1)[0], case=case.id, stage=need.stage, role=need.role, name="a.jpg",
                    media_type="image/jpeg", size=1, digest=f"{number:064x}", taken=self.now(),
                    same_angle_as=need.same_angle_as[0] if need.same_angle_as else None,
                )  # fmt: skip
                told = Record(kind="file.attach", actor=1, at=self.now(), subjects=(("file", file.id),))
                self.town.store.apply(Changes(puts=(file,), records=(told,)))

    def answers(self, offer: Any) -> dict[str, Any]:
        units = [self.town.directory.organisation(one) for one in ("drainage", "roads")]
        values = {
            "text": "说明", "number": 2, "date": self.now() + 2 * DAY, "organisation": units[0], "organisations": units,
            "flag": False, "category": "matter:06010",
        }  # fmt: skip
        return {ask.name: next(iter(ask.choices), values.get(ask.kind)) for ask in offer.asks}


def step(family: Family, login: str, which: int, choice: int) -> None:
    members = family.members()
    case = members[which % len(members)]
    actor = family.person(login)
    offers = family.offers(case, actor)
    if choice % 4:
        offers = [one for one in offers if one.action not in LEAVING]
    if not offers:
        return
    done = do(family, case, actor, offers[choice % len(offers)].action)
    assert done.version == case.version + 1
    assert done.deeds[-1].account == actor.account
    if choice % 3 == 0:
        taken_back(family, case, done, actor)


def do(family: Family, case: Case, actor: Actor, action: str) -> Case:
    offer = next(one for one in family.offers(case, actor) if one.action == action)
    family.photos(case, offer)
    return family.desk.act(Act(case=case.id, action=action, answers=family.answers(offer)), actor)


def taken_back(family: Family, before: Case, done: Case, actor: Actor) -> None:
    """Undone where it can be: the case is as it was, what the deed opened has ended, nothing else has changed."""
    family.town.clock.move_to(family.now() + MINUTE)
    parts = {one.id for one in family.members()}
    try:
        undone = family.desk.undo(done.id, actor)
    except Refused:
        assert family.members()
        return
    assert {**asdict(undone), "version": 0} == {**asdict(before), "version": 0}
    with family.town.store.reader() as reader:
        gone = [reader.get(Case, id) for id in parts - {one.id for one in family.members()}]
    assert all(one.retired and one.closed and one.next_due is None and not one.deeds for one in gone)
    assert len(gone) <= (2 if done.deeds[-1].action in ("assist", "appeal") else 0)


def in_order(family: Family) -> None:
    book, calendar = family.town.rulebook, family.town.rulebook.calendar
    parent, *parts = family.members()
    assert len({one.number for one in (parent, *parts)}) == 1 + len(parts)
    for case in (parent, *parts):
        compiled = book.procedure(case)
        ended = compiled.ended(case.state)
        assert ended == (case.closed is not None) == bool(case.ending), (case.state, case.ending)
        assert case.next_due is None or not ended
        for clock in case.clocks:
            assert 0 <= clock.used <= caseclock.used(clock, family.now(), calendar)
            assert len(set(clock.fired)) == len(clock.fired)
            assert clock.mark == "stopped" or not ended
        assert separated(case, compiled)
    if parent.state == "handling":
        assert parent.organisation is not None
        assert set(family.town.directory.ancestors(parent.organisation)) <= set(parent.scope)
    for part in parts:
        assert (part.parent, part.category, part.source) == (parent.id, parent.category, "parent")
        assert part.organisation in part.scope
    if parent.state in ("to_check", "to_close") and "feed_back" in [
        deed.action for deed in parent.deeds[-1:]
    ]:
        assert all(one.closed is not None for one in parts)


def separated(case: Case, compiled: Any) -> bool:
    done: dict[str, set[int]] = {}
    for deed in case.deeds:
        apart = kept_apart(compiled, compiled.actions[deed.action]) & done.keys()
        if deed.account and any(deed.account in done[one] for one in apart):
            return False
        done.setdefault(deed.action, set()).add(deed.account)
    return True


@pytest.fixture(scope="module")
def walked() -> Iterator[list[str]]:
    """The actions that were done on all walks together: the walks must have got somewhere."""
    seen: list[str] = []
    yield seen
    assert {"dispatch", "assist"} <= set(seen), "the walks are too short to prove anything"


walk = st.lists(
    st.tuples(st.sampled_from(LOGINS), st.integers(0, 5), st.integers(0, 60), st.integers(0, 300)),
    min_size=15,
    max_size=30,
)


@given(steps=walk)
@settings(
    max_examples=6, deadline=None, derandomize=True, phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
def test_a_family_stays_in_order(
    town: Town, walked: list[str], steps: list[tuple[str, int, int, int]]
) -> None:
    family = Family(town)
    for login, action in (("zhiban", "file"), ("paiqian", "dispatch"), ("paiqian", "assist"))[
        : 2 + len(steps) % 2
    ]:
        do(family, family.members()[0], family.person(login), action)
    for login, which, choice, minutes in steps:
        town.clock.move_to(town.clock.city_time() + minutes * MINUTE)
        Deadlines(town.cases).tick()
        step(family, login, which, choice)
        in_order(family)
    for case in family.members():
        walked.extend(deed.action for deed in case.deeds)
        with town.store.reader() as reader:
            versions = [version for _, version in reader.versions(Case, case.id)]
            told = reader.journal(subject=("case", case.id), limit=1000)
        assert len(told) >= len(versions)
