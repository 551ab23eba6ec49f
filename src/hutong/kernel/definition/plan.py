"""plans.yaml of a pack: emergency plans and 平战 modes; duty.yaml of a city: who is on duty, and what there is.

事件分级 (how bad the event is), 预警颜色 (what is foreseen) and 应急响应级别 (what is done about it) are three fields
everywhere; none is worked out from another. A trigger only proposes: the commander decides.
"""

from __future__ import annotations

from typing import Literal

from hutong.kernel.base import Label
from hutong.kernel.case import Category
from hutong.kernel.definition.procedure import LimitRow, LimitUnitName
from hutong.kernel.definition.thing import Confidence, Strict
from hutong.kernel.plan import EventGrade, ResponseLevel, WarningColour

EventKind = Literal["natural", "accident", "health", "security"]
"""自然灾害, 事故灾难, 公共卫生事件, 社会安全事件."""
Rebase = Literal["keep", "from_switch", "from_start"]


class GradeDefinition(Strict, frozen=True, kw_only=True):
    """A grade of the event (事件分级) and what makes an event one of it."""

    grade: EventGrade
    label: Label
    criteria: Label
    """For people: the grade is given by whoever starts the response."""


class Trigger(Strict, frozen=True, kw_only=True):
    """When a response is proposed: so many warnings of these rules and colours, raised within a time and not judged false."""

    level: ResponseLevel
    """The level that is proposed."""
    rules: tuple[str, ...] = ()
    """Rules (qualified) whose warnings count; without any, all of the colours count."""
    colours: tuple[WarningColour, ...] = ()
    """Colours that count; without any, all."""
    count: int = 1
    """How many things must have such a warning."""
    within: str = "3 h"
    """Time in which they were raised."""
    takes_up: bool = False
    """Warnings of these rules that nobody has judged yet are confirmed by starting the response, and belong to its case."""
    source: str = ""
    """The clause it is from."""
    confidence: Confidence = "L"
    """How sure it is; L is a local rule."""


class Call(Strict, frozen=True, kw_only=True):
    """叫应: a duty post that must confirm that it has heard; after the limit the next person of the post is called."""

    post: str
    """Duty post of the city's duty.yaml; where the city has none of the name, those who hold `role` are the chain."""
    label: Label
    role: str
    """Role whose holders are called where the city names nobody."""
    minutes: float
    """How long one person has to confirm."""


class TaskDefinition(Strict, frozen=True, kw_only=True):
    """A task of a level: a child case of the response. `responsible` finds the unit in the 权责清单, `post` takes the unit of
    the first person of a duty post; one of the two."""

    name: str
    label: Label
    text: Label | None = None
    """What is to be done, in a sentence or two."""
    responsible: Category | None = None
    post: str = ""
    amount: float
    """Limit."""
    unit: LimitUnitName = "urgent_hour"
    proof: Literal["report", "photos"] = "report"
    """What the unit must give: a report, or near and far photos besides."""
    source: str = ""


class ResourceNeed(Strict, frozen=True, kw_only=True):
    """So much of a kind of resource is set aside while the response lasts."""

    kind: str
    label: Label
    amount: float


class Level(Strict, frozen=True, kw_only=True):
    """A response level (应急响应级别); 1 is the highest."""

    level: ResponseLevel
    label: Label
    criteria: Label
    """When it is right to start it."""
    commanders: tuple[str, ...]
    """Roles that may start, change and end it."""
    calls: tuple[Call, ...] = ()
    tasks: tuple[TaskDefinition, ...] = ()
    needs: tuple[ResourceNeed, ...] = ()
    mode: str = ""
    """平战 mode that is on while it lasts."""
    report_every: float | None = None
    """续报: hours between situation reports."""
    ends: Label
    """When to end it."""


class WarningCall(Strict, frozen=True, kw_only=True):
    """叫应 of a warning, whether or not there is a response: who must confirm warnings of these colours."""

    colours: tuple[WarningColour, ...]
    rules: tuple[str, ...] = ()
    """Rules (qualified); without any, all rules that the plan's triggers name."""
    call: Call
    again_after: str = "2 h"
    """Further warnings within this time after a call are added to it instead of calling anew."""


class PlanDefinition(Strict, frozen=True, kw_only=True):
    """An emergency plan (预案)."""

    name: str
    label: Label
    kind: EventKind
    grades: tuple[GradeDefinition, ...]
    triggers: tuple[Trigger, ...] = ()
    warns: tuple[WarningCall, ...] = ()
    levels: tuple[Level, ...]
    source: str = ""


class RosterRow(Strict, frozen=True, kw_only=True):
    """Who holds further roles while a mode is on: all people of a duty post."""

    post: str
    roles: tuple[str, ...]


class ModeDefinition(Strict, frozen=True, kw_only=True):
    """A 平战 mode: other limits, another duty roster, other permissions while it is on; all switch back when it ends."""

    name: str
    label: Label
    limits: tuple[LimitRow, ...] = ()
    """They come before all others while the mode is on (`mode` need not be given here)."""
    running: Rebase = "from_switch"
    """Clocks that run already: they keep their limit, or the mode's counts from the switch, or from when they began."""
    roster: tuple[RosterRow, ...] = ()
    grants: dict[str, dict[str, tuple[str, ...]]] = {}
    """Role → verb → nouns that the role may besides."""


class PlansFile(Strict, frozen=True, kw_only=True):
    """plans.yaml"""

    plans: tuple[PlanDefinition, ...] = ()
    modes: tuple[ModeDefinition, ...] = ()


class DutyPost(Strict, frozen=True, kw_only=True):
    """A duty post and its people in the order in which they are called."""

    post: str
    label: Label
    people: tuple[str, ...]
    """Logins of accounts.yaml."""


class ResourceEntry(Strict, frozen=True, kw_only=True):
    """What a plan can set aside: pump trucks, teams, shelters. `amount` in `unit`s."""

    code: str
    label: Label
    kind: str
    amount: float
    unit: str
    organisation: str = ""


class DutyFile(Strict, frozen=True, kw_only=True):
    """duty.yaml of a city."""

    posts: tuple[DutyPost, ...] = ()
    resources: tuple[ResourceEntry, ...] = ()
