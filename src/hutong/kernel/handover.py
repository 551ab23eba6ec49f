"""交接班: what one shift leaves to the next at a desk."""

from __future__ import annotations

from typing import Literal

from hutong.kernel.base import Entity, Facts, Instant

HandoverState = Literal["drafted", "signed", "taken"]


class Handover(Entity, frozen=True, kw_only=True):
    """A 交接班 sheet. The platform writes `content` at the end of the shift; the person who goes adds `notes` and signs, the
    one who comes confirms, and then nothing of it changes any more.

    `content` (engine/flow/handovers.py): open cases by state, what is overdue and due soon, what waits for an answer,
    warnings to judge, what was done in the shift.
    """

    desk: str
    """The role whose desk it is."""
    since: Instant
    until: Instant
    """City time of the shift, `until` being when it changes."""
    drafted: Instant
    """City time at which the content was found: later than `until` if the platform was down then."""
    content: Facts
    notes: str = ""
    state: HandoverState = "drafted"
    given_by: int | None = None
    given_at: Instant | None = None
    taken_by: int | None = None
    taken_at: Instant | None = None
    remark: str = ""
    """What the one who comes says to it."""
