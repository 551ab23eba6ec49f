"""Findings become warnings that speak, carry their proof and name their common cause."""

from __future__ import annotations

from dataclasses import replace as dataclass_replace

import msgspec
import pytest
from tests.engine.judge.city import Night, at, gauges, judge, rule

from hutong.engine.judge import Causes, Found, Setting, clear_warnings, raise_warnings
from hutong.kernel.base import Label
from hutong.kernel.case import Warning
from hutong.kernel.definition.rule import Condition, Fold
from hutong.kernel.thing import Thing


@pytest.fixture
def setting() -> Setting:
    things = gauges(3)
    things[1] = msgspec.structs.replace(things[1], place=77)
    station = Thing(id=900, type="test.station", code="P", name=Label("泵站"), links={})
    return Setting(
        things={**things, 900: station},
        scope=lambda thing: (1, thing.place or 2),
        place_name=lambda place: Label(f"网格{place}", f"Grid {place}"),
        actor=9,
    )


def night() -> Night:
    return Night(judge([rule(Condition(above=5), hold="2 min", source="the book")]))


def raised(one: Night) -> list[Found]:
    return [found for found in one.found if found.raised]


def test_a_warning_says_what_where_and_why_in_both_languages(setting: Setting) -> None:
    found = night().feed([(0, 0, 6), (0, 60, 7.125), (0, 120, 6.5)]).found
    (warning,), (record,) = raise_warnings(found, setting, Causes(), at(130))
    assert warning.title == Label("水位计0 规则", "Rule: Gauge 0")
    assert warning.explanation == Label("水位计0水位 6.5 m，高于 5", "Gauge 0: 6.5 m, above 5")
    assert (warning.state, warning.colour, warning.place, warning.scope) == ("to_judge", "blue", 77, (1, 77))
    assert (warning.began, warning.raised, warning.seen) == (at(0), at(120), at(130))
    assert (warning.peak, warning.cleared) == (7.125, None)
    assert [(row.number, row.unit, row.property_code) for row in warning.evidence] == [
        (6, "m", "test.level"),
        (7.125, "m", "test.level"),
        (6.5, "m", "test.level"),
    ]
    assert (record.kind, record.actor, record.subjects) == ("warning.raise", 9, (("warning", warning.id),))
    assert record.explain["source"] == "the book"
    assert len(record.explain["evidence"]) == 3


def test_evidence_is_at_most_twenty_rows_and_the_peak() -> None:
    feed = [(0, float(second), 6.0) for second in range(0, 121, 2)]
    feed[31] = (0, 62, 9.0)
    (found,) = night().feed(feed).found
    assert len(found.evidence) == 21
    assert (found.evidence[0].time, found.evidence[-1].time) == (at(0), at(120))
    assert max(row.number or 0 for row in found.evidence) == 9


def test_clearing_adds_proof_and_the_peak_and_closes_nothing(setting: Setting) -> None:
    one = night().feed([(0, 0, 6), (0, 120, 6)]).feed([(0, 130, 1)]).feed([(0, 140, 8)]).feed([(0, 150, 8)])
    causes = Causes()
    warnings, _ = raise_warnings(raised(one), setting, causes, at(120))
    confirmed = msgspec.structs.replace(warnings[0], state="confirmed", case=5, version=3)
    cleared = [msgspec.structs.replace(found, unjudged=2) for found in one.found if not found.raised]
    (after,), (record,) = clear_warnings(cleared, {confirmed.id: confirmed}, setting, causes, at(135))
    assert (after.cleared, after.state, after.case, after.version) == (at(130), "confirmed", 5, 3)
    assert ([row.number for row in after.clearing], after.peak) == ([1], 6)
    assert after.explanation.zh.endswith("（预警后补到 2 条数据，当时确实缺报，未据以撤回）")
    assert record.kind == "warning.clear"


def test_findings_of_one_station_within_the_span_have_one_cause(setting: Setting) -> None:
    causes = Causes()
    one = night().feed([(0, 0, 6), (0, 120, 6), (2, 600, 6), (2, 720, 6), (4, 90_000, 6), (4, 90_120, 6)])
    warnings, _ = raise_warnings(raised(one), setting, causes, at(0))
    first = f"test:900:{at(0)}"
    assert [warning.cause for warning in warnings] == [first, first, f"test:900:{at(90_000)}"]


def test_the_thing_others_name_folds_with_them_and_causes_survive_a_restart(setting: Setting) -> None:
    causes = Causes()
    one = night().feed([(0, 0, 6), (0, 120, 6)])
    (stored,), _ = raise_warnings(raised(one), setting, causes, at(120))
    again = Causes()
    again.restore([stored])
    (found,) = raised(one)
    station = dataclass_replace(
        found.version,
        rule=msgspec.structs.replace(found.plan.rule, name="test.pump", fold=Fold(link="self", within="1 h")),
    )
    later = msgspec.structs.replace(found, version=station, thing=900, began=at(1800), at=at(1800))
    (warning,), _ = raise_warnings([later], setting, again, at(1800))
    assert warning.cause == stored.cause


def test_a_cleared_warning_keeps_its_cause_running(setting: Setting) -> None:
    causes = Causes()
    cause = f"test:900:{at(0)}"
    old = Warning(
        id=1,
        rule="test.rule",
        rule_version="",
        thing=1,
        colour="blue",
        title=Label(""),
        explanation=Label(""),
        cause=cause,
        began=at(0),
        raised=at(0),
        seen=at(0),
        cleared=at(9000),
    )
    causes.restore([old])
    (warning,), _ = raise_warnings(
        raised(night().feed([(0, 12_000, 6), (0, 12_120, 6)])), setting, causes, at(0)
    )
    assert warning.cause == cause


def test_a_rule_without_fold_has_no_cause(setting: Setting) -> None:
    one = rule(Condition(above=5))
    found = Night(judge([msgspec.structs.replace(one, fold=None)])).feed([(0, 0, 6)]).found
    (warning,), _ = raise_warnings(found, setting, Causes(), at(0))
    assert warning.cause == ""
