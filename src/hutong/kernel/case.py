"""案卷 · 工单 · 办件: everything that needs doing, and the warnings that ask for it."""

from __future__ import annotations

from typing import Literal

import msgspec

from hutong.kernel.base import Entity, Facts, Instant, Label, PersonalText
from hutong.kernel.plan import WarningColour

ClockMark = Literal["running", "paused", "stopped"]
CategoryKind = Literal["component", "matter", "hotline", "service", "other"]
WarningState = Literal["to_judge", "confirmed", "false_alarm", "joined"]
FileStage = Literal["report", "verify", "handle", "check", "other"]


class Category(msgspec.Struct, frozen=True):
    """What a case is about: the same five digits name a component and its matter, so the key is (kind, code)."""

    kind: CategoryKind
    code: str


class CaseClock(msgspec.Struct, frozen=True, omit_defaults=True):
    """One clock of a case. `used` is what ran before the last start, in `unit`s; `due` holds while it runs.

    `fired` names what already happened once: `warn`, `overdue`, and the escalations of the procedure.
    """

    name: str
    amount: float
    unit: str
    started: Instant
    mark: ClockMark = "running"
    resumed: Instant | None = None
    """When it last began to run (None: at `started`)."""
    used: float = 0.0
    due: Instant | None = None
    warn: Instant | None = None
    stopped: Instant | None = None
    overdue: bool = False
    fired: tuple[str, ...] = ()


class Deed(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who did which action of a case, when: the memory that 监管分离 is checked against."""

    action: str
    account: int
    role: str
    at: Instant
    organisation: int | None = None
    """The unit the account belonged to then."""
    late: tuple[str, ...] = ()
    """Clocks that it stopped after they had run out."""


class Notice(msgspec.Struct, frozen=True, omit_defaults=True):
    """Whom to tell what about a case, before somebody finds the accounts: a role (of `organisation`, or anywhere in the
    case's scope), or one account."""

    case: int | None
    kind: str
    """todo, told, warn, overdue, escalated, review."""
    text: Label
    role: str = ""
    organisation: int | None = None
    account: int | None = None
    subject: int | None = None
    """A person outside (the reporter), told by `channels`; the text may hold {number} and {link}, filled when it is sent."""
    channels: tuple[str, ...] = ()
    language: str = "zh"
    """Of the text, where it goes outside."""


class Case(Entity, frozen=True, kw_only=True):
    """A case. `procedure` is qualified (`urban.case`); `definition` is the digest it began with.

    `scope` lists every place and organisation (ids) whose people may see it: rows of `case_scope`.
    `next_due` is the earliest thing its running clocks will make happen.
    """

    number: str
    procedure: str
    definition: str
    state: str
    category: Category
    title: Label
    text: str = ""
    source: str
    """案卷来源: sensor, collector, public, leader, department, media, video, drone."""
    place: int | None = None
    position: bytes | None = None
    """WKB point."""
    position_text: str = ""
    thing: int | None = None
    subject: int | None = None
    """The caller or reporter, where there is one."""
    contact: PersonalText | None = None
    original: PersonalText | None = None
    """The caller's own words, where `text` and `title` hide details of them; only where there is a subject."""
    confidential: bool = False
    opened: Instant
    opened_by: int = 0
    """The account that reported it; 0: the platform itself, or somebody without an account."""
    filed: Instant | None = None
    fed_back: Instant | None = None
    closed: Instant | None = None
    ending: str = ""
    """How it ended: closed, forced, joined, rejected, void, self_handled."""
    cause: str = ""
    """The key of the common cause findings fold into."""
    joined_to: int | None = None
    parent: int | None = None
    """The case it is a part of (会办, 申诉, a task of a response); it ends by itself, with its own clocks."""
    external: str = ""
    """`PLATFORM:NUMBER` where another platform sent it (an upper 12345); nothing is taken in twice under one."""
    warnings: tuple[int, ...] = ()
    organisation: int | None = None
    """The unit that handles it."""
    holder: int | None = None
    """The account that took it, if any."""
    urgency: Literal["ordinary", "urgent", "critical"] = "ordinary"
    clocks: tuple[CaseClock, ...] = ()
    next_due: Instant | None = None
    late_from: Instant | None = None
    """When the first of its running clocks is used up (0: one is, and that was told); None: none runs."""
    deeds: tuple[Deed, ...] = ()
    rounds: int = 0
    """How often it was sent back (返工)."""
    returns: int = 0
    """How often the unit returned it (退单)."""
    extensions: int = 0
    suspended: Facts = {}
    """While in 挂账: reason, approver, review (instant)."""
    scope: tuple[int, ...] = ()
    facts: Facts = {}


class Task(Entity, frozen=True, kw_only=True):
    """A piece of work within a case, given to a unit or a post."""

    case: int
    name: Label
    organisation: int | None = None
    account: int | None = None
    state: Literal["open", "done", "dropped"] = "open"
    due: Instant | None = None
    done: Instant | None = None


class EvidenceRow(msgspec.Struct, frozen=True):
    """An observation copied into a finding, so that it outlives retention."""

    stream: int
    observation: int
    time: Instant
    number: float | None
    property_code: str = ""
    unit: str = ""


Ended = Literal["", "rule_ended", "rule_removed", "thing_retired", "stream_gone", "withdrawn"]


class Warning(Entity, frozen=True, kw_only=True):
    """预警: what a rule found on a thing. One open warning per (rule, thing)."""

    rule: str
    rule_version: str
    thing: int
    place: int | None = None
    state: WarningState = "to_judge"
    colour: WarningColour
    title: Label
    explanation: Label
    cause: str = ""
    began: Instant
    """Event time at which the condition began to hold."""
    raised: Instant
    """Event time at which it had held long enough."""
    seen: Instant
    """City time at which it was found."""
    cleared: Instant | None = None
    ended: Ended = ""
    """Why it cleared, if not because its condition did: `withdrawn` by late rows, or nothing judges it any more."""
    revised: Instant | None = None
    """City time at which late rows last changed it."""
    peak: float | None = None
    evidence: tuple[EvidenceRow, ...] = ()
    clearing: tuple[EvidenceRow, ...] = ()
    case: int | None = None
    joined_to: int | None = None
    judged_by: int | None = None
    judged_at: Instant | None = None
    judged_reason: str = ""
    scope: tuple[int, ...] = ()


class Message(Entity, frozen=True, kw_only=True):
    """A notice to somebody about a case, and what became of it.

    `to` is an account, or 0 where it goes to the party `subject` (a caller), whose phone or address is looked up when it is
    sent. Messages of the channel `console` are sent at once and `read` later; others wait for the outbox.
    """

    case: int | None
    to: int
    channel: Literal["console", "sms", "email", "webhook"]
    subject: int | None = None
    kind: str = ""
    """told, warn, overdue, escalated, review, answered, progress, call …"""
    text: PersonalText
    state: Literal["waiting", "sent", "failed"] = "waiting"
    at: Instant = 0
    """City time it was made."""
    attempts: int = 0
    next_try: Instant | None = None
    """Recorded time of the next attempt."""
    sent: Instant | None = None
    read: Instant | None = None
    error: str = ""


class File(Entity, frozen=True, kw_only=True):
    """A picture, sound or document of a case. `digest` is the SHA-256 of the content as stored."""

    case: int | None
    stage: FileStage
    role: str = ""
    """near, far, reference, document."""
    same_angle_as: int | None = None
    name: str
    media_type: str
    size: int
    digest: str
    subject: int | None = None
    """The party whose key the content is encrypted with, if it is personal."""
    taken: Instant | None = None
    position: bytes | None = None
    by: int | None = None


class Document(Entity, frozen=True, kw_only=True):
    """A formal paper of a case: a notice, a decision."""

    case: int
    kind: str
    number: str
    file: int | None = None
    issued: Instant


class Payment(Entity, frozen=True, kw_only=True):
    """A fee of a case, in fen."""

    case: int
    amount: int
    state: Literal["due", "paid", "refunded"] = "due"
    reference: str = ""
