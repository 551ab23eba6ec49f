"""GET /journal and a case's explanation: what the one log holds, for those who audit it and for everybody's cases."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Router, get
from litestar.params import FromQuery

from hutong.api.access import CASE, access, readable_case
from hutong.api.file_rows import FileRow, file_rows
from hutong.api.house import House
from hutong.api.requests import Limit, QueryId, RowId, TheActor, TheHouse
from hutong.api.shapes import Named, organisation, time_of
from hutong.api.warnings import Evidence, evidence
from hutong.engine.flow.cases import files_of
from hutong.engine.record import Defined, Explanation, Names, Step, explain
from hutong.kernel.base import Label
from hutong.kernel.case import Case, Warning
from hutong.kernel.errors import Invalid
from hutong.kernel.ports import JournalRecord

MOST = 500


class JournalRow(msgspec.Struct, frozen=True, kw_only=True):
    """A record as stored; personal fields are ciphertext. `hash` chains it to the one before."""

    lane: int
    position: int
    kind: str
    actor: int
    at: str
    recorded_at: str
    cause: str
    subjects: list[tuple[str, int, int]]
    facts: dict[str, Any]
    explain: dict[str, Any]
    changes: dict[str, Any]
    hash: str
    previous: str


class JournalPage(msgspec.Struct, frozen=True):
    rows: list[JournalRow]
    after: str | None


class StepShape(msgspec.Struct, frozen=True, kw_only=True):
    """One step of a case: what was done, by whom, when, under which definition, on what it rests."""

    position: int
    at: str
    recorded_at: str
    hash: str
    action: Label
    who: Label
    role: Label | None
    organisation: Named | None
    before: Label | None
    after: Label | None
    definition: str
    proof: dict[str, Any]
    text: Label


class Proofs(msgspec.Struct, frozen=True):
    """What proved it: observations that opened and that cleared it, and photos."""

    observations: list[Evidence]
    cleared_by: list[Evidence]
    photos: list[FileRow]


class ExplanationShape(msgspec.Struct, frozen=True, kw_only=True):
    """The whole course of a case. `who`: everybody who did something; `verified`: whether the chain of these positions
    was recomputed and holds (None: not checked here)."""

    text: Label
    who: list[Label]
    what: list[StepShape]
    when: list[str]
    definition: list[str]
    evidence: Proofs
    verified: bool | None
    positions: tuple[int, int]


@get("/journal", guards=[access("audit", "journal")], sync_to_thread=True, summary="The journal")
def journal(
    house: TheHouse,
    subject: FromQuery[str | None] = None,
    after: QueryId = None,
    limit: Limit = 50,
    lane: QueryId = None,
) -> JournalPage:
    """Records in order; `subject` like `case/12` gives those about one row."""
    about = _subject(subject)
    limit = max(1, min(limit, MOST))
    with house.store.reader() as reader:
        records = reader.journal(lane=lane or 1, after=after or 0, limit=limit + 1, subject=about)
    rows = [_row(one) for one in records[:limit]]
    return JournalPage(rows, str(rows[-1].position) if len(records) > limit else None)


def _subject(text: str | None) -> tuple[str, int] | None:
    if not text:
        return None
    noun, _, id = text.partition("/")
    if not id.isdigit():
        raise Invalid("subject", f"{text!r} names no row", "write it like case/12")
    return noun, int(id)


def _row(record: JournalRecord) -> JournalRow:
    return JournalRow(
        lane=record.lane,
        position=record.position,
        kind=record.kind,
        actor=record.actor,
        at=time_of(record.at) or "",
        recorded_at=time_of(record.recorded_at) or "",
        cause=record.cause,
        subjects=list(record.subjects),
        facts=record.facts,
        explain=record.explain,
        changes=record.changes,
        hash=record.hash,
        previous=record.previous,
    )


@get(
    "/cases/{id:int}/explanation",
    guards=[access("read", CASE)],
    sync_to_thread=True,
    summary="Why a case went as it did",
)
def explanation(house: TheHouse, actor: TheActor, id: RowId) -> ExplanationShape:
    """Who, what, when, under which definition, on which observations and photos; from the journal alone."""
    with house.store.reader() as reader:
        case = reader.get(Case, id)
        readable_case(actor, case)
        records = reader.journal(subject=("case", id), limit=5000)
        warnings = tuple(reader.many(Warning, list(case.warnings)).values())
        found = explain(
            case, records, lambda digest: _defined(house, digest), names=_names(house), warnings=warnings
        )
        proving = {one.get("file") for one in found.files}
        photos = file_rows(house.directory, [one for one in files_of(reader, id) if one.id in proving])
    return _shape(house, found, photos)


def _defined(house: House, digest: str) -> Defined:
    compiled = house.rulebook.procedure_of(digest)
    return Defined(compiled.procedure, compiled.roles)


def _names(house: House) -> Names:
    directory = house.directory
    return Names(directory.account_name, directory.organisation_name, house.rulebook.city.head.zone)


def _shape(house: House, found: Explanation, photos: list[FileRow]) -> ExplanationShape:
    positions = [step.position for step in found.steps] or [0]
    first, last = min(positions), max(positions)
    check = house.context.verify
    return ExplanationShape(
        text=found.text,
        who=list(dict.fromkeys(step.who for step in found.steps)),
        what=[_step(house, step) for step in found.steps],
        when=[time_of(step.at) or "" for step in found.steps],
        definition=list(found.definitions),
        evidence=Proofs(evidence(found.opened_by), evidence(found.cleared_by), photos),
        verified=check(first, last) if check and last else None,
        positions=(first, last),
    )


def _step(house: House, step: Step) -> StepShape:
    return StepShape(
        position=step.position,
        at=time_of(step.at) or "",
        recorded_at=time_of(step.recorded_at) or "",
        hash=step.hash,
        action=step.action,
        who=step.who,
        role=step.role,
        organisation=organisation(house.directory, step.organisation),
        before=step.before,
        after=step.after,
        definition=step.definition,
        proof=msgspec.to_builtins(step.proof),
        text=step.text,
    )


router = Router("/", route_handlers=[journal, explanation], tags=["journal"])
