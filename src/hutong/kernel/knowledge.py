"""知识库: what the city answers, who keeps it right, and what somebody found out of date."""

from __future__ import annotations

from typing import Literal

from hutong.kernel.base import Entity, Instant

ArticleState = Literal["draft", "approved", "withdrawn"]


class Article(Entity, frozen=True, kw_only=True):
    """An article. What is answered from is `approved`; a change of it is a `draft` of its own that `revises` it.

    On approval, by another account than the writer's, the text moves into the article, whose `edition` grows, and the draft
    is retired. All earlier editions stay among its versions.
    """

    title: str
    text: str
    keywords: tuple[str, ...] = ()
    category: str = ""
    """Class it is about (the code may be a prefix)."""
    unit: int | None = None
    """The organisation that keeps it right."""
    since: Instant
    until: Instant | None = None
    """From when it does not hold any more."""
    source: str = ""
    state: ArticleState = "draft"
    edition: int = 1
    revises: int | None = None
    written_by: int = 0
    written: Instant = 0
    approved_by: int | None = None
    approved: Instant | None = None


class Correction(Entity, frozen=True, kw_only=True):
    """纠错: somebody found an article wrong or out of date; a task of its unit until it is done or dropped."""

    article: int
    text: str
    by: int
    at: Instant
    unit: int | None = None
    state: Literal["open", "done", "dropped"] = "open"
    answered_by: int | None = None
    answered: Instant | None = None
    answer: str = ""
