"""`InScope` as SQL: which rows belong to some places or organisations.

Cases and warnings keep their scopes beside them. Other nouns belong to a scope through the place they stand in, the
organisation, thing or case they are of; a noun with none of these belongs to no scope, so a scoped grant shows none.
"""

from __future__ import annotations

from hutong.store.layout import Noun, nouns
from hutong.store.piece import FALSE, Piece, joined
from hutong.store.sql import one_of
from hutong.store.transaction import Dialect

_EXISTS = "EXISTS ("


def in_scope(dialect: Dialect, noun: Noun, ids: tuple[int, ...], alias: str, *, history: bool) -> Piece:
    """Rows with at least one of the ids in their scope."""
    if not ids:
        return FALSE
    if noun.scope_table and not history:
        matched, value = ("x.scope = ?", ids[0]) if len(ids) == 1 else one_of(dialect, "x.scope", ids)
        sql = f"{_EXISTS}SELECT 1 FROM {noun.scope_table} x WHERE x.lane = {alias}.lane AND x.id = {alias}.id"
        return Piece(f"{sql} AND {matched})", (value,))
    if noun.column("scope"):
        return json_has(dialect, f'{alias}."scope"', ids)
    return _through(dialect, noun, ids, alias)


def asked_of_each(dialect: Dialect, piece: Piece) -> Piece:
    """The same question, asked of one row after the other: a fence keeps PostgreSQL from joining all rows of the scope. (SQLite
    never does.)"""
    if dialect == "sqlite":
        return piece
    return Piece(f"{piece.sql[:-1]} OFFSET 0)", piece.values) if piece.sql.startswith(_EXISTS) else piece


def json_has(dialect: Dialect, column: str, ids: tuple[int, ...]) -> Piece:
    """A JSON list of integers holds one of the ids."""
    if dialect == "sqlite":
        matched, value = one_of(dialect, "e.value", ids)
        return Piece(f"EXISTS (SELECT 1 FROM json_each({column}) e WHERE {matched})", (value,))
    members = f"jsonb_array_elements_text(({column})::jsonb) e"
    return Piece(f"EXISTS (SELECT 1 FROM {members} WHERE e::bigint = ANY(?))", (list(ids),))


def _through(dialect: Dialect, noun: Noun, ids: tuple[int, ...], alias: str) -> Piece:
    parts: list[Piece] = []
    own = {"place": "place", "party": "party"}.get(noun.name)
    if own:
        parts.append(_below(dialect, own, ids, f"{alias}.id"))
    for field, tree in (("place", "place"), ("organisation", "party")):
        if noun.column(field):
            parts.append(_below(dialect, tree, ids, f'{alias}."{field}"'))
    for field in ("case", "thing", "account"):
        if noun.column(field):
            inner = in_scope(dialect, nouns()[field], ids, "o", history=False)
            parts.append(_of_other(field, inner, alias))
    return joined(parts, "OR") if parts else FALSE


def _of_other(field: str, inner: Piece, alias: str) -> Piece:
    table = nouns()[field].table
    sql = f'EXISTS (SELECT 1 FROM {table} o WHERE o.lane = {alias}.lane AND o.id = {alias}."{field}"'
    return Piece(f"{sql} AND ({inner.sql}))", inner.values)


def _below(dialect: Dialect, tree: str, ids: tuple[int, ...], column: str) -> Piece:
    """The id in `column` is one of the ids or lies below one of them."""
    matched, value = one_of(dialect, "id", ids)
    table = nouns()[tree].table
    walk = (
        f"WITH RECURSIVE below (lane, id) AS (SELECT lane, id FROM {table} WHERE {matched} UNION SELECT c.lane, c.id "
        f"FROM {table} c JOIN below b ON c.lane = b.lane AND c.parent = b.id) SELECT id FROM below"
    )
    return Piece(f"{column} IN ({walk})", (value,))
