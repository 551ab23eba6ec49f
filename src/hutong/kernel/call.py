"""话务: telephone calls of a call desk."""

from __future__ import annotations

from typing import Literal

from hutong.kernel.base import Entity, Instant, SearchableText


class Call(Entity, frozen=True, kw_only=True):
    """One call with a caller (`subject`). A call in that nobody answered is `missed` until a call out returns it.

    `returns` is the missed call that a call out returns; `case` the order it was about.
    """

    direction: Literal["in", "out"]
    subject: int
    number: SearchableText
    state: Literal["talking", "ended", "missed", "returned"]
    account: int | None = None
    case: int | None = None
    purpose: Literal["", "first_contact", "visit", "call_back"] = ""
    returns: int | None = None
    began: Instant
    ended: Instant | None = None
