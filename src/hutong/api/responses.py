"""GET /responses, and what a commander does with one: start, another level, end, release."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import Response as Answer
from litestar import Router, get, post
from litestar.params import FromQuery, JSONBody, QueryParameter

from hutong.api.access import access
from hutong.api.requests import (
    IfMatch,
    RowId,
    TheActor,
    TheHouse,
    TheRepeat,
    answered,
    version_of,
)
from hutong.api.response_page import MOST, ResponsePage, ResponseRow, response_page, response_row
from hutong.engine.flow.responding import ChangeLevel, EndResponse, StartResponse
from hutong.kernel.case import Case
from hutong.kernel.plan import (
    EventGrade,
    Reservation,
    Response,
    ResponseLevel,
    WarningColour,
)
from hutong.kernel.query import IsNull, Not, Order, both, field

Reason = Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]


class ResponseList(msgspec.Struct, frozen=True):
    rows: list[ResponseRow]


class Start(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A response to start: level, grade of the event and colour are three decisions."""

    plan: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    level: ResponseLevel
    event_grade: EventGrade | None = None
    colour: WarningColour | None = None
    reason: Reason
    accept_shortage: bool = False


class Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What holds from now on."""

    level: ResponseLevel
    event_grade: EventGrade | None = None
    colour: WarningColour | None = None
    reason: Reason
    accept_shortage: bool = False


class End(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why it ends, and whether tasks that have not ended end with it."""

    reason: Reason
    drop_tasks: bool = False


class Nothing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An empty body."""


@get("/responses", guards=[access("read", "response")], sync_to_thread=True, summary="Responses")
def list_responses(
    house: TheHouse,
    running: Annotated[
        FromQuery[bool | None], QueryParameter(description="Only those that run, or only those that ended.")
    ] = None,
) -> ResponseList:
    """Newest first."""
    going = IsNull(field("ended"))
    where = None if running is None else (going if running else Not(going))
    with house.store.reader() as reader:
        order = (Order(("started",), descending=True),)
        rows = reader.find(Response, both(where), order=order, limit=MOST).rows
        numbers = {id: one.number for id, one in reader.many(Case, [one.case for one in rows]).items()}
    return ResponseList([response_row(house, one, numbers.get(one.case, "")) for one in rows])


@get("/responses/{id:int}", guards=[access("read", "response")], sync_to_thread=True, summary="One response")
def one_response(house: TheHouse, actor: TheActor, id: RowId) -> Answer[ResponsePage]:
    """The response with its callings, tasks, resources, mode and log."""
    return response_page(house, actor, id)


@post("/responses", guards=[access("command", "response")], sync_to_thread=True, summary="Start a response")
def start_response(
    house: TheHouse, actor: TheActor, repeat: TheRepeat, data: JSONBody[Start]
) -> Answer[ResponsePage]:
    """Calls people, gives tasks, sets resources aside and switches the mode, all at once; 409 names what is missing."""
    known = answered(house, repeat)
    if known is None:
        wanted = StartResponse(
            plan=data.plan,
            level=data.level,
            event_grade=data.event_grade,
            colour=data.colour,
            reason=data.reason,
            accept_shortage=data.accept_shortage,
        )
        known = house.responses.start(wanted, actor, key=repeat.key, digest=repeat.digest).id
    answer = response_page(house, actor, known)
    answer.status_code = 201
    return answer


@post(
    "/responses/{id:int}/level",
    guards=[access("command", "response")],
    status_code=200,
    sync_to_thread=True,
    summary="Another level, grade or colour",
)
def change_response(
    house: TheHouse,
    actor: TheActor,
    repeat: TheRepeat,
    id: RowId,
    data: JSONBody[Change],
    if_match: IfMatch = None,
) -> Answer[ResponsePage]:
    """Calls anew, adds tasks, sets aside or gives back the difference, goes to the level's mode."""
    if answered(house, repeat) is None:
        wanted = ChangeLevel(
            response=id,
            level=data.level,
            event_grade=data.event_grade,
            colour=data.colour,
            reason=data.reason,
            accept_shortage=data.accept_shortage,
            version=version_of(if_match),
        )
        house.responses.change(wanted, actor, key=repeat.key, digest=repeat.digest)
    return response_page(house, actor, id)


@post(
    "/responses/{id:int}/end",
    guards=[access("command", "response")],
    status_code=200,
    sync_to_thread=True,
    summary="End a response",
)
def end_response(
    house: TheHouse,
    actor: TheActor,
    repeat: TheRepeat,
    id: RowId,
    data: JSONBody[End],
    if_match: IfMatch = None,
) -> Answer[ResponsePage]:
    """Everything it set aside or switched goes back."""
    if answered(house, repeat) is None:
        wanted = EndResponse(
            response=id, reason=data.reason, drop_tasks=data.drop_tasks, version=version_of(if_match)
        )
        house.responses.end(wanted, actor, key=repeat.key, digest=repeat.digest)
    return response_page(house, actor, id)


@post(
    "/reservations/{id:int}/release",
    guards=[access("command", "response")],
    status_code=200,
    sync_to_thread=True,
    summary="Release a resource",
)
def release_resource(
    house: TheHouse, actor: TheActor, repeat: TheRepeat, id: RowId, data: JSONBody[Nothing]
) -> Answer[ResponsePage]:
    """Gives a resource back before the response ends."""
    if answered(house, repeat) is None:
        house.responses.release(id, actor, key=repeat.key, digest=repeat.digest)
    with house.store.reader() as reader:
        response = reader.get(Reservation, id).response
    return response_page(house, actor, response)


router = Router(
    "/",
    route_handlers=[
        list_responses,
        one_response,
        start_response,
        change_response,
        end_response,
        release_resource,
    ],
    tags=["plans"],
)
