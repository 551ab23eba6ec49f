"""The rule word `unusual` in the judge: raised, cleared, carried over restarts, and the same however rows are cut."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from tests.engine.judge.city import FLOW, Night, Row, judge, rule

from hutong.kernel.base import HOUR
from hutong.kernel.definition.rule import Condition, Rule, Unusual

STEP = 900
DAYS = 15
INCIDENT = 14 * 86400 + 3 * 3600


def odd(**more: object) -> Rule:
    return rule(Condition(unusual=Unusual(season="day", beyond=4.5)), clear_for="2 h", **more)


def fortnight(stream: int, *, incident: bool = False, seed: int = 1) -> list[Row]:
    """A daily swing; during the incident the value of the opposite hour stands for three hours."""
    second = np.arange(0, DAYS * 86400, STEP)
    noise = np.random.default_rng(seed + stream).normal(0, 0.3, len(second))
    swing = 10 + 5 * np.sin(2 * np.pi * second / 86400)
    if incident:
        wrong = (second >= INCIDENT) & (second < INCIDENT + 3 * 3600)
        swing[wrong] = 10 + 5 * np.sin(2 * np.pi * (second[wrong] / 86400 + 0.5))
    return list(zip([stream] * len(second), second.tolist(), (swing + noise).tolist(), strict=True))


def together(*feeds: list[Row]) -> list[Row]:
    return sorted((row for feed in feeds for row in feed), key=lambda row: row[1])


FEED = together(fortnight(0, incident=True), fortnight(2))


def test_what_is_usual_elsewhere_in_the_day_is_unusual_now() -> None:
    night = Night(judge([odd()])).feed(FEED)
    assert [(thing, word) for _, thing, word, _, _ in night.said] == [(1, "raised"), (1, "cleared")]
    raised, cleared = night.said
    assert INCIDENT <= raised[3] <= INCIDENT + 3600
    assert INCIDENT + 3 * 3600 < cleared[3] < INCIDENT + 9 * 3600
    assert night.found[0].evidence


@pytest.mark.parametrize("size", [1, 7, 500])
def test_the_cut_of_the_feed_changes_nothing(size: int) -> None:
    whole = Night(judge([odd()])).feed(FEED)
    cut = Night(judge([odd()]))
    late = FEED[-2 * 96 * (2 if size == 1 else 15) :]
    cut.feed(FEED[: -len(late)])
    for start in range(0, len(late), size):
        cut.feed(late[start : start + size])
    assert cut.said == whole.said


def test_a_restart_at_any_moment_changes_nothing() -> None:
    whole = Night(judge([odd()])).feed(FEED)
    night = Night(judge([odd()]))
    borders = [0, 50, 960, 1931, 2700, 2710, 2730, len(FEED)]
    for start, end in pairwise(borders):
        night.feed(FEED[start:end])
        night.restart(judge([odd()]))
    assert night.said == whole.said


def test_marks_are_written_once_an_hour_and_stay_small() -> None:
    night = Night(judge([odd()])).feed(FEED[: 2 * 96])
    written = []
    for row in FEED[2 * 96 : 4 * 96]:
        before = dict(night.marks)
        night.feed([row])
        written.append(sum(night.marks[key] is not before.get(key) for key in night.marks))
    assert sum(written) == 2 * 24
    (text,) = night.marks["test.rule", 1].memory["usual"]
    assert len(text) < 500


def test_a_rule_with_another_level_keeps_what_was_learnt() -> None:
    night = Night(judge([odd()])).feed(FEED[:-192])
    changed = rule(Condition(unusual=Unusual(season="day", beyond=4.0)), clear_for="1 h")
    night.restart(judge([changed]))
    night.feed(FEED[-192:])
    assert [word for _, thing, word, _, _ in night.said if thing == 1][:1] == ["raised"]


def test_it_holds_together_with_another_property() -> None:
    both = Condition(
        all=(Condition(unusual=Unusual(season="day", beyond=4.5)), Condition(property=FLOW, above=1.0))
    )
    flow = [(1, second, 0.0) for second in range(0, DAYS * 86400, 3600)]
    without = Night(judge([rule(both)])).feed(together(fortnight(0, incident=True), flow))
    assert without.said == []
    high = [(1, second + 60.0, 2.0 if second == INCIDENT + 7200 else 0.0) for _, second, _ in flow]
    night = Night(judge([rule(both)]))
    night.feed(together(fortnight(0, incident=True), high))
    assert night.said[0][2:4] == ("raised", INCIDENT + 7260)


def test_a_late_row_is_not_scored_and_raises_nothing() -> None:
    night = Night(judge([odd()])).feed(fortnight(0))
    assert night.said == []
    night.feed([(0, DAYS * 86400 - STEP - 60.0, 1e6)])
    assert night.said == []


def test_a_new_stream_is_given_time_to_learn() -> None:
    feed = fortnight(0)
    wild = [
        (stream, second, value * (50 if 5 * 86400 < second < 6 * 86400 else 1))
        for stream, second, value in feed
    ]
    night = Night(judge([odd()])).feed(wild)
    assert [found for found in night.said if found[3] < 7 * 86400] == []


def test_rules_without_the_word_pay_nothing() -> None:
    made = judge([rule(Condition(above=5))])
    assert made.baselines.kept == []
    night = Night(made).feed([(0, 0, 1), (0, 60, 9)])
    assert night.judge.memory.tail.chunks[-1].score is None
    assert night.said[0][2] == "raised"


def test_the_rows_of_the_running_hour_are_wanted_after_a_restart() -> None:
    made = judge([odd(late="0 s")])
    streams, spans = made.warmup_needs()
    assert spans.min() >= HOUR
    assert len(streams) == 3
