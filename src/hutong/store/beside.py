"""What is kept beside the rows so that lists stay flat: scopes, words, boxes and counters."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator

import msgspec

from hutong.kernel.counting import dated_counter
from hutong.kernel.text import tokens
from hutong.store.codec import Stored
from hutong.store.layout import BOX, DATED_COUNTERS, Noun
from hutong.store.rare_values import value_counters
from hutong.store.scope_rows import picked, scope_counted, scope_counts, write_scopes
from hutong.store.transaction import Tx

Change = tuple[Stored | None, Stored]
"""A row before and after a group (None: it was not there)."""
Counter = tuple[str, str]
"""Its name and key."""
Counting = Callable[[Noun, Stored | None], Iterator[Counter]]


def counter_key(noun: Noun, row: Stored | None) -> str | None:
    """`urban.case/handling`; None for a row that is not there or retired."""
    if row is None or picked(noun, row, ("retired",))[0] is not None:
        return None
    return "/".join(str(value) for value in picked(noun, row, noun.counted))


def counters_of(noun: Noun, row: Stored | None) -> Iterator[Counter]:
    """Every counter that a row is counted in."""
    if noun.counted:
        for _, counted in _counting(noun):
            yield from counted(noun, row)


def moved_counters(noun: Noun, before: Stored | None, after: Stored) -> Iterator[tuple[Counter, int]]:
    """The counters that a row leaves (-1) and enters (+1) as it changes."""
    if not noun.counted:
        return
    for fields, counted in _counting(noun):
        if before is not None and picked(noun, before, fields) == picked(noun, after, fields):
            continue
        for counter in counted(noun, before):
            yield counter, -1
        for counter in counted(noun, after):
            yield counter, 1


@functools.cache
def _counting(noun: Noun) -> tuple[tuple[tuple[str, ...], Counting], ...]:
    """What rows of a noun are counted by: the fields that tell which counters, and the counters of a row."""
    values = tuple(path[0] for path in noun.rare)
    at, parts = DATED_COUNTERS.get(noun.name, ("retired", ()))
    return (
        (("retired", *noun.counted, *scope_counted(noun)), _state_counters),
        (("retired", *values), value_counters),
        (("retired", at, *parts), _dated_counters),
    )


def _state_counters(noun: Noun, row: Stored | None) -> Iterator[Counter]:
    key = counter_key(noun, row)
    if key is not None:
        yield f"{noun.name}.state", key
    yield from scope_counts(noun, row, key)


def _dated_counters(noun: Noun, row: Stored | None) -> Iterator[Counter]:
    dated = dated_key(noun, row)
    if dated is not None:
        yield dated


def dated_key(noun: Noun, row: Stored | None) -> tuple[str, str] | None:
    """(name, key) of the counter by the hour that the row belongs to."""
    dated = DATED_COUNTERS.get(noun.name)
    if dated is None or row is None or picked(noun, row, ("retired",))[0] is not None:
        return None
    at, *values = picked(noun, row, (dated[0], *dated[1]))
    return dated_counter(noun.name, int(at), "/".join(str(value) for value in values))


def word_list(noun: Noun, row: Stored) -> list[str]:
    """Search tokens of the row, each once."""
    found: dict[str, None] = {}
    for column_name in noun.words:
        text = picked(noun, row, (column_name,))[0]
        column = noun.column(column_name)
        if column and column.kind == "json":
            words = msgspec.json.decode(text)
            parts = words.values() if isinstance(words, dict) else words
            text = " ".join(str(part) for part in parts)
        found.update(dict.fromkeys(tokens(text or "")))
    return list(found)


def write_beside(tx: Tx, lane: int, noun: Noun, changes: list[Change], *, scopes: bool = True) -> None:
    """Brings scopes, words and boxes of changed rows up to date."""
    if noun.scope_table and scopes:
        write_scopes(tx, lane, noun, changes)
    if noun.words:
        _write_words(tx, lane, noun, changes)
    if noun.geometry and tx.dialect == "sqlite":
        _write_boxes(tx, noun, changes)


def _moved(noun: Noun, changes: Iterable[Change], names: tuple[str, ...]) -> list[Change]:
    return [
        (before, after)
        for before, after in changes
        if before is None or picked(noun, before, names) != picked(noun, after, names)
    ]


def _write_words(tx: Tx, lane: int, noun: Noun, changes: list[Change]) -> None:
    moved = _moved(noun, changes, noun.words)
    if not moved:
        return
    table = f'"{noun.name}_words"'
    if tx.dialect == "sqlite":
        tx.many(f"DELETE FROM {table} WHERE rowid = ?", [(after.id,) for before, after in moved if before])
        rows = [(after.id, " ".join(word_list(noun, after))) for _, after in moved]
        tx.many(f"INSERT INTO {table} (rowid, words) VALUES (?, ?)", rows)
        return
    tx.many(
        f"INSERT INTO {table} (lane, id, words) VALUES (?, ?, ?) "
        "ON CONFLICT (lane, id) DO UPDATE SET words = excluded.words",
        [(lane, after.id, word_list(noun, after)) for _, after in moved],
    )


def _write_boxes(tx: Tx, noun: Noun, changes: list[Change]) -> None:
    moved = _moved(noun, changes, BOX)
    if not moved:
        return
    table = f'"{noun.name}_box"'
    tx.many(f"DELETE FROM {table} WHERE id = ?", [(after.id,) for before, after in moved if before])
    rows = [
        (after.id, west, east, south, north)
        for _, after in moved
        for west, south, east, north in (picked(noun, after, BOX),)
        if west is not None
    ]
    tx.many(f"INSERT INTO {table} (id, west, east, south, north) VALUES (?, ?, ?, ?, ?)", rows)
