"""cases.yaml: how something is handled."""

from __future__ import annotations

from typing import Literal

from hutong.kernel.base import Label
from hutong.kernel.case import FileStage
from hutong.kernel.definition.thing import Confidence, Strict
from hutong.kernel.party import Side

LimitUnitName = Literal["urgent_hour", "work_hour", "work_day", "calendar_day"]


class State(Strict, frozen=True, kw_only=True):
    """A state. `kind`: open, side (挂账 and the like), or end. `ending` is what `Case.ending` becomes in an end state."""

    name: str
    label: Label
    kind: Literal["open", "side", "end"] = "open"
    ending: str = ""


class Ask(Strict, frozen=True, kw_only=True):
    """Something the person must give with an action; it lands in the case's facts, or in `to` (a field of the case)."""

    name: str
    label: Label
    kind: Literal["text", "number", "choice", "date", "organisation", "case", "account"] = "text"
    choices: dict[str, Label] = {}
    required: bool = True
    to: str | None = None


class Proof(Strict, frozen=True, kw_only=True):
    """Files that must be there: `photos` roles (near, far) of `stage`; `same_angle_as` names the stage to match.

    `sensor_clear`: where the case came from warnings, they must have cleared by then (proof is the sensor); the
    clearing observations are copied. `or_photos`: photos are enough when no sensor watches the thing.
    """

    stage: FileStage = "report"
    photos: tuple[str, ...] = ()
    same_angle_as: FileStage | None = None
    sensor_clear: bool = False


class Action(Strict, frozen=True, kw_only=True):
    """An action. Who: a `role` whose account is of `side`. `unlike`: actions that the same account must not have done on
    this case (监管分离). `unlike_organisation`: nor anybody of the handling unit. `clocks`: stage → start | stop | pause |
    resume | restart. `to` "$back" returns to the state the side state was entered from."""

    name: str
    label: Label
    of: tuple[str, ...]
    to: str
    roles: tuple[str, ...] = ()
    automatic: bool = False
    """Done by the platform (tick, review dates), never by a person."""
    unlike: tuple[str, ...] = ()
    unlike_organisation: bool = False
    asks: tuple[Ask, ...] = ()
    proof: Proof | None = None
    clocks: dict[str, Literal["start", "stop", "pause", "resume", "restart"]] = {}
    before_due: str | None = None
    """A clock that must not have run out yet (延期 is asked before the deadline)."""
    at_most: int | None = None
    """How often it may be done on one case."""
    approver: bool = False
    """The action is an approval: whoever asked for it may not do it (see `unlike`)."""
    counts: Literal["rounds", "returns", "extensions"] | None = None
    sets: dict[str, str] = {}
    """Case field → how: `now`, `actor`, `none`, `ask:NAME`, `text:…` (filed: now)."""
    final: bool = False
    """Cannot be undone."""
    help: Label | None = None


class ClockDefinition(Strict, frozen=True, kw_only=True):
    """A clock of a stage. `limit` is the default where the city's table has no row for the category; `warn_left` the share
    of the limit left when it warns; `escalate` the roles told when it runs out."""

    name: str
    label: Label
    amount: float
    unit: LimitUnitName
    warn_left: float = 0.25
    escalate: tuple[str, ...] = ()
    source: str = ""
    confidence: Confidence = "L"


class LimitRow(Strict, frozen=True, kw_only=True):
    """class → 立案条件 → stage → (limit, unit), as in GB/T 30428.8. `code` may be a prefix (`06`)."""

    kind: str
    code: str
    condition: str = ""
    stage: str
    amount: float
    unit: LimitUnitName
    source: str = ""
    confidence: Confidence = "L"


class CategoryDefinition(Strict, frozen=True, kw_only=True):
    """A category of cases, and the procedure that handles it by default."""

    kind: str
    code: str
    label: Label
    major: str = ""
    urgent: bool = False


class RoleDefinition(Strict, frozen=True, kw_only=True):
    """A role and what it may do: verb → nouns (`act.dispatch: [urban.case]`). `side` for 监管分离."""

    name: str
    label: Label
    side: Side
    may: dict[str, tuple[str, ...]]
    data_class: int = 2


class Procedure(Strict, frozen=True, kw_only=True):
    """How cases of some categories are handled. `number` is a template with {division} {date} {seq:05d}.

    `separation` lists pairs (one, other): no account may do both on one case; the loader proves that every such pair is
    enforced by `unlike` of the later action.
    """

    name: str
    label: Label
    noun: Label
    """What a case of it is called: 案卷 · 工单 · 办件."""
    number: str
    start: str
    states: tuple[State, ...]
    actions: tuple[Action, ...]
    clocks: tuple[ClockDefinition, ...] = ()
    limits: tuple[LimitRow, ...] = ()
    opens: dict[str, str] = {}
    """Source → the state it starts in where that differs (`collector`: to_file)."""
    start_clocks: dict[str, tuple[str, ...]] = {}
    """State → clocks that start when a case begins in it."""
    separation: tuple[tuple[str, str], ...] = ()
    joins_on: tuple[str, ...] = ()


class CasesFile(Strict, frozen=True, kw_only=True):
    """cases.yaml"""

    procedures: tuple[Procedure, ...] = ()
    roles: tuple[RoleDefinition, ...] = ()
    categories: tuple[CategoryDefinition, ...] = ()
    categories_from: tuple[str, ...] = ()
    """CSV files of the pack: kind, major_code, major_name, class_code, name[, name_en]."""
