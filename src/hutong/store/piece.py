"""A piece of compiled SQL with its values, and the fields of a noun as pieces."""

from __future__ import annotations

import re
from typing import Any, Literal

import msgspec

from hutong.kernel.base import Label
from hutong.kernel.errors import Invalid
from hutong.store.layout import Column, Noun, nouns
from hutong.store.transaction import Dialect

PieceKind = Literal["int", "float", "text", "bool", "json", "wkb", "null", "condition"]

NUMBERS = ("int", "float", "bool")
LINKS = {
    "organisation": "party",
    "owner": "party",
    "subject": "party",
    "commander": "party",
    "provider": "party",
    "holder": "account",
    "by": "account",
    "judged_by": "account",
}
"""Fields that hold an id of another noun and are not named after it."""
TO_SELF = ("parent", "joined_to", "same_angle_as")


class Piece(msgspec.Struct, frozen=True):
    """SQL with `?` for each value. `path` is set for a place inside a JSON column (`sql` is the column)."""

    sql: str
    values: tuple[Any, ...] = ()
    kind: PieceKind = "condition"
    nullable: bool = True
    path: tuple[str, ...] | None = None


_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_:]{0,60}")
TRUE = Piece("1 = 1")
FALSE = Piece("1 = 0")


def joined(parts: list[Piece], word: str) -> Piece:
    """Conditions joined by AND or OR."""
    if len(parts) == 1:
        return parts[0]
    sql = f" {word} ".join(f"({part.sql})" for part in parts)
    return Piece(sql, tuple(value for part in parts for value in part.values))


def literal(dialect: Dialect, value: Any) -> Piece:
    """A value of a query; its type is told to PostgreSQL, which would guess."""
    kinds: tuple[tuple[type, PieceKind, str], ...] = (
        (bool, "bool", "bigint"),
        (int, "int", "bigint"),
        (float, "float", "double precision"),
        (str, "text", "text"),
        (bytes, "wkb", "bytea"),
    )
    if value is None:
        return Piece("NULL", (), "null")
    for type_, kind, cast in kinds:
        if isinstance(value, type_):
            given: Any = int(value) if value is True or value is False else value
            if kind == "int" and not -(2**63) <= given < 2**63:
                raise Invalid("filter", f"{given} does not fit 64 bits")
            if kind == "text" and "\0" in given:
                raise Invalid("filter", "must not hold the character U+0000")
            return Piece("?" if dialect == "sqlite" else f"?::{cast}", (given,), kind, False)
    raise Invalid("filter", f"cannot compare with {value!r}", "use text, a number, true, false or null")


def field_piece(
    dialect: Dialect, noun: Noun, path: tuple[str, ...], alias: str = "t", depth: int = 0
) -> Piece:
    """A field, a place in its JSON, or a field of the row it links to. Invalid names an unknown field."""
    name, rest = path[0], path[1:]
    if name in ("id", "lane", "version") and not rest:
        return Piece(f'{alias}."{name}"', (), "int", False)
    column = noun.column(name)
    if column is None:
        raise _unknown(noun, path)
    sql = f'{alias}."{name}"'
    if column.kind == "cipher":
        raise Invalid("/".join(path), "is personal and kept as ciphertext", "look it up as a whole value")
    if column.kind == "json":
        return Piece(sql, (), "json", True, tuple(map(_usable, rest)) or _label_path(column))
    if not rest:
        return Piece(sql, (), column.kind, column.nullable)
    return _linked(dialect, noun, path, alias, depth)


def _linked(dialect: Dialect, noun: Noun, path: tuple[str, ...], alias: str, depth: int) -> Piece:
    target = _target(noun, path[0])
    if target is None or depth == 4:
        raise _unknown(noun, path)
    inner_alias = f"l{depth}"
    try:
        inner = field_piece(dialect, target, path[1:], inner_alias, depth + 1)
    except Invalid as error:
        raise Invalid(f"{path[0]}/{error.field}", error.reason, error.remedy) from None
    if inner.path is not None:
        inner = json_text(dialect, inner)
    sql = (
        f"(SELECT {inner.sql} FROM {target.table} {inner_alias} "
        f'WHERE {inner_alias}.lane = {alias}.lane AND {inner_alias}.id = {alias}."{path[0]}")'
    )
    return Piece(sql, inner.values, inner.kind, True)


def _target(noun: Noun, name: str) -> Noun | None:
    if name in TO_SELF:
        return noun
    return nouns().get(LINKS.get(name, name))


def _label_path(column: Column) -> tuple[str, ...]:
    """A label alone means its Chinese text."""
    return ("zh",) if column.type in (Label, Label | None) else ()


def _unknown(noun: Noun, path: tuple[str, ...]) -> Invalid:
    known = ", ".join(["id", *(column.name for column in noun.columns)])
    return Invalid("/".join(path), f"is not a field of {noun.name}", f"fields are: {known}")


def _usable(step: str) -> str:
    """SQLite has no way to write a quotation mark in a path, so neither database gets one."""
    if '"' in step or "\0" in step:
        raise Invalid(step, "is not a usable name in a filter")
    return step


def _sqlite_path(path: tuple[str, ...]) -> str:
    return "$" + "".join(f"[{step}]" if step.isdigit() else f'."{step}"' for step in path)


def json_path(dialect: Dialect, path: tuple[str, ...]) -> tuple[str, tuple[Any, ...]]:
    """A path as SQL with its values. Plain names stand in the SQL, so that indexes on expressions are found."""
    if all(_PLAIN.fullmatch(step) for step in path):
        if dialect == "sqlite":
            return f"'{_sqlite_path(path)}'", ()
        return "'{" + ",".join(path) + "}'::text[]", ()
    return ("?", (_sqlite_path(path),)) if dialect == "sqlite" else ("?::text[]", (list(path),))


def json_as(dialect: Dialect, piece: Piece, kind: PieceKind) -> Piece:
    """The value at a place in JSON if it is of that kind, else NULL: text never equals a number."""
    names = {"text": ("'text'", "'string'"), "bool": ("'true', 'false'", "'boolean'")}
    sqlite_names, postgres_name = names.get(kind, ("'integer', 'real'", "'number'"))
    result: PieceKind = kind if kind in ("text", "bool") else "float"
    path, values = json_path(dialect, piece.path or ())
    if dialect == "sqlite":
        sql = f"CASE WHEN json_type({piece.sql}, {path}) IN ({sqlite_names}) THEN json_extract({piece.sql}, {path}) END"
        return Piece(sql, values * 2, result)
    at = f"({piece.sql})::jsonb #> {path}"
    casts = {"text": "#>> '{}'", "bool": "#>> '{}')::boolean::int::bigint"}
    cast = casts.get(result, "#>> '{}')::double precision")
    opening = "(" if result == "text" else "(("
    closing = ') COLLATE "C"' if result == "text" else ")"
    sql = f"CASE WHEN jsonb_typeof({at}) = {postgres_name} THEN {opening}({at}) {cast}{closing} END"
    return Piece(sql, values * 2, result)


def json_text(dialect: Dialect, piece: Piece) -> Piece:
    """Whatever stands at a place in JSON, as text; NULL for nothing and for null."""
    path, values = json_path(dialect, piece.path or ())
    if dialect == "sqlite":
        return Piece(f"json_extract({piece.sql}, {path})", values, "text")
    return Piece(f"(({piece.sql})::jsonb #>> {path})", values, "text")


def json_ids(dialect: Dialect, piece: Piece, alias: str) -> tuple[str, str, tuple[Any, ...]]:
    """A JSON list of ids as a table: its SQL, the expression of an id, and values."""
    path, values = json_path(dialect, piece.path or ())
    if dialect == "sqlite":
        return f"json_each({piece.sql}, {path}) {alias}", f"{alias}.value", values
    listed = f"COALESCE(({piece.sql})::jsonb #> {path}, '[]'::jsonb)"
    return f"jsonb_array_elements_text({listed}) {alias}(id)", f"{alias}.id::bigint", values
