"""Indexes on values inside JSON columns: the same expressions that comparisons compile to, so both databases use them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Literal

from hutong.kernel.errors import Invalid
from hutong.store.layout import Noun
from hutong.store.piece import field_piece, json_as
from hutong.store.transaction import Dialect, Tx

Values = Literal["text", "float", "bool"]
_LONGEST_NAME = 60


def json_index(dialect: Dialect, noun: Noun, path: tuple[str, ...], values: Values) -> str:
    """DDL of an index on values of one kind at a place in JSON. Invalid for a path whose names are not plain."""
    piece = field_piece(dialect, noun, path, noun.table)
    if piece.path is None:
        raise Invalid("/".join(path), f"is not inside JSON of {noun.name}")
    expression = json_as(dialect, piece, values)
    if expression.values:
        raise Invalid("/".join(path), "cannot be indexed", "use letters, digits and underscores in its name")
    name = "_".join((noun.name, "of", *path, values)).replace(":", "_")
    if len(name) > _LONGEST_NAME:
        name = f"{name[:40]}_{sha256(name.encode()).hexdigest()[:12]}"
    sql = expression.sql.replace(f"{noun.table}.", "")
    return f'CREATE INDEX IF NOT EXISTS "{name}" ON {noun.table} (lane, ({sql}), id)'


def index_properties(tx: Tx, noun: Noun, properties: Iterable[tuple[str, Values]]) -> None:
    """Indexes places in `properties`; those that are there stay as they are. SQLite looks at a sample of the rows, or it
    would believe that the lane alone finds few of them."""
    for sql in _wanted(tx.dialect, noun, properties):
        tx.execute(sql)
    if tx.dialect == "sqlite":
        tx.execute("PRAGMA analysis_limit = 1000")
        tx.execute(f"ANALYZE {noun.table}")


def _wanted(dialect: Dialect, noun: Noun, properties: Iterable[tuple[str, Values]]) -> Iterator[str]:
    for name, values in sorted(set(properties)):
        yield json_index(dialect, noun, ("properties", name), values)
