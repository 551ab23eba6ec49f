"""上级平台, the pure part: an order of theirs in our terms, what a deed of ours tells them, what a word of theirs asks."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from hutong.kernel.base import Facts, Instant, Label
from hutong.kernel.case import Case, Category
from hutong.kernel.changes import Record
from hutong.kernel.clock import instant, iso
from hutong.kernel.datums import to_wgs84
from hutong.kernel.definition.upper import Hearing, Telling, UpperPlatform
from hutong.kernel.errors import Invalid
from hutong.kernel.upper import UpperOrder, UpperWord

LONGEST_TEXT = 8000


class Translated(msgspec.Struct, frozen=True, kw_only=True):
    """An order in our terms; `deadlines` are of clocks, instants."""

    category: Category
    title: Label
    text: str
    condition: str
    urgent: bool
    received: Instant
    point: tuple[float, float] | None
    deadlines: dict[str, Instant]
    facts: Facts


def external(platform: str, number: str) -> str:
    """What `Case.external` holds for an order of a platform."""
    return f"{platform}:{number}"


def translated(order: UpperOrder, platform: UpperPlatform, names: Mapping[Category, Label]) -> Translated:
    """The order in our terms; Invalid naming the field that cannot be read. What is not mapped is kept in the facts."""
    number = order.number.strip()
    if not number or len(number) > 64 or not number.isprintable():
        raise Invalid("number", f"{order.number!r} is no order number", "give 1 to 64 printable characters")
    if not order.text.strip() or len(order.text) > LONGEST_TEXT:
        raise Invalid("text", "is empty or too long", f"give 1 to {LONGEST_TEXT} characters")
    category = _category(order.category, platform)
    if category not in names:
        raise Invalid(
            "category",
            f"{category.kind}:{category.code} is not defined here",
            "mend `categories` of upper.yaml",
        )
    where = f" {order.address.strip()}" if order.address.strip() else ""
    title = order.title.strip() or f"{names[category].zh}{where}"
    return Translated(
        category=category,
        title=Label(title, order.title.strip() or f"{names[category].text('en')}{where}"),
        text=order.text.strip(),
        condition=platform.demands.get(order.demand, ""),
        urgent=order.urgency in platform.urgent,
        received=read_time("received", order.received),
        point=_point(order),
        deadlines=_deadlines(order.deadlines, platform),
        facts={
            "upper": {
                "platform": platform.name,
                "number": number,
                "received": order.received,
                "demand": order.demand,
                "category": order.category,
                "deadlines": dict(order.deadlines),
                **({"facts": dict(order.facts)} if order.facts else {}),
            }
        },
    )


def read_time(field: str, text: str) -> Instant:
    """An ISO 8601 time with its offset."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid(field, f"{text!r} is no time", "write it like 2026-09-18T16:30:00+08:00") from None
    if read.tzinfo is None:
        raise Invalid(field, f"{text!r} has no offset", "write it like 2026-09-18T16:30:00+08:00")
    return instant(read)


def _category(theirs: str, platform: UpperPlatform) -> Category:
    """By the longest of their codes that the order's begins with."""
    fitting = [code for code in platform.categories if theirs.startswith(code)]
    ours = platform.categories[max(fitting, key=len)] if fitting else platform.category
    kind, _, code = ours.partition(":")
    return Category(kind, code)  # type: ignore[arg-type]


def _point(order: UpperOrder) -> tuple[float, float] | None:
    if order.longitude is None or order.latitude is None:
        return None
    lon, lat = order.longitude, order.latitude
    if not (math.isfinite(lon) and math.isfinite(lat) and abs(lon) <= 180 and abs(lat) <= 90):
        raise Invalid("longitude", f"{lon}, {lat} is no point on the earth", "give degrees, longitude first")
    east, north = to_wgs84([lon], [lat], order.datum)
    return float(east[0]), float(north[0])


def _deadlines(theirs: Mapping[str, str], platform: UpperPlatform) -> dict[str, Instant]:
    return {
        platform.deadlines[stage]: read_time(f"deadlines.{stage}", text)
        for stage, text in theirs.items()
        if stage in platform.deadlines
    }


def told(case: Case, telling: Telling, record: Record, unit: str) -> Facts:
    """The facts of a report. `unit`: the name of the handling unit."""
    return {name: _ours(case, path, record, unit) for name, path in telling.facts.items()}


def _ours(case: Case, path: str, record: Record, unit: str) -> Any:
    group, _, name = path.partition(".")
    if group == "answers":
        return dict(record.facts.get("answers") or {}).get(name)
    if group == "facts":
        return case.facts.get(name)
    if group == "clock":
        due = next((clock.due for clock in case.clocks if clock.name == name), None)
        return None if due is None else iso(due)
    return unit if path == "organisation" else None


def answers_of(word: UpperWord, hearing: Hearing) -> Facts:
    """What the action is answered from the word; a `deadline` becomes an instant."""
    found: Facts = {}
    for ask, path in hearing.answers.items():
        if path == "deadline":
            found[ask] = read_time("deadline", word.deadline)
        elif path.startswith("text:"):
            found[ask] = path.removeprefix("text:")
        elif path.startswith("facts."):
            found[ask] = word.facts.get(path.removeprefix("facts."))
        else:
            found[ask] = word.text
    return {ask: value for ask, value in found.items() if value not in (None, "")}
