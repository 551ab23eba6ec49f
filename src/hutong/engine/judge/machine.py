"""From "holds" and "clears" at every event to warnings raised and cleared: run lengths on event time,
without a loop over rows. The loop is over transitions: its n-th turn makes the n-th transition of
every pair that has one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hutong.engine.judge.events import Flags, Ints
from hutong.kernel.lateness import NEVER

CARRIED = -1
"""The run began before the rows at hand."""


@dataclass(eq=False)
class Before:
    """The state of each pair (group of rows) before its first row: instants or NEVER."""

    holding: Ints
    clearing: Ints
    open: Flags


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
    since: Ints
    start: Ints
    clear_since: Ints
    at: Ints
    raises: Flags
    changed: Flags
    """Rows after which the state differs from before them."""


def run(
    time: Ints, holds: Flags, clears: Flags, first: Ints, before: Before, spans: tuple[int, int]
) -> Course:
    """The course of all pairs. Rows are grouped by pair (`first`: where each begins) and sorted by
    time.

    `spans`: µs for which the condition must hold to raise, and clear to clear. A row that holds does
    not clear.
    """
    count = len(time)
    end = np.append(first[1:], count)
    group = np.repeat(np.arange(len(first)), end - first)
    clears = clears & ~holds
    since, begun = _since(time, holds, first, np.where(before.open, NEVER, before.holding))
    clear_since, _ = _since(time, clears, first, np.where(before.open, before.clearing, NEVER))
    up = np.flatnonzero(holds & (time - since >= spans[0]))
    down = np.flatnonzero(clears & (time - clear_since >= spans[1]))
    at = _transitions(up, down, first, end, before.open)
    turned = np.zeros(count, np.int64)
    turned[at] = 1
    parity = np.cumsum(turned)
    parity -= np.repeat(parity[first] - turned[first], end - first)
    is_open = (parity % 2 == 1) ^ before.open[group]
    began, start = _began((since, begun), at, is_open, first, before)
    holding = np.where(is_open, began, np.where(holds, since, NEVER))
    clearing = np.where(is_open & clears, clear_since, NEVER)
    start = np.where(is_open, start, begun)
    changed = _changed(holding, clearing, is_open, first, before)
    return Course(group, holding, clearing, is_open, since, start, clear_since, at, is_open[at], changed)


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


def _changed(holding: Ints, clearing: Ints, is_open: Flags, first: Ints, before: Before) -> Flags:
    changed = np.zeros(len(holding), bool)
    for column, start in (
        (holding, before.holding),
        (clearing, before.clearing),
        (is_open, before.open),
    ):
        differs = np.zeros(len(holding), bool)
        differs[1:] = column[1:] != column[:-1]
        differs[first] = column[first] != start
        changed |= differs
    return changed
