"""Counts and indicators: what they name exists, and functions take what they are given."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import msgspec

from hutong.kernel.case import Case
from hutong.kernel.definition.indicator import FIGURES, CountDefinition, IndicatorDefinition
from hutong.kernel.definition.procedure import Procedure
from hutong.loader.checks.known import Known
from hutong.loader.checks.names import Names
from hutong.loader.pack import PackSource
from hutong.loader.problem import Problem
from hutong.loader.yaml_source import Path_

FILE = "indicators.yaml"
FIELDS = {one.name for one in msgspec.structs.fields(Case)} | {"category.kind", "category.code"}
INSTANTS = ("opened", "filed", "fed_back", "closed")


def check(source: PackSource, known: Known) -> Iterator[Problem]:
    names = Names(source, known)
    if names.pack.day_starts:
        yield from names.points(FILE, ("day_starts",), names.pack.day_starts, known.parameters, "parameter")
    for index, count in enumerate(names.pack.counts):
        yield from _count(names, ("counts", index), count)
    for index, indicator in enumerate(names.pack.indicators):
        yield from _indicator(names, ("indicators", index), indicator)


def _count(names: Names, path: Path_, count: CountDefinition) -> Iterator[Problem]:
    for at, name in enumerate(count.procedures):
        yield from names.points(FILE, (*path, "procedures", at), name, names.known.procedures, "procedure")
    procedures = _procedures(names, count)
    actions = [one.name for procedure in procedures for one in procedure.actions] + ["open"]
    clocks = [one.name for procedure in procedures for one in procedure.clocks]
    for at, name in enumerate(count.actions):
        yield from names.points(FILE, (*path, "actions", at), name, actions, "action")
    if count.credit and count.credit != "keeper":
        yield from names.points(FILE, (*path, "credit"), count.credit, actions, "action")
    if count.clock:
        yield from names.points(FILE, (*path, "clock"), count.clock, clocks, "clock")
    yaml = names.source.sources[FILE]
    if bool(count.clock) != bool(count.timing):
        remedy = "give both, or neither"
        yield yaml.problem(path, "a clock needs a timing, and a timing a clock", remedy)
    for at, text in enumerate(count.at):
        group, dot, name = text.partition(".")
        choices = {"due": clocks, "stopped": clocks, "deeds": actions, "facts": [name]}
        if dot:
            yield from names.points(FILE, (*path, "at", at), name, choices.get(group, ()), group)
        else:
            yield from names.points(FILE, (*path, "at", at), text, INSTANTS, "instant")
    yield from _paths(names, path, count, actions)


def _paths(names: Names, path: Path_, count: CountDefinition, actions: list[str]) -> Iterator[Problem]:
    given = [((*path, "when", at, "path"), one.path) for at, one in enumerate(count.when)]
    given += [((*path, key), text) for key in ("weight", "by") if (text := getattr(count, key))]
    for where, text in given:
        group, dot, name = text.partition(".")
        if group == "deeds":
            yield from names.points(FILE, where, name, actions, "action")
        elif not (dot and group == "facts"):
            yield from names.points(FILE, where, text, FIELDS, "field of a case")


def _procedures(names: Names, count: CountDefinition) -> list[Procedure]:
    every = [one for pack in names.known.packs.values() for one in pack.procedures]
    if count.procedures:
        return [one for one in every if one.name in count.procedures]
    return list(names.pack.procedures)


def _indicator(names: Names, path: Path_, one: IndicatorDefinition) -> Iterator[Problem]:
    known, functions = names.known, names.source.functions
    yield from names.points(
        FILE, (*path, "formula"), one.formula, (*FIGURES, *functions), "figure or function"
    )
    for at, rule in enumerate(one.arguments.get("rules") or ()):
        yield from names.points(FILE, (*path, "arguments", "rules", at), rule, known.rules, "rule")
    for key, name in one.counts.items():
        yield from names.points(FILE, (*path, "counts", key), name, known.counts, "count")
    for key, name in one.parameters.items():
        yield from names.points(FILE, (*path, "parameters", key), name, known.parameters, "parameter")
    for key, name in one.grades.items():
        if name:
            yield from names.points(FILE, (*path, "grades", key), name, known.parameters, "parameter")
    if one.object == "value":
        yield from _split(names, path, one)
    if one.object == "role":
        yield from names.points(FILE, (*path, "role"), one.role, known.roles, "role")
    if one.formula in functions:
        yield from _arguments(names, path, one)


def _split(names: Names, path: Path_, one: IndicatorDefinition) -> Iterator[Problem]:
    """A sheet of values has rows, and counts that are by something."""
    yaml = names.source.sources[FILE]
    if not one.values:
        yield yaml.problem(path, "a sheet of values has no values", "list them: value → label")
    for key, name in one.counts.items():
        count = names.known.counts.get(name)
        if count is not None and not count.by:
            yield yaml.problem((*path, "counts", key), f"{name} is by nothing", "give it `by`")


def _arguments(names: Names, path: Path_, one: IndicatorDefinition) -> Iterator[Problem]:
    yaml, function = names.source.sources[FILE], names.source.functions[one.formula]
    parameters = inspect.signature(function).parameters
    given = {*one.counts, *one.parameters}
    needed = {name for name, each in parameters.items() if each.default is inspect.Parameter.empty}
    if missing := sorted(needed - given):
        yield yaml.problem((*path, "counts"), f"{one.formula} also needs {', '.join(missing)}", "give them")
    if strange := sorted(given - set(parameters)):
        yield yaml.problem((*path, "counts"), f"{one.formula} takes no {', '.join(strange)}", "take them out")
    untyped = [name for name, each in parameters.items() if each.annotation is inspect.Parameter.empty]
    if untyped or inspect.signature(function).return_annotation is inspect.Signature.empty:
        reason = f"{one.formula} is not fully typed"
        yield yaml.problem((*path, "formula"), reason, "annotate every argument and the result")
