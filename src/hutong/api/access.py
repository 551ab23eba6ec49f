"""Who may use a route: declared on every route, checked before it runs, once more for each row it shows."""

from __future__ import annotations

from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler

from hutong.api.sessions import Cookies
from hutong.engine.rulebook import Rulebook
from hutong.kernel.access import Actor, Decision, decide, predicate
from hutong.kernel.base import DataClass
from hutong.kernel.case import Case
from hutong.kernel.errors import Forbidden, NotFound, Unauthenticated
from hutong.kernel.ports import Session
from hutong.kernel.query import NOTHING, Expr, Field, In, Or, both

NOBODY = Actor(account=-1, name="")
"""Somebody who has not signed in."""

SAFE = ("GET", "HEAD", "OPTIONS")
CSRF_HEADER = "x-csrf-token"
CASE = "case"
"""Stands for all procedures: permissions name the procedure (`urban.case`)."""


class RouteAccess:
    """The access rule of a route, as a guard. `words` say it for people and for the test that lists every route."""

    def __init__(self, words: str, verb: str = "", noun: str = "", *, open_to_all: bool = False) -> None:
        self.words = words
        self.verb = verb
        self.noun = noun
        self.open_to_all = open_to_all

    async def __call__(self, connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
        if self.open_to_all:
            return
        actor: Actor = connection.scope["state"]["actor"]
        if actor.account == NOBODY.account:
            raise Unauthenticated("session", "nobody is signed in", "sign in", zh="请先登录")
        _check_token(connection)
        if self.verb:
            rulebook: Rulebook = connection.app.state["house"].rulebook
            decision = in_general(actor, self.verb, self.noun, rulebook)
            if not decision.allowed:
                raise Forbidden(self.noun, decision.reason, "ask an administrator for a role that may")


def _check_token(connection: ASGIConnection[Any, Any, Any, Any]) -> None:
    """An unsafe request of a cookie session carries the session's token: a page of ours made it."""
    session: Session | None = connection.scope["state"]["session"]
    if session is None or connection.scope.get("method") in SAFE:
        return
    cookies: Cookies = connection.app.state["house"].cookies
    if not cookies.right_token(session, connection.headers.get(CSRF_HEADER, "")):
        raise Forbidden(
            "X-CSRF-Token",
            "the request does not carry the token of this session",
            "send the `csrf` of GET /session in this header",
        )


def public() -> RouteAccess:
    """Open to everybody."""
    return RouteAccess("public", open_to_all=True)


def signed_in() -> RouteAccess:
    """Open to everybody who is signed in; it shows only what is their own."""
    return RouteAccess("signed in")


def access(verb: str, noun: str) -> RouteAccess:
    """Needs a permission for the noun in general; rows are filtered or checked besides."""
    return RouteAccess(f"may {verb} {noun}", verb, noun)


def in_general(actor: Actor, verb: str, noun: str, rulebook: Rulebook) -> Decision:
    """`decide` without a scope; for CASE, of the first procedure that allows it."""
    nouns = tuple(rulebook.procedures) if noun == CASE else (noun,)
    decisions = [decide(actor, verb, one) for one in nouns]
    return next(
        (one for one in decisions if one.allowed), decisions[0] if decisions else decide(actor, verb, noun)
    )


def cases_predicate(actor: Actor, verb: str, rulebook: Rulebook) -> Expr:
    """The rows of cases the actor may do `verb` to, over all procedures."""
    parts = {name: predicate(actor, verb, name) for name in rulebook.procedures}
    alike: dict[str, list[str]] = {}
    for name, part in parts.items():
        alike.setdefault(repr(part), []).append(name)
    if len(alike) == 1:
        return next(iter(parts.values()))
    choices = tuple(
        both(In(Field(("procedure",)), tuple(names)), parts[names[0]])
        for names in alike.values()
        if parts[names[0]] != NOTHING
    )
    return choices[0] if len(choices) == 1 else Or(choices)


def readable(actor: Actor, noun: str, scope: tuple[int, ...], id: int, name: str = "") -> Decision:
    """The decision to read a row; NotFound if the actor may not know of it."""
    decision = decide(actor, "read", noun, scope)
    if not decision.allowed:
        shown = name or noun
        raise NotFound(shown, f"there is no {shown}/{id}", noun=shown, id=id)
    return decision


def readable_case(actor: Actor, case: Case) -> Decision:
    return readable(actor, case.procedure, case.scope, case.id, CASE)


def hides_reporter(actor: Actor, case: Case) -> bool:
    """举报 and 保密 cases hide the caller from the handling side, whatever its data class."""
    return case.confidential and actor.side == "handling"


def shows_personal(decision: Decision) -> bool:
    return decision.data_class >= DataClass.SENSITIVE
