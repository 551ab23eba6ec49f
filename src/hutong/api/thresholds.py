"""What rules compare a stream with: the levels that hold for its thing, now."""

from __future__ import annotations

import msgspec

from hutong.api.levels import comparisons, holds, value_of
from hutong.engine.rulebook import Rulebook
from hutong.kernel.base import Instant, Label
from hutong.kernel.thing import Datastream, Thing


class Threshold(msgspec.Struct, frozen=True):
    """A level of a rule, in the unit of the stream. `word`: above, below or equals, where the rule finds something."""

    rule: str
    label: Label
    colour: str
    word: str
    value: float
    hold: str
    clears: bool
    """True: the level that ends the warning."""


def thresholds(rulebook: Rulebook, thing: Thing, stream: Datastream, now: Instant) -> list[Threshold]:
    """Of all rules that watch this property of things of this type, in the versions that judge today."""
    parameters = rulebook.parameters(now)
    return [
        Threshold(rule.name, rule.label, rule.colour, one.word, value, rule.hold, clears)
        for rule in rulebook.editions
        if rule.type == thing.type and holds(rule, rulebook, now)
        for condition, clears in ((rule.when, False), (rule.clear, True))
        for one in comparisons(rule, condition)
        if one.property == stream.property_code
        and one.word != "rises_faster_than"
        and (value := value_of(one.level, rule, parameters, thing)) is not None
    ]
