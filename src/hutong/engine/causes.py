"""Common causes that a report is probably part of: open main cases whose alarms are near the reporter, or that others who
reported the same kind of thing were joined to. For every face that takes reports; it only suggests.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import msgspec
import shapely

from hutong.engine.duplicates import Reach, Report
from hutong.kernel.base import HOUR, Label
from hutong.kernel.case import Case, Warning
from hutong.kernel.geometry import distance_m
from hutong.kernel.ports import Reader
from hutong.kernel.query import Compare, Expr, In, IsNull, Not, Order, Value, both, equals, field
from hutong.kernel.thing import Thing

MOST = 1000
"""Warnings and cases of the last hours that are looked at."""


class Offered(msgspec.Struct, frozen=True, kw_only=True):
    """A main case that the report may be joined to, and why. `metres` to the nearest alarm of its cause."""

    case: Case
    metres: float | None
    alarms: int = 0
    """Alarms of the cause within reach."""
    reports: int = 0
    """Reports of the same class that were joined to it."""
    reason: Label


def causes(reader: Reader, report: Report, reach: Reach, allowed: Expr | None = None) -> list[Offered]:
    """The likeliest first: where the reporter's place is known by how near its alarms are, weighed by how many alarms and
    reports it has, else by how many have reported the like; only cases that `allowed` lets through."""
    joined = _joined(reader, report, reach)
    if report.position is None:
        mains = _open_mains(reader, both(In(field("id"), tuple(joined)), allowed)) if joined else ()
        found = [_by_reports(one, joined[one.id]) for one in mains]
        return sorted(found, key=lambda one: (-one.reports, one.case.number))
    away = _alarms(reader, report, reach)
    if not away:
        return []
    mains = _open_mains(reader, both(In(field("cause"), tuple(away)), allowed))
    first: dict[str, Case] = {}
    for case in sorted(mains, key=lambda one: (one.opened, one.number)):
        first.setdefault(case.cause, case)
    found = [_by_place(one, away[one.cause], joined[one.id]) for one in first.values()]
    return sorted(
        found, key=lambda one: ((one.metres or 0.0) / (1 + one.alarms + one.reports), one.case.number)
    )


def _alarms(reader: Reader, report: Report, reach: Reach) -> dict[str, tuple[float, int]]:
    """Cause → metres from the reporter to its nearest alarm of the last hours, and how many alarms are within reach."""
    assert report.position is not None
    since = Compare("ge", field("raised"), Value(report.at - round(reach.hours * HOUR)))
    newest = (Order(("raised",), descending=True),)
    where = both(since, Not(equals("cause", "")), Not(equals("state", "false_alarm")))
    warnings = reader.find(Warning, where, order=newest, limit=MOST).rows
    things = reader.many(Thing, sorted({one.thing for one in warnings}))
    found: dict[str, tuple[float, int]] = {}
    for warning in warnings:
        metres = _metres(report.position, things.get(warning.thing))
        if metres is not None and metres <= reach.metres:
            nearest, count = found.get(warning.cause, (metres, 0))
            found[warning.cause] = min(nearest, metres), count + 1
    return found


def _joined(reader: Reader, report: Report, reach: Reach) -> Counter[int]:
    """Main case → open reports of the same class that were joined to it in the last hours."""
    if report.category is None:
        return Counter()
    since = Compare("ge", field("opened"), Value(report.at - round(reach.hours * HOUR)))
    same = both(
        since,
        equals("category/kind", report.category.kind),
        equals("category/code", report.category.code),
        Not(IsNull(field("joined_to"))),
    )
    rows: Iterable[Case] = reader.find(Case, same, limit=MOST).rows
    return Counter(one.joined_to for one in rows if one.joined_to is not None)


def _open_mains(reader: Reader, where: Expr) -> tuple[Case, ...]:
    standing = both(where, IsNull(field("closed")), IsNull(field("joined_to")))
    return reader.find(Case, standing, limit=MOST).rows


def _metres(one: tuple[float, float], thing: Thing | None) -> float | None:
    if thing is None or thing.geometry is None:
        return None
    point = shapely.point_on_surface(shapely.from_wkb(thing.geometry))
    return float(distance_m(*one, point.x, point.y))


def _by_place(case: Case, alarms: tuple[float, int], reports: int) -> Offered:
    metres, count = alarms
    told = f"，已并入 {reports} 个同类来电" if reports else ""
    said = f"; {reports} like it have been joined" if reports else ""
    reason = Label(
        f"周围有同一原因的 {count} 处预警，最近 {metres:.0f} 米{told}",
        f"{count} alarms of this cause around, the nearest {metres:.0f} m away{said}",
    )
    return Offered(case=case, metres=metres, alarms=count, reports=reports, reason=reason)


def _by_reports(case: Case, reports: int) -> Offered:
    reason = Label(
        f"近几小时已有 {reports} 个同类来电并入", f"{reports} like it have been joined in the last hours"
    )
    return Offered(case=case, metres=None, reports=reports, reason=reason)
