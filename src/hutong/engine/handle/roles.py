"""In which of his roles somebody acts."""

from __future__ import annotations

from collections.abc import Iterable

from hutong.kernel.access import Actor, allowed_as


def role_of(actor: Actor, roles: Iterable[str], verb: str, noun: str, scope: tuple[int, ...]) -> str:
    """The first of `roles` whose grants allow it here; "" if none does, or for the platform itself."""
    if actor.account == 0:
        return ""
    return next((role for role in roles if allowed_as(actor, role, verb, noun, scope)), "")
