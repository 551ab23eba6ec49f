"""指标: what is measured."""

from __future__ import annotations

from hutong.kernel.base import Entity, Facts, Instant, Label


class Indicator(Entity, frozen=True, kw_only=True):
    """A figure with a definition, a unit and a target."""

    code: str
    name: Label
    unit: str
    formula: str
    target: float | None = None
    period: str = "day"


class IndicatorValue(Entity, frozen=True, kw_only=True):
    """An indicator's value for a period and a place; None where the denominator is zero."""

    indicator: int
    place: int | None
    start: Instant
    end: Instant
    value: float | None
    parts: Facts = {}
