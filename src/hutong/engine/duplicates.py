"""Open cases that a new report is probably about: same class, near in space and time, similar words.

For every face that takes reports. It only suggests: whoever takes the report joins it or opens it anyway, and a joined case
keeps its own number. Nothing here looks at who reported.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import cos, radians

import msgspec
import shapely

from hutong.kernel.base import HOUR, MINUTE, Instant
from hutong.kernel.case import Case, Category
from hutong.kernel.geometry import distance_m
from hutong.kernel.ports import Reader
from hutong.kernel.query import (
    EVERYTHING,
    Compare,
    Expr,
    Field,
    IsNull,
    Order,
    Value,
    Within,
    both,
    equals,
    field,
)
from hutong.kernel.text import tokens

MOST_LOOKED_AT = 500
"""Open cases around that are compared, the newest of them."""
ALIKE = 0.5
"""Share of common words from which texts alone, of cases near by, are alike though the class differs."""
WEIGHTS = {"space": 0.4, "time": 0.2, "text": 0.4}
SHOWN_WORDS = 4


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What was reported. `position` is (longitude, latitude), WGS 84; `at` city time."""

    at: Instant
    category: Category | None = None
    position: tuple[float, float] | None = None
    text: str = ""


class Reach(msgspec.Struct, frozen=True):
    """How near is near: the city's settings."""

    metres: float
    hours: float


class Like(msgspec.Struct, frozen=True, kw_only=True):
    """A case that may be the same, and why. `score` from 0 to 1; metres None where one of the two has no position."""

    case: Case
    score: float
    same_category: bool
    metres: float | None
    minutes: float
    likeness: float
    """Share of the shorter text's words that the other has too, from 0 to 1."""
    words: tuple[str, ...]


def like_cases(
    reader: Reader, report: Report, reach: Reach, allowed: Expr = EVERYTHING, *, at_most: int = 5
) -> list[Like]:
    """Open cases that are probably the same, the likeliest first; only such as `allowed` lets through."""
    since = report.at - round(reach.hours * HOUR)
    parts: list[Expr | None] = [
        allowed,
        IsNull(field("closed")),
        IsNull(field("joined_to")),
        Compare("ge", Field(("opened",)), Value(since)),
    ]
    if report.position is not None:
        parts.append(Within(_box(report.position, reach.metres)))
    elif report.category is not None:
        parts.append(equals("category/code", report.category.code))
    else:
        return []
    newest = (Order(("opened",), descending=True),)
    page = reader.find(Case, both(*parts), order=newest, limit=MOST_LOOKED_AT)
    return likest(report, page.rows, reach)[:at_most]


def likest(report: Report, cases: Iterable[Case], reach: Reach) -> list[Like]:
    """Those of the cases that are probably the same as the report, the likeliest first."""
    words = set(tokens(report.text))
    found = [one for case in cases if (one := _compared(report, words, case, reach)) is not None]
    return sorted(found, key=lambda one: (-one.score, -one.case.opened))


def likeness(one: set[str], other: set[str]) -> float:
    """Containment: the share of the smaller set of words that the other has too; 0 where one is empty."""
    fewer = min(len(one), len(other))
    return len(one & other) / fewer if fewer else 0.0


def shared_words(text: str, theirs: set[str]) -> tuple[str, ...]:
    """What of a text the other one has too, in runs: bigrams that follow each other are told as one. The longest first."""
    runs: list[str] = []
    follows = False
    for token in tokens(text):
        if token not in theirs:
            follows = False
            continue
        if follows and _han(token) and runs[-1][-1] == token[0]:
            runs[-1] += token[1:]
        else:
            runs.append(token)
        follows = _han(token)
    return tuple(sorted(dict.fromkeys(runs), key=lambda run: (-len(run), run))[:SHOWN_WORDS])


def _han(token: str) -> bool:
    return token[0] >= "\u3400" and len(token) == 2


def _compared(report: Report, words: set[str], case: Case, reach: Reach) -> Like | None:
    minutes = abs(report.at - case.opened) / MINUTE
    metres = _metres(report.position, case.position)
    if minutes > reach.hours * 60 or (metres is not None and metres > reach.metres):
        return None
    theirs = set(tokens(f"{case.text} {case.position_text}"))
    alike = likeness(words, theirs)
    same = report.category is None or report.category == case.category
    by_words = alike >= ALIKE and min(len(words), len(theirs)) > 2
    if not (by_words or (same and report.category is not None and metres is not None)):
        return None
    parts = {"time": 1 - minutes / (reach.hours * 60)}
    if metres is not None:
        parts["space"] = 1 - metres / reach.metres
    if words and theirs:
        parts["text"] = alike
    weight = sum(WEIGHTS[name] for name in parts)
    score = sum(WEIGHTS[name] * value for name, value in parts.items()) / weight
    return Like(
        case=case,
        score=round(score if same else score / 2, 4),
        same_category=report.category == case.category,
        metres=metres,
        minutes=minutes,
        likeness=alike,
        words=shared_words(report.text, theirs),
    )


def _metres(one: tuple[float, float] | None, other: bytes | None) -> float | None:
    if one is None or other is None:
        return None
    point = shapely.from_wkb(other)
    return float(distance_m(*one, point.x, point.y))


def _box(position: tuple[float, float], metres: float) -> tuple[float, float, float, float]:
    """A box that holds all points within `metres`, and a little more: a degree of latitude has at least 110.5 km."""
    lon, lat = position
    high = metres / 110_000
    wide = high / max(0.01, cos(radians(abs(lat) + high)))
    return lon - wide, lat - high, lon + wide, lat + high
