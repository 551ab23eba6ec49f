"""A file of changed rules and parameters, for a replay: nothing of it becomes part of the city."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from hutong.kernel.definition.rule import Rule
from hutong.kernel.definition.thing import Strict
from hutong.kernel.errors import NotFound
from hutong.loader.problem import Faulty
from hutong.loader.qualify import Qualifier
from hutong.loader.yaml_source import YamlSource


class ChangedRules(Strict, frozen=True, kw_only=True):
    """Rules and parameters otherwise than the city has them. A pack's whole rules.yaml is such a file too."""

    pack: str | None = None
    """The pack of names without a dot; not needed for a rule the city has."""
    rules: tuple[Rule, ...] = ()
    """Whole definitions; all versions of a rule of the same name are replaced. A name that is not known is a new rule."""
    without: tuple[str, ...] = ()
    """Rules that would not be there."""
    parameters: dict[str, float] = {}
    """Parameter → its value at all times."""


def read_changed(
    path: Path, rules: Iterable[str], parameters: Iterable[str], types: Iterable[str]
) -> ChangedRules:
    """The file with all names qualified; Faulty tells every mistake. The iterables are the city's qualified names."""
    if not path.is_file():
        raise NotFound("with", f"there is no file {path}", "name a YAML file with `rules` or `parameters`")
    source = YamlSource(path, path.name)
    changed = source.decode(ChangedRules)
    if changed is None:
        raise Faulty(path, source.problems)
    reading = _Reading(source, changed, list(rules), list(parameters), set(types))
    found = msgspec.structs.replace(
        changed,
        rules=tuple(reading.rule(at, one) for at, one in enumerate(changed.rules)),
        without=tuple(reading.known(("without", at), one) for at, one in enumerate(changed.without)),
        parameters={reading.parameter(name): value for name, value in changed.parameters.items()},
    )
    if not (found.rules or found.without or found.parameters):
        source.problems.append(
            source.problem((), "changes nothing", "give `rules`, `without` or `parameters`")
        )
    if source.problems:
        raise Faulty(path, source.problems)
    return found


class _Reading:
    def __init__(
        self,
        source: YamlSource,
        changed: ChangedRules,
        rules: list[str],
        parameters: list[str],
        types: set[str],
    ) -> None:
        self.source, self.pack = source, changed.pack
        self.rules, self.parameters, self.types = rules, parameters, types

    def rule(self, at: int, rule: Rule) -> Rule:
        name = self._whole(rule.name, self.rules) or (f"{self.pack}.{rule.name}" if self.pack else None)
        if name is None:
            remedy = "say whose it is: `pack: NAME`, or write it PACK.RULE"
            self.source.problems.append(
                self.source.problem(
                    ("rules", at, "name"), f"no rule of the city is called {rule.name!r}", remedy
                )
            )
            return rule
        found = Qualifier(name.partition(".")[0]).rule(msgspec.structs.replace(rule, name=name))
        if found.type not in self.types:
            reason = f"there is no thing type {found.type!r}"
            self.source.problems.append(
                self.source.problem(("rules", at, "type"), reason, "name one of the city's")
            )
        return found

    def known(self, path: tuple[str | int, ...], name: str) -> str:
        found = self._whole(name, self.rules)
        if found is None or found not in self.rules:
            self.source.problems.append(
                self.source.problem(path, f"there is no rule {name!r}", "name one of the city's rules")
            )
        return found or name

    def parameter(self, name: str) -> str:
        found = self._whole(name, self.parameters)
        if found is None or found not in self.parameters:
            self.source.problems.append(
                self.source.problem(
                    ("parameters", name), f"there is no parameter {name!r}", "name one of the packs'"
                )
            )
        return found or name

    def _whole(self, name: str, names: list[str]) -> str | None:
        """The qualified name; of a short one that of the given pack, or the only one there is."""
        if "." in name:
            return name
        own = [
            one
            for one in names
            if one.rpartition(".")[2] == name and self.pack in (None, one.partition(".")[0])
        ]
        return own[0] if len(own) == 1 else None
