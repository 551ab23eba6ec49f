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
    value: Ints
    """Number of the value that the count is by."""
    weight: NDArray[np.float64]
    excused: Bools

    def __len__(self) -> int:
        return len(self.case)

    def where(self, mask: Bools) -> Rows:
        if mask.all():
            return self
        return Rows(*(getattr(self, one)[mask] for one in NAMES))


NAMES = tuple(one.name for one in fields(Rows))
TYPES = (np.int64,) * 8 + (np.float64, np.bool_)


def rows_of(found: Iterable[Happened], number: Callable[[str], int]) -> Rows:
    """`number` gives each category and value its number."""
    parts: list[Sequence[Any]] = list(zip(*found, strict=True)) or [()] * len(NAMES)
    for text in (6, 7):
        parts[text] = [number(one) for one in parts[text]]
    return Rows(*(np.array(part, kind) for part, kind in zip(parts, TYPES, strict=True)))


def together(parts: Sequence[Rows]) -> Rows:
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return rows_of((), lambda _: 0)
    return Rows(*(np.concatenate([getattr(part, one) for part in parts]) for one in NAMES))
