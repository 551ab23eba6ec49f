"""What is found depends on the rows alone: not on how a feed is cut, on restarts, or on rows that come in late."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.engine.judge.city import FLOW, LEVEL, Night, Row, judge, rule

from hutong.engine.judge import Found, Judge
from hutong.kernel.definition.rule import Condition, FormulaCall, Level, Rise

SPAN = 40


def apart(*, level: Any, flow: Any, by: float) -> Any:
    return np.abs(level - flow) > by


RULES = [
    rule(Condition(above=4), "test.above", hold="3 s", clear=Condition(below=3), clear_for="2 s"),
    rule(Condition(below=1), "test.below", late="20 s"),
    rule(Condition(outside=(1, 5)), "test.outside", hold="5 s", clear_for="4 s"),
    rule(Condition(equals=3), "test.equals", late="0 s"),
    rule(Condition(changes=True), "test.changes", clear_for="3 s"),
    rule(Condition(rises_faster_than=Rise(by=3, within="6 s")), "test.rise", clear_for="5 s"),
    rule(Condition(missing_for="7 s"), "test.missing", hold="2 s"),
    rule(Condition(above=3), "test.rows", hold="3 rows", clear=Condition(below=3), clear_for="2 rows"),
    rule(
        Condition(all=(Condition(property=FLOW, above=3), Condition(below=Level(thing="crown", times=0.6)))),
        "test.both",
        hold="4 s",
    ),
    rule(Condition(any=(Condition(above=5), Condition(property=FLOW, missing_for="9 s"))), "test.either"),
    rule(
        Condition(
            formula=FormulaCall(
                name="test.apart", properties={"level": LEVEL, "flow": FLOW}, parameters={"by": "test.by"}
            )
        ),
        "test.formula",
        hold="2 s",
        clear_for="1 s",
    ),
]


def fresh() -> Judge:
    return judge(RULES, 2, {"test.by": 3.0}, {"test.apart": apart})


row = st.tuples(st.integers(0, 3), st.integers(0, SPAN), st.integers(0, 6).map(float))
ordered = st.lists(row, max_size=60).map(lambda rows: sorted(rows, key=lambda each: each[1]))
cuts = st.lists(st.integers(0, 60), max_size=8)


def parts(feed: list[Row], where: list[int]) -> list[list[Row]]:
    edges = sorted({0, len(feed), *(cut for cut in where if cut < len(feed))})
    return [feed[a:b] for a, b in pairwise(edges)]


def whole(found: Found) -> tuple[Any, ...]:
    """All that a finding says, but the number of its warning."""
    return (
        *(found.plan.rule.name, found.thing, found.at, found.raised, found.began, found.value, found.level),
        *(found.peak, found.evidence, found.unjudged),
    )


def everything(night: Night) -> list[tuple[Any, ...]]:
    return sorted(
        (whole(found) for found in night.found), key=lambda each: (each[0], each[1], each[2], each[3])
    )


@settings(max_examples=100, deadline=None)
@given(feed=ordered, where=cuts)
def test_any_cut_of_a_feed_finds_the_same(feed: list[Row], where: list[int]) -> None:
    at_once = Night(fresh()).feed(feed)
    in_parts = Night(fresh())
    for part in parts(feed, where):
        in_parts.feed(part)
    assert everything(in_parts) == everything(at_once)
    assert {key: _core(mark) for key, mark in in_parts.marks.items() if _core(mark) != IDLE} == {
        key: _core(mark) for key, mark in at_once.marks.items() if _core(mark) != IDLE
    }


IDLE = (None, None, False, None)


def _core(mark: Any) -> tuple[Any, ...]:
    return (mark.holding_since, mark.clear_since, mark.warning is not None, mark.memory.get("peak"))


@settings(max_examples=100, deadline=None)
@given(feed=ordered, where=cuts, restarts=st.sets(st.integers(0, 8)), ticks=st.booleans())
def test_a_restart_anywhere_changes_nothing(
    feed: list[Row], where: list[int], restarts: set[int], ticks: bool
) -> None:
    steady, broken = Night(fresh()), Night(fresh())
    for number, part in enumerate(parts(feed, where)):
        steady.feed(part)
        broken.feed(part)
        if ticks and part:
            steady.tick(part[-1][1])
            broken.tick(part[-1][1])
        if number in restarts:
            broken.restart(fresh())
    assert everything(broken) == everything(steady)
    assert broken.marks == steady.marks


@settings(max_examples=100, deadline=None)
@given(feed=st.lists(row, max_size=50), where=cuts, restart=st.booleans())
def test_late_rows_are_judged_as_if_in_time_while_nothing_was_said(
    feed: list[Row], where: list[int], restart: bool
) -> None:
    """The condition holds too briefly to be said before the last rows, so everything may still be judged again."""
    rules = [
        rule(Condition(above=3), "test.long", hold=f"{SPAN + 5} s"),
        rule(
            Condition(all=(Condition(below=2), Condition(property=FLOW, below=5))),
            "test.two",
            hold=f"{SPAN + 5} s",
        ),
        rule(Condition(rises_faster_than=Rise(by=2, within="30 s")), "test.rise", hold=f"{SPAN + 5} s"),
    ]
    last: list[Row] = [
        (s, second, value) for second, value in ((SPAN + 1, 4.0), (2 * SPAN + 9, 4.5)) for s in range(4)
    ]
    feed = [each for i, each in enumerate(feed) if (each[0], each[1]) not in {(r[0], r[1]) for r in feed[:i]}]
    in_time = Night(judge(rules, 2)).feed(sorted(feed, key=lambda each: each[1])).feed(last)
    late = Night(judge(rules, 2))
    for part in parts(feed, where):
        late.feed(part)
        if restart:
            late.restart(judge(rules, 2))
    late.feed(last)
    assert everything(late) == everything(in_time)


ORDERED = [
    rule(Condition(above=4), "test.above", hold="3 s", clear=Condition(below=3), clear_for="2 s"),
    rule(Condition(above=4), "test.rows", hold="3 rows", clear_for="2 rows"),
    rule(Condition(below=1), "test.below"),
    rule(Condition(outside=(1, 5)), "test.outside", hold="5 s", clear_for="4 s"),
    rule(Condition(changes=True), "test.changes", clear_for="3 s"),
    rule(Condition(rises_faster_than=Rise(by=3, within="6 s")), "test.rise", clear_for="5 s"),
    rule(Condition(all=(Condition(property=FLOW, above=3), Condition(below=4))), "test.both", hold="4 s"),
    rule(Condition(all=(Condition(property=FLOW, above=3), Condition(below=4))), "test.two", hold="2 rows"),
]


@settings(max_examples=150, deadline=None)
@given(
    feed=st.lists(row, max_size=40, unique_by=lambda each: (each[0] // 2, each[1])),
    where=cuts,
    restarts=st.sets(st.integers(0, 8)),
)
@example(feed=[(0, 2, 0.0), (0, 0, 0.0), (0, 1, 1.0)], where=[1], restarts=set())
def test_any_order_within_the_bound_comes_to_the_same_warnings(
    feed: list[Row], where: list[int], restarts: set[int]
) -> None:
    """Whatever was said meanwhile: warnings are raised late, revised or withdrawn until they are those of the rows in
    order. Of one thing, no two rows are of one instant: for those the order of arrival counts."""
    in_time = Night(judge(ORDERED, 2)).feed(sorted(feed, key=lambda each: each[1]))
    late = Night(judge(ORDERED, 2))
    for number, part in enumerate(parts(feed, where)):
        late.feed(part)
        if number in restarts:
            late.restart(judge(ORDERED, 2))
    assert late.standing == in_time.standing
    assert {key: _state(mark) for key, mark in late.marks.items() if _state(mark) != UNMOVED} == {
        key: _state(mark) for key, mark in in_time.marks.items() if _state(mark) != UNMOVED
    }


UNMOVED = (None, None, False, None)


def _state(mark: Any) -> tuple[Any, ...]:
    return (mark.holding_since, mark.clear_since, mark.warning is not None, mark.memory.get("count"))


def reference(feed: list[Row], hold: int, clear_for: int) -> list[tuple[str, int, int]]:
    """above 4 / below 3 by the book, one row after the other."""
    found: list[tuple[str, int, int]] = []
    holding: int | None = None
    clearing: int | None = None
    is_open = False
    for _, second, value in feed:
        if not is_open:
            holding = (second if holding is None else holding) if value > 4 else None
            if holding is not None and second - holding >= hold:
                found.append(("raised", second, holding))
                is_open, clearing = True, None
        else:
            clearing = (second if clearing is None else clearing) if value < 3 else None
            if clearing is not None and second - clearing >= clear_for:
                found.append(("cleared", second, clearing))
                is_open, holding = False, None
    return found


@settings(max_examples=100, deadline=None)
@given(
    feed=st.lists(st.tuples(st.just(0), st.integers(0, SPAN), st.integers(0, 6).map(float)), max_size=60).map(
        lambda rows: sorted(rows, key=lambda each: each[1])
    ),
    hold=st.integers(0, 9),
    clear_for=st.integers(0, 9),
    where=cuts,
)
def test_it_agrees_with_the_rule_by_the_book(
    feed: list[Row], hold: int, clear_for: int, where: list[int]
) -> None:
    one = rule(Condition(above=4), hold=f"{hold} s", clear=Condition(below=3), clear_for=f"{clear_for} s")
    night = Night(judge([one]))
    for part in parts(feed, where):
        night.feed(part)
    found = [(word, int(second), int(began)) for _, _, word, second, began in night.said]
    assert sorted(found) == sorted(reference(feed, hold, clear_for))
