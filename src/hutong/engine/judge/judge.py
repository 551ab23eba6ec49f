"""The judge of a city (of one lane): all plans, what they share, and the memory of each.

Not safe to call from several threads, and not undoable: if the changes a run led to are not
committed, build a new one from the stored marks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, get_args
from zoneinfo import ZoneInfo

import msgspec
import numpy as np

from hutong.engine.judge.assemble import Memory, Work, for_rows, for_time
from hutong.engine.judge.compile import SHANGHAI, World, compile_plans
from hutong.engine.judge.deviates import Baselines
from hutong.engine.judge.due import Silences
from hutong.engine.judge.events import Flags, Ints, Rows, joined
from hutong.engine.judge.findings import Found, Judged, Taken
from hutong.engine.judge.plan import Plan, Streams
from hutong.engine.judge.repeats import KEEP_ALL, kept
from hutong.engine.judge.saying import Kind, Say, says
from hutong.engine.judge.state import Episode, PairStates
from hutong.engine.judge.step import Stepped, settle, step
from hutong.engine.judge.tail import Tail
from hutong.engine.judge.things import Things, names_of, things_of
from hutong.engine.judge.watch import Watch
from hutong.kernel.base import HOUR, Instant
from hutong.kernel.changes import RuleMark
from hutong.kernel.definition.rule import Rule
from hutong.kernel.lateness import NEVER, advance, lateness
from hutong.kernel.observation import STREAM_SHIFT, Latest, ObservationBatch, Quality
from hutong.kernel.thing import Thing


def compile_rules(
    rules: Iterable[Rule],
    table: Streams,
    things: Mapping[int, Thing] | Things,
    parameters: Mapping[str, Any],
    functions: Mapping[str, Callable[..., Any]],
    *,
    versions: Mapping[str, str] | None = None,
    zone: ZoneInfo = SHANGHAI,
) -> Judge:
    """A judge with no memory. `parameters`: valid at city time; `versions`: edition of a rule → definition digest.

    Raises Invalid where a rule names what is not there.
    """
    rules = tuple(rules)
    if not isinstance(things, Things):
        things = things_of(things.values(), names_of(rules))
    world = World(table, things, parameters, functions, versions or {}, zone)
    return Judge(compile_plans(rules, world), table)


@dataclass(eq=False)
class _Tally:
    """What the plans came to in one run, per plan."""

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
        self._ruled = bool((table.same_time != KEEP_ALL).any())
        """Some streams do not keep all rows of one time."""
        keep = np.zeros(len(table), np.int64)
        for plan in plans:
            streams = plan.wiring.pair_of >= 0
            keep[streams] = np.maximum(keep[streams], plan.keep)
        self.baselines = Baselines(self.plans, len(table))
        if self.baselines.kept:
            keep[self.baselines.watched()] += HOUR
        for number in {one.number for one in self.baselines.kept}:
            self.states[number].usual = partial(self.baselines.stored, number)
        self.memory = Memory(
            newest=np.full(len(table), NEVER, np.int64),
            latest=np.full(len(table), np.nan),
            tail=Tail(keep),
            lowest=self.watch.lowest,
            scores=self.baselines.latest,
        )
        self.bad: Ints = np.full(len(table), NEVER, np.int64)
        """Newest time of a row of bad quality; such rows too keep others of their time out."""
        self._silences = Silences(self.plans, self.states, len(table))
        self._ends = [list(plan.ends()) for plan in plans]
        self._unnumbered: list[tuple[PairStates, int]] = []

    def run(self, batch: ObservationBatch, ids: Iterator[int]) -> Judged:
        """Judges a checked batch. `ids` gives fresh ids for warnings; rows that are SUSPECT or worse are not judged, nor
        those that the store will not keep. Evidence names observations if the batch has its sequences, or `number` does.
        """
        rows = self._kept(self._rows(batch))
        if not len(rows):
            return Judged()
        memory = self.memory
        good = ~np.isnan(rows.value)
        if not good.all():
            memory.tail.append(rows.take(np.flatnonzero(~good)), memory.newest)
            bad = memory.tail.chunks[-1]
            np.maximum.at(self.bad, bad.stream, bad.time)
            rows = rows.take(np.flatnonzero(good))
        rows.late = lateness(rows.stream, rows.time, memory.newest)
        stirred = self.watch.stirred(rows.stream, rows.time, rows.value, memory.newest, rows.late)
        if rows.anew is not None:
            stirred |= rows.anew
        if (unusual := self.baselines.score(rows)) is not None:
            stirred |= unusual
        memory.tail.append(rows, memory.newest)
        tally = _Tally({})
        if stirred.any():
            self._judge(rows, stirred, tally)
        advance(rows.stream, rows.time, rows.value, memory.newest, memory.latest)
        self._silences.wake(rows.stream, memory.newest)
        return self._settled(tally, ids, len(rows))

    def tick(self, now: Instant, ids: Iterator[int]) -> Judged:
        """Judges what time alone makes true: streams without a row for longer than a rule allows, rules that end.

        Costs what is due, whatever the number of streams.
        """
        tally = _Tally({})
        for number, plan in self._silences.plans.items():
            pairs, popped = self._silences.due(number, now, self.memory.newest)
            if len(pairs):
                work = for_time(plan, self.states[number], pairs, self.memory, now)
                self._step(number, work, tally)
            self._silences.schedule(number, popped, self.memory.newest)
        judged = self._settled(tally, ids, 0)
        return self._ended(judged, now) if any(ends and ends[0] <= now for ends in self._ends) else judged

    def number(self, ids: Ints) -> None:
        """The observation ids of the last run's rows, by their position in its batch: what is remembered of them is
        named by these from now on."""
        self.memory.tail.number(ids)
        for states, pair in self._unnumbered:
            peak = states.peaks.get(pair)
            if peak is not None and peak.observation < 0:
                states.peaks[pair] = peak._replace(observation=int(ids[-1 - peak.observation]))
        self._unnumbered.clear()

    def load(self, marks: Iterable[RuleMark]) -> Taken:
        """Takes over the stored marks; call it once, before the first run."""
        by_rule: dict[str, list[RuleMark]] = {}
        for mark in marks:
            by_rule.setdefault(mark.rule, []).append(mark)
        left: list[RuleMark] = []
        changed: list[RuleMark] = []
        for number, plan in enumerate(self.plans):
            states, known = self.states[number], {version.digest for version in plan.versions}
            place = {int(thing): pair for pair, thing in enumerate(plan.things)}
            for mark in by_rule.pop(plan.rule.name, []):
                pair = place.get(mark.thing)
                if pair is not None:
                    self.baselines.restore(number, pair, mark.memory)
                if pair is None:
                    left.append(mark)
                elif mark.memory.get("version", plan.version) in known:
                    states.load(pair, mark)
                else:
                    states.adopt(pair, mark)
                    changed.append(mark)
        self.mind_all()
        left += [mark for some in by_rule.values() for mark in some]
        return Taken(left=tuple(left), changed=tuple(changed))

    def mind_all(self) -> None:
        """Rows of streams with a pair that remembers something are not passed over from now on."""
        for number, plan in enumerate(self.plans):
            self._mind(number, np.arange(len(plan.things)))

    def wake_all(self) -> None:
        """Streams that were heard of are waited for."""
        self._silences.wake(np.flatnonzero(self.memory.newest != NEVER), self.memory.newest)

    def marks_of(self, marks: Iterable[RuleMark]) -> tuple[RuleMark, ...]:
        """What must be stored now in place of these marks (an empty one: nothing)."""
        plans = {plan.rule.name: number for number, plan in enumerate(self.plans)}
        found = []
        for mark in marks:
            number = plans.get(mark.rule)
            pairs = [] if number is None else np.flatnonzero(self.plans[number].things == mark.thing).tolist()
            found.append(
                self.states[number].mark(pairs[0])
                if number is not None and pairs
                else RuleMark(mark.rule, mark.thing)
            )
        return tuple(found)

    def warmup_needs(self) -> tuple[Ints, Ints]:
        """(datastream ids, µs): how far behind its newest row each watched stream's rows are wanted by `warm`.

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
        self._warm_rows(batches)
        self.wake_all()

    def _warm_rows(self, batches: list[ObservationBatch]) -> None:
        memory = self.memory
        for batch in batches:
            stream = self.table.position(batch.stream)
            reached = stream[(stream >= 0) & (batch.time >= memory.newest[stream])]
            memory.newest[reached] = NEVER
        if not batches:
            return
        rows = joined([self._rows(batch) for batch in batches])
        rows = rows.take(np.argsort(rows.time, kind="stable"))
        good = rows.take(np.flatnonzero(~np.isnan(rows.value)))
        advance(good.stream, good.time, good.value, memory.newest, memory.latest)
        np.maximum.at(self.bad, rows.stream, rows.time)
        self.watch.see(good.stream, good.value)
        self.baselines.score(rows, again=True)
        memory.tail.append(rows, memory.newest)

    def _rows(self, batch: ObservationBatch) -> Rows:
        """The rows of watched streams; those that no rule judges have the value NaN."""
        stream = self.table.position(batch.stream)
        observation = -1 - np.arange(len(batch))
        if batch.sequence is not None:
            observation = (batch.stream << STREAM_SHIFT) + batch.sequence
        value, doubted = batch.number, batch.quality >= Quality.SUSPECT
        if doubted.any() or not np.isfinite(value.sum()):
            value = np.where(doubted | ~np.isfinite(value), np.nan, value)
        rows = Rows(stream, batch.time, value, observation)
        watched = self.watch.watched[stream]
        return rows if watched.all() else rows.take(np.flatnonzero(watched))

    def _kept(self, rows: Rows) -> Rows:
        """Without those that the store will not keep."""
        if not self._ruled or not len(rows):
            return rows
        heard = np.maximum(self.memory.newest, self.bad)
        return kept(rows, self.table.same_time, heard, self.memory.tail)

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
        tally.beyond += work.beyond
        tally.unjudged += len(work.unjudged)

    def _settled(self, tally: _Tally, ids: Iterator[int], rows: int) -> Judged:
        """Gives warnings their ids, lets old steps go, and collects the marks that changed."""
        found = self._found(tally, ids)
        marks: list[RuleMark] = []
        for number, done in tally.stepped.items():
            plan, states = self.plans[number], self.states[number]
            settle(plan, states, done, self.memory.newest)
            done.changed |= self._mind(number, done.touched)
            marks += states.marks(done.changed)
            self._unnumbered.extend((states, pair) for pair in done.changed if pair in states.peaks)
        for number, pairs in self.baselines.closed().items():
            stepped = tally.stepped.get(number)
            marks += self.states[number].marks(pairs - stepped.changed if stepped else pairs)
        of_kind = {kind: tuple(one for one in found if one.kind == kind) for kind in get_args(Kind)}
        return Judged(
            raised=of_kind["raise"],
            cleared=of_kind["clear"],
            revised=of_kind["revise"],
            withdrawn=of_kind["withdraw"],
            marks=tuple(marks),
            rows=rows,
            beyond=tally.beyond,
            unjudged=tally.unjudged,
        )

    def _found(self, tally: _Tally, ids: Iterator[int]) -> list[Found]:
        """Findings in order of event time; of one instant, in order of rules and things."""
        every = [
            (number, say) for number, done in tally.stepped.items() for say in says(done, self.states[number])
        ]
        every.sort(key=lambda each: (each[1].at, each[0], each[1].pair, each[1].order))
        return [self._finding(number, say, ids) for number, say in every]

    def _finding(self, number: int, say: Say, ids: Iterator[int]) -> Found:
        plan, states, pair = self.plans[number], self.states[number], say.pair
        standing = say.warning or (next(ids) if say.kind == "raise" else int(states.warning[pair]))
        version = plan.at(say.at) or plan.versions[-1]
        turn, level = say.turn, float(version.level[pair])
        episode = states.episode(pair, standing)
        began = turn.began if turn else episode.began if episode else say.at
        found = Found(
            plan=plan,
            version=version,
            thing=int(plan.things[pair]),
            warning=standing,
            raised=say.kind == "raise",
            kind=say.kind,
            at=say.at,
            began=began,
            value=turn.value if turn else None,
            unit=self.table.units[plan.wiring.streams[pair, 0, 0]],
            level=None if np.isnan(level) else level,
            peak=turn.peak if turn else None,
            evidence=turn.evidence if turn else None,
            cleared=say.clearing.at if say.clearing else None,
            clearing=say.clearing.evidence if say.clearing else (),
            unjudged=states.unjudged.pop(pair, 0) if say.kind == "clear" else 0,
            ended="withdrawn" if say.kind == "withdraw" else "" if plan.at(say.at) else "rule_ended",
        )
        _remember(plan, states, say, found, episode)
        return found

    def _mind(self, number: int, pairs: Ints) -> set[int]:
        """Tells the watch which pairs began or ceased to remember something; returns those that ceased."""
        alive, now = self.states[number].alive[pairs], self.states[number].active(pairs)
        wiring = self.plans[number].wiring
        if (rising := pairs[now & ~alive]).size:
            self.watch.set_busy(wiring.all_streams(rising), 1)
        if (falling := pairs[alive & ~now]).size:
            self.watch.set_busy(wiring.all_streams(falling), -1)
        self.states[number].alive[pairs] = now
        return {int(pair) for pair in falling}

    def _ended(self, judged: Judged, now: Instant) -> Judged:
        """Warnings of rules that ended, without a version that follows, clear when the rule ended."""
        cleared, marks = list(judged.cleared), {(mark.rule, mark.thing): mark for mark in judged.marks}
        for number, ends in enumerate(self._ends):
            while ends and ends[0] <= now:
                end, states = ends.pop(0), self.states[number]
                plan = self.plans[number]
                over = np.flatnonzero((states.holding != NEVER) & (states.holding < end))
                for pair in over.tolist():
                    if states.warning[pair]:
                        cleared.append(self._finding(number, Say("clear", pair, end, 0, None), iter(())))
                    states.drop(pair)
                    marks[plan.rule.name, int(plan.things[pair])] = states.mark(pair)
                self._mind(number, over)
        return msgspec.structs.replace(judged, cleared=tuple(cleared), marks=tuple(marks.values()))

    def _name(self, stream: int) -> tuple[int, str, str]:
        table = self.table
        return int(table.id[stream]), table.codes[table.property[stream]], table.units[stream]


def _remember(plan: Plan, states: PairStates, say: Say, found: Found, episode: Episode | None) -> None:
    """Moves the open warning of the pair, and what late rows may still change."""
    pair, warning = say.pair, found.warning
    cleared = NEVER
    match say.kind:
        case "raise":
            states.warning[pair] = warning
        case "clear":
            states.warning[pair] = 0
            cleared = say.at
        case "revise":
            cleared = NEVER if found.cleared is None else found.cleared
            if cleared == NEVER:
                states.warning[pair] = warning
        case "withdraw":
            if states.warning[pair] == warning:
                states.warning[pair] = 0
            states.unsay(pair, warning)
            return
    if not plan.late:
        return
    if say.kind == "clear":
        began, raised = (episode.began, episode.raised) if episode else (found.began, NEVER)
    else:
        began, raised = found.began, say.at
    states.say(pair, Episode(warning, began, raised, cleared))
