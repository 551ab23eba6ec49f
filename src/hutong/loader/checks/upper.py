"""upper.yaml: accounts, categories, clocks and actions that it names exist."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hutong.engine.handle.effects import known_target
from hutong.kernel.definition.procedure import Procedure
from hutong.kernel.definition.upper import Hearing, UpperPlatform
from hutong.loader.checks.known import Known
from hutong.loader.checks.variables import REASON, REMEDY, is_variable
from hutong.loader.city_source import CitySource
from hutong.loader.problem import Problem
from hutong.loader.yaml_source import Path_

FILE = "upper.yaml"
WORDS = ("text", "deadline")


def upper_problems(source: CitySource, known: Known) -> Iterator[Problem]:
    """Every mistake of a city's upper.yaml."""
    names: set[str] = set()
    for index, platform in enumerate(source.upper.platforms):
        path: Path_ = ("platforms", index)
        if platform.name in names or ":" in platform.name or "/" in platform.name:
            yield source.problem(
                FILE, (*path, "name"), "stands twice, or holds : or /", "give it a name of its own"
            )
        names.add(platform.name)
        for key, reason, remedy in _faults(source, platform, known):
            yield source.problem(FILE, (*path, *key), reason, remedy)


def _faults(source: CitySource, platform: UpperPlatform, known: Known) -> Iterator[tuple[Path_, str, str]]:
    if platform.account not in {one.login for one in source.accounts}:
        yield ("account",), f"there is no account {platform.account!r}", "name one of accounts.yaml"
    if platform.key and not is_variable(platform.key):
        yield ("key",), REASON, REMEDY
    if platform.url and not platform.key:
        yield ("key",), "is missing", "a platform with an address needs a shared secret"
    procedures = _procedures(known)
    found: dict[str, Procedure] = {}
    for key, name in [("category", platform.category), *platform.categories.items()]:
        kind, _, code = name.partition(":")
        if (kind, code) not in known.categories:
            path: Path_ = ("category",) if key == "category" else ("categories", key)
            yield path, f"there is no category {name!r}", "write kind:code of a category of the packs"
        found.update(_handling(known, procedures, kind, code))
    yield from _names(platform, found)


def _procedures(known: Known) -> dict[str, Procedure]:
    return {one.name: one for pack in known.packs.values() for one in pack.procedures}


def _handling(
    known: Known, procedures: Mapping[str, Procedure], kind: str, code: str
) -> dict[str, Procedure]:
    """The procedures that handle a category."""
    return {
        one.procedure: procedures[one.procedure]
        for pack in known.packs.values()
        for one in pack.categories
        if (one.kind, one.code) == (kind, code) and one.procedure is not None and one.procedure in procedures
    }


def _names(platform: UpperPlatform, found: Mapping[str, Procedure]) -> Iterator[tuple[Path_, str, str]]:
    clocks = {clock.name for one in found.values() for clock in one.clocks}
    actions = {action.name: action for one in found.values() for action in one.actions}
    for stage, clock in platform.deadlines.items():
        if clock not in clocks:
            yield (
                ("deadlines", stage),
                f"there is no clock {clock!r}",
                "name one of " + ", ".join(sorted(clocks)),
            )
    for name in platform.tells:
        if name not in actions:
            yield ("tells", name), f"there is no action {name!r}", "name one of " + ", ".join(actions)
    for word, hearing in platform.hears.items():
        missing = [name for name in hearing.actions if name not in actions]
        if missing or not hearing.actions:
            reason = f"there is no action {missing[0]!r}" if missing else "there is no action"
            yield ("hears", word, "actions"), reason, "name one of " + ", ".join(actions)
        else:
            yield from _answers(
                word, hearing, {ask.name for name in hearing.actions for ask in actions[name].asks}
            )


def _answers(word: str, hearing: Hearing, asks: set[str]) -> Iterator[tuple[Path_, str, str]]:
    for ask, where in hearing.answers.items():
        if ask not in asks:
            yield (
                ("hears", word, "answers", ask),
                "is not asked by these actions",
                "one of " + ", ".join(sorted(asks)),
            )
        if where not in WORDS and not where.startswith("text:") and not known_target(where):
            yield (
                ("hears", word, "answers", ask),
                f"{where!r} is nothing a word has",
                "text, deadline, facts.NAME, text:…",
            )
