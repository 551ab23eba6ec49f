"""Every number says where it is from."""

from __future__ import annotations

from collections.abc import Iterator

from hutong.loader.checks.known import Known, levels, rule_conditions
from hutong.loader.checks.spans import is_date
from hutong.loader.pack import PackSource
from hutong.loader.problem import Problem

REMEDY = "name the standard and clause, the paper, or `city rule (L)`"


def check(source: PackSource, known: Known) -> Iterator[Problem]:
    pack = source.pack
    assert pack is not None
    for index, parameter in enumerate(pack.parameters):
        yaml = source.sources["parameters.yaml"]
        if not parameter.values:
            yield yaml.problem(("parameters", index, "values"), "no value is given", "give a dated value")
        for at, value in enumerate(parameter.values):
            path = ("parameters", index, "values", at)
            if not value.source.strip():
                yield yaml.problem((*path, "source"), "the number has no source", REMEDY)
            if not is_date(value.since):
                yield yaml.problem((*path, "since"), f"{value.since!r} is not a date", "write YYYY-MM-DD")
    for index, rule in enumerate(pack.rules):
        bare = any(levels(condition) for _, condition in rule_conditions(index, rule))
        if bare and not rule.source.strip():
            yield source.sources["rules.yaml"].problem(
                ("rules", index), "the rule's numbers have no source", REMEDY
            )
    for index, procedure in enumerate(pack.procedures):
        yaml = source.sources["cases.yaml"]
        for key in ("clocks", "limits"):
            for at, row in enumerate(getattr(procedure, key)):
                if not row.source.strip():
                    path = ("procedures", index, key, at)
                    yield yaml.problem(path, "the limit has no source", REMEDY)
