"""GET and POST /households: those of one's own community, what registers ask of them, and visits that fill all at once."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Response, Router, get, post
from litestar.params import FromQuery, JSONBody

from hutong.api.access import access
from hutong.api.device_facts import OnDevice, device_facts
from hutong.api.house import House
from hutong.api.household_rows import HouseholdPage, HouseholdRow, View, household_page, row_fields
from hutong.api.masked import Shown, receipt
from hutong.api.requests import (
    IfMatch,
    Limit,
    QueryId,
    Repeat,
    RowId,
    TheActor,
    TheHouse,
    TheRepeat,
    answered,
    etag,
    version_of,
)
from hutong.api.shapes import Id, Position, wkb_of
from hutong.engine.flow.registers import CONSULT, NOUN, NewHousehold, RegisterDesk, Saved, Seen
from hutong.engine.registers import Answers, Told
from hutong.kernel.access import Actor, decide, predicate
from hutong.kernel.base import Label
from hutong.kernel.definition.register import About
from hutong.kernel.errors import Invalid, NotFound
from hutong.kernel.party import Party
from hutong.kernel.ports import Reader
from hutong.kernel.query import (
    Call,
    Compare,
    Expr,
    Field,
    In,
    InScope,
    IsNull,
    Or,
    Order,
    Value,
    both,
    equals,
    field,
)
from hutong.kernel.register import Household, RegisterEntry, Visit

MOST = 100
VISITS = 30
PURPOSE = Annotated[str, msgspec.Meta(max_length=100)]
Given = dict[str, str | float | bool | None]


class HouseholdList(msgspec.Struct, frozen=True):
    rows: list[HouseholdRow]
    after: str | None


class ToldShape(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What was told of a person or unit; `party` null: somebody new; `left`: does not live here any more."""

    party: Id | None = None
    kind: About = "person"
    values: Given = {}
    left: bool = False


class VisitShape(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A visit: every field once, for all registers. What is left out stays as it is; null clears it."""

    values: Given = {}
    members: Annotated[list[ToldShape], msgspec.Meta(max_length=60)] = []
    note: Annotated[str, msgspec.Meta(max_length=2000)] = ""
    device: OnDevice | None = None


class NewShape(VisitShape, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A dwelling that nobody registered before, with the first visit. It lies at `position`, or in the `place` named."""

    code: Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
    position: Position | None = None
    place: Annotated[str, msgspec.Meta(max_length=40)] = ""


class FilledRegister(msgspec.Struct, frozen=True):
    name: str
    label: Label
    n: int


class SavedShape(msgspec.Struct, frozen=True):
    """What the visit filled. `id` is the household; `fields` are the names of those that changed; `ended` the cases that
    the visit ended."""

    id: int
    visit: int
    filled: list[FilledRegister]
    fields: list[str]
    ended: list[int]


def desk_of(house: House) -> RegisterDesk:
    return RegisterDesk(house.context.cases)


@get("/households", guards=[access(CONSULT, NOUN)], sync_to_thread=True, summary="Households")
def list_households(
    house: TheHouse,
    actor: TheActor,
    q: FromQuery[str | None] = None,
    place: QueryId = None,
    register: FromQuery[str | None] = None,
    unseen_since: FromQuery[int | None] = None,
    after: FromQuery[str | None] = None,
    limit: Limit = 50,
) -> HouseholdList:
    """By code. `q`: the beginning of a code, or a whole address, name, telephone or citizen number. `unseen_since`: those
    not visited for so many days."""
    desk = desk_of(house)
    with house.store.reader() as reader:
        where = both(
            predicate(actor, CONSULT, NOUN),
            InScope((place,)) if place is not None else None,
            _searched(reader, q),
            _of_register(reader, actor, desk, register),
            _unseen(house, unseen_since),
        )
        page = reader.find(
            Household, where, order=(Order(("code",)),), limit=max(1, min(limit, MOST)), after=after
        )
        rows, shown = [], []
        for home in page.rows:
            view = View(house, desk.catalogue, actor, home)
            rows.append(HouseholdRow(**row_fields(view, desk.standing(reader, home))))
            shown.extend([Shown((), tuple(sorted(view.told)))] if view.told else [])
    receipt(house, actor, shown, "households")
    return HouseholdList(rows, page.after)


def _searched(reader: Reader, q: str | None) -> Expr | None:
    """Personal words are found as a whole, by keyed hash."""
    text = (q or "").strip()
    if not text:
        return None
    ids = {one.id for one in reader.search_hash(Household, "address", text)}
    entries = list(reader.search_hash(RegisterEntry, "name", text))
    parties = {one.id for name in ("phone", "id_number") for one in reader.search_hash(Party, name, text)}
    if parties:
        entries.extend(reader.find(RegisterEntry, In(Field(("subject",)), tuple(parties)), limit=200).rows)
    ids |= {one.household for one in entries if one.household is not None}
    prefix: Expr = Call("startswith", (Field(("code",)), Value(text)))
    return Or((prefix, In(Field(("id",)), tuple(sorted(ids))))) if ids else prefix


def _of_register(reader: Reader, actor: Actor, desk: RegisterDesk, name: str | None) -> Expr | None:
    if not name:
        return None
    if name not in desk.catalogue.registers:
        raise Invalid("register", f"there is no register {name!r}", "choose one of GET /registers")
    where = both(predicate(actor, CONSULT, name), equals("register", name))
    columns = reader.columns(RegisterEntry, ("household",), where)
    ids = tuple(sorted({int(one) for one in columns["household"] if one is not None}))
    return In(Field(("id",)), ids)


def _unseen(house: House, days: int | None) -> Expr | None:
    if days is None:
        return None
    since = house.now() - max(0, min(days, 3650)) * 86_400_000_000
    return Or((IsNull(field("visited")), Compare("lt", field("visited"), Value(since))))


@get(
    "/households/{id:int}",
    guards=[access(CONSULT, NOUN)],
    sync_to_thread=True,
    summary="A household with what every register holds of it",
)
def one_household(
    house: TheHouse, actor: TheActor, id: RowId, purpose: FromQuery[str] = "visit"
) -> Response[HouseholdPage]:
    """Every field once, prefilled for a visit. A receipt names everybody it shows before the answer leaves."""
    desk = desk_of(house)
    with house.store.reader() as reader:
        home = readable_household(house, reader, actor, id)
        standing = desk.standing(reader, home)
        visits = reader.find(
            Visit, equals("household", id), order=(Order(("at",), descending=True),), limit=VISITS
        ).rows
        view = View(house, desk.catalogue, actor, home)
        page = household_page(view, standing, visits)
    receipt(house, actor, view.shown(standing), f"household/{id}: {purpose[:60]}")
    return Response(page, headers={"ETag": etag(home.version)})


def readable_household(house: House, reader: Reader, actor: Actor, id: int) -> Household:
    """NotFound unless it lies where the reader's role is held."""
    home = reader.many(Household, [id]).get(id)
    if home is None or not decide(actor, CONSULT, NOUN, house.directory.scope(home.place)).allowed:
        raise NotFound(NOUN, f"there is no {NOUN}/{id}", noun=NOUN, id=id)
    return home


@post("/households", guards=[access("visit", NOUN)], sync_to_thread=True, summary="Register a household")
def register_household(
    house: TheHouse, actor: TheActor, repeat: TheRepeat, data: JSONBody[NewShape]
) -> SavedShape:
    """A new dwelling, with what was told there."""
    place = _place(house, data)
    new = NewHousehold(code=data.code, place=place, position=wkb_of(data.position))
    return _save(house, actor, repeat, seen_of(data, new=new, kind="first"))


def _place(house: House, data: NewShape) -> int:
    directory = house.directory
    if data.position is not None:
        found = directory.locate(*data.position)
        if found is None:
            raise Invalid(
                "position", "lies outside the city", "choose a point within it", zh="所选位置不在本城区范围内"
            )
        return found
    known = directory.place_codes.get(data.place)
    if known is None:
        raise Invalid(
            "place", f"there is no place {data.place!r}", "give a position, or the code of a community"
        )
    return known


@post(
    "/households/{id:int}/visits",
    guards=[access("visit", NOUN)],
    sync_to_thread=True,
    summary="Save a visit: all registers at once",
)
def visit_household(
    house: TheHouse,
    actor: TheActor,
    repeat: TheRepeat,
    id: RowId,
    data: JSONBody[VisitShape],
    if_match: IfMatch = None,
) -> SavedShape:
    """Entered once, fills every register; says which. 400 names the field that is wrong."""
    with house.store.reader() as reader:
        readable_household(house, reader, actor, id)
    return _save(house, actor, repeat, seen_of(data, household=id, version=version_of(if_match)))


def seen_of(data: VisitShape, **more: Any) -> Seen:
    told = tuple(
        Told(party=one.party, kind=one.kind, values=one.values, left=one.left) for one in data.members
    )
    answers = Answers(values=data.values, members=told, note=data.note)
    return Seen(answers=answers, device=device_facts(data.device), **more)


def _save(house: House, actor: Actor, repeat: Repeat, seen: Seen) -> SavedShape:
    desk = desk_of(house)
    known = answered(house, repeat)
    if known is not None:
        return _saved(desk, desk.saved(known))
    kept = msgspec.structs.replace(seen, key=repeat.key, digest=repeat.digest)
    return _saved(desk, desk.save(kept, actor))


def _saved(desk: RegisterDesk, saved: Saved) -> SavedShape:
    registers = desk.catalogue.registers
    filled = [
        FilledRegister(name, registers[name].label, int(n))
        for name, n in saved.visit.filled.items()
        if name in registers
    ]
    return SavedShape(saved.visit.household, saved.visit.id, filled, list(saved.changed), list(saved.ended))


router = Router(
    "/",
    route_handlers=[list_households, one_household, register_household, visit_household],
    tags=["registers"],
)
