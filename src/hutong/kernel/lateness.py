"""How late rows arrive: against the newest row of their stream that came before them, in arrival
order."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

NEVER = -(2**62)
"""The time of something that has not happened; differences with real instants do not overflow."""


def lateness(
    position: NDArray[np.int64], time: NDArray[np.int64], newest: NDArray[np.int64]
) -> NDArray[np.int64] | None:
    """µs each row is behind its stream (0: in order); None if no row is late.

    `position` indexes `newest`, the newest time of each stream before this batch (NEVER: none). Counted
    in arrival order, so that it does not depend on how a feed is cut into batches.
    """
    behind = newest[position] - time
    if len(time) and np.any(time[1:] < time[:-1]):
        np.maximum(behind, _behind_in_batch(position, time), out=behind)
    np.maximum(behind, 0, out=behind)
    return behind if behind.any() else None


def _behind_in_batch(position: NDArray[np.int64], time: NDArray[np.int64]) -> NDArray[np.int64]:
    """µs each row is behind the newest earlier row of its stream within the batch (≤ 0 if it leads).

    A running maximum per group over ranks of time, offset by group, so that groups cannot mix.
    """
    count = len(time)
    by_stream = np.argsort(position, kind="stable")
    by_time = np.argsort(time, kind="stable")
    rank = np.empty(count, np.int64)
    rank[by_time] = np.arange(count)
    grouped = position[by_stream]
    group = np.concatenate(([0], np.cumsum(grouped[1:] != grouped[:-1])))
    leader = np.maximum.accumulate(rank[by_stream] + group * count) - group * count
    behind = np.empty(count, np.int64)
    behind[by_stream] = time[by_time][leader] - time[by_stream]
    return behind


def advance(
    position: NDArray[np.int64],
    time: NDArray[np.int64],
    value: NDArray[np.float64],
    newest: NDArray[np.int64],
    latest: NDArray[np.float64],
) -> None:
    """Moves `newest` and `latest` of each stream to its newest row, in place; of equal times the
    later wins."""
    if len(time) and np.any(time[1:] < time[:-1]):
        order = np.argsort(time, kind="stable")
        position, time, value = position[order], time[order], value[order]
    current = time >= newest[position]
    if not current.all():
        position, time, value = position[current], time[current], value[current]
    newest[position] = time
    latest[position] = value
