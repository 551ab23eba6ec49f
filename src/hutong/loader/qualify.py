"""Names get their pack's name in front where they have no dot, so that no two packs clash."""

from __future__ import annotations

from typing import TypeVar

import msgspec
from msgspec.structs import replace

from hutong.kernel.definition.indicator import FIGURES, CountDefinition, IndicatorDefinition
from hutong.kernel.definition.plan import ModeDefinition, PlanDefinition
from hutong.kernel.definition.procedure import Action, Procedure
from hutong.kernel.definition.register import Register
from hutong.kernel.definition.rule import Condition, FormulaCall, Level, Rise, Rule
from hutong.kernel.definition.thing import Card, Layer, PropertyDefinition, ThingType

T = TypeVar("T", bound=msgspec.Struct)


class Qualifier:
    """Qualifies the parts of one pack."""

    def __init__(self, pack: str) -> None:
        self.pack = pack

    def name(self, text: str) -> str:
        return text if "." in text else f"{self.pack}.{text}"

    def names(self, texts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(self.name(text) for text in texts)

    def named(self, item: T) -> T:
        return replace(item, name=self.name(item.name))  # type: ignore[attr-defined]

    def type(self, item: ThingType) -> ThingType:
        links = tuple(replace(link, to=self.name(link.to)) for link in item.links)
        tables = tuple(
            replace(one, choices=self.name(one.choices)) if one.choices else one for one in item.properties
        )
        position = (self.name(item.position[0]), self.name(item.position[1])) if item.position else None
        return replace(self.named(item), links=links, properties=tables, position=position)

    def property(self, item: PropertyDefinition) -> PropertyDefinition:
        return replace(self.named(item), of=self.names(item.of))

    def layer(self, item: Layer) -> Layer:
        return replace(
            self.named(item), type=self.name(item.type), shows=self.name(item.shows) if item.shows else None
        )

    def card(self, item: Card) -> Card:
        return replace(item, type=self.name(item.type), charts=self.names(item.charts))

    def count(self, item: CountDefinition) -> CountDefinition:
        return replace(self.named(item), procedures=self.names(item.procedures))

    def indicator(self, item: IndicatorDefinition) -> IndicatorDefinition:
        return replace(
            self.named(item),
            formula=item.formula if item.formula in FIGURES else self.name(item.formula),
            counts={key: self.name(name) for key, name in item.counts.items()},
            parameters={key: self.name(name) for key, name in item.parameters.items()},
            grades={key: self.name(name) if name else "" for key, name in item.grades.items()},
        )

    def rule(self, item: Rule) -> Rule:
        return replace(
            self.named(item),
            type=self.name(item.type),
            property=self.name(item.property),
            when=self.condition(item.when),
            clear=self.condition(item.clear) if item.clear else None,
        )

    def procedure(self, item: Procedure) -> Procedure:
        return replace(self.named(item), actions=tuple(self._action(one) for one in item.actions))

    def _action(self, item: Action) -> Action:
        if not item.opens:
            return item
        return replace(
            item,
            opens=tuple(
                replace(one, procedure=self.name(one.procedure)) if one.procedure else one
                for one in item.opens
            ),
        )

    def register(self, item: Register) -> Register:
        rounds = item.rounds
        every = None if rounds is None else replace(rounds, every=self.name(rounds.every))
        return replace(self.named(item), rounds=every)

    def condition(self, item: Condition) -> Condition:
        outside = item.outside
        return replace(
            item,
            property=self.name(item.property) if item.property else None,
            above=self.level(item.above),
            below=self.level(item.below),
            equals=self.level(item.equals),
            outside=(self._level(outside[0]), self._level(outside[1])) if outside else None,
            rises_faster_than=self._rise(item.rises_faster_than),
            all=tuple(self.condition(part) for part in item.all) if item.all is not None else None,
            any=tuple(self.condition(part) for part in item.any) if item.any is not None else None,
            formula=self._formula(item.formula),
        )

    def plan(self, item: PlanDefinition) -> PlanDefinition:
        return replace(
            self.named(item),
            triggers=tuple(replace(one, rules=self.names(one.rules)) for one in item.triggers),
            warns=tuple(replace(one, rules=self.names(one.rules)) for one in item.warns),
            levels=tuple(replace(one, mode=self.name(one.mode) if one.mode else "") for one in item.levels),
        )

    def mode(self, item: ModeDefinition) -> ModeDefinition:
        named = self.named(item)
        return replace(named, limits=tuple(replace(one, mode=named.name) for one in item.limits))

    def level(self, item: float | Level | None) -> float | Level | None:
        return None if item is None else self._level(item)

    def _level(self, item: float | Level) -> float | Level:
        if isinstance(item, Level) and item.parameter:
            return replace(item, parameter=self.name(item.parameter))
        return item

    def _rise(self, item: Rise | None) -> Rise | None:
        return None if item is None else replace(item, by=self._level(item.by))

    def _formula(self, item: FormulaCall | None) -> FormulaCall | None:
        if item is None:
            return None
        return replace(
            item,
            name=self.name(item.name),
            properties={key: self.name(name) for key, name in item.properties.items()},
            parameters={key: self.name(name) for key, name in item.parameters.items()},
        )
