"""In which of his roles somebody acts."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from hutong.kernel.access import Actor, decide


def role_of(actor: Actor, roles: Iterable[str], verb: str, noun: str, scope: tuple[int, ...]) -> str:
    """The first of `roles` whose grants allow it here; "" if none does, or for the platform itself."""
    if actor.account == 0:
        return ""
    for role in roles:
        held = replace(actor, grants=tuple(grant for grant in actor.grants if grant.role == role))
        if decide(held, verb, noun, scope).allowed:
            return role
    return ""
