"""Keyset pages: the next page starts after the last row's sort values and id, so rows that arrive disturb nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec

from hutong.kernel.base import Entity, Instant
from hutong.kernel.errors import Invalid
from hutong.kernel.query import Expr, Order, Page
from hutong.store.by_due import Part, asks_by_due, by_due, due_of, sorted_by_due
from hutong.store.codec import Codec, field_names
from hutong.store.compile import Compiler
from hutong.store.cursors import read_cursor, write_cursor
from hutong.store.layout import Noun, noun_of
from hutong.store.piece import Piece, field_piece, joined, json_as
from hutong.store.scoped import Scoped, scoped
from hutong.store.sql import marks, one_of, quoted
from hutong.store.transaction import Row, Tx
from hutong.store.wording import narrowed

E = TypeVar("E", bound=Entity)
LONGEST = 100_000


class Asked(msgspec.Struct, frozen=True):
    """What a page is asked by."""

    where: Expr
    order: Sequence[Order] = ()
    limit: int = 100
    after: str | None = None
    as_of: Instant | None = None
    retired: bool = False


class SortKey(msgspec.Struct, frozen=True):
    piece: Piece
    descending: bool


def find(tx: Tx, codec: Codec, struct: type[E], lanes: tuple[int, ...], asked: Asked) -> Page[E]:
    """A page of rows as entities."""
    if not 0 < asked.limit <= LONGEST:
        raise Invalid("limit", f"must be from 1 to {LONGEST}")
    noun = noun_of(struct)
    history = asked.as_of is not None
    asked = msgspec.structs.replace(
        asked, where=narrowed(tx, noun, asked.where, history=history, retired=asked.retired)
    )
    if not (history or asked.retired) and asks_by_due(noun, asked.where, asked.order):
        found = _found_by_due(tx, codec, noun, lanes, asked)
    else:
        compiler = Compiler(tx, noun, codec.vault, lanes, asked.as_of)
        lead = None if asked.retired else scoped(tx, noun, asked.where, asked.order, history=history)
        keys = _sort_keys(compiler, asked.order) if lead is None else _scope_keys(lead, asked.order)
        found = _found(compiler, asked, lead, keys)
    names = field_names(noun)
    rows = tuple(codec.decode(struct, noun, row) for row in found[: asked.limit])
    more = len(found) > asked.limit
    return Page(rows, write_cursor(list(found[asked.limit - 1][len(names) :])) if more else None)


def _found(compiler: Compiler, asked: Asked, lead: Scoped | None, keys: list[SortKey]) -> list[Row]:
    """The rows of a page and one more, if there is one, with their sort values behind them."""
    conditions = conditions_of(compiler, asked, lead)
    if asked.after is not None:
        conditions.append(_beyond(keys, read_cursor(asked.after, len(keys))))
    query = (
        _listed(compiler, asked, conditions, keys) if lead is None else _led(lead, asked, conditions, keys)
    )
    return compiler.tx.rows(query.sql, query.values)


def _found_by_due(tx: Tx, codec: Codec, noun: Noun, lanes: tuple[int, ...], asked: Asked) -> list[Row]:
    descending = asked.order[0].descending

    def ask(part: Part, most: int, after: str | None) -> list[Row]:
        compiler = Compiler(tx, noun, codec.vault, lanes)
        order = (Order(("id",), descending),)
        page = Asked(part.where, order, most - 1, after)
        if part.lead is not None:
            lead = part.lead if part.value is not None else sorted_by_due(part.lead)
            return _found(compiler, page, lead, _scope_keys(lead, order))
        compiler.in_order = True
        keys = [SortKey(Piece(f't."{name}"', (), "int", False), descending) for name in ("next_due", "id")]
        return _found(compiler, page, None, keys)

    return by_due(tx, noun, lanes, asked.where, asked.limit + 1, asked.after, descending=descending, ask=ask)


def _listed(compiler: Compiler, asked: Asked, conditions: list[Piece], keys: list[SortKey]) -> Piece:
    """The rows themselves, sorted."""
    condition = joined(conditions, "AND")
    names = field_names(compiler.noun)
    selected = ", ".join([quoted(names, "t."), *(key.piece.sql for key in keys)])
    sql = (
        f"SELECT {selected} FROM {compiler.source} t WHERE {condition.sql} "
        f"ORDER BY {_ordering(keys, len(names))} LIMIT ?"
    )
    return Piece(sql, (*_values(keys), *condition.values, asked.limit + 1))


def _led(lead: Scoped, asked: Asked, conditions: list[Piece], keys: list[SortKey]) -> Piece:
    """The scope table in its order; where it can tell alone which rows hold, only those of the page are looked up."""
    names = field_names(lead.noun)
    condition = joined(conditions if lead.stays else [lead.joining, *conditions], "AND")
    order = ", ".join(f"{key.piece.sql} {'DESC' if key.descending else 'ASC'}" for key in keys)
    sorts = ", ".join(key.piece.sql for key in keys)
    if not lead.stays:
        sql = f"SELECT {quoted(names, 't.')}, {sorts} FROM {lead.source} WHERE {condition.sql} ORDER BY {order} LIMIT ?"
        return Piece(sql, (*condition.values, asked.limit + 1))
    plain = [key.piece.sql.removeprefix("+") for key in keys]
    named = ", ".join(f"{one} AS {one.partition('.')[2]}" for one in plain)
    inner = f"SELECT s.lane, {named} FROM {lead.table} WHERE {condition.sql} ORDER BY {order} LIMIT ?"
    sql = (
        f"SELECT {quoted(names, 't.')}, {', '.join(plain)} FROM ({inner}) s CROSS JOIN {lead.noun.table} t "
        f"WHERE {lead.joining.sql} ORDER BY {order}"
    )
    return Piece(sql, (*condition.values, asked.limit + 1))


def _ordering(keys: list[SortKey], first: int) -> str:
    """Sort keys by their place among the selected columns."""
    return ", ".join(f"{first + n} {'DESC' if key.descending else 'ASC'}" for n, key in enumerate(keys, 1))


def _scope_keys(lead: Scoped, order: Sequence[Order]) -> list[SortKey]:
    return [SortKey(Piece(sql, (), "int", False), order[0].descending) for sql in lead.sorts]


def count(
    tx: Tx, codec: Codec, struct: type[Entity], lanes: tuple[int, ...], asked: Asked, at_most: int
) -> int:
    """How many rows match, counted no further than `at_most`."""
    noun = noun_of(struct)
    history = asked.as_of is not None
    asked = msgspec.structs.replace(
        asked, where=narrowed(tx, noun, asked.where, history=history, retired=asked.retired)
    )
    compiler = Compiler(tx, noun, codec.vault, lanes, asked.as_of)
    lead = None if asked.retired else scoped(tx, noun, asked.where, None, history=history)
    conditions = conditions_of(compiler, asked, lead)
    source = f"{compiler.source} t" if lead is None else lead.table
    if lead is not None and not lead.stays:
        source, conditions = lead.source, [lead.joining, *conditions]
    condition = joined(conditions, "AND")
    sql = f"SELECT count(*) FROM (SELECT 1 FROM {source} WHERE {condition.sql} LIMIT ?) AS counted"
    row = tx.row(sql, [*condition.values, at_most])
    return int(row[0]) if row else 0


def find_each(
    tx: Tx, codec: Codec, struct: type[E], lanes: tuple[int, ...], link: str, ids: Sequence[int], asked: Asked
) -> dict[int, Page[E]]:
    """The first page of the rows that each of `ids` is linked to by the field `link`, by one query."""
    noun = noun_of(struct)
    compiler = Compiler(tx, noun, codec.vault, lanes, asked.as_of)
    keys = _sort_keys(compiler, asked.order)
    owner = field_piece(tx.dialect, noun, (link,))
    matched, value = one_of(tx.dialect, owner.sql, list(ids))
    condition = joined([Piece(matched, (value,)), *conditions_of(compiler, asked)], "AND")
    names = field_names(noun)
    sorts = ", ".join(f"{key.piece.sql} AS k{n}" for n, key in enumerate(keys))
    order = ", ".join(f"k{n} {'DESC' if key.descending else 'ASC'}" for n, key in enumerate(keys))
    rows = f"SELECT {quoted(names, 't.')}, {sorts} FROM {compiler.source} t WHERE {condition.sql}"
    numbered = (
        f'SELECT r.*, row_number() OVER (PARTITION BY r."{link}" ORDER BY {order}) AS nth FROM ({rows}) r'
    )
    sql = f'SELECT * FROM ({numbered}) n WHERE nth <= ? ORDER BY "{link}", nth'
    found: dict[int, list[Any]] = {}
    at = names.index(link)
    for row in tx.rows(sql, [*_values(keys), *condition.values, asked.limit + 1]):
        found.setdefault(row[at], []).append(row)
    return {id: _page(codec, struct, some, asked.limit) for id, some in found.items()}


def _page(codec: Codec, struct: type[E], rows: list[Any], limit: int) -> Page[E]:
    """Of rows with their sort values and a number behind them."""
    noun = noun_of(struct)
    kept = tuple(codec.decode(struct, noun, row) for row in rows[:limit])
    first = len(field_names(noun))
    return Page(kept, write_cursor(list(rows[limit - 1][first:-1])) if len(rows) > limit else None)


def conditions_of(compiler: Compiler, asked: Asked, lead: Scoped | None = None) -> list[Piece]:
    if lead is None:
        return [*compiler.standing(retired=asked.retired), compiler.condition(asked.where)]
    compiler.lead = lead
    one = "s.lane = ?" if len(compiler.lanes) == 1 else f"s.lane IN ({marks(len(compiler.lanes))})"
    return [Piece(one, compiler.lanes), lead.condition, compiler.condition(lead.rest)]


def _values(keys: list[SortKey]) -> list[Any]:
    return [value for key in keys for value in key.piece.values]


def _sort_keys(compiler: Compiler, order: Sequence[Order]) -> list[SortKey]:
    """The order, then the id; what may be missing sorts last (first when descending)."""
    found: list[SortKey] = []
    for wish in order:
        if wish.path == ("id",):
            return [*found, SortKey(Piece('t."id"', (), "int", False), wish.descending)]
        found += [SortKey(piece, wish.descending) for piece in _sortable(compiler, wish)]
    last = found[-1].descending if found else False
    return [*found, SortKey(Piece('t."id"', (), "int", False), last)]


def _sortable(compiler: Compiler, wish: Order) -> list[Piece]:
    if compiler.noun.name == "case" and wish.path == ("next_due",):
        return [Piece(due_of("t"), (), "int", False)]
    piece = field_piece(compiler.dialect, compiler.noun, wish.path)
    if piece.path is None:
        return _nulls_last(piece) if piece.nullable else [piece]
    both = [json_as(compiler.dialect, piece, kind) for kind in ("float", "text")]
    return [part for one in both for part in _nulls_last(one)]


def _nulls_last(piece: Piece) -> list[Piece]:
    empty = {"text": "''", "wkb": "NULL"}.get(piece.kind, "0")
    return [
        Piece(f"CASE WHEN {piece.sql} IS NULL THEN 1 ELSE 0 END", piece.values, "int", False),
        Piece(f"COALESCE({piece.sql}, {empty})", piece.values, piece.kind, False),
    ]


def _beyond(keys: list[SortKey], last: list[Any]) -> Piece:
    """Rows that come after the given sort values."""
    if len({key.descending for key in keys}) == 1:
        sign = "<" if keys[0].descending else ">"
        left = ", ".join(key.piece.sql for key in keys)
        return Piece(f"({left}) {sign} ({marks(len(keys))})", (*_values(keys), *last))
    choices: list[Piece] = []
    for place, key in enumerate(keys):
        same = [_beside(one, "=", last[n]) for n, one in enumerate(keys[:place])]
        choices.append(joined([*same, _beside(key, "<" if key.descending else ">", last[place])], "AND"))
    return joined(choices, "OR")


def _beside(key: SortKey, sign: str, value: Any) -> Piece:
    return Piece(f"{key.piece.sql} {sign} ?", (*key.piece.values, value))
