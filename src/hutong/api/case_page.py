"""GET /cases/{id}: a case with its clocks, timeline, evidence, and what the asker can do on it now."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Response, Router, get

from hutong.api.access import CASE, access, cases_predicate, hides_reporter, readable_case, shows_personal
from hutong.api.case_offers import OfferShape, offer_shapes
from hutong.api.case_public import PublicSide, public_side
from hutong.api.case_rows import (
    CaseRow,
    RunningClock,
    case_rows,
    clock_shape,
    joined_counts,
    row_fields,
    unit_label,
)
from hutong.api.file_rows import FileRow, file_rows
from hutong.api.happenings import action_label, action_of
from hutong.api.house import House
from hutong.api.masked import Shown, receipt
from hutong.api.requests import RowId, TheActor, TheHouse, etag
from hutong.api.shapes import Person, person, time_of
from hutong.api.things import ThingRow, thing_rows
from hutong.api.warning_rows import CaseNumber, WarningRow, warning_rows
from hutong.engine.flow.cases import files_of
from hutong.kernel import caseclock, masking
from hutong.kernel.access import Actor, Decision
from hutong.kernel.base import Label
from hutong.kernel.case import Case, CaseClock, Warning
from hutong.kernel.party import Party
from hutong.kernel.ports import JournalRecord, Reader
from hutong.kernel.query import both, equals
from hutong.kernel.thing import Thing


class Reporter(msgspec.Struct, frozen=True):
    """The caller. Shown whole only where the reader's data class allows (a receipt is kept), masked otherwise."""

    shown: bool
    reason: Label
    name: str | None = None
    phone: str | None = None
    original: str | None = None
    """The caller's own words, where the text hides details of them."""


class DefinitionShape(msgspec.Struct, frozen=True):
    """The procedure version the case began with."""

    procedure: str
    label: Label
    digest: str
    current: bool


class ClockPage(RunningClock, frozen=True, kw_only=True):
    """A clock with its limit and what was used of it."""

    amount: float
    unit: str
    unit_label: Label
    started: str
    stopped: str | None
    mark: str
    used: float


class TimelineEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A record of the journal about the case. `at` is city time, `recorded_at` when it was written."""

    position: int
    at: str
    recorded_at: str
    action: str
    label: Label
    by: Person | None
    facts: dict[str, Any]
    explain: dict[str, Any]
    files: list[int]


class CasePage(CaseRow, frozen=True, kw_only=True):
    """A case with all that belongs to it."""

    text: str
    reporter: Reporter | None
    definition: DefinitionShape
    thing: ThingRow | None
    filed: str | None
    fed_back: str | None
    rounds: int
    returns: int
    extensions: int
    clocks: list[ClockPage]
    offers: list[OfferShape]
    can_undo: bool
    can_take: bool
    timeline: list[TimelineEntry]
    files: list[FileRow]
    warnings_list: list[WarningRow]
    joined_list: list[CaseRow]
    main: CaseNumber | None
    parent: CaseNumber | None
    parts: list[CaseRow]
    public: PublicSide
    suspended: dict[str, Any]
    facts: dict[str, Any]


def read_case(house: House, actor: Actor, id: int) -> Response[CasePage]:
    """The page as an answer, with its ETag; a receipt is kept before it leaves if it shows somebody."""
    with house.store.reader() as reader:
        case = reader.get(Case, id)
        decision = readable_case(actor, case)
        reporter, shown = _reporter(house, reader, actor, case, decision)
        page = _page(house, reader, actor, case, reporter)
    receipt(house, actor, [shown] if shown else [], f"case/{id}")
    return Response(page, headers={"ETag": etag(case.version)})


def brief(case: Case) -> Response[Any]:
    """That it was done, and the version it led to."""
    headers = {"ETag": etag(case.version), "Preference-Applied": "return=minimal"}
    return Response(None, status_code=204, headers=headers)


def _page(house: House, reader: Reader, actor: Actor, case: Case, reporter: Reporter | None) -> CasePage:
    files = files_of(reader, case.id)
    joined = reader.find(
        Case, both(cases_predicate(actor, "read", house.rulebook), equals("joined_to", case.id)), limit=200
    ).rows
    thing = reader.many(Thing, [case.thing]).get(case.thing) if case.thing else None
    main = reader.many(Case, [case.joined_to]).get(case.joined_to) if case.joined_to else None
    readable = cases_predicate(actor, "read", house.rulebook)
    parts = reader.find(Case, both(readable, equals("parent", case.id)), limit=200).rows
    parent = reader.many(Case, [case.parent]).get(case.parent) if case.parent else None
    warnings = [one for _, one in sorted(reader.many(Warning, list(case.warnings)).items())]
    return CasePage(
        **row_fields(house, case, joined_counts(reader, [case.id])[case.id]),
        text=case.text,
        reporter=reporter,
        definition=_definition(house, case),
        thing=thing_rows(house, reader, [thing])[0] if thing else None,
        filed=time_of(case.filed),
        fed_back=time_of(case.fed_back),
        rounds=case.rounds,
        returns=case.returns,
        extensions=case.extensions,
        clocks=[_clock(house, case, one) for one in case.clocks],
        offers=offer_shapes(house, actor, house.context.cases.offers(reader, case, actor)),
        can_undo=_can_undo(house, actor, case, house.context.cases.setting(reader).grace),
        can_take="taken_over" not in case.facts and case.closed is None and not actor.simulated,
        timeline=_timeline(house, reader, case, {one.id for one in files}),
        files=file_rows(house.directory, files),
        warnings_list=warning_rows(house, reader, warnings),
        joined_list=case_rows(house, reader, joined),
        main=CaseNumber(main.id, main.number) if main else None,
        parent=CaseNumber(parent.id, parent.number) if parent else None,
        parts=case_rows(house, reader, parts),
        public=public_side(reader, actor, case),
        suspended=case.suspended,
        facts=case.facts,
    )


def _can_undo(house: House, actor: Actor, case: Case, grace: int) -> bool:
    """The last deed is the asker's own, not final, and not long ago; the command decides for itself."""
    deed = case.deeds[-1] if case.deeds else None
    if deed is None or deed.account != actor.account:
        return False
    action = house.rulebook.procedure(case).actions.get(deed.action)
    return action is not None and not action.final and house.now() - deed.at <= grace


def _reporter(
    house: House, reader: Reader, actor: Actor, case: Case, decision: Decision
) -> tuple[Reporter | None, Shown | None]:
    """The caller as the asker may see him, and whom the answer shows, if anybody."""
    if case.subject is None:
        return None, None
    party = reader.many(Party, [case.subject]).get(case.subject)
    if party is None or party.erased is not None:
        return Reporter(False, Label("信息已依法删除", "erased")), None
    name, phone = party.person_name or "", party.phone or case.contact or ""
    if hides_reporter(actor, case):
        return Reporter(
            False, Label("举报保密，处置方不可见", "confidential: hidden from the handling side")
        ), None
    if house.rulebook.procedure(case).procedure.desk:
        why = Label(
            "仅在首次联系、答复或回访时按用途查看，并留痕",
            "shown only for a first contact, an answer or a 回访",
        )
        return Reporter(False, why, masking.name(name), masking.phone(phone)), None
    if not shows_personal(decision):
        why = Label("本岗位无权查看个人信息，已脱敏", "masked: this role may not read personal data")
        return Reporter(False, why, masking.name(name), masking.phone(phone)), None
    why = Label("因办案需要查看，已留痕", "shown for handling the case; a receipt was kept")
    fields = ("person_name", "phone", *(("original",) if case.original else ()))
    return Reporter(True, why, name, phone, case.original), Shown((case.subject,), fields)


def _definition(house: House, case: Case) -> DefinitionShape:
    compiled = house.rulebook.procedure(case)
    now = house.rulebook.procedures.get(case.procedure)
    return DefinitionShape(
        case.procedure,
        compiled.procedure.label,
        case.definition,
        now is not None and now.digest == case.definition,
    )


def _clock(house: House, case: Case, clock: CaseClock) -> ClockPage:
    base = msgspec.structs.asdict(clock_shape(house, case, clock, house.now()))
    return ClockPage(
        **base,
        amount=clock.amount,
        unit=clock.unit,
        unit_label=unit_label(clock.unit),
        started=time_of(clock.started) or "",
        stopped=time_of(clock.stopped),
        mark=clock.mark,
        used=round(caseclock.used(clock, house.now(), house.rulebook.calendar), 3),
    )


def _timeline(house: House, reader: Reader, case: Case, files: set[int]) -> list[TimelineEntry]:
    records = reader.journal(subject=("case", case.id), limit=1000)
    shown = [one for one in records if one.kind.partition(".")[0] in ("case", "file", "warning")]
    return [_entry(house, case, one, files) for one in shown]


def _entry(house: House, case: Case, record: JournalRecord, files: set[int]) -> TimelineEntry:
    action = "attach" if record.kind == "file.attach" else action_of(record)
    unit = record.facts.get("organisation")
    return TimelineEntry(
        position=record.position,
        at=time_of(record.at) or "",
        recorded_at=time_of(record.recorded_at) or "",
        action=action,
        label=action_label(house.rulebook, case, action),
        by=person(
            house.directory,
            record.actor,
            str(record.facts.get("role") or ""),
            unit if isinstance(unit, int) else None,
        ),
        facts=record.facts,
        explain=record.explain,
        files=[id for noun, id, _ in record.subjects if noun == "file" and id in files],
    )


@get("/cases/{id:int}", guards=[access("read", CASE)], sync_to_thread=True, summary="One case")
def one_case(house: TheHouse, actor: TheActor, id: RowId) -> Response[CasePage]:
    """Everything about the case that the asker may see, and what can be done on it now, with reasons."""
    return read_case(house, actor, id)


router = Router("/", route_handlers=[one_case], tags=["cases"])
