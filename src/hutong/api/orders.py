"""/orders: what a call desk opens in one request, calls back, and whom it may ask about."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from litestar import Response, Router, get, post
from litestar.params import JSONBody

from hutong.api.access import CASE, access, readable_case, shows_personal
from hutong.api.calls import call_desk
from hutong.api.case_commands import Suggested
from hutong.api.case_offers import AskShape, ask_shape
from hutong.api.case_page import CasePage, read_case
from hutong.api.house import House
from hutong.api.masked import Shown, receipt
from hutong.api.requests import (
    IfMatch,
    Repeat,
    RowId,
    TheActor,
    TheHouse,
    TheRepeat,
    answered,
    version_of,
)
from hutong.api.shapes import Id, Position, wkb_of
from hutong.engine.flow.orders import OrderDesk, Visit
from hutong.engine.flow.parties import reporter
from hutong.engine.flow.triaging import FACT as TRIAGE
from hutong.engine.handle.open import OpenCase
from hutong.kernel.access import Actor
from hutong.kernel.base import Entity, Facts, Label
from hutong.kernel.call import Call, dialled
from hutong.kernel.case import Case, Category
from hutong.kernel.definition.desk import Channel
from hutong.kernel.definition.procedure import Purpose
from hutong.kernel.errors import Invalid
from hutong.kernel.party import Party

Text = Annotated[str, msgspec.Meta(max_length=4000)]
Line = Annotated[str, msgspec.Meta(max_length=400)]
AtOnce = Literal["pass_on", "dispatch", "direct_answer", "transfer", "decline"]
SOURCE = "hotline"


class Then(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is done in the same request: passed on, dispatched to `organisation`, answered (`answer`, `article`), put through
    or declined with a `channel`."""

    does: AtOnce
    organisation: Id | None = None
    answer: Text = ""
    article: Id | None = None
    channel: Line = ""
    note: Text = ""


class NewOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An order of a caller. `call`: the call it came by, which tells the caller; without one, `number`.

    `anonymous`: the caller is not kept with the order. `demand` is the 诉求类型, `code` a class of the desk's, which may be
    left out where the caller is put through or declined."""

    call: Id | None = None
    number: Line = ""
    name: Annotated[str, msgspec.Meta(max_length=100)] = ""
    anonymous: bool = False
    confidential: bool = False
    demand: Line
    code: Line = ""
    title: Annotated[str, msgspec.Meta(max_length=200)] = ""
    text: Text = ""
    position: Position | None = None
    position_text: Line = ""
    urgent: bool = False
    suggested: Suggested | None = None
    then: Then | None = None


class NewVisit(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What came of a 回访."""

    reached: bool
    contacted: bool = False
    solved: bool = False
    satisfaction: Literal["", "satisfied", "basic", "dissatisfied"] = ""
    words: Text = ""


class Purposed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the number is wanted for."""

    purpose: Literal["first_contact", "visit", "answer"]


class CallerNumber(msgspec.Struct, frozen=True):
    """The caller, for one purpose; a receipt was kept. `original`: the caller's own words, where the text hides details of
    them; never for a handling unit."""

    name: str
    number: str
    original: str | None = None


class DemandShape(msgspec.Struct, frozen=True):
    name: str
    label: Label
    confidential: bool


class DeskAction(msgspec.Struct, frozen=True):
    """An action by what it is for, with what it asks."""

    does: str
    action: str
    label: Label
    asks: list[AskShape]


class DeskShape(msgspec.Struct, frozen=True, kw_only=True):
    """How orders of one procedure are opened: types of demand, what can be done at once, channels of all packs."""

    procedure: str
    noun: Label
    kinds: list[str]
    demands: list[DemandShape]
    actions: list[DeskAction]
    channels: list[Channel]


class Desks(msgspec.Struct, frozen=True):
    rows: list[DeskShape]


def order_desk(house: House) -> OrderDesk:
    return OrderDesk(house.context.cases)


def channels(house: House, kind: str | None = None) -> list[Channel]:
    return [
        one for pack in house.rulebook.city.packs for one in pack.channels if kind is None or one.kind == kind
    ]


@get("/orders/desks", guards=[access("read", CASE)], sync_to_thread=True, summary="How orders are opened")
def order_desks(house: TheHouse) -> Desks:
    """The call desks that packs define: none in a city without one."""
    rows = []
    for compiled in order_desk(house).procedures():
        procedure = compiled.procedure
        kinds = {key.kind for key, one in house.rulebook.categories.items() if one.procedure == compiled.name}
        rows.append(
            DeskShape(
                procedure=compiled.name,
                noun=procedure.noun,
                kinds=sorted(kinds),
                demands=[
                    DemandShape(name, label, name in procedure.confidential_for)
                    for name, label in procedure.demands.items()
                ],
                actions=[
                    DeskAction(one.does, one.name, one.label, [ask_shape(house, ask) for ask in one.asks])
                    for one in procedure.actions
                    if one.does is not None
                ],
                channels=channels(house),
            )
        )
    return Desks(rows)


@post("/orders", guards=[access("open", CASE)], sync_to_thread=True, summary="Open an order")
def open_order(
    house: TheHouse, actor: TheActor, repeat: TheRepeat, data: JSONBody[NewOrder]
) -> Response[CasePage]:
    """Opens an order in one request, with what the call taker does at once. 催办 opens none: it is an action."""
    known = answered(house, repeat)
    if known is None:
        known = _opened(house, actor, repeat, data)
    answer = read_case(house, actor, known)
    answer.headers["Location"] = f"/api/v1/cases/{known}"
    answer.status_code = 201
    return answer


def _opened(house: House, actor: Actor, repeat: Repeat, data: NewOrder) -> int:
    category = _category(house, data)
    then = None if data.then is None else _then(house, data.then)
    place = house.directory.locate(*data.position) if data.position else None
    if data.position and place is None:
        raise Invalid(
            "position", "lies outside the city", "choose a point within it", zh="所选位置不在本城区范围内"
        )
    id, fresh = house.store.new_ids(2)
    call = call_desk(house).about(data.call, id, actor)
    party = _caller(house, data, call, fresh)
    command = OpenCase(
        id=id,
        category=category,
        title=_title(house, category, data),
        source=SOURCE,
        via=(data.then.does if data.then else ""),
        text=data.text,
        place=place,
        position=wkb_of(data.position),
        position_text=data.position_text,
        subject=None if party is None or data.anonymous else party.id,
        confidential=data.confidential,
        condition=data.demand,
        urgent=data.urgent,
        facts=_told(data),
    )
    puts: list[Entity] = []
    if party is not None and (party.version == 0 or _renamed(party, data)) and not data.anonymous:
        puts.append(msgspec.structs.replace(party, person_name=data.name.strip() or party.person_name))
    if call is not None:
        puts.append(call)
    return order_desk(house).open(command, then, actor, key=repeat.key, digest=repeat.digest, puts=puts)


def _told(data: NewOrder) -> Facts:
    facts: Facts = {"anonymous": True} if data.anonymous else {}
    return {**facts, TRIAGE: msgspec.to_builtins(data.suggested)} if data.suggested else facts


def _renamed(party: Party, data: NewOrder) -> bool:
    """A caller whom nobody knew by name tells it."""
    return party.person_name is None and bool(data.name.strip())


def _category(house: House, data: NewOrder) -> Category:
    """The class named, or that of orders nobody classed; the type of demand must be one of its procedure's."""
    for compiled in order_desk(house).procedures():
        procedure = compiled.procedure
        handed_on = data.then is not None and data.then.does in ("transfer", "decline")
        code = data.code or (procedure.unclassed if handed_on else "")
        for key, one in house.rulebook.categories.items():
            if key.code == code and one.procedure == compiled.name:
                _check_demand(data.demand, procedure.demands)
                return key
    raise Invalid("code", f"there is no class {data.code!r}", "choose one of the list", zh="请选择归口分类")


def _check_demand(demand: str, known: dict[str, Label]) -> None:
    if demand not in known:
        listed = ", ".join(known)
        raise Invalid("demand", f"{demand!r} is no type", f"choose one of {listed}", zh="请选择诉求类型")


def _caller(house: House, data: NewOrder, call: Call | None, fresh: int) -> Party | None:
    """The caller: of the call, unless another name is told on the same line; or of the number given."""
    with house.store.reader() as reader:
        if call is not None:
            party = reader.get(Party, call.subject)
            told = data.name.strip()
            if not told or party.person_name in (None, told):
                return party
            return reporter(reader, told, call.number, fresh)
        if data.number.strip():
            return reporter(reader, data.name.strip(), dialled(data.number), fresh)
    return None


def _title(house: House, category: Category, data: NewOrder) -> Label:
    if data.title.strip():
        return Label(data.title.strip(), data.title.strip())
    label, where = house.rulebook.category_names[category], data.position_text.strip()
    return Label(f"{where} {label.zh}".strip(), f"{label.text('en')}{': ' + where if where else ''}")


def _then(house: House, then: Then) -> tuple[Purpose, Facts]:
    """The action's answers, by the names that its purpose has."""
    if then.does in ("transfer", "decline"):
        return then.does, _channel(house, then)
    given: dict[str, Any] = {}
    if then.does == "dispatch":
        if then.organisation is None:
            raise Invalid("then.organisation", "is missing", "choose the unit", zh="请选择主办单位")
        given = {"organisation": then.organisation, **({"note": then.note} if then.note else {})}
    if then.does == "direct_answer":
        given = {"answer": then.answer, **({"article": then.article} if then.article is not None else {})}
    return then.does, given


def _channel(house: House, then: Then) -> Facts:
    found = next((one for one in channels(house, then.does) if one.name == then.channel), None)
    if found is None:
        known = ", ".join(one.name for one in channels(house, then.does))
        raise Invalid(
            "then.channel", f"there is no channel {then.channel!r}", f"choose one of {known}", zh="请选择渠道"
        )
    if then.does == "transfer":
        return {"channel": found.name, **({"note": then.note} if then.note else {})}
    return {"channel": found.name, "told": then.note or found.tells.zh}


@post(
    "/orders/{id:int}/visit",
    guards=[access("read", CASE)],
    status_code=200,
    sync_to_thread=True,
    summary="Record a 回访",
)
def visit_order(
    house: TheHouse,
    actor: TheActor,
    repeat: TheRepeat,
    id: RowId,
    data: JSONBody[NewVisit],
    if_match: IfMatch = None,
) -> Response[CasePage]:
    """What the caller said. Not solved, or not satisfied, reopens the order, unless its demand was found unreasonable."""
    if answered(house, repeat) is None:
        with house.store.reader() as reader:
            readable_case(actor, reader.get(Case, id))
        if data.reached and not data.satisfaction:
            raise Invalid("satisfaction", "is missing", "ask the caller", zh="请填写满意程度")
        said = Visit(
            reached=data.reached,
            contacted=data.contacted,
            solved=data.solved,
            satisfaction=data.satisfaction,
            words=data.words,
        )
        version = version_of(if_match)
        order_desk(house).visit(id, said, actor, version=version, key=repeat.key, digest=repeat.digest)
    return read_case(house, actor, id)


@post(
    "/orders/{id:int}/caller",
    guards=[access("read", CASE)],
    status_code=200,
    sync_to_thread=True,
    summary="Show the caller's number for a purpose",
)
def show_caller(house: TheHouse, actor: TheActor, id: RowId, data: JSONBody[Purposed]) -> CallerNumber:
    """For the unit until its first contact, for the desk while it has to answer or call back. A receipt is kept first."""
    with house.store.reader() as reader:
        case = reader.get(Case, id)
        decision = readable_case(actor, case)
    party = order_desk(house).caller(id, data.purpose, actor)
    if actor.side != "handling" and not shows_personal(decision):
        raise Invalid(
            "purpose", "this role may not read personal data", "ask the call desk", zh="本岗位无权查看"
        )
    original = None if actor.side == "handling" else case.original
    fields = ("person_name", "phone", *(("original",) if original else ()))
    receipt(house, actor, [Shown((party.id,), fields)], f"{data.purpose} case/{id}")
    return CallerNumber(party.person_name or "", party.phone or "", original)


router = Router("/", route_handlers=[order_desks, open_order, visit_order, show_caller], tags=["call desk"])
