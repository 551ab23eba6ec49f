"""What all loaded packs define together: the names that may be referred to."""

from __future__ import annotations

import msgspec

from hutong.kernel.definition.indicator import CountDefinition
from hutong.kernel.definition.pack import Pack
from hutong.kernel.definition.procedure import RoleDefinition
from hutong.kernel.definition.rule import Condition, Level, Rule
from hutong.kernel.definition.thing import CodeTable, Parameter, PropertyDefinition, ThingType
from hutong.loader.pack import PackSource
from hutong.loader.yaml_source import Path_


class Known(msgspec.Struct):
    """Names → definitions, over all packs."""

    packs: dict[str, Pack]
    types: dict[str, ThingType]
    properties: dict[str, PropertyDefinition]
    parameters: dict[str, Parameter]
    counts: dict[str, CountDefinition]
    tables: dict[str, CodeTable]
    roles: dict[str, RoleDefinition]
    procedures: set[str]
    rules: dict[str, Rule]
    categories: set[tuple[str, str]]

    @classmethod
    def of(cls, sources: list[PackSource]) -> Known:
        packs = {source.pack.head.name: source.pack for source in sources if source.pack is not None}
        every = list(packs.values())
        return cls(
            packs=packs,
            types={item.name: item for pack in every for item in pack.types},
            properties={item.name: item for pack in every for item in pack.properties},
            parameters={item.name: item for pack in every for item in pack.parameters},
            counts={item.name: item for pack in every for item in pack.counts},
            tables={item.name: item for pack in every for item in pack.code_tables},
            roles={item.name: item for pack in every for item in pack.roles},
            procedures={item.name for pack in every for item in pack.procedures},
            rules={item.name: item for pack in every for item in pack.rules},
            categories={(item.kind, item.code) for pack in every for item in pack.categories},
        )


def conditions(condition: Condition, path: Path_) -> list[tuple[Path_, Condition]]:
    """The condition and all within it, with their paths in the file."""
    found = [(path, condition)]
    for word, parts in (("all", condition.all), ("any", condition.any)):
        for index, part in enumerate(parts or ()):
            found.extend(conditions(part, (*path, word, index)))
    return found


def levels(condition: Condition) -> list[tuple[str, float | Level]]:
    """(word, level) of one condition, not of those within it."""
    found: list[tuple[str, float | Level]] = [
        (word, level)
        for word in ("above", "below", "equals")
        if (level := getattr(condition, word)) is not None
    ]
    if condition.outside:
        found.extend(("outside", level) for level in condition.outside)
    if condition.rises_faster_than:
        found.append(("rises_faster_than", condition.rises_faster_than.by))
    return found


def rule_conditions(index: int, rule: Rule) -> list[tuple[Path_, Condition]]:
    """All conditions of a rule of rules.yaml."""
    found = conditions(rule.when, ("rules", index, "when"))
    return found + (conditions(rule.clear, ("rules", index, "clear")) if rule.clear else [])
