"""What a rule compares with: the comparisons of a condition, and the number that a level is now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from hutong.engine.rulebook import Rulebook
from hutong.kernel.base import Instant
from hutong.kernel.clock import local_date
from hutong.kernel.definition.rule import Condition, Level, Rule
from hutong.kernel.thing import Thing


class Comparison(msgspec.Struct, frozen=True):
    """`word` is the rule word; of `outside`, the lower level is said as `below` and the upper as `above`."""

    word: str
    property: str
    level: Level


def comparisons(rule: Rule, condition: Condition | None) -> Iterator[Comparison]:
    """Of the condition and all conditions in it."""
    if condition is None:
        return
    watched = condition.property or rule.property
    for word, level in _own(condition):
        yield Comparison(word, watched, level if isinstance(level, Level) else Level(value=float(level)))
    for part in (*(condition.all or ()), *(condition.any or ())):
        yield from comparisons(rule, part)


def _own(condition: Condition) -> Iterator[tuple[str, float | Level]]:
    for word in ("above", "below", "equals"):
        level = getattr(condition, word)
        if level is not None:
            yield word, level
    if condition.outside is not None:
        yield "below", condition.outside[0]
        yield "above", condition.outside[1]
    if condition.rises_faster_than is not None:
        yield "rises_faster_than", condition.rises_faster_than.by


def value_of(
    level: Level, rule: Rule, parameters: Mapping[str, float], thing: Thing | None = None
) -> float | None:
    """None where it is a property of a thing that is not given, or lacks it."""
    base: object = level.value
    if level.thing is not None:
        properties = thing.properties if thing else {}
        base = properties.get(level.thing, properties.get(level.thing.rpartition(".")[2]))
    elif level.parameter is not None:
        pack = rule.name.partition(".")[0]
        base = parameters.get(level.parameter, parameters.get(f"{pack}.{level.parameter}"))
    if not isinstance(base, int | float):
        return None
    return float(base) * level.times + level.plus


def holds(rule: Rule, rulebook: Rulebook, now: Instant) -> bool:
    """Whether this version of the rule judges today."""
    today = local_date(now, rulebook.zone).isoformat()
    return (rule.since or "") <= today and (rule.until is None or today < rule.until)
