"""Rows that come late: within the rule's bound they are judged again, beyond it, or after a warning, they are not."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tests.engine.judge.city import FIRST_STREAM, FLOW, Night, at, judge, rows, rule

from hutong.kernel.definition.rule import Condition, Rise
from hutong.kernel.observation import Latest, Quality


def test_a_late_row_within_the_bound_breaks_a_run_that_seemed_whole() -> None:
    night = Night(judge([rule(Condition(above=5), hold="100 s")]))
    night.feed([(0, 0, 6), (0, 60, 6)]).feed([(0, 30, 1)]).feed([(0, 110, 6)])
    assert night.said == []
    night.feed([(0, 161, 6)])
    assert night.said == [("test.rule", 1, "raised", 161, 60)]


def test_a_late_row_that_holds_by_itself_is_raised_and_cleared_in_event_time() -> None:
    night = Night(judge([rule(Condition(above=5))]))
    night.feed([(0, 0, 1), (0, 60, 1), (0, 120, 1)]).feed([(0, 30, 9)])
    assert night.said == [("test.rule", 1, "raised", 30, 30), ("test.rule", 1, "cleared", 60, 60)]


def test_beyond_the_bound_a_row_is_counted_and_not_judged() -> None:
    night = Night(judge([rule(Condition(above=5), late="10 s")]))
    night.feed([(0, 60, 1)]).feed([(0, 49, 9)])
    assert (night.said, night.beyond) == ([], 1)
    night.feed([(0, 50, 9)])
    assert [found[2:4] for found in night.said] == [("raised", 50), ("cleared", 60)]


def test_how_late_a_row_is_does_not_depend_on_the_cut_of_the_feed() -> None:
    feed = [(0, 60.0, 1.0), (0, 49.0, 9.0), (0, 61.0, 1.0)]
    for parts in ([feed], [[row] for row in feed]):
        night = Night(judge([rule(Condition(above=5), late="10 s")]))
        for part in parts:
            night.feed(part)
        assert (night.said, night.beyond) == ([], 1)


def test_a_warning_that_late_rows_disprove_is_withdrawn_even_after_a_restart() -> None:
    night = Night(judge([rule(Condition(above=5), hold="1 min")]))
    night.feed([(0, 0, 6), (0, 60, 6)])
    night.restart(judge([rule(Condition(above=5), hold="1 min")]))
    night.feed([(0, 30, 1)])
    assert night.said == [
        ("test.rule", 1, "raised", 60, 0),
        ("test.rule", 1, "withdrawn", 60, 0),
    ]
    assert night.marks["test.rule", 1].warning is None
    night.feed([(0, 120, 6)])
    assert night.said[2] == ("test.rule", 1, "raised", 120, 60)
    assert night.found[2].warning != night.found[0].warning


def test_a_warning_that_began_otherwise_is_revised_and_stays_the_same_warning() -> None:
    night = Night(judge([rule(Condition(above=5), hold="1 min")]))
    night.feed([(0, 0, 6), (0, 30, 6), (0, 60, 6), (0, 100, 6)]).feed([(0, 15, 1)])
    assert night.said[1] == ("test.rule", 1, "revised", 100, 30)
    assert {found.warning for found in night.found} == {1}
    assert [row.number for row in night.found[1].evidence or ()] == [6, 6, 6]
    night.feed([(0, 110, 1)])
    assert (night.said[2], night.found[2].warning) == (("test.rule", 1, "cleared", 110, 110), 1)


def test_a_warning_that_a_late_row_shows_not_to_have_cleared_is_open_again() -> None:
    night = Night(judge([rule(Condition(above=5), clear_for="30 s")]))
    night.feed([(0, 0, 6), (0, 10, 1), (0, 40, 1)]).feed([(0, 20, 7)])
    assert [found[2] for found in night.said] == ["raised", "cleared", "revised"]
    assert (night.found[2].cleared, night.marks["test.rule", 1].warning) == (None, 1)
    night.feed([(0, 70, 1)])
    assert night.said[3] == ("test.rule", 1, "cleared", 70, 40)


def test_a_late_row_after_a_warning_is_judged_from_the_warning_on() -> None:
    night = Night(judge([rule(Condition(above=5), clear_for="1 min")]))
    night.feed([(0, 0, 6), (0, 60, 1), (0, 100, 1)]).feed([(0, 80, 7)]).feed([(0, 130, 1)])
    assert [found[2:4] for found in night.said] == [("raised", 0)]
    night.feed([(0, 160, 1)])
    assert night.said[1] == ("test.rule", 1, "cleared", 160, 100)


def test_a_late_row_of_one_property_is_seen_by_the_rows_of_another() -> None:
    both = Condition(all=(Condition(above=5), Condition(property=FLOW, above=1)))
    night = Night(judge([rule(both, hold="20 s")]))
    night.feed([(0, 0, 6), (1, 0, 2), (0, 30 - 11, 6), (1, 19.5, 2)])
    night.feed([(1, 10, 0), (1, 12, 2)]).feed([(0, 31, 6)])
    assert night.said == []
    night.feed([(0, 32, 6)])
    assert night.said == [("test.rule", 1, "raised", 32, 12)]


def test_a_late_low_row_makes_a_rise() -> None:
    rising = rule(Condition(rises_faster_than=Rise(by=2, within="1 min")))
    night = Night(judge([rising])).feed([(0, 0, 5), (0, 50, 5)]).feed([(0, 20, 2)])
    assert night.said == [("test.rule", 1, "raised", 50, 50)]


def test_rows_that_stood_in_a_gap_end_it_only_from_the_warning_on() -> None:
    """A gateway was offline: time alone raised the warning, then the backlog came."""
    night = Night(judge([rule(Condition(missing_for="10 min"))]))
    night.feed([(0, 0, 1)]).tick(900)
    assert night.said == [("test.rule", 1, "raised", 600, 600)]
    night.feed([(0, float(second), 1) for second in range(60, 900, 60)])
    assert night.said[1] == ("test.rule", 1, "cleared", 600, 600)
    assert night.unjudged == 9


def test_marks_of_pairs_nobody_watches_come_back() -> None:
    night = Night(judge([rule(Condition(above=5))])).feed([(4, 0, 9)])
    other = judge([rule(Condition(above=5))], number=1)
    assert other.load(night.marks.values()).left == tuple(night.marks.values())


def test_an_idle_pair_leaves_no_mark_behind() -> None:
    night = Night(judge([rule(Condition(above=5), late="1 min")]))
    night.feed([(0, 0, 9)]).feed([(0, 10, 1)])
    assert night.marks
    night.feed([(0, 90, 1)])
    assert night.marks == {}
    assert night.judge.watch.low[0] == -float("inf")


def test_what_a_restart_must_read_reaches_as_far_as_the_rules_look() -> None:
    rising = rule(Condition(rises_faster_than=Rise(by=2, within="1 h")), late="5 min", hold="2 min")
    streams, spans = judge([rising], number=1).warmup_needs()
    assert (streams.tolist(), spans.tolist()) == ([FIRST_STREAM], [(60 + 5 + 2) * 60_000_000])


@given(st.lists(st.tuples(st.integers(0, 600), st.integers(0, 20)), max_size=30))
def test_memory_of_recent_rows_is_bounded(feed: list[tuple[int, int]]) -> None:
    one = judge([rule(Condition(above=50), late="1 s")], number=1)
    one.memory.tail.limit = 10
    night = Night(one)
    for second, value in sorted(feed):
        night.feed([(0, second, value)])
    assert len(one.memory.tail) <= 10 + len(feed[-1:])
    assert night.said == []


def test_warming_up_prefers_good_rows_to_the_latest() -> None:
    fresh = judge([rule(Condition(missing_for="10 min"))], number=1)
    latest = Latest(rows([(0, 50, 1)]).stream, rows([(0, 50, 1)]).time, rows([(0, 50, 1)]).number)
    fresh.warm(latest, [rows([(0, 20, 1), (0, 50, 1)], [Quality.GOOD, Quality.SENSOR_FAULT])])
    assert fresh.memory.newest[0] == at(20)


def test_rows_that_come_again_change_nothing() -> None:
    """A device that got no acknowledgement sends everything once more."""
    feed = [(0, 0.0, 6.0), (0, 60.0, 7.0), (0, 120.0, 1.0), (0, 150.0, 6.0)]
    once, twice = (Night(judge([rule(Condition(above=5), hold="1 min")])) for _ in range(2))
    once.feed(feed[:2]).feed(feed[2:])
    twice.feed(feed[:2]).feed(feed[:2]).feed(feed[2:3]).feed(feed).feed(feed[3:])
    assert twice.said == once.said
    assert [found.evidence for found in twice.found] == [found.evidence for found in once.found]
    assert twice.unjudged == 0
    assert {key: mark.holding_since for key, mark in twice.marks.items()} == {
        key: mark.holding_since for key, mark in once.marks.items()
    }


def test_warming_up_with_too_few_rows_keeps_the_latest() -> None:
    fresh = judge([rule(Condition(above=5))], number=1)
    latest = Latest(rows([(0, 90, 4)]).stream, rows([(0, 90, 4)]).time, rows([(0, 90, 4)]).number)
    fresh.warm(latest, [rows([(0, 20, 1)])])
    assert (fresh.memory.newest[0], fresh.memory.latest[0]) == (at(90), 4)
