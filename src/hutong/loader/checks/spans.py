"""Spans of time and dates are written so that they can be read; versions of a rule are valid one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import pairwise

from hutong.kernel.definition.rule import Rule
from hutong.kernel.errors import Invalid
from hutong.kernel.spans import lasting, span
from hutong.loader.checks.known import Known, rule_conditions
from hutong.loader.pack import PackSource
from hutong.loader.problem import Problem
from hutong.loader.yaml_source import Path_

RULE_SPANS = ("hold", "clear_for", "late")
LASTING = ("hold", "clear_for")
"""May be a number of rows too."""


def check(source: PackSource, known: Known) -> Iterator[Problem]:
    assert source.pack is not None
    for file, path, text in _spans(source):
        try:
            read = lasting if path[-1] in LASTING else span
            read(text)
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

    yield from _versions(source)


def _versions(source: PackSource) -> Iterator[Problem]:
    """Versions of one name do not overlap, and watch the same."""
    assert source.pack is not None
    versions: dict[str, list[tuple[int, Rule]]] = {}
    for index, rule in enumerate(source.pack.rules):
        versions.setdefault(rule.name, []).append((index, rule))
    for each in versions.values():
        for (_, earlier), (index, later) in pairwise(sorted(each, key=lambda one: one[1].since or "")):
            yaml, path = source.sources["rules.yaml"], ("rules", index)
            if earlier.until is None or (later.since or "") < earlier.until:
                yield yaml.problem(
                    (*path, "since"),
                    f"two versions of {later.name} are valid on {later.since or 'the same days'}",
                    "let the earlier end (`until`) on the day on which the later begins (`since`)",
                )
            for key in ("type", "property"):
                if getattr(earlier, key) != getattr(later, key):
                    yield yaml.problem(
                        (*path, key),
                        f"another version of {later.name} has {getattr(earlier, key)}",
                        "give a rule that watches something else a name of its own",
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
            if condition.unusual:
                yield "rules.yaml", (*path, "unusual", "learn"), condition.unusual.learn
    for name, scenario in source.scenarios.items():
        for index, rows in enumerate(scenario.given.observations):
            yield name, ("given", "observations", index, "every"), rows.every
