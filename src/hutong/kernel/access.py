"""One rule of access: (verb, noun or case type, place scope, organisation scope, highest data class), with its reason."""

from __future__ import annotations

import fnmatch
import functools

import msgspec

from hutong.kernel.base import DataClass
from hutong.kernel.query import EVERYTHING, NOTHING, Expr, InScope


class Permission(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a role may do. `verb` and `noun` may hold `*` (`case.*`, `urban.*`); actions of a case are `act.NAME`."""

    verb: str
    noun: str
    data_class: DataClass = DataClass.INTERNAL


class Grant(msgspec.Struct, frozen=True, cache_hash=True):
    """A permission held within a place and an organisation; None means the whole city."""

    role: str
    permission: Permission
    place: int | None = None
    organisation: int | None = None


class Actor(msgspec.Struct, frozen=True, cache_hash=True):
    """Who asks. `account` 0 is the platform itself, −1 somebody who has not signed in."""

    account: int
    party: int = 0
    organisation: int | None = None
    roles: tuple[str, ...] = ()
    grants: tuple[Grant, ...] = ()
    side: str = "public"
    simulated: bool = False
    name: str = ""


class Decision(msgspec.Struct, frozen=True):
    """Yes or no, and why; `data_class` is the highest that may be shown."""

    allowed: bool
    reason: str
    data_class: DataClass = DataClass.PUBLIC


SYSTEM = Actor(account=0, name="hutong", roles=("system",))


def _covers(grant: Grant, verb: str, noun: str) -> bool:
    return _fits(verb, grant.permission.verb) and _fits(noun, grant.permission.noun)


@functools.lru_cache(maxsize=8192)
def _fits(name: str, pattern: str) -> bool:
    """Verbs and nouns are few, and asked of again and again."""
    return fnmatch.fnmatchcase(name, pattern)


@functools.lru_cache(maxsize=8192)
def _covering(actor: Actor, verb: str, noun: str) -> tuple[Grant, ...]:
    """An actor is the same object as long as the directory stands, so this is found by looking at it alone."""
    return tuple(grant for grant in actor.grants if _covers(grant, verb, noun))


def decide(actor: Actor, verb: str, noun: str, scope: tuple[int, ...] | None = None) -> Decision:
    """May the actor do `verb` to a `noun` whose places and organisations are `scope`?

    `scope` None asks for the noun in general (a route, a menu entry); lists then apply `predicate`.
    """
    if actor.account == 0:
        return Decision(True, "the platform itself", DataClass.HIGHLY_SENSITIVE)
    covering = _covering(actor, verb, noun)
    if not covering:
        held = ", ".join(actor.roles) or "no role"
        return Decision(False, f"no role of this account ({held}) may {verb} {noun}")
    fitting = [grant for grant in covering if scope is None or _within(grant, scope)]
    if not fitting:
        return Decision(False, f"{covering[0].role} may {verb} {noun}, but not in this place or organisation")
    best = max(fitting, key=lambda grant: grant.permission.data_class)
    return Decision(True, f"role {best.role} may {verb} {noun}", best.permission.data_class)


def allowed_as(actor: Actor, role: str, verb: str, noun: str, scope: tuple[int, ...]) -> bool:
    """May the actor do it by the grants of that role alone?"""
    return any(grant.role == role and _within(grant, scope) for grant in _covering(actor, verb, noun))


def _within(grant: Grant, scope: tuple[int, ...]) -> bool:
    place_fits = grant.place is None or grant.place in scope
    return place_fits and (grant.organisation is None or grant.organisation in scope)


def predicate(actor: Actor, verb: str, noun: str) -> Expr:
    """The same rule as a filter on rows with a `scope`."""
    if actor.account == 0:
        return EVERYTHING
    choices: list[Expr] = []
    for grant in _covering(actor, verb, noun):
        needed = [part for part in (grant.place, grant.organisation) if part is not None]
        if not needed:
            return EVERYTHING
        choices.append(_all_of(needed))
    return _any_of(choices)


def _all_of(ids: list[int]) -> Expr:
    from hutong.kernel.query import And

    return InScope((ids[0],)) if len(ids) == 1 else And(tuple(InScope((one,)) for one in ids))


def _any_of(choices: list[Expr]) -> Expr:
    from hutong.kernel.query import Or

    unique = tuple(dict.fromkeys(choices))
    if not unique:
        return NOTHING
    return unique[0] if len(unique) == 1 else Or(unique)
