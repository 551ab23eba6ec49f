"""rules.yaml: on what, when, for how long; which warning or case; one per what; clears."""

from __future__ import annotations

import builtins
from typing import Annotated, Literal

import msgspec

from hutong.kernel.base import Label
from hutong.kernel.case import Category
from hutong.kernel.definition.thing import Strict
from hutong.kernel.plan import WarningColour


class Level(Strict, frozen=True, kw_only=True):
    """A level to compare with, in the unit of the observed property: one of the first three; `times` first, then `plus`."""

    value: float | None = None
    """A number as it stands."""
    parameter: str | None = None
    """A parameter of this or a needed pack; a city may override it."""
    thing: str | None = None
    """A property of the thing itself, so that every thing has its own level."""
    times: float = 1.0
    """Factor on it."""
    plus: float = 0.0
    """What is added after that."""


class Rise(Strict, frozen=True, kw_only=True):
    """A rise within a span."""

    by: float | Level
    """By how much, in the property's unit."""
    within: str
    """Within which span of time."""


class Unusual(Strict, frozen=True, kw_only=True):
    """How far from what is usual for this very stream at this hour. Usual is learnt as rows come, hour by hour; the last
    hour's deviation is compared with what this stream's deviations ordinarily are."""

    season: Literal["none", "day", "week"] = "week"
    """What repeats: nothing, the hours of a day, or those of working days and of weekends."""
    beyond: Annotated[float, msgspec.Meta(gt=0)] = 5.0
    """How many times its ordinary deviation: 1 is an ordinary hour; 4 to 5 are rare without a cause."""
    learn: str = "7 d"
    """After this span what was learnt counts a third; of a new stream nothing is said before."""


class FormulaCall(Strict, frozen=True, kw_only=True):
    """A call of a pure, fully typed function of the pack's formulas.py: keyword → where its value is from. It returns one
    boolean for every row."""

    name: str
    """Name of the function."""
    properties: dict[str, str] = {}
    """Keyword → observed property of the same thing: a column, the latest value of it at every row."""
    things: dict[str, str] = {}
    """Keyword → property of the thing."""
    parameters: dict[str, str] = {}
    """Keyword → parameter."""


class Condition(Strict, frozen=True, kw_only=True):
    """Exactly one rule word, about the rule's own observed property or another of the same thing."""

    property: str | None = None
    """The observed property that is looked at, where it is not the rule's own. It is no rule word."""
    above: float | Level | None = None
    """The value is greater than the level; equal is not above."""
    below: float | Level | None = None
    """The value is less than the level; equal is not below."""
    outside: tuple[float | Level, float | Level] | None = None
    """The value is below the first level or above the second; the levels themselves are inside."""
    equals: float | Level | None = None
    """The value is the level: for states and codes, such as a pump that is commanded on (1)."""
    missing_for: str | None = None
    """No good row came for this span of time, by the city's clock."""
    rises_faster_than: Rise | None = None
    """The value is more than `by` above the lowest value of the last `within`."""
    changes: bool | None = None
    """The value differs from the one before; `true` is all that can be written."""
    unusual: Unusual | None = None
    """The last hour is far from what is usual for this stream at this time of the day or week."""
    all: tuple[Condition, ...] | None = None
    """All of these conditions hold at once."""
    any: tuple[Condition, ...] | None = None
    """At least one of these conditions holds."""
    formula: FormulaCall | None = None
    """A named function of the pack's formulas.py says so; for whatever the words above cannot say."""


class Fold(Strict, frozen=True, kw_only=True):
    """Findings fold into one cause when they name the same thing through `link` (or are it) within `within`."""

    link: str
    """A link of the thing type, or `self`."""
    within: str
    """How far apart the findings may be."""


class Rule(Strict, frozen=True, kw_only=True):
    """A rule: on what, when, for how long, and what is said of it. One warning at most stands for a rule and a thing.

    Several versions of a rule stand one after the other under one name, each from `since` up to `until`: the one that is
    valid at the time of a row judges it."""

    name: str
    """Short name; the pack's name is put in front (`drainage.flooding`)."""
    label: Label
    """What people call the finding."""
    type: str
    """The thing type it watches."""
    property: str
    """The observed property it watches; conditions may name others of the same thing."""
    when: Condition
    """What must hold."""
    hold: str = "0 s"
    """How long it must hold before a warning is raised, by event time; or at how many rows of the rule's property one after
    the other (`3 rows`)."""
    clear: Condition | None = None
    """What ends the warning (default: `when` no longer holds). Keep it apart from `when`, or the warning flutters."""
    clear_for: str = "0 s"
    """How long the clearing must hold, or at how many rows (`3 rows`)."""
    colour: WarningColour
    """Colour of the warning (预警颜色)."""
    says: Label
    """A sentence; {thing} {value} {unit} {level} {place} are filled in."""
    category: Category
    """What a case that comes of it is about."""
    fold: Fold | None = None
    """Which findings are one cause."""
    late: str = "10 min"
    """How late a row may arrive (against the newest of its stream) and still be judged, as if it had come in time."""
    since: str | None = None
    """Local date from which the rule is valid, this day included."""
    until: str | None = None
    """Local date up to which the rule is valid, this day not included. Another version of the same name may begin on it."""
    source: str = ""
    """Where its numbers are from: standard and clause, paper, or city rule."""

    @builtins.property
    def edition(self) -> str:
        """Names this version among those of the same name."""
        return self.name if self.since is None else f"{self.name} since {self.since}"


class RulesFile(Strict, frozen=True, kw_only=True):
    """rules.yaml"""

    rules: tuple[Rule, ...]
