"""Sums of what happened, by whatever the rows of a sheet are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from hutong.engine.measure.rows import Bools, Ints, Rows


def sums(rows: Rows, keys: Ints, wanted: Sequence[int], counts: int) -> NDArray[np.float64]:
    """For each wanted key the sum of the weights of each count, over rows with that key: shape (wanted, counts)."""
    order = np.argsort(np.array(wanted, np.int64), kind="stable")
    ranked = np.array(wanted, np.int64)[order]
    if not len(ranked):
        return np.zeros((0, counts))
    place = np.minimum(np.searchsorted(ranked, keys), len(ranked) - 1)
    known = ranked[place] == keys
    cells = order[place[known]] * counts + rows.counted[known]
    flat = np.bincount(cells, weights=rows.weight[known], minlength=len(ranked) * counts)
    return np.asarray(flat, np.float64).reshape(len(ranked), counts)


def mapped(ids: Ints, to: Mapping[int, int]) -> Ints:
    """Each id as what it maps to, 0 where it maps to nothing."""
    if not to:
        return np.zeros(len(ids), np.int64)
    known = np.array(sorted(to), np.int64)
    targets = np.array([to[int(one)] for one in known], np.int64)
    place = np.minimum(np.searchsorted(known, ids), len(known) - 1)
    return np.where(known[place] == ids, targets[place], 0)


def within(ids: Ints, some: Sequence[int]) -> Bools:
    return np.isin(ids, np.array(list(some), np.int64))


def counted(rows: Rows, places: Sequence[int], counts: int) -> Bools:
    """Rows of these counts."""
    wanted = np.zeros(counts, np.bool_)
    wanted[list(places)] = True
    return wanted[rows.counted]


def newest_first(rows: Rows) -> list[int]:
    """The cases of rows, each once, those with the newest happening first."""
    order = np.argsort(-rows.at, kind="stable")
    return list(dict.fromkeys(rows.case[order].tolist()))
