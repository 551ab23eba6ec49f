"""What is proposed, what is set aside, and clocks under another limit and back: without a store."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from hutong.engine.respond.rebase import PEACE, Limited, switch_off, switch_on
from hutong.engine.respond.stock import give_back, supplies, take
from hutong.engine.respond.trigger import propose
from hutong.kernel import caseclock
from hutong.kernel.base import HOUR, MINUTE, Label
from hutong.kernel.case import Case, Category, Warning
from hutong.kernel.definition.plan import GradeDefinition, Level, PlanDefinition, ResourceNeed, Trigger
from hutong.kernel.definition.procedure import ClockDefinition
from hutong.kernel.plan import Resource
from hutong.kernel.worktime import WorkCalendar

NOW = 1_790_000_000_000_000
BOTH = Label("甲", "A")
CALENDAR = WorkCalendar()
HANDLING = ClockDefinition(name="handling", label=BOTH, amount=3, unit="urgent_hour", source="test")


def level(number: int) -> Level:
    return Level(level=number, label=BOTH, criteria=BOTH, commanders=("commander",), ends=BOTH)  # type: ignore[arg-type]


PLAN = PlanDefinition(
    name="p.flood",
    label=BOTH,
    kind="natural",
    grades=(GradeDefinition(grade=4, label=BOTH, criteria=BOTH),),
    triggers=(
        Trigger(level=3, rules=("r.deep",), count=2, within="1 h"),
        Trigger(level=2, rules=("r.deep",), colours=("orange",), count=3, within="30 min"),
        Trigger(level=3, rules=("r.rain",), colours=("red",), takes_up=True),
    ),
    levels=(level(3), level(2)),
)


def warning(
    id: int, *, rule: str = "r.deep", colour: str = "orange", thing: int | None = None, ago: int = 0
) -> Warning:
    at = NOW - ago * MINUTE
    return Warning(
        id=id, rule=rule, rule_version="", thing=thing or id, colour=colour, title=BOTH, explanation=BOTH,
        began=at, raised=at, seen=at,
    )  # fmt: skip


def test_nothing_is_proposed_before_enough_things_have_a_warning() -> None:
    assert propose(PLAN, [warning(1)], NOW, {}) is None
    same_thing = [warning(1, thing=7), warning(2, thing=7)]
    assert propose(PLAN, same_thing, NOW, {}) is None


def test_the_highest_level_reached_is_proposed_with_its_reasons() -> None:
    three = [warning(1), warning(2, ago=40), warning(3, ago=50)]
    found = propose(PLAN, three, NOW, {"r.deep": Label("积水", "Deep water")})
    assert found is not None
    assert (found.level, found.colour, found.warnings) == (3, "orange", (1, 2, 3))
    assert "近 1 小时内 3 处" in found.reasons[0].zh
    assert "积水" in found.reasons[0].zh
    higher = propose(PLAN, [warning(1), warning(2, ago=10), warning(3, ago=20)], NOW, {})
    assert higher is not None
    assert higher.level == 2


@pytest.mark.parametrize("change", [{"state": "false_alarm"}, {"ended": "withdrawn"}])
def test_what_was_judged_false_does_not_count(change: dict[str, str]) -> None:
    given = [replace(warning(1), **change), warning(2)]
    assert propose(PLAN, given, NOW, {}) is None


def test_warnings_a_trigger_takes_up_are_named() -> None:
    found = propose(PLAN, [warning(5, rule="r.rain", colour="red")], NOW, {})
    assert found is not None
    assert (found.level, found.colour, found.taken_up) == (3, "red", (5,))


def resource(id: int, amount: float, reserved: float = 0.0) -> Resource:
    return Resource(
        id=id, code=f"c{id}", name=BOTH, kind="truck", amount=amount, unit="辆", reserved=reserved
    )


def test_resources_are_set_aside_from_the_largest_stock_and_shortage_is_told() -> None:
    need = ResourceNeed(kind="truck", label=BOTH, amount=5)
    (found,) = supplies([need], [resource(1, 2), resource(2, 4, reserved=1)], {})
    assert [(one.resource.id, one.amount) for one in found.takings] == [(2, 3), (1, 2)]
    assert (found.left, found.short) == (5, 0)
    (short,) = supplies([need], [resource(1, 2)], {"truck": 1})
    assert (short.held, short.short) == (1, 2)
    assert short.takings[0].resource.left == 0


def test_no_more_is_taken_than_there_is() -> None:
    with pytest.raises(ValueError, match="has 1"):
        take(resource(1, 3, reserved=2), 2)
    assert give_back(resource(1, 3, reserved=2), 5).reserved == 0


def running(started: int = NOW - HOUR) -> Case:
    clock = caseclock.begin(HANDLING, 3, "urgent_hour", started, CALENDAR)
    return Case(
        id=1, number="1", procedure="p", definition="", state="handling", category=Category("other", "x"),
        title=BOTH, source="sensor", opened=started, clocks=(clock,),
    )  # fmt: skip


def limit(amount: float):  # type: ignore[no-untyped-def]
    return lambda case, clock: Limited(amount, "urgent_hour")


@pytest.mark.parametrize(("how", "due"), [("from_switch", NOW + 2 * HOUR), ("from_start", NOW + HOUR)])
def test_a_running_clock_gets_the_limit_of_the_mode(how: str, due: int) -> None:
    case = running()
    on = switch_on(case, limit(2), how, NOW, {"handling": HANDLING}, CALENDAR)  # type: ignore[arg-type]
    assert on is not None
    assert (on.case.clocks[0].amount, on.case.clocks[0].due) == (2, due)
    again = switch_on(on.case, limit(2), how, NOW + 1, {"handling": HANDLING}, CALENDAR)  # type: ignore[arg-type]
    assert again is None
    off = switch_off(on.case, NOW + 30 * MINUTE, {"handling": HANDLING}, CALENDAR)
    assert off is not None
    assert off.case == case


def test_a_mode_that_keeps_running_clocks_changes_none() -> None:
    assert switch_on(running(), limit(2), "keep", NOW, {"handling": HANDLING}, CALENDAR) is None


def test_no_switch_makes_a_clock_run_out() -> None:
    old = running(NOW - 150 * MINUTE)
    on = switch_on(old, limit(2), "from_start", NOW, {"handling": HANDLING}, CALENDAR)
    assert on is not None
    assert on.case.clocks[0].due == NOW + 2 * HOUR
    longer = switch_on(old, limit(10), "from_switch", NOW, {"handling": HANDLING}, CALENDAR)
    assert longer is not None
    late = switch_off(longer.case, NOW + 5 * HOUR, {"handling": HANDLING}, CALENDAR)
    assert late is not None
    assert late.case.clocks[0].due == NOW + 10 * HOUR
    assert PEACE not in late.case.facts


def test_a_clock_paused_under_the_mode_keeps_what_it_used() -> None:
    on = switch_on(running(), limit(2), "from_switch", NOW, {"handling": HANDLING}, CALENDAR)
    assert on is not None
    paused = replace(on.case, clocks=(caseclock.pause(on.case.clocks[0], NOW + 30 * MINUTE, CALENDAR),))
    off = switch_off(paused, NOW + 3 * HOUR, {"handling": HANDLING}, CALENDAR)
    assert off is not None
    clock = off.case.clocks[0]
    assert (clock.mark, clock.amount, clock.used) == ("paused", 3, 1.5)


def test_a_clock_stopped_under_the_mode_keeps_the_limit_it_was_measured_by() -> None:
    on = switch_on(running(), limit(2), "from_switch", NOW, {"handling": HANDLING}, CALENDAR)
    assert on is not None
    stopped = replace(on.case, clocks=(caseclock.stop(on.case.clocks[0], NOW + HOUR, CALENDAR),))
    off = switch_off(stopped, NOW + 3 * HOUR, {"handling": HANDLING}, CALENDAR)
    assert off is not None
    assert off.case.clocks == stopped.clocks
