"""Rows of a time that a stream has already: what the store will not keep is not judged, and what it replaces is judged
again."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hutong.engine.judge.events import Flags, Ints, Rows
from hutong.engine.judge.tail import Tail

KEEP_ALL, KEEP_FIRST, REPLACE = 2, 0, 1
"""Codes of `same_time` in the stream table."""


def kept(rows: Rows, same_time: NDArray[np.uint8], heard: Ints, tail: Tail) -> Rows:
    """The rows that the store will keep; those that take the place of an earlier one are marked `anew`, and the earlier
    one leaves the tail. `heard`: the newest time of each stream before these rows.

    Rows further back than the tail are let through: no rule judges them.
    """
    code = same_time[rows.stream]
    ruled = code != KEEP_ALL
    if not ruled.any():
        return rows
    doubtful = np.flatnonzero(ruled & ((rows.time <= heard[rows.stream]) | _again(rows.stream, len(heard))))
    if not len(doubtful):
        return rows
    stays, anew = np.ones(len(rows), bool), np.zeros(len(rows), bool)
    known = _known(tail, np.unique(rows.stream[doubtful]))
    first: dict[tuple[int, int], int] = {}
    gone: set[tuple[int, int]] = set()
    places = zip(rows.stream[doubtful].tolist(), rows.time[doubtful].tolist(), strict=True)
    for row, place in zip(doubtful.tolist(), places, strict=True):
        if code[row] == KEEP_FIRST:
            stays[row] = place not in known and place not in first
            first.setdefault(place, row)
            continue
        if place in first:
            stays[first[place]] = False
        if place in known:
            gone.add(place)
        anew[row] = place in known
        first[place] = row
    if gone:
        tail.remove(gone)
    if anew.any():
        rows.anew = anew
    return rows if stays.all() else rows.take(np.flatnonzero(stays))


def _again(stream: Ints, streams: int) -> Flags:
    """Rows of streams that have several here."""
    last = np.zeros(streams, np.int64)
    last[stream] = np.arange(len(stream))
    alone = last[stream] == np.arange(len(stream))
    if alone.all():
        return np.zeros(len(stream), bool)
    several = np.zeros(streams, bool)
    several[stream[~alone]] = True
    return np.asarray(several[stream])


def _known(tail: Tail, streams: Ints) -> set[tuple[int, int]]:
    rows = tail.kept(streams)
    return set(zip(rows.stream.tolist(), rows.time.tolist(), strict=True))
