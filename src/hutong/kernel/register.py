"""住户、台账与走访: households of a grid, their entries in registers, and the visits that filled them."""

from __future__ import annotations

from typing import Literal

from hutong.kernel.base import Entity, Facts, Instant, PersonalText, SearchableText


class Household(Entity, frozen=True, kw_only=True):
    """A dwelling with those who live in it. `code` is the standard address's own code, which tells nothing of people; the
    address itself is personal, under a key of the row's own."""

    code: str
    place: int | None = None
    """Community, or a grid of it."""
    address: SearchableText | None = None
    position: bytes | None = None
    """WKB point of the building."""
    visited: Instant | None = None
    """City time of the last visit."""
    visitor: int | None = None


class RegisterEntry(Entity, frozen=True, kw_only=True):
    """A row of a register: about the household, or about a person or unit of it (`subject`).

    `values` are its fields up to class 2, `personal` the others as JSON. Leaving a register retires the row.
    """

    register: str
    household: int | None = None
    subject: int | None = None
    place: int | None = None
    name: SearchableText | None = None
    """Of the person, to be found by."""
    values: Facts = {}
    personal: PersonalText | None = None
    visit: int | None = None
    """The visit, or import, that last changed it."""


class Visit(Entity, frozen=True, kw_only=True):
    """走访: who was there when, and which registers it filled. `filled`: register → how many entries it changed."""

    household: int
    place: int | None = None
    account: int
    at: Instant
    """City time at the server."""
    kind: Literal["visit", "import", "first"] = "visit"
    note: PersonalText | None = None
    filled: Facts = {}
    device: Facts = {}
    """What the phone told of a visit made offline: its own clock, and where it was."""
    case: int | None = None
