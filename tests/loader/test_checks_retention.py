"""How long observations are kept: what rows name is there, and a minimum outranks a shorter wish."""

from __future__ import annotations

import pytest

from hutong.kernel.base import DataClass
from hutong.kernel.definition.retention import Observed, RetentionRow, binding, governing
from hutong.loader.city import load_city

LAW = "rule A 4"


def retained(city, *rows: str) -> None:
    text = (city.folder / "city.yaml").read_text("utf-8")
    city.write("city.yaml", text + "retention:\n" + "".join(f"  - {{{row}}}\n" for row in rows))


def test_rows_by_property_type_and_class_are_sound(city):
    retained(
        city,
        "property: drainage.level, rows_days: 400, least_days: 365, source: rule",
        "type: drainage.manhole, rows_days: 365, source: rule",
        "data_class: 3, rows_days: 30, source: rule",
        "rows_days: 365, rollups_days: 3650, source: city rule",
    )
    assert city.problems() == []
    assert [row.data_class for row in load_city(city.folder)[0].head.retention][2] is DataClass.SENSITIVE


@pytest.mark.parametrize(
    ("row", "mark", "reason", "remedy"),
    [
        ("type: drainage.manhol, rows_days: 9, source: x", "manhol,", "no type", "did you mean 'drainage.manhole'"),
        ("property: level, rows_days: 9, source: x", "level", "no property 'level'", ""),
        ("rows_days: 0, source: x", "rows_days: 0", "fewer than 1", "keep them longer"),
        ("rows_days: 9, rollups_days: 8, source: x", "rollups_days", "would go before", "at least as long"),
        ("rows_days: 9, source: ' '", "rows_days: 9", "is empty", "name the rule"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be(city, row, mark, reason, remedy):
    retained(city, row)
    city.says("city.yaml", mark, reason, remedy)


def test_a_minimum_outranks_a_shorter_wish_of_a_narrower_row(city):
    retained(
        city,
        f"type: drainage.manhole, rows_days: 400, least_days: 365, source: {LAW}",
        "property: drainage.level, rows_days: 30, source: city rule",
    )
    reason = f"30 days are fewer than the least of drainage.level at drainage.manhole, 365 by {LAW}"
    city.says("city.yaml", "rows_days: 30", reason, "keep them for 365 days or longer")


def test_two_rows_about_the_same(city):
    retained(city, "rows_days: 9, source: x", "rows_days: 10, source: x")
    city.says("city.yaml", "rows_days: 9,", "another row is about the same", "keep one of them")


def test_the_row_that_says_most_governs_and_the_longest_minimum_binds():
    rows = [
        RetentionRow(rows_days=9, least_days=8, source="a"),
        RetentionRow(data_class=DataClass.SENSITIVE, rows_days=10, least_days=10, source="b"),
        RetentionRow(type="t", rows_days=11, source="c"),
        RetentionRow(property="p", rows_days=12, source="d"),
    ]
    secret = DataClass.SENSITIVE
    found = [
        governing(rows, one) for one in (Observed("p", "t"), Observed("q", "t"), Observed("q", "u", secret))
    ]
    assert [row and row.source for row in found] == ["d", "c", "b"]
    longest = binding(rows, Observed("p", "t", secret))
    assert longest is not None
    assert longest.source == "b"
    assert governing(rows[1:], Observed("q", "u")) is None
