"""A file of changed procedures, to ask what they would do: nothing of it becomes part of the city."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from hutong.engine.handle.faults import faults
from hutong.kernel.definition.procedure import CategoryDefinition, Procedure, RoleDefinition
from hutong.kernel.definition.thing import Strict
from hutong.kernel.errors import NotFound
from hutong.loader.problem import Faulty
from hutong.loader.qualify import Qualifier
from hutong.loader.yaml_source import YamlSource


class ChangedProcedures(Strict, frozen=True, kw_only=True):
    """Procedures and roles otherwise than the city has them. A pack's whole cases.yaml is such a file too."""

    pack: str | None = None
    """The pack of names without a dot; not needed where only one pack has a procedure of the name."""
    procedures: tuple[Procedure, ...] = ()
    """Whole definitions, in place of those of the same name."""
    roles: tuple[RoleDefinition, ...] = ()
    """Roles in place of those of the same name."""
    categories: tuple[CategoryDefinition, ...] = ()
    """Read and left aside: categories are of no version."""
    categories_from: tuple[str, ...] = ()
    """Left aside likewise."""


def read_procedures(
    path: Path, names: Iterable[str], roles: Iterable[RoleDefinition]
) -> tuple[tuple[Procedure, ...], tuple[RoleDefinition, ...]]:
    """The changed procedures under their qualified names, and all roles; Faulty tells every mistake, those that
    `hutong check` would find in the procedures included."""
    if not path.is_file():
        raise NotFound("with", f"there is no file {path}", "name a YAML file with `procedures`")
    source = YamlSource(path, path.name)
    changed = source.decode(ChangedProcedures)
    if changed is None:
        raise Faulty(path, source.problems)
    held = {**{one.name: one for one in roles}, **{one.name: one for one in changed.roles}}
    found = []
    for at, procedure in enumerate(changed.procedures):
        name = _whole(procedure.name, list(names), changed.pack)
        if name is None:
            reason = f"no procedure of the city is called {procedure.name!r}"
            remedy = "say whose it is: `pack: NAME`, or write it PACK.PROCEDURE"
            source.problems.append(source.problem(("procedures", at, "name"), reason, remedy))
            continue
        whole = Qualifier(name.partition(".")[0]).procedure(msgspec.structs.replace(procedure, name=name))
        for fault in faults(whole, tuple(held.values())):
            source.problems.append(
                source.problem(("procedures", at, *fault.path), fault.reason, fault.remedy)
            )
        found.append(whole)
    if not found and not changed.roles and not source.problems:
        source.problems.append(source.problem((), "changes nothing", "give `procedures` or `roles`"))
    if source.problems:
        raise Faulty(path, source.problems)
    return tuple(found), tuple(held.values())


def _whole(name: str, names: list[str], pack: str | None) -> str | None:
    if "." in name:
        return name
    own = [one for one in names if one.rpartition(".")[2] == name and pack in (None, one.partition(".")[0])]
    return own[0] if len(own) == 1 else f"{pack}.{name}" if pack else None
