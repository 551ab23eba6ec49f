"""What a commander asks for."""

from __future__ import annotations

import msgspec

from hutong.kernel.plan import EventGrade, ResponseLevel, WarningColour


class StartResponse(msgspec.Struct, frozen=True, kw_only=True):
    """Level, grade of the event and warning colour are three decisions; the last two may be left open.

    `accept_shortage`: start although resources are missing; they are named in the record.
    """

    plan: str
    level: ResponseLevel
    event_grade: EventGrade | None = None
    colour: WarningColour | None = None
    reason: str
    accept_shortage: bool = False


class ChangeLevel(msgspec.Struct, frozen=True, kw_only=True):
    """Another level, grade or colour. `version`: the one the decision was made on (None: whatever it is now)."""

    response: int
    level: ResponseLevel
    event_grade: EventGrade | None = None
    colour: WarningColour | None = None
    reason: str
    accept_shortage: bool = False
    version: int | None = None


class EndResponse(msgspec.Struct, frozen=True, kw_only=True):
    """`drop_tasks`: tasks that have not ended end with the response, as not done."""

    response: int
    reason: str
    drop_tasks: bool = False
    version: int | None = None
