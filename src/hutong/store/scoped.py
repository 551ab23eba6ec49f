"""Lists of cases and warnings in the order of their time or their next deadline, read from the scope table: a page is one
short index range, whatever the asker may see.

The scope that leads is the smallest that the filter names; for an asker who may see everything it is the whole city.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from hutong.kernel.query import And, Compare, Expr, Field, In, InScope, IsNull, Not, Or, Order, Value
from hutong.store.layout import Noun
from hutong.store.piece import Piece
from hutong.store.scope_rows import EVERYWHERE, OPEN
from hutong.store.sql import one_of
from hutong.store.transaction import Dialect, Tx

_SORTS = {"case": {"opened": "opened"}, "warning": {"raised": "raised"}}
_COPIED = {"case": ("procedure", "opened"), "warning": ("state", "raised")}
_CHANGING = ("state", "closed", "next_due", "late_from")
"""Fields of a case that change while it is open: many rows may have one value, so an index of them is no start for a list."""
ENDED = Not(IsNull(Field(("closed",))))
STILL_OPEN = IsNull(Field(("closed",)))
LOOKED_UP = 200
"""Rows named by the filter that are looked up as they are; of more the scope table tells first which ones the page needs."""


class Scoped(msgspec.Struct, frozen=True):
    """The scope table `s` leads, the rows `t` follow. `rest` is what remains of the filter; `ended`: of cases only those that
    have ended are asked for, whose state it knows; `stays`: all of it can be told from the scope table alone."""

    noun: Noun
    scope: int
    rest: Expr
    sorts: tuple[str, ...]
    ended: bool
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
        return {name: f's."{name}"' for name in (*_copied(self.noun, self.ended), "id", "lane")}


def _copied(noun: Noun, ended: bool) -> tuple[str, ...]:
    """Fields whose values stand in the scope table."""
    return (*_COPIED[noun.name], "state") if ended else _COPIED[noun.name]


def scoped(tx: Tx, noun: Noun, where: Expr, order: Sequence[Order] | None, *, history: bool) -> Scoped | None:
    """None where the rows themselves are the better start. `order` None: they are only counted."""
    if history or noun.scope_table is None:
        return None
    sorts = ("id",) if order is None else _sorts(noun, order)
    parts = flat(where)
    if not sorts or selective(parts, noun) or (order is None and _by_limit(parts)):
        return None
    lead = led(tx, noun, parts)
    if lead is None or (order is None and not lead.stays and STILL_OPEN not in parts):
        return None
    first = "+" if order is not None and _by_ids(parts) and tx.dialect == "sqlite" else ""
    return replace(lead, sorts=tuple(f'{first}s."{name}"' for name in sorts))


def open_ones(tx: Tx, noun: Noun, where: Expr) -> Scoped | None:
    """Where the scope table leads to the open cases that are asked for: they are few among those that have ended, and no
    index of the rows themselves knows them."""
    parts = flat(where)
    if noun.name != "case" or STILL_OPEN not in parts or selective(parts, noun):
        return None
    lead = led(tx, noun, parts)
    return None if lead is None else replace(lead, stays=False)


def led(tx: Tx, noun: Noun, parts: Sequence[Expr]) -> Scoped | None:
    """By the smallest scope that is named; of cases by the whole city where none is. In the order of ids."""
    leading = _smallest(tx, noun, [one for one in parts if isinstance(one, InScope) and len(one.ids) == 1])
    if leading is None and noun.name != "case":
        return None
    rest = And(tuple(part for part in parts if part is not leading))
    scope = EVERYWHERE if leading is None else leading.ids[0]
    ended = noun.name != "case" or ENDED in parts
    return Scoped(noun, scope, rest, ('s."id"',), ended, _stays(rest, noun, ended), tx.dialect)


def few_open(tx: Tx, lead: Scoped, lane: int, few: int) -> bool:
    """Are at most so many cases of the scope open?"""
    sql = f"SELECT 1 FROM {lead.table} WHERE s.lane = ? AND s.scope = ? AND s.state = ? LIMIT ?"
    found = tx.row(f"SELECT count(*) FROM ({sql}) AS counted", (lane, lead.scope, OPEN, few + 1))
    return found is None or found[0] <= few


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


def selective(parts: Sequence[Expr], noun: Noun) -> bool:
    """A filter that an index of the rows themselves answers with few of them."""
    firsts = {columns[0] for columns in noun.indexes} - {
        *_COPIED[noun.name],
        *_CHANGING,
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


def _by_limit(parts: Sequence[Expr]) -> bool:
    """Cases whose limit has run out: an index of the rows themselves knows them, without an order that lists have."""
    return any(isinstance(part, Compare) and part.left == Field(("late_from",)) for part in parts)


def _by_ids(parts: Sequence[Expr]) -> bool:
    """The rows are named, so they are looked up in the scope table one by one and then sorted."""
    return any(isinstance(part, In) and part.left == Field(("id",)) for part in parts)


def _stays(expr: Expr, noun: Noun, ended: bool) -> bool:
    """Can it be told from the scope table alone?"""
    match expr:
        case And(parts) | Or(parts):
            return all(_stays(part, noun, ended) for part in parts)
        case _ if beside(expr, noun) is not None:
            return True
        case Not(part):
            return _stays(part, noun, ended)
        case Compare(_, Field((name,)), Value()) | IsNull(Field((name,))):
            return name in _copied(noun, ended)
        case In(Field((name,)), _):
            return name == "id" or name in _copied(noun, ended)
        case InScope():
            return True
    return False


def beside(expr: Expr, noun: Noun) -> Piece | None:
    """Whether a case has ended, as the scope table says it; None for any other condition."""
    if noun.name != "case":
        return None
    if expr == STILL_OPEN:
        return Piece("s.state = ?", (OPEN,))
    return Piece("s.state <> ?", (OPEN,)) if expr == ENDED else None


def values_of(pieces: Sequence[Piece]) -> list[Any]:
    return [value for piece in pieces for value in piece.values]
