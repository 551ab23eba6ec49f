"""Lists of cases and warnings in the order of their time or their next deadline, read from the scope table: a page is one
short index range, whatever the asker may see.

The scope that leads is the smallest that the filter names; for an asker who may see everything it is the whole city.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from hutong.kernel.query import And, Compare, Expr, Field, In, InScope, IsNull, Not, Or, Order, Value
from hutong.store.layout import Noun
from hutong.store.piece import Piece
from hutong.store.scope_rows import EVERYWHERE, UNDATED
from hutong.store.sql import one_of
from hutong.store.transaction import Dialect, Tx

_SORTS = {"case": {"opened": "opened", "next_due": "due"}, "warning": {"raised": "raised"}}
_COPIED = {
    "case": ("procedure", "state", "opened", "late_from", "closed", "next_due"),
    "warning": ("state", "raised"),
}
LOOKED_UP = 200
"""Rows named by the filter that are looked up as they are; of more the scope table tells first which ones the page needs."""
_BESIDE = ("closed", "next_due")
"""Fields of a case that the scope table knows in another form (`due`)."""


class Scoped(msgspec.Struct, frozen=True):
    """The scope table `s` leads, the rows `t` follow. `rest` is what remains of the filter; `stays`: all of it can be told
    from the scope table alone."""

    noun: Noun
    scope: int
    rest: Expr
    sorts: tuple[str, ...]
    stays: bool
    dialect: Dialect

    @property
    def table(self) -> str:
        return f'"{self.noun.scope_table}" s'

    @property
    def source(self) -> str:
        """PostgreSQL would rather read and sort everything where it cannot tell how many rows hold (of JSON it never can), so
        a fence keeps it to the order: it looks at one row after the other until the page is full."""
        if self.dialect == "sqlite":
            return f"{self.table} CROSS JOIN {self.noun.table} t"
        row = f"SELECT * FROM {self.noun.table} o WHERE o.lane = s.lane AND o.id = s.id OFFSET 0"
        return f"{self.table} CROSS JOIN LATERAL ({row}) t"

    @property
    def joining(self) -> Piece:
        return Piece("t.lane = s.lane AND t.id = s.id")

    @property
    def condition(self) -> Piece:
        return Piece("s.scope = ?", (self.scope,))

    @property
    def copied(self) -> Mapping[str, str]:
        """Field → its column in the scope table."""
        plain = {name: f's."{name}"' for name in _COPIED[self.noun.name] if name not in _BESIDE}
        return {**plain, "id": 's."id"', "lane": 's."lane"'}


def scoped(tx: Tx, noun: Noun, where: Expr, order: Sequence[Order] | None, *, history: bool) -> Scoped | None:
    """None where the rows themselves are the better start. `order` None: they are only counted."""
    if history or noun.scope_table is None:
        return None
    sorts = ("id",) if order is None else _sorts(noun, order)
    if not sorts:
        return None
    parts = flat(where)
    named = [part for part in parts if isinstance(part, InScope) and len(part.ids) == 1]
    leading = _smallest(tx, noun, named)
    if leading is None and noun.name != "case":
        return None
    rest = And(tuple(part for part in parts if part is not leading))
    stays = _stays(rest, noun)
    if _selective(parts, noun) or (order is None and not stays):
        return None
    scope = EVERYWHERE if leading is None else leading.ids[0]
    far = order is not None and (_begins_far(noun, rest, order) or _by_ids(parts))
    first = "+" if far and tx.dialect == "sqlite" else ""
    return Scoped(noun, scope, rest, tuple(f'{first}s."{name}"' for name in sorts), stays, tx.dialect)


def open_ones(tx: Tx, noun: Noun, where: Expr) -> Scoped | None:
    """Where the scope table leads to the open cases that are asked for: they are few among those that have ended, and no
    index of the rows themselves knows them."""
    parts = flat(where)
    if noun.name != "case" or IsNull(Field(("closed",))) not in parts or _selective(parts, noun):
        return None
    leading = _smallest(tx, noun, [one for one in parts if isinstance(one, InScope) and len(one.ids) == 1])
    scope = EVERYWHERE if leading is None else leading.ids[0]
    rest = And(tuple(part for part in parts if part is not leading))
    return Scoped(noun, scope, rest, ("id",), False, tx.dialect)


def _begins_far(noun: Noun, rest: Expr, order: Sequence[Order]) -> bool:
    """Open cases, the oldest first: behind all that have ended, in the order of time. They are few, so they are better sorted;
    a sign before the column keeps SQLite from the index in that order (PostgreSQL knows by its statistics)."""
    is_open = IsNull(Field(("closed",))) in flat(rest)
    return noun.name == "case" and is_open and order[0].path == ("opened",) and not order[0].descending


def flat(where: Expr) -> list[Expr]:
    """The parts that must all hold; a scope that is asked for twice (what somebody may see is what he looks for) once."""
    if not isinstance(where, And):
        return [where]
    found = [one for part in where.parts for one in flat(part)]
    return [one for n, one in enumerate(found) if not (isinstance(one, InScope) and one in found[:n])]


def _sorts(noun: Noun, order: Sequence[Order]) -> tuple[str, ...]:
    wished = [wish for wish in order if wish.path != ("id",)]
    if len(wished) != 1 or len(wished[0].path) != 1 or len({wish.descending for wish in order}) != 1:
        return ()
    column = _SORTS[noun.name].get(wished[0].path[0])
    return (column, "id") if column else ()


def _smallest(tx: Tx, noun: Noun, named: Sequence[InScope]) -> InScope | None:
    """Of several scopes the one with the fewest cases leads; kept counters tell."""
    if len(named) < 2 or noun.name != "case":
        return named[0] if named else None
    names = {f"case.state.{part.ids[0]}": part for part in named}
    matched, value = one_of(tx.dialect, "name", list(names))
    sizes: dict[str, int] = dict(
        tx.rows(f"SELECT name, sum(value) FROM counter WHERE {matched} GROUP BY name", (value,))
    )
    return min(names.items(), key=lambda pair: sizes.get(pair[0], 0))[1]


def _selective(parts: Sequence[Expr], noun: Noun) -> bool:
    """A filter that an index of the rows themselves answers with few of them."""
    firsts = {columns[0] for columns in noun.indexes} - {
        *_COPIED[noun.name],
        *(path[0] for path in noun.rare),
    }
    for part in parts:
        match part:
            case Compare("eq", Field((name,)), Value(value)) if name in firsts and value not in (None, ""):
                return True
            case In(Field(("id",)), values) if len(values) <= LOOKED_UP:
                return True
            case In(Field((name,)), values) if name in firsts and len(values) < 1000:
                return True
            case Compare(_, Field((("number" | "id"),)), Value()):
                return True
    return False


def _by_ids(parts: Sequence[Expr]) -> bool:
    """The rows are named, so they are looked up in the scope table one by one and then sorted."""
    return any(isinstance(part, In) and part.left == Field(("id",)) for part in parts)


def _stays(expr: Expr, noun: Noun) -> bool:
    """Can it be told from the scope table alone?"""
    copied = _COPIED[noun.name]
    match expr:
        case And(parts) | Or(parts):
            return all(_stays(part, noun) for part in parts)
        case Not(part):
            return _stays(part, noun)
        case Compare(_, Field((name,)), Value()):
            return beside(expr, noun) is not None or (name in copied and name not in _BESIDE)
        case In(Field((name,)), _):
            return name == "id" or (name in copied and name not in _BESIDE)
        case IsNull(Field((name,))):
            return name in copied
        case InScope():
            return True
    return False


def beside(expr: Expr, noun: Noun) -> Piece | None:
    """A condition on when a case is due or whether it has ended, as the scope table says it; None for any other."""
    if noun.name != "case":
        return None
    match expr:
        case IsNull(Field(("closed",))):
            return Piece("s.due <= ?", (UNDATED,))
        case Compare("lt" | "le" as op, Field(("next_due",)), Value(int(value))) if value < UNDATED:
            return Piece(f"s.due {'<' if op == 'lt' else '<='} ?", (value,))
        case IsNull(Field(("next_due",))):
            return Piece("s.due >= ?", (UNDATED,))
        case Not(part):
            return _negated(part)
    return None


def _negated(part: Expr) -> Piece | None:
    match part:
        case IsNull(Field(("closed",))):
            return Piece("s.due > ?", (UNDATED,))
        case IsNull(Field(("next_due",))):
            return Piece("s.due < ?", (UNDATED,))
    return None


def due_of(alias: str) -> str:
    """The same order from the rows themselves."""
    return (
        f'CASE WHEN {alias}."closed" IS NOT NULL THEN {UNDATED + 1} '
        f'ELSE COALESCE({alias}."next_due", {UNDATED}) END'
    )


def values_of(pieces: Sequence[Piece]) -> list[Any]:
    return [value for piece in pieces for value in piece.values]
