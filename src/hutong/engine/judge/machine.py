"""From "holds" and "clears" at every event to warnings raised and cleared: run lengths on event time or in rows,
without a loop over rows. The loop is over transitions: its n-th turn makes the n-th transition of
every pair that has one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hutong.engine.judge.events import Flags, Ints
from hutong.kernel.lateness import NEVER

CARRIED = -1
"""The run began before the rows at hand."""


@dataclass(frozen=True, eq=False)
class Needed:
    """What the condition needs to raise, and clearing to clear: µs, and rows (0: rows do not matter). One number, or one
    per event."""

    hold: int | Ints
    clear_for: int | Ints
    hold_rows: int | Ints = 0
    clear_rows: int | Ints = 0

    @property
    def by_rows(self) -> bool:
        return bool(np.any(self.hold_rows) or np.any(self.clear_rows))


@dataclass(eq=False)
class Before:
    """The state of each pair (group of rows) before its first row: instants or NEVER; `count` rows of the run that goes
    on: of holding ones, or while a warning is open of clearing ones."""

    holding: Ints
    clearing: Ints
    open: Flags
    count: Ints

    def take(self, which: Ints) -> Before:
        return Before(self.holding[which], self.clearing[which], self.open[which], self.count[which])


@dataclass(eq=False)
class Course:
    """What happened. Per row: the state after it. `at`/`raises`: rows of transitions in row order.

    `since` is per row the begin of the run of holding rows it belongs to, `clear_since` of clearing
    ones.
    """

    group: Ints
    holding: Ints
    clearing: Ints
    open: Flags
    count: Ints
    since: Ints
    start: Ints
    clear_since: Ints
    at: Ints
    raises: Flags
    changed: Flags
    """Rows after which the state differs from before them."""


def run(
    time: Ints, holds: Flags, clears: Flags, first: Ints, before: Before, needed: Needed, counted: Flags
) -> Course:
    """The course of all pairs. Rows are grouped by pair (`first`: where each begins) and sorted by
    time. `counted`: rows that count where a number of rows is needed. A row that holds does not clear.
    """
    count = len(time)
    end = np.append(first[1:], count)
    group = np.repeat(np.arange(len(first)), end - first)
    clears = clears & ~holds
    since, begun = _since(time, holds, first, np.where(before.open, NEVER, before.holding))
    clear_since, clear_begun = _since(time, clears, first, np.where(before.open, before.clearing, NEVER))
    up, down = holds & (time - since >= needed.hold), clears & (time - clear_since >= needed.clear_for)
    rows, clear_rows = _NO_ROWS, _NO_ROWS
    if needed.by_rows:
        rows = _rows_of_runs(begun, counted, group, np.where(before.open, 0, before.count))
        clear_rows = _rows_of_runs(clear_begun, counted, group, np.where(before.open, before.count, 0))
        up &= rows >= needed.hold_rows
        down &= clear_rows >= needed.clear_rows
    at = _transitions(np.flatnonzero(up), np.flatnonzero(down), first, end, before.open)
    is_open = _opened(at, first, end, before.open[group])
    began, start = _began((since, begun), at, is_open, first, before)
    holding = np.where(is_open, began, np.where(holds, since, NEVER))
    clearing = np.where(is_open & clears, clear_since, NEVER)
    start = np.where(is_open, start, begun)
    runs = _counts(holds, clears, is_open, rows, clear_rows, needed)
    changed = _changed(
        (
            (holding, before.holding),
            (clearing, before.clearing),
            (is_open, before.open),
            (runs, before.count),
        ),
        first,
    )
    return Course(
        group, holding, clearing, is_open, runs, since, start, clear_since, at, is_open[at], changed
    )


_NO_ROWS = np.zeros(0, np.int64)


def _counts(
    holds: Flags, clears: Flags, is_open: Flags, rows: Ints, clear_rows: Ints, needed: Needed
) -> Ints:
    """Per row, how many rows the run has that matters after it, as far as that is asked for."""
    if not needed.by_rows:
        return np.zeros(len(holds), np.int64)
    held = np.where(holds, np.minimum(rows, needed.hold_rows), 0)
    return np.where(is_open, np.where(clears, np.minimum(clear_rows, needed.clear_rows), 0), held)


def _rows_of_runs(begun: Ints, counted: Flags, group: Ints, carried: Ints) -> Ints:
    """Per row, how many counted rows its run has so far; a run that goes on brings those it had."""
    total = np.cumsum(counted)
    first = np.concatenate(([True], group[1:] != group[:-1])) if len(group) else counted
    start = np.maximum.accumulate(np.where(first, np.arange(len(group)), 0))
    at = np.where(begun == CARRIED, start, begun)
    return np.asarray(
        total - total[at] + counted[at] + np.where(begun == CARRIED, carried[group], 0), dtype=np.int64
    )


def _since(time: Ints, flag: Flags, first: Ints, carried: Ints) -> tuple[Ints, Ints]:
    """Per row, when its run of flagged rows began, and at which row (CARRIED: before the first).

    A run from the first row on began when `carried` says, if it does. Unflagged rows hold values without
    meaning.
    """
    starts = flag.copy()
    starts[1:] &= ~flag[:-1]
    starts[first] = flag[first]
    row = np.maximum.accumulate(np.where(starts, np.arange(len(time)), 0))
    begun, place = time.copy(), np.arange(len(time))
    continued = flag[first] & (carried != NEVER)
    begun[first[continued]] = carried[continued]
    place[first[continued]] = CARRIED
    return begun[row], place[row]


def _transitions(up: Ints, down: Ints, first: Ints, end: Ints, is_open: Flags) -> Ints:
    """Rows at which warnings open and close, alternating within each group."""
    beyond = np.iinfo(np.int64).max
    ups, downs = np.append(up, beyond), np.append(down, beyond)
    found = []
    while len(first):
        up_next = ups[np.searchsorted(up, first)]
        down_next = downs[np.searchsorted(down, first)]
        row = np.where(is_open, down_next, up_next)
        go = row < end
        row, end, is_open = row[go], end[go], ~is_open[go]
        found.append(row)
        first = row + 1
    return np.sort(np.concatenate(found)) if found else np.zeros(0, np.int64)


def _opened(at: Ints, first: Ints, end: Ints, was_open: Flags) -> Flags:
    """Per row, whether a warning is open after it."""
    turned = np.zeros(len(was_open), np.int64)
    turned[at] = 1
    parity = np.cumsum(turned)
    parity -= np.repeat(parity[first] - turned[first], end - first)
    return np.asarray((parity % 2 == 1) ^ was_open)


def _began(
    run_of: tuple[Ints, Ints], at: Ints, is_open: Flags, first: Ints, before: Before
) -> tuple[Ints, Ints]:
    """Per row, when the condition of the warning open at it began to hold, and at which row."""
    since, begun = run_of
    count = len(since)
    raised = np.full(count, -1)
    rows = at[is_open[at]]
    raised[rows] = rows
    last = np.maximum.accumulate(raised)
    length = np.diff(np.append(first, count))
    own, last = last >= np.repeat(first, length), np.maximum(last, 0)
    return (
        np.where(own, since[last], np.repeat(before.holding, length)),
        np.where(own, begun[last], CARRIED),
    )


def _changed(columns: tuple[tuple[Ints | Flags, Ints | Flags], ...], first: Ints) -> Flags:
    """Rows at which any of the (after, before the first row) columns differs from the row before."""
    changed = np.zeros(len(columns[0][0]), bool)
    for column, start in columns:
        differs = np.zeros(len(changed), bool)
        differs[1:] = column[1:] != column[:-1]
        differs[first] = column[first] != start
        changed |= differs
    return changed
