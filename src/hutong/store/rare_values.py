"""Values that few rows have, such as a class of cases: kept counters tell how many, an index of the values tells which."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator

import msgspec

from hutong.kernel.query import Call, Compare, Expr, Field, In, Value
from hutong.store.codec import Stored
from hutong.store.layout import Noun
from hutong.store.piece import field_piece, json_as
from hutong.store.scope_rows import picked
from hutong.store.sql import one_of
from hutong.store.transaction import Tx

Path = tuple[str, ...]


def value_counters(noun: Noun, row: Stored | None) -> Iterator[tuple[str, str]]:
    """(name, key) of the counter of each such value that a row has; none of one that is not there or retired."""
    if row is None or not noun.rare or picked(noun, row, ("retired",))[0] is not None:
        return
    for path in noun.rare:
        (stored,) = picked(noun, row, path[:1])
        value = _inside(stored, path[1:]) if len(path) > 1 else stored
        if value:
            yield _counter(noun, path), value


def _counter(noun: Noun, path: Path) -> str:
    return f"{noun.name}.{'/'.join(path)}"


@functools.lru_cache(maxsize=4096)
def _inside(content: str, path: Path) -> str:
    """The text at a place in JSON; empty if there is none."""
    found = msgspec.json.decode(content)
    for step in path:
        found = found.get(step) if isinstance(found, dict) else None
    return found if isinstance(found, str) else ""


def valued(tx: Tx, noun: Noun, part: Expr, few: Callable[[], int]) -> tuple[int, ...] | None:
    """Ids of the rows whose value holds; None if they are more than `few`, or the filter is about something else."""
    wish = _wish(noun, part)
    if wish is None:
        return None
    path, holds = wish
    sql = (
        "SELECT key, sum(value) FROM counter WHERE lane IN (SELECT lane FROM lane) AND name = ? GROUP BY key"
    )
    kept = {key: int(count) for key, count in tx.rows(sql, (_counter(noun, path),)) if holds(key)}
    if sum(kept.values()) > few():
        return None
    if not kept:
        return ()
    piece = field_piece(tx.dialect, noun, path)
    value = piece if piece.path is None else json_as(tx.dialect, piece, "text")
    matched, given = one_of(tx.dialect, value.sql, list(kept))
    rows = tx.rows(
        f"SELECT id FROM {noun.table} t WHERE lane IN (SELECT lane FROM lane) AND {matched}",
        (*value.values, given),
    )
    return tuple(row[0] for row in rows)


def _wish(noun: Noun, part: Expr) -> tuple[Path, Callable[[str], bool]] | None:
    """What the filter asks of such a value."""
    match part:
        case Call("startswith", (Field(path), Value(str(start)))) if path in noun.rare and start:
            return path, lambda value: value.startswith(start)
        case Compare("eq", Field(path), Value(str(wanted))) if path in noun.rare and wanted:
            return path, lambda value: value == wanted
        case In(Field(path), values) if path in noun.rare:
            return path, frozenset(values).__contains__
    return None
