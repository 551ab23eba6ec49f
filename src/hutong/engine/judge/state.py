"""The memory of one plan about its pairs: columns, loaded from rule marks and given back as marks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from hutong.engine.judge.events import Ints
from hutong.engine.judge.plan import Plan
from hutong.kernel.base import Facts, Instant
from hutong.kernel.changes import RuleMark
from hutong.kernel.lateness import NEVER


@dataclass(frozen=True)
class Step:
    """The state right after an event at which it changed. `said`: a warning was raised or cleared
    then."""

    time: Instant
    holding: Instant
    clearing: Instant
    said: bool


@dataclass(frozen=True)
class Peak:
    """The worst value of the rule's own property since the condition began to hold, and the row that
    had it."""

    value: float
    time: Instant
    stream: int
    observation: int


class PairStates:
    """Columns over the pairs of a plan; NEVER and 0 stand for none. `steps` are kept as long as a
    late row may reach behind them, and the last one before that."""

    def __init__(self, plan: Plan) -> None:
        count = len(plan.things)
        self.plan = plan
        self.holding: Ints = np.full(count, NEVER, np.int64)
        self.clearing: Ints = np.full(count, NEVER, np.int64)
        self.warning: Ints = np.zeros(count, np.int64)
        self.ticked: Ints = np.full(count, NEVER, np.int64)
        """Up to when time alone has been judged."""
        self.alive = np.zeros(count, bool)
        """Which pairs remembered something after the last run."""
        self.peaks: dict[int, Peak] = {}
        self.steps: dict[int, list[Step]] = {}
        self.unjudged: dict[int, int] = {}
        """Late rows that came after the warning they would have changed."""

    def active(self, pairs: Ints) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Whether a pair remembers anything, so that its rows cannot be passed over."""
        alive = (self.holding[pairs] != NEVER) | (self.warning[pairs] != 0) | (self.clearing[pairs] != NEVER)
        if self.steps:
            alive |= np.fromiter((int(pair) in self.steps for pair in pairs), bool, len(pairs))
        return np.asarray(alive)

    def said(self, pair: int) -> Instant:
        """The event time of the last warning raised or cleared that a late row might still reach."""
        return next((step.time for step in reversed(self.steps.get(pair, [])) if step.said), NEVER)

    def before(self, pair: int, time: Instant) -> tuple[Instant, Instant]:
        """(holding, clearing) right before events at `time`."""
        steps = self.steps.get(pair)
        if not steps:
            return int(self.holding[pair]), int(self.clearing[pair])
        return next(((s.holding, s.clearing) for s in reversed(steps) if s.time < time), (NEVER, NEVER))

    def rewind(self, pair: int, time: Instant) -> None:
        """Forgets the steps from `time` on: they are judged again."""
        self.steps[pair] = [step for step in self.steps.get(pair, []) if step.time < time]

    def forget(self, pair: int, horizon: Instant) -> None:
        """Drops the steps no late row can reach behind any more."""
        steps = self.steps.get(pair)
        if steps is None:
            return
        reachable = next((i for i, step in enumerate(steps) if step.time >= horizon), len(steps))
        kept = steps[max(0, reachable - 1) :]
        idle = self.holding[pair] == NEVER and self.warning[pair] == 0
        if not kept or (idle and len(kept) == 1 and kept[0].time < horizon):
            del self.steps[pair]
        else:
            self.steps[pair] = kept

    def mark(self, pair: int) -> RuleMark:
        """What must be stored about the pair; an empty mark if nothing."""
        return RuleMark(
            rule=self.plan.rule.name,
            thing=int(self.plan.things[pair]),
            holding_since=_maybe(self.holding[pair]),
            clear_since=_maybe(self.clearing[pair]),
            warning=int(self.warning[pair]) or None,
            memory=self._memory(pair),
        )

    def _memory(self, pair: int) -> Facts:
        memory: Facts = {}
        if (peak := self.peaks.get(pair)) is not None:
            memory["peak"] = [peak.value, peak.time, peak.stream, peak.observation]
        if steps := self.steps.get(pair):
            memory["steps"] = [[s.time, _maybe(s.holding), _maybe(s.clearing), s.said] for s in steps]
        if unjudged := self.unjudged.get(pair):
            memory["unjudged"] = unjudged
        return memory

    def load(self, marks: Iterable[RuleMark]) -> list[RuleMark]:
        """Takes over stored marks of this rule; returns those of things it does not watch."""
        left: list[RuleMark] = []
        place = {int(thing): pair for pair, thing in enumerate(self.plan.things)}
        for mark in marks:
            pair = place.get(mark.thing)
            if pair is None:
                left.append(mark)
                continue
            self.holding[pair] = _or_never(mark.holding_since)
            self.clearing[pair] = _or_never(mark.clear_since)
            self.warning[pair] = mark.warning or 0
            if "peak" in mark.memory:
                self.peaks[pair] = Peak(*mark.memory["peak"])
            if "steps" in mark.memory:
                self.steps[pair] = [
                    Step(time, _or_never(holding), _or_never(clearing), said)
                    for time, holding, clearing, said in mark.memory["steps"]
                ]
                self.ticked[pair] = self.steps[pair][-1].time
            if "unjudged" in mark.memory:
                self.unjudged[pair] = mark.memory["unjudged"]
        return left

    def note(self, pair: int, step: Step) -> None:
        """Adds a step; of steps at one time the last stands, and remembers that something was said."""
        steps = self.steps.setdefault(pair, [])
        if steps and steps[-1].time == step.time:
            step = replace(step, said=step.said or steps[-1].said)
            steps.pop()
        steps.append(step)


def _maybe(time: Any) -> Instant | None:
    return None if time == NEVER else int(time)


def _or_never(time: Instant | None) -> Instant:
    return NEVER if time is None else time
