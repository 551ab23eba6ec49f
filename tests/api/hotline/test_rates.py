"""三率 over stored orders: as a whole and by 诉求类型, by calendar days or by days that begin at noon, with repeat calls."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace
from tests.api.town import START, Town

from hutong.engine.flow.measuring import Asked, Line, Measuring
from hutong.kernel.base import HOUR, Facts, Label
from hutong.kernel.case import Case, Category, Deed
from hutong.kernel.changes import Changes, Record

TODAY = date(2026, 7, 18)
"""START is 19:00 of this day in Shanghai."""
SATISFIED = ("satisfied",) * 150 + ("basic",) * 30 + ("dissatisfied",) * 20


def order(town: Town, facts: Facts, urged: int = 0) -> Case:
    compiled = town.rulebook.procedures["hotline.order"]
    deeds = tuple(Deed("urge", 1, "seat", START - HOUR) for _ in range(urged))
    return Case(
        id=town.store.new_ids(1)[0],
        number="",
        procedure=compiled.name,
        definition=compiled.digest,
        state="to_archive",
        category=Category("hotline", "010602"),
        title=Label("x"),
        source="hotline",
        opened=START - 2 * HOUR,
        deeds=deeds,
        facts={"visited": START - HOUR, **facts},
    )


def keep(town: Town, cases: list[Case]) -> None:
    subjects = tuple(("case", one.id) for one in cases)
    record = Record(kind="case.open", actor=0, at=START, subjects=subjects)
    town.store.apply(Changes(puts=tuple(cases), records=(record,)))


@pytest.fixture
def visited(town: Town) -> Town:
    """The worked example of domain-facts §2.4: 200 complaints; and 10 enquiries, all solved. Two calls came in again about one
    complaint that was not solved, three about one that was."""
    urged = {199: 2, 0: 3}
    complaints = [
        order(
            town,
            {
                "demand": "complaint",
                "contacted": n < 196,
                "solved": "yes" if n < 170 else "no",
                "satisfaction": said,
            },
            urged.get(n, 0),
        )
        for n, said in enumerate(SATISFIED)
    ]
    enquiry = {"demand": "consult", "contacted": True, "solved": "yes", "satisfaction": "satisfied"}
    keep(town, complaints + [order(town, enquiry) for _ in range(10)])
    town.clock.move_to(START + 1)
    return town


def lines(town: Town, sheet: str, day: date = TODAY, **parameters: float) -> list[Line]:
    book = town.rulebook
    city = replace(book.city, head=replace(book.city.head, parameters=parameters))
    book.city = city
    measuring = Measuring(town.clock, book, lambda: town.directory)
    with town.store.reader() as reader:
        return measuring.lines(reader, measuring.sheet(sheet), Asked(first=day, last=day))


def values(line: Line) -> dict[str, Any]:
    return {name.removeprefix("hotline."): one.score.value for name, one in line.figures.items()}


def test_by_type_of_demand(visited: Town) -> None:
    consult, help_, complaint, report, suggestion = lines(visited, "hotline.value")
    got = values(complaint)
    assert got["response_rate_of_type"] == pytest.approx(98.0)
    assert got["solution_rate_of_type"] == pytest.approx(85.0)
    assert got["satisfaction_rate_of_type"] == pytest.approx(88.5)
    assert got["three_rates_of_type"] == pytest.approx(87.70)
    assert values(consult)["three_rates_of_type"] == pytest.approx(100.0)
    assert all(values(one)["three_rates_of_type"] is None for one in (help_, report, suggestion))
    (whole,) = lines(visited, "hotline.city")
    assert whole.counts["hotline.visited"] == 210
    assert values(whole)["solution_rate"] == pytest.approx(100 * 180 / 210)


def test_the_statistical_day_may_begin_at_noon(visited: Town) -> None:
    """D−1 12:00 to D 12:00: what was called back at 18:00 counts for the next day."""
    tomorrow = date(2026, 7, 19)
    noon = {"hotline.day_starts": -12.0}
    assert lines(visited, "hotline.city")[0].counts["hotline.visited"] == 210
    assert lines(visited, "hotline.city", tomorrow)[0].counts["hotline.visited"] == 0
    assert lines(visited, "hotline.city", **noon)[0].counts["hotline.visited"] == 0
    assert lines(visited, "hotline.city", tomorrow, **noon)[0].counts["hotline.visited"] == 210


def test_repeat_calls_count_where_a_city_says_so(visited: Town) -> None:
    counted = lines(visited, "hotline.value")[2]
    assert counted.counts["hotline.repeated"] == 2, "of the order that was not solved"
    weighed = lines(visited, "hotline.value", **{"hotline.repeat_factor": 0.5})[2]
    assert values(weighed)["solution_rate_of_type"] == pytest.approx(100 * 170 / 201)
    assert values(weighed)["response_rate_of_type"] == pytest.approx(98.0)
