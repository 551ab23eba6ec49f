"""What rules need of things, as columns: their types, and those of their properties that levels and formulas name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from hutong.engine.judge.events import Flags, Floats, Ints
from hutong.kernel.definition.rule import Condition, Level, Rule
from hutong.kernel.thing import Thing

_properties = msgspec.json.Decoder(dict[str, Any])
FIELDS = ("id", "type", "properties")
"""Fields of a thing that these columns are made from."""


@dataclass(frozen=True, eq=False)
class Things:
    """Row i is one thing that stands; `id` ascends. `numbers`: properties by name (NaN where it is none)."""

    id: Ints
    type: NDArray[np.object_]
    numbers: Mapping[str, Floats]

    def of_type(self, ids: Ints, type: str) -> Flags:
        """Which of these things are known and of that type."""
        if not len(self.id):
            return np.zeros(len(ids), bool)
        at = np.minimum(np.searchsorted(self.id, ids), len(self.id) - 1)
        return np.asarray((self.id[at] == ids) & (self.type[at] == type), bool)

    def number(self, name: str, ids: Ints) -> Floats:
        """A property of these things, by its qualified name or, where a thing lacks that, its short one."""
        at = np.searchsorted(self.id, ids)
        found, short = self.numbers[name][at], self.numbers[name.rpartition(".")[2]][at]
        return np.where(np.isnan(found), short, found)

    def merged(self, gone: Ints, more: Things) -> Things:
        """Without the things `gone`, and with those of `more`."""
        left = np.flatnonzero(~np.isin(self.id, gone))
        order = np.argsort(np.concatenate((self.id[left], more.id)), kind="stable")

        def both(one: NDArray[Any], other: NDArray[Any]) -> NDArray[Any]:
            return np.asarray(np.concatenate((one[left], other))[order])

        numbers = {name: both(column, more.numbers[name]) for name, column in self.numbers.items()}
        return Things(both(self.id, more.id), both(self.type, more.type), numbers)

    def some(self, ids: Ints) -> Things:
        """Those of these things that are here."""
        at = np.flatnonzero(np.isin(self.id, ids))
        numbers = {name: column[at] for name, column in self.numbers.items()}
        return Things(self.id[at], self.type[at], numbers)

    def differ(self, other: Things) -> bool:
        """Whether rules may see the two otherwise."""
        same = np.array_equal(self.id, other.id) and np.array_equal(self.type, other.type)
        return not same or any(
            not np.array_equal(column, other.numbers[name], equal_nan=True)
            for name, column in self.numbers.items()
        )


def things_of(things: Iterable[Thing], names: Iterable[str]) -> Things:
    """The columns of things that stand."""
    rows = sorted((one for one in things if one.retired is None), key=lambda one: one.id)
    return _made(
        [one.id for one in rows], [one.type for one in rows], [one.properties for one in rows], names
    )


def things_of_columns(columns: Mapping[str, list[Any]], names: Iterable[str]) -> Things:
    """The columns of things given as FIELDS by ascending id, properties as JSON."""
    wanted = set(names)
    decode = _properties.decode
    properties = [decode(text) for text in columns["properties"]] if wanted else []
    return _made(columns["id"], columns["type"], properties, wanted)


def _made(ids: list[int], types: list[str], properties: list[dict[str, Any]], names: Iterable[str]) -> Things:
    type_ = np.empty(len(ids), object)
    type_[:] = types
    numbers = {
        name: np.array([_number(each.get(name)) for each in properties], np.float64) for name in set(names)
    }
    return Things(np.array(ids, np.int64), type_, numbers)


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else np.nan


def names_of(rules: Iterable[Rule]) -> set[str]:
    """The properties of things that rules name, qualified and short."""
    found: set[str] = set()
    for rule in rules:
        for condition in (rule.when, rule.clear):
            if condition is not None:
                found |= _named(condition)
    return found | {name.rpartition(".")[2] for name in found}


def _named(condition: Condition) -> set[str]:
    found: set[str] = set()
    for part in (*(condition.all or ()), *(condition.any or ())):
        found |= _named(part)
    if condition.formula:
        found |= set(condition.formula.things.values())
    levels: list[Any] = [condition.above, condition.below, condition.equals, *(condition.outside or ())]
    levels += [condition.rises_faster_than.by] if condition.rises_faster_than else []
    return found | {one.thing for one in levels if isinstance(one, Level) and one.thing is not None}
