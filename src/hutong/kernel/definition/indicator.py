"""indicators.yaml: what is counted of cases, and the figures that are made of the counts."""

from __future__ import annotations

from typing import Any, Literal

from hutong.kernel.base import Label
from hutong.kernel.definition.thing import Confidence, Strict

FALSE_ALARM_RATE = "false_alarm_rate"
RATE = "rate"
AMOUNT = "amount"
FIGURES = (FALSE_ALARM_RATE, RATE, AMOUNT)
"""What an indicator can be without a function of its own. `false_alarm_rate`: warnings judged false over warnings judged, of
the `rules` of its arguments (default: all of the pack). `rate`: 100 × the count `n` over the count `of`. `amount`: the count
`n` as it is. Any other name is a function of the pack's formulas.py."""

Object = Literal["city", "role", "organisation", "area", "value"]


class Where(Strict, frozen=True, kw_only=True):
    """What must hold of a case as it stands. `path` is a field (`state`, `source`, `ending`, `rounds`, `parent` …),
    `category.kind`, `category.code`, `facts.NAME`, or `deeds.ACTION` (how often it was done). All that is given must hold;
    of a list, one of its entries suffices."""

    path: str
    one_of: tuple[str | int | bool, ...] = ()
    none_of: tuple[str | int | bool, ...] = ()
    given: bool | None = None
    """It has a value (true), or has none (false)."""
    at_least: float | None = None
    at_most: float | None = None


class CountDefinition(Strict, frozen=True, kw_only=True):
    """How often something happened in a period, found in the cases themselves; every one counted can be shown.

    With `actions` each deed of one of these actions is one (`open` is the report itself), at its instant, credited to the
    account that did it and the unit it belonged to. Without, each case is one, at the first of the instants that `at` names,
    credited to the unit that handles the case. A case lies in the place and category it stands in.
    """

    name: str
    label: Label
    procedures: tuple[str, ...] = ()
    """Qualified; without it, all procedures of the pack."""
    actions: tuple[str, ...] = ()
    which: Literal["each", "first", "last"] = "each"
    """Which of several such deeds of one case count."""
    at: tuple[str, ...] = ("opened",)
    """Of cases: `opened`, `filed`, `fed_back`, `closed`, `due.CLOCK` (its limit), `stopped.CLOCK`, `deeds.ACTION` (the last
    one), `facts.NAME` (an instant). What has none of them is not counted; the first counts where there are several."""
    credit: str = ""
    """Another action: whoever did it last before the deed counted is credited (a wrong dispatch is the dispatcher's, not
    that of him who accepts the return). `keeper`: whoever holds the role in the place of the case."""
    clock: str = ""
    """The clock that `timing` asks about."""
    timing: Literal["", "in_time", "late", "overdue"] = ""
    """`in_time`: the clock was stopped before it ran out (of a deed: the deed did not come after it ran out); `late`: stopped
    after it; `overdue`: ran out and has not been stopped."""
    when: tuple[Where, ...] = ()
    weight: str = ""
    """A path as in `when`: its number is what the case counts for, or what `weights` says of its value."""
    weights: dict[str, float] = {}
    """Value → what it counts for; a value that is not listed counts for nothing."""
    by: str = ""
    """A path as in `when`: its value is the row of a sheet of values (诉求类型: `facts.demand`)."""
    excusable: bool = False
    """Work of a unit: an accepted 申诉 (`facts.excused`) for `timing` makes its lateness in time, one for `responsibility`
    takes the case out. How many were excused is said beside the figures."""


class IndicatorDefinition(Strict, frozen=True, kw_only=True):
    """A figure the city is measured by; the rows behind it are always listed.

    `formula` is one of FIGURES, or a function of formulas.py: typed, pure, its arguments given by name from `counts`
    and `parameters` (both argument → name); it returns a number, None (nothing to judge by) or a `Score`
    (kernel/score.py). A function is given 0 where nothing was counted and must answer None to an empty denominator.
    """

    name: str
    label: Label
    unit: str
    formula: str
    object: Object = "city"
    """What it is a figure of: accounts that hold `role`, handling units, areas, the values that its counts are `by`, or the
    city as a whole. All indicators of one object (and role) of a pack make one sheet."""
    role: str = ""
    values: dict[str, Label] = {}
    """Of a sheet of values: its rows, value → what it is called."""
    counts: dict[str, str] = {}
    parameters: dict[str, str] = {}
    arguments: dict[str, Any] = {}
    parts: dict[str, Label] = {}
    """What the parts of a Score are called."""
    grades: dict[str, str] = {}
    """Grade → the parameter that is the lowest value of it, best first; the last may be empty (all that is left)."""
    better: Literal["high", "low", ""] = ""
    """Which way is better; empty: neither."""
    decimals: int = 1
    target: float | None = None
    period: str = "day"
    source: str = ""
    confidence: Confidence = "L"


class IndicatorsFile(Strict, frozen=True, kw_only=True):
    """indicators.yaml"""

    day_starts: str = ""
    """A parameter: the hour at which the business day begins, from local midnight (-12: at noon of the day before)."""
    counts: tuple[CountDefinition, ...] = ()
    indicators: tuple[IndicatorDefinition, ...] = ()
