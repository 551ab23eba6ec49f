"""GET /plans and what they propose; proposals decided; resources; 叫应 confirmed."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import Response, Router, get, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from hutong.api.access import access, signed_in
from hutong.api.house import House
from hutong.api.plan_shapes import (
    Ahead,
    CallingRow,
    PlanRow,
    ProposalRow,
    ResourceRow,
    ahead,
    calling_row,
    plan_row,
    proposal_row,
    resource_row,
)
from hutong.api.requests import RowId, TheActor, TheHouse, TheRepeat, answered
from hutong.kernel.access import decide
from hutong.kernel.plan import Calling, Proposal, Resource
from hutong.kernel.plan import Response as Started
from hutong.kernel.ports import Reader
from hutong.kernel.query import IsNull, Or, Order, both, equals, field

MOST = 200
Reason = Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]
Level = Annotated[int, QueryParameter(ge=1, le=4, description="应急响应级别, 1 is the highest.")]


class PlanList(msgspec.Struct, frozen=True):
    """All plans. `may_command`: the asker may decide about responses at all."""

    rows: list[PlanRow]
    may_command: bool


class ResourceList(msgspec.Struct, frozen=True):
    rows: list[ResourceRow]


class CallingList(msgspec.Struct, frozen=True):
    rows: list[CallingRow]


class Dismiss(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why nothing is started."""

    reason: Reason


class Nothing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An empty body."""


class Confirm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the answer came: `console` by the person himself, `phone` noted by a commander."""

    channel: Annotated[str, msgspec.Meta(max_length=20)] = "console"


@get("/plans", guards=[access("read", "plan")], sync_to_thread=True, summary="Plans")
def list_plans(house: TheHouse, actor: TheActor) -> PlanList:
    """Every plan of the city's packs, with its proposal that waits and its running response."""
    with house.store.reader() as reader:
        running = {one.plan: one.id for one in reader.find(Started, IsNull(field("ended")), limit=MOST).rows}
        rows = [
            plan_row(house, plan, _proposals(reader, name), running.get(name))
            for name, plan in sorted(house.rulebook.plans.items())
        ]
    rows.sort(key=lambda one: (one.proposal is None, one.running is None, one.name))
    return PlanList(rows, decide(actor, "command", "response").allowed)


def _proposals(reader: Reader, plan: str) -> tuple[Proposal, ...]:
    newest = (Order(("at",), descending=True),)
    return reader.find(Proposal, equals("plan", plan), order=newest, limit=20).rows


@get(
    "/plans/{name:str}/ahead",
    guards=[access("read", "plan")],
    sync_to_thread=True,
    summary="What deciding for a level would do",
)
def look_ahead(house: TheHouse, actor: TheActor, name: FromPath[str], level: Level) -> Ahead:
    """Who would be called, which tasks, resources, clocks and roles would change; nothing is stored."""
    plan = house.responses.plan(name)
    chosen = house.responses.level(plan, level)
    with house.store.reader() as reader:
        return ahead(house, plan, chosen, house.responses.foresee(reader, plan, chosen, actor))


@post(
    "/proposals/{id:int}/dismiss",
    guards=[access("command", "response")],
    status_code=200,
    sync_to_thread=True,
    summary="Let a proposal be",
)
def dismiss_proposal(
    house: TheHouse, actor: TheActor, repeat: TheRepeat, id: RowId, data: JSONBody[Dismiss]
) -> ProposalRow:
    """Nothing is started; warnings that come later may propose again."""
    if answered(house, repeat) is None:
        house.responses.dismiss(id, data.reason, actor, key=repeat.key, digest=repeat.digest)
    return _proposal(house, id)


@post(
    "/proposals/{id:int}/reopen",
    guards=[access("command", "response")],
    status_code=200,
    sync_to_thread=True,
    summary="Take a dismissal back",
)
def reopen_proposal(
    house: TheHouse, actor: TheActor, repeat: TheRepeat, id: RowId, data: JSONBody[Nothing]
) -> ProposalRow:
    """The proposal waits for a decision again."""
    if answered(house, repeat) is None:
        house.responses.reopen(id, actor, key=repeat.key, digest=repeat.digest)
    return _proposal(house, id)


def _proposal(house: House, id: int) -> ProposalRow:
    with house.store.reader() as reader:
        one = reader.get(Proposal, id)
    return proposal_row(house, house.responses.plan(one.plan), one)


@get("/resources", guards=[access("read", "response")], sync_to_thread=True, summary="Resources")
def list_resources(house: TheHouse) -> ResourceList:
    """What there is, and what is left of it."""
    with house.store.reader() as reader:
        rows = reader.find(Resource, order=(Order(("kind",)), Order(("code",))), limit=1000).rows
    return ResourceList([resource_row(house, one) for one in rows])


@get("/callings", guards=[signed_in()], sync_to_thread=True, summary="叫应: what I must confirm")
def my_callings(
    house: TheHouse,
    actor: TheActor,
    open_only: Annotated[
        FromQuery[bool], QueryParameter(description="Only those that wait for my confirmation.")
    ] = True,
) -> CallingList:
    """Callings of the asker, newest first."""
    waiting = Or((equals("state", "waiting"), equals("state", "passed"), equals("state", "unanswered")))
    with house.store.reader() as reader:
        rows = reader.find(
            Calling,
            both(equals("account", actor.account), waiting if open_only else None),
            order=(Order(("called",), descending=True),),
            limit=MOST,
        ).rows
        ended = {
            one.id
            for one in reader.many(Started, [row.response for row in rows if row.response]).values()
            if one.ended is not None
        }
    return CallingList([calling_row(house, actor, one) for one in rows if one.response not in ended])


@post(
    "/callings/{id:int}/confirm",
    guards=[signed_in()],
    status_code=200,
    sync_to_thread=True,
    summary="叫应: confirm",
)
def confirm_calling(
    house: TheHouse, actor: TheActor, repeat: TheRepeat, id: RowId, data: JSONBody[Confirm]
) -> Response[CallingRow]:
    """The person who was called confirms that he has heard; a commander may note an answer by telephone."""
    if answered(house, repeat) is None:
        house.responses.confirm(id, actor, data.channel, key=repeat.key, digest=repeat.digest)
    with house.store.reader() as reader:
        return Response(calling_row(house, actor, reader.get(Calling, id)))


router = Router(
    "/",
    route_handlers=[
        list_plans,
        look_ahead,
        dismiss_proposal,
        reopen_proposal,
        list_resources,
        my_callings,
        confirm_calling,
    ],
    tags=["plans"],
)
