"""The memory of one plan about its pairs: columns, loaded from rule marks and given back as marks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np

from hutong.engine.judge.events import Ints
from hutong.engine.judge.machine import Before
from hutong.engine.judge.plan import Plan
from hutong.kernel.base import Facts, Instant
from hutong.kernel.changes import RuleMark
from hutong.kernel.lateness import NEVER


class Step(NamedTuple):
    """The state right after an event at which it changed."""

    time: Instant
    holding: Instant
    clearing: Instant
    rows: int
    open: bool


class Episode(NamedTuple):
    """A warning as it was said: when its condition began, when it was raised and when cleared (NEVER: it is open)."""

    warning: int
    began: Instant
    raised: Instant
    cleared: Instant = NEVER


class Peak(NamedTuple):
    """The worst value of the rule's own property since the condition began to hold, and the row that
    had it."""

    value: float
    time: Instant
    stream: int
    observation: int


class PairStates:
    """Columns over the pairs of a plan; NEVER and 0 stand for none. `steps` and `episodes` are kept as long as a
    late row may reach behind them, and of steps the last one before that."""

    def __init__(self, plan: Plan) -> None:
        count = len(plan.things)
        self.plan = plan
        self.holding: Ints = np.full(count, NEVER, np.int64)
        self.clearing: Ints = np.full(count, NEVER, np.int64)
        self.count: Ints = np.zeros(count, np.int64)
        """Rows of the run that goes on, where the rule counts them."""
        self.warning: Ints = np.zeros(count, np.int64)
        self.ticked: Ints = np.full(count, NEVER, np.int64)
        """Up to when time alone has been judged."""
        self.alive = np.zeros(count, bool)
        """Which pairs remembered something after the last run."""
        self.recent = np.zeros(count, bool)
        """Which pairs have steps or episodes."""
        self.stored = np.zeros(count, bool)
        """Which pairs have a mark in the store."""
        self.peaks: dict[int, Peak] = {}
        self.steps: dict[int, list[Step]] = {}
        self.episodes: dict[int, list[Episode]] = {}
        self.unjudged: dict[int, int] = {}
        """Late rows that came after the warning of missing data they would have changed."""
        self.usual: Callable[[int], list[str]] | None = None
        """What is stored of a pair's baselines (None: the rule has none)."""

    def active(self, pairs: Ints) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Whether a pair remembers anything, so that its rows cannot be passed over."""
        alive = (self.holding[pairs] != NEVER) | (self.warning[pairs] != 0) | (self.clearing[pairs] != NEVER)
        return np.asarray(alive | self.recent[pairs])

    def idle(self, pair: int) -> bool:
        return bool(self.holding[pair] == NEVER and self.warning[pair] == 0)

    def said(self, pair: int) -> Instant:
        """The event time of the last warning raised or cleared that a late row might still reach."""
        return max(
            (max(one.raised, one.cleared) for one in self.episodes.get(pair, ())),
            default=NEVER,
        )

    def now(self, pairs: Ints) -> Before:
        """The state of pairs as it is."""
        return Before(self.holding[pairs], self.clearing[pairs], self.warning[pairs] != 0, self.count[pairs])

    def before(self, pair: int, time: Instant) -> Step:
        """The state right before events at `time`."""
        steps = self.steps.get(pair)
        if not steps:
            return self._step(pair)
        return next((s for s in reversed(steps) if s.time < time), Step(NEVER, NEVER, NEVER, 0, False))

    def _step(self, pair: int) -> Step:
        return Step(
            NEVER,
            int(self.holding[pair]),
            int(self.clearing[pair]),
            int(self.count[pair]),
            bool(self.warning[pair]),
        )

    def rewind(self, pair: int, time: Instant) -> None:
        """Forgets the steps from `time` on: they are judged again."""
        if pair in self.steps:
            self.steps[pair] = [step for step in self.steps[pair] if step.time < time]

    def note(self, pair: int, step: Step) -> None:
        """Adds a step, before the state itself moves; of steps at one time the last stands."""
        steps = self.steps.get(pair)
        if steps is None:
            base = self._step(pair)
            steps = self.steps[pair] = [base] if base.open or base.holding != NEVER else []
            self.recent[pair] = True
        if steps and steps[-1].time == step.time:
            steps.pop()
        steps.append(step)

    def say(self, pair: int, episode: Episode) -> None:
        """Adds an episode, or what became of it."""
        others = [one for one in self.episodes.get(pair, ()) if one.warning != episode.warning]
        self.episodes[pair] = sorted([*others, episode], key=lambda one: one.raised)
        self.recent[pair] = True

    def unsay(self, pair: int, warning: int) -> None:
        """The warning was withdrawn."""
        self.episodes[pair] = [one for one in self.episodes.get(pair, ()) if one.warning != warning]

    def reopen(self, pair: int) -> None:
        """After late rows: the open warning is that of the open episode, whatever earlier ones were found before it."""
        standing = (one.warning for one in self.episodes.get(pair, ()) if one.cleared == NEVER)
        self.warning[pair] = next(standing, 0)

    def episode(self, pair: int, warning: int) -> Episode | None:
        return next((one for one in self.episodes.get(pair, ()) if one.warning == warning), None)

    def forget(self, pair: int, horizon: Instant) -> None:
        """Drops what no late row can reach behind any more."""
        steps = self.steps.get(pair)
        if steps is not None:
            reachable = next((i for i, step in enumerate(steps) if step.time >= horizon), len(steps))
            kept = steps[max(0, reachable - 1) :]
            if not kept or (self.idle(pair) and len(kept) == 1 and kept[0].time < horizon):
                del self.steps[pair]
            else:
                self.steps[pair] = kept
        said = self.episodes.get(pair)
        if said is not None:
            left = [one for one in said if one.cleared == NEVER or one.cleared >= horizon]
            if left:
                self.episodes[pair] = left
            else:
                del self.episodes[pair]
        self.recent[pair] = pair in self.steps or pair in self.episodes

    def drop(self, pair: int) -> None:
        """Forgets everything about the pair."""
        self.holding[pair] = self.clearing[pair] = NEVER
        self.warning[pair] = self.count[pair] = 0
        for kept in (self.peaks, self.steps, self.episodes, self.unjudged):
            kept.pop(pair, None)
        self.recent[pair] = False

    def marks(self, changed: Iterable[int]) -> list[RuleMark]:
        """What must be stored about these pairs now; an empty mark where nothing is left of what was stored."""
        pairs = np.array(sorted(changed), np.int64)
        if not len(pairs):
            return []
        holding, warning = self.holding[pairs], self.warning[pairs]
        full = (holding != NEVER) | (warning != 0) | self.recent[pairs]
        if self.peaks or self.unjudged:
            kept = self.peaks.keys() | self.unjudged.keys()
            full |= np.fromiter((pair in kept for pair in pairs.tolist()), bool, len(pairs))
        full |= self.usual is not None
        news = full | self.stored[pairs]
        self.stored[pairs] = full
        name, things = self.plan.rule.name, self.plan.things[pairs]
        columns = (pairs, things, holding, self.clearing[pairs], warning, self.count[pairs], full)
        rows = zip(*(column[news].tolist() for column in columns), strict=True)
        return [
            RuleMark(
                name,
                thing,
                None if since == NEVER else since,
                None if clear == NEVER else clear,
                open_ or None,
                self._memory(pair, since, count),
            )
            if some
            else RuleMark(name, thing)
            for pair, thing, since, clear, open_, count, some in rows
        ]

    def mark(self, pair: int) -> RuleMark:
        """What must be stored about the pair; an empty mark if nothing."""
        self.stored[pair] = True
        return self.marks([pair])[0]

    def _memory(self, pair: int, since: Instant, count: int) -> Facts:
        memory: Facts = {}
        if (peak := self.peaks.get(pair)) is not None:
            memory["peak"] = list(peak)
        if count:
            memory["count"] = count
        if steps := self.steps.get(pair):
            memory["steps"] = [
                [_maybe(s.time), _maybe(s.holding), _maybe(s.clearing), s.rows, s.open] for s in steps
            ]
        if said := self.episodes.get(pair):
            memory["said"] = [[one.warning, one.began, one.raised, _maybe(one.cleared)] for one in said]
        if unjudged := self.unjudged.get(pair):
            memory["unjudged"] = unjudged
        if digest := self._digest(since):
            memory["version"] = digest
        if self.usual is not None and (usual := self.usual(pair)):
            memory["usual"] = usual
        return memory

    def _digest(self, since: Instant) -> str:
        """Of the version under which the condition began to hold."""
        if len(self.plan.versions) == 1:
            return self.plan.version
        version = self.plan.at(since)
        return self.plan.version if version is None else version.digest

    def load(self, pair: int, mark: RuleMark) -> None:
        """Takes over the stored mark of a pair."""
        memory = mark.memory
        self.stored[pair] = True
        self.holding[pair] = _or_never(mark.holding_since)
        self.clearing[pair] = _or_never(mark.clear_since)
        self.warning[pair] = mark.warning or 0
        self.count[pair] = memory.get("count", 0)
        if "peak" in memory:
            self.peaks[pair] = Peak(*memory["peak"])
        if "steps" in memory:
            self.steps[pair] = [
                Step(_or_never(time), _or_never(holding), _or_never(clearing), count, is_open)
                for time, holding, clearing, count, is_open in memory["steps"]
            ]
            self.ticked[pair] = self.steps[pair][-1].time
        if "said" in memory:
            self.episodes[pair] = [
                Episode(id, began, raised, _or_never(cleared))
                for id, began, raised, cleared in memory["said"]
            ]
        if "unjudged" in memory:
            self.unjudged[pair] = memory["unjudged"]
        self.recent[pair] = pair in self.steps or pair in self.episodes

    def adopt(self, pair: int, mark: RuleMark) -> bool:
        """Takes over the mark of another definition of the rule: only an open warning, which this definition alone
        decides on from now; what merely began to hold begins anew. False: there is nothing to take over."""
        if mark.warning is None:
            return False
        said = [one for one in mark.memory.get("said", ()) if one[0] == mark.warning]
        kept: Facts = {key: mark.memory[key] for key in ("peak", "unjudged") if key in mark.memory}
        self.load(pair, RuleMark(mark.rule, mark.thing, mark.holding_since, None, mark.warning, kept))
        if said:
            self.say(pair, Episode(said[0][0], said[0][1], said[0][2]))
        return True


def _maybe(time: Any) -> Instant | None:
    return None if time == NEVER else int(time)


def _or_never(time: Instant | None) -> Instant:
    return NEVER if time is None else time
