"""Journal records as people read them in the event stream: cases and warnings, with where, who and what colour."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from hutong.api.context import ApiContext
from hutong.api.shapes import Person, Position, person, point
from hutong.engine.directory import Directory
from hutong.engine.rulebook import Rulebook
from hutong.kernel.access import Actor, decide
from hutong.kernel.base import Label
from hutong.kernel.case import Case, Warning
from hutong.kernel.clock import iso
from hutong.kernel.plan import Response
from hutong.kernel.ports import JournalRecord, Reader
from hutong.kernel.thing import Thing

KINDS = ("case", "warning", "file", "calling")
ACTIONS = {
    "open": Label("新案卷", "Case opened"),
    "add_warning": Label("并入预警", "Warning added"),
    "take_over": Label("人工接管", "Taken over"),
    "undo": Label("撤销", "Taken back"),
    "attach": Label("上传附件", "File attached"),
    "warn": Label("即将超时", "Nearly due"),
    "overdue": Label("已超时", "Overdue"),
    "raise": Label("预警", "Warning"),
    "clear": Label("预警解除", "Warning cleared"),
    "confirmed": Label("确认预警", "Warning confirmed"),
    "false_alarm": Label("判为误报", "False alarm"),
    "joined": Label("并入预警", "Warning joined"),
    "escalate": Label("超期督办", "Escalated"),
    "open_part": Label("交办子案卷", "Part opened"),
    "hear_part": Label("子案卷结果", "Result of a part"),
    "part_ended": Label("子案卷办结", "Part ended"),
    "take_in": Label("他案并入", "Another case joined it"),
    "void_part": Label("撤销子案卷", "Part withdrawn"),
    "mode_on": Label("转入战时时限", "Limits of the mode"),
    "mode_off": Label("恢复平时时限", "Usual limits again"),
    "start": Label("启动响应", "Response started"),
    "change_level": Label("调整响应", "Response changed"),
    "end": Label("终止响应", "Response ended"),
    "release": Label("释放资源", "Resource released"),
    "call": Label("叫应", "Called"),
    "add": Label("叫应", "Called"),
    "confirm": Label("确认叫应", "Confirmed"),
    "pass": Label("叫应未确认", "Call not confirmed"),
}
"""What is done to cases and warnings besides the actions of procedures, and to those who are called about them."""


class Subject(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a happening is about."""

    noun: str
    id: int
    number: str = ""


class HappeningShape(msgspec.Struct, frozen=True):
    """One event: `position` is where it stands in the journal, and the id of the event."""

    position: int
    kind: str
    at: str
    title: Label
    subject: Subject
    colour: str | None = None
    position_lonlat: Position | None = None
    case_state: str | None = None
    actor: Person | None = None
    action: str = ""


class Happening(msgspec.Struct, frozen=True):
    """An event and whose it is to see: the noun and scope of the row it is about."""

    position: int
    noun: str
    scope: tuple[int, ...]
    shape: HappeningShape

    def shown_to(self, actor: Actor) -> bool:
        return decide(actor, "read", self.noun, self.scope).allowed


def happenings(
    reader: Reader, records: Sequence[JournalRecord], context: ApiContext
) -> tuple[Happening, ...]:
    """The records that people see, in order."""
    told = [one for one in records if one.kind.partition(".")[0] in KINDS]
    rows = _Rows(reader, told)
    maker = _Maker(rows, context.rulebook, context.directory())
    return tuple(found for one in told if (found := maker.made(one)) is not None)


class _Rows:
    """The cases, warnings and things that some records name, read in three queries; a fourth where people are called."""

    def __init__(self, reader: Reader, records: Sequence[JournalRecord]) -> None:
        wanted: dict[str, set[int]] = {"case": set(), "warning": set()}
        for record in records:
            for noun, id, _ in record.subjects:
                if noun in wanted:
                    wanted[noun].add(id)
        called = {record.position: id for record in records if (id := _response_of(record))}
        main = {one.id: one.case for one in reader.many(Response, sorted(set(called.values()))).values()}
        self.about = {position: main[id] for position, id in called.items() if id in main}
        """Journal position of a call → the case of the response it belongs to."""
        self.cases = reader.many(Case, sorted(wanted["case"] | set(self.about.values())))
        self.warnings = reader.many(Warning, sorted(wanted["warning"]))
        things = {one.thing for one in self.warnings.values()}
        self.things = reader.many(Thing, sorted(things))


def _response_of(record: JournalRecord) -> int | None:
    """The response that people are called for; None for other records, and for calls about warnings alone."""
    if not record.kind.startswith("calling."):
        return None
    return next((id for name, id, _ in record.subjects if name == "response"), None)


class _Maker:
    def __init__(self, rows: _Rows, rulebook: Rulebook, directory: Directory) -> None:
        self.rows = rows
        self.rulebook = rulebook
        self.directory = directory

    def made(self, record: JournalRecord) -> Happening | None:
        main = self.rows.about.get(record.position)
        if main is not None:
            return self._case(record, main)
        noun = "case" if record.kind.startswith(("case.", "file.")) else "warning"
        id = next((id for name, id, _ in record.subjects if name == noun), None)
        if id is None:
            return None
        return self._warning(record, id) if noun == "warning" else self._case(record, id)

    def _case(self, record: JournalRecord, id: int) -> Happening | None:
        case = self.rows.cases.get(id)
        if case is None:
            return None
        action = action_of(record)
        label = action_label(self.rulebook, case, action)
        shape = HappeningShape(
            position=record.position,
            kind=record.kind,
            at=iso(record.at),
            title=Label(f"{label.zh}：{case.title.zh}", f"{label.text('en')}: {case.title.text('en')}"),
            subject=Subject("case", case.id, case.number),
            position_lonlat=point(case.position),
            case_state=str(record.facts.get("to") or case.state),
            actor=_person(self.directory, record),
            action=action,
        )
        return Happening(record.position, case.procedure, case.scope, shape)

    def _warning(self, record: JournalRecord, id: int) -> Happening | None:
        warning = self.rows.warnings.get(id)
        if warning is None:
            return None
        action = action_of(record)
        label = ACTIONS.get(action, ACTIONS["raise"])
        thing = self.rows.things.get(warning.thing)
        title = warning.title
        words = Label(f"{label.zh}：{title.zh}", f"{label.en}: {title.text('en')}")
        shape = HappeningShape(
            position=record.position,
            kind=record.kind,
            at=iso(record.at),
            title=warning.explanation if action == "raise" else words,
            subject=Subject("warning", warning.id),
            colour=warning.colour,
            position_lonlat=point(thing.geometry) if thing else None,
            actor=_person(self.directory, record),
            action=action,
        )
        return Happening(record.position, "warning", warning.scope, shape)


def action_of(record: JournalRecord) -> str:
    """The action a record is about: its own word, without the noun."""
    return str(record.facts.get("action") or record.kind.partition(".")[2])


def action_label(rulebook: Rulebook, case: Case, action: str) -> Label:
    """The label of an action in the procedure the case began with, or of what else is done to cases."""
    known = rulebook.procedure(case).actions.get(action)
    return known.label if known else ACTIONS.get(action.partition(":")[0], Label(action, action))


def _person(directory: Directory, record: JournalRecord) -> Person | None:
    facts: dict[str, Any] = record.facts
    unit = facts.get("organisation")
    return person(
        directory, record.actor, str(facts.get("role") or ""), unit if isinstance(unit, int) else None
    )
