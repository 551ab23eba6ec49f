"""A mistake in a procedure, and where its file has it."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from hutong.kernel.definition.procedure import Procedure


class Fault(msgspec.Struct, frozen=True):
    """Where by name (`actions.dispatch.to`), what is wrong, how to mend it, and `path`: the same place as keys and indices
    below the procedure, as a YAML file has it."""

    where: str
    reason: str
    remedy: str
    path: tuple[str | int, ...] = ()


def located(fault: Fault, procedure: Procedure) -> Fault:
    """With the path: names of list items become their indices."""
    path: list[str | int] = []
    items: object = procedure
    rest = fault.where
    while rest:
        if isinstance(items, dict):  # a key may hold dots itself
            path.append(rest)
            break
        part, _, rest = rest.partition(".")
        if isinstance(items, tuple):
            place = _index(items, part)
            items = items[place] if isinstance(place, int) and place < len(items) else None
            path.append(place)
        else:
            items = getattr(items, part, None)
            path.append(part)
    return replace(fault, path=tuple(path))


def _index(items: tuple[object, ...], part: str) -> str | int:
    names = [getattr(item, "name", None) for item in items]
    if part in names:
        return len(names) - 1 - names[::-1].index(part)
    return int(part) if part.isdigit() else part
