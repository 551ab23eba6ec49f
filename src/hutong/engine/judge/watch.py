"""Which rows can change anything: a band per stream, narrowed to nothing while a pair of the stream
remembers something. On quiet data this is all that judging costs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hutong.engine.judge.events import Flags, Floats, Ints
from hutong.engine.judge.plan import Plan
from hutong.engine.judge.tail import Tail
from hutong.engine.judge.words import FAR
from hutong.kernel.base import MINUTE
from hutong.kernel.lateness import NEVER

DEFAULT_LATE = 10 * MINUTE

_NONE = np.zeros(0, np.int64)


class Watch:
    """Columns over streams. A row within [low, high] of its stream, in order, without a gap or a
    rise, is passed over."""

    def __init__(self, plans: Sequence[Plan], count: int) -> None:
        self.watched: Flags = np.zeros(count + 1, bool)
        """One more than there are streams: position −1 (an unknown stream) is not watched."""
        self.low: Floats = np.full(count, -np.inf)
        self.high: Floats = np.full(count, np.inf)
        self.gap: Ints = np.full(count, FAR, np.int64)
        self.rise: Floats = np.full(count, np.inf)
        self.window: Ints = np.zeros(count, np.int64)
        self.late: Ints = np.full(count, DEFAULT_LATE, np.int64)
        """How far behind its newest row a stream's row may be and still be judged by one of its rules."""
        self._ruled = np.zeros(count, bool)
        self.lowest: Floats = np.full(count, np.inf)
        """A bound from below of what each stream had within its window."""
        for plan in plans:
            self._add(plan)
        self.gaps = bool((self.gap < FAR).any())
        self.rises = bool(self.window.any())
        self._risen = _NONE
        self._unbounded = np.flatnonzero((self.window > 0) & ~np.isfinite(self.rise))
        self._calm = (self.low.copy(), self.high.copy())
        self._busy: NDArray[np.int32] = np.zeros(count, np.int32)

    def _add(self, plan: Plan) -> None:
        streams = np.flatnonzero(plan.wiring.pair_of >= 0)
        pair = plan.wiring.pair_of[streams]
        self.watched[streams] = True
        self.late[streams] = np.where(
            self._ruled[streams], np.maximum(self.late[streams], plan.late), plan.late
        )
        self._ruled[streams] = True
        self.window[streams] = np.maximum(self.window[streams], plan.lookback)
        quiet = plan.quiet
        if quiet is None:
            self.low[streams], self.high[streams] = np.inf, -np.inf
            return
        self.low[streams] = np.maximum(self.low[streams], quiet.low[pair])
        self.high[streams] = np.minimum(self.high[streams], quiet.high[pair])
        self.gap[streams] = np.minimum(self.gap[streams], quiet.gap)
        if quiet.rise is not None:
            self.rise[streams] = np.minimum(self.rise[streams], quiet.rise[pair])

    def set_busy(self, streams: Ints, more: int) -> None:
        """Counts pairs that remember something up or down on their streams (each stream once per
        call)."""
        self._busy[streams] += more
        busy = self._busy[streams] > 0
        self.low[streams] = np.where(busy, np.inf, self._calm[0][streams])
        self.high[streams] = np.where(busy, -np.inf, self._calm[1][streams])

    def stirred(self, stream: Ints, time: Ints, value: Floats, newest: Ints, late: Ints | None) -> Flags:
        """The rows that may change something."""
        found = (value < self.low[stream]) | (value > self.high[stream])
        if late is not None:
            found |= late > 0
        if self.gaps:
            found |= time - newest[stream] > self.gap[stream]
        self._risen = _NONE
        if self.rises:
            np.minimum.at(self.lowest, stream, value)
            risen = value - self.lowest[stream] > self.rise[stream]
            self._risen = np.unique(stream[risen])
            found |= risen
        return found

    def see(self, stream: Ints, value: Floats) -> None:
        """Takes rows of the past into the lowest values."""
        if self.rises:
            np.minimum.at(self.lowest, stream, value)

    def renew(self, tail: Tail) -> None:
        """Lets the lowest values of the streams that rose increase to what their windows really hold."""
        streams = np.union1d(self._risen, self._unbounded)
        if not len(streams):
            return
        kept, _ = tail.fetch(streams)
        newest = np.full(len(self.rise), NEVER, np.int64)
        np.maximum.at(newest, kept.stream, kept.time)
        inside = kept.time >= newest[kept.stream] - self.window[kept.stream]
        self.lowest[streams] = np.inf
        np.minimum.at(self.lowest, kept.stream[inside], kept.value[inside])
