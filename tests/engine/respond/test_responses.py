"""Responses in a small city: proposed, started, called for, changed, ended; everything that was switched switches back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from msgspec.structs import replace
from tests.engine.respond.conftest import FLOOD, PLAN, Raise

from hutong.app.scenarios.town import Town
from hutong.engine.directory import everything
from hutong.engine.flow.cases import Act
from hutong.engine.flow.responding import ChangeLevel, EndResponse, ResponseDesk, StartResponse
from hutong.engine.handle.open import OpenCase
from hutong.kernel.base import HOUR, MINUTE, Label
from hutong.kernel.case import Case, Category, Message, Warning
from hutong.kernel.errors import Conflict, Forbidden, Invalid, Refused
from hutong.kernel.party import Role
from hutong.kernel.plan import Calling, Mode, Proposal, Reservation, Resource, Response

CHIEF = "commander 1"


def rows(town: Town, noun: Any) -> list[Any]:
    with town.store.reader() as reader:
        return sorted(everything(reader, noun), key=lambda one: one.id)


def later(town: Town, minutes: float) -> None:
    town.clock.move_to(town.clock.city_time() + round(minutes * MINUTE))


def start(town: Town, level: int = 3, **more: Any) -> Response:
    wanted = StartResponse(plan=PLAN, level=level, reason="多处积水", **more)  # type: ignore[arg-type]
    return town.responses.start(wanted, town.actor(CHIEF))


def end(town: Town, response: Response) -> Response:
    wanted = EndResponse(response=response.id, reason="雨停退水", drop_tasks=True)
    return town.responses.end(wanted, town.actor(CHIEF))


def flooding_case(town: Town, at: int = 0) -> Case:
    """A case of road flooding whose handling clock runs."""
    case = town.desk.open(
        OpenCase(
            id=town.store.new_ids(1)[0],
            category=Category("other", "drainage.flooding"),
            title=Label("积水", "Flooding"),
            source="collector",
            thing=town.things[f"P{at}"],
        ),
        town.actor("collector 1"),
    )
    for who, action, answers in (
        ("duty_chief 1", "file", {}),
        ("dispatcher 1", "dispatch", {"organisation": town.directory.organisation("handling")}),
    ):
        case = town.desk.act(Act(case=case.id, action=action, answers=answers), town.actor(who))
    return case


def test_a_trigger_proposes_once_and_a_higher_level_takes_its_place(town: Town, raised: Raise) -> None:
    assert town.responses.tick() == 0
    raised("drainage.flooding", "yellow", 5)
    town.responses.tick()
    assert rows(town, Proposal) == []
    first = raised("drainage.flooding", "yellow", 1, first=5)
    town.responses.tick()
    town.responses.tick()
    (proposal,) = rows(town, Proposal)
    assert (proposal.level, proposal.state, proposal.colour) == (3, "open", "yellow")
    assert first[0].id in proposal.warnings
    assert "6 处" in proposal.reasons[0].zh
    raised("drainage.impassable", "orange", 10)
    ResponseDesk(town.desk).tick()
    older, higher = rows(town, Proposal)
    assert (older.state, higher.state, higher.level, higher.colour) == ("superseded", "open", 2, "orange")
    told = [one for one in rows(town, Message) if one.kind == "told"]
    assert {one.to for one in told} == {town.accounts[f"commander {n}"] for n in (1, 2, 3)}


def test_a_dismissed_proposal_is_not_made_again_by_the_same_warnings(town: Town, raised: Raise) -> None:
    raised("drainage.flooding", "yellow", 6)
    town.responses.tick()
    (proposal,) = rows(town, Proposal)
    with pytest.raises(Forbidden):
        town.responses.dismiss(proposal.id, "观察", town.actor("handler 1"))
    with pytest.raises(Invalid):
        town.responses.dismiss(proposal.id, " ", town.actor(CHIEF))
    later(town, 1)
    town.responses.dismiss(proposal.id, "雨将停", town.actor(CHIEF))
    raised("drainage.flooding", "yellow", 1, first=6)
    ResponseDesk(town.desk).tick()
    assert [one.state for one in rows(town, Proposal)] == ["dismissed"]
    town.responses.reopen(proposal.id, town.actor(CHIEF))
    assert [one.state for one in rows(town, Proposal)] == ["open"]


def test_a_commander_starts_it_with_three_separate_fields(town: Town, raised: Raise) -> None:
    warnings = raised("drainage.flooding", "yellow", 6)
    town.responses.tick()
    with pytest.raises(Forbidden):
        town.responses.start(StartResponse(plan=PLAN, level=3, reason="积水"), town.actor("leader 1"))
    response = start(town, event_grade=4, colour="red")
    assert (response.level, response.event_grade, response.colour) == (3, 4, "red")
    (proposal,) = rows(town, Proposal)
    assert (proposal.state, proposal.response) == ("started", response.id)
    assert set(response.warnings) == {one.id for one in warnings}
    with pytest.raises(Refused, match="running"):
        start(town, 2)
    main = next(one for one in rows(town, Case) if one.id == response.case)
    tasks = {one.facts["task"]: one for one in rows(town, Case) if one.parent == main.id}
    assert set(tasks) == {"trucks_to_underpasses", "close_underpasses", "inspect_stations"}
    handling = town.directory.organisation("handling")
    assert {one.organisation for one in tasks.values()} == {handling}
    trucks = tasks["trucks_to_underpasses"]
    assert trucks.clocks[0].due == response.started + HOUR
    assert trucks.number.startswith("RW")
    assert main.number.startswith("YJ")
    with town.store.reader() as reader:
        records = reader.journal(subject=("response", response.id), limit=10)
    assert records[0].kind == "response.start"
    assert records[0].facts["level"] == 3
    assert records[0].explain["reasons"]
    assert town.store.verify().sound


def test_rain_warnings_are_confirmed_by_the_response_they_led_to(town: Town, raised: Raise) -> None:
    (rain,) = raised("drainage.rainstorm_red", "red", 1)
    town.responses.tick()
    response = start(town)
    (after,) = [one for one in rows(town, Warning) if one.id == rain.id]
    assert (after.state, after.case) == ("confirmed", response.case)


def test_whoever_does_not_confirm_is_followed_by_the_next_and_then_the_commander_is_told(town: Town) -> None:
    response = start(town)
    flood = [one for one in rows(town, Calling) if one.post == "flood_duty"]
    assert [(one.account, one.step, one.state) for one in flood] == [
        (town.accounts["responder 1"], 0, "waiting")
    ]
    later(town, 9)
    assert town.responses.calls.tick() == 0
    # The server is down over several limits: every person still has the whole time from when he is really called.
    later(town, 60)
    town.responses.tick()
    town.responses.tick()
    flood = [one for one in rows(town, Calling) if one.post == "flood_duty"]
    assert [one.state for one in flood] == ["passed", "waiting"]
    assert flood[1].account == town.accounts["responder 2"]
    assert flood[1].due == town.clock.city_time() + 10 * MINUTE
    for _ in range(2):
        later(town, 10)
        town.responses.tick()
    flood = [one for one in rows(town, Calling) if one.post == "flood_duty"]
    assert [one.state for one in flood] == ["passed", "passed", "unanswered"]
    told = [one for one in rows(town, Message) if one.kind == "escalated" and "防汛值班无人应答" in one.text]
    assert [one.to for one in told] == [response.commander]


def test_a_confirmation_stops_the_chain_also_when_it_comes_late(town: Town) -> None:
    start(town)
    first = next(one for one in rows(town, Calling) if one.post == "flood_duty")
    with pytest.raises(Forbidden):
        town.responses.confirm(first.id, town.actor("responder 2"), "console")
    later(town, 10)
    town.responses.tick()
    later(town, 1)
    confirmed = town.responses.confirm(first.id, town.actor("responder 1"), "console")
    assert (confirmed.state, confirmed.confirmed) == ("confirmed", town.clock.city_time())
    second = next(one for one in rows(town, Calling) if one.post == "flood_duty" and one.step == 1)
    assert second.state == "dropped"
    later(town, 60)
    town.responses.tick()
    assert len([one for one in rows(town, Calling) if one.post == "flood_duty"]) == 2
    with pytest.raises(Refused):
        town.responses.confirm(first.id, town.actor("responder 1"), "console")


def test_the_commander_notes_an_answer_by_telephone(town: Town) -> None:
    start(town)
    first = next(one for one in rows(town, Calling) if one.post == "road_duty")
    noted = town.responses.confirm(first.id, town.actor(CHIEF), "phone")
    assert (noted.channel, noted.confirmed_by) == ("phone", town.accounts[CHIEF])


def test_orange_warnings_call_somebody_without_a_response_and_further_ones_are_added(
    town: Town, raised: Raise
) -> None:
    first = raised("drainage.impassable", "orange", 1)
    town.responses.tick()
    second = raised("drainage.impassable", "orange", 1, first=1)
    town.responses.tick()
    ResponseDesk(town.desk).tick()
    (calling,) = rows(town, Calling)
    assert calling.response is None
    assert calling.warnings == (first[0].id, second[0].id)
    raised("drainage.flooding", "yellow", 1)
    town.responses.tick()
    assert len(rows(town, Calling)) == 1


def test_resources_are_set_aside_and_given_back(town: Town) -> None:
    response = start(town)
    held = {one.code: one.reserved for one in rows(town, Resource)}
    assert held == {"pump-a": 3, "pump-b": 0, "crew": 4}
    one = next(one for one in rows(town, Reservation) if one.kind == "flood_team")
    town.responses.release(one.id, town.actor(CHIEF))
    assert next(one.reserved for one in rows(town, Resource) if one.code == "crew") == 0
    with pytest.raises(Refused):
        town.responses.release(one.id, town.actor(CHIEF))
    end(town, response)
    assert {one.reserved for one in rows(town, Resource)} == {0}
    assert all(one.until is not None for one in rows(town, Reservation))


def test_a_shortage_is_told_before_anything_is_started(town: Town) -> None:
    town.rulebook.plans[PLAN] = _needing(town, 9)
    with pytest.raises(Refused, match="missing: 1 drainage crews") as told:
        start(town)
    assert told.value.facts["short"] == {"flood_team": 1}
    assert rows(town, Response) == []
    assert rows(town, Case) == []
    plan = town.rulebook.plans[PLAN]
    with town.store.reader() as reader:
        seen = town.responses.foresee(reader, plan, plan.levels[1], town.actor(CHIEF))
    assert [one.short for one in seen.supplies if one.kind == "flood_team"] == [1]
    start(town, accept_shortage=True)
    assert next(one.left for one in rows(town, Resource) if one.code == "crew") == 0


def _needing(town: Town, crews: float) -> Any:
    plan = town.rulebook.plans[PLAN]
    levels = tuple(
        replace(
            one,
            needs=tuple(
                replace(need, amount=crews) if need.kind == "flood_team" else need for need in one.needs
            ),
        )
        for one in plan.levels
    )
    return replace(plan, levels=levels)


def test_two_plans_started_at_once_never_set_aside_more_than_there_is(town: Town) -> None:
    plan = town.rulebook.plans[PLAN]
    for n in range(4):
        name = f"drainage.plan_{n}"
        town.rulebook.plans[name] = replace(plan, name=name)
        town.rulebook.plan_digests[name] = town.rulebook.plan_digests[PLAN]

    def begin(n: int) -> str:
        try:
            wanted = StartResponse(plan=f"drainage.plan_{n}", level=3, reason="并发")
            town.responses.start(wanted, town.actor(CHIEF))
        except (Refused, Conflict) as refused:
            return refused.code
        return "started"

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(begin, range(4)))
    assert answers.count("started") == 2
    for one in rows(town, Resource):
        assert 0 <= one.reserved <= one.amount
        standing = [
            row.amount for row in rows(town, Reservation) if row.resource == one.id and row.until is None
        ]
        assert one.reserved == sum(standing)


def state_of(town: Town) -> tuple[Any, ...]:
    """What a mode switches: clocks, dues and facts of open cases, roles that are held, grants of everybody, limits."""
    now = town.clock.city_time()
    cases = [
        (one.id, one.clocks, one.next_due, one.facts)
        for one in rows(town, Case)
        if one.closed is None and not one.procedure.startswith("emergency.")
    ]
    held = [
        (one.account, one.role)
        for one in rows(town, Role)
        if one.since <= now and (one.until is None or one.until > now)
    ]
    actors = [town.directory.actor(id, now) for id in sorted(town.accounts.values())]
    with town.store.reader() as reader:
        setting = town.desk.setting(reader)
    return cases, sorted(held), actors, setting.limits, setting.mode


def test_the_mode_switches_clocks_roster_and_permissions_and_all_of_it_back(town: Town) -> None:
    case = flooding_case(town)
    before = state_of(town)
    later(town, 30)
    response = start(town)
    assert "responder" not in before[2][0].roles
    road = town.directory.actor(town.accounts["handler 1"], town.clock.city_time())
    assert "responder" in road.roles
    assert any(grant.permission.verb == "open" for grant in road.grants)
    town.responses.tick()
    under = next(one for one in rows(town, Case) if one.id == case.id)
    handling = next(one for one in under.clocks if one.name == "handling")
    assert (handling.amount, handling.due) == (2, town.clock.city_time() + 2 * HOUR)
    fresh = flooding_case(town, 1)
    assert next(one.amount for one in fresh.clocks if one.name == "handling") == 2
    later(town, 60)
    end(town, response)
    town.responses.tick()
    after = state_of(town)
    assert [one for one in after[0] if one[0] == case.id] == before[0]
    assert after[1:] == before[1:]
    assert [one.state for one in rows(town, Mode)] == ["off"]
    with town.store.reader() as reader:
        kinds = [one.kind for one in reader.journal(subject=("case", case.id), limit=50)]
    assert kinds[-2:] == ["case.mode_on", "case.mode_off"]


def test_a_switch_that_was_broken_off_goes_on(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    cases = [flooding_case(town, n) for n in range(5)]
    before = state_of(town)
    monkeypatch.setattr("hutong.engine.flow.responding.modes.BATCH", 3)
    response = start(town)
    switching = town.responses.switching
    with town.store.reader() as reader:
        mode = everything(reader, Mode)[0]
    half, _ = switching._batch(mode)
    assert half.state == "switching_on"
    assert half.cases == 3
    ResponseDesk(town.desk, town.reread).tick()
    under = [one for one in rows(town, Case) if one.id in {case.id for case in cases}]
    assert all(next(c.amount for c in one.clocks if c.name == "handling") == 2 for one in under)
    assert rows(town, Mode)[0].cases == 5
    end(town, response)
    with town.store.reader() as reader:
        mode = everything(reader, Mode)[0]
    switching._batch(mode)
    ResponseDesk(town.desk, town.reread).tick()
    assert state_of(town) == before


def test_a_mode_that_two_responses_need_lasts_until_the_last_ends(town: Town) -> None:
    other = "drainage.second"
    town.rulebook.plans[other] = replace(_needing(town, 1), name=other)
    town.rulebook.plans[PLAN] = _needing(town, 1)
    town.rulebook.plan_digests[other] = town.rulebook.plan_digests[PLAN]
    flooding_case(town)
    before = state_of(town)
    first = start(town)
    wanted = StartResponse(plan=other, level=3, reason="第二处")
    second = town.responses.start(wanted, town.actor(CHIEF))
    town.responses.tick()
    end(town, first)
    town.responses.tick()
    assert town.directory.modes_at(town.clock.city_time()) == (FLOOD,)
    assert state_of(town)[1] != before[1]
    end(town, second)
    town.responses.tick()
    assert town.directory.modes_at(town.clock.city_time()) == ()
    assert state_of(town) == before


def test_another_level_calls_anew_adds_tasks_and_sets_aside_the_difference(town: Town) -> None:
    response = start(town, 3)
    wanted = ChangeLevel(response=response.id, level=2, reason="封控路段增多", colour="orange")
    raised = town.responses.change(wanted, town.actor(CHIEF))
    assert [one.level for one in raised.changes] == [3, 2]
    assert {one.code: one.reserved for one in rows(town, Resource)} == {"pump-a": 4, "pump-b": 2, "crew": 8}
    tasks = [one.facts["task"] for one in rows(town, Case) if one.parent == response.case]
    assert sorted(tasks) == ["close_underpasses", "help_people", "inspect_stations", "trucks_to_underpasses"]
    states = [one.state for one in rows(town, Calling) if one.post == "flood_duty"]
    assert states == ["dropped", "waiting"]
    lower = replace(wanted, level=4, reason="雨势减弱")
    town.responses.change(lower, town.actor(CHIEF))
    assert {one.reserved for one in rows(town, Resource)} == {0}
    assert town.directory.modes_at(town.clock.city_time()) == ()
    with pytest.raises(Refused):
        town.responses.change(lower, town.actor(CHIEF))
    with pytest.raises(Conflict):
        town.responses.change(replace(wanted, version=1), town.actor(CHIEF))


def test_a_response_with_open_tasks_ends_only_with_them(town: Town) -> None:
    response = start(town)
    wanted = EndResponse(response=response.id, reason="雨停")
    with pytest.raises(Refused) as told:
        town.responses.end(wanted, town.actor(CHIEF))
    assert told.value.facts["kind"] == "open_tasks"
    ended = town.responses.end(replace(wanted, drop_tasks=True), town.actor(CHIEF))
    assert ended.ended is not None
    cases = [one for one in rows(town, Case) if response.case in (one.id, one.parent)]
    assert {one.ending for one in cases} == {"closed", "void"}
    assert all(one.state in ("dropped", "confirmed") for one in rows(town, Calling))
    with pytest.raises(Refused, match="ended"):
        town.responses.end(wanted, town.actor(CHIEF))
