"""Sums of what happened, by whatever the rows of a sheet are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from hutong.engine.measure.ledger import Rows


def sums(rows: Rows, keys: NDArray[np.int64], counts: int) -> dict[int, NDArray[np.float64]]:
    """Key → the sum of the weights of each count, over rows with that key (aligned with `rows`)."""
    unique, place = np.unique(keys, return_inverse=True)
    table = np.zeros((len(unique), counts))
    np.add.at(table, (place.reshape(-1), rows["count"]), rows["weight"])
    return {int(key): table[index] for index, key in enumerate(unique)}


def mapped(ids: NDArray[np.int64], to: Mapping[int, int]) -> NDArray[np.int64]:
    """Each id as what it maps to, 0 where it maps to nothing."""
    unique, place = np.unique(ids, return_inverse=True)
    return np.array([to.get(int(one), 0) for one in unique], np.int64)[place.reshape(-1)]


def within(ids: NDArray[np.int64], some: Sequence[int]) -> NDArray[np.bool_]:
    return np.isin(ids, np.array(list(some), np.int64))


def newest_first(rows: Rows) -> list[int]:
    """The cases of rows, each once, those with the newest happening first."""
    order = np.argsort(-rows["at"], kind="stable")
    return list(dict.fromkeys(int(one) for one in rows["case"][order]))
