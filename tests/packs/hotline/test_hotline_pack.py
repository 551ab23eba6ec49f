"""The pack's procedure, tables and three rates; its scenarios are played with those of all packs."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

import hutong.packs.hotline
from hutong.engine.handle import faults
from hutong.kernel.access import Actor, Grant, Permission, decide
from hutong.kernel.base import Label
from hutong.loader.find import load_packs
from hutong.loader.pack import PackSource
from hutong.packs.hotline.formulas import satisfaction, share, three_rates

FOLDER = Path(hutong.packs.hotline.__path__[0])
NONE = (0, 1, 1)
"""No caller out of reach; unreasonable demands and such callers are left out."""


@pytest.fixture(scope="module")
def source() -> PackSource:
    return next(one for one in load_packs(("hotline",)) if one.pack and one.pack.head.name == "hotline")


def test_the_procedure_has_no_faults(source: PackSource) -> None:
    assert source.pack
    assert faults(source.pack.procedures[0], source.pack.roles) == []


def test_three_rates_of_the_worked_example() -> None:
    """Valid 200, contacted 196, solved 170, 满意 150, 基本满意 30 → 98.0 %, 85.0 %, 88.5 %, 87.70."""
    assert share(196, 0, 200, 0, *NONE) == pytest.approx(98.0)
    assert share(170, 0, 200, 0, *NONE) == pytest.approx(85.0)
    assert satisfaction(150, 0, 30, 0, 200, 0, 0, 0.9, 1, 1) == pytest.approx(88.5)
    score = three_rates(196, 0, 170, 0, 150, 0, 30, 0, 200, 0, 0, 0.9, 1, 1, 0.1, 0.5, 0.4)
    assert score.value == pytest.approx(87.70)
    assert [one.name for one in score.parts] == ["response", "solution", "satisfaction"]


def test_unreasonable_demands_and_callers_out_of_reach_are_a_city_setting() -> None:
    assert share(170, 4, 210, 10, 0, 1, 1) == pytest.approx(83.0)
    assert share(170, 4, 210, 10, 0, 0, 1) == pytest.approx(100 * 170 / 210)
    assert share(170, 0, 200, 0, 50, 1, 0) == pytest.approx(68.0)


def test_without_any_call_back_there_is_no_rate() -> None:
    assert share(0, 0, 0, 0, *NONE) is None
    assert three_rates(*[0] * 11, 0.9, 1, 1, 0.1, 0.5, 0.4).value is None


def test_nobody_who_handles_may_call_back(source: PackSource) -> None:
    assert source.pack
    visits = [one for one in source.pack.procedures[0].actions if one.name.startswith("visit_")]
    assert len(visits) == 5
    for action in visits:
        assert action.unlike_organisation
        assert {"dispatch", "sign", "contact", "reply"} <= set(action.unlike)
        for role in source.pack.roles:
            grants = tuple(Grant(role.name, Permission(v, n)) for v, nouns in role.may.items() for n in nouns)
            allowed = decide(Actor(1, grants=grants), f"act.{action.name}", "hotline.order").allowed
            assert allowed == (role.name == "visitor")


def test_classes_have_three_levels_and_two_languages() -> None:
    with (FOLDER / "categories.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 207
    assert len({row["major_code"] for row in rows}) == 14
    assert [one for one, n in Counter(row["class_code"] for row in rows).items() if n > 1] == []
    for row in rows:
        assert row["class_code"].startswith(row["middle_code"])
        assert row["middle_code"].startswith(row["major_code"])
        assert all(
            row[f"{level}{language}"]
            for level in ("major_name", "middle_name", "name")
            for language in ("", "_en")
        )


def test_the_levels_of_a_class_have_both_names(source: PackSource) -> None:
    assert source.pack
    pothole = next(one for one in source.pack.categories if one.code == "010101")
    assert (pothole.major, pothole.middle) == (
        Label("城市管理", "Urban management"),
        Label("道路与井盖", "Roads and covers"),
    )


def test_every_limit_says_where_it_is_from(source: PackSource) -> None:
    assert source.pack
    assert all(row.source and row.confidence != "P" for row in source.pack.procedures[0].limits)
    choices = next(
        ask.choices
        for one in source.pack.procedures[0].actions
        if one.name == "dispatch"
        for ask in one.asks
        if ask.name == "statutory"
    )
    named = {row.condition for row in source.pack.procedures[0].limits if row.condition}
    assert set(choices) <= named
    assert named - set(choices) == set(source.pack.procedures[0].demands)


def test_no_indicator_ranks(source: PackSource) -> None:
    """国办函〔2025〕66号: by unit and by type of demand; no one-sided ranking."""
    assert source.pack
    assert {one.object for one in source.pack.indicators} == {"city", "organisation", "value"}
    types = [one for one in source.pack.indicators if one.object == "value"]
    demands = [one for one in source.pack.procedures[0].demands if one != "praise"]
    assert [list(one.values) for one in types] == [demands] * 4
    assert len(source.pack.counts) < 30, "the counts of a type are those of all, by type"


def test_repeat_calls_may_weigh_on_the_solution_rate() -> None:
    assert share(170, 0, 200, 0, *NONE, 10, 0.0) == pytest.approx(85.0)
    assert share(170, 0, 200, 0, *NONE, 10, 0.5) == pytest.approx(100 * 170 / 205)
    score = three_rates(196, 0, 170, 0, 150, 0, 30, 0, 200, 0, 0, 0.9, 1, 1, 0.1, 0.5, 0.4, 10, 0.5)
    assert score.value == pytest.approx(0.1 * 98 + 0.5 * 100 * 170 / 205 + 0.4 * 88.5)
