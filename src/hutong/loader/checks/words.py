"""Every label has both languages; the word files have the same keys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hutong.loader.checks.known import Known
from hutong.loader.pack import PackSource
from hutong.loader.problem import Problem
from hutong.loader.yaml_source import Path_, YamlSource

LANGUAGES = ("zh", "en")


def check(source: PackSource, known: Known) -> Iterator[Problem]:
    for name, yaml in source.sources.items():
        if not name.startswith("words/"):
            yield from labels_of(yaml)
    assert source.pack is not None
    words = source.pack.words
    every = {key for table in words.values() for key in table}
    for language in LANGUAGES:
        missing = sorted(every - set(words.get(language, {})))
        if missing:
            shown = source.shown(f"words/{language}.yaml")
            yield Problem(
                shown, 1, missing[0], f"{len(missing)} word(s) missing", f"add {', '.join(missing[:5])}"
            )


def labels_of(yaml: YamlSource) -> Iterator[Problem]:
    """Labels of one file that lack a language."""
    yield from _labels(yaml, yaml.data, ())


def _labels(yaml: YamlSource, data: Any, path: Path_) -> Iterator[Problem]:
    if isinstance(data, dict):
        if data and set(data) <= set(LANGUAGES):
            for language in LANGUAGES:
                if not str(data.get(language) or "").strip():
                    yield yaml.problem(
                        (*path, language), f"the label has no {language} text", "give both zh and en"
                    )
            return
        for key, value in data.items():
            yield from _labels(yaml, value, (*path, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _labels(yaml, value, (*path, index))
