"""POST /cases/duplicates: open cases that a report is probably about, offered before another is opened.

A POST although it changes nothing: what a caller said does not belong into addresses, which are logged."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import Router, post
from litestar.params import JSONBody

from hutong.api.access import CASE, access, cases_predicate
from hutong.api.case_commands import CategoryKey
from hutong.api.case_rows import CaseRow, case_rows
from hutong.api.requests import TheActor, TheHouse
from hutong.api.shapes import Position, wkb_of
from hutong.engine.causes import Offered, causes
from hutong.engine.duplicates import Like, Reach, Report, like_cases
from hutong.kernel.base import MINUTE, Label
from hutong.kernel.case import Category


class Reported(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is known of the report so far."""

    category: CategoryKey | None = None
    position: Position | None = None
    text: Annotated[str, msgspec.Meta(max_length=4000)] = ""
    except_case: Annotated[int, msgspec.Meta(ge=0)] = 0
    """A case that is not offered: the report itself."""


class LikeCase(msgspec.Struct, frozen=True, kw_only=True):
    """A case that may be the same. `reason`: how far, how long ago, which words both have."""

    case: CaseRow
    score: float
    same_category: bool
    metres: float | None
    minutes: float
    words: list[str]
    reason: Label


class LikeCases(msgspec.Struct, frozen=True):
    """The likeliest first; within which distance and time they were looked for."""

    rows: list[LikeCase]
    metres: float
    hours: float


@post(
    "/cases/duplicates",
    guards=[access("read", CASE)],
    sync_to_thread=True,
    status_code=200,
    summary="Cases that a report may be about",
)
def like_cases_offered(house: TheHouse, actor: TheActor, data: JSONBody[Reported]) -> LikeCases:
    """Open cases of the same class near in space and time, or with like words, and first those whose alarms around
    say that the report is part of the same cause; only those the asker may read."""
    wkb_of(data.position)
    head = house.rulebook.city.head
    reach = Reach(head.duplicate_metres, head.duplicate_hours)
    category = Category(data.category.kind, data.category.code) if data.category else None
    report = Report(at=house.now(), category=category, position=data.position, text=data.text)
    with house.store.reader() as reader:
        allowed = cases_predicate(actor, "read", house.rulebook)
        found = [one for one in like_cases(reader, report, reach, allowed) if one.case.id != data.except_case]
        shared = causes(reader, report, Reach(head.cause_metres, head.duplicate_hours), allowed)
        shared = [
            one for one in shared if one.case.id not in {data.except_case, *(like.case.id for like in found)}
        ]
        cases = [*(one.case for one in shared), *(one.case for one in found)]
        rows = case_rows(house, reader, cases)
    shapes = [_cause_shape(one, row, report) for one, row in zip(shared, rows, strict=False)]
    shapes += [_shape(one, row) for one, row in zip(found, rows[len(shared) :], strict=True)]
    return LikeCases(shapes, reach.metres, reach.hours)


def _cause_shape(one: Offered, row: CaseRow, report: Report) -> LikeCase:
    """A main case whose cause the report is probably part of."""
    return LikeCase(
        case=row,
        score=round(1 - 1 / (1 + one.alarms + one.reports), 4),
        same_category=report.category == one.case.category,
        metres=None if one.metres is None else round(one.metres, 1),
        minutes=round((report.at - one.case.opened) / MINUTE, 1),
        words=[],
        reason=one.reason,
    )


def _shape(one: Like, row: CaseRow) -> LikeCase:
    return LikeCase(
        case=row,
        score=one.score,
        same_category=one.same_category,
        metres=None if one.metres is None else round(one.metres, 1),
        minutes=round(one.minutes, 1),
        words=list(one.words),
        reason=_reason(one),
    )


def _reason(one: Like) -> Label:
    zh, en = [], []
    if one.metres is not None:
        zh.append(f"{one.metres:.0f} 米外")
        en.append(f"{one.metres:.0f} m away")
    ago_zh, ago_en = _ago(one.minutes)
    zh.append(ago_zh)
    en.append(ago_en)
    zh.append("同类" if one.same_category else "类别不同")
    en.append("same class" if one.same_category else "another class")
    if one.words:
        zh.append(f"共有「{'、'.join(one.words)}」")
        en.append("both say " + ", ".join(one.words))
    return Label("，".join(zh), ", ".join(en))


def _ago(minutes: float) -> tuple[str, str]:
    if minutes < 90:
        return f"{minutes:.0f} 分钟前", f"{minutes:.0f} min ago"
    if minutes < 48 * 60:
        return f"{minutes / 60:.0f} 小时前", f"{minutes / 60:.0f} h ago"
    return f"{minutes / 1440:.0f} 天前", f"{minutes / 1440:.0f} days ago"


router = Router("/", route_handlers=[like_cases_offered], tags=["cases"])
