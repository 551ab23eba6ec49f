"""Each rule word, on a feed small enough to follow by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.engine.judge.city import FLOW, LEVEL, Night, judge, rule

from hutong.kernel.definition.rule import Condition, FormulaCall, Level, Rise
from hutong.kernel.errors import Invalid
from hutong.kernel.observation import Quality


def words(night: Night) -> list[tuple[str, float]]:
    return [(word, second) for _, _, word, second, _ in night.said]


def one(condition: Condition, feed: list[tuple[int, float, float]], **more: Any) -> Night:
    return Night(judge([rule(condition, **more)])).feed(feed)


def test_above_holds_for_its_span_and_clears_after_its_own() -> None:
    above = Condition(above=Level(parameter="test.limit"))
    feed = [(0, 0, 4), (0, 60, 6), (0, 120, 7), (0, 180, 6.5), (0, 240, 4), (0, 300, 3), (0, 360, 3)]
    night = one(above, feed, hold="2 min", clear_for="1 min")
    assert night.said == [
        ("test.rule", 1, "raised", 180, 60),
        ("test.rule", 1, "cleared", 300, 240),
    ]
    raised, cleared = night.found
    assert (raised.value, raised.level, raised.peak and raised.peak.value) == (6.5, 5.0, 7.0)
    assert [row.number for row in raised.evidence] == [6, 7, 6.5]
    assert [row.number for row in cleared.evidence] == [4, 3]


def test_a_level_itself_is_not_above() -> None:
    assert one(Condition(above=5), [(0, 0, 5), (0, 1, 5)]).said == []


def test_below_with_times_and_plus_of_a_property() -> None:
    below = Condition(below=Level(thing="crown", times=0.5, plus=0.25))
    night = one(below, [(0, 0, 2.75), (0, 1, 2.7), (0, 2, 1.0), (0, 3, 3.0)])
    assert words(night) == [("raised", 1), ("cleared", 3)]
    peak = night.found[1].peak
    assert peak is not None
    assert peak.value == 1.0


def test_outside_and_its_worst_row() -> None:
    night = one(Condition(outside=(1, 2)), [(0, 0, 1), (0, 1, 2.5), (0, 2, 0), (0, 3, 1.5)])
    assert words(night) == [("raised", 1), ("cleared", 3)]
    peak = night.found[1].peak
    assert peak is not None
    assert peak.value == 0


def test_equals_on_both_sides_of_the_level() -> None:
    night = one(Condition(equals=1), [(0, 0, 0), (0, 1, 1), (0, 2, 1), (0, 3, 2), (0, 4, 1)])
    assert words(night) == [("raised", 1), ("cleared", 3), ("raised", 4)]


def test_changes_holds_at_the_row_that_differs() -> None:
    night = one(Condition(changes=True), [(0, 0, 1), (0, 1, 1)])
    assert words(night.feed([(0, 2, 2)]).feed([(0, 3, 2)])) == [("raised", 2), ("cleared", 3)]


def test_rises_faster_than_against_the_lowest_of_the_window() -> None:
    rising = Condition(rises_faster_than=Rise(by=1.0, within="10 s"))
    feed = [(0, 0, 1.0), (0, 5, 1.5), (0, 10, 2.0), (0, 14, 2.6), (0, 24, 2.7), (0, 100, 9.0)]
    night = Night(judge([rule(rising)]))
    for row in feed:
        night.feed([row])
    assert words(night) == [("raised", 14), ("cleared", 24)]


def test_missing_for_is_found_by_time_and_ended_by_a_row() -> None:
    night = Night(judge([rule(Condition(missing_for="10 min"))], number=2))
    night.feed([(0, 0, 1), (2, 0, 1), (2, 300, 1)])
    night.tick(600)
    assert night.said == []
    night.tick(601).tick(700)
    assert night.said == [("test.rule", 1, "raised", 600, 600)]
    night.feed([(0, 800, 1)]).tick(850)
    assert words(night) == [("raised", 600), ("cleared", 800)]
    night.tick(901)
    assert night.said[2:] == [("test.rule", 2, "raised", 900, 900)]


def test_missing_for_is_found_in_rows_alone_too() -> None:
    night = one(Condition(missing_for="10 min"), [(0, 0, 1), (0, 600, 1), (0, 1300, 1)], hold="1 min")
    assert night.said == [("test.rule", 1, "raised", 1260, 1200), ("test.rule", 1, "cleared", 1300, 1300)]


def test_missing_for_with_hold_by_ticks() -> None:
    night = one(Condition(missing_for="10 min"), [(0, 0, 1)], hold="1 min")
    for second in range(590, 700, 10):
        night.tick(second)
    assert night.said == [("test.rule", 1, "raised", 660, 600)]


def test_all_of_two_properties_uses_the_latest_of_each() -> None:
    both = Condition(all=(Condition(property=FLOW, equals=1), Condition(below=2.0)))
    night = Night(judge([rule(both, hold="1 min")]))
    night.feed([(0, 0, 1.0), (1, 10, 0)]).feed([(1, 20, 1)]).feed([(0, 60, 1.0)]).feed([(0, 80, 1.5)])
    assert night.said == [("test.rule", 1, "raised", 80, 20)]
    night.feed([(1, 90, 0)])
    assert words(night)[1:] == [("cleared", 90)]


def test_any_of_one_property() -> None:
    either = Condition(any=(Condition(above=5), Condition(below=1)))
    night = one(either, [(0, 0, 3), (0, 1, 6), (0, 2, 3), (0, 3, 0.5)])
    assert words(night) == [("raised", 1), ("cleared", 2), ("raised", 3)]


def test_formula_gets_columns_things_and_parameters() -> None:
    def weak(*, level: Any, flow: Any, crown: Any, share: float) -> Any:
        assert len(level) == len(flow) == len(crown)
        return (level > crown) & (flow < share)

    call = FormulaCall(
        name="test.weak",
        properties={"level": LEVEL, "flow": FLOW},
        things={"crown": "crown"},
        parameters={"share": "test.share"},
    )
    city = judge([rule(Condition(formula=call))], 1, {"test.share": 0.5}, {"test.weak": weak})
    night = Night(city).feed([(0, 0, 6)]).feed([(1, 1, 0.9), (1, 2, 0.2)]).feed([(0, 3, 4)])
    assert words(night) == [("raised", 2), ("cleared", 3)]


def test_hysteresis_by_a_clearing_condition() -> None:
    night = one(
        Condition(above=5),
        [(0, 0, 6), (0, 1, 4.5), (0, 2, 5.5), (0, 3, 2.5), (0, 4, 6)],
        clear=Condition(below=3),
    )
    assert words(night) == [("raised", 0), ("cleared", 3), ("raised", 4)]


def test_rows_of_doubtful_quality_are_not_judged() -> None:
    night = Night(judge([rule(Condition(above=5))]))
    night.feed([(0, 0, 9), (0, 1, 9)], [Quality.OUT_OF_RANGE, Quality.SUSPECT])
    assert night.said == []
    night.feed([(0, 2, 9)], [Quality.LATE])
    assert words(night) == [("raised", 2)]


def test_a_rule_judges_only_within_its_dates() -> None:
    night = one(Condition(above=5), [(0, 0, 6)], since="2100-01-01")
    assert night.said == []
    night = one(Condition(above=5), [(0, 0, 6)], until="2000-01-01")
    assert night.said == []


def test_a_thing_without_the_property_is_never_judged() -> None:
    city = judge([rule(Condition(above=Level(thing="depth")))])
    assert Night(city).feed([(0, 0, 1e9)]).said == []
    assert np.isnan(city.plans[0].versions[0].level).all()


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        (Condition(above=Level(parameter="test.nothing")), "no parameter"),
        (Condition(formula=FormulaCall(name="test.nothing")), "no function"),
        (Condition(above=1, below=2), "2 rule words"),
        (Condition(missing_for="soon"), "not a span"),
        (Condition(all=()), "no condition"),
        (Condition(above=Level()), "neither"),
    ],
)
def test_a_rule_that_names_what_is_not_there_is_refused(condition: Condition, reason: str) -> None:
    with pytest.raises(Invalid, match=reason):
        judge([rule(condition)])
