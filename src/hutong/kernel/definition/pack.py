"""pack.yaml, the smaller files, and a pack or city as a whole."""

from __future__ import annotations

from typing import Any

import msgspec

from hutong.kernel.base import Label
from hutong.kernel.definition.procedure import CategoryDefinition, LimitRow, Procedure, RoleDefinition
from hutong.kernel.definition.rule import Rule
from hutong.kernel.definition.scenario import Scenario
from hutong.kernel.definition.thing import (
    Card,
    CodeTable,
    Layer,
    Parameter,
    PropertyDefinition,
    Strict,
    ThingType,
)
from hutong.kernel.party import PartyKind, Side


class PackHead(Strict, frozen=True, kw_only=True):
    """pack.yaml"""

    name: str
    version: str
    label: Label
    needs: tuple[str, ...] = ()
    renames: dict[str, str] = {}
    retired: tuple[str, ...] = ()
    standards: tuple[str, ...] = ()
    problem: Label
    effect: Label


class IndicatorDefinition(Strict, frozen=True, kw_only=True):
    """indicators.yaml: numerator and denominator are counts of cases, warnings or observations; see the reference."""

    name: str
    label: Label
    unit: str
    formula: str
    arguments: dict[str, Any] = {}
    target: float | None = None
    period: str = "day"
    source: str = ""


class IndicatorsFile(Strict, frozen=True, kw_only=True):
    """indicators.yaml"""

    indicators: tuple[IndicatorDefinition, ...]


class ModelDefinition(Strict, frozen=True, kw_only=True):
    """models.yaml: code in models.py, run(inputs, workdir, progress) in a worker process."""

    name: str
    label: Label
    function: str
    inputs: dict[str, Any] = {}
    outputs: dict[str, Any] = {}
    source: str = ""


class ModelsFile(Strict, frozen=True, kw_only=True):
    """models.yaml"""

    models: tuple[ModelDefinition, ...]


class DatasetDefinition(Strict, frozen=True, kw_only=True):
    """datasets.yaml"""

    name: str
    label: Label
    table: str
    sharing: str = "conditional"
    open: str = "no"
    cadence: str = "daily"
    data_class: int = 2
    fields: tuple[str, ...] = ()


class DatasetsFile(Strict, frozen=True, kw_only=True):
    """datasets.yaml"""

    datasets: tuple[DatasetDefinition, ...]


class ServicesFile(Strict, frozen=True, kw_only=True):
    """services.yaml"""

    services: tuple[dict[str, Any], ...]


class PlansFile(Strict, frozen=True, kw_only=True):
    """plans.yaml"""

    plans: tuple[dict[str, Any], ...]


class Pack(msgspec.Struct, frozen=True, kw_only=True):
    """A pack as read: all names qualified with the pack's own where they had no dot. `digests` per definition."""

    head: PackHead
    folder: str
    types: tuple[ThingType, ...] = ()
    code_tables: tuple[CodeTable, ...] = ()
    properties: tuple[PropertyDefinition, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    rules: tuple[Rule, ...] = ()
    procedures: tuple[Procedure, ...] = ()
    roles: tuple[RoleDefinition, ...] = ()
    categories: tuple[CategoryDefinition, ...] = ()
    layers: tuple[Layer, ...] = ()
    cards: tuple[Card, ...] = ()
    indicators: tuple[IndicatorDefinition, ...] = ()
    models: tuple[ModelDefinition, ...] = ()
    datasets: tuple[DatasetDefinition, ...] = ()
    scenarios: tuple[Scenario, ...] = ()
    words: dict[str, dict[str, str]] = {}
    """language → key → text."""
    digests: dict[str, str] = {}
    """`rule drainage.surcharge` → SHA-256 of its canonical JSON and of the source of the functions it uses."""


class OrganisationEntry(Strict, frozen=True, kw_only=True):
    """organisations.yaml of a city: an organisation, its side, and what it is in charge of."""

    code: str
    label: Label
    kind: PartyKind = "organisation"
    side: Side
    uscc: str = ""
    parent: str | None = None
    place: str | None = None


class AccountEntry(Strict, frozen=True, kw_only=True):
    """accounts.yaml of a city: a person, the roles held, where. `simulated` posts act by themselves in the demo."""

    login: str
    name: str
    organisation: str
    roles: tuple[str, ...]
    place: str | None = None
    phone: str | None = None
    simulated: bool = False


class ResponsibilityRow(Strict, frozen=True, kw_only=True):
    """权责清单: category (code may be a prefix) and place → the unit that handles it, and the clause."""

    kind: str
    code: str
    place: str = "*"
    organisation: str
    basis: str = ""


class StormNight(Strict, frozen=True, kw_only=True):
    """A demo night: which model furnishes the city with simulated things, which gives the feed, when it begins.

    `furnish` gets the city's things and gives things; `feed` gets what `furnish` kept and gives columns per stream; both
    are models of a pack (`drainage.lay`). `inputs` go to the feed model as they stand.
    """

    label: Label
    furnish: str
    feed: str
    start: str
    """Local time of the first row, `2026-07-18 19:00`."""
    hours: float
    rate: float = 60.0
    inputs: dict[str, Any] = {}
    phases: tuple[tuple[float, Label], ...] = ()
    """(hours since the start, what it is called from then on)."""


class CityHead(Strict, frozen=True, kw_only=True):
    """city.yaml"""

    name: str
    label: Label
    division: str
    zone: str = "Asia/Shanghai"
    packs: tuple[str, ...]
    box: tuple[float, float, float, float]
    source: str
    licence: str
    seed: int = 1
    working_periods: tuple[tuple[str, str], ...] = (("08:30", "12:00"), ("14:00", "17:30"))
    days: dict[str, bool] = {}
    """Overrides of the working calendar: date → worked."""
    opens_cases: tuple[str, ...] = ()
    """Rules (qualified) whose findings become cases at once."""
    parameters: dict[str, float | str | bool] = {}
    limits: tuple[LimitRow, ...] = ()
    night: StormNight | None = None


class City(msgspec.Struct, frozen=True, kw_only=True):
    """A city folder as read, with its packs."""

    head: CityHead
    folder: str
    packs: tuple[Pack, ...]
    organisations: tuple[OrganisationEntry, ...] = ()
    accounts: tuple[AccountEntry, ...] = ()
    responsibilities: tuple[ResponsibilityRow, ...] = ()
