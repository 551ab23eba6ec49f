"""One plan, one piece of work: evaluate, run the machine, move the state, collect what was found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from hutong.engine.judge import machine
from hutong.engine.judge.assemble import Memory, Work
from hutong.engine.judge.events import TIMER, Events, Flags, Floats, Ints, sorted_events
from hutong.engine.judge.machine import CARRIED, Course
from hutong.engine.judge.plan import Plan
from hutong.engine.judge.state import PairStates, Peak, Step
from hutong.engine.judge.tail import FLOOR
from hutong.engine.judge.words import FAR
from hutong.kernel.base import Instant
from hutong.kernel.case import EvidenceRow
from hutong.kernel.lateness import NEVER

MOST_EVIDENCE = 20
MOST_CLEARING = 5

NameStream = Callable[[int], tuple[int, str, str]]
"""Position of a stream → its id, property code and unit."""


@dataclass(frozen=True, eq=False)
class Turn:
    """A warning raised or cleared, before it has its id. `order` places turns of one instant."""

    pair: int
    at: Instant
    order: int
    raised: bool
    began: Instant
    value: float | None
    peak: Peak | None
    evidence: tuple[EvidenceRow, ...]


@dataclass(eq=False)
class Stepped:
    """The turns of a plan and the pairs whose memory changed. `again`: from when pairs that had said something were
    judged again, and the state before that."""

    turns: list[Turn] = field(default_factory=list)
    changed: set[int] = field(default_factory=set)
    touched: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    again: dict[int, tuple[Instant, bool]] = field(default_factory=dict)


def step(plan: Plan, states: PairStates, work: Work, memory: Memory, name: NameStream) -> Stepped:
    """Judges the work and moves the plan's states (all but the warnings' ids, which the caller
    gives)."""
    changed: set[int] = set()
    for pair in work.unjudged:
        if states.warning[pair]:
            states.unjudged[pair] = states.unjudged.get(pair, 0) + 1
            changed.add(pair)
    events = work.events
    if not events.judged.any():
        return Stepped(changed=changed)
    before = work.before(states)
    again = work.again(states, before)
    holds = plan.holds(events)
    clears = plan.clears(events, holds)
    judged = np.flatnonzero(events.judged)
    seen = Events(events.pair[judged], events.slot[judged], events.rows.take(judged), events.judged[judged])
    first = seen.first()
    pairs = seen.pair[first]
    before = before.take(np.searchsorted(work.pairs, pairs))
    counted = seen.slot == 0
    needed = plan.needed(seen.time)
    course = machine.run(seen.time, holds[judged], clears[judged], first, before, needed, counted)
    value = events.value(0)[judged]
    turns = _turns(plan, states, seen, course, value, memory, name) if len(course.at) else []
    changed |= _move(plan, states, seen, course, first)
    changed |= _peaks(plan, states, seen, course, first, name)
    changed |= set(work.pairs[work.start != FAR].tolist())
    return Stepped(turns, changed, pairs, again)


def _move(plan: Plan, states: PairStates, seen: Events, course: Course, first: Ints) -> set[int]:
    """Takes the last state of each pair, and notes the steps that led to it."""
    last = np.append(first[1:], len(seen)) - 1
    pairs = seen.pair[first]
    rows = np.flatnonzero(course.changed)
    changed = seen.pair[rows].tolist()
    if plan.late and changed:
        columns = (seen.time, course.holding, course.clearing, course.count, course.open)
        steps = zip(*(column[rows].tolist() for column in columns), strict=True)
        for pair, noted in zip(changed, steps, strict=True):
            states.note(pair, Step(*noted))
    states.holding[pairs], states.clearing[pairs] = course.holding[last], course.clearing[last]
    states.count[pairs] = course.count[last]
    if plan.missing:
        states.ticked[pairs] = np.maximum(states.ticked[pairs], seen.time[last])
    return set(changed)


def settle(plan: Plan, states: PairStates, done: Stepped, newest: Ints) -> None:
    """Once all is said: which warning is open where pairs were judged again, and steps out of every late row's reach
    are dropped."""
    for pair in done.again:
        states.reopen(pair)
    pairs = done.touched[states.recent[done.touched]]
    if not len(pairs):
        return
    horizon = plan.wiring.newest(pairs, newest) - plan.late
    for pair, reach in zip(pairs.tolist(), horizon.tolist(), strict=True):
        states.forget(pair, reach)


def _peaks(
    plan: Plan, states: PairStates, seen: Events, course: Course, first: Ints, name: NameStream
) -> set[int]:
    """Moves the peak of every pair whose condition holds or whose warning is open; returns those that
    moved."""
    last = np.append(first[1:], len(seen)) - 1
    since = course.holding[last]
    changed = set()
    start = course.start[last]
    if states.peaks:
        for pair in seen.pair[first[(since == NEVER) | (start != CARRIED)]].tolist():
            if states.peaks.pop(pair, None) is not None:
                changed.add(pair)
    holding = np.flatnonzero(since != NEVER)
    if not len(holding):
        return changed
    for group, row, worst in _worst_rows(plan, seen, course, start, holding):
        pair = int(seen.pair[row])
        old = states.peaks.get(pair)
        kept = _kept(old, int(since[group]), int(start[group]))
        if kept is None or worst > _badness(plan, pair, kept.value):
            kept = _peak(seen, row, name)
        if kept != old:
            states.peaks[pair] = kept
            changed.add(pair)
    return changed


def _worst_rows(
    plan: Plan, seen: Events, course: Course, start: Ints, holding: Ints
) -> Iterator[tuple[int, int, float]]:
    """(group, row, badness) of the worst row since the condition began to hold, of groups in which it does."""
    wanted = np.zeros(len(start), bool)
    wanted[holding] = True
    rows = np.flatnonzero(wanted[course.group])
    inside = rows >= start[course.group[rows]]
    rows = rows[inside]
    badness = plan.severity(seen)[rows]
    rows, badness = rows[badness > -np.inf], badness[badness > -np.inf]
    group = course.group[rows]
    order = np.lexsort((rows, -badness, group))
    _, once = np.unique(group[order], return_index=True)
    chosen = order[once]
    yield from zip(group[chosen].tolist(), rows[chosen].tolist(), badness[chosen].tolist(), strict=True)


def _kept(peak: Peak | None, since: Instant, start: int) -> Peak | None:
    """The peak, if it is of the run that holds now."""
    return peak if peak is not None and start == CARRIED and peak.time >= since else None


def _badness(plan: Plan, pair: int, value: float) -> float:
    return float(plan.badness(np.array([value]), np.array([pair]))[0])


def _peak(events: Events, row: int, name: NameStream) -> Peak:
    rows = events.rows
    stream, _, _ = name(int(rows.stream[row]))
    return Peak(float(rows.value[row]), int(rows.time[row]), stream, int(rows.observation[row]))


def _turns(
    plan: Plan,
    states: PairStates,
    seen: Events,
    course: Course,
    value: Floats,
    memory: Memory,
    name: NameStream,
) -> list[Turn]:
    """The transitions with their proof, copied from the recent rows of each pair."""
    proof = _proof(plan, np.unique(seen.pair[course.at]), memory)
    first = proof.first()
    known = dict(
        zip(
            proof.pair[first].tolist(), zip(first, np.append(first[1:], len(proof)), strict=True), strict=True
        )
    )
    badness = plan.severity(seen)
    turns = []
    for row, raised in zip(course.at.tolist(), course.raises.tolist(), strict=True):
        pair, at = int(seen.pair[row]), int(seen.time[row])
        start, end = known.get(pair, (0, 0))
        began = int(course.since[row] if raised else course.clear_since[row])
        held, begun = (began, int(course.start[row])) if raised else _opened(course, states, row, pair)
        after = _after(seen, row)
        low, high = _between(proof.time, start, end, (max(held, at - plan.keep), at), after)
        known_peak = _kept(states.peaks.get(pair), held, begun)
        peak = _worst(plan, seen, badness, (begun, row), known_peak, name)
        if raised:
            evidence = _copied(proof, low, high, MOST_EVIDENCE, name, peak)
        else:
            low, high = _between(proof.time, start, end, (max(began, at - plan.keep), at), after)
            evidence = _copied(proof, low, high, MOST_CLEARING, name, None)
        now = None if np.isnan(value[row]) else float(value[row])
        turns.append(Turn(pair, at, row, raised, began, now, peak, evidence))
    return turns


def _opened(course: Course, states: PairStates, row: int, pair: int) -> tuple[Instant, int]:
    """When, and at which row, the condition of the warning that closes at `row` began to hold."""
    if row > 0 and course.group[row - 1] == course.group[row] and course.open[row - 1]:
        return int(course.holding[row - 1]), int(course.start[row - 1])
    return int(states.holding[pair]), CARRIED


def _proof(plan: Plan, pairs: Ints, memory: Memory) -> Events:
    """All recent rows of these pairs that were in time for the rule."""
    rows, age = memory.tail.fetch(plan.wiring.all_streams(pairs))
    taken: Flags = age != FLOOR
    if rows.late is not None:
        taken = taken & (rows.late <= plan.late)
    rows = rows.take(taken)
    pair = plan.wiring.pair_of[rows.stream].astype(np.int64)
    return sorted_events(pair, plan.wiring.slot_of[rows.stream], rows, np.ones(len(rows), bool))


def _after(seen: Events, row: int) -> int:
    """How many rows of the same pair and instant arrived after `row`: they prove nothing about it."""
    count, at = 0, row + 1
    while at < len(seen) and seen.pair[at] == seen.pair[row] and seen.time[at] == seen.time[row]:
        count += int(seen.slot[at] != TIMER)
        at += 1
    return count


def _between(time: Ints, start: int, end: int, span: tuple[Instant, Instant], after: int) -> tuple[int, int]:
    """The rows of [start, end) whose time lies in the closed span, but the last `after`."""
    part = time[start:end]
    low, high = np.searchsorted(part, span[0], "left"), np.searchsorted(part, span[1], "right")
    return start + int(low), start + int(high) - after


def _worst(
    plan: Plan,
    seen: Events,
    badness: Floats,
    run_of: tuple[int, int],
    known: Peak | None,
    name: NameStream,
) -> Peak | None:
    """The worst of what was seen before and of the rows of a run (its first row, or CARRIED, and its
    last)."""
    begun, row = run_of
    pair = seen.pair[row]
    low = max(begun, int(np.searchsorted(seen.pair, pair)))
    if np.isneginf(badness[low : row + 1]).all():
        return known
    worst = low + int(np.argmax(badness[low : row + 1]))
    if known is not None and _badness(plan, int(pair), known.value) >= badness[worst]:
        return known
    return _peak(seen, worst, name)


def _copied(
    proof: Events, low: int, high: int, most: int, name: NameStream, peak: Peak | None
) -> tuple[EvidenceRow, ...]:
    """At most `most` rows, the first and the last among them, evenly chosen; and the peak."""
    distinct = _distinct(proof, low, high)
    chosen = np.linspace(0, len(distinct) - 1, min(len(distinct), most)).round().astype(np.int64)
    found = [_evidence(proof, row, name) for row in distinct[np.unique(chosen)].tolist()]
    if peak is None or any(row.time == peak.time and row.stream == peak.stream for row in found):
        return tuple(found)
    at = next((row for row in range(low, high) if proof.time[row] == peak.time), None)
    if at is None:
        code, unit = next(
            ((row.property_code, row.unit) for row in found if row.stream == peak.stream), ("", "")
        )
        row = EvidenceRow(peak.stream, peak.observation, peak.time, peak.value, code, unit)
    else:
        row = _evidence(proof, at, name)
    return tuple(sorted([*found, row], key=lambda each: each.time))


def _distinct(proof: Events, low: int, high: int) -> Ints:
    """The rows of [low, high) but for those that only came again: like the one before in stream, time and
    value."""
    rows = proof.rows.take(slice(low, high))
    again = np.zeros(len(rows), bool)
    again[1:] = (
        (rows.stream[1:] == rows.stream[:-1])
        & (rows.time[1:] == rows.time[:-1])
        & (rows.value[1:] == rows.value[:-1])
    )
    return low + np.flatnonzero(~again)


def _evidence(proof: Events, row: int, name: NameStream) -> EvidenceRow:
    rows = proof.rows
    stream, code, unit = name(int(rows.stream[row]))
    return EvidenceRow(
        stream, int(rows.observation[row]), int(rows.time[row]), float(rows.value[row]), code, unit
    )
