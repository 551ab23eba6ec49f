"""预案: responses and what belongs to them. 事件分级, 预警颜色 and 应急响应级别 are three fields."""

from __future__ import annotations

from typing import Literal

import msgspec

from hutong.kernel.base import Entity, Instant, Label

WarningColour = Literal["blue", "yellow", "orange", "red"]
EventGrade = Literal[1, 2, 3, 4]
"""特别重大 1 … 一般 4."""
ResponseLevel = Literal[1, 2, 3, 4]
"""一级 1 (the highest) … 四级 4."""

ProposalState = Literal["open", "started", "dismissed", "superseded"]
CallingState = Literal["waiting", "confirmed", "passed", "unanswered", "dropped"]
ModeState = Literal["switching_on", "on", "switching_off", "off"]


class Proposal(Entity, frozen=True, kw_only=True):
    """A response that a trigger of a plan proposes; a commander starts it or lets it be.

    One open proposal per plan: a higher level takes the place of a lower one.
    """

    plan: str
    level: ResponseLevel
    colour: WarningColour | None
    """The highest colour among its warnings."""
    reasons: tuple[Label, ...]
    warnings: tuple[int, ...]
    taken_up: tuple[int, ...] = ()
    """Those among them that starting the response confirms."""
    at: Instant
    state: ProposalState = "open"
    response: int | None = None
    dismissed_by: int | None = None
    dismissed_at: Instant | None = None
    dismissed_reason: str = ""


class LevelChange(msgspec.Struct, frozen=True):
    """The level, grade and colour a response had from an instant on, who decided, and why."""

    at: Instant
    account: int
    level: ResponseLevel
    event_grade: EventGrade | None
    colour: WarningColour | None
    reason: str


class Response(Entity, frozen=True, kw_only=True):
    """A started response: the commander decides its level. `plan` is qualified; `definition` the digest it began with."""

    plan: str
    definition: str
    case: int
    """Its main case; its tasks are children of that."""
    event_grade: EventGrade | None
    colour: WarningColour | None
    level: ResponseLevel
    commander: int
    """Account."""
    started: Instant
    ended: Instant | None = None
    end_reason: str = ""
    ended_by: int | None = None
    mode: str = ""
    proposal: int | None = None
    warnings: tuple[int, ...] = ()
    changes: tuple[LevelChange, ...] = ()


class Calling(Entity, frozen=True, kw_only=True):
    """叫应: one person called for a duty post, and whether and when he confirmed."""

    plan: str
    response: int | None = None
    warnings: tuple[int, ...] = ()
    post: str
    label: Label
    role: str
    step: int
    """Place in the chain of the post, from 0."""
    account: int
    called: Instant
    minutes: float
    due: Instant
    next_due: Instant | None
    """`due` while nobody has confirmed; the next person is called then."""
    state: CallingState = "waiting"
    confirmed: Instant | None = None
    confirmed_by: int | None = None
    """The person, or whoever noted the answer."""
    channel: str = ""
    """console, sms, phone: how the answer came."""


class Mode(Entity, frozen=True, kw_only=True):
    """A 平战 mode that is or was on, held by the responses that need it; the last to end switches it off.

    `after` is the last case whose clocks have been brought in line, so that a switch that was broken off goes on.
    """

    name: str
    since: Instant
    until: Instant | None = None
    state: ModeState = "switching_on"
    responses: tuple[int, ...] = ()
    roles: tuple[int, ...] = ()
    """Rows of the roles that its roster was given."""
    after: int = 0
    cases: int = 0
    """Cases whose clocks have another limit because of it."""


class Resource(Entity, frozen=True, kw_only=True):
    """Something a plan can reserve: a pump truck, a team, a shelter. `reserved` ≤ `amount` at all times."""

    code: str
    name: Label
    kind: str
    amount: float
    unit: str
    organisation: int | None = None
    place: int | None = None
    reserved: float = 0.0

    @property
    def left(self) -> float:
        """What can still be set aside."""
        return self.amount - self.reserved


class Reservation(Entity, frozen=True, kw_only=True):
    """So much of a resource set aside for a response, until it is released."""

    resource: int
    response: int
    kind: str
    amount: float
    since: Instant
    until: Instant | None = None
    released_by: int | None = None
