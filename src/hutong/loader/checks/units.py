"""Units are UCUM, and what is compared is of the same dimension."""

from __future__ import annotations

from collections.abc import Iterator

from hutong.kernel.definition.rule import Level, Rule
from hutong.kernel.definition.thing import ThingType
from hutong.kernel.errors import Invalid
from hutong.kernel.units import commensurable, convert, parse_unit
from hutong.loader.checks.known import Known, levels, rule_conditions
from hutong.loader.pack import PackSource
from hutong.loader.problem import Problem
from hutong.loader.yaml_source import Path_


def _valid(source: PackSource, file: str, path: Path_, unit: str | None) -> Iterator[Problem]:
    try:
        if unit is not None:
            parse_unit(unit)
    except Invalid as error:
        yield source.sources[file].problem(path, f"{unit!r} is not a UCUM unit: {error.reason}", error.remedy)


def check(source: PackSource, known: Known) -> Iterator[Problem]:
    pack = source.pack
    assert pack is not None
    for index, kind in enumerate(pack.types):
        for at, one in enumerate(kind.properties):
            yield from _valid(source, "things.yaml", ("types", index, "properties", at, "unit"), one.unit)
        yield from _degrees(source, known, index, kind)
    for index, definition in enumerate(pack.properties):
        yield from _valid(source, "observations.yaml", ("properties", index, "unit"), definition.unit)
    for index, parameter in enumerate(pack.parameters):
        yield from _valid(source, "parameters.yaml", ("parameters", index, "unit"), parameter.unit)
    for index, indicator in enumerate(pack.indicators):
        yield from _valid(source, "indicators.yaml", ("indicators", index, "unit"), indicator.unit)
    for index, rule in enumerate(pack.rules):
        yield from _clashes(source, known, index, rule)


def _degrees(source: PackSource, known: Known, index: int, kind: ThingType) -> Iterator[Problem]:
    for at, name in enumerate(kind.position or ()):
        observed = known.properties.get(name)
        if observed is not None and not _same(observed.unit, "deg"):
            reason = f"{name} is in {observed.unit}, a position is in deg"
            yield source.sources["things.yaml"].problem(
                ("types", index, "position", at), reason, "name longitude and latitude, both in deg"
            )


def _clashes(source: PackSource, known: Known, index: int, rule: Rule) -> Iterator[Problem]:
    for path, condition in rule_conditions(index, rule):
        watched = known.properties.get(condition.property or rule.property)
        for word, level in levels(condition):
            unit = _unit_of(known, rule, level)
            if watched is not None and unit is not None and not _same(watched.unit, unit):
                reason = f"compares {watched.name} in {watched.unit} with a level in {unit}"
                remedy = f"compare like with like: give the level in {watched.unit}"
                yield source.sources["rules.yaml"].problem((*path, word), reason, remedy)


def _same(one: str, other: str) -> bool:
    """Levels are compared as they stand: the dimension must be the same, and the size of the unit too."""
    try:
        return commensurable(one, other) and abs(convert(1.0, one, other) - 1.0) < 1e-9
    except Invalid:
        return True  # said where the unit stands


def _unit_of(known: Known, rule: Rule, level: float | Level) -> str | None:
    if not isinstance(level, Level):
        return None
    if level.parameter:
        parameter = known.parameters.get(level.parameter)
        return parameter.unit if parameter else None
    kind = known.types.get(rule.type)
    units = {one.name: one.unit for one in kind.properties} if kind else {}
    return units.get(level.thing or "")
