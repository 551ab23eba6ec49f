"""/articles and /corrections: what the city answers, found by words while somebody speaks."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Annotated

import msgspec
from litestar import Response, Router, get, patch, post
from litestar.params import FromQuery, JSONBody

from hutong.api.access import access
from hutong.api.house import House
from hutong.api.knowledge_shapes import (
    ArticleList,
    ArticlePage,
    ArticleRow,
    CorrectionList,
    CorrectionRow,
    Edition,
    article_row,
    correction_row,
    named,
)
from hutong.api.requests import (
    IfMatch,
    InState,
    Limit,
    RowId,
    TheActor,
    TheHouse,
    TheRepeat,
    etag,
    version_of,
)
from hutong.api.shapes import Id, instant_of, time_of
from hutong.engine.flow.knowledge import ARTICLE, KnowledgeDesk, Words, holding
from hutong.kernel.base import Instant
from hutong.kernel.clock import instant
from hutong.kernel.errors import Invalid
from hutong.kernel.knowledge import Article, Correction
from hutong.kernel.query import Call, Expr, Field, In, Matches, Order, Value, both, equals

Text = Annotated[str, msgspec.Meta(max_length=20_000)]
Line = Annotated[str, msgspec.Meta(max_length=400)]
STATES = ("draft", "approved", "withdrawn")


class ArticleBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What an article says. `since`, `until`: days or instants; `revises`: the article it is a change of."""

    title: Line
    text: Text
    keywords: Annotated[list[Annotated[str, msgspec.Meta(max_length=40)]], msgspec.Meta(max_length=40)] = []
    category: Annotated[str, msgspec.Meta(max_length=20)] = ""
    unit: Id | None = None
    since: str
    until: str | None = None
    source: Line = ""
    revises: Id | None = None


class CorrectionBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is wrong or out of date."""

    text: Text


class CorrectionAnswer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`done` False: dropped."""

    done: bool
    answer: Text


def desk(house: House) -> KnowledgeDesk:
    return KnowledgeDesk(house.store, house.clock)


@get(
    "/articles",
    guards=[access("read", ARTICLE)],
    sync_to_thread=True,
    summary="Articles of the knowledge base",
)
def articles(
    house: TheHouse,
    q: FromQuery[str | None] = None,
    category: FromQuery[str | None] = None,
    states: InState = None,
    after: FromQuery[str | None] = None,
    limit: Limit = 20,
) -> ArticleList:
    """Found by words. Without `state`, what holds now; `category` is a class or the beginning of its code."""
    where: Expr = holding(house.now()) if states is None else In(Field(("state",)), _states(states))
    words = Matches(q.strip()) if q and q.strip() else None
    about = Call("startswith", (Field(("category",)), Value(category))) if category else None
    with house.store.reader() as reader:
        page = reader.find(
            Article,
            both(where, words, about),
            order=(Order(("written",), descending=True),),
            limit=min(limit, 100),
            after=after,
        )
    return ArticleList([article_row(house, one) for one in page.rows], page.after)


def _states(text: str) -> tuple[str, ...]:
    given = tuple(part for part in text.split(",") if part)
    for one in given:
        if one not in STATES:
            raise Invalid("state", f"{one!r} is no state", "choose one of " + ", ".join(STATES))
    return given


@get("/articles/{id:int}", guards=[access("read", ARTICLE)], sync_to_thread=True, summary="One article")
def one_article(house: TheHouse, id: RowId) -> Response[ArticlePage]:
    """With its earlier editions and what was found wrong with it."""
    with house.store.reader() as reader:
        article = reader.get(Article, id)
        versions = [one for _, one in reader.versions(Article, id)]
        found = reader.find(
            Correction, equals("article", id), order=(Order(("at",), descending=True),), limit=50
        ).rows
    earlier = {
        one.edition: one for one in versions if one.state == "approved" and one.edition < article.edition
    }
    editions = [
        Edition(one.edition, one.title, one.text, time_of(one.approved), named(house, one.approved_by))
        for one in sorted(earlier.values(), key=lambda one: -one.edition)
    ]
    page = ArticlePage(
        **msgspec.structs.asdict(article_row(house, article)),
        editions=editions,
        corrections=[correction_row(house, one, article.title) for one in found],
    )
    return Response(page, headers={"ETag": etag(article.version)})


def _words(house: House, data: ArticleBody) -> Words:
    if data.unit is not None and data.unit not in house.directory.organisations:
        raise Invalid(
            "unit", f"there is no organisation {data.unit}", "choose one of the list", zh="请选择单位"
        )
    since = _from_day(house, data.since, "since")
    if since is None:
        raise Invalid("since", "is missing", "give the first day it holds", zh="请填写生效日期")
    return Words(
        title=data.title,
        text=data.text,
        keywords=tuple(data.keywords),
        category=data.category,
        unit=data.unit,
        since=since,
        until=_from_day(house, data.until, "until"),
        source=data.source,
    )


def _from_day(house: House, text: str | None, name: str) -> Instant | None:
    """An instant, or the first one of a day in the city's zone."""
    if text is None or len(text.strip()) != len("2026-09-18"):
        return instant_of(text, name)
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        raise Invalid(
            name, f"{text!r} is no day", "write it like 2026-09-18", zh="日期格式如 2026-09-18"
        ) from None
    return instant(datetime.combine(day, time(), house.rulebook.zone))


@post("/articles", guards=[access("write", ARTICLE)], sync_to_thread=True, summary="Write an article")
def write_article(
    house: TheHouse, actor: TheActor, repeat: TheRepeat, data: JSONBody[ArticleBody]
) -> ArticleRow:
    """A draft: of a new article, or of a change to one (`revises`). It answers nobody until somebody else approves it."""
    words = _words(house, data)
    return article_row(
        house, desk(house).write(words, actor, revises=data.revises, key=repeat.key, digest=repeat.digest)
    )


@patch("/articles/{id:int}", guards=[access("write", ARTICLE)], sync_to_thread=True, summary="Change a draft")
def change_article(
    house: TheHouse,
    actor: TheActor,
    repeat: TheRepeat,
    id: RowId,
    data: JSONBody[ArticleBody],
    if_match: IfMatch = None,
) -> ArticleRow:
    """Only by its writer; an approved article is changed through a draft that revises it."""
    words, version = _words(house, data), version_of(if_match)
    changed = desk(house).change(id, words, actor, version=version, key=repeat.key, digest=repeat.digest)
    return article_row(house, changed)


@post(
    "/articles/{id:int}/approve",
    guards=[access("approve", ARTICLE)],
    status_code=200,
    sync_to_thread=True,
    summary="Approve a draft",
)
def approve_article(house: TheHouse, actor: TheActor, repeat: TheRepeat, id: RowId) -> ArticleRow:
    """Never by its writer. The answer is the article that now holds."""
    return article_row(house, desk(house).approve(id, actor, key=repeat.key, digest=repeat.digest))


@post(
    "/articles/{id:int}/withdraw",
    guards=[access("write", ARTICLE)],
    status_code=200,
    sync_to_thread=True,
    summary="Withdraw an article",
)
def withdraw_article(house: TheHouse, actor: TheActor, repeat: TheRepeat, id: RowId) -> ArticleRow:
    """It is answered from no more; a draft is dropped."""
    return article_row(house, desk(house).withdraw(id, actor, key=repeat.key, digest=repeat.digest))


@post(
    "/articles/{id:int}/corrections",
    guards=[access("read", ARTICLE)],
    sync_to_thread=True,
    summary="Say what is out of date",
)
def correct_article(
    house: TheHouse, actor: TheActor, repeat: TheRepeat, id: RowId, data: JSONBody[CorrectionBody]
) -> CorrectionRow:
    """纠错: opens a task for the article's unit."""
    found = desk(house).correct(id, data.text, actor, key=repeat.key, digest=repeat.digest)
    with house.store.reader() as reader:
        return correction_row(house, found, reader.get(Article, found.article).title)


@get(
    "/corrections",
    guards=[access("read", ARTICLE)],
    sync_to_thread=True,
    summary="What was found out of date",
)
def corrections(
    house: TheHouse, states: InState = "open", after: FromQuery[str | None] = None, limit: Limit = 50
) -> CorrectionList:
    """Oldest first; by default those that are open."""
    wanted = tuple(part for part in (states or "open").split(",") if part)
    with house.store.reader() as reader:
        page = reader.find(
            Correction,
            In(Field(("state",)), wanted),
            order=(Order(("at",)),),
            limit=min(limit, 200),
            after=after,
        )
        titles = {
            id: one.title
            for id, one in reader.many(Article, list({row.article for row in page.rows})).items()
        }
    return CorrectionList(
        [correction_row(house, one, titles.get(one.article, "")) for one in page.rows], page.after
    )


@post(
    "/corrections/{id:int}/answer",
    guards=[access("write", ARTICLE)],
    status_code=200,
    sync_to_thread=True,
    summary="Answer a correction",
)
def answer_correction(
    house: TheHouse, actor: TheActor, repeat: TheRepeat, id: RowId, data: JSONBody[CorrectionAnswer]
) -> CorrectionRow:
    """Done, or dropped for a reason."""
    found = desk(house).answer(id, data.done, data.answer, actor, key=repeat.key, digest=repeat.digest)
    with house.store.reader() as reader:
        return correction_row(house, found, reader.get(Article, found.article).title)


router = Router(
    "/",
    route_handlers=[
        articles,
        one_article,
        write_article,
        change_article,
        approve_article,
        withdraw_article,
        correct_article,
        corrections,
        answer_correction,
    ],
    tags=["knowledge"],
)
