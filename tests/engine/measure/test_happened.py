"""Counts found in cases: whose, when, in time or not, excused or not."""

from __future__ import annotations

from typing import Any

import pytest

from hutong.engine.measure.happened import Happened, Plan
from hutong.engine.measure.seen import FIELDS, Seen
from hutong.kernel.base import HOUR, Label
from hutong.kernel.case import CaseClock, Category, Deed
from hutong.kernel.definition.indicator import CountDefinition, Where

PROCEDURE = "urban.case"
LATE = CaseClock("handling", 4, "urgent_hour", 0, "stopped", due=4 * HOUR, stopped=5 * HOUR, overdue=True)
GOOD = CaseClock("handling", 4, "urgent_hour", 0, "stopped", due=4 * HOUR, stopped=3 * HOUR)
OPEN = CaseClock("handling", 4, "urgent_hour", 0, "running", due=4 * HOUR)


def seen(**more: Any) -> Seen:
    given: dict[str, Any] = dict.fromkeys(FIELDS) | {
        "id": 1, "procedure": PROCEDURE, "category": Category("matter", "06010"), "opened": HOUR, "opened_by": 7,
        "organisation": 30, "place": 40, "clocks": (), "deeds": (), "suspended": {}, "facts": {}, "ending": "",
        "source": "public", "rounds": 0,
    }  # fmt: skip
    return Seen(**(given | more))


def count(**more: Any) -> CountDefinition:
    given: dict[str, Any] = {"name": "urban.n", "label": Label("数", "n"), "procedures": (PROCEDURE,)}
    return CountDefinition(**(given | more))


def happened(case: Seen, counts: tuple[CountDefinition, ...]) -> list[Happened]:
    return list(Plan(counts).happened(case))


def credits(case: Seen, *counts: CountDefinition) -> list[tuple[int, int, int]]:
    return [(one.at, one.account, one.organisation) for one in happened(case, counts)]


def test_a_deed_is_its_doers() -> None:
    deeds = (Deed("file", 8, "duty_chief", 2 * HOUR, 20), Deed("file", 9, "duty_chief", 3 * HOUR, 20))
    case = seen(deeds=deeds)
    assert credits(case, count(actions=("file",))) == [(2 * HOUR, 8, 20), (3 * HOUR, 9, 20)]
    assert credits(case, count(actions=("file",), which="last")) == [(3 * HOUR, 9, 20)]
    assert credits(case, count(actions=("open",))) == [(HOUR, 7, 0)]
    assert credits(case, count(actions=("close",))) == []


def test_another_procedure_is_not_counted() -> None:
    assert credits(seen(procedure="hotline.order"), count(actions=("open",))) == []


def test_a_wrong_dispatch_is_the_last_dispatchers() -> None:
    deeds = (
        Deed("dispatch", 5, "dispatcher", HOUR, 21),
        Deed("accept_return", 6, "dispatcher", 2 * HOUR, 21),
        Deed("dispatch", 6, "dispatcher", 3 * HOUR, 21),
    )
    assert credits(seen(deeds=deeds), count(actions=("accept_return",), credit="dispatch")) == [
        (2 * HOUR, 5, 21)
    ]


def test_a_deed_is_in_time_if_it_stopped_its_clock_before_it_ran_out() -> None:
    deeds = (
        Deed("close", 8, "duty_chief", HOUR, 20, ("closing",)),
        Deed("close", 8, "duty_chief", 2 * HOUR, 20),
    )
    in_time = count(actions=("close",), clock="closing", timing="in_time")
    late = count(actions=("close",), clock="closing", timing="late")
    assert credits(seen(deeds=deeds), in_time) == [(2 * HOUR, 8, 20)]
    assert credits(seen(deeds=deeds), late) == [(HOUR, 8, 20)]


@pytest.mark.parametrize(
    ("clock", "at", "timing"),
    [(GOOD, 3, "in_time"), (LATE, 4, "late"), (OPEN, 4, "overdue")],
)
def test_a_case_counts_when_its_clock_stopped_or_ran_out(clock: CaseClock, at: int, timing: str) -> None:
    case, when = seen(clocks=(clock,)), ("stopped.handling", "due.handling")
    assert credits(case, count(at=when)) == [(at * HOUR, 0, 30)]
    for one in ("in_time", "late", "overdue"):
        found = credits(case, count(at=when, clock="handling", timing=one))
        assert found == ([(at * HOUR, 0, 30)] if one == timing else [])


def test_a_suspended_case_is_not_yet_to_be_handled() -> None:
    paused = CaseClock("handling", 4, "urgent_hour", 0, "paused")
    assert credits(seen(clocks=(paused,)), count(at=("stopped.handling", "due.handling"))) == []


def test_an_accepted_objection_excuses_lateness_or_takes_the_case_out() -> None:
    when = ("stopped.handling", "due.handling")
    late = count(at=when, clock="handling", timing="late", excusable=True)
    in_time = count(at=when, clock="handling", timing="in_time", excusable=True)
    timing = seen(clocks=(LATE,), facts={"excused": "timing"})
    assert credits(timing, late) == []
    (one,) = happened(timing, (in_time,))
    assert one.excused
    assert credits(seen(clocks=(LATE,), facts={"excused": ["responsibility"]}), late, in_time) == []
    unmoved = count(at=when, clock="handling", timing="late")
    assert len(credits(timing, unmoved)) == 1


def test_conditions_look_at_fields_facts_and_deeds() -> None:
    case = seen(facts={"verified": "exists", "n": 3}, deeds=(Deed("urge", 1, "", HOUR),), filed=HOUR)
    holding = [
        Where(path="source", one_of=("public",)), Where(path="ending", none_of=("void",)),
        Where(path="filed", given=True), Where(path="closed", given=False), Where(path="facts.n", at_least=3),
        Where(path="deeds.urge", at_least=1), Where(path="facts.verified", one_of=("exists",)),
        Where(path="category.code", one_of=("06010",)),
    ]  # fmt: skip
    failing = [
        Where(path="source", none_of=("public",)), Where(path="filed", given=False), Where(path="facts.n", at_most=2),
        Where(path="deeds.urge", at_least=2), Where(path="facts.none", at_least=0),
    ]  # fmt: skip
    assert all(credits(case, count(when=(one,))) for one in holding)
    assert not any(credits(case, count(when=(one,))) for one in failing)


def test_a_count_may_weigh_by_a_fact() -> None:
    weights = {"satisfied": 1.0, "basically": 0.9}
    some = count(weight="facts.answer", weights=weights)
    assert [one.weight for one in happened(seen(facts={"answer": "basically"}), (some,))] == [0.9]
    assert happened(seen(facts={"answer": "no"}), (some,)) == []
    assert [one.weight for one in happened(seen(facts={"n": 2.5}), (count(weight="facts.n"),))] == [2.5]


def test_a_count_may_be_by_a_value() -> None:
    some = count(by="facts.demand")
    assert [one.value for one in happened(seen(facts={"demand": "help"}), (some,))] == ["help"]
    assert [one.value for one in happened(seen(), (some, count()))] == ["", ""]
