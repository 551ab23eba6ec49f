"""Random walks of allowed actions: whatever people do, the invariants hold."""

from dataclasses import replace as with_

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from hutong.engine.handle import act_automatically, allowed
from hutong.engine.handle.separation import kept_apart
from hutong.engine.tick import Ticker, tick
from hutong.kernel import caseclock
from hutong.kernel.access import Actor
from hutong.kernel.base import DAY, MINUTE
from hutong.kernel.worktime import LimitUnit

ANSWERS = {
    "text": "说明",
    "number": 2,
    "choice": None,
    "organisation": 200,
    "organisations": [200, 201],
    "flag": True,
    "date": None,
    "case": 2,
}

LEAVING = ("void", "reject", "not_file", "join", "supervise", "urge")
"""What ends a case early or changes nothing: without restraint few walks would get far."""


def everybody(desk):
    """Four people who each hold every role, of every side: only what they did keeps them apart."""
    grants = tuple(grant for actor in desk.staff.values() for grant in actor.grants)
    sides = {name: (actor.side, actor.organisation) for name, actor in desk.staff.items()}
    return [
        Actor(account, organisation=organisation, roles=(), side=side, grants=grants)
        for account in (1, 2, 3, 4)
        for side, organisation in sides.values()
    ]


def step(desk, actor, choice):
    """One allowed action of the actor, with everything it asks for and the photos it needs."""
    desk_offers = allowed(desk.case, actor, desk.now, desk.compiled, desk.setting, desk.files)
    possible = [offer for offer in desk_offers if offer.allowed]
    if choice % 4:  # three times of four the case goes on
        possible = [offer for offer in possible if offer.action not in LEAVING]
    if not possible:
        return
    offer = possible[choice % len(possible)]
    for need in offer.proof:
        if not need.met and need.stage is not None:
            angle = {"same_angle_as": need.same_angle_as[0]} if need.same_angle_as else {}
            desk.photo(need.stage, need.role, **angle)
    answers = {ask.name: next(iter(ask.choices), ANSWERS[ask.kind]) for ask in offer.asks}
    answers = {name: desk.now + 2 * DAY if one is None else one for name, one in answers.items()}
    desk.do(offer.action, actor, **answers)


def check(desk):
    case, calendar = desk.case, desk.setting.calendar
    done = {deed.action: set() for deed in case.deeds}
    for deed in case.deeds:
        for earlier in kept_apart(desk.compiled, desk.compiled.actions[deed.action]) & done.keys():
            assert deed.account == 0 or deed.account not in done[earlier], (earlier, deed.action)
        done[deed.action].add(deed.account)
    for one, other in desk.compiled.procedure.separation:
        assert not done.get(one, set()) & done.get(other, set())
    for clock in case.clocks:
        assert clock.used >= 0
        assert caseclock.used(clock, desk.now, calendar) >= clock.used
        assert (clock.due is not None) or clock.mark != "running"
        assert len(set(clock.fired)) == len(clock.fired)
    ended = desk.compiled.ended(case.state)
    assert ended == (case.closed is not None) == bool(case.ending)
    if ended:
        assert case.next_due is None
        assert {clock.mark for clock in case.clocks} == {"stopped"}
    if desk.compiled.states[case.state].kind == "side":
        assert desk.compiled.states[case.facts["back"]].kind == "open"
    if case.state == "suspended":
        assert set(case.suspended) == {"reason", "approver", "review"}
    if case.state == "handling":
        assert case.organisation is not None


walk = st.lists(
    st.tuples(st.integers(0, 35), st.integers(0, 20), st.integers(0, 2000)), min_size=5, max_size=40
)


@pytest.mark.parametrize("source", ["public", "collector", "sensor"])
@given(steps=walk)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_invariants_hold_on_every_walk(desk, source, steps):
    desk.files, desk.records, desk.now = [], [], desk.local("2026-09-18T16:30")
    main = {}
    desk.setting = with_(desk.setting, case=main.get)
    desk.open(source=source, by="duty_chief")
    main[2] = replace(desk.case, id=2)
    people = everybody(desk)
    ticker = Ticker(
        desk.compiled.procedure,
        desk.compiled.roles,
        desk.setting.calendar,
        lambda case, name, at: act_automatically(case, name, at, desk.compiled, desk.setting),
    )
    for who, choice, minutes in steps:
        desk.wait(minutes)
        ticked = tick(desk.case, desk.now, ticker)
        assert [record.at for record in ticked.records] == sorted(record.at for record in ticked.records)
        desk.case = ticked.case
        assert desk.case.next_due is None or desk.case.next_due > desk.now
        step(desk, people[who % len(people)], choice)
        check(desk)


@given(
    pauses=st.lists(st.tuples(st.integers(1, 3000), st.integers(1, 3000)), max_size=5),
    unit=st.sampled_from([LimitUnit.WORK_HOUR, LimitUnit.URGENT_HOUR, LimitUnit.CALENDAR_DAY]),
)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_used_time_adds_up(desk, pauses, unit):
    """What a clock has used is the sum of the spans it ran, however often it stood still."""
    calendar, definition = desk.setting.calendar, desk.compiled.clocks["whole"]
    now = desk.local("2026-09-18T16:30")
    clock = caseclock.begin(definition, 1000, unit.value, now, calendar)
    total = 0.0
    for running, standing in pauses:
        total += calendar.elapsed(now, now + running * MINUTE, unit)
        now += running * MINUTE
        clock = caseclock.pause(clock, now, calendar)
        now += standing * MINUTE
        clock = caseclock.resume(clock, now, 0.25, calendar)
    assert clock.used == pytest.approx(total)
    assert calendar.elapsed(now, clock.due, unit) == pytest.approx(1000 - total, abs=1e-6)
