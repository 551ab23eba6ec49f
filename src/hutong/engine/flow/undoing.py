"""A deed taken back with all that it opened, or the reason why it cannot be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from hutong.engine.handle.act import Acted
from hutong.engine.handle.children import PARENT_DEED
from hutong.engine.handle.procedure import Compiled
from hutong.kernel.base import Entity, Instant
from hutong.kernel.case import Case, Deed, Message
from hutong.kernel.changes import Record
from hutong.kernel.errors import Refused
from hutong.kernel.party import Responsibility
from hutong.kernel.ports import Reader
from hutong.kernel.query import Compare, Expr, Value, both, equals, field

AT_MOST = 500
TAKEN_BACK = "taken back before it was sent"


def undone_with(
    reader: Reader, case: Case, before: Case, now: Instant, definitions: Callable[[str], Compiled]
) -> tuple[list[Entity], list[Record]]:
    """Rows and records that go with the undoing of the last deed: children voided, waiting messages withdrawn.

    Refused where the deed cannot be made as if it had never been: a message has left, a child was acted on, the 权责清单 was
    amended, a parent was told, another case ended with it. `definitions`: gives a procedure by digest.
    """
    deed = case.deeds[-1]
    _check_beyond(reader, case, before, deed, definitions(case.definition))
    children = [one for one in _rows(reader, Case, equals("parent", case.id)) if _opened_by(one, case)]
    for child in children:
        if child.deeds or child.version > 1:
            raise _refused(
                f"its part {child.number} was acted on already",
                "end the part first, or go on",
                f"子案卷 {child.number} 已有办理，不能撤销",
            )
    messages = [
        one
        for one in _rows(reader, Message, both(equals("case", case.id), _since(deed.at)))
        if one.channel != "console"
    ]
    if any(one.state == "sent" for one in messages):
        raise _refused("a message about it has left", "act on the case anew", "已对外发出通知，不能撤销")
    voided = [_voided(child, now, definitions(child.definition)) for child in children]
    withdrawn = [replace(one, state="failed", error=TAKEN_BACK) for one in messages if one.state == "waiting"]
    return [*voided, *withdrawn], [_record(child, deed, now) for child in voided]


def with_rows(acted: Acted, rows: list[Entity], records: list[Record]) -> Acted:
    """The undoing with the records of what goes with it; its own record names the withdrawn messages."""
    named = tuple(("message", one.id) for one in rows if isinstance(one, Message))
    first = replace(acted.records[0], subjects=(*acted.records[0].subjects, *named))
    return replace(acted, records=(first, *acted.records[1:], *records))


def _check_beyond(reader: Reader, case: Case, before: Case, deed: Deed, compiled: Compiled) -> None:
    """What the deed did to rows of others, and cannot be taken back."""
    action = compiled.actions[deed.action]
    if action.on_parent and case.parent is not None:
        raise _refused("the case it is a part of was told", "decide anew there", "已影响主案，不能撤销")
    made = both(equals("case", case.id), Compare("ge", field("since"), Value(deed.at)))
    if action.amends_list and _rows(reader, Responsibility, made):
        raise _refused(
            "the list of responsibilities was amended by it",
            "amend the list again",
            "权责清单已据此修订，不能撤销",
        )
    if (
        case.closed is not None
        and before.closed is None
        and _rows(reader, Case, equals("joined_to", case.id))
    ):
        raise _refused(
            "cases joined to it went on with it", "reopen the case", "并入的案卷已随之办结，不能撤销"
        )


def _opened_by(child: Case, case: Case) -> bool:
    return child.facts.get(PARENT_DEED) == len(case.deeds) and child.opened >= case.deeds[-1].at


def _voided(child: Case, now: Instant, compiled: Compiled) -> Case:
    """A child that never was: it has ended, and is no longer listed."""
    state = next((one.name for one in compiled.procedure.states if one.ending == "void"), child.state)
    clocks = tuple(replace(one, mark="stopped", stopped=now, warn=None) for one in child.clocks)
    return replace(child, state=state, ending="void", closed=now, retired=now, next_due=None, clocks=clocks)


def _record(child: Case, deed: Deed, now: Instant) -> Record:
    return Record(
        kind="case.void_part",
        actor=deed.account,
        at=now,
        subjects=(("case", child.id),),
        facts={
            "action": "void_part",
            "role": deed.role,
            "organisation": deed.organisation,
            "to": child.state,
        },
        explain={"because": f"the deed {deed.action} that opened it was taken back"},
        cause=child.cause,
    )


def _since(at: Instant) -> Expr:
    return Compare("ge", field("at"), Value(at))


def _rows(reader: Reader, noun: type[Any], where: Expr) -> tuple[Any, ...]:
    return reader.find(noun, where, limit=AT_MOST).rows


def _refused(reason: str, remedy: str, zh: str) -> Refused:
    return Refused("action.undo", reason, remedy, kind="undo", zh=zh)
