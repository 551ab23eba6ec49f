"""/calls and /callers: the telephone of a call desk, and what is known of whoever calls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec
from litestar import Response, Router, get, post
from litestar.params import FromQuery, JSONBody

from hutong.api.access import access, cases_predicate
from hutong.api.case_rows import CaseRow, case_rows
from hutong.api.house import House
from hutong.api.masked import Shown, receipt
from hutong.api.requests import InState, Limit, RowId, TheActor, TheHouse, TheRepeat
from hutong.api.shapes import Id, Named, time_of
from hutong.engine.flow.calls import CALL, CallDesk
from hutong.kernel import masking
from hutong.kernel.access import Actor
from hutong.kernel.call import Call
from hutong.kernel.case import Case
from hutong.kernel.party import Party
from hutong.kernel.ports import Reader
from hutong.kernel.query import Field, In, IsNull, Not, Order, both, equals, field

FIRST = 30
"""Orders of a caller that are shown, newest first."""
RECENT = 10
Number = Annotated[str, msgspec.Meta(min_length=3, max_length=40)]
NEWEST = (Order(("began",), descending=True),)


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A telephone number to look up. It travels in the body: addresses are kept in logs."""

    number: Number


class NewCall(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A call that comes in. `missed`: nobody answered it, and it is to be returned."""

    number: Number
    missed: bool = False


class EndCall(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`case`: the order the call was about, if any."""

    case: Id | None = None


class CallRow(msgspec.Struct, frozen=True, kw_only=True):
    """A call, its number masked. `order` is what it was about."""

    id: int
    version: int
    direction: str
    state: str
    purpose: str
    number: str
    account: Named | None
    order: CaseRow | None
    returns: int | None
    began: str
    ended: str | None


class CallList(msgspec.Struct, frozen=True):
    rows: list[CallRow]
    after: str | None


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Whoever is known under a number. A receipt is kept before this is answered, if anybody is.

    `names` are of all who share it; `open` and `past` their orders that the asker may read, of `total`; `missed` how many
    of their calls wait to be returned.
    """

    known: bool
    names: list[str]
    open: list[CaseRow]
    past: list[CaseRow]
    total: int
    calls: list[CallRow]
    missed: int


class Rung(msgspec.Struct, frozen=True, kw_only=True):
    """A call with its whole number, for whoever is in it."""

    call: CallRow
    number: str
    caller: Caller


def call_desk(house: House) -> CallDesk:
    return CallDesk(house.store, house.clock)


def call_rows(house: House, reader: Reader, actor: Actor, calls: Sequence[Call]) -> list[CallRow]:
    """Calls as rows; an order stands there only if the asker may read it."""
    ids = tuple({one.case for one in calls if one.case is not None})
    allowed = both(cases_predicate(actor, "read", house.rulebook), In(Field(("id",)), ids))
    found = reader.find(Case, allowed, limit=max(1, len(ids))).rows if ids else ()
    orders = {row.id: row for row in case_rows(house, reader, found)}
    return [
        CallRow(
            id=one.id,
            version=one.version,
            direction=one.direction,
            state=one.state,
            purpose=one.purpose,
            number=masking.phone(one.number),
            account=Named(one.account, house.directory.account_name(one.account)) if one.account else None,
            order=orders.get(one.case or 0),
            returns=one.returns,
            began=time_of(one.began) or "",
            ended=time_of(one.ended),
        )
        for one in calls
    ]


def _caller(house: House, actor: Actor, number: str) -> Caller:
    """The card of a caller; the receipt is durable when this returns."""
    with house.store.reader() as reader:
        people = call_desk(house).callers(reader, number)
        card = _card(house, reader, actor, people)
    shown = [Shown((one.id,), ("person_name", "phone")) for one in people]
    receipt(house, actor, shown, "call desk")
    return card


def _card(house: House, reader: Reader, actor: Actor, people: Sequence[Party]) -> Caller:
    ids = tuple(one.id for one in people)
    if not ids:
        return Caller(known=False, names=[], open=[], past=[], total=0, calls=[], missed=0)
    theirs = In(Field(("subject",)), ids)
    where = both(cases_predicate(actor, "read", house.rulebook), theirs)
    going, over = both(where, IsNull(field("closed"))), both(where, Not(IsNull(field("closed"))))
    order = (Order(("opened",), descending=True),)
    calls = reader.find(Call, theirs, order=NEWEST, limit=RECENT).rows
    return Caller(
        known=True,
        names=list(dict.fromkeys(one.person_name for one in people if one.person_name)),
        open=case_rows(house, reader, reader.find(Case, going, order=order, limit=FIRST).rows),
        past=case_rows(house, reader, reader.find(Case, over, order=order, limit=FIRST).rows),
        total=reader.count(Case, where),
        calls=call_rows(house, reader, actor, calls),
        missed=reader.count(Call, both(theirs, equals("state", "missed"))),
    )


@post(
    "/callers/lookup",
    guards=[access("answer", CALL)],
    status_code=200,
    sync_to_thread=True,
    summary="Who is known under a telephone number",
)
def look_up(house: TheHouse, actor: TheActor, data: JSONBody[Asked]) -> Caller:
    """Found by a keyed hash; open and past orders of everybody who shares the number. Leaves a receipt, changes nothing."""
    return _caller(house, actor, data.number)


@get("/calls", guards=[access("answer", CALL)], sync_to_thread=True, summary="Calls")
def list_calls(
    house: TheHouse,
    actor: TheActor,
    states: InState = None,
    mine: FromQuery[bool] = False,
    after: FromQuery[str | None] = None,
    limit: Limit = 50,
) -> CallList:
    """Newest first, numbers masked. `state=missed`: those that wait for 回拨; `mine`: the asker's own."""
    where = both(
        In(Field(("state",)), tuple(states.split(","))) if states else None,
        equals("account", actor.account) if mine else None,
    )
    with house.store.reader() as reader:
        page = reader.find(Call, where, order=NEWEST, limit=min(limit, 200), after=after)
        return CallList(call_rows(house, reader, actor, page.rows), page.after)


def _rung(house: House, actor: Actor, call: Call) -> Rung:
    caller = _caller(house, actor, call.number)
    with house.store.reader() as reader:
        row = call_rows(house, reader, actor, [call])[0]
    return Rung(call=row, number=call.number, caller=caller)


@post("/calls", guards=[access("answer", CALL)], sync_to_thread=True, summary="A call comes in")
def ring(house: TheHouse, actor: TheActor, repeat: TheRepeat, data: JSONBody[NewCall]) -> Rung:
    """Records the call and shows the caller: who it is, open and past orders. A receipt is kept."""
    call = call_desk(house).ring(data.number, actor, missed=data.missed, key=repeat.key, digest=repeat.digest)
    return _rung(house, actor, call)


@post(
    "/calls/{id:int}/end",
    guards=[access("answer", CALL)],
    status_code=200,
    sync_to_thread=True,
    summary="A call is over",
)
def end_call(
    house: TheHouse, actor: TheActor, repeat: TheRepeat, id: RowId, data: JSONBody[EndCall]
) -> CallRow:
    """With the order that it was about, if any."""
    call = call_desk(house).end(id, data.case, actor, key=repeat.key, digest=repeat.digest)
    with house.store.reader() as reader:
        return call_rows(house, reader, actor, [call])[0]


@post(
    "/calls/{id:int}/return",
    guards=[access("answer", CALL)],
    sync_to_thread=True,
    summary="Return a missed call",
)
def call_back(house: TheHouse, actor: TheActor, repeat: TheRepeat, id: RowId) -> Response[Rung]:
    """A call out to whoever was missed; its number is shown whole, with a receipt."""
    call = call_desk(house).returned(id, actor, key=repeat.key, digest=repeat.digest)
    return Response(_rung(house, actor, call), status_code=201)


router = Router("/", route_handlers=[look_up, list_calls, ring, end_call, call_back], tags=["call desk"])
