"""Small pieces of SQL that differ between the databases."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from hutong.store.transaction import Dialect


def quoted(names: Iterable[str], prefix: str = "") -> str:
    """Column names, comma separated."""
    return _quoted(tuple(names), prefix)


@functools.lru_cache(maxsize=1024)
def _quoted(names: tuple[str, ...], prefix: str) -> str:
    return ", ".join(f'{prefix}"{name}"' for name in names)


@functools.lru_cache(maxsize=256)
def marks(count: int) -> str:
    return ", ".join("?" * count)


def one_of(dialect: Dialect, expression: str, values: Sequence[Any]) -> tuple[str, Any]:
    """`expression` is one of the integers or texts: SQL with one `?`, and its value."""
    if dialect == "sqlite":
        return f"{expression} IN (SELECT value FROM json_each(?))", msgspec.json.encode(list(values)).decode()
    mixed = {type(value) for value in values} == {int, float}
    return f"{expression} = ANY(?)", [float(value) for value in values] if mixed else list(values)


MANY = 100


def one_of_many(dialect: Dialect, expression: str, values: Sequence[Any]) -> tuple[str, Any]:
    """The same where each row that comes by is asked: PostgreSQL looks through the list of a plan that it keeps from its
    beginning, and through the hash of a query at once."""
    if dialect == "sqlite":
        return one_of(dialect, expression, values)
    kinds = {type(value) for value in values}
    kind = "text" if str in kinds else "double precision" if float in kinds else "bigint"
    given = [float(value) for value in values] if kind == "double precision" else list(values)
    return f"({expression} IN (SELECT unnest(?::{kind}[]))) IS TRUE", given


def upsert(table: str, columns: Sequence[str], key: Sequence[str]) -> str:
    """Inserts a row or replaces the one with the same key."""
    return _upsert(table, tuple(columns), tuple(key))


@functools.lru_cache(maxsize=256)
def _upsert(table: str, columns: tuple[str, ...], key: tuple[str, ...]) -> str:
    rest = [name for name in columns if name not in key]
    changes = ", ".join(f'"{name}" = excluded."{name}"' for name in rest)
    return (
        f"INSERT INTO {table} ({quoted(columns)}) VALUES ({marks(len(columns))}) "
        f"ON CONFLICT ({quoted(key)}) DO UPDATE SET {changes}"
    )
