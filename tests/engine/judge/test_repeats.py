"""Rows of a time that a stream has already: judged is what the store keeps."""

from __future__ import annotations

import pytest
from tests.engine.judge.city import Night, judge, rows, rule

from hutong.kernel.definition.rule import Condition
from hutong.kernel.observation import Quality

ABOVE = rule(Condition(above=5), hold="1 min")


def test_what_keep_first_drops_is_not_judged() -> None:
    night = Night(judge([rule(Condition(above=5))], same_time="keep_first"))
    night.feed([(0, 0, 1), (0, 60, 1)]).feed([(0, 60, 9), (0, 0, 9)]).feed([(0, 120, 1), (0, 120, 9)])
    assert night.said == []
    night.feed([(0, 180, 9)])
    assert [found[2:4] for found in night.said] == [("raised", 180)]


def test_a_row_of_bad_quality_keeps_a_good_one_of_its_time_out() -> None:
    night = Night(judge([rule(Condition(above=5))], same_time="keep_first"))
    night.feed([(0, 0, 1), (0, 60, 99)], [Quality.GOOD, Quality.SENSOR_FAULT]).feed([(0, 60, 9)])
    assert night.said == []


def test_what_replaces_a_row_is_judged_in_its_place() -> None:
    night = Night(judge([ABOVE], same_time="replace"))
    night.feed([(0, 0, 6), (0, 30, 1), (0, 60, 6)]).feed([(0, 30, 7)])
    assert night.said == [("test.rule", 1, "raised", 60, 0)]
    night.feed([(0, 60, 1)])
    assert [found[2] for found in night.said] == ["raised", "withdrawn"]
    assert night.marks["test.rule", 1].warning is None


def test_of_rows_that_replace_each_other_in_one_batch_the_last_counts() -> None:
    night = Night(judge([rule(Condition(above=5))], same_time="replace"))
    night.feed([(0, 0, 9), (0, 0, 1), (2, 0, 1), (2, 0, 9)])
    assert night.said == [("test.rule", 2, "raised", 0, 0)]


@pytest.mark.parametrize("same_time", ["keep_first", "replace"])
def test_the_sender_s_columns_are_left_as_they_were(same_time: str) -> None:
    city = judge([ABOVE], same_time=same_time)  # type: ignore[arg-type]
    first, second = rows([(0, 0, 6), (0, 30, 6)]), rows([(0, 30, 1)])
    city.run(first, iter(range(1, 9)))
    city.run(second, iter(range(1, 9)))
    assert (first.number.tolist(), second.number.tolist()) == ([6, 6], [1])
