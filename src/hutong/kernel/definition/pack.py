"""pack.yaml, the smaller files, and a pack or city as a whole."""

from __future__ import annotations

from typing import Any

import msgspec

from hutong.kernel.base import Label
from hutong.kernel.definition.desk import ArticleEntry, Channel
from hutong.kernel.definition.device import DevicesFile
from hutong.kernel.definition.faces import FacesFile
from hutong.kernel.definition.indicator import CountDefinition, IndicatorDefinition
from hutong.kernel.definition.plan import DutyFile, ModeDefinition, PlanDefinition
from hutong.kernel.definition.procedure import CategoryDefinition, LimitRow, Procedure, RoleDefinition
from hutong.kernel.definition.register import Register, RegisterField
from hutong.kernel.definition.retention import RetentionRow
from hutong.kernel.definition.rule import Rule
from hutong.kernel.definition.scenario import Scenario
from hutong.kernel.definition.thing import (
    Card,
    CodeTable,
    Layer,
    Parameter,
    PropertyDefinition,
    Shortcut,
    Strict,
    ThingType,
)
from hutong.kernel.definition.triage import Seed, TriageSetting
from hutong.kernel.definition.upper import UpperFile
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
    shortcuts: tuple[Shortcut, ...] = ()
    counts: tuple[CountDefinition, ...] = ()
    indicators: tuple[IndicatorDefinition, ...] = ()
    day_starts: str = ""
    """The parameter by which their business day begins earlier or later than midnight."""
    models: tuple[ModelDefinition, ...] = ()
    datasets: tuple[DatasetDefinition, ...] = ()
    plans: tuple[PlanDefinition, ...] = ()
    modes: tuple[ModeDefinition, ...] = ()
    channels: tuple[Channel, ...] = ()
    register_fields: tuple[RegisterField, ...] = ()
    registers: tuple[Register, ...] = ()
    seeds: tuple[Seed, ...] = ()
    """triage.csv"""
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


class NightCalls(Strict, frozen=True, kw_only=True):
    """Simulated people who ring the hotline about one failure of the night."""

    rule: str
    """Rule (qualified) whose first warning is the failure."""
    category: str
    """Class of the orders, `KIND:CODE`."""
    demand: str
    """诉求类型 of the orders."""
    count: int
    """How many call."""
    after: float
    """Minutes from the warning to the first call at the earliest."""
    minutes: float
    """Within how many minutes they call."""
    street: str
    """Property of the things around that names their street."""


class StormNight(Strict, frozen=True, kw_only=True):
    """A demo night: which model furnishes the city with simulated things, which gives the feed, when it begins.

    `furnish` gets the city's things and gives things; `feed` gets what `furnish` kept and gives columns per stream; both
    are models of a pack (`drainage.lay`). `inputs` go to the feed model as they stand.
    """

    label: Label
    """What the console calls the night."""
    furnish: str
    """Model that furnishes the city with simulated things."""
    feed: str
    """Model that gives the observations."""
    start: str
    """Local time of the first row, `2026-07-18 19:00`."""
    hours: float
    """How long it is."""
    rate: float = 60.0
    """City seconds a second when it is played live."""
    inputs: dict[str, Any] = {}
    """What the feed model is given, as it stands."""
    phases: tuple[tuple[float, Label], ...] = ()
    """(hours since the start, what it is called from then on)."""
    calls: NightCalls | None = None
    """People who ring the hotline about a failure of the night."""


class Residents(Strict, frozen=True, kw_only=True):
    """Invented households of a demo, so that registers have something in them: a model of a pack gives them."""

    model: str
    """Model that gives households (`community.households`)."""
    places: tuple[str, ...]
    """Codes of the communities they live in."""
    each: int = 100
    """Households of a community."""


class CityHead(Strict, frozen=True, kw_only=True):
    """city.yaml"""

    name: str
    """Short name of the city, as its folder has it."""
    label: Label
    """What the console calls it."""
    division: str
    """Six digits of the division (GB/T 2260); unit grids and case numbers begin with them."""
    zone: str = "Asia/Shanghai"
    """IANA time zone: business dates, working hours and every local time in these files are of it."""
    packs: tuple[str, ...]
    """Packs in use. What they need comes along; a `packs` folder beside this file is looked into first."""
    box: tuple[float, float, float, float]
    """West, south, east and north in degrees: what the map shows at first."""
    source: str
    """Where the map is from; shown wherever the map is."""
    licence: str
    """SPDX name of the map's licence."""
    archive_days: int = 30
    """Days of observations that ended so many days ago become Parquet files in the folder `archive`; 0: never."""
    retention: tuple[RetentionRow, ...] = ()
    """How long observations are kept; what no row names is kept for ever."""
    duplicate_metres: float = 100.0
    """How far from a report an open case may be to be offered as the same (a city's choice; no rule is known)."""
    cause_metres: float = 500.0
    """How far around its alarms a common cause is offered to people who report the like of it."""
    duplicate_hours: float = 72.0
    """How long before a report it may have been opened."""
    shifts: tuple[str, ...] = ("08:30", "20:30")
    """Local times at which shifts change; a 交接班 sheet is drafted at each (empty: none)."""
    seed: int = 1
    """Seed of all that is random in simulations and demo posts."""
    working_periods: tuple[tuple[str, str], ...] = (("08:30", "12:00"), ("14:00", "17:30"))
    """Working hours of a working day; 工作时 and 工作日 are counted within them."""
    days: dict[str, bool] = {}
    """Overrides of the working calendar: date → worked."""
    opens_cases: tuple[str, ...] = ()
    """Rules (qualified) whose findings become cases at once; all others wait as warnings for somebody to judge."""
    parameters: dict[str, float | str | bool] = {}
    """The city's own values of parameters that packs define."""
    limits: tuple[LimitRow, ...] = ()
    """Time limits of categories and stages; they come before those of a pack's procedure."""
    at_most: dict[str, int] = {}
    """How often an action (`urban.case.request_extension`) may be done on one case, in place of its procedure's number."""
    triage: TriageSetting = TriageSetting()
    """How texts are triaged, and what triage may do by itself."""
    residents: Residents | None = None
    """Invented households of a demo."""
    night: StormNight | None = None
    """A demo night: which models furnish the city with simulated things and give their feed."""


class City(msgspec.Struct, frozen=True, kw_only=True):
    """A city folder as read, with its packs."""

    head: CityHead
    folder: str
    packs: tuple[Pack, ...]
    organisations: tuple[OrganisationEntry, ...] = ()
    accounts: tuple[AccountEntry, ...] = ()
    responsibilities: tuple[ResponsibilityRow, ...] = ()
    articles: tuple[ArticleEntry, ...] = ()
    devices: DevicesFile = DevicesFile()
    duty: DutyFile = DutyFile()
    upper: UpperFile = UpperFile()
    faces: FacesFile = FacesFile()
