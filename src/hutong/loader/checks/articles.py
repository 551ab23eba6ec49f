"""articles.yaml of a city: units and classes that exist, days that are days."""

from __future__ import annotations

from collections.abc import Iterator

from hutong.loader.checks.known import Known
from hutong.loader.checks.spans import is_date
from hutong.loader.city_source import CitySource
from hutong.loader.problem import Problem
from hutong.loader.yaml_source import Path_

ARTICLES = "articles.yaml"


def article_problems(source: CitySource, known: Known) -> Iterator[Problem]:
    units = {entry.code for entry in source.organisations}
    codes = {code for _, code in known.categories}
    for index, entry in enumerate(source.articles):
        path: Path_ = ("articles", index)
        if entry.unit not in units:
            reason = f"there is no organisation {entry.unit!r}"
            yield source.problem(ARTICLES, (*path, "unit"), reason, "name one of organisations.yaml")
        if entry.category and not any(code.startswith(entry.category) for code in codes):
            reason = f"no class begins with {entry.category!r}"
            yield source.problem(ARTICLES, (*path, "category"), reason, "use a class of a pack in use")
        for key in ("since", "until"):
            text = getattr(entry, key)
            if text and not is_date(text):
                yield source.problem(ARTICLES, (*path, key), f"{text!r} is not a date", "write YYYY-MM-DD")
