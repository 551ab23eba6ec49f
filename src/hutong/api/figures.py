"""GET /kpis and /series: what the city is measured by, each number with its definition, provenance and rows."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median

import msgspec
import numpy as np
from litestar import Router, get
from litestar.params import FromPath, FromQuery
from numpy.typing import NDArray

from hutong.api.access import access, cases_predicate, signed_in
from hutong.api.case_counts import Tally
from hutong.api.house import House
from hutong.api.layers import open_warnings
from hutong.api.requests import TheActor, TheHouse
from hutong.api.shapes import finite, numbers, times
from hutong.api.things_by_type import every
from hutong.kernel.access import Actor, predicate
from hutong.kernel.base import DAY, HOUR, MINUTE, SECOND, Instant, Label
from hutong.kernel.case import Case, Warning
from hutong.kernel.definition.thing import PropertyDefinition
from hutong.kernel.errors import Invalid, NotFound
from hutong.kernel.ports import Reader
from hutong.kernel.query import Compare, Expr, Field, IsNull, Not, Or, Value, both, equals, field
from hutong.kernel.thing import Datastream

KEPT = 2.0
"""Seconds for which a figure may be the same."""
POINTS = 60
RAIN_UNIT = "mm/h"
"""The observed property of this unit is how hard it rains."""
FRESH = 30 * MINUTE
"""An older rain value does not count as present."""


class Kpi(msgspec.Struct, frozen=True, kw_only=True):
    """A figure of the present. `link` leads to the rows it counts; `tone` as in legends."""

    name: str
    label: Label
    value: float | None
    unit: str
    previous: float | None = None
    tone: str
    definition: Label
    provenance: Label
    link: str


class KpiList(msgspec.Struct, frozen=True):
    rows: list[Kpi]


class Series(msgspec.Struct, frozen=True):
    """A figure over time."""

    time: list[str]
    value: list[float | None]
    unit: str
    label: Label


OF_CASES = Label("案卷与流水记录，实时计算", "cases and the journal, computed now")
OF_WARNINGS = Label("预警记录，实时计算", "warnings, computed now")


@get("/kpis", guards=[signed_in()], sync_to_thread=True, summary="Figures of the present")
def kpis(house: TheHouse, actor: TheActor) -> KpiList:
    """Counts what the asker may read."""
    cases = cases_predicate(actor, "read", house.rulebook)
    warnings = predicate(actor, "read", "warning")
    return house.cached(
        ("kpis", repr(cases), repr(warnings)), KEPT, lambda: _kpis(house, actor, cases, warnings)
    )


def _kpis(house: House, actor: Actor, cases: Expr, warnings: Expr) -> KpiList:
    with house.store.reader() as reader:
        rows = [
            *_warning_figures(house, reader, warnings),
            *_case_figures(house, reader, actor, cases),
        ]
        rain = _rain(house)
        if rain is not None:
            rows.append(_rain_figure(house, reader, rain))
    return KpiList(rows)


def _warning_figures(house: House, reader: Reader, allowed: Expr) -> list[Kpi]:
    held = list(every(reader, Warning, both(allowed, open_warnings()), 10_000))
    gravest = max((one.colour for one in held), key=["blue", "yellow", "orange", "red"].index, default="calm")
    false = reader.count(Warning, both(allowed, equals("state", "false_alarm")))
    judged = reader.count(Warning, both(allowed, Not(equals("state", "to_judge"))))
    return [
        Kpi(
            name="warnings_open",
            label=Label("现存预警", "Open warnings"),
            value=len(held),
            unit="1",
            tone=gravest,
            definition=Label(
                "尚未解除且未判为误报的预警数", "Warnings that still hold and were not judged false"
            ),
            provenance=OF_WARNINGS,
            link="/situation?warnings=open",
        ),
        Kpi(
            name="false_alarm_rate",
            label=Label("误报率", "False-alarm rate"),
            value=round(100 * false / judged, 1) if judged else None,
            unit="%",
            tone="calm",
            definition=Label("判为误报的预警 ÷ 已研判预警", "Warnings judged false over warnings judged"),
            provenance=OF_WARNINGS,
            link="/desk?warnings=false_alarm",
        ),
    ]


def _case_figures(house: House, reader: Reader, actor: Actor, allowed: Expr) -> list[Kpi]:
    tally = Tally(house, reader, actor)
    late = tally.overdue()
    return [
        Kpi(
            name="cases_open",
            label=Label("在办案卷", "Open cases"),
            value=tally.open(),
            unit="1",
            tone="calm",
            definition=Label("尚未结束的案卷数", "Cases that have not ended"),
            provenance=OF_CASES,
            link="/desk?open=true",
        ),
        Kpi(
            name="cases_overdue",
            label=Label("超期案卷", "Overdue"),
            value=late,
            unit="1",
            tone="red" if late else "calm",
            definition=Label(
                "有时限已到而仍在计时的在办案卷数", "Open cases with a running clock that has run out"
            ),
            provenance=OF_CASES,
            link="/desk?overdue=true",
        ),
        *_closing_figures(reader, allowed, house.now()),
    ]


def _closing_figures(reader: Reader, allowed: Expr, now: Instant) -> list[Kpi]:
    today = _closed(reader, allowed, now - DAY, now)
    before = _closed(reader, allowed, now - 2 * DAY, now - DAY)
    link = "/desk?open=false&sort=-opened"
    return [
        Kpi(
            name="cases_closed",
            label=Label("24小时结案", "Closed in 24 h"),
            value=len(today),
            unit="1",
            previous=len(before),
            tone="calm",
            definition=Label(
                "过去 24 小时内结束的案卷数", "Cases that ended within the last 24 hours of city time"
            ),
            provenance=OF_CASES,
            link=link,
        ),
        Kpi(
            name="time_to_close",
            label=Label("结案用时中位数", "Median time to close"),
            value=_median_minutes(today),
            unit="min",
            previous=_median_minutes(before),
            tone="calm",
            definition=Label(
                "过去 24 小时内结束的案卷，从上报到结束的时长中位数",
                "From opening to end, median of cases that ended within the last 24 hours",
            ),
            provenance=OF_CASES,
            link=link,
        ),
    ]


def _closed(reader: Reader, allowed: Expr, since: Instant, until: Instant) -> list[int]:
    """How long (µs) each case took that ended in the time."""
    where = both(
        allowed, Compare("gt", field("closed"), Value(since)), Compare("le", field("closed"), Value(until))
    )
    found = reader.columns(Case, ("opened", "closed"), where)
    return [closed - opened for opened, closed in zip(found["opened"], found["closed"], strict=True)]


def _median_minutes(spans: list[int]) -> float | None:
    return round(median(spans) / MINUTE, 1) if spans else None


# ---- rain --------------------------------------------------------------------------------------------------


def _rain(house: House) -> PropertyDefinition | None:
    return next((one for one in house.rulebook.properties.values() if one.unit == RAIN_UNIT), None)


def _streams(house: House, reader: Reader, code: str) -> NDArray[np.int64]:
    return house.cached(
        ("streams of", code, house.tables.version),
        60,
        lambda: np.array(
            [one.id for one in every(reader, Datastream, equals("property_code", code))], np.int64
        ),
    )


def _rain_figure(house: House, reader: Reader, rain: PropertyDefinition) -> Kpi:
    latest = reader.latest(_streams(house, reader, rain.name))
    fresh = (latest.time > house.now() - FRESH) & np.isfinite(latest.number)
    value = finite(float(latest.number[fresh].mean())) if fresh.any() else None
    return Kpi(
        name="rain",
        label=Label("当前雨强", "Rain now"),
        value=None if value is None else round(value, 1),
        unit=rain.unit,
        tone=_rain_tone(value),
        definition=Label(
            "各站最近 30 分钟内最新值的平均",
            "Mean of the newest values of all gauges, none older than 30 minutes",
        ),
        provenance=Label(f"观测「{rain.label.zh}」", f"observed property {rain.label.text('en')}"),
        link="/situation?series=rain",
    )


def _rain_tone(value: float | None) -> str:
    """Steps of mm/h as the storm warnings have them: 20 in an hour and more is short heavy rain."""
    return (
        "calm"
        if value is None or value < 20
        else "blue"
        if value < 50
        else "yellow"
        if value < 100
        else "orange"
    )


# ---- series ------------------------------------------------------------------------------------------------


@get(
    "/series/{name:str}",
    guards=[access("read", "observation")],
    sync_to_thread=True,
    summary="A figure over time",
)
def series(
    house: TheHouse,
    actor: TheActor,
    name: FromPath[str],
    hours: FromQuery[float] = 6.0,
) -> Series:
    """`rain` (mean intensity), `warnings_open`, `cases_open`: about sixty points up to now."""
    if not 0 < hours <= 24 * 31:
        raise Invalid("hours", f"{hours} is out of range", "give more than 0 and at most 744")
    makers: dict[str, Callable[[Instant, Instant], Series]] = {
        "rain": lambda start, end: _rain_series(house, start, end),
        "warnings_open": lambda start, end: _warnings_series(house, actor, start, end),
        "cases_open": lambda start, end: _cases_series(house, actor, start, end),
    }
    if name not in makers:
        raise NotFound("series", f"there is no series {name!r}", "choose one of " + ", ".join(makers))
    end = house.now()
    start = end - round(hours * HOUR)
    step = max(1, (end - start) // POINTS)
    key = ("series", name, hours, end // step, actor.account)
    return house.cached(key, 5, lambda: makers[name](start, end))


def _rain_series(house: House, start: Instant, end: Instant) -> Series:
    rain = _rain(house)
    label = Label("平均雨强", "Mean rain intensity")
    if rain is None:
        return Series([], [], RAIN_UNIT, label)
    window = max(MINUTE, (end - start) // POINTS // SECOND * SECOND)
    with house.store.reader() as reader:
        found = reader.rollups(_streams(house, reader, rain.name), start, end + 1, window)
    starts, place = np.unique(found.start, return_inverse=True)
    total, count = np.zeros(len(starts)), np.zeros(len(starts))
    np.add.at(total, place, found.sum)
    np.add.at(count, place, found.n)
    return Series(times(starts), numbers(total / np.maximum(count, 1)), rain.unit, label)


def _open_over_time(rows: list[tuple[Instant, Instant | None]], start: Instant, end: Instant) -> Series:
    """How many of (began, ended) held at each point."""
    points = np.linspace(start, end, POINTS).astype(np.int64) // SECOND * SECOND
    began = np.sort(np.array([one for one, _ in rows], np.int64))
    ended = np.sort(np.array([one for _, one in rows if one is not None], np.int64))
    held = np.searchsorted(began, points, side="right") - np.searchsorted(ended, points, side="right")
    return Series(times(points), numbers(held), "1", Label("", ""))


def _warnings_series(house: House, actor: Actor, start: Instant, end: Instant) -> Series:
    held = Or((IsNull(field("cleared")), Compare("ge", Field(("cleared",)), Value(start))))
    where = both(predicate(actor, "read", "warning"), held, Not(equals("state", "false_alarm")))
    with house.store.reader() as reader:
        rows = [(one.raised, one.cleared) for one in every(reader, Warning, where, 50_000)]
    return msgspec.structs.replace(
        _open_over_time(rows, start, end), label=Label("现存预警", "Open warnings")
    )


def _cases_series(house: House, actor: Actor, start: Instant, end: Instant) -> Series:
    """Open cases and those that ended since are read from two indexes: all others are over."""
    allowed = cases_predicate(actor, "read", house.rulebook)
    rows: list[tuple[Instant, Instant | None]] = []
    with house.store.reader() as reader:
        for held in (IsNull(field("closed")), Compare("ge", Field(("closed",)), Value(start))):
            found = reader.columns(Case, ("opened", "closed"), both(allowed, held))
            rows += zip(found["opened"], found["closed"], strict=True)
    return msgspec.structs.replace(_open_over_time(rows, start, end), label=Label("在办案卷", "Open cases"))


router = Router("/", route_handlers=[kpis, series], tags=["figures"])
