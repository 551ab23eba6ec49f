"""Which open cases a report is probably about: class, distance, time and words, each with its reason."""

from __future__ import annotations

from typing import Any

import shapely

from hutong.engine.duplicates import Reach, Report, likeness, likest, shared_words
from hutong.kernel.base import HOUR, MINUTE, Label
from hutong.kernel.case import Case, Category
from hutong.kernel.text import tokens

RUBBISH, STALL = Category("matter", "06010"), Category("matter", "08001")
HERE = (121.405, 31.205)
NEAR = (121.40512, 31.205)
"""About 11 m to the east."""
REACH = Reach(metres=100, hours=72)
NOW = 1000 * HOUR


def case(id: int = 1, **more: Any) -> Case:
    at = more.pop("at", NEAR)
    given: dict[str, Any] = {
        "number": "1", "procedure": "urban.case", "definition": "", "state": "received", "category": RUBBISH,
        "title": Label("x"), "source": "public", "opened": NOW - 8 * MINUTE, "text": "路口有一堆垃圾没人清理",
        "position": shapely.to_wkb(shapely.Point(*at)) if at else None,
    }  # fmt: skip
    return Case(id=id, **(given | more))


def report(**more: Any) -> Report:
    given: dict[str, Any] = {
        "at": NOW,
        "category": RUBBISH,
        "position": HERE,
        "text": "人民路口垃圾成堆，没人清理",
    }
    return Report(**(given | more))


def test_the_same_class_near_by_with_like_words_is_offered_with_its_reasons() -> None:
    (one,) = likest(report(), [case()], REACH)
    assert one.same_category
    assert one.metres is not None
    assert 10 < one.metres < 13
    assert one.minutes == 8
    assert "垃圾" in one.words
    assert one.score > 0.6


def test_what_is_far_or_long_ago_is_not() -> None:
    assert likest(report(), [case(at=(121.41, 31.205))], REACH) == []
    assert likest(report(), [case(opened=NOW - 73 * HOUR)], REACH) == []


def test_another_class_only_by_its_words_and_lower() -> None:
    assert likest(report(text="摊贩占道经营"), [case(category=STALL)], REACH) == []
    (other,) = likest(report(), [case(category=STALL, text="路口有一堆垃圾，没人清理")], REACH)
    (same,) = likest(report(), [case(text="路口有一堆垃圾，没人清理")], REACH)
    assert not other.same_category
    assert other.score == round(same.score / 2, 4)


def test_without_a_position_words_must_speak() -> None:
    assert likest(report(position=None, text="有问题"), [case(text="有人")], REACH) == []
    assert len(likest(report(position=None), [case(at=None)], REACH)) == 1


def test_the_likeliest_comes_first() -> None:
    far, near = case(1, at=(121.4058, 31.205)), case(2)
    assert [one.case.id for one in likest(report(), [far, near], REACH)] == [2, 1]


def test_likeness_is_of_the_shorter_text() -> None:
    assert likeness({"a", "b"}, {"a", "b", "c", "d"}) == 1
    assert likeness(set(), {"a"}) == 0


def test_shared_words_are_told_in_runs() -> None:
    theirs = set(tokens("路口有一堆垃圾没人清理 A12"))
    assert shared_words("垃圾没人清理，就在路口 a12", theirs) == ("垃圾没人清理", "a12", "路口")
    assert shared_words("无关", theirs) == ()
