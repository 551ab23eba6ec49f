"""Gathers the events a plan must judge: new rows, what came before them, rows that a late one makes
it judge again, and the moments at which a span without rows ends."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from hutong.engine.judge.events import TIMER, Events, Flags, Ints, Rows, joined, sorted_events
from hutong.engine.judge.glance import Glance, distinct
from hutong.engine.judge.machine import Before
from hutong.engine.judge.plan import Plan
from hutong.engine.judge.state import PairStates
from hutong.engine.judge.tail import FLOOR, FRESH, KEPT, Tail
from hutong.engine.judge.words import FAR
from hutong.kernel.base import Instant
from hutong.kernel.lateness import NEVER, lateness


@dataclass(eq=False)
class Memory:
    """What all plans share: newest time and latest value per stream before the rows at hand, and
    recent rows."""

    newest: Ints
    latest: np.ndarray[tuple[int, ...], np.dtype[np.float64]]
    tail: Tail
    lowest: np.ndarray[tuple[int, ...], np.dtype[np.float64]]
    scores: np.ndarray[tuple[int, ...], np.dtype[np.float64]] | None = None
    """How unusual the newest row of each stream is (None: no rule asks)."""


@dataclass(eq=False)
class Work:
    """`events` to judge, over `pairs` (ascending). `clock`: up to when each pair was judged before;
    `start`: from when it is judged again because of a late row (FAR: it is not). `beyond`,
    `unjudged`: pairs of rows that came too late for the rule, or for a warning of missing data."""

    pairs: Ints
    clock: Ints
    start: Ints
    events: Events
    beyond: int = 0
    unjudged: list[int] = field(default_factory=list)

    def before(self, states: PairStates) -> Before:
        """The state of each pair before its first event; takes back the steps that are judged again."""
        found = states.now(self.pairs)
        for at in np.flatnonzero(self.start != FAR):
            pair, start = int(self.pairs[at]), int(self.start[at])
            step = states.before(pair, start)
            found.holding[at], found.clearing[at] = step.holding, step.clearing
            found.open[at], found.count[at] = step.open, step.rows
            states.rewind(pair, start)
        return found

    def again(self, states: PairStates, before: Before) -> dict[int, tuple[Instant, bool]]:
        """Pairs that said something after the moment from which they are judged again: that moment, and whether a
        warning was open then."""
        found: dict[int, tuple[Instant, bool]] = {}
        for at in np.flatnonzero(self.start != FAR):
            pair, start = int(self.pairs[at]), int(self.start[at])
            if states.said(pair) >= start:
                found[pair] = (start, bool(before.open[at]))
        return found


def for_rows(plan: Plan, states: PairStates, rows: Rows, memory: Memory) -> Work | None:
    """The work new rows make; None if they are not this rule's."""
    pair = plan.wiring.pair_of[rows.stream].astype(np.int64)
    mine = np.flatnonzero(pair >= 0)
    if len(mine) < len(pair):
        rows, pair = rows.take(mine), pair[mine]
    if not len(pair):
        return None
    needed = _needed(plan, states, rows, pair, memory)
    if len(needed) < len(pair):
        rows, pair = rows.take(needed), pair[needed]
    if not len(pair):
        return None
    pairs, local = distinct(pair, len(plan.things))
    newest = plan.wiring.newest(pairs, memory.newest)
    clock = np.maximum(newest, states.ticked[pairs])
    behind = rows.late if plan.wiring.single else lateness(local, rows.time, newest)
    beyond = np.zeros(len(rows), bool) if behind is None else behind > plan.late
    start, settled = _late(plan, states, pairs, clock, local, rows, beyond)
    again = (start != FAR) | plan.windowed
    parts = [
        _new(plan, pairs, rows, local, ~beyond & ~settled & ~again[local], memory),
        _again(plan, pairs[again], start[again], clock[again], memory),
    ]
    events = _united(plan, parts)
    if plan.missing:
        after = np.where(start == FAR, clock, start - 1)
        events = _with_timers(plan, events, pairs, after, None)
    unjudged = _new_to_it(rows, pair, settled, memory) if settled.any() else []
    return Work(pairs, clock, start, events, int(beyond.sum()), unjudged)


def _needed(plan: Plan, states: PairStates, rows: Rows, pair: Ints, memory: Memory) -> Ints:
    """The rows of pairs whose condition may hold at one of them, that remember something, or that got a
    late row."""
    pairs, local = distinct(pair, len(plan.things))
    glance = Glance(
        pairs,
        local,
        plan.wiring.slot_of[rows.stream],
        rows,
        plan.wiring.streams[pairs],
        memory.newest,
        memory.latest,
        memory.lowest,
    )
    needed = plan.when.may_hold(glance) | states.alive[pairs]
    needed[local[rows.time < plan.wiring.newest(pairs, memory.newest)[local]]] = True
    if rows.anew is not None:
        needed[local[rows.anew]] = True
    return np.flatnonzero(needed[local])


def for_time(plan: Plan, states: PairStates, pairs: Ints, memory: Memory, now: Instant) -> Work:
    """The work that time alone makes for pairs (ascending) in which a span without rows has ended
    before `now`."""
    clock = np.maximum(plan.wiring.newest(pairs, memory.newest), states.ticked[pairs])
    never = np.full(len(pairs), FAR)
    nothing = np.zeros(0, bool)
    if plan.windowed:
        parts = [_again(plan, pairs, never, np.full(len(pairs), FAR), memory)]
    else:
        empty = Rows(_NONE, _NONE, np.zeros(0), _NONE)
        parts = [_new(plan, pairs, empty, _NONE, nothing, memory)]
    events = _with_timers(plan, _united(plan, parts), pairs, clock, now - 1)
    return Work(pairs, clock, never, events)


_NONE = np.zeros(0, np.int64)
Part = tuple[Rows, Flags]


def _late(
    plan: Plan, states: PairStates, pairs: Ints, clock: Ints, local: Ints, rows: Rows, beyond: Flags
) -> tuple[Ints, Flags]:
    """From when each pair must be judged again (FAR: not), and the rows that come too late for what
    was said: a warning of missing data stands, because the rows were missing."""
    start = np.full(len(pairs), FAR)
    again = (rows.time < clock[local]) & ~beyond
    if rows.anew is not None:
        again |= rows.anew & ~beyond
    settled = np.zeros(len(rows), bool)
    if not again.any():
        return start, settled
    if plan.missing:
        said = np.full(len(pairs), NEVER)
        for at in np.unique(local[again]):
            said[at] = states.said(int(pairs[at]))
        settled = again & (rows.time <= said[local])
        again &= ~settled
    np.minimum.at(start, local[again], rows.time[again])
    return start, settled


def _new_to_it(rows: Rows, pair: Ints, settled: Flags, memory: Memory) -> list[int]:
    """The pairs of settled rows, but for rows that were there before and only came again."""
    late = rows.take(np.flatnonzero(settled))
    kept, age = memory.tail.fetch(np.unique(late.stream))
    kept = kept.take(np.flatnonzero(age == KEPT))
    known = set(zip(kept.stream.tolist(), kept.time.tolist(), kept.value.tolist(), strict=True))
    came = zip(late.stream.tolist(), late.time.tolist(), late.value.tolist(), strict=True)
    return [int(p) for p, row in zip(pair[settled], came, strict=True) if row not in known]


def _new(plan: Plan, pairs: Ints, rows: Rows, local: Ints, taken: Flags, memory: Memory) -> Part:
    """New rows in order, after the latest row of each property if the rule compares with it."""
    fresh = rows if taken.all() else rows.take(taken)
    if not plan.remembers:
        return fresh, np.ones(len(fresh), bool)
    known = pairs if not len(taken) else pairs[np.unique(local[taken])]
    streams = plan.wiring.all_streams(known)
    streams = streams[memory.newest[streams] != NEVER]
    ground = Rows(streams, memory.newest[streams], memory.latest[streams], np.zeros(len(streams), np.int64))
    ground.score = None if memory.scores is None else memory.scores[streams]
    judged = np.concatenate((np.zeros(len(ground), bool), np.ones(len(fresh), bool)))
    return joined([ground, fresh]), judged


def _again(plan: Plan, pairs: Ints, start: Ints, clock: Ints, memory: Memory) -> Part:
    """All recent rows of these pairs; to judge are those from `start` on, and new ones that are not
    late."""
    if not len(pairs):
        return Rows(_NONE, _NONE, np.zeros(0), _NONE), np.zeros(0, bool)
    rows, age = memory.tail.fetch(plan.wiring.all_streams(pairs))
    if rows.late is not None and plan.wiring.single:
        in_time = rows.late <= plan.late
        rows, age = rows.take(in_time), age[in_time]
    local = np.searchsorted(pairs, plan.wiring.pair_of[rows.stream])
    judged = (rows.time >= start[local]) | ((age == FRESH) & (rows.time >= clock[local]))
    return rows, judged & (age != FLOOR)


def _united(plan: Plan, parts: list[Part]) -> Events:
    rows = joined([part[0] for part in parts])
    judged = np.concatenate([part[1] for part in parts])
    pair = plan.wiring.pair_of[rows.stream].astype(np.int64)
    return sorted_events(pair, plan.wiring.slot_of[rows.stream], rows, judged)


def _with_timers(plan: Plan, events: Events, pairs: Ints, after: Ints, until: Instant | None) -> Events:
    """Adds an event wherever a span without rows of a property ends, and where it has then lasted as
    long as `hold`.

    Timers lie after `after`, before the property's next row, and not beyond `until` (None: the pair's
    newest event).
    """
    if not len(events):
        return events
    local = np.searchsorted(pairs, events.pair)
    first = events.first()
    ends = events.time[np.append(first[1:], len(events)) - 1]
    bound = (
        np.repeat(ends, np.diff(np.append(first, len(events))))
        if until is None
        else np.full(len(events), until)
    )
    found_pair, found_time = [], []
    for word in plan.missing:
        own = np.flatnonzero(events.slot == word.slot)
        following = np.append(own[1:], -1)
        same = np.append(events.pair[own[1:]] == events.pair[own[:-1]], False)
        next_row = np.where(same, events.time[following] - 1, bound[own])
        for delay in plan.delays(word):
            due = events.time[own] + delay
            real = (due <= np.minimum(next_row, bound[own])) & (due > after[local[own]])
            found_pair.append(events.pair[own[real]])
            found_time.append(due[real])
    pair, time = np.concatenate(found_pair), np.concatenate(found_time)
    if not len(pair):
        return events
    count = len(pair)
    timers = Rows(np.full(count, -1), time, np.full(count, np.nan), np.zeros(count, np.int64))
    return sorted_events(
        np.concatenate((events.pair, pair)),
        np.concatenate((events.slot, np.full(count, TIMER, np.int8))),
        joined([events.rows, timers]),
        np.concatenate((events.judged, np.ones(count, bool))),
    )
