"""Conditions that must hold at so many rows, and deadlines that cost no look at streams that are not due."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.engine.judge.city import Night, at, judge, rule

from hutong.engine.judge.due import Queue
from hutong.kernel.definition.rule import Condition
from hutong.kernel.errors import Invalid
from hutong.kernel.spans import lasting


def test_three_rows_in_a_row_raise_at_the_third_whatever_their_times() -> None:
    night = Night(judge([rule(Condition(above=90), hold="3 rows")], number=2))
    night.feed([(0, 0, 91), (2, 0, 91), (0, 1, 92)]).feed([(2, 1, 1), (2, 2, 95), (0, 500, 93), (2, 9, 95)])
    assert night.said == [("test.rule", 1, "raised", 500, 0)]
    night.feed([(2, 10, 96), (0, 501, 94), (0, 502, 1)])
    assert night.said[1:] == [("test.rule", 2, "raised", 10, 2), ("test.rule", 1, "cleared", 502, 502)]


def test_a_count_of_rows_survives_a_restart() -> None:
    rules = [rule(Condition(above=90), hold="3 rows", clear_for="2 rows")]
    night = Night(judge(rules)).feed([(0, 0, 91), (0, 1, 91)])
    night.restart(judge(rules))
    night.feed([(0, 2, 91), (0, 3, 1)])
    night.restart(judge(rules))
    night.feed([(0, 4, 1)])
    assert [found[2:4] for found in night.said] == [("raised", 2), ("cleared", 4)]


@pytest.mark.parametrize(
    ("text", "found"), [("3 rows", (0, 3)), ("1 row", (0, 1)), ("2 min", (120_000_000, 0))]
)
def test_a_span_or_a_number_of_rows(text: str, found: tuple[int, int]) -> None:
    assert lasting(text) == found


@pytest.mark.parametrize("text", ["0 rows", "-1 rows", "rows", "3.5 rows", "many"])
def test_what_is_neither(text: str) -> None:
    with pytest.raises(Invalid, match="nor a number of rows"):
        lasting(text)


@given(
    st.lists(st.lists(st.integers(0, 50), max_size=6), max_size=8), st.lists(st.integers(0, 60), max_size=8)
)
def test_the_queue_gives_what_is_due_and_nothing_else(puts: list[list[int]], nows: list[int]) -> None:
    queue, waiting, pair = Queue(), {}, 0
    for turn in range(max(len(puts), len(nows))):
        for due in puts[turn] if turn < len(puts) else ():
            queue.put(np.array([due]), np.array([pair]))
            waiting[pair] = due
            pair += 1
        if turn < len(nows):
            expected = sorted(one for one, due in waiting.items() if due < nows[turn])
            assert queue.pop(nows[turn]).tolist() == expected
            for one in expected:
                del waiting[one]


def test_a_tick_looks_only_at_what_is_due(monkeypatch: pytest.MonkeyPatch) -> None:
    night = Night(judge([rule(Condition(missing_for="10 min"))], number=100))
    night.feed([(2 * gauge, gauge, 1.0) for gauge in range(100)])
    silences = night.judge._silences
    looked: list[int] = []
    inner = silences._deadlines

    def counted(plan, states, pairs, newest):  # type: ignore[no-untyped-def]
        looked.append(len(pairs))
        return inner(plan, states, pairs, newest)

    monkeypatch.setattr(silences, "_deadlines", counted)
    night.tick(600)
    assert looked == []
    night.tick(605)
    assert max(looked) == 5
    assert len(night.said) == 5
    night.feed([(2 * gauge, 700, 1.0) for gauge in range(5)])
    assert [found[2] for found in night.said[5:]] == ["cleared"] * 5
    night.tick(1299)
    assert sum(found[2] == "raised" for found in night.said) == 100
    night.tick(1301)
    assert sum(found[2] == "raised" for found in night.said) == 105


def test_a_row_of_an_instant_before_a_tick_is_not_missed() -> None:
    night = Night(judge([rule(Condition(missing_for="10 min"))], number=1))
    night.feed([(0, 0, 1)]).tick(1000)
    night.feed([(0, 1100, 1)]).tick(1699)
    assert [found[2] for found in night.said] == ["raised", "cleared"]
    night.tick(1701)
    assert night.said[2] == ("test.rule", 1, "raised", 1700, 1700)
    assert at(1700) == night.found[2].at
