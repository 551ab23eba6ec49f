"""Rules and things into plans: names become columns, levels become numbers per thing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import count, pairwise
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from hutong.engine.judge import words
from hutong.engine.judge.deviates import Deviates
from hutong.engine.judge.events import Flags, Floats, Ints
from hutong.engine.judge.plan import Plan, Streams, Wiring
from hutong.engine.judge.things import Things
from hutong.engine.judge.unusual import Unusual
from hutong.engine.judge.version import Dated, Lasting, Version
from hutong.engine.judge.words import Word
from hutong.kernel.base import Instant
from hutong.kernel.clock import instant
from hutong.kernel.definition.rule import Condition, FormulaCall, Level, Rule
from hutong.kernel.errors import Invalid
from hutong.kernel.lateness import NEVER
from hutong.kernel.spans import lasting, span

SHANGHAI = ZoneInfo("Asia/Shanghai")

NUMERIC_KINDS = 2
"""Stream kinds below this one carry numbers."""


@dataclass(frozen=True, eq=False)
class World:
    """What names mean: parameters by qualified name (the values valid at city time), pure formulas,
    the city's zone, and the digest of each version's definition, by its edition."""

    streams: Streams
    things: Things
    parameters: Mapping[str, float]
    functions: Mapping[str, Callable[..., Any]]
    versions: Mapping[str, str] = field(default_factory=dict)
    zone: ZoneInfo = SHANGHAI
    columns: Iterator[int] = field(default_factory=count)
    """Columns of scores, one for each condition that asks how unusual a row is."""


def compile_plans(rules: Iterable[Rule], world: World) -> list[Plan]:
    """The plans of all rules that have at least one thing with the streams they need; versions of one name are one plan."""
    feeds = _Feeds(world.streams)
    named: dict[str, list[Rule]] = {}
    for rule in rules:
        named.setdefault(rule.name, []).append(rule)
    found = (_Compiler(versions, world, feeds).plan() for versions in named.values())
    return [plan for plan in found if len(plan.things)]


class _Feeds:
    """Numeric streams by property, sorted by thing; of one thing in the order of their ids."""

    def __init__(self, streams: Streams) -> None:
        self._streams = streams
        self._numeric = streams.kind < NUMERIC_KINDS
        self._known: dict[str, tuple[Ints, Ints]] = {}

    def of(self, code: str) -> tuple[Ints, Ints]:
        """(things, positions of their streams)."""
        if code not in self._known:
            codes = self._streams.codes
            number = codes.index(code) if code in codes else -1
            at = np.flatnonzero((self._streams.property == number) & self._numeric)
            things = self._streams.thing[at]
            order = np.argsort(things, kind="stable")
            self._known[code] = (things[order], at[order])
        return self._known[code]


class _Compiler:
    """One rule with its versions. Slots are given to properties in the order they are met; slot 0 is the rule's own."""

    def __init__(self, versions: list[Rule], world: World, feeds: _Feeds) -> None:
        self.versions = sorted(versions, key=lambda one: one.since or "")
        self.rule = self.versions[-1]
        self.world = world
        self.slots = {self.rule.property: 0}
        self.pack = self.rule.name.rpartition(".")[0]
        for version in self.versions:
            for condition in (version.when, version.clear):
                if condition is not None:
                    self._find_slots(condition)
        self.feeds = [feeds.of(code) for code in self.slots]
        self.things = self._things()

    def _things(self) -> Ints:
        """Of the rule's type, with a stream of every property."""
        first, *others = (things[_begins(things)] for things, _ in self.feeds)
        for other in others:
            first = np.intersect1d(first, other, assume_unique=True)
        return first[self.world.things.of_type(first, self.rule.type)]

    def plan(self) -> Plan:
        versions = tuple(self._version(rule) for rule in self.versions)
        valid = tuple(version.valid for version in versions)
        _check_order(versions)
        words_of_all = tuple(version.when for version in versions)
        always = valid == ((NEVER, -NEVER),)
        return Plan(
            versions=versions,
            things=self.things,
            properties=tuple(self.slots),
            wiring=self._wiring(),
            when=words_of_all[0] if always else Dated(words_of_all, valid),
            missing=tuple(leaf for word in words_of_all for leaf in _missing(word)),
        )

    def _version(self, rule: Rule) -> Version:
        self.rule = rule
        when = self._word(rule.when, "when")
        return Version(
            rule=rule,
            digest=self.world.versions.get(rule.edition, ""),
            valid=self._valid(),
            when=when,
            clear=None if rule.clear is None else self._word(rule.clear, "clear"),
            hold=Lasting(*lasting(rule.hold, self._field("hold"))),
            clear_for=Lasting(*lasting(rule.clear_for, self._field("clear_for"))),
            late=span(rule.late, self._field("late")),
            direction=_direction(when),
            band=_band(when),
            level=_level(when, len(self.things)),
        )

    def _field(self, key: str) -> str:
        return f"rule {self.rule.name}: {key}"

    def _find_slots(self, condition: Condition) -> None:
        for part in (*(condition.all or ()), *(condition.any or ())):
            self._find_slots(part)
        formula = condition.formula
        for code in formula.properties.values() if formula else (condition.property,):
            if code is not None:
                self.slots.setdefault(code, len(self.slots))

    def _wiring(self) -> Wiring:
        count, found = len(self.world.streams), []
        pair_of = np.full(count, -1, np.int32)
        slot_of = np.full(count, -1, np.int8)
        for slot, (things, feeding) in enumerate(self.feeds):
            pair = np.searchsorted(self.things, things)
            pair[pair == len(self.things)] = 0
            mine = self.things[pair] == things if len(self.things) else np.zeros(len(things), bool)
            pair, streams = pair[mine], feeding[mine]
            pair_of[streams], slot_of[streams] = pair, slot
            nth = np.arange(len(pair)) - np.searchsorted(pair, pair)
            found.append((pair, nth, streams))
        deep = 1 + max((int(nth.max(initial=0)) for _, nth, _ in found), default=0)
        back = np.full((len(self.things), len(self.slots), deep), -1, np.int64)
        for slot, (pair, nth, streams) in enumerate(found):
            back[pair, slot, nth] = streams
        return Wiring(pair_of, slot_of, back)

    def _valid(self) -> tuple[Instant, Instant]:
        since, until = self.rule.since, self.rule.until
        return (
            NEVER if since is None else self._midnight(since, "since"),
            -NEVER if until is None else self._midnight(until, "until"),
        )

    def _midnight(self, day: str, key: str) -> Instant:
        try:
            at = date.fromisoformat(day)
        except ValueError as wrong:
            raise Invalid(self._field(key), f"{day!r} is not a date", "write 2026-05-01") from wrong
        return instant(datetime(at.year, at.month, at.day, tzinfo=self.world.zone))

    def _word(self, condition: Condition, key: str) -> Word:
        slot = self.slots[condition.property or self.rule.property]
        given = {
            name: value
            for name in words_of(condition)
            if (value := getattr(condition, name)) is not None and value is not False
        }
        if len(given) != 1:
            raise Invalid(self._field(key), f"has {len(given)} rule words", "write exactly one")
        ((name, value),) = given.items()
        where = f"{key}.{name}"
        match name:
            case "all" | "any":
                parts = tuple(self._word(part, where) for part in value)
                if not parts:
                    raise Invalid(self._field(where), "lists no condition", "list at least one")
                return words.Every(parts) if name == "all" else words.Some(parts)
            case "formula":
                return self._formula(value, where)
            case _:
                return self._simple(name, value, slot, where)

    def _simple(self, name: str, value: Any, slot: int, where: str) -> Word:
        match name:
            case "above":
                return words.Above(slot, self._levels(value, where))
            case "below":
                return words.Below(slot, self._levels(value, where))
            case "outside":
                return words.Outside(slot, self._levels(value[0], where), self._levels(value[1], where))
            case "equals":
                return words.Equals(slot, self._levels(value, where))
            case "missing_for":
                return words.Missing(slot, span(value, self._field(where)))
            case "rises_faster_than":
                within = span(value.within, self._field(f"{where}.within"))
                return words.Rises(slot, self._levels(value.by, where), within)
            case "unusual":
                learn = span(value.learn, self._field(f"{where}.learn"))
                wanted = Unusual(value.season, learn, learn)
                return Deviates(slot, value.beyond, wanted, next(self.world.columns), self.world.zone)
            case _:
                return words.Changed(slot)

    def _levels(self, level: float | Level, where: str) -> Floats:
        """The level at every thing: × times, + plus; NaN at a thing that lacks the property."""
        if not isinstance(level, Level):
            return np.full(len(self.things), float(level))
        if level.thing is not None:
            base = self._column(level.thing)
        elif level.parameter is not None:
            base = np.full(len(self.things), self._parameter(level.parameter, where))
        elif level.value is not None:
            base = np.full(len(self.things), float(level.value))
        else:
            reason = "names neither a value, a parameter nor a property of the thing"
            raise Invalid(self._field(where), reason, "give one of `value`, `parameter`, `thing`")
        return base * level.times + level.plus

    def _column(self, name: str) -> Floats:
        """That property of every thing, as a number (NaN where it is none)."""
        return self.world.things.number(name, self.things)

    def _parameter(self, name: str, where: str) -> float:
        value = self.world.parameters.get(name, self.world.parameters.get(f"{self.pack}.{name}"))
        if value is None:
            raise Invalid(self._field(where), f"there is no parameter {name}", "add it to parameters.yaml")
        return float(value)

    def _formula(self, call: FormulaCall, where: str) -> Word:
        function = self.world.functions.get(call.name, self.world.functions.get(f"{self.pack}.{call.name}"))
        if function is None:
            reason = f"there is no function {call.name}"
            raise Invalid(self._field(where), reason, "add it to the pack's formulas.py")
        return words.Formula(
            function=function,
            properties={key: self.slots[code] for key, code in call.properties.items()},
            things={key: self._column(name) for key, name in call.things.items()},
            parameters={key: self._parameter(name, where) for key, name in call.parameters.items()},
        )


def _begins(values: Ints) -> Flags:
    """Where a run of equal values begins."""
    return np.concatenate((np.ones(min(len(values), 1), bool), values[1:] != values[:-1]))


def _check_order(versions: tuple[Version, ...]) -> None:
    for earlier, later in pairwise(versions):
        if later.valid[0] < earlier.valid[1]:
            raise Invalid(
                f"rule {later.rule.name}",
                f"two versions are valid on {later.rule.since or 'the same days'}",
                "let the earlier end (`until`) on the day on which the later begins (`since`)",
            )


def words_of(condition: Condition) -> tuple[str, ...]:
    """The fields of a condition that are rule words."""
    return tuple(name for name in condition.__struct_fields__ if name != "property")


def _leaves(word: Word) -> list[Word]:
    if isinstance(word, words.Every | words.Some):
        return [leaf for part in word.parts for leaf in _leaves(part)]
    return [word]


def _own(word: Word) -> Word:
    """The leaf that speaks of the rule's own property, or the first."""
    leaves = _leaves(word)
    return next((leaf for leaf in leaves if 0 in leaf.slots), leaves[0])


def _direction(word: Word) -> int:
    return -1 if isinstance(_own(word), words.Below) else 1


def _band(word: Word) -> tuple[Floats, Floats] | None:
    own = _own(word)
    return (own.low, own.high) if isinstance(own, words.Outside) else None


def _level(word: Word, pairs: int) -> Floats:
    """The level a sentence speaks of: that of the leaf on the rule's own property; NaN where it has
    none."""
    match _own(word):
        case words.Above(level=level) | words.Below(level=level) | words.Equals(level=level):
            return level
        case words.Rises(by=by):
            return by
        case words.Outside(high=high):
            return high
        case _:
            return np.full(pairs, np.nan)


def _missing(word: Word) -> list[words.Missing]:
    return [leaf for leaf in _leaves(word) if isinstance(leaf, words.Missing)]
