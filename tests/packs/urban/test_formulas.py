"""The worked examples of 绩效评价 (domain-facts §1.8), and what becomes of a zero denominator."""

from __future__ import annotations

import pytest

from hutong.kernel.score import Score
from hutong.packs.urban import formulas

STEPS = {"step_1": 2000, "step_2": 1200, "step_3": 500, "step_4": 300}
COLLECTOR = {
    "reported": 100, "valid": 96, "filed_here": 100, "missed": 5,
    "verified": 100, "verified_in_time": 95, "checked": 100, "checked_in_time": 95,
    "valid_weight": 0.4, "missed_weight": 0.2, "verify_weight": 0.2, "check_weight": 0.2, "full": 0,
}  # fmt: skip
RECEPTIONIST = {
    "accepted": 1500, "verify_sent": 100, "verify_sent_in_time": 98, "check_sent": 100, "check_sent_in_time": 97,
    "amount_weight": 0.25, "verify_weight": 0.4, "check_weight": 0.35, "full": 0, **STEPS,
}  # fmt: skip
CHIEF = {
    "filed": 200, "filed_in_time": 196, "voided": 6, "closed": 100, "closed_in_time": 95,
    "time_weight": 0.25, "accurate_weight": 0.4, "close_weight": 0.35, "full": 0,
}  # fmt: skip
DISPATCHER = {
    "dispatched": 200, "dispatched_in_time": 196, "wrong": 10,
    "amount_weight": 0.2, "time_weight": 0.4, "accurate_weight": 0.4, "full": 0, **STEPS,
}  # fmt: skip


def test_the_collector_of_the_worked_example() -> None:
    assert formulas.collector(**COLLECTOR).value == pytest.approx(95.4)


def test_the_receptionist_of_the_worked_example() -> None:
    assert formulas.receptionist(**RECEPTIONIST).value == pytest.approx(95.65)


def test_the_duty_chief_of_the_worked_example() -> None:
    assert formulas.duty_chief(**CHIEF).value == pytest.approx(96.55)


def test_the_dispatcher_of_the_worked_example() -> None:
    # The example's score for the number dispatched is 90: the steps of a city with fewer cases.
    some = {**DISPATCHER, "step_1": 200, "step_2": 120}
    assert formulas.dispatcher(**some).value == pytest.approx(95.2)


@pytest.mark.parametrize(
    ("accepted", "score"),
    [(2001, 100), (2000, 90), (1201, 90), (1200, 75), (501, 75), (500, 60), (301, 60), (300, 0), (1, 0)],
)
def test_the_steps_of_the_number_accepted(accepted: float, score: float) -> None:
    parts = formulas.receptionist(**{**RECEPTIONIST, "accepted": accepted}).parts
    assert parts[0].value == score


def test_a_zero_denominator_gives_its_weight_to_the_others() -> None:
    score = formulas.collector(**{**COLLECTOR, "checked": 0, "checked_in_time": 0})
    assert score.parts[3].value is None
    assert score.value == pytest.approx((38.4 + 19 + 19) / 0.8)
    full = formulas.collector(**{**COLLECTOR, "checked": 0, "checked_in_time": 0, "full": 1})
    assert full.value == pytest.approx(38.4 + 19 + 19 + 20)


@pytest.mark.parametrize(
    ("formula", "given"),
    [
        (formulas.collector, COLLECTOR),
        (formulas.receptionist, RECEPTIONIST),
        (formulas.duty_chief, CHIEF),
        (formulas.dispatcher, DISPATCHER),
    ],
)
def test_nothing_counted_is_no_score_and_never_zero(formula, given) -> None:  # type: ignore[no-untyped-def]
    kept = ("weight", "step", "full")
    none = {name: value if any(word in name for word in kept) else 0 for name, value in given.items()}
    assert formula(**none).value is None


def test_a_unit_is_judged_by_what_it_had_to_do() -> None:
    weights = {"disposed_weight": 0.3, "in_time_weight": 0.4, "rework_weight": 0.3, "full": 0}
    score: Score = formulas.department(to_dispose=10, disposed=9, disposed_in_time=8, rework=1, **weights)
    assert score.value == pytest.approx(0.3 * 90 + 0.4 * 80 + 0.3 * 90)
    worst = formulas.department(to_dispose=1, disposed=0, disposed_in_time=0, rework=5, **weights)
    assert worst.value == 0
    assert (
        formulas.department(to_dispose=0, disposed=0, disposed_in_time=0, rework=0, **weights).value is None
    )
