"""When time alone may make something true: deadlines of silent streams, so that a tick costs what is due and no more."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hutong.engine.judge.events import Ints
from hutong.engine.judge.plan import Plan
from hutong.engine.judge.state import PairStates
from hutong.engine.judge.words import FAR
from hutong.kernel.base import Instant
from hutong.kernel.lateness import NEVER


class Queue:
    """Pairs by deadline: sorted chunks, merged when of like size (a pair is moved a logarithmic number of times)."""

    def __init__(self) -> None:
        self._chunks: list[tuple[Ints, Ints]] = []
        self.earliest = FAR

    def put(self, due: Ints, pairs: Ints) -> None:
        if not len(due):
            return
        order = np.argsort(due, kind="stable")
        due, pairs = due[order], pairs[order]
        while self._chunks and len(self._chunks[-1][0]) <= 2 * len(due):
            other_due, other = self._chunks.pop()
            due, pairs = np.concatenate((other_due, due)), np.concatenate((other, pairs))
            order = np.argsort(due, kind="stable")
            due, pairs = due[order], pairs[order]
        self._chunks.append((due, pairs))
        self.earliest = min(self.earliest, int(due[0]))

    def pop(self, now: Instant) -> Ints:
        """The pairs whose deadline lies before `now`, ascending; they leave."""
        if now <= self.earliest:
            return _NONE
        found, left = [], []
        for due, pairs in self._chunks:
            end = int(np.searchsorted(due, now))
            found.append(pairs[:end])
            if end < len(due):
                left.append((due[end:], pairs[end:]))
        self._chunks = left
        self.earliest = min((int(due[0]) for due, _ in left), default=FAR)
        return np.sort(np.concatenate(found))


_NONE = np.zeros(0, np.int64)


class Silences:
    """The deadlines of all plans that speak of missing data. A pair waits for one deadline at a time: it is looked at
    again when that has come, and only then is it asked whether rows have moved it. Pairs without a deadline (never heard
    of, or silent for long) are asleep: their next row wakes them."""

    def __init__(self, plans: tuple[Plan, ...], states: tuple[PairStates, ...], streams: int) -> None:
        self.plans = {number: plan for number, plan in enumerate(plans) if plan.missing}
        self._states = states
        self._queues = {number: Queue() for number in self.plans}
        self._waits = {number: np.zeros(len(plan.things), bool) for number, plan in self.plans.items()}
        self._asleep: NDArray[np.int16] = np.zeros(streams, np.int16)
        for plan in self.plans.values():
            self._asleep[plan.wiring.all_streams(np.arange(len(plan.things)))] += 1
        self._sleepers = int(np.count_nonzero(self._asleep))

    def wake(self, stream: Ints, newest: Ints) -> None:
        """Rows of these streams came (`newest` is after them)."""
        if not self._sleepers:
            return
        heard = self._asleep[stream] > 0
        if not heard.any():
            return
        streams = np.unique(stream[heard])
        for number, plan in self.plans.items():
            pair = plan.wiring.pair_of[streams].astype(np.int64)
            pairs = np.unique(pair[pair >= 0])
            self._schedule(number, pairs[~self._waits[number][pairs]], newest)

    def due(self, number: int, now: Instant, newest: Ints) -> tuple[Ints, Ints]:
        """(pairs of a plan with a deadline before `now` that was not judged yet, all pairs that must be scheduled again)."""
        popped = self._queues[number].pop(now)
        if not len(popped):
            return popped, popped
        self._waits[number][popped] = False
        self._sleep(number, popped, 1)
        plan = self.plans[number]
        reached = np.zeros(len(popped), bool)
        for deadline in self._deadlines(plan, self._states[number], popped, newest):
            reached |= deadline < now
        return popped[reached], popped

    def schedule(self, number: int, pairs: Ints, newest: Ints) -> None:
        """Lets pairs that `due` gave wait for their next deadline."""
        self._schedule(number, pairs, newest)

    def _schedule(self, number: int, pairs: Ints, newest: Ints) -> None:
        if not len(pairs):
            return
        next_ = np.full(len(pairs), FAR)
        for deadline in self._deadlines(self.plans[number], self._states[number], pairs, newest):
            np.minimum(next_, deadline, out=next_)
        known = next_ < FAR
        pairs = pairs[known]
        self._queues[number].put(next_[known], pairs)
        self._waits[number][pairs] = True
        self._sleep(number, pairs, -1)

    def _sleep(self, number: int, pairs: Ints, more: int) -> None:
        streams = self.plans[number].wiring.all_streams(pairs)
        before = np.count_nonzero(self._asleep[streams])
        self._asleep[streams] += more
        self._sleepers += int(np.count_nonzero(self._asleep[streams]) - before)

    @staticmethod
    def _deadlines(plan: Plan, states: PairStates, pairs: Ints, newest: Ints) -> list[Ints]:
        """Per word and delay the deadline of each pair, FAR where it was judged or there is none."""
        clock = np.maximum(plan.wiring.newest(pairs, newest), states.ticked[pairs])
        found = []
        for word in plan.missing:
            streams = plan.wiring.streams[pairs, word.slot, :]
            last = np.where(streams >= 0, newest[streams], NEVER).max(axis=1)
            for delay in plan.delays(word):
                found.append(np.where((last != NEVER) & (last + delay > clock), last + delay, FAR))
        return found
