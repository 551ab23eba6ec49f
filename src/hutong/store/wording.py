"""Words in a filter: rare ones are looked up first and the filter goes on with the few rows they are in; frequent ones are
asked of each row that comes by in the order of the list, as a page is soon full. So are values of some fields."""

from __future__ import annotations

import math
from collections.abc import Sequence

from hutong.kernel.query import And, Call, Expr, Field, In, Matches, Or, Value
from hutong.kernel.text import tokens
from hutong.store.layout import Noun
from hutong.store.piece import Piece
from hutong.store.rare_values import valued
from hutong.store.scope_rows import EVERYWHERE
from hutong.store.transaction import Dialect, Tx

FEW = 1000
"""Rows that are always looked up first."""
STEPS: dict[Dialect, int] = {"sqlite": 400, "postgresql": 64}
"""A row that comes by in the order of the list costs eight times (PostgreSQL: as much) as one that is looked up by words, and
a page of fifty is to be filled: both ways cost the same where the words are in the root of so many times all rows."""
SAMPLE = 300
"""Newest rows that are looked at to see whether words are frequent."""
SURE = 8
"""Of these must have them."""


def _few(dialect: Dialect, rows: int) -> int:
    """How many rows are few: in a city of a million cases, two of a hundred."""
    return max(FEW, math.isqrt(STEPS[dialect] * rows))


def _rows(tx: Tx, noun: Noun) -> int:
    """How many rows there are, by kept counters."""
    sql = "SELECT sum(value) FROM counter WHERE lane IN (SELECT lane FROM lane) AND name = ?"
    kept = tx.row(sql, (f"{noun.name}.state",))
    return int((kept and kept[0]) or 0)


def _frequent(tx: Tx, noun: Noun, words: Sequence[str], part: float) -> bool:
    """Clearly more than this part of the newest rows have all the words. Only a guess, which saves looking up many in vain."""
    newest = (
        f'SELECT lane, id FROM "{noun.scope_table}" WHERE lane = (SELECT min(lane) FROM lane) AND scope = ? '
        "ORDER BY opened DESC, id DESC LIMIT ?"
    )
    held = holds_words(tx.dialect, noun, words, "s")
    sql = f"SELECT count(*) FROM ({newest}) s"
    if tx.dialect == "sqlite":
        sql += f" CROSS JOIN {noun.table} t ON t.lane = s.lane AND t.id = s.id"
    found = tx.row(f"{sql} WHERE {held.sql}", (EVERYWHERE, SAMPLE, *held.values))
    return found is not None and found[0] >= max(SURE, 1.3 * part * SAMPLE)


def with_words(dialect: Dialect, noun: Noun, words: Sequence[str], alias: str) -> Piece:
    """Rows with all the words, found by them."""
    table = f'"{noun.name}_words"'
    if dialect == "sqlite":
        return Piece(f"{alias}.id IN (SELECT rowid FROM {table} WHERE {table} MATCH ?)", (_phrase(words),))
    return Piece(f"{alias}.id IN (SELECT w.id FROM {table} w WHERE w.words @> ?::text[])", (list(words),))


def holds_words(dialect: Dialect, noun: Noun, words: Sequence[str], alias: str) -> Piece:
    """The row has all the words: asked of one row after the other. (FTS5 is slow at being asked about one row.)"""
    if dialect == "sqlite":
        columns = ", ".join(f't."{name}"' for name in noun.words)
        return Piece(f"holds_words(?, {columns}) = 1", (" ".join(words),))
    table = f'"{noun.name}_words"'
    sql = f"(SELECT w.words @> ?::text[] FROM {table} w WHERE w.lane = {alias}.lane AND w.id = {alias}.id)"
    return Piece(sql, (list(words),))


def _phrase(words: Sequence[str]) -> str:
    return " ".join(f'"{word}"' for word in words)


def narrowed(tx: Tx, noun: Noun, where: Expr, *, history: bool, retired: bool = False) -> Expr:
    """The filter with the ids of rows in place of words, of the beginning of a number, or of values that few rows have
    (`retired` rows are not counted, so values are asked of each row where these are wanted too)."""
    if history or noun.scope_table is None or not noun.words:
        return where
    if isinstance(where, And):
        return And(tuple(narrowed(tx, noun, part, history=history, retired=retired) for part in where.parts))
    ids = _named(tx, noun, where)
    if ids is None and not retired:
        ids = valued(tx, noun, where, lambda: _few(tx.dialect, _rows(tx, noun)))
    return where if ids is None else In(Field(("id",)), ids)


def _named(tx: Tx, noun: Noun, part: Expr) -> tuple[int, ...] | None:
    """Ids of the rows that hold; None if they are many, or the filter is about something else."""
    match part:
        case Matches(text):
            words = list(dict.fromkeys(tokens(text)))
            return _worded(tx, noun, words) if words else ()
        case Call("startswith", (Field(("number",)), Value(str(start)))) if start and "\0" not in start:
            return _numbered(tx, noun, start)
        case Or(parts) if len(parts) == 2 and isinstance(parts[0], Matches):
            found = [_named(tx, noun, one) for one in parts]
            if any(one is None for one in found):
                return None
            return tuple(sorted({id for one in found for id in one or ()}))
    return None


def _worded(tx: Tx, noun: Noun, words: list[str]) -> tuple[int, ...] | None:
    table, rows = f'"{noun.name}_words"', _rows(tx, noun)
    few = _few(tx.dialect, rows)
    if rows > few and _frequent(tx, noun, words, few / rows):
        return None
    if tx.dialect == "sqlite":
        sql, value = f"SELECT rowid FROM {table} WHERE {table} MATCH ? LIMIT ?", _phrase(words)
        found = tx.rows(sql, (value, few + 1))
    else:
        found = tx.rows(f"SELECT id FROM {table} WHERE words @> ?::text[] LIMIT ?", (words, few + 1))
    return None if len(found) > few else tuple(row[0] for row in found)


def _numbered(tx: Tx, noun: Noun, start: str) -> tuple[int, ...] | None:
    sql = f"SELECT id FROM {noun.table} WHERE lane IN (SELECT lane FROM lane) AND number >= ? AND number < ? LIMIT ?"
    rows = tx.rows(sql, (start, start + "\U0010ffff", FEW + 1))
    return None if len(rows) > FEW else tuple(row[0] for row in rows)
