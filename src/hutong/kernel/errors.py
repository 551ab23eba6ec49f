"""The errors of Hutong: a code, facts, and words for the person who met it.

One table at the edge (api/problems.py) turns them into RFC 9457 problem details.
"""

from __future__ import annotations

from typing import Any, ClassVar


class HutongError(Exception):
    """What went wrong (`reason`), where (`field`), and what to do about it (`remedy`)."""

    code: ClassVar[str] = "error"

    def __init__(self, field: str, reason: str, remedy: str = "", **facts: Any) -> None:
        self.field = field
        self.reason = reason
        self.remedy = remedy
        self.facts = facts
        super().__init__(": ".join(part for part in (field, reason, remedy) if part))


class Invalid(HutongError):
    """The input itself is wrong."""

    code = "invalid"


class NotFound(HutongError):
    """No such thing, or none that the asker may know of."""

    code = "not-found"


class Unauthenticated(HutongError):
    """Nobody is signed in, or the session has ended."""

    code = "unauthenticated"


class Forbidden(HutongError):
    """The access rule says no; `reason` says why."""

    code = "forbidden"


class Refused(HutongError):
    """The procedure does not allow this now; `reason` says why."""

    code = "refused"


class Conflict(HutongError):
    """Somebody else changed the row first, or the same key was used for another request."""

    code = "conflict"


class TooMany(HutongError):
    """A rate or size limit was reached; `facts` may hold `retry_after` in seconds."""

    code = "too-many"


class Unavailable(HutongError):
    """Something that is needed is not there now; trying again later may work."""

    code = "unavailable"


class Corrupt(HutongError):
    """Stored data is not what was written: a broken chain, a digest that differs."""

    code = "corrupt"
