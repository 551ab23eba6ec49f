"""GET /handovers: 交接班 sheets, their signing and their confirmation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from litestar import Response, Router, get, post, put
from litestar.params import FromQuery, JSONBody

from hutong.api.access import access
from hutong.api.case_rows import CaseRow, case_rows
from hutong.api.house import House
from hutong.api.requests import IfMatch, Limit, RowId, TheActor, TheHouse, TheRepeat, etag, version_of
from hutong.api.shapes import Person, person, time_of
from hutong.engine.flow.handovers import latest
from hutong.kernel.access import Actor, decide
from hutong.kernel.base import Facts, Label
from hutong.kernel.case import Case
from hutong.kernel.handover import Handover
from hutong.kernel.ports import Reader

MOST = 100
STATES = {
    "drafted": Label("待交班", "to be handed over"),
    "signed": Label("待接班", "to be taken over"),
    "taken": Label("已交接", "taken over"),
}


class HandoverRow(msgspec.Struct, frozen=True, kw_only=True):
    """A sheet in the list."""

    id: int
    desk: str
    desk_label: Label
    since: str
    until: str
    state: str
    state_label: Label
    open: int
    overdue: int
    given_by: Person | None
    taken_by: Person | None


class DeskShape(msgspec.Struct, frozen=True):
    """A desk whose shifts change; `mine`: the asker works at it."""

    name: str
    label: Label
    mine: bool


class HandoverList(msgspec.Struct, frozen=True):
    rows: list[HandoverRow]
    after: str | None
    desks: list[DeskShape]
    shifts: list[str]


class CasesLeft(msgspec.Struct, frozen=True):
    """How many cases, and those of them that the asker may read (a sheet names at most a hundred)."""

    label: Label
    n: int
    rows: list[CaseRow]


class NumberLeft(msgspec.Struct, frozen=True):
    label: Label
    n: float


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """A whole sheet. `may`: which of note, sign and take the asker can do now."""

    id: int
    version: int
    row: HandoverRow
    drafted: str
    late: bool
    open: list[NumberLeft]
    lists: list[CasesLeft]
    to_judge: int | None
    done: list[NumberLeft]
    notes: str
    given_at: str | None
    taken_at: str | None
    remark: str
    may: list[str]


class NewSheet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A sheet of the present shift so far."""

    desk: str


class Notes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    notes: Annotated[str, msgspec.Meta(max_length=4000)]


class Remark(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    remark: Annotated[str, msgspec.Meta(max_length=1000)] = ""


class Nothing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An empty body."""


@get("/handovers", guards=[access("read", "handover")], sync_to_thread=True, summary="交接班 sheets")
def list_handovers(
    house: TheHouse,
    actor: TheActor,
    desk: FromQuery[str | None] = None,
    after: FromQuery[str | None] = None,
    limit: Limit = 30,
) -> HandoverList:
    """The newest first."""
    with house.store.reader() as reader:
        rows, cursor = latest(reader, desk, after, min(limit, MOST))
    desks = [
        DeskShape(name, house.rulebook.roles[name].label, _works(actor, name))
        for name in house.handovers.desks
    ]
    return HandoverList(
        [_row(house, one) for one in rows], cursor, desks, list(house.rulebook.city.head.shifts)
    )


@get("/handovers/{id:int}", guards=[access("read", "handover")], sync_to_thread=True, summary="A sheet")
def read_handover(house: TheHouse, actor: TheActor, id: RowId) -> Response[Sheet]:
    """With its cases, as far as the asker may read them."""
    with house.store.reader() as reader:
        return _answer(house, reader, actor, reader.get(Handover, id))


@post("/handovers", guards=[access("read", "handover")], sync_to_thread=True, summary="Hand over early")
def draft_handover(
    house: TheHouse, actor: TheActor, repeat: TheRepeat, data: JSONBody[NewSheet]
) -> Response[Sheet]:
    """Drafts a sheet of the shift so far; at the end of a shift the platform does so itself."""
    row = house.handovers.draft(data.desk, actor, key=repeat.key, digest=repeat.digest)
    return _shown(house, actor, row, 201)


@put(
    "/handovers/{id:int}/notes", guards=[access("read", "handover")], sync_to_thread=True, summary="Add notes"
)
def note_handover(
    house: TheHouse, actor: TheActor, id: RowId, data: JSONBody[Notes], if_match: IfMatch = None
) -> Response[Sheet]:
    """Until the sheet is signed."""
    return _shown(house, actor, house.handovers.note(id, data.notes, actor, version_of(if_match)))


@post(
    "/handovers/{id:int}/sign",
    guards=[access("read", "handover")],
    sync_to_thread=True,
    status_code=200,
    summary="Hand over",
)
def sign_handover(
    house: TheHouse, actor: TheActor, id: RowId, data: JSONBody[Nothing], if_match: IfMatch = None
) -> Response[Sheet]:
    """The one who goes signs."""
    return _shown(house, actor, house.handovers.sign(id, actor, version_of(if_match)))


@post(
    "/handovers/{id:int}/take",
    guards=[access("read", "handover")],
    sync_to_thread=True,
    status_code=200,
    summary="Take over",
)
def take_handover(
    house: TheHouse, actor: TheActor, id: RowId, data: JSONBody[Remark], if_match: IfMatch = None
) -> Response[Sheet]:
    """The one who comes confirms; the sheet is locked."""
    return _shown(house, actor, house.handovers.take(id, data.remark, actor, version_of(if_match)))


def _shown(house: House, actor: Actor, row: Handover, status: int = 200) -> Response[Sheet]:
    with house.store.reader() as reader:
        answer = _answer(house, reader, actor, row)
    answer.status_code = status
    return answer


def _answer(house: House, reader: Reader, actor: Actor, row: Handover) -> Response[Sheet]:
    return Response(_sheet(house, reader, actor, row), headers={"ETag": etag(row.version)})


def _row(house: House, row: Handover) -> HandoverRow:
    content: dict[str, Any] = row.content
    role = house.rulebook.roles.get(row.desk)
    return HandoverRow(
        id=row.id,
        desk=row.desk,
        desk_label=role.label if role else Label(row.desk, row.desk),
        since=time_of(row.since) or "",
        until=time_of(row.until) or "",
        state=row.state,
        state_label=STATES[row.state],
        open=sum(one["n"] for one in content.get("open", ())),
        overdue=content.get("overdue", {}).get("n", 0),
        given_by=person(house.directory, row.given_by),
        taken_by=person(house.directory, row.taken_by),
    )


def _sheet(house: House, reader: Reader, actor: Actor, row: Handover) -> Sheet:
    content = row.content
    return Sheet(
        id=row.id,
        version=row.version,
        row=_row(house, row),
        drafted=time_of(row.drafted) or "",
        late=row.drafted - row.until > 60_000_000,
        open=[NumberLeft(_state(house, one), one["n"]) for one in content.get("open", ())],
        lists=_lists(house, reader, actor, content),
        to_judge=content.get("to_judge"),
        done=_done(house, content),
        notes=row.notes,
        given_at=time_of(row.given_at),
        taken_at=time_of(row.taken_at),
        remark=row.remark,
        may=_may(actor, row),
    )


def _lists(house: House, reader: Reader, actor: Actor, content: Facts) -> list[CasesLeft]:
    given = [
        (Label("已超期", "overdue"), content.get("overdue", {})),
        (Label("下一班内到期", "due within the next shift"), content.get("soon", {})),
        *((_action(house, one["action"]), one) for one in content.get("waiting", ())),
    ]
    return [
        CasesLeft(label, one.get("n", 0), _rows(house, reader, actor, one.get("cases", ())))
        for label, one in given
    ]


def _rows(house: House, reader: Reader, actor: Actor, ids: Sequence[int]) -> list[CaseRow]:
    found = reader.many(Case, list(ids))
    readable = [
        found[id]
        for id in ids
        if id in found and decide(actor, "read", found[id].procedure, found[id].scope).allowed
    ]
    return case_rows(house, reader, readable)


def _done(house: House, content: Facts) -> list[NumberLeft]:
    labels = {one.name: one.label for one in house.measuring.counts}
    done = [
        NumberLeft(labels.get(name, Label(name, name)), n) for name, n in content.get("done", {}).items() if n
    ]
    return [
        NumberLeft(Label("本班新增案卷", "cases opened in the shift"), content.get("opened", 0)),
        NumberLeft(Label("本班结束案卷", "cases ended in the shift"), content.get("closed", 0)),
        *done,
    ]


def _state(house: House, one: dict[str, Any]) -> Label:
    compiled = house.rulebook.procedures.get(one["procedure"])
    if compiled is None or one["state"] not in compiled.states:
        return Label(one["state"], one["state"])
    state, noun = compiled.states[one["state"]].label, compiled.procedure.label
    return Label(f"{noun.zh} · {state.zh}", f"{noun.text('en')}: {state.text('en')}")


def _action(house: House, name: str) -> Label:
    procedure, _, action = name.partition("/")
    compiled = house.rulebook.procedures.get(procedure)
    known = compiled.actions.get(action) if compiled else None
    label = known.label if known else Label(action, action)
    return Label(f"待{label.zh}", f"waiting: {label.text('en')}")


def _works(actor: Actor, desk: str) -> bool:
    return desk in actor.roles or decide(actor, "manage", "handover").allowed


def _may(actor: Actor, row: Handover) -> list[str]:
    if not _works(actor, row.desk) or row.state == "taken":
        return []
    if row.state == "drafted":
        return ["note", "sign"]
    return [] if row.given_by == actor.account else ["take"]


router = Router(
    "/",
    route_handlers=[
        list_handovers,
        read_handover,
        draft_handover,
        note_handover,
        sign_handover,
        take_handover,
    ],
    tags=["handovers"],
)
