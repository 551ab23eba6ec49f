"""Scenarios name types, properties, rules, roles and things that exist; whether they come out is for playing them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from difflib import get_close_matches

from hutong.kernel.definition.scenario import Scenario
from hutong.loader.checks.known import Known
from hutong.loader.pack import PackSource
from hutong.loader.problem import Problem
from hutong.loader.yaml_source import Path_, YamlSource

Reference = tuple[Path_, str, Collection[str], str]


def check(source: PackSource, known: Known) -> Iterator[Problem]:
    for name, scenario in source.scenarios.items():
        yaml = source.sources[name]
        for path, text, names, what in _references(scenario, known):
            if text not in names:
                yield _dangling(yaml, path, text, names, what)


def _dangling(yaml: YamlSource, path: Path_, text: str, names: Collection[str], what: str) -> Problem:
    near = get_close_matches(text, names, n=1)
    remedy = f"did you mean {near[0]!r}?" if near else f"define it, or name one of the {len(names)} there are"
    return yaml.problem(path, f"there is no {what} {text!r}", remedy)


def _references(scenario: Scenario, known: Known) -> Iterator[Reference]:
    given, expect = scenario.given, scenario.expect
    codes = [thing.code for thing in given.things]
    for index, thing in enumerate(given.things):
        path: Path_ = ("given", "things", index)
        yield (*path, "type"), thing.type, known.types, "thing type"
        for role, others in thing.links.items():
            for other in others:
                yield (*path, "links", role), other, codes, "given thing"
    for index, rows in enumerate(given.observations):
        path = ("given", "observations", index)
        yield (*path, "thing"), rows.thing, codes, "given thing"
        yield (*path, "property"), rows.property, known.properties, "observed property"
    for index, rule in enumerate(given.opens_cases):
        yield ("given", "opens_cases", index), rule, known.rules, "rule"
    for name in given.parameters:
        yield ("given", "parameters", name), name, known.parameters, "parameter"
    yield from _people(scenario, known, codes)
    for index, warning in enumerate(expect.warnings or ()):
        path = ("expect", "warnings", index)
        yield (*path, "rule"), warning.rule, known.rules, "rule"
        yield (*path, "thing"), warning.thing, codes, "given thing"
    for index, case in enumerate(expect.cases or ()):
        if case.thing is not None:
            yield ("expect", "cases", index, "thing"), case.thing, codes, "given thing"
    for index, group in enumerate(expect.one_cause):
        for at, rule in enumerate(group):
            yield ("expect", "one_cause", index, at), rule, known.rules, "rule"


def _people(scenario: Scenario, known: Known, codes: list[str]) -> Iterator[Reference]:
    given = scenario.given
    actions = {
        action.name
        for pack in known.packs.values()
        for procedure in pack.procedures
        for action in procedure.actions
    }
    if given.case is not None:
        categories = [f"{kind}:{code}" for kind, code in known.categories]
        yield ("given", "case", "category"), given.case.category, categories, "category"
        yield ("given", "case", "by"), given.case.by.partition(" ")[0], known.roles, "role"
    for index, step in enumerate(given.actions):
        path: Path_ = ("given", "actions", index)
        yield (*path, "by"), step.by.partition(" ")[0], known.roles, "role"
        if step.action is not None:
            yield (*path, "action"), step.action, actions, "action"
        if step.thing is not None:
            yield (*path, "thing"), step.thing, codes, "given thing"
