"""Lists of cases by their next deadline: first the open ones that wait for something in time, then the other open ones, last
those that have ended. Each part is read in the order of an index, or is a few rows that are sorted; a page may begin in one
part and end in a later one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import msgspec
from msgspec.structs import replace

from hutong.kernel.query import Expr, Field, IsNull, Not, Order, both
from hutong.store.cursors import read_cursor, write_cursor
from hutong.store.layout import Noun
from hutong.store.scope_rows import EVERYWHERE
from hutong.store.scoped import ENDED, STILL_OPEN, Scoped, few_open, flat, led, selective
from hutong.store.transaction import Row, Tx

LAST = 1 << 62
"""Sort value of a case that has ended."""
UNDATED = LAST - 1
"""Sort value of an open case that waits for nothing in time."""
FEW_OPEN = 1000
"""Open cases of a scope that are sorted; where there are more, all open ones come by in their order until the page is full."""
_DUE = ("next_due",)
_WAITS = Not(IsNull(Field(_DUE)))
_WAITS_FOR_NOTHING = IsNull(Field(_DUE))


class Part(msgspec.Struct, frozen=True):
    """A part of the list. `value`: the sort value of all of it (None: each row has its own). `lead`: the scope table leads;
    otherwise the rows come in the order of `next_due`."""

    where: Expr
    value: int | None
    lead: Scoped | None = None


Ask = Callable[[Part, int, str | None], list[Row]]
"""(part, rows, cursor within the part) → so many rows, each with its sort values at its end."""


def due_of(alias: str) -> str:
    """The sort value of a row."""
    return (
        f'CASE WHEN {alias}."closed" IS NOT NULL THEN {LAST} ELSE COALESCE({alias}."next_due", {UNDATED}) END'
    )


def asks_by_due(noun: Noun, where: Expr, order: Sequence[Order]) -> bool:
    """Is it the order of `next_due` of rows that no index names?"""
    paths = [wish.path for wish in order if wish.path != ("id",)]
    alike = len({wish.descending for wish in order}) == 1
    return noun.name == "case" and paths == [_DUE] and alike and not selective(flat(where), noun)


def by_due(
    tx: Tx,
    noun: Noun,
    lanes: tuple[int, ...],
    where: Expr,
    limit: int,
    after: str | None,
    *,
    descending: bool,
    ask: Ask,
) -> list[Row]:
    """Up to `limit` rows with their sort values, the due and the id, at the end of each."""
    parts = list(_parts(tx, noun, where, lanes[0]))
    found: list[Row] = []
    last = None if after is None else read_cursor(after, 2)
    for part in reversed(parts) if descending else parts:
        if len(found) == limit:
            break
        within = None
        if last is not None:
            if not _reached(part, last[0], descending=descending):
                continue
            if _holds(part, last[0]):
                within = write_cursor(last if part.value is None else last[1:])
        rows = ask(part, limit - len(found), within)
        found += rows if part.value is None else [(*row[:-1], part.value, row[-1]) for row in rows]
    return found


def _holds(part: Part, due: int) -> bool:
    """Does a row of this sort value stand in the part?"""
    if part.value is not None:
        return due == part.value
    return due < LAST if part.lead is not None else due < UNDATED


def _reached(part: Part, due: int, *, descending: bool) -> bool:
    """Are there rows of the part at or behind that sort value?"""
    if _holds(part, due):
        return True
    first = 0 if part.value is None else part.value
    return first < due if descending else first > due


def _parts(tx: Tx, noun: Noun, where: Expr, lane: int) -> Iterator[Part]:
    given = flat(where)
    if ENDED not in given:
        lead = _led(tx, noun, both(where, STILL_OPEN))
        narrow = lead.scope != EVERYWHERE and few_open(tx, lead, lane, FEW_OPEN)
        if _WAITS in given or not narrow:
            yield Part(both(where, STILL_OPEN, _WAITS), None)
        if _WAITS not in given:
            if narrow:
                yield Part(both(where, STILL_OPEN), None, lead)
            else:
                none = both(where, STILL_OPEN, _WAITS_FOR_NOTHING)
                yield Part(none, UNDATED, _led(tx, noun, none))
    if STILL_OPEN not in given:
        ended = both(where, ENDED)
        yield Part(ended, LAST, _led(tx, noun, ended))


def _led(tx: Tx, noun: Noun, where: Expr) -> Scoped:
    lead = led(tx, noun, flat(where))
    assert lead is not None, "some scope leads to every case"
    return lead


def sorted_by_due(lead: Scoped) -> Scoped:
    """Few rows, sorted by what the rows themselves say."""
    return replace(lead, sorts=(due_of("t"), *lead.sorts), stays=False)
