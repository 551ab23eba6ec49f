"""Spans of time and dates are written so that they can be read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from hutong.kernel.errors import Invalid
from hutong.kernel.spans import span
from hutong.loader.checks.known import Known, rule_conditions
from hutong.loader.pack import PackSource
from hutong.loader.problem import Problem
from hutong.loader.yaml_source import Path_

RULE_SPANS = ("hold", "clear_for", "late")


def check(source: PackSource, known: Known) -> Iterator[Problem]:
    assert source.pack is not None
    for file, path, text in _spans(source):
        try:
            span(text)
        except Invalid as error:
            yield source.sources[file].problem(path, error.reason, error.remedy)
    for index, rule in enumerate(source.pack.rules):
        for key in ("since", "until"):
            text = getattr(rule, key)
            if text is not None and not is_date(text):
                path = ("rules", index, key)
                yield source.sources["rules.yaml"].problem(
                    path, f"{text!r} is not a date", "write YYYY-MM-DD"
                )


def is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _spans(source: PackSource) -> Iterator[tuple[str, Path_, str]]:
    """(file, path, text) of every span in the pack."""
    pack = source.pack
    assert pack is not None
    for index, definition in enumerate(pack.properties):
        if definition.interval is not None:
            yield "observations.yaml", ("properties", index, "interval"), definition.interval
    for index, rule in enumerate(pack.rules):
        for key in RULE_SPANS:
            yield "rules.yaml", ("rules", index, key), getattr(rule, key)
        if rule.fold:
            yield "rules.yaml", ("rules", index, "fold", "within"), rule.fold.within
        for path, condition in rule_conditions(index, rule):
            if condition.missing_for is not None:
                yield "rules.yaml", (*path, "missing_for"), condition.missing_for
            if condition.rises_faster_than:
                where = (*path, "rises_faster_than", "within")
                yield "rules.yaml", where, condition.rises_faster_than.within
    for name, scenario in source.scenarios.items():
        for index, rows in enumerate(scenario.given.observations):
            yield name, ("given", "observations", index, "every"), rows.every
