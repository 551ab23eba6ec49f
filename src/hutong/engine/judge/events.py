"""The rows a rule looks at, sorted by pair and time, with the latest value of each property at every
row."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

TIMER = -1
"""The slot of an event that no row made: a span without rows has ended."""


@dataclass(eq=False)
class Rows:
    """Observations as columns; `stream` is a position in the stream table, `late` µs behind (None:
    none is), `anew`: the row takes the place of an earlier one (None: none does), `score`: how unusual it is, a column for
    each condition that asks (None: none does; NaN: not known).

    `observation` of a row that the store has not numbered yet is −1 − its position in what is sent to it.
    """

    stream: Ints
    time: Ints
    value: Floats
    observation: Ints
    late: Ints | None = None
    anew: Flags | None = None
    score: Floats | None = None

    def __len__(self) -> int:
        return len(self.stream)

    def take(self, which: Ints | Flags | slice) -> Rows:
        return Rows(
            self.stream[which],
            self.time[which],
            self.value[which],
            self.observation[which],
            None if self.late is None else self.late[which],
            None if self.anew is None else self.anew[which],
            None if self.score is None else self.score[which],
        )


def joined(parts: list[Rows]) -> Rows:
    """All rows in the given order."""
    if len(parts) == 1:
        return parts[0]
    late = None
    if any(part.late is not None for part in parts):
        late = np.concatenate([np.zeros(len(p), np.int64) if p.late is None else p.late for p in parts])
    return Rows(
        np.concatenate([part.stream for part in parts]),
        np.concatenate([part.time for part in parts]),
        np.concatenate([part.value for part in parts]),
        np.concatenate([part.observation for part in parts]),
        late,
        score=_scores(parts),
    )


def _scores(parts: list[Rows]) -> Floats | None:
    """NaN where a part has none."""
    columns = max((part.score.shape[1] for part in parts if part.score is not None), default=0)
    if not columns:
        return None
    return np.concatenate(
        [np.full((len(part), columns), np.nan) if part.score is None else part.score for part in parts]
    )


@dataclass(eq=False)
class Events:
    """Rows of one rule sorted by (pair, time, arrival). `pair` is a position in the rule's things,
    `slot` in its properties. Rows with `judged` False are there for what came before only."""

    pair: Ints
    slot: NDArray[np.int8]
    rows: Rows
    judged: Flags
    _latest: dict[int, Ints] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.pair)

    @property
    def time(self) -> Ints:
        return self.rows.time

    def first(self) -> Ints:
        """The position at which each pair's rows begin."""
        return (
            np.flatnonzero(np.concatenate(([True], self.pair[1:] != self.pair[:-1]))) if len(self) else _NONE
        )

    def begin(self) -> Ints:
        """For every row, the position at which its pair's rows begin."""
        first = self.first()
        return np.repeat(first, np.diff(np.append(first, len(self))))

    def latest(self, slot: int) -> Ints:
        """For every row, the position of the last row of that property up to it; −1 where there is
        none."""
        if slot not in self._latest:
            own = np.where(self.slot == slot, np.arange(len(self)), -1)
            last = np.maximum.accumulate(own) if len(own) else own
            self._latest[slot] = np.where(last >= self.begin(), last, -1)
        return self._latest[slot]

    def value(self, slot: int) -> Floats:
        """The latest value of that property at every row; NaN where there is none."""
        at = self.latest(slot)
        return np.where(at >= 0, self.rows.value[at], np.nan)


_NONE = np.zeros(0, np.int64)


def sorted_events(pair: Ints, slot: NDArray[np.int8], rows: Rows, judged: Flags) -> Events:
    """Events from rows in arrival order."""
    order = np.lexsort((rows.time, pair))
    return Events(pair[order], slot[order], rows.take(order), judged[order])
