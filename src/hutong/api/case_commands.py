"""POST /cases and what is done to one: opened, acted on, taken over, taken back."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, Router, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath, JSONBody
from msgspec.structs import replace

from hutong.api.access import CASE, access, readable_case, signed_in
from hutong.api.case_page import CasePage, brief, read_case
from hutong.api.city import SOURCES
from hutong.api.device_facts import OnDevice, device_facts
from hutong.api.house import House
from hutong.api.requests import (
    BIGGEST,
    IfMatch,
    Prefer,
    Repeat,
    RowId,
    TheActor,
    TheHouse,
    TheRepeat,
    answered,
    minimal,
    repeat_of,
    version_of,
)
from hutong.api.shapes import Id, Position, wkb_of
from hutong.engine.flow.cases import Act
from hutong.engine.flow.on_device import DEVICE
from hutong.engine.flow.parties import reporter
from hutong.engine.flow.together import Decided, Wish
from hutong.engine.flow.triaging import FACT as TRIAGE
from hutong.engine.handle.open import OpenCase
from hutong.kernel.access import Actor
from hutong.kernel.base import Entity, Facts, Label
from hutong.kernel.case import Case, Category, CategoryKind
from hutong.kernel.case import File as CaseFile
from hutong.kernel.errors import HutongError, Invalid
from hutong.kernel.party import Party
from hutong.kernel.ports import Reader

NOT_GIVEN = ("sensor", "parent", "topic")
"""案卷来源 that no person gives."""
Short = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Long = Annotated[str, msgspec.Meta(max_length=4000)]


class CategoryKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A category by kind and code."""

    kind: CategoryKind
    code: str


class Contact(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who reports. Kept encrypted under a key of its own."""

    name: Annotated[str, msgspec.Meta(max_length=100)] = ""
    phone: Annotated[str, msgspec.Meta(max_length=40)] = ""
    confidential: bool = False


class Suggested(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What triage suggested when the case was opened; the class chosen beside it is the answer it learns from."""

    category: Annotated[str, msgspec.Meta(max_length=80)]
    """`kind:code`; empty: it abstained."""
    confidence: Annotated[float, msgspec.Meta(ge=0, le=1)]
    model: Annotated[str, msgspec.Meta(max_length=80)] = ""


class NewCase(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A case to open. `title` may be left out: the category and the place make one. `files` were uploaded before."""

    category: CategoryKey
    source: str
    title: Annotated[str, msgspec.Meta(max_length=200)] = ""
    text: Long = ""
    position: Position | None = None
    position_text: Annotated[str, msgspec.Meta(max_length=400)] = ""
    thing: Id | None = None
    urgent: bool = False
    contact: Contact | None = None
    files: Annotated[list[Id], msgspec.Meta(max_length=30)] = []
    device: OnDevice | None = None
    suggested: Suggested | None = None


class Deed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Answers to what the action asks, by name, and files given with it."""

    answers: dict[str, Any] = {}
    files: Annotated[list[Id], msgspec.Meta(max_length=30)] = []
    device: OnDevice | None = None


class Nothing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An empty body."""


@post("/cases", guards=[access("open", CASE)], summary="Open a case")
async def open_case(
    request: Request[Any, Any, Any],
    data: JSONBody[NewCase],
    prefer: Prefer = None,
) -> Response[CasePage]:
    """Opens a case at a position within the city; its category says which procedure handles it."""
    house, actor, repeat = await asked_by(request)
    case = await once(house, repeat, opening(house, actor, repeat, data))
    answer = await answer_with(house, actor, case, prefer)
    answer.headers["Location"] = f"/api/v1/cases/{case.id}"
    answer.status_code = 201
    return answer


def opening(house: House, actor: Actor, repeat: Repeat, data: JSONBody[NewCase]) -> Wish:
    """What is to be done to open the case."""

    def decide(reader: Reader, _: Case | None = None) -> Decided:
        return _opened(house, reader, actor, repeat, data)

    def alone() -> Case:
        with house.store.reader() as reader:
            decided = decide(reader)
        return decided.done(house.store.apply(decided.changes))

    return Wish(decide, alone)


async def asked_by(request: Request[Any, Any, Any]) -> tuple[House, Actor, Repeat]:
    """What most routes are given as dependencies: several of them cost a task each, which the busiest routes save."""
    return request.app.state["house"], request.scope["state"]["actor"], await repeat_of(request)


async def once(house: House, repeat: Repeat, wish: Wish) -> Case:
    """What the request makes of a case, in one group with those that come at the same moment. A repeat of one that was
    answered is told by the store as it commits; where it is refused before, as the case has moved on since, the first answer
    still holds."""
    try:
        return await house.deeds.ask(wish)
    except HutongError as error:
        known = await sync_to_thread(_first_answer, house, repeat)
        if known is None:
            raise error
        return known


def _first_answer(house: House, repeat: Repeat) -> Case | None:
    known = answered(house, repeat)
    if known is None:
        return None
    with house.store.reader() as reader:
        return reader.get(Case, known)


async def answer_with(house: House, actor: Actor, case: Case, prefer: str | None) -> Response[Any]:
    """The case's page, or only that it was done."""
    if minimal(prefer):
        return brief(case)
    return await sync_to_thread(read_case, house, actor, case.id)


def _opened(house: House, reader: Reader, actor: Actor, repeat: Repeat, data: JSONBody[NewCase]) -> Decided:
    category = Category(data.category.kind, data.category.code)
    _check(house, category, data)
    place = house.directory.locate(*data.position) if data.position else None
    if data.position and place is None:
        raise Invalid(
            "position", "lies outside the city", "choose a point within it", zh="所选位置不在本城区范围内"
        )
    id, fresh = house.store.new_ids(2)
    files = _own_files(reader, actor, data.files)
    party = _reporter(reader, data.contact, fresh)
    label = house.rulebook.category_names[category]
    title = Label(data.title, data.title) if data.title.strip() else _title(label, data.position_text)
    command = OpenCase(
        id=id,
        category=category,
        title=title,
        source=data.source,
        text=data.text,
        place=place,
        position=wkb_of(data.position),
        position_text=data.position_text,
        thing=data.thing,
        subject=party.id if party else None,
        confidential=bool(data.contact and data.contact.confidential),
        files=tuple(one.id for one in files),
        urgent=data.urgent,
        facts=_told(data),
    )
    puts: list[Entity] = [replace(one, case=id) for one in files]
    if party is not None and party.version == 0:
        puts.append(party)
    desk = house.context.cases
    return desk.decided_open(reader, command, actor, key=repeat.key, digest=repeat.digest, puts=puts)


def _told(data: NewCase) -> Facts:
    """What the device and triage told beside the case."""
    facts: Facts = {DEVICE: told} if (told := device_facts(data.device)) else {}
    return {**facts, TRIAGE: msgspec.to_builtins(data.suggested)} if data.suggested else facts


def _title(category: Label, where: str) -> Label:
    where = where.strip()
    return Label(f"{where} {category.zh}".strip(), f"{category.text('en')}{': ' + where if where else ''}")


def _check(house: House, category: Category, data: JSONBody[NewCase]) -> None:
    if data.source not in SOURCES or data.source in NOT_GIVEN:
        choices = ", ".join(name for name in SOURCES if name not in NOT_GIVEN)
        raise Invalid("source", f"{data.source!r} is no source a person gives", f"choose one of {choices}")
    if category not in house.rulebook.category_names:
        raise Invalid(
            "category", f"there is no category {category.kind}:{category.code}", "choose one of the list"
        )
    if data.position is None and not data.position_text.strip():
        raise Invalid(
            "position", "is missing", "point on the map, or describe the place", zh="请在地图上选点或填写位置"
        )


def _own_files(reader: Reader, actor: Actor, ids: list[int]) -> list[CaseFile]:
    """Files the actor uploaded that are of no case yet."""
    found = reader.many(CaseFile, ids)
    for id in ids:
        if id not in found or found[id].case is not None or found[id].by != actor.account:
            raise Invalid("files", f"file {id} is not one you uploaded for this", "upload it again")
    return [found[id] for id in dict.fromkeys(ids)]


def _reporter(reader: Reader, contact: Contact | None, fresh: int) -> Party | None:
    """The person who reports: known by phone and name, or new."""
    if contact is None or not (contact.name.strip() or contact.phone.strip()):
        return None
    return reporter(reader, contact.name.strip(), contact.phone.strip(), fresh)


@post(
    "/cases/{id:int}/actions/{action:str}",
    guards=[access("read", CASE)],
    status_code=200,
    summary="Do an action on a case",
)
async def act(
    request: Request[Any, Any, Any],
    id: RowId,
    action: FromPath[str],
    data: JSONBody[Deed],
    if_match: IfMatch = None,
    prefer: Prefer = None,
) -> Response[CasePage]:
    """Does the action, or says why not: 403 the role, 422 the procedure, 400 an answer, 409 somebody was first."""
    house, actor, repeat = await asked_by(request)
    wish = acting(house, actor, repeat, id, action, data, if_match)
    return await answer_with(house, actor, await once(house, repeat, wish), prefer)


def acting(
    house: House, actor: Actor, repeat: Repeat, id: int, action: str, data: Deed, if_match: str | None
) -> Wish:
    """What is to be done to do the action."""
    check_whole(data.answers)
    wanted = Act(
        case=id,
        action=action,
        answers=data.answers,
        files=tuple(data.files),
        version=version_of(if_match),
        device=device_facts(data.device),
        key=repeat.key,
        digest=repeat.digest,
    )

    def look(case: Case) -> None:
        readable_case(actor, case)

    desk = house.context.cases
    return Wish(
        lambda reader, case: desk.decided(reader, wanted, actor, look, case),
        lambda: desk.act(wanted, actor, look),
        id,
    )


def check_whole(answers: dict[str, Any]) -> None:
    """No whole number is beyond what every client can hold."""
    for name, value in answers.items():
        if isinstance(value, int) and abs(value) > BIGGEST:
            raise Invalid(f"answers.{name}", f"{value} is too large", "choose one of the list")


@post(
    "/cases/{id:int}/take",
    guards=[access("attach", CASE)],
    status_code=200,
    sync_to_thread=True,
    summary="Take a case from the simulated posts",
)
def take(
    house: TheHouse,
    actor: TheActor,
    repeat: TheRepeat,
    id: RowId,
    data: JSONBody[Nothing | None] = None,
) -> Response[CasePage]:
    """A person takes the case; the simulated posts leave it alone from then on."""
    if answered(house, repeat) is None:
        with house.store.reader() as reader:
            readable_case(actor, reader.get(Case, id))
        house.context.cases.take_over(id, actor, key=repeat.key, digest=repeat.digest)
    return read_case(house, actor, id)


@post(
    "/cases/{id:int}/undo",
    guards=[signed_in()],
    status_code=200,
    sync_to_thread=True,
    summary="Take back one's last action",
)
def undo(
    house: TheHouse,
    actor: TheActor,
    repeat: TheRepeat,
    id: RowId,
    data: JSONBody[Nothing | None] = None,
) -> Response[CasePage]:
    """Within the grace time, while nothing else happened."""
    if answered(house, repeat) is None:
        with house.store.reader() as reader:
            readable_case(actor, reader.get(Case, id))
        house.context.cases.undo(id, actor, key=repeat.key, digest=repeat.digest)
    return read_case(house, actor, id)


router = Router("/", route_handlers=[open_case, act, take, undo], tags=["cases"])
