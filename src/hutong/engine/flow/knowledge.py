"""知识库: articles are written, approved by somebody else, corrected when somebody finds them wrong, and found by words."""

from __future__ import annotations

from typing import TypeVar

import msgspec
from msgspec.structs import replace

from hutong.kernel.access import Actor, decide
from hutong.kernel.base import Entity, Facts, Instant
from hutong.kernel.changes import Changes, Record
from hutong.kernel.clock import Clock
from hutong.kernel.errors import Forbidden, Invalid, Refused
from hutong.kernel.knowledge import Article, Correction
from hutong.kernel.ports import Reader, Store
from hutong.kernel.query import Compare, Expr, IsNull, Or, Value, both, equals, field

ARTICLE = "article"
R = TypeVar("R", Article, Correction)


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """What an article says."""

    title: str
    text: str
    keywords: tuple[str, ...] = ()
    category: str = ""
    unit: int | None = None
    since: Instant
    until: Instant | None = None
    source: str = ""


def holding(now: Instant) -> Expr:
    """Articles that answer a call now: approved, begun, not run out."""
    until = field("until")
    return both(
        equals("state", "approved"),
        Compare("le", field("since"), Value(now)),
        Or((IsNull(until), Compare("gt", until, Value(now)))),
    )


class KnowledgeDesk:
    """The knowledge base of a city."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self.store = store
        self.clock = clock

    def write(
        self,
        words: Words,
        actor: Actor,
        *,
        revises: int | None = None,
        key: str | None = None,
        digest: str = "",
    ) -> Article:
        """A new draft, of an article or of a change to one that stands."""
        self._may(actor, "write")
        if revises is not None:
            with self.store.reader() as reader:
                standing = reader.get(Article, revises)
                self._check_free(reader, standing)
        fields = msgspec.structs.asdict(_checked(words))
        article = Article(
            id=self.store.new_ids(1)[0],
            **fields,
            revises=revises,
            written_by=actor.account,
            written=self.clock.city_time(),
        )
        return self._kept(article, (article,), "write", actor, key=key, digest=digest)

    def _check_free(self, reader: Reader, standing: Article) -> None:
        if standing.state != "approved":
            raise Refused(
                "article", f"is {standing.state}", "change the draft itself", zh="该条目不是已发布条目"
            )
        if reader.find(Article, both(equals("revises", standing.id), equals("state", "draft")), limit=1).rows:
            raise Refused("article", "has a draft already", "change that draft", zh="该条目已有修订草稿")

    def change(
        self, id: int, words: Words, actor: Actor, *, version: int | None, key: str | None, digest: str
    ) -> Article:
        """The draft says something else now; only its writer changes it."""
        self._may(actor, "write")
        draft = self._draft(id)
        if draft.written_by != actor.account:
            raise Refused(
                "article", "is the draft of somebody else", "ask the writer", zh="只能修改本人的草稿"
            )
        changed = replace(
            draft,
            **msgspec.structs.asdict(_checked(words)),
            version=draft.version if version is None else version,
            written=self.clock.city_time(),
        )
        return self._kept(changed, (changed,), "change", actor, key=key, digest=digest)

    def approve(self, id: int, actor: Actor, *, key: str | None = None, digest: str = "") -> Article:
        """A draft becomes what is answered from; nobody approves what he wrote. Corrections of the article are done."""
        self._may(actor, "approve")
        draft, now = self._draft(id), self.clock.city_time()
        if draft.written_by == actor.account:
            raise Refused(
                "article", "you wrote it yourself", "somebody else approves it", zh="不能审核本人撰写的条目"
            )
        approved = {"state": "approved", "approved_by": actor.account, "approved": now}
        if draft.revises is None:
            article = replace(draft, **approved)
            return self._kept(article, (article,), "approve", actor, key=key, digest=digest)
        with self.store.reader() as reader:
            standing = reader.get(Article, draft.revises)
            waiting = reader.find(
                Correction, both(equals("article", standing.id), equals("state", "open")), limit=200
            ).rows
        words = {name: getattr(draft, name) for name in Words.__struct_fields__}
        written = {"written_by": draft.written_by, "written": draft.written, "edition": standing.edition + 1}
        article = replace(standing, **words, **written, **approved)
        answer = f"第 {article.edition} 版已更新"
        done = {"state": "done", "answered_by": actor.account, "answered": now, "answer": answer}
        rows = (
            article,
            replace(draft, retired=now, state="withdrawn"),
            *(replace(one, **done) for one in waiting),
        )
        return self._kept(article, rows, "approve", actor, key=key, digest=digest)

    def withdraw(self, id: int, actor: Actor, *, key: str | None = None, digest: str = "") -> Article:
        """It is not answered from any more, or a draft is dropped (by its writer too)."""
        with self.store.reader() as reader:
            article = reader.get(Article, id)
        if article.state == "withdrawn":
            raise Refused("article", "is withdrawn already", "there is nothing to do", zh="该条目已撤下")
        own = article.state == "draft" and article.written_by == actor.account
        self._may(actor, "write" if own else "approve")
        gone = replace(article, state="withdrawn")
        return self._kept(gone, (gone,), "withdraw", actor, key=key, digest=digest)

    def correct(
        self, id: int, text: str, actor: Actor, *, key: str | None = None, digest: str = ""
    ) -> Correction:
        """纠错: a task for the article's unit."""
        self._may(actor, "read")
        with self.store.reader() as reader:
            article = reader.get(Article, id)
        if article.state != "approved":
            raise Refused(
                "article", f"is {article.state}", "only what is answered from is corrected", zh="该条目未发布"
            )
        correction = Correction(
            id=self.store.new_ids(1)[0],
            article=id,
            text=_said(text, "text"),
            by=actor.account,
            at=self.clock.city_time(),
            unit=article.unit,
        )
        return self._kept(correction, (correction,), "open", actor, key=key, digest=digest)

    def answer(
        self, id: int, done: bool, answer: str, actor: Actor, *, key: str | None = None, digest: str = ""
    ) -> Correction:
        """The correction is done, or dropped for a reason."""
        self._may(actor, "write")
        with self.store.reader() as reader:
            correction = reader.get(Correction, id)
        if correction.state != "open":
            raise Refused("correction", f"is {correction.state}", "there is nothing to do", zh="该纠错已处理")
        closed = replace(
            correction,
            state="done" if done else "dropped",
            answer=_said(answer, "answer"),
            answered_by=actor.account,
            answered=self.clock.city_time(),
        )
        return self._kept(closed, (closed,), "answer", actor, key=key, digest=digest)

    def _draft(self, id: int) -> Article:
        with self.store.reader() as reader:
            article = reader.get(Article, id)
        if article.state != "draft":
            raise Refused(
                "article",
                f"is {article.state}, not a draft",
                "begin a change of it first",
                zh="该条目不是草稿",
            )
        return article

    def _may(self, actor: Actor, verb: str) -> None:
        decision = decide(actor, verb, ARTICLE)
        if not decision.allowed:
            raise Forbidden(ARTICLE, decision.reason, "ask somebody who keeps the knowledge base")

    def _kept(
        self, row: R, rows: tuple[Entity, ...], verb: str, actor: Actor, *, key: str | None, digest: str
    ) -> R:
        facts: Facts = {"title": row.title, "edition": row.edition} if isinstance(row, Article) else {}
        record = Record(
            kind=f"{type(row).__name__.lower()}.{verb}",
            actor=actor.account,
            at=self.clock.city_time(),
            subjects=tuple((type(one).__name__.lower(), one.id) for one in rows),
            facts=facts,
        )
        applied = self.store.apply(
            Changes(puts=rows, records=(record,), idempotency_key=key, request_digest=digest, response=row.id)
        )
        with self.store.reader() as reader:
            return reader.get(type(row), int(applied.response))


def _checked(words: Words) -> Words:
    if words.until is not None and words.until <= words.since:
        raise Invalid(
            "until", "is not after the first day", "choose a later day", zh="失效日期须晚于生效日期"
        )
    keywords = tuple(dict.fromkeys(one.strip() for one in words.keywords if one.strip()))
    return replace(
        words, title=_said(words.title, "title"), text=_said(words.text, "text"), keywords=keywords
    )


def _said(text: str, field_name: str) -> str:
    if not text.strip():
        raise Invalid(field_name, "is empty", "write it in words", zh="请填写内容")
    return text.strip()
