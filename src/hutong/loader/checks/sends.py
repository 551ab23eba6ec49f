"""Texts that procedures send outside hold no words of a case, which may be about people."""

from __future__ import annotations

import string
from collections.abc import Iterator

from hutong.kernel.definition.procedure import Telling
from hutong.loader.checks.known import Known
from hutong.loader.pack import PackSource
from hutong.loader.problem import Problem
from hutong.loader.yaml_source import Path_

PLACEHOLDERS = ("number", "noun", "state", "category", "link")


def check(source: PackSource, _: Known) -> Iterator[Problem]:
    """Texts that procedures send."""
    pack = source.pack
    assert pack is not None
    for index, procedure in enumerate(pack.procedures):
        at: Path_ = ("procedures", index)
        yield from _texts(source, (*at, "sends"), procedure.sends)
        for number, action in enumerate(procedure.actions):
            yield from _texts(source, (*at, "actions", number, "sends"), action.sends)


def _texts(source: PackSource, path: Path_, sends: tuple[Telling, ...]) -> Iterator[Problem]:
    for index, telling in enumerate(sends):
        for language in ("zh", "en"):
            unknown = _unknown(getattr(telling.text, language))
            if unknown is not None:
                remedy = "use " + ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
                where = (*path, index, "text", language)
                yield source.sources["cases.yaml"].problem(where, f"{unknown} cannot be filled", remedy)


def _unknown(text: str) -> str | None:
    try:
        fields = [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]
    except ValueError:
        return "a brace that is not closed"
    return next((f"{{{name}}}" for name in fields if name not in PLACEHOLDERS), None)
