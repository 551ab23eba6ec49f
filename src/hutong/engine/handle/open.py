"""A case begins: its first state, clocks, scope and number."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import replace

from hutong.engine.handle import clocks
from hutong.engine.handle.act import responsibility_facts, scope_of
from hutong.engine.handle.children import Child
from hutong.engine.handle.effects import set_fields
from hutong.engine.handle.notices import notices_on_opening
from hutong.engine.handle.procedure import Compiled
from hutong.engine.handle.roles import role_of
from hutong.engine.handle.setting import Setting
from hutong.kernel.access import Actor, decide
from hutong.kernel.base import RECORDED, Facts, Instant, Label, Provenance
from hutong.kernel.case import Case, Category, Notice
from hutong.kernel.caseclock import Effect
from hutong.kernel.changes import Numbering, Record
from hutong.kernel.clock import local_date, moment
from hutong.kernel.errors import Forbidden, Invalid


class OpenCase(msgspec.Struct, frozen=True, kw_only=True):
    """What a new case is about. `id` is fresh from the store. `source` is its 案卷来源; `via` how it came in where that
    matters: `listed` (a class the city lists opened it at once), `confirmed` (a person confirmed the warning).

    `condition` is the 立案条件 that chooses among limit rows; `started` the event time of what a sensor found.
    """

    id: int
    lane: int = 1
    category: Category
    title: Label
    source: str
    via: str = ""
    text: str = ""
    place: int | None = None
    position: bytes | None = None
    position_text: str = ""
    thing: int | None = None
    subject: int | None = None
    contact: str | None = None
    original: str | None = None
    confidential: bool = False
    external: str = ""
    cause: str = ""
    warnings: tuple[int, ...] = ()
    files: tuple[int, ...] = ()
    urgent: bool = False
    condition: str = ""
    provenance: Provenance = RECORDED
    facts: Facts = {}


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """A new case, how the store is to number it, and its first record."""

    case: Case
    numbering: Numbering
    records: tuple[Record, ...]
    notices: tuple[Notice, ...] = ()


def open_case(command: OpenCase, actor: Actor, now: Instant, compiled: Compiled, setting: Setting) -> Opened:
    """Opens a case in the state its source starts in. Forbidden if the actor may not `open` cases of the procedure."""
    state = _start(command, compiled)
    scope = scope_of(command.place, None, setting)
    decision = decide(actor, "open", compiled.name, scope)
    if not decision.allowed:
        raise Forbidden("case", decision.reason, "ask somebody who may report cases here")
    case = replace(_case(command, state, now, compiled, scope), opened_by=max(0, actor.account))
    case = replace(case, urgency=_urgency(command, compiled, setting))
    return _begun(case, command, actor, compiled, setting)


def open_child(
    child: Child, id: int, parent: Case, actor: Actor, now: Instant, compiled: Compiled, setting: Setting
) -> Opened:
    """Opens a case as a part of another, or as the one that leads it. The right to the action that opens it is the right
    to open it.

    Its scope is the parent's place and its own unit's: those who see the parent because of its unit do not see it.
    """
    command = OpenCase(
        id=id,
        lane=parent.lane,
        category=child.category or parent.category,
        title=child.title,
        source=child.source,
        text=child.text,
        place=parent.place,
        position=parent.position,
        position_text=parent.position_text,
        thing=parent.thing,
        subject=None if child.leads or child.without_caller else parent.subject,
        confidential=parent.confidential,
        provenance=parent.provenance,
        facts=child.facts,
    )
    case = _case(command, _start(command, compiled), now, compiled, ())
    case = replace(
        case,
        parent=None if child.leads else parent.id,
        organisation=child.organisation,
        urgency=parent.urgency,
        opened_by=max(0, actor.account),
    )
    return _begun(case, command, actor, compiled, setting)


def _begun(case: Case, command: OpenCase, actor: Actor, compiled: Compiled, setting: Setting) -> Opened:
    """With what its first state sets and starts."""
    now, state = case.opened, case.state
    case = set_fields(case, compiled.procedure.start_sets.get(state, {}), actor, now, {})
    case = replace(case, scope=scope_of(case.place, case.organisation, setting))
    starting: dict[str, Effect] = dict.fromkeys(compiled.procedure.start_clocks.get(state, ()), "start")
    moved = clocks.move(case, starting, now, compiled, setting)
    case = clocks.with_next_due(moved.case, compiled, setting)
    return Opened(
        case=case,
        numbering=_numbering(case, now, compiled, setting),
        records=(_record(command, case, actor, moved.effects, setting),),
        notices=notices_on_opening(case, compiled),
    )


def _start(command: OpenCase, compiled: Compiled) -> str:
    opens = compiled.procedure.opens
    for key in (f"{command.source}.{command.via}", command.source):
        if key in opens:
            return opens[key]
    if not command.source:
        raise Invalid("source", "is empty", "say where the case came from: " + ", ".join(opens))
    return compiled.procedure.start


def _case(command: OpenCase, state: str, now: Instant, compiled: Compiled, scope: tuple[int, ...]) -> Case:
    facts = {**command.facts, "condition": command.condition} if command.condition else dict(command.facts)
    if command.condition in compiled.procedure.demands:
        facts["demand"] = command.condition
    return Case(
        id=command.id,
        lane=command.lane,
        provenance=command.provenance,
        number="",
        procedure=compiled.name,
        definition=compiled.digest,
        state=state,
        category=command.category,
        title=command.title,
        text=command.text,
        source=command.source,
        place=command.place,
        position=command.position,
        position_text=command.position_text,
        thing=command.thing,
        subject=command.subject,
        contact=command.contact,
        original=command.original,
        confidential=command.confidential or command.condition in compiled.procedure.confidential_for,
        external=command.external,
        opened=now,
        cause=command.cause,
        warnings=command.warnings,
        scope=scope,
        facts=facts,
    )


def _urgency(command: OpenCase, compiled: Compiled, setting: Setting) -> str:
    category = command.category
    by_procedure = any(
        row.kind == category.kind and category.code.startswith(row.code) for row in compiled.procedure.urgent
    )
    return "urgent" if command.urgent or by_procedure or category in setting.urgent else "ordinary"


def _numbering(case: Case, now: Instant, compiled: Compiled, setting: Setting) -> Numbering:
    """One counter per procedure, division and local day."""
    day = local_date(now, ZoneInfo(setting.calendar.zone)).strftime("%Y%m%d")
    template = compiled.procedure.number.replace("{division}", setting.division).replace("{date}", day)
    return Numbering("case", case.id, "number", f"{compiled.name}/{setting.division}/{day}", template)


def _record(
    command: OpenCase, case: Case, actor: Actor, effects: tuple[Facts, ...], setting: Setting
) -> Record:
    explain: Facts = {
        "procedure": case.procedure,
        "definition": case.definition,
        "local_time": moment(case.opened, ZoneInfo(setting.calendar.zone)).isoformat(),
        "clocks": list(effects),
        "urgency": case.urgency,
    }
    if command.warnings:
        explain["warnings"] = list(command.warnings)
    suggested = responsibility_facts(case, setting)
    if "suggested" in suggested:
        explain["responsibility"] = suggested
    return Record(
        kind="case.open",
        actor=actor.account,
        at=case.opened,
        subjects=(
            ("case", case.id),
            *((("case", case.parent),) if case.parent else ()),
            *(("warning", one) for one in command.warnings),
            *(("file", one) for one in command.files),
        ),
        facts={
            "action": "open" if case.parent is None else "open_part",
            "role": role_of(actor, actor.roles, "open", case.procedure, case.scope),
            "organisation": actor.organisation,
            "source": command.source,
            "via": command.via,
            "to": case.state,
            "category": msgspec.to_builtins(case.category),
            "cause": case.cause,
        },
        explain=explain,
        cause=case.cause,
    )
