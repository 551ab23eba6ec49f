"""Clusters, heat and effect as values."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutong.engine.topics.clusters import Clusters, Complaint
from hutong.engine.topics.effect import WEEK, effect
from hutong.engine.topics.heat import heat_of
from hutong.engine.topics.titles import telling, words_tagged
from hutong.engine.triage.features import words_cut
from hutong.kernel.base import DAY, HOUR
from hutong.kernel.case import Category

NOW = 1_784_372_400_000_000
NOISE, RUBBISH = Category("matter", "06028"), Category("matter", "06010")
HERE, NEXT_DOOR, FAR = (121.40, 31.20), (121.4005, 31.2003), (121.45, 31.25)


def complaint(case: int, text: str, **more: object) -> Complaint:
    given = {"category": NOISE, "opened": NOW + case * HOUR, "position": HERE, "place": 1, **more}
    return Complaint(case=case, number=str(case), text=text, **given)  # type: ignore[arg-type]


def gathered(complaints: Sequence[Complaint]) -> dict[int, list[int]]:
    clusters = Clusters(words_cut())
    clusters.take(complaints)
    return {id: [one.case for one in topic.members] for id, topic in clusters.topics.items()}


SAID = [
    complaint(1, "广场舞音响太大，晚上十点还在跳"),
    complaint(2, "楼下广场舞音响扰民，吵得睡不着", position=NEXT_DOOR),
    complaint(3, "工地半夜打桩噪声大"),
    complaint(4, "广场舞音响太大", position=FAR),
    complaint(5, "广场舞音响太大", category=RUBBISH),
    complaint(6, "又是广场舞，音响声音很大"),
]


def test_like_complaints_of_one_class_near_each_other_are_one_topic() -> None:
    assert gathered(SAID) == {1: [1, 2, 6], 3: [3], 4: [4], 5: [5]}


def test_a_topic_that_was_long_silent_is_over() -> None:
    later = complaint(7, "广场舞音响太大", opened=NOW + 40 * DAY)
    assert gathered([*SAID, later])[7] == [7]


def test_the_words_of_a_topic_are_those_most_members_use() -> None:
    clusters = Clusters(words_cut())
    clusters.take(SAID)
    words = telling(clusters.topics[1], words_tagged())
    assert set(words[:2]) == {"广场舞", "音响"}
    assert telling(clusters.topics[1], None) == [], "pairs of characters are no words"


def test_words_are_whole_nouns_and_say_nothing_that_place_and_class_say() -> None:
    said = (
        "水位到脚踝了，哪个口我也说不上来，地下车库门口",
        "哪个口我也说不上来，水位很高，地下车库进水",
        "地下车库门前水位很高，我也说不上来",
    )
    clusters = Clusters(words_cut())
    clusters.take(complaint(n, text) for n, text in enumerate(said, 1))
    words = telling(clusters.topics[1], words_tagged(), ("人民广场", "道路水位"))
    assert words
    assert all(not set(word) & set("哪我也说") for word in words)
    assert "水位" not in words


def test_what_was_kept_is_not_decided_again() -> None:
    whole = gathered(SAID)
    known = {case: id for id, cases in whole.items() if len(cases) > 1 for case in cases}
    again = Clusters(words_cut(), known)
    again.take(SAID[1:])
    found = {id: [one.case for one in topic.members] for id, topic in again.topics.items()}
    assert found == {1: [2, 6], 3: [3], 4: [4], 5: [5]}, "the topic keeps its name without its founder"
    again.take([complaint(8, "广场舞音响声音太大")])
    assert again.of_case[8] == 1


@given(st.integers(0, len(SAID)))
def test_topics_and_their_ids_do_not_depend_on_how_often_they_are_looked_at(cut: int) -> None:
    clusters = Clusters(words_cut())
    clusters.take(SAID[:cut])
    clusters.take(SAID)
    assert {id: [one.case for one in topic.members] for id, topic in clusters.topics.items()} == gathered(
        SAID
    )


def test_heat_halves_in_three_days_when_nothing_comes_in() -> None:
    members = [complaint(n, "x", opened=NOW - HOUR, place=1) for n in range(4)]
    today, later = heat_of(members, NOW), heat_of(members, NOW + 3 * DAY)
    assert later.count == pytest.approx(today.count / 2, rel=0.01)
    assert later.value == pytest.approx(today.value / 2, rel=0.01)


def test_growth_is_against_its_own_base_line() -> None:
    steady = [complaint(n, "x", opened=NOW - n * DAY) for n in range(1, 35)]
    sudden = [complaint(n, "x", opened=NOW - n * HOUR) for n in range(1, 8)]
    assert heat_of(steady[::-1], NOW).growth == 1.0
    assert heat_of(steady[::-1], NOW).usual == pytest.approx(7, abs=0.5)
    assert heat_of(sudden[::-1], NOW).growth > 2


def test_callers_who_call_again_and_many_places_make_it_hotter() -> None:
    alone = [complaint(n, "x", opened=NOW - HOUR, caller=n, place=1) for n in range(4)]
    again = [complaint(n, "x", opened=NOW - HOUR, caller=7, place=1) for n in range(4)]
    wide = [complaint(n, "x", opened=NOW - HOUR, caller=n, place=n) for n in range(4)]
    assert heat_of(again, NOW).value == pytest.approx(heat_of(alone, NOW).value * 1.75, rel=0.01)
    assert heat_of(wide, NOW).value == pytest.approx(heat_of(alone, NOW).value * 1.25, rel=0.01)


def test_a_worked_effect() -> None:
    before = [NOW - 8 * WEEK + n * 8 * WEEK // 40 for n in range(40)]
    after = [NOW + n * 4 * WEEK // 5 for n in range(5)]
    found = effect([*before, *after], NOW, NOW + 4 * WEEK)
    assert (found.before, found.weeks_before, found.after, found.weeks_after) == (40, 8.0, 5, 4.0)
    assert found.ratio == pytest.approx(0.25)
    assert (found.low, found.high) == pytest.approx((0.099, 0.633), abs=0.002)
    assert sum(n for _, n in found.weeks) == 45


def test_too_early_or_without_a_base_line_there_is_no_ratio() -> None:
    assert effect([NOW - DAY], NOW, NOW + DAY).ratio is None
    assert effect([NOW + DAY], NOW, NOW + 5 * WEEK).ratio is None
    none_after = effect([NOW - n * DAY for n in range(1, 30)], NOW, NOW + 4 * WEEK)
    assert none_after.after == 0
    assert none_after.ratio is not None
    assert none_after.high is not None
    assert none_after.high < 1
