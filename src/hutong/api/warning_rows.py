"""Warnings as rows of lists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from hutong.api.house import House
from hutong.api.shapes import PlaceName, Position, place_name, time_of
from hutong.api.whereabouts import standing
from hutong.kernel.base import Label, Provenance
from hutong.kernel.case import Case, Warning
from hutong.kernel.ports import Reader
from hutong.kernel.thing import Thing


class WarnedThing(msgspec.Struct, frozen=True):
    """The thing a warning is about."""

    id: int
    name: Label
    type: str
    position: Position | None


class CaseNumber(msgspec.Struct, frozen=True):
    """A case by id and number."""

    id: int
    number: str


class WarningRow(msgspec.Struct, frozen=True, kw_only=True):
    """A warning. `began`: event time at which the condition began to hold; `raised`: at which it had held long enough."""

    id: int
    version: int
    rule: str
    title: Label
    colour: str
    state: str
    thing: WarnedThing | None
    place: PlaceName | None
    began: str
    raised: str
    cleared: str | None
    ended: str
    """Why it cleared, if not because its condition did: withdrawn, rule_ended, rule_removed, thing_retired, stream_gone."""
    revised: str | None
    """When late rows last changed it."""
    peak: float | None
    unit: str
    cause: str
    case: CaseNumber | None
    explanation: Label
    provenance: Provenance


def warning_rows(house: House, reader: Reader, warnings: Sequence[Warning]) -> list[WarningRow]:
    """Rows with the names of their things and cases, read in two queries."""
    things = reader.many(Thing, sorted({one.thing for one in warnings}))
    cases = reader.many(Case, sorted({one.case for one in warnings if one.case is not None}))
    where = standing(house, reader, things.values())
    return [WarningRow(**row_fields(house, one, things, cases, where)) for one in warnings]


def row_fields(
    house: House,
    warning: Warning,
    things: dict[int, Thing],
    cases: dict[int, Case],
    where: dict[int, Position | None],
) -> dict[str, Any]:
    thing = things.get(warning.thing)
    case = cases.get(warning.case or 0)
    return {
        "id": warning.id,
        "version": warning.version,
        "rule": warning.rule,
        "title": warning.title,
        "colour": warning.colour,
        "state": warning.state,
        "thing": WarnedThing(thing.id, thing.name, thing.type, where[thing.id]) if thing else None,
        "place": place_name(house.directory, warning.place),
        "began": time_of(warning.began),
        "raised": time_of(warning.raised),
        "cleared": time_of(warning.cleared),
        "ended": warning.ended,
        "revised": time_of(warning.revised),
        "peak": warning.peak,
        "unit": unit_of(house, warning),
        "cause": warning.cause,
        "case": CaseNumber(case.id, case.number) if case else None,
        "explanation": warning.explanation,
        "provenance": warning.provenance,
    }


def unit_of(house: House, warning: Warning) -> str:
    """The unit of the property the rule watches."""
    rule = house.rulebook.rules.get(warning.rule)
    definition = house.rulebook.properties.get(rule.property) if rule else None
    return definition.unit if definition else ""
