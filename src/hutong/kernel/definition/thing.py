"""things.yaml, observations.yaml, parameters.yaml: what there is, what can be observed, and every number."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from hutong.kernel.base import DataClass, Label
from hutong.kernel.thing import ResultKind, SameTime

Confidence = Literal["P", "S", "V", "L", "M-high", "M-med", "M-low"]


class Strict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A mapping of a pack file: an unknown key is a mistake, not a wish."""


class PropertyType(Strict, frozen=True, kw_only=True):
    """A property of a thing type. `unit` is UCUM; `choices` names a code table of the same pack. `indexed`: filters on it
    are answered by an index, which every new thing then writes too."""

    name: str
    label: Label
    kind: Literal["number", "integer", "text", "boolean", "date", "code"] = "text"
    unit: str | None = None
    low: float | None = None
    high: float | None = None
    choices: str | None = None
    required: bool = False
    indexed: bool = False
    data_class: DataClass = DataClass.INTERNAL


class LinkType(Strict, frozen=True, kw_only=True):
    """A role another thing plays for this one (`served_by`: a pump station)."""

    name: str
    label: Label
    to: str
    """Qualified thing type."""
    many: bool = False


class CodeTable(Strict, frozen=True, kw_only=True):
    """A list of codes with labels, and the source it is from."""

    name: str
    label: Label
    codes: dict[str, Label]
    source: str = ""


class ExchangeField(Strict, frozen=True, kw_only=True):
    """A column of an exchange table. `into` is where its value goes: the thing's `code`, `name` or `grid`, or a property."""

    column: str
    label: Label
    into: str
    length: int
    required: bool = False
    kind: Literal["text", "digits", "date", "credit_code", "code"] = "text"
    """`digits` has exactly `length` of them; `date` is YYYYMMDD; `credit_code` a 统一社会信用代码; `code` one of the
    property's code table."""


class Exchange(Strict, frozen=True, kw_only=True):
    """A table in which things of a type come in and go out (部件普查). `division` and `component_class` say which characters of
    the code (first, one behind the last) are the division and the class. Things whose `retired_by` property has one of
    `retired_values` stand no more."""

    fields: tuple[ExchangeField, ...]
    division: tuple[int, int] | None = None
    component_class: tuple[int, int] | None = None
    retired_by: str = ""
    retired_values: tuple[str, ...] = ()
    source: str = ""


class ThingType(Strict, frozen=True, kw_only=True):
    """A kind of thing. `component_class` is its class of GB/T 47678.5, where it is a 部件. `position` is for things that
    move: the observed properties longitude and latitude (WGS 84, unit deg); such a thing stands where it last was."""

    name: str
    label: Label
    geometry: Literal["point", "line", "area", "any", "none"] = "point"
    position: tuple[str, str] | None = None
    component_class: str | None = None
    properties: tuple[PropertyType, ...] = ()
    links: tuple[LinkType, ...] = ()
    symbol: str = "dot"
    exchange: Exchange | None = None
    """The table it is surveyed with."""


class ThingsFile(Strict, frozen=True, kw_only=True):
    """things.yaml"""

    types: tuple[ThingType, ...] = ()
    code_tables: tuple[CodeTable, ...] = ()


class PropertyDefinition(Strict, frozen=True, kw_only=True):
    """An observed property: UCUM unit, range beyond which a row is doubted, expected interval (`1 min`)."""

    name: str
    label: Label
    of: tuple[str, ...]
    """Qualified thing types it is observed at."""
    unit: str
    kind: ResultKind = "number"
    low: float | None = None
    high: float | None = None
    refuse_outside: bool = False
    """True: rows outside the range are refused; False: kept and marked OUT_OF_RANGE."""
    interval: str | None = None
    same_time: SameTime = "keep_first"
    data_class: DataClass = DataClass.INTERNAL
    """Class of its observations: 1 public … 4 highly sensitive. Retention may go by it; access does not yet."""
    source: str = ""


class ObservationsFile(Strict, frozen=True, kw_only=True):
    """observations.yaml"""

    properties: tuple[PropertyDefinition, ...]


class ParameterValue(Strict, frozen=True, kw_only=True):
    """A dated value of a parameter, with where it is from."""

    since: str
    value: float | str | bool
    source: str
    confidence: Confidence


class Parameter(Strict, frozen=True, kw_only=True):
    """A number that rules, procedures or models use; a city may override it."""

    name: str
    label: Label
    unit: str = "1"
    values: tuple[ParameterValue, ...]


class ParametersFile(Strict, frozen=True, kw_only=True):
    """parameters.yaml"""

    parameters: tuple[Parameter, ...]


class Layer(Strict, frozen=True, kw_only=True):
    """A map layer of things, in the order drawn. `shows` colours it by the latest value of an observed property."""

    name: str
    label: Label
    type: str
    shows: str | None = None
    min_zoom: int = 10
    visible: bool = True
    legend: tuple[dict[str, Any], ...] = ()
    """Steps: {from: number, colour: calm|notice|blue|yellow|orange|red, label: {zh, en}}."""


class Card(Strict, frozen=True, kw_only=True):
    """What an object card or list of a thing type shows: properties, observed properties (as charts), links."""

    type: str
    properties: tuple[str, ...] = ()
    charts: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()


class Shortcut(Strict, frozen=True, kw_only=True):
    """A category that a phone offers as a button when somebody reports."""

    kind: str
    code: str


class ViewsFile(Strict, frozen=True, kw_only=True):
    """views.yaml"""

    layers: tuple[Layer, ...] = ()
    cards: tuple[Card, ...] = ()
    shortcuts: tuple[Shortcut, ...] = ()
