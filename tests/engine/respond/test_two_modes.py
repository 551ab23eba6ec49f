"""Two 平战 modes at once: each gives back what it switched and no more, whichever ends first."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from tests.engine.respond.conftest import FLOOD, PLAN
from tests.engine.respond.test_responses import (
    CHIEF,
    _needing,
    end,
    flooding_case,
    later,
    rows,
    start,
    state_of,
)

from hutong.app.scenarios.town import Town
from hutong.engine.flow.responding import ChangeLevel, ResponseDesk, StartResponse
from hutong.kernel.base import HOUR
from hutong.kernel.case import Case, CaseClock
from hutong.kernel.definition.procedure import LimitRow
from hutong.kernel.party import Role
from hutong.kernel.plan import Mode, Response

COLD, COLD_PLAN = "drainage.cold", "drainage.cold_wave"
LIMIT = LimitRow(kind="other", code="drainage.flooding", stage="handling", amount=3, unit="urgent_hour")


@pytest.fixture
def both(town: Town) -> Town:
    """A second mode with other limits whose roster names the same people, and a plan that switches it on."""
    modes, plans, digests = town.rulebook.modes, town.rulebook.plans, town.rulebook.plan_digests
    modes[COLD] = replace(modes[FLOOD], name=COLD, limits=(LIMIT,), grants={})
    plan = _needing(town, 1)
    levels = tuple(replace(one, mode=COLD) if one.mode else one for one in plan.levels)
    plans[PLAN], plans[COLD_PLAN] = plan, replace(plan, name=COLD_PLAN, levels=levels)
    digests[COLD_PLAN] = digests[PLAN]
    town.reread()
    return town


def begun(town: Town, plan: str) -> Response:
    found = (
        start(town)
        if plan == PLAN
        else town.responses.start(StartResponse(plan=plan, level=3, reason="寒潮"), town.actor(CHIEF))
    )
    town.responses.tick()
    return found


def over(town: Town, response: Response) -> None:
    end(town, response)
    town.responses.tick()


def handling(town: Town, case: Case) -> CaseClock:
    with town.store.reader() as reader:
        stored = reader.get(Case, case.id)
    return next(one for one in stored.clocks if one.name == "handling")


def given(town: Town) -> list[Role]:
    """Roles that a roster gave and that are held now."""
    now = town.clock.city_time()
    return [
        one for one in rows(town, Role) if "roster" in one.provenance.source and (one.until is None or one.until > now)
    ]  # fmt: skip


@pytest.mark.parametrize("plans", [(COLD_PLAN, PLAN), (PLAN, COLD_PLAN)])
@pytest.mark.parametrize("first_ends_first", [True, False])
def test_a_mode_that_ends_leaves_the_other_as_it_is(
    both: Town, plans: tuple[str, str], first_ends_first: bool
) -> None:
    case = flooding_case(both)
    before = state_of(both)
    hours = {PLAN: 2, COLD_PLAN: 3}
    first = begun(both, plans[0])
    began = both.clock.city_time()
    people = {(one.account, one.role) for one in given(both)}
    assert people
    later(both, 30)
    second = begun(both, plans[1])
    assert len(both.directory.modes_at(both.clock.city_time())) == 2
    assert handling(both, case).due == began + hours[plans[0]] * HOUR, "the mode that had the clock keeps it"
    later(both, 10)
    if first_ends_first:
        over(both, first)
        due = both.clock.city_time() + hours[plans[1]] * HOUR
    else:
        over(both, second)
        due = began + hours[plans[0]] * HOUR
    assert handling(both, case).due == due
    assert {(one.account, one.role) for one in given(both)} == people, "the other roster needs them still"
    over(both, second if first_ends_first else first)
    assert both.directory.modes_at(both.clock.city_time()) == ()
    assert given(both) == []
    assert state_of(both) == before
    assert {one.state for one in rows(both, Mode)} == {"off"}
    assert both.store.verify().sound


def test_a_level_with_another_mode_keeps_the_people_both_need(both: Town) -> None:
    """One response goes from one mode to the other and back; then a second response has the other one meanwhile."""
    plan = both.rulebook.plans[PLAN]
    levels = tuple(replace(one, mode=COLD) if one.level == 2 else one for one in plan.levels)
    both.rulebook.plans[PLAN] = replace(plan, levels=levels)
    case = flooding_case(both)
    before = state_of(both)
    response = begun(both, PLAN)
    people = {(one.account, one.role) for one in given(both)}

    def changed(level: int, *modes: str) -> None:
        wanted = ChangeLevel(response=response.id, level=level, reason="天气变化", accept_shortage=True)
        both.responses.change(wanted, both.actor(CHIEF))
        both.responses.tick()
        assert set(both.directory.modes_at(both.clock.city_time())) == set(modes)
        assert {(one.account, one.role) for one in given(both)} == people

    changed(2, COLD)
    assert handling(both, case).amount == 3
    changed(3, FLOOD)
    assert handling(both, case).amount == 2
    cold = begun(both, COLD_PLAN)
    changed(2, COLD)
    assert handling(both, case).amount == 3
    changed(3, COLD, FLOOD)
    over(both, cold)
    assert handling(both, case).amount == 2
    over(both, response)
    ResponseDesk(both.desk, both.reread).tick()
    assert given(both) == []
    assert state_of(both) == before
