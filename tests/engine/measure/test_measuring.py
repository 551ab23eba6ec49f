"""Sheets of figures over a whole city: rows of values, months, and what an asker may not see."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from msgspec.structs import replace
from tests.api.people import CATEGORY
from tests.api.town import Town, open_town, seed, tiny_city

from hutong.engine.flow.measuring import Asked, Measuring
from hutong.engine.handle.open import OpenCase
from hutong.kernel.access import SYSTEM
from hutong.kernel.base import DAY, Label
from hutong.kernel.case import Category
from hutong.kernel.definition.indicator import CountDefinition, IndicatorDefinition
from hutong.kernel.definition.pack import City

JULY = Asked(first=date(2026, 7, 1), last=date(2026, 8, 31))
REPORTS = CountDefinition(
    name="urban.by_source",
    label=Label("上报", "reports"),
    procedures=("urban.case",),
    actions=("open",),
    by="source",
)
SHEET = IndicatorDefinition(
    name="urban.reports_by_source",
    label=Label("上报数", "Reports"),
    unit="1",
    formula="amount",
    object="value",
    counts={"n": "urban.by_source"},
    values={"public": Label("公众"), "media": Label("媒体"), "leader": Label("领导")},
)


def with_a_sheet_of_values(city: City) -> City:
    packs = tuple(
        replace(one, counts=(*one.counts, REPORTS), indicators=(*one.indicators, SHEET))
        if one.head.name == "urban"
        else one
        for one in city.packs
    )
    return replace(city, packs=packs)


def opened(town: Town, source: str) -> None:
    command = OpenCase(
        id=town.store.new_ids(1)[0],
        category=Category("matter", CATEGORY["code"]),
        title=Label("x"),
        source=source,
    )
    town.cases.open(command, SYSTEM)


def test_rows_of_values_keep_their_order_and_follow_new_cases_over_months(tmp_path: Path) -> None:
    city, functions = tiny_city()
    city = with_a_sheet_of_values(city)
    seed(tmp_path / "city", city)
    town = open_town(tmp_path / "city", city, functions)
    measuring = Measuring(town.clock, town.rulebook, lambda: town.directory)
    sheet = measuring.sheet("urban.value")

    def told() -> list[float]:
        with town.store.reader() as reader:
            return [one.counts["urban.by_source"] for one in measuring.lines(reader, sheet, JULY)]

    for source in ("public", "media", "public", "video"):
        opened(town, source)
    assert told() == [2, 1, 0]
    town.clock.move_to(town.clock.city_time() + 20 * DAY)
    opened(town, "leader")
    assert told() == [2, 1, 1]
    with town.store.reader() as reader:
        assert len(measuring.cases(reader, sheet, 1, "urban.by_source", JULY)) == 2
        whole = measuring.lines(reader, sheet, replace(JULY, last=date(2026, 7, 31)))
    assert [one.counts["urban.by_source"] for one in whole] == [2, 1, 0]
    town.close()
