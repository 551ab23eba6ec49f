"""上级平台: orders that a city's 12345 sends down, words about them, and what goes back.

No national standard of this exchange is published (待核实): the shapes are ours, and a city maps its platform's names in
`upper.yaml`. An order keeps the platform's number and its deadlines; nothing is typed twice, and nothing is told twice.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from hutong.kernel.base import Entity, Facts, Instant

Event = Literal[
    "taken", "not_taken", "signed", "returned", "contacted", "extension_asked", "answered", "finished", "word_refused"
]  # fmt: skip
"""What a report tells: 接收, 不能接收, 签收, 退单, 首次联系, 申请延期, 答复, 办结, and a word that could not be followed."""


class UpperCaller(msgspec.Struct, frozen=True, omit_defaults=True):
    """诉求人. `confidential`: hidden from whoever handles the order."""

    name: str = ""
    phone: str = ""
    confidential: bool = False


class UpperOrder(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An order as the upper platform has it; its own codes are mapped by `upper.yaml`.

    Times are ISO 8601 with an offset. `deadlines`: their stage → until when. `datum` of the point: wgs84 (also CGCS2000),
    gcj02 or bd09.
    """

    number: str
    received: str
    demand: str = ""
    category: str = ""
    title: str = ""
    text: str
    urgency: str = ""
    address: str = ""
    longitude: float | None = None
    latitude: float | None = None
    datum: Literal["wgs84", "gcj02", "bd09"] = "wgs84"
    caller: UpperCaller | None = None
    deadlines: dict[str, str] = {}
    facts: Facts = {}


class UpperWord(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something the upper platform says about an order: 催办, 督办, 退回重办, 同意延期 …; `id` is never given twice."""

    id: str
    number: str
    kind: str
    text: str = ""
    deadline: str = ""
    facts: Facts = {}


class UpperPage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a platform has for us after a cursor."""

    orders: tuple[UpperOrder, ...] = ()
    words: tuple[UpperWord, ...] = ()
    cursor: str = ""


class UpperReport(Entity, frozen=True, kw_only=True):
    """Something an upper platform is to be told about an order, once.

    `key` is its idempotency key there: the platform drops what it had already. It waits until `after` (recorded time), the
    grace in which the deed can still be undone, and for the reports of the same order before it.
    """

    platform: str
    number: str
    case: int | None
    event: Event
    key: str
    action: str = ""
    """The deed it tells, so that an undone one is not told."""
    at: Instant
    """City time of what it tells."""
    facts: Facts = {}
    state: Literal["waiting", "sent", "dropped", "failed"] = "waiting"
    """`dropped`: undone in time; `failed`: the platform refused it, see `error`."""
    after: Instant
    attempts: int = 0
    sent: Instant | None = None
    error: str = ""
