"""rules.yaml: on what, when, for how long; which warning or case; one per what; clears."""

from __future__ import annotations

from hutong.kernel.base import Label
from hutong.kernel.case import Category
from hutong.kernel.definition.thing import Strict
from hutong.kernel.plan import WarningColour


class Level(Strict, frozen=True, kw_only=True):
    """A level to compare with: a number, a parameter's name, or a property of the thing; `times` first, then `plus`."""

    value: float | None = None
    parameter: str | None = None
    thing: str | None = None
    times: float = 1.0
    plus: float = 0.0


class Rise(Strict, frozen=True, kw_only=True):
    """By how much (in the property's unit) within which span."""

    by: float | Level
    within: str


class FormulaCall(Strict, frozen=True, kw_only=True):
    """A named function of the pack's formulas.py: columns of the named observed properties (the latest of each at every
    row), properties of the thing and parameters by keyword; returns a boolean array."""

    name: str
    properties: dict[str, str] = {}
    things: dict[str, str] = {}
    parameters: dict[str, str] = {}


class Condition(Strict, frozen=True, kw_only=True):
    """Exactly one rule word. `property` (an observed property of the same thing) defaults to the rule's own.

    above/below: strictly; outside: [low, high]; equals; missing_for: a span without any good row; rises_faster_than;
    changes: the value differs from the one before; all/any: of conditions; formula.
    """

    property: str | None = None
    above: float | Level | None = None
    below: float | Level | None = None
    outside: tuple[float | Level, float | Level] | None = None
    equals: float | Level | None = None
    missing_for: str | None = None
    rises_faster_than: Rise | None = None
    changes: bool | None = None
    all: tuple[Condition, ...] | None = None
    any: tuple[Condition, ...] | None = None
    formula: FormulaCall | None = None


class Fold(Strict, frozen=True, kw_only=True):
    """Findings fold into one cause when they name the same thing through `link` (or are it) within `within`."""

    link: str
    within: str


class Rule(Strict, frozen=True, kw_only=True):
    """A rule. `type` and `property` are qualified; `clear` defaults to the condition no longer holding for `clear_for`."""

    name: str
    label: Label
    type: str
    property: str
    when: Condition
    hold: str = "0 s"
    clear: Condition | None = None
    clear_for: str = "0 s"
    colour: WarningColour
    says: Label
    """A sentence; {thing} {value} {unit} {level} {place} are filled in."""
    category: Category
    """What a case that comes of it is about."""
    fold: Fold | None = None
    late: str = "10 min"
    """How late a row may arrive (against the newest of its stream) and still be judged."""
    since: str | None = None
    until: str | None = None
    source: str = ""


class RulesFile(Strict, frozen=True, kw_only=True):
    """rules.yaml"""

    rules: tuple[Rule, ...]
