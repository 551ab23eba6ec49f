"""Names that point nowhere, names of packs that are not needed, and names that stand twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import Any

from hutong.kernel.definition.rule import FormulaCall, Level, Rule
from hutong.kernel.definition.thing import ThingType
from hutong.loader.checks.known import Known, levels, rule_conditions
from hutong.loader.pack import PackSource
from hutong.loader.problem import Problem
from hutong.loader.yaml_source import Path_

WORDS = (
    "above",
    "below",
    "outside",
    "equals",
    "missing_for",
    "rises_faster_than",
    "changes",
    "unusual",
    "all",
    "any",
    "formula",
)


class Names:
    """Checks references of one pack."""

    def __init__(self, source: PackSource, known: Known) -> None:
        self.source = source
        self.known = known
        assert source.pack is not None
        self.pack = source.pack

    def points(self, file: str, path: Path_, name: str, names: Iterable[str], what: str) -> Iterator[Problem]:
        choices = list(names)
        yaml = self.source.sources[file]
        if name not in choices:
            near = get_close_matches(name, choices, n=1)
            remedy = (
                f"did you mean {near[0]!r}?"
                if near
                else f"define it, or name one of the {len(choices)} there are"
            )
            yield yaml.problem(path, f"there is no {what} {name!r}", remedy)
            return
        owner = name.partition(".")[0]
        mine = {self.pack.head.name, *self.pack.head.needs}
        if "." in name and owner in self.known.packs and owner not in mine:
            yield yaml.problem(
                path, f"{name!r} is of pack {owner!r}, which is not needed", f"add {owner} to needs"
            )

    def twice(self, file: str, key: str, items: tuple[Any, ...]) -> Iterator[Problem]:
        """Names that several have; versions of one rule have one (spans.py looks at these)."""
        names = [getattr(item, "edition", item.name) for item in items]
        counts = Counter(names)
        for index, item in enumerate(items):
            if counts[names[index]] > 1:
                yaml = self.source.sources[file]
                yield yaml.problem((key, index, "name"), f"{item.name!r} stands twice", "rename one")

    def things(self) -> Iterator[Problem]:
        for index, item in enumerate(self.pack.types):
            for at, link in enumerate(item.links):
                path = ("types", index, "links", at, "to")
                yield from self.points("things.yaml", path, link.to, self.known.types, "thing type")
            for at, one in enumerate(item.properties):
                if one.choices:
                    where = ("types", index, "properties", at, "choices")
                    yield from self.points("things.yaml", where, one.choices, self.known.tables, "code table")
            yield from self._position(index, item)
            yield from self._exchange(index, item)
        for index, definition in enumerate(self.pack.properties):
            for at, name in enumerate(definition.of):
                there = ("properties", index, "of", at)
                yield from self.points("observations.yaml", there, name, self.known.types, "thing type")

    def _position(self, index: int, item: ThingType) -> Iterator[Problem]:
        """Longitude and latitude of a type that moves are observed at it."""
        for at, name in enumerate(item.position or ()):
            path = ("types", index, "position", at)
            yield from self.points("things.yaml", path, name, self.known.properties, "observed property")
            observed = self.known.properties.get(name)
            if observed is not None and item.name not in observed.of:
                reason = f"{name} is not observed at {item.name}"
                yield self.source.sources["things.yaml"].problem(path, reason, f"add {item.name} to its `of`")

    def _exchange(self, index: int, item: ThingType) -> Iterator[Problem]:
        """Columns of the exchange table lead to the code, the name, the grid, or a property of the type."""
        have = ["code", "name", "grid", *(one.name for one in item.properties)]
        for at, one in enumerate(item.exchange.fields if item.exchange else ()):
            path = ("types", index, "exchange", "fields", at, "into")
            yield from self.points("things.yaml", path, one.into, have, "property of the type")

    def views(self) -> Iterator[Problem]:
        for index, layer in enumerate(self.pack.layers):
            path: Path_ = ("layers", index)
            yield from self.points("views.yaml", (*path, "type"), layer.type, self.known.types, "thing type")
            if layer.shows:
                yield from self.points(
                    "views.yaml", (*path, "shows"), layer.shows, self.known.properties, "observed property"
                )
        for index, card in enumerate(self.pack.cards):
            yield from self.points(
                "views.yaml", ("cards", index, "type"), card.type, self.known.types, "thing type"
            )
            for at, name in enumerate(card.charts):
                yield from self.points(
                    "views.yaml",
                    ("cards", index, "charts", at),
                    name,
                    self.known.properties,
                    "observed property",
                )
            kind = self.known.types.get(card.type)
            for key, what, have in _shown(kind) if kind else ():
                for at, name in enumerate(getattr(card, key)):
                    where = ("cards", index, key, at)
                    yield from self.points("views.yaml", where, name, have, f"{what} of the type")

    def rules(self) -> Iterator[Problem]:
        for index, rule in enumerate(self.pack.rules):
            path: Path_ = ("rules", index)
            yield from self.points("rules.yaml", (*path, "type"), rule.type, self.known.types, "thing type")
            yield from self.points(
                "rules.yaml", (*path, "property"), rule.property, self.known.properties, "observed property"
            )
            category = f"{rule.category.kind}:{rule.category.code}"
            names = [f"{kind}:{code}" for kind, code in self.known.categories]
            yield from self.points("rules.yaml", (*path, "category"), category, names, "category")
            kind = self.known.types.get(rule.type)
            if rule.fold and kind:
                links = ["self", *(link.name for link in kind.links)]
                yield from self.points("rules.yaml", (*path, "fold", "link"), rule.fold.link, links, "link")
            yield from self._conditions(index, rule)

    def _conditions(self, index: int, rule: Rule) -> Iterator[Problem]:
        yaml = self.source.sources["rules.yaml"]
        kind = self.known.types.get(rule.type)
        for path, condition in rule_conditions(index, rule):
            given = [word for word in WORDS if getattr(condition, word) is not None]
            if len(given) != 1:
                said = " and ".join(given) or "none"
                yield yaml.problem(
                    path, f"a condition has one rule word, here {said}", f"use one of {', '.join(WORDS)}"
                )
            if condition.property:
                yield from self.points(
                    "rules.yaml",
                    (*path, "property"),
                    condition.property,
                    self.known.properties,
                    "observed property",
                )
            of_thing = [one.name for one in kind.properties] if kind else []
            if condition.formula:
                yield from self._formula((*path, "formula"), condition.formula, of_thing)
            for word, level in levels(condition):
                yield from self._level((*path, word), level, of_thing)

    def _formula(self, path: Path_, call: FormulaCall, of_thing: list[str]) -> Iterator[Problem]:
        """What a formula is given: observed properties, properties of the thing, parameters."""
        given = (
            ("properties", call.properties, self.known.properties, "observed property"),
            ("things", call.things, of_thing, "property of the thing type"),
            ("parameters", call.parameters, self.known.parameters, "parameter"),
        )
        for key, arguments, names, what in given:
            for argument, name in arguments.items():
                yield from self.points("rules.yaml", (*path, key, argument), name, names, what)

    def _level(self, path: Path_, level: float | Level, properties: list[str]) -> Iterator[Problem]:
        if not isinstance(level, Level):
            return
        given = [one for one in (level.value, level.parameter, level.thing) if one is not None]
        if len(given) != 1:
            yaml = self.source.sources["rules.yaml"]
            yield yaml.problem(path, "a level has one of value, parameter, thing", "give one of the three")
        if level.parameter:
            yield from self.points("rules.yaml", path, level.parameter, self.known.parameters, "parameter")
        if level.thing:
            yield from self.points("rules.yaml", path, level.thing, properties, "property of the thing type")

    def cases(self) -> Iterator[Problem]:
        listed = self.source.sources.get("cases.yaml")
        entries = (listed.data or {}).get("categories") or [] if listed else []
        counts = Counter((one.kind, one.code) for one in self.pack.categories)
        for index, category in enumerate(self.pack.categories[: len(entries)]):
            if listed and counts[category.kind, category.code] > 1:
                reason = f"{category.kind}:{category.code} stands twice"
                yield listed.problem(("categories", index), reason, "keep one of them")
        for index, category in enumerate(self.pack.categories[: len(entries)]):
            if category.procedure:
                path = ("categories", index, "procedure")
                yield from self.points(
                    "cases.yaml", path, category.procedure, self.known.procedures, "procedure"
                )


def _shown(kind: ThingType) -> list[tuple[str, str, list[str]]]:
    """(key of a card, what it lists, the names of the type that it may list)."""
    properties, links = [one.name for one in kind.properties], [one.name for one in kind.links]
    return [
        ("properties", "property", properties),
        ("columns", "property", properties),
        ("links", "link", links),
    ]


def check(source: PackSource, known: Known) -> Iterator[Problem]:
    names = Names(source, known)
    yield from names.things()
    yield from names.views()
    yield from names.rules()
    yield from names.cases()
    pack = names.pack
    for file, key, items in (
        ("things.yaml", "types", pack.types),
        ("things.yaml", "code_tables", pack.code_tables),
        ("observations.yaml", "properties", pack.properties),
        ("parameters.yaml", "parameters", pack.parameters),
        ("rules.yaml", "rules", pack.rules),
        ("cases.yaml", "procedures", pack.procedures),
        ("cases.yaml", "roles", pack.roles),
        ("views.yaml", "layers", pack.layers),
        ("indicators.yaml", "counts", pack.counts),
        ("indicators.yaml", "indicators", pack.indicators),
        ("models.yaml", "models", pack.models),
        ("datasets.yaml", "datasets", pack.datasets),
    ):
        yield from names.twice(file, key, items)
