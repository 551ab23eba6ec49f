"""Which response a plan proposes, given its warnings: the highest level that one of its triggers reaches, with all reasons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from hutong.kernel.base import HOUR, MINUTE, Instant, Label
from hutong.kernel.case import Warning
from hutong.kernel.definition.plan import PlanDefinition, Trigger
from hutong.kernel.plan import ResponseLevel, WarningColour
from hutong.kernel.spans import span

COLOURS: tuple[WarningColour, ...] = ("blue", "yellow", "orange", "red")
"""From the lowest to the highest."""
COLOUR_NAMES: dict[WarningColour, Label] = {
    "blue": Label("蓝色", "blue"),
    "yellow": Label("黄色", "yellow"),
    "orange": Label("橙色", "orange"),
    "red": Label("红色", "red"),
}
LEVEL_NAMES: dict[int, Label] = {
    1: Label("一级响应", "level I response"),
    2: Label("二级响应", "level II response"),
    3: Label("三级响应", "level III response"),
    4: Label("四级响应", "level IV response"),
}


class Proposed(msgspec.Struct, frozen=True, kw_only=True):
    """What a plan proposes: a level, why, and on which warnings; the commander decides."""

    level: ResponseLevel
    colour: WarningColour | None
    reasons: tuple[Label, ...]
    warnings: tuple[int, ...]
    taken_up: tuple[int, ...] = ()


def longest(plan: PlanDefinition) -> int:
    """µs that warnings of the past can count."""
    return max((span(one.within) for one in plan.triggers), default=0)


def propose(
    plan: PlanDefinition, warnings: Sequence[Warning], now: Instant, names: Mapping[str, Label]
) -> Proposed | None:
    """The highest level reached (1 is the highest); None if no trigger is met. `names`: rule → what people call it.

    Warnings judged false do not count, nor those raised before the trigger's time.
    """
    met = [(one, counted) for one in plan.triggers if (counted := _counted(one, warnings, now))]
    if not met:
        return None
    level = min(one.level for one, _ in met)
    reached = [(one, counted) for one, counted in met if one.level == level]
    ids = sorted({warning.id for _, counted in reached for warning in counted})
    up = sorted({one.id for trigger, counted in met if trigger.takes_up for one in counted})
    colours = {warning.colour for _, counted in met for warning in counted}
    return Proposed(
        level=level,
        colour=highest(colours),
        reasons=tuple(_reason(one, counted, names) for one, counted in reached),
        warnings=tuple(ids),
        taken_up=tuple(up),
    )


def highest(colours: Iterable[WarningColour]) -> WarningColour | None:
    """The highest of some colours."""
    return max(colours, key=COLOURS.index, default=None)


def watched(plan: PlanDefinition) -> frozenset[str]:
    """Rules whose warnings the plan's triggers name."""
    return frozenset(rule for one in plan.triggers for rule in one.rules)


def _counted(trigger: Trigger, warnings: Sequence[Warning], now: Instant) -> list[Warning]:
    """The warnings a trigger counts, if they are of enough things."""
    since = now - span(trigger.within)
    found = [
        one
        for one in warnings
        if since < one.raised <= now
        and one.state != "false_alarm"
        and one.ended != "withdrawn"
        and (not trigger.rules or one.rule in trigger.rules)
        and (not trigger.colours or one.colour in trigger.colours)
    ]
    return found if len({one.thing for one in found}) >= trigger.count else []


def _reason(trigger: Trigger, counted: Sequence[Warning], names: Mapping[str, Label]) -> Label:
    things = len({one.thing for one in counted})
    rules = [names.get(rule, Label(rule, rule)) for rule in sorted({one.rule for one in counted})]
    colour = highest({one.colour for one in counted})
    shown = COLOUR_NAMES[colour] if colour else Label("", "")
    since = _lasting(span(trigger.within))
    chinese = "、".join(f"「{one.zh}」" for one in rules)
    english = ", ".join(one.text("en") for one in rules)
    return Label(
        f"近 {since.zh}内 {things} 处出现{chinese}预警（最高{shown.zh}），达到条件（≥ {trigger.count} 处）",
        f"{things} places with {english} within {since.en} (highest {shown.en}); the plan asks for {trigger.count}",
    )


def _lasting(width: int) -> Label:
    if width % HOUR == 0:
        return Label(f"{width // HOUR} 小时", f"{width // HOUR} h")
    return Label(f"{width // MINUTE} 分钟", f"{width // MINUTE} min")
