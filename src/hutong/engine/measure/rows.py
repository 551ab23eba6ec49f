"""Columns of what happened: a row is one thing counted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hutong.engine.measure.happened import Happened

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Rows:
    """Arrays of one length: instants in µs UTC, ids (0: none), the place of the count among all, weights."""

    case: Ints
    at: Ints
    counted: Ints
    account: Ints
    organisation: Ints
    place: Ints
    category: Ints
    weight: NDArray[np.float64]
    excused: Bools

    def __len__(self) -> int:
        return len(self.case)

    def where(self, mask: Bools) -> Rows:
        if mask.all():
            return self
        return Rows(*(getattr(self, one)[mask] for one in NAMES))


NAMES = tuple(one.name for one in fields(Rows))
TYPES = (np.int64,) * 7 + (np.float64, np.bool_)


def rows_of(found: Iterable[Happened], category: Callable[[str], int]) -> Rows:
    """`category` numbers the categories."""
    parts: list[Sequence[Any]] = list(zip(*found, strict=True)) or [()] * len(NAMES)
    parts[6] = [category(one) for one in parts[6]]
    return Rows(*(np.array(part, kind) for part, kind in zip(parts, TYPES, strict=True)))


def together(parts: Sequence[Rows]) -> Rows:
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return rows_of((), lambda _: 0)
    return Rows(*(np.concatenate([getattr(part, one) for part in parts]) for one in NAMES))
