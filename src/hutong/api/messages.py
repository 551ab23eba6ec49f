"""My messages, and what the outbox could not send."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import Router, get, post
from litestar.params import FromQuery, JSONBody
from msgspec.structs import replace

from hutong.api.access import access, signed_in
from hutong.api.house import House
from hutong.api.requests import InState, Limit, RowId, TheActor, TheHouse
from hutong.api.shapes import Id, time_of
from hutong.engine.outbox import again
from hutong.kernel.access import Actor
from hutong.kernel.case import Case, Message
from hutong.kernel.changes import Changes, Record
from hutong.kernel.clock import iso
from hutong.kernel.errors import Conflict, Invalid
from hutong.kernel.ports import Reader
from hutong.kernel.query import Expr, Field, In, IsNull, Order, both, equals, field

MOST = 100
COUNTED = 100
"""Unread messages are counted no further."""
STATES = ("waiting", "failed", "sent")
READ_AT_ONCE = 200


class MessageRow(msgspec.Struct, frozen=True, kw_only=True):
    """A message to me."""

    id: int
    kind: str
    text: str
    at: str
    read: bool
    case: int | None
    number: str


class MessageList(msgspec.Struct, frozen=True):
    rows: list[MessageRow]
    after: str | None


class Unread(msgspec.Struct, frozen=True):
    """How many are unread; `more`: at least so many."""

    n: int
    more: bool


class ReadThese(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which messages were read; all that are unread (the newest 200), if none are named."""

    ids: Annotated[list[Id], msgspec.Meta(max_length=READ_AT_ONCE)] = []


class OutboxRow(msgspec.Struct, frozen=True, kw_only=True):
    """A message to the outside, without its words and without who it is for."""

    id: int
    channel: str
    kind: str
    state: str
    case: int | None
    number: str
    attempts: int
    next_try: str | None
    sent: str | None
    error: str
    at: str


class OutboxList(msgspec.Struct, frozen=True):
    rows: list[OutboxRow]
    after: str | None


def _mine(actor: Actor, *, unread: bool = False) -> Expr:
    return both(
        equals("to", actor.account), equals("channel", "console"), IsNull(field("read")) if unread else None
    )


def _numbers(reader: Reader, rows: tuple[Message, ...]) -> dict[int, str]:
    """Case → its number."""
    cases = reader.many(Case, sorted({one.case for one in rows if one.case is not None}))
    return {id: case.number for id, case in cases.items()}


@get("/messages", guards=[signed_in()], sync_to_thread=True, summary="My messages")
def list_messages(
    house: TheHouse,
    actor: TheActor,
    unread: FromQuery[bool] = False,
    after: FromQuery[str | None] = None,
    limit: Limit = 30,
) -> MessageList:
    """Newest first, a page at a time."""
    with house.store.reader() as reader:
        order = (Order(("at",), descending=True),)
        page = reader.find(
            Message, _mine(actor, unread=unread), order=order, limit=min(limit, MOST), after=after
        )
        numbers = _numbers(reader, page.rows)
    rows = [
        MessageRow(
            id=one.id,
            kind=one.kind,
            text=one.text,
            at=iso(one.at),
            read=one.read is not None,
            case=one.case,
            number=numbers.get(one.case or 0, ""),
        )
        for one in page.rows
    ]
    return MessageList(rows, page.after)


@get("/messages/unread", guards=[signed_in()], sync_to_thread=True, summary="How many I have not read")
def unread_count(house: TheHouse, actor: TheActor) -> Unread:
    """Counted to 100."""
    with house.store.reader() as reader:
        n = reader.count(Message, _mine(actor, unread=True), at_most=COUNTED)
    return Unread(min(n, COUNTED - 1), n >= COUNTED)


@post("/messages/read", guards=[signed_in()], status_code=200, sync_to_thread=True, summary="Mark as read")
def read_messages(house: TheHouse, actor: TheActor, data: JSONBody[ReadThese]) -> Unread:
    """Mine only; others are passed over. Marking twice changes nothing."""
    with house.store.reader() as reader:
        chosen = In(Field(("id",)), tuple(data.ids)) if data.ids else None
        order = (Order(("at",), descending=True),)
        where = both(_mine(actor, unread=True), chosen)
        rows = reader.find(Message, where, order=order, limit=READ_AT_ONCE).rows
    if rows:
        _mark(house, actor, rows)
    with house.store.reader() as reader:
        n = reader.count(Message, _mine(actor, unread=True), at_most=COUNTED)
    return Unread(min(n, COUNTED - 1), n >= COUNTED)


def _mark(house: House, actor: Actor, rows: tuple[Message, ...]) -> None:
    now = house.now()
    record = Record(
        kind="message.read",
        actor=actor.account,
        at=now,
        subjects=tuple(("message", one.id) for one in rows),
        facts={"count": len(rows)},
    )
    try:
        house.store.apply(Changes(puts=tuple(replace(one, read=now) for one in rows), records=(record,)))
    except Conflict:
        return  # Another window of the same person was first.


@get("/outbox", guards=[access("manage", "message")], sync_to_thread=True, summary="Messages to the outside")
def list_outbox(
    house: TheHouse,
    states: InState = None,
    after: FromQuery[str | None] = None,
    limit: Limit = 50,
) -> OutboxList:
    """What waits, failed or was sent by SMS, e-mail and webhook; no words and no addresses are shown."""
    state = states or "failed"
    if state not in STATES:
        raise Invalid("state", f"{state!r} is no state", "choose one of " + ", ".join(STATES))
    with house.store.reader() as reader:
        outside = In(Field(("channel",)), ("sms", "email", "webhook"))
        order = (Order(("id",), descending=True),)
        where = both(equals("state", state), outside)
        page = reader.find(Message, where, order=order, limit=min(limit, MOST), after=after)
        numbers = _numbers(reader, page.rows)
    return OutboxList([_outside(one, numbers) for one in page.rows], page.after)


def _outside(row: Message, numbers: dict[int, str]) -> OutboxRow:
    return OutboxRow(
        id=row.id,
        channel=row.channel,
        kind=row.kind,
        state=row.state,
        case=row.case,
        number=numbers.get(row.case or 0, ""),
        attempts=row.attempts,
        next_try=time_of(row.next_try),
        sent=time_of(row.sent),
        error=row.error,
        at=iso(row.at),
    )


@post(
    "/outbox/{id:int}/retry",
    guards=[access("manage", "message")],
    status_code=200,
    sync_to_thread=True,
    summary="Send a failed message again",
)
def retry_message(house: TheHouse, actor: TheActor, id: RowId) -> OutboxRow:
    """It is tried at once, and as often as a new one."""
    row = again(house.store, house.clock, id, actor.account)
    with house.store.reader() as reader:
        return _outside(row, _numbers(reader, (row,)))


router = Router(
    "/",
    route_handlers=[list_messages, unread_count, read_messages, list_outbox, retry_message],
    tags=["messages"],
)
