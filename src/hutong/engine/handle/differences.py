"""Two versions of a procedure beside each other, and what it means for cases that run on the older one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Literal

import msgspec

from hutong.engine.handle.procedure import Compiled
from hutong.kernel.access import Actor, Grant, Permission, decide
from hutong.kernel.definition.procedure import Procedure, RoleDefinition

Part = Literal["state", "action", "clock", "window", "procedure"]
UNTOLD = ("name", "label", "help", "source", "confidence")
"""Fields whose change changes nothing that happens."""


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """A part that only one version has, or that is otherwise in the newer: `fields` → (before, after), as plain values."""

    part: Part
    name: str
    change: Literal["gone", "new", "changed"]
    fields: dict[str, tuple[Any, Any]] = {}


class Affected(msgspec.Struct, frozen=True, kw_only=True):
    """Open cases that run on a version which is not the newest. They keep it: nothing of `differences` is theirs.

    `states`: how many stand where. `left`: those in states that the newer version does not have. `lost`: what they can no
    longer do, because rights and roles are not part of a version (a role that is gone, an action nobody may do any more).
    """

    procedure: str
    digest: str
    newer: str
    states: dict[str, int]
    differences: tuple[Difference, ...] = ()
    left: dict[str, int] = {}
    lost: tuple[str, ...] = ()

    @property
    def cases(self) -> int:
        return sum(self.states.values())


def differences(old: Procedure, new: Procedure) -> tuple[Difference, ...]:
    """What is otherwise in the newer version, part by part."""
    groups: tuple[tuple[Part, Any, Any], ...] = (
        ("state", old.states, new.states),
        ("action", old.actions, new.actions),
        ("clock", old.clocks, new.clocks),
        ("window", old.windows, new.windows),
    )
    found = [one for part, before, after in groups for one in _parts(part, before, after)]
    fields = _fields(old, new, ("states", "actions", "clocks", "windows", "limits", *UNTOLD))
    if old.limits != new.limits:
        fields["limits"] = (len(set(old.limits) - set(new.limits)), len(set(new.limits) - set(old.limits)))
    if fields:
        found.append(Difference(part="procedure", name=new.name, change="changed", fields=fields))
    return tuple(found)


def _parts(part: Part, before: Iterable[Any], after: Iterable[Any]) -> Iterator[Difference]:
    old, new = ({one.name: one for one in group} for group in (before, after))
    for name in (*old, *(one for one in new if one not in old)):
        if name not in new:
            yield Difference(part=part, name=name, change="gone")
        elif name not in old:
            yield Difference(part=part, name=name, change="new")
        elif fields := _fields(old[name], new[name], UNTOLD):
            yield Difference(part=part, name=name, change="changed", fields=fields)


def _fields(old: Any, new: Any, without: Collection[str]) -> dict[str, tuple[Any, Any]]:
    return {
        name: (msgspec.to_builtins(getattr(old, name)), msgspec.to_builtins(getattr(new, name)))
        for name in old.__struct_fields__
        if name not in without and getattr(old, name) != getattr(new, name)
    }


def affected(
    digest: str,
    old: Compiled,
    new: Compiled | None,
    states: Mapping[str, int],
    roles: Mapping[str, RoleDefinition],
) -> Affected:
    """What becomes of the open cases of a version; `new` None: the procedure is no longer defined."""
    return Affected(
        procedure=old.name,
        digest=digest,
        newer=new.digest if new else "",
        states=dict(states),
        differences=differences(old.procedure, new.procedure) if new else (),
        left={state: n for state, n in states.items() if new is not None and state not in new.states},
        lost=tuple(lost(old, states, roles)),
    )


def lost(old: Compiled, states: Iterable[str], roles: Mapping[str, RoleDefinition]) -> Iterator[str]:
    """Actions from the states where cases stand that nobody may do any more: `action: why`."""
    actions = {one.name: one for state in states for one in old.leaving.get(state, ())}
    for action in actions.values():
        if action.automatic:
            continue
        gone = [name for name in action.roles if name not in roles]
        held = [roles[name] for name in action.roles if name in roles]
        if not any(_may(role, f"act.{action.name}", old.name) for role in held):
            why = f"role {', '.join(gone)} is gone" if gone else "no role holds the right"
            yield f"{action.name}: {why}"


def _may(role: RoleDefinition, verb: str, noun: str) -> bool:
    grants = tuple(Grant(role.name, Permission(v, n)) for v, nouns in role.may.items() for n in nouns)
    return decide(Actor(1, grants=grants), verb, noun).allowed
