"""False alarms of rules: what a tally says, its interval, and that kept counters agree with rows."""

from __future__ import annotations

import pytest

from hutong.engine.flow.rule_figures import Tally, row_tallies, total, wilson
from hutong.kernel.base import DAY, HOUR
from hutong.kernel.counting import SPAN, counter_names, dated_counter, hour_and_key


def test_the_rate_is_over_what_was_judged() -> None:
    tally = Tally(waiting=5, confirmed=6, false_alarm=2, joined=2)
    assert (tally.raised, tally.judged, tally.rate) == (15, 10, 0.2)
    assert tally.interval == pytest.approx((0.05668, 0.50984), abs=1e-5)
    assert Tally(waiting=3).rate is None
    assert Tally(waiting=3).interval is None


def test_the_interval_stays_within_what_is_possible() -> None:
    assert wilson(0, 4)[0] == 0
    assert wilson(4, 4)[1] == pytest.approx(1)
    assert wilson(0, 4)[1] == pytest.approx(0.4899, abs=1e-4)


def test_states_that_nobody_judged_do_not_count_below_the_line() -> None:
    tally = Tally().plus("to_judge", 1).plus("withdrawn", 2).plus("false_alarm", 1).plus("confirmed", 1)
    assert tally == Tally(waiting=1, confirmed=1, false_alarm=1, other=2)
    assert (tally.raised, tally.judged, tally.rate) == (5, 2, 0.5)


def test_rows_fall_into_the_step_that_holds_them() -> None:
    starts = [0, DAY, 2 * DAY]
    rows = [
        (-1, "a.b", "confirmed"),
        (0, "a.b", "confirmed"),
        (DAY - 1, "a.b", "joined"),
        (3 * DAY, "a.b", "joined"),
    ]
    found = row_tallies([*rows, (2 * DAY + 5, "a.c", "false_alarm")], starts, 3 * DAY)
    assert found == {"a.b": {0: Tally(confirmed=1, joined=1)}, "a.c": {2 * DAY: Tally(false_alarm=1)}}
    assert total(one for own in found.values() for one in own.values()).raised == 3


def test_counters_are_named_by_the_hour() -> None:
    at = 700 * SPAN + 5 * HOUR + 17
    name, key = dated_counter("warning", at, "a.b/joined")
    assert hour_and_key(key) == (at - 17, "a.b/joined")
    assert name in counter_names("warning", at - 1, at + 1)
    assert name not in counter_names("warning", at + SPAN, at + 2 * SPAN)
    assert list(counter_names("warning", at, at)) == [name]
