"""What the case page tells of the people outside: neighbours who see it too, the reporter's verdicts, texts sent to him."""

from __future__ import annotations

import msgspec

from hutong.api.access import hides_reporter
from hutong.api.shapes import time_of
from hutong.engine.flow.neighbours import also, ratings_of
from hutong.engine.masking import mask
from hutong.kernel.access import Actor
from hutong.kernel.case import Case, Message
from hutong.kernel.ports import Reader
from hutong.kernel.query import Order, both, equals
from hutong.kernel.subscription import Rating

TEXTS = 50


class Verdict(msgspec.Struct, frozen=True):
    """What the reporter said of one ending. `words`: personal details in them are masked; none where the reporter is
    confidential."""

    at: str
    solved: bool
    satisfaction: int | None
    words: str


class SentText(msgspec.Struct, frozen=True):
    """A text to the reporter. `state`: waiting, sent or failed; `sent`: recorded time; the link with its secret code is left
    out."""

    at: str
    channel: str
    state: str
    text: str
    sent: str | None


class PublicSide(msgspec.Struct, frozen=True):
    """`also`: how many beside the reporter."""

    also: int
    verdicts: list[Verdict]
    texts: list[SentText]


def public_side(reader: Reader, actor: Actor, case: Case) -> PublicSide:
    """The same for everybody who may read the case, but for the words of confidential reporters."""
    hidden = hides_reporter(actor, case)
    return PublicSide(
        also(reader, case), [_verdict(one, hidden) for one in ratings_of(reader, case)], _texts(reader, case)
    )


def _verdict(rating: Rating, hidden: bool) -> Verdict:
    words = "" if hidden or not rating.text else mask(rating.text).text
    return Verdict(time_of(rating.at) or "", rating.solved, rating.satisfaction, words)


def _texts(reader: Reader, case: Case) -> list[SentText]:
    if case.subject is None:
        return []
    where = both(equals("case", case.id), equals("subject", case.subject))
    rows = reader.find(Message, where, order=(Order(("at",), descending=True),), limit=TEXTS).rows
    return [
        SentText(time_of(one.at) or "", one.channel, one.state, _read(one, case), time_of(one.sent))
        for one in rows
    ]


def _read(message: Message, case: Case) -> str:
    return (message.text or "").replace("{number}", case.number).replace("{link}", "").strip()
