"""What a list of one place or organisation is read from: a row of the scope table for each scope that a case or warning is
in, with the little that lists are sorted and filtered by, and counters for each scope.

The whole city is scope 0, so the lists of somebody who may see everything are read the same way. The rows of a case hold only
what stays as it is while the case is open, so a step of it writes none of them: that it is open, and once it has ended its
state.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Iterator

import msgspec

from hutong.store.codec import Stored
from hutong.store.layout import Noun
from hutong.store.sql import marks, quoted, upsert
from hutong.store.transaction import Row, Tx

EVERYWHERE = 0
OPEN = ""
"""`state` of every case that has not ended: its own state stands in its row alone."""
SCOPE_COLUMNS = {
    "case": ("procedure", "state", "opened"),
    "warning": ("state", "raised"),
}
_KEPT = {"case": ("procedure", "state", "opened", "closed")}
_KEY = ("lane", "scope", "id")
_decoded = functools.lru_cache(maxsize=8192)(msgspec.json.Decoder(type=tuple[int, ...]).decode)


@functools.cache
def _picker(noun: Noun, names: tuple[str, ...]) -> Callable[[Row], Row]:
    places = [noun.stored.index(name) for name in names]
    if len(places) > 1:
        return operator.itemgetter(*places)
    (place,) = places
    return lambda values: (values[place],)


def picked(noun: Noun, row: Stored, names: tuple[str, ...]) -> Row:
    """Some stored values of a row."""
    return _picker(noun, names)(row.values)


def scopes_of(noun: Noun, row: Stored | None) -> tuple[int, ...]:
    """The scopes it is listed in, each once; none if it is not there or retired."""
    if row is None:
        return ()
    retired, scope = picked(noun, row, ("retired", "scope"))
    if retired is not None:
        return ()
    found = tuple(dict.fromkeys(_decoded(scope)))
    return (EVERYWHERE, *found) if noun.name in _KEPT else found


def scope_values(noun: Noun, row: Stored) -> Row:
    """What stands in the scope table beside the key."""
    if noun.name not in _KEPT:
        return picked(noun, row, SCOPE_COLUMNS[noun.name])
    procedure, state, opened, closed = picked(noun, row, _KEPT[noun.name])
    return (procedure, OPEN if closed is None else state, opened)


def write_scopes(tx: Tx, lane: int, noun: Noun, changes: list[tuple[Stored | None, Stored]]) -> None:
    """Brings the scope rows of changed rows up to date."""
    gone: list[Row] = []
    rows: list[Row] = []
    fresh = True
    for before, after in changes:
        old, new = scopes_of(noun, before), scopes_of(noun, after)
        values = scope_values(noun, after)
        if before is not None:
            if old == new and scope_values(noun, before) == values:
                continue
            fresh = False
            gone += [(lane, scope, after.id) for scope in old if scope not in new]
        rows += [(lane, scope, after.id, *values) for scope in new]
    table = f'"{noun.scope_table}"'
    names = (*_KEY, *SCOPE_COLUMNS[noun.name])
    if gone:
        tx.many(f"DELETE FROM {table} WHERE lane = ? AND scope = ? AND id = ?", gone)
    if not rows:
        return
    if fresh:
        tx.many(f"INSERT INTO {table} ({quoted(names)}) VALUES ({marks(len(names))})", rows)
    else:
        tx.many(upsert(table, names, _KEY), rows)


def scope_counted(noun: Noun) -> tuple[str, ...]:
    """Fields that tell which of the counters of scopes a row is counted in."""
    return ("scope", "late_from") if noun.name in _KEPT else ()


def scope_counts(noun: Noun, row: Stored | None, key: str | None) -> Iterator[tuple[str, str]]:
    """(name, key) of the counters of each scope that the row is counted in: `case.state.SCOPE` by `key`, and
    `case.late.SCOPE` by procedure while it is told to be overdue."""
    if row is None or key is None or noun.name not in _KEPT:
        return
    late = picked(noun, row, ("late_from",))[0] == 0
    for scope in scopes_of(noun, row):
        if scope != EVERYWHERE:
            yield f"{noun.name}.state.{scope}", key
        if late:
            yield f"{noun.name}.late.{scope}", key.partition("/")[0]
