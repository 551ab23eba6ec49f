"""Small pieces of SQL that differ between the databases."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from hutong.store.transaction import Dialect


def quoted(names: Iterable[str], prefix: str = "") -> str:
    """Column names, comma separated."""
    return ", ".join(f'{prefix}"{name}"' for name in names)


def marks(count: int) -> str:
    return ", ".join("?" * count)


def one_of(dialect: Dialect, expression: str, values: Sequence[Any]) -> tuple[str, Any]:
    """`expression` is one of the integers or texts: SQL with one `?`, and its value."""
    if dialect == "sqlite":
        return f"{expression} IN (SELECT value FROM json_each(?))", msgspec.json.encode(list(values)).decode()
    mixed = {type(value) for value in values} == {int, float}
    return f"{expression} = ANY(?)", [float(value) for value in values] if mixed else list(values)


def upsert(table: str, columns: Sequence[str], key: Sequence[str]) -> str:
    """Inserts a row or replaces the one with the same key."""
    rest = [name for name in columns if name not in key]
    changes = ", ".join(f'"{name}" = excluded."{name}"' for name in rest)
    return (
        f"INSERT INTO {table} ({quoted(columns)}) VALUES ({marks(len(columns))}) "
        f"ON CONFLICT ({quoted(key)}) DO UPDATE SET {changes}"
    )
