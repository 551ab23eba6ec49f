"""A response as its page shows it: callings, tasks, resources, mode and log."""

from __future__ import annotations

import msgspec
from litestar import Response as Answer

from hutong.api.case_rows import CaseRow, case_rows
from hutong.api.house import House
from hutong.api.plan_shapes import CallingRow, calling_row
from hutong.api.requests import etag
from hutong.api.shapes import Named, Person, person, time_of
from hutong.engine.respond.trigger import LEVEL_NAMES
from hutong.kernel.access import Actor, decide
from hutong.kernel.base import Label
from hutong.kernel.case import Case
from hutong.kernel.errors import HutongError
from hutong.kernel.plan import Calling, Mode, Reservation, Resource, Response
from hutong.kernel.ports import JournalRecord, Reader
from hutong.kernel.query import Order, equals

MOST = 500
DONE = {
    "response.start": Label("启动响应", "Response started"),
    "response.change_level": Label("调整响应", "Response changed"),
    "response.end": Label("终止响应", "Response ended"),
    "response.release": Label("释放资源", "Resource released"),
    "calling.confirm": Label("确认叫应", "Confirmed"),
    "calling.pass": Label("未应答，改叫下一人", "No answer, next person called"),
    "calling.unanswered": Label("岗位无人应答，报指挥长", "Nobody answers, commander told"),
}


class ResponseRow(msgspec.Struct, frozen=True, kw_only=True):
    """A response: 响应级别, 事件分级 and 预警颜色 stand apart."""

    id: int
    version: int
    plan: str
    label: Label
    level: int
    level_label: Label
    event_grade: int | None
    colour: str | None
    commander: Person | None
    started: str
    ended: str | None
    end_reason: str
    case: Named


class ChangeShape(msgspec.Struct, frozen=True):
    """What was decided, by whom, why."""

    at: str
    by: Person | None
    level: int
    event_grade: int | None
    colour: str | None
    reason: str


class ModeShape(msgspec.Struct, frozen=True):
    """平战: the mode this response holds on. `others`: further responses that need it, so that it stays on after this one."""

    name: str
    label: Label
    state: str
    since: str
    until: str | None
    cases: int
    others: int
    roles: list[Label]


class ReservationRow(msgspec.Struct, frozen=True):
    """What is or was set aside."""

    id: int
    kind: str
    resource: Label
    amount: float
    unit: str
    since: str
    until: str | None


class LogRow(msgspec.Struct, frozen=True):
    """One thing that was done."""

    position: int
    at: str
    by: Person | None
    what: Label
    text: str


class ResponsePage(ResponseRow, frozen=True, kw_only=True):
    """A response with everything that belongs to it. `refused`: why the asker may not decide about it; `undo`: why it is
    not taken back but ended."""

    changes: list[ChangeShape]
    callings: list[CallingRow]
    tasks: list[CaseRow]
    mode: ModeShape | None
    resources: list[ReservationRow]
    log: list[LogRow]
    ends: Label
    refused: str
    undo: Label


UNDO = Label(
    "启动后不能撤销：人员已被叫应。如系误启动，请终止响应并写明理由。",
    "It cannot be taken back: people have been called. If it was a mistake, end it and say so.",
)


def response_row(house: House, one: Response, number: str) -> ResponseRow:
    plan = house.rulebook.plans.get(one.plan)
    level = next((each for each in plan.levels if each.level == one.level), None) if plan else None
    return ResponseRow(
        id=one.id,
        version=one.version,
        plan=one.plan,
        label=plan.label if plan else Label(one.plan, one.plan),
        level=one.level,
        level_label=level.label if level else LEVEL_NAMES[one.level],
        event_grade=one.event_grade,
        colour=one.colour,
        commander=person(house.directory, one.commander, "commander"),
        started=time_of(one.started) or "",
        ended=time_of(one.ended),
        end_reason=one.end_reason,
        case=Named(one.case, Label(number, number)),
    )


def response_page(house: House, actor: Actor, id: int) -> Answer[ResponsePage]:
    """The answer with a response as it stands."""
    with house.store.reader() as reader:
        one = reader.get(Response, id)
        row = response_row(house, one, reader.get(Case, one.case).number)
        page = ResponsePage(
            **{name: getattr(row, name) for name in row.__struct_fields__},
            changes=_changes(house, one),
            callings=_callings(house, reader, actor, one),
            tasks=_tasks(house, reader, actor, one),
            mode=_mode(house, reader, one),
            resources=_reservations(reader, one),
            log=[_log_row(house, each) for each in reader.journal(subject=("response", id), limit=MOST)],
            ends=_ends(house, one),
            refused=_refused(house, actor, one),
            undo=UNDO,
        )
    return Answer(page, headers={"ETag": etag(page.version)})


def _changes(house: House, one: Response) -> list[ChangeShape]:
    return [
        ChangeShape(
            time_of(each.at) or "",
            person(house.directory, each.account),
            each.level,
            each.event_grade,
            each.colour,
            each.reason,
        )
        for each in one.changes
    ]


def _callings(house: House, reader: Reader, actor: Actor, one: Response) -> list[CallingRow]:
    order = (Order(("called",)), Order(("id",)))
    rows = reader.find(Calling, equals("response", one.id), order=order, limit=MOST).rows
    return [calling_row(house, actor, each) for each in rows]


def _tasks(house: House, reader: Reader, actor: Actor, one: Response) -> list[CaseRow]:
    """Those the asker may read."""
    tasks = [
        case
        for case in reader.find(Case, equals("parent", one.case), limit=MOST).rows
        if decide(actor, "read", case.procedure, case.scope).allowed
    ]
    return case_rows(house, reader, sorted(tasks, key=lambda each: each.number))


def _mode(house: House, reader: Reader, one: Response) -> ModeShape | None:
    """The mode's row of the time of the response: one that is on, or the last that was."""
    definition = house.rulebook.modes.get(one.mode)
    if definition is None:
        return None
    order = (Order(("since",), descending=True),)
    found = reader.find(Mode, equals("name", one.mode), order=order, limit=50).rows
    row = next(
        (each for each in found if each.until is None or (one.ended or one.started) <= each.until), None
    )
    if row is None:
        return None
    roles = sorted({role for roster in definition.roster for role in roster.roles})
    return ModeShape(
        row.name,
        definition.label,
        row.state,
        time_of(row.since) or "",
        time_of(row.until),
        row.cases,
        len([each for each in row.responses if each != one.id]),
        [house.rulebook.roles[each].label for each in roles],
    )


def _reservations(reader: Reader, one: Response) -> list[ReservationRow]:
    rows = reader.find(Reservation, equals("response", one.id), order=(Order(("id",)),), limit=MOST).rows
    known = reader.many(Resource, [each.resource for each in rows])
    return [
        ReservationRow(
            each.id,
            each.kind,
            known[each.resource].name,
            each.amount,
            known[each.resource].unit,
            time_of(each.since) or "",
            time_of(each.until),
        )
        for each in rows
    ]


def _log_row(house: House, record: JournalRecord) -> LogRow:
    facts = record.facts
    what = DONE.get(record.kind, Label(record.kind, record.kind))
    text = str(facts.get("reason") or "")
    called = facts.get("called")
    if isinstance(called, int):
        text = house.directory.account_name(called).zh
    return LogRow(
        record.position, time_of(record.at) or "", person(house.directory, record.actor), what, text
    )


def _ends(house: House, one: Response) -> Label:
    plan = house.rulebook.plans.get(one.plan)
    level = next((each for each in plan.levels if each.level == one.level), None) if plan else None
    return level.ends if level else Label("", "")


def _refused(house: House, actor: Actor, one: Response) -> str:
    try:
        level = house.responses.level(house.responses.plan(one.plan), one.level)
    except HutongError as error:
        return str(error)
    return house.responses.may_command(actor, level)
