"""话务: telephone calls of a call desk."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

from hutong.kernel.base import Entity, Instant, SearchableText
from hutong.kernel.errors import Invalid


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


_DIALLED = re.compile(r"\d{3,20}")


def dialled(text: str) -> str:
    """A telephone number as it is kept and looked up: digits alone, without the country code of China; Invalid if none."""
    plain = re.sub(r"[\s()\-–—]", "", unicodedata.normalize("NFKC", text)).removeprefix("+")
    digits = re.sub(r"^(?:0086|86(?=1\d{10}$))", "", plain)
    if not _DIALLED.fullmatch(digits):
        raise Invalid(
            "number",
            "is no telephone number",
            "give 3 to 20 digits, as the telephone shows them",
            zh="号码格式不对",
        )
    return digits
