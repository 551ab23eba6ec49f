"""Articles and corrections as the API shows them."""

from __future__ import annotations

import msgspec

from hutong.api.house import House
from hutong.api.shapes import Named, organisation, time_of
from hutong.kernel.base import Label
from hutong.kernel.knowledge import Article, Correction


class ArticleRow(msgspec.Struct, frozen=True, kw_only=True):
    """An article. `holds`: it is answered from now."""

    id: int
    version: int
    title: str
    text: str
    keywords: list[str]
    category: str
    category_label: Label | None
    unit: Named | None
    since: str
    until: str | None
    source: str
    state: str
    edition: int
    revises: int | None
    written_by: Named
    written: str
    approved_by: Named | None
    approved: str | None
    holds: bool


class ArticleList(msgspec.Struct, frozen=True):
    rows: list[ArticleRow]
    after: str | None


class Edition(msgspec.Struct, frozen=True):
    """An earlier text of an article and when it was approved."""

    edition: int
    title: str
    text: str
    approved: str | None
    approved_by: Named | None


class CorrectionRow(msgspec.Struct, frozen=True, kw_only=True):
    """纠错 of an article: open until its unit has done or dropped it."""

    id: int
    article: int
    title: str
    text: str
    by: Named
    at: str
    unit: Named | None
    state: str
    answer: str
    answered_by: Named | None
    answered: str | None


class ArticlePage(ArticleRow, frozen=True, kw_only=True):
    editions: list[Edition]
    corrections: list[CorrectionRow]


class CorrectionList(msgspec.Struct, frozen=True):
    rows: list[CorrectionRow]
    after: str | None


def named(house: House, account: int | None) -> Named | None:
    return Named(account, house.directory.account_name(account)) if account else None


def article_row(house: House, one: Article) -> ArticleRow:
    now = house.now()
    return ArticleRow(
        id=one.id,
        version=one.version,
        title=one.title,
        text=one.text,
        keywords=list(one.keywords),
        category=one.category,
        category_label=_category_label(house, one.category),
        unit=organisation(house.directory, one.unit),
        since=time_of(one.since) or "",
        until=time_of(one.until),
        source=one.source,
        state=one.state,
        edition=one.edition,
        revises=one.revises,
        written_by=Named(one.written_by, house.directory.account_name(one.written_by)),
        written=time_of(one.written) or "",
        approved_by=named(house, one.approved_by),
        approved=time_of(one.approved),
        holds=one.state == "approved" and one.since <= now and (one.until is None or one.until > now),
    )


def _category_label(house: House, code: str) -> Label | None:
    """The class, or the level of classes, that a code means."""
    if not code:
        return None
    for key, one in house.rulebook.categories.items():
        compiled = house.rulebook.procedures.get(one.procedure or "")
        if compiled is None or not compiled.procedure.desk:
            continue
        if key.code == code:
            return one.label
        if key.code.startswith(code) and (one.middle.zh or one.major.zh):
            return one.middle if len(code) > 2 and one.middle.zh else one.major
    return None


def correction_row(house: House, one: Correction, title: str) -> CorrectionRow:
    return CorrectionRow(
        id=one.id,
        article=one.article,
        title=title,
        text=one.text,
        by=Named(one.by, house.directory.account_name(one.by)),
        at=time_of(one.at) or "",
        unit=organisation(house.directory, one.unit),
        state=one.state,
        answer=one.answer,
        answered_by=named(house, one.answered_by),
        answered=time_of(one.answered),
    )
