"""Indicators of one row: the formula applied to its counts, and the grade."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from hutong.kernel.definition.indicator import AMOUNT, RATE, IndicatorDefinition
from hutong.kernel.score import Score, percent


class Figure(msgspec.Struct, frozen=True):
    """A value with what it was made of; None where there is nothing to judge by."""

    value: float | None
    score: Score
    grade: str = ""


def figure(
    indicator: IndicatorDefinition,
    counts: Mapping[str, float],
    parameters: Mapping[str, float],
    functions: Mapping[str, Callable[..., Any]],
) -> Figure:
    """`counts` by qualified name; what is not in it was not counted once."""
    given = {argument: counts.get(name, 0.0) for argument, name in indicator.counts.items()}
    score = _score(indicator, given, parameters, functions)
    value = score.value
    if value is not None and not math.isfinite(value):
        value = None
    return Figure(value, score, _grade(indicator, value, parameters))


def _score(
    indicator: IndicatorDefinition,
    given: Mapping[str, float],
    parameters: Mapping[str, float],
    functions: Mapping[str, Callable[..., Any]],
) -> Score:
    if indicator.formula == RATE:
        return Score(percent(given["n"], given["of"]))
    if indicator.formula == AMOUNT:
        return Score(given["n"])
    settings = {argument: parameters[name] for argument, name in indicator.parameters.items()}
    found = functions[indicator.formula](**given, **settings)
    return found if isinstance(found, Score) else Score(found)


def _grade(indicator: IndicatorDefinition, value: float | None, parameters: Mapping[str, float]) -> str:
    """The first grade whose lowest value the score reaches, as it is shown."""
    if value is None:
        return ""
    shown = round(value, indicator.decimals)
    return next(
        (grade for grade, least in indicator.grades.items() if not least or shown >= parameters[least]), ""
    )
