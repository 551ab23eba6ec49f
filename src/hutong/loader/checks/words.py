"""Every label has both languages; the word files have the same keys."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from hutong.loader.checks.known import Known
from hutong.loader.pack import PackSource
from hutong.loader.problem import Problem
from hutong.loader.yaml_source import Path_, YamlSource

LANGUAGES = ("zh", "en")
BLANKS = ("thing", "value", "unit", "level", "place")


def check(source: PackSource, known: Known) -> Iterator[Problem]:
    for name, yaml in source.sources.items():
        if not name.startswith("words/"):
            yield from labels_of(yaml)
    assert source.pack is not None
    yield from _sentences(source)
    words = source.pack.words
    every = {key for table in words.values() for key in table}
    for language in LANGUAGES:
        missing = sorted(every - set(words.get(language, {})))
        if missing:
            shown = source.shown(f"words/{language}.yaml")
            yield Problem(
                shown, 1, missing[0], f"{len(missing)} word(s) missing", f"add {', '.join(missing[:5])}"
            )


def _sentences(source: PackSource) -> Iterator[Problem]:
    """The blanks of a warning's sentence are those that the judge fills."""
    assert source.pack is not None
    for index, rule in enumerate(source.pack.rules):
        for language in LANGUAGES:
            for blank in re.findall(r"\{(.*?)\}", getattr(rule.says, language)):
                if blank not in BLANKS:
                    filled = " ".join(f"{{{one}}}" for one in BLANKS)
                    yield source.sources["rules.yaml"].problem(
                        ("rules", index, "says", language), f"nothing fills {{{blank}}}", f"use {filled}"
                    )


def labels_of(yaml: YamlSource) -> Iterator[Problem]:
    """Labels of one file that lack a language."""
    yield from _labels(yaml, yaml.data, ())


def _labels(yaml: YamlSource, data: Any, path: Path_) -> Iterator[Problem]:
    if isinstance(data, dict):
        if _is_label(data):
            yield from _label(yaml, data, path)
            return
        for key, value in data.items():
            yield from _labels(yaml, value, (*path, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _labels(yaml, value, (*path, index))


def _is_label(data: dict[Any, Any]) -> bool:
    """A mapping with a text under a language; a code table may have `en` as a code, but under it there is a mapping."""
    return any(isinstance(data.get(language), str) for language in LANGUAGES)


def _label(yaml: YamlSource, data: dict[Any, Any], path: Path_) -> Iterator[Problem]:
    for language in LANGUAGES:
        if not str(data.get(language) or "").strip():
            yield yaml.problem((*path, language), f"the label has no {language} text", "give both zh and en")
    for key in data:
        if key not in LANGUAGES:
            yield yaml.problem((*path, key), f"a label has no {key!r}", "give zh and en, and nothing else")
