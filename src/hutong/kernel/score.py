"""Scores put together from weighted parts; what has nothing to be judged by counts neither for nor against anybody."""

from __future__ import annotations

import msgspec


class Part(msgspec.Struct, frozen=True):
    """One part of a score: a value from 0 to 100 (None: its denominator is zero) and its weight, a share of 1."""

    name: str
    value: float | None
    weight: float


class Score(msgspec.Struct, frozen=True):
    """`value` from 0 to 100 (None: no part has a value), and what it was made of."""

    value: float | None
    parts: tuple[Part, ...] = ()


def percent(n: float, of: float) -> float | None:
    """100 × n ÷ of; None where there is nothing to divide by."""
    return 100 * n / of if of else None


def remainder(value: float | None) -> float | None:
    """What a percentage leaves of 100."""
    return None if value is None else 100 - value


def weighted(*parts: Part, full: bool = False) -> Score:
    """The weighted sum. A part without a value loses its weight to the others, or with `full` counts as 100
    (domain-facts §1.8, edge rule); None where nothing has a value and `full` is not set."""
    known = [
        (100.0 if one.value is None else one.value, one.weight)
        for one in parts
        if full or one.value is not None
    ]
    total = sum(weight for _, weight in known)
    if not total:
        return Score(None, parts)
    return Score(sum(value * weight for value, weight in known) / total, parts)
