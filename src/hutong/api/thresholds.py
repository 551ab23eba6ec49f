"""What rules compare a stream with: the levels that hold for its thing, now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

import msgspec

from hutong.engine.rulebook import Rulebook
from hutong.kernel.base import Instant, Label
from hutong.kernel.definition.rule import Condition, Level, Rule
from hutong.kernel.thing import Datastream, Thing


class Threshold(msgspec.Struct, frozen=True):
    """A level of a rule, in the unit of the stream. `word` says on which side of it the rule finds something."""

    rule: str
    label: Label
    colour: str
    word: Literal["above", "below", "equals"]
    value: float
    hold: str
    clears: bool
    """True: the level that ends the warning."""


def thresholds(rulebook: Rulebook, thing: Thing, stream: Datastream, now: Instant) -> list[Threshold]:
    """Of all rules that watch this property of things of this type."""
    parameters = rulebook.parameters(now)
    return [
        Threshold(rule.name, rule.label, rule.colour, word, value, rule.hold, clears)
        for rule in rulebook.rules.values()
        if rule.type == thing.type
        for condition, clears in ((rule.when, False), (rule.clear, True))
        if condition is not None
        for word, level in _levels(rule, condition, stream.property_code)
        if (value := _value(level, thing, parameters, rule.name.partition(".")[0])) is not None
    ]


def _levels(
    rule: Rule, condition: Condition, code: str
) -> Iterator[tuple[Literal["above", "below", "equals"], float | Level]]:
    """The comparisons of a condition that look at the observed property."""
    for part in (*(condition.all or ()), *(condition.any or ())):
        yield from _levels(rule, part, code)
    if (condition.property or rule.property) != code:
        return
    if condition.above is not None:
        yield "above", condition.above
    if condition.below is not None:
        yield "below", condition.below
    if condition.equals is not None:
        yield "equals", condition.equals
    if condition.outside is not None:
        yield "below", condition.outside[0]
        yield "above", condition.outside[1]


def _value(level: float | Level, thing: Thing, parameters: Mapping[str, float], pack: str) -> float | None:
    """None where the thing lacks the property that its level is."""
    if not isinstance(level, Level):
        return float(level)
    base: object = level.value
    if level.thing is not None:
        base = thing.properties.get(level.thing, thing.properties.get(level.thing.rpartition(".")[2]))
    elif level.parameter is not None:
        base = parameters.get(level.parameter, parameters.get(f"{pack}.{level.parameter}"))
    if not isinstance(base, int | float):
        return None
    return float(base) * level.times + level.plus
