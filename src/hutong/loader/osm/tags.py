"""Reads `tags.yaml`, the table of what OpenStreetMap tags mean, and applies it to an extract."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

import yaml

from hutong.kernel.base import Label
from hutong.loader.osm.extract import Extract, Tags

_SHAPES = {"point": "n", "line": "w", "area": "a"}
_IN_WORDS = ("base.poi", "base.building")
Wanted = tuple[tuple[str, frozenset[str], tuple[str, ...]], ...]
"""(key, values, value endings); the value * stands for any but no."""


@dataclass(frozen=True)
class Rule:
    """One row of the table; `place` is its position in it."""

    place: int
    shapes: frozenset[str]
    where: Wanted
    unless: Wanted
    facts: dict[str, Any] = field(compare=False)

    def fits(self, shape: str, tags: Tags) -> bool:
        return (
            shape in self.shapes
            and all(_has(tags, wanted) for wanted in self.where)
            and not any(_has(tags, wanted) for wanted in self.unless)
        )

    def label(self, tags: Tags) -> Label:
        """What an unnamed object is called."""
        value = tags.get(self.where[0][0], "")
        known = words().get(value) if self.facts.get("type") in _IN_WORDS else None
        return known or Label(**self.facts["name"])


@dataclass(frozen=True)
class Match:
    """Row of the extract and the rule it fits."""

    row: int
    rule: Rule


class Rules:
    """A section of the table, looked up by the first key that each rule wants."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self._by_key: dict[str, list[Rule]] = {}
        for place, row in enumerate(rows):
            rule = _rule(place, row)
            self._by_key.setdefault(rule.where[0][0], []).append(rule)

    def matches(self, extract: Extract) -> list[Match]:
        """The first rule each row fits (rules marked `also` do not keep later ones away), in row order."""
        found = []
        for row, (shape, tags) in enumerate(zip(extract.shape.tolist(), extract.tags, strict=True)):
            rules = [rule for key in tags for rule in self._by_key.get(key, ()) if rule.fits(shape, tags)]
            for rule in sorted(rules, key=lambda rule: rule.place):
                found.append(Match(row, rule))
                if not rule.facts.get("also"):
                    break
        return found


@cache
def section(name: str) -> Rules:
    """`things`, `edges`, or `map.<layer>`."""
    table = _table()
    for key in name.split("."):
        table = table[key]
    return Rules(table)


@cache
def words() -> dict[str, Label]:
    return {value: Label(**name) for value, name in _table()["words"].items()}


@cache
def _table() -> Any:
    return yaml.safe_load(resources.files(__package__).joinpath("tags.yaml").read_text("utf-8"))


def names(tags: Tags) -> Label:
    """The object's own name; a Chinese name has no hint of its language in its plain `name`."""
    zh = tags.get("name:zh-Hans") or tags.get("name:zh") or tags.get("name") or ""
    return Label(zh=zh, en=tags.get("name:en") or tags.get("int_name") or "")


def _rule(place: int, row: dict[str, Any]) -> Rule:
    facts = dict(row)
    drawn = facts.pop("as")
    shapes = frozenset(_SHAPES[shape] for shape in ([drawn] if isinstance(drawn, str) else drawn))
    return Rule(place, shapes, _wanted(facts.pop("where")), _wanted(facts.pop("unless", {})), facts)


def _wanted(pairs: dict[str, Any]) -> Wanted:
    wanted = []
    for key, value in pairs.items():
        values = [value] if isinstance(value, str) else value
        plain = frozenset(v for v in values if not v.startswith("~"))
        wanted.append((key, plain, tuple(v[1:] for v in values if v.startswith("~"))))
    return tuple(wanted)


def _has(tags: Tags, wanted: tuple[str, frozenset[str], tuple[str, ...]]) -> bool:
    key, values, endings = wanted
    value = tags.get(key)
    if value is None:
        return False
    if "*" in values:
        return value != "no"
    return bool(endings and value.endswith(endings)) or any(v.strip() in values for v in value.split(";"))
