"""The judge of a city (of one lane): all plans, what they share, and the memory of each.

Not safe to call from several threads, and not undoable: if the changes a run led to are not
committed, build a new one from the stored marks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from hutong.engine.judge.assemble import Memory, Work, for_rows, for_time
from hutong.engine.judge.compile import SHANGHAI, World, compile_plans
from hutong.engine.judge.events import Flags, Ints, Rows, joined
from hutong.engine.judge.findings import Found, Judged
from hutong.engine.judge.plan import Plan, Streams
from hutong.engine.judge.state import PairStates
from hutong.engine.judge.step import Stepped, Turn, forget, step
from hutong.engine.judge.tail import Tail
from hutong.engine.judge.watch import Watch
from hutong.engine.judge.words import FAR
from hutong.kernel.base import Instant
from hutong.kernel.changes import RuleMark
from hutong.kernel.definition.rule import Rule
from hutong.kernel.lateness import NEVER, advance, lateness
from hutong.kernel.observation import STREAM_SHIFT, Latest, ObservationBatch, Quality
from hutong.kernel.thing import Thing


def compile_rules(
    rules: Iterable[Rule],
    table: Streams,
    things: Mapping[int, Thing],
    parameters: Mapping[str, Any],
    functions: Mapping[str, Callable[..., Any]],
    *,
    versions: Mapping[str, str] | None = None,
    zone: ZoneInfo = SHANGHAI,
) -> Judge:
    """A judge with no memory. `parameters`: the values valid at city time; `versions`: rule →
    definition digest.

    Raises Invalid where a rule names what is not there.
    """
    world = World(table, things, parameters, functions, versions or {}, zone)
    return Judge(compile_plans(rules, world), table)


@dataclass(eq=False)
class _Tally:
    """What the plans came to in one run, per plan."""

    turns: list[tuple[int, Turn]]
    stepped: dict[int, Stepped]
    beyond: int = 0
    unjudged: int = 0


class Judge:
    """`run` for rows, `tick` for time; `load` and `warm` after a restart."""

    def __init__(self, plans: Sequence[Plan], table: Streams) -> None:
        self.plans = tuple(plans)
        self.table = table
        self.states = tuple(PairStates(plan) for plan in plans)
        self.watch = Watch(plans, len(table))
        keep = np.zeros(len(table), np.int64)
        for plan in plans:
            streams = plan.wiring.pair_of >= 0
            keep[streams] = np.maximum(keep[streams], plan.keep)
        self.memory = Memory(
            newest=np.full(len(table), NEVER, np.int64),
            latest=np.full(len(table), np.nan),
            tail=Tail(keep),
            lowest=self.watch.lowest,
        )
        self._shortest = min((w.span for plan in plans for w in plan.missing), default=FAR)
        self._next_check = NEVER

    def run(self, batch: ObservationBatch, ids: Iterator[int]) -> Judged:
        """Judges a checked batch. `ids` gives fresh ids for warnings; rows that are SUSPECT or worse
        are not judged.

        Evidence names observations if the batch has its sequences (0 otherwise).
        """
        rows = self._rows(batch)
        if not len(rows):
            return Judged()
        memory = self.memory
        rows.late = lateness(rows.stream, rows.time, memory.newest)
        stirred = self.watch.stirred(rows.stream, rows.time, rows.value, memory.newest, rows.late)
        memory.tail.append(rows, memory.newest)
        tally = _Tally([], {})
        if stirred.any():
            self._judge(rows, stirred, tally)
        advance(rows.stream, rows.time, rows.value, memory.newest, memory.latest)
        if self._shortest < FAR:
            self._next_check = min(self._next_check, int(rows.time.min()) + self._shortest)
        return self._settled(tally, ids, len(rows))

    def tick(self, now: Instant, ids: Iterator[int]) -> Judged:
        """Judges what time alone makes true: streams without a row for longer than a rule allows.

        Costs nothing until the earliest deadline has passed; then one pass over the pairs of
        `missing_for` rules.
        """
        if self._shortest == FAR or now <= self._next_check:
            return Judged()
        self._next_check = FAR
        tally = _Tally([], {})
        for number, plan in enumerate(self.plans):
            if plan.missing:
                pairs = self._due(plan, self.states[number], now)
                if len(pairs):
                    work = for_time(plan, self.states[number], pairs, self.memory, now)
                    self._step(number, work, tally)
        return self._settled(tally, ids, 0)

    def load(self, marks: Iterable[RuleMark]) -> list[RuleMark]:
        """Takes over the stored marks; call it once, before the first run.

        Returns those nobody watches any more (a rule or thing that is gone): their warnings will not clear.
        """
        left: list[RuleMark] = []
        by_rule: dict[str, list[RuleMark]] = {}
        for mark in marks:
            by_rule.setdefault(mark.rule, []).append(mark)
        for number, plan in enumerate(self.plans):
            left += self.states[number].load(by_rule.pop(plan.rule.name, []))
            self._mind(number, np.arange(len(plan.things)))
        return left + [mark for marks_left in by_rule.values() for mark in marks_left]

    def warmup_needs(self) -> tuple[Ints, Ints]:
        """(datastream ids, µs): how far behind its newest row each watched stream's rows are wanted
        by `warm`.

        One row more before that span keeps "the value at that time" exact for late rows.
        """
        at = np.flatnonzero(self.watch.watched[:-1])
        return self.table.id[at], self.memory.tail.keep[at]

    def warm(self, latest: Latest, recent: Iterable[ObservationBatch]) -> None:
        """Rebuilds what marks do not hold: the latest value per stream and its recent rows.

        `latest` may be a row of bad quality; the newest good one of `recent` then stands for it.
        """
        memory = self.memory
        at = self.table.position(latest.stream)
        known = (at >= 0) & np.isfinite(latest.number)
        at = at[known]
        memory.newest[at], memory.latest[at] = latest.time[known], latest.number[known]
        batches = [batch for batch in recent if len(batch)]
        for batch in batches:
            stream = self.table.position(batch.stream)
            reached = stream[(stream >= 0) & (batch.time >= memory.newest[stream])]
            memory.newest[reached] = NEVER
        if not batches:
            return
        rows = joined([self._rows(batch) for batch in batches])
        rows = rows.take(np.argsort(rows.time, kind="stable"))
        advance(rows.stream, rows.time, rows.value, memory.newest, memory.latest)
        self.watch.see(rows.stream, rows.value)
        memory.tail.append(rows, memory.newest)

    def _rows(self, batch: ObservationBatch) -> Rows:
        """The rows that rules judge."""
        stream = self.table.position(batch.stream)
        good = self.watch.watched[stream] & (batch.quality < Quality.SUSPECT) & np.isfinite(batch.number)
        observation = np.zeros(len(batch), np.int64)
        if batch.sequence is not None:
            observation = (batch.stream << STREAM_SHIFT) + batch.sequence
        rows = Rows(stream, batch.time, batch.number, observation)
        return rows if good.all() else rows.take(np.flatnonzero(good))

    def _judge(self, rows: Rows, stirred: Flags, tally: _Tally) -> None:
        """All rows of the streams that have one that may change something."""
        streams = np.zeros(len(self.table), bool)
        streams[rows.stream[stirred]] = True
        taken = streams[rows.stream]
        part = rows if taken.all() else rows.take(np.flatnonzero(taken))
        for number, plan in enumerate(self.plans):
            work = for_rows(plan, self.states[number], part, self.memory)
            if work is not None:
                self._step(number, work, tally)
        if self.watch.rises:
            self.watch.renew(self.memory.tail)

    def _step(self, number: int, work: Work, tally: _Tally) -> None:
        done = step(self.plans[number], self.states[number], work, self.memory, self._name)
        tally.stepped[number] = done
        tally.turns.extend((number, turn) for turn in done.turns)
        tally.beyond += work.beyond
        tally.unjudged += len(work.unjudged)

    def _settled(self, tally: _Tally, ids: Iterator[int], rows: int) -> Judged:
        """Gives warnings their ids, lets old steps go, and collects the marks that changed."""
        raised, cleared = self._found(tally, ids)
        marks: list[RuleMark] = []
        for number, done in tally.stepped.items():
            plan, states = self.plans[number], self.states[number]
            forget(plan, states, done.touched, self.memory.newest)
            done.changed |= self._mind(number, done.touched)
            marks.extend(states.mark(pair) for pair in sorted(done.changed))
        return Judged(
            raised=tuple(raised),
            cleared=tuple(cleared),
            marks=tuple(marks),
            rows=rows,
            beyond=tally.beyond,
            unjudged=tally.unjudged,
        )

    def _found(self, tally: _Tally, ids: Iterator[int]) -> tuple[list[Found], list[Found]]:
        """Findings in order of event time; of one instant, in order of rules and things."""
        raised: list[Found] = []
        cleared: list[Found] = []
        for number, turn in sorted(
            tally.turns, key=lambda each: (each[1].at, each[0], each[1].pair, each[1].order)
        ):
            states = self.states[number]
            warning = next(ids) if turn.raised else int(states.warning[turn.pair])
            found = self._finding(number, turn, warning)
            states.warning[turn.pair] = warning if turn.raised else 0
            if not turn.raised:
                states.unjudged.pop(turn.pair, None)
            (raised if turn.raised else cleared).append(found)
        return raised, cleared

    def _finding(self, number: int, turn: Turn, warning: int) -> Found:
        plan, states = self.plans[number], self.states[number]
        level = float(plan.level[turn.pair])
        return Found(
            plan=plan,
            thing=int(plan.things[turn.pair]),
            warning=warning,
            raised=turn.raised,
            at=turn.at,
            began=turn.began,
            value=turn.value,
            unit=self.table.units[plan.wiring.streams[turn.pair, 0, 0]],
            level=None if np.isnan(level) else level,
            peak=turn.peak,
            evidence=turn.evidence,
            unjudged=0 if turn.raised else states.unjudged.get(turn.pair, 0),
        )

    def _mind(self, number: int, pairs: Ints) -> set[int]:
        """Tells the watch which pairs began or ceased to remember something; returns those that
        ceased."""
        alive, now = self.states[number].alive[pairs], self.states[number].active(pairs)
        wiring = self.plans[number].wiring
        if (rising := pairs[now & ~alive]).size:
            self.watch.set_busy(wiring.all_streams(rising), 1)
        if (falling := pairs[alive & ~now]).size:
            self.watch.set_busy(wiring.all_streams(falling), -1)
        self.states[number].alive[pairs] = now
        return {int(pair) for pair in falling}

    def _due(self, plan: Plan, states: PairStates, now: Instant) -> Ints:
        """Pairs with a deadline before `now` that was not yet judged; moves the next check to the
        earliest other."""
        everything = np.arange(len(plan.things))
        newest = self.memory.newest
        clock = np.maximum(plan.wiring.newest(everything, newest), states.ticked)
        due = np.zeros(len(plan.things), bool)
        for word in plan.missing:
            streams = plan.wiring.streams[:, word.slot, :]
            last = np.where(streams >= 0, newest[streams], NEVER).max(axis=1)
            for delay in {word.span, word.span + plan.hold}:
                open_ = (last != NEVER) & (last + delay > clock)
                due |= open_ & (last + delay < now)
                waiting = (last + delay)[open_ & (last + delay >= now)]
                self._next_check = min(self._next_check, int(waiting.min(initial=FAR)))
        return np.flatnonzero(due)

    def _name(self, stream: int) -> tuple[int, str, str]:
        table = self.table
        return int(table.id[stream]), table.codes[table.property[stream]], table.units[stream]
