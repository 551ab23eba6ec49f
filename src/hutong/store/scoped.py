"""Lists of one place or organisation in time order: read from the scope table, so a page is one short index range."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from hutong.kernel.query import And, Compare, Expr, Field, InScope, Order, Value
from hutong.store.layout import Noun
from hutong.store.piece import Piece

_TIME = {"case": "opened", "warning": "raised"}
_COPIED = {"case": ("procedure", "state"), "warning": ("state",)}


class Scoped(msgspec.Struct, frozen=True):
    """The scope table `s` leads, the rows `t` follow. `rest` is what remains of the filter."""

    source: str
    condition: Piece
    rest: Expr
    sorts: tuple[str, str]


def scoped(noun: Noun, where: Expr, order: Sequence[Order], *, history: bool) -> Scoped | None:
    """None unless the filter asks for one scope and the order is the noun's time."""
    if history or noun.scope_table is None:
        return None
    time = _TIME[noun.name]
    wished = [wish for wish in order if wish.path != ("id",)]
    if [wish.path for wish in wished] != [(time,)] or len({wish.descending for wish in order}) != 1:
        return None
    parts = where.parts if isinstance(where, And) else (where,)
    leading = next((part for part in parts if isinstance(part, InScope) and len(part.ids) == 1), None)
    if leading is None:
        return None
    condition = "t.lane = s.lane AND t.id = s.id AND s.scope = ?"
    values: list[Any] = [leading.ids[0]]
    for name, value in _fixed(parts, _COPIED[noun.name]):
        condition += f' AND s."{name}" = ?'
        values.append(value)
    rest = And(tuple(part for part in parts if part is not leading))
    source = f"{noun.scope_table} s CROSS JOIN {noun.table} t"
    return Scoped(source, Piece(condition, tuple(values)), rest, (f's."{time}"', 's."id"'))


def _fixed(parts: Sequence[Expr], names: tuple[str, ...]) -> list[tuple[str, str]]:
    """Which of the copied columns the filter fixes to a text."""
    found: list[tuple[str, str]] = []
    for part in parts:
        match part:
            case Compare("eq", Field((name,)), Value(str(value))) if name in names:
                found.append((name, value))
    return found
