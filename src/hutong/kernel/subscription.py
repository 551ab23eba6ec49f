"""Faces to the outside: who is told of events, who holds a key, and what people said who have no account."""

from __future__ import annotations

from typing import Literal

from hutong.kernel.base import Entity, Instant, PersonalText

SubscriptionState = Literal["active", "paused", "disabled"]
DeliveryState = Literal["waiting", "delivered", "failed"]


class Subscription(Entity, frozen=True, kw_only=True):
    """A webhook: events of these kinds, of what `account` may read, are posted to `url`, signed.

    How far it was told is a cursor `webhook/ID` of the lane. Instants are recorded times.
    """

    account: int
    """Whose access limits what it is told."""
    name: str
    url: str
    kinds: tuple[str, ...]
    """Patterns of journal kinds: `case.*`, `warning.raise`."""
    place: int | None = None
    organisation: int | None = None
    """Only what lies within these, beside the account's own access."""
    secret: PersonalText
    """What its deliveries are signed with; kept sealed, shown once."""
    key_id: str
    """Names the secret, so that a receiver can change it without a gap."""
    state: SubscriptionState = "active"
    why: str = ""
    """Why it is disabled."""
    failures: int = 0
    """Failed tries in a row."""
    failing_since: Instant | None = None
    next_try: Instant | None = None


class Delivery(Entity, frozen=True, kw_only=True):
    """What became of events that were posted: those of journal positions `first` to `last` that the subscription asks for.

    A row is a run of events delivered, or one that failed, or one asked for again by hand (`waiting`).
    """

    subscription: int
    of_lane: int = 1
    first: int
    last: int
    count: int
    state: DeliveryState
    kind: str = ""
    """Of the first event."""
    status: int | None = None
    """HTTP status of the last answer."""
    error: str = ""
    attempts: int = 1
    at: Instant
    """Recorded time of the last try."""
    again: int | None = None
    """The delivery that this one repeats."""


class ApiKey(Entity, frozen=True, kw_only=True):
    """A key of a program that is no account: what it may do, how often; only its hash is kept."""

    name: str
    may: tuple[str, ...] = ("report",)
    """What it is good for: `report` (Open311)."""
    digest: str
    """SHA-256 of the key, which has 256 random bits itself."""
    shown: str
    """First characters, to tell keys apart."""
    per_minute: int = 60
    by: int
    """Account that issued it."""
    since: Instant
    revoked: Instant | None = None


class Support(Entity, frozen=True, kw_only=True):
    """One neighbour more who sees what a case is about. `device` and `from_where` are keyed hashes that nobody can turn back,
    the second of address and day."""

    case: int
    device: str
    from_where: str
    at: Instant


class Rating(Entity, frozen=True, kw_only=True):
    """What the reporter said at the end: solved or not, how satisfied (1 to 5), in which words; one for each ending."""

    case: int
    ended: Instant
    solved: bool
    satisfaction: int | None = None
    text: PersonalText | None = None
    subject: int | None = None
    at: Instant
