"""GET /warnings and their judgement: 待研判 → 确认 · 误报 · 并入."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from litestar import Response, Router, get, post
from litestar.params import FromQuery, JSONBody, QueryParameter

from hutong.api.access import access, readable
from hutong.api.case_rows import CaseRow, case_rows
from hutong.api.house import House
from hutong.api.layers import open_warnings, standing_at
from hutong.api.moments import as_they_were, recorded_of
from hutong.api.requests import (
    IfMatch,
    InState,
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
from hutong.api.shapes import Id, Person, instant_of, person, time_of
from hutong.api.warning_rows import WarningRow, row_fields, warning_rows
from hutong.api.whereabouts import standing
from hutong.kernel.access import Actor, predicate
from hutong.kernel.base import Instant
from hutong.kernel.case import Case, EvidenceRow, Warning
from hutong.kernel.errors import Conflict, HutongError
from hutong.kernel.ports import Reader
from hutong.kernel.query import (
    Call,
    Compare,
    Expr,
    Field,
    In,
    InScope,
    IsNull,
    Not,
    Or,
    Order,
    Value,
    both,
    equals,
    field,
)
from hutong.kernel.thing import Thing

MOST = 200
NEWEST = (Order(("raised",), descending=True),)


class WarningList(msgspec.Struct, frozen=True):
    rows: list[WarningRow]
    after: str | None


class Evidence(msgspec.Struct, frozen=True):
    """An observation that was copied into the warning, so that it outlives retention."""

    time: str
    number: float | None
    property: str
    unit: str
    stream: int
    observation: int


class Judgement(msgspec.Struct, frozen=True):
    """Who judged the warning, when, and why."""

    by: Person | None
    at: str | None
    reason: str


class WarningPage(WarningRow, frozen=True, kw_only=True):
    """A warning with its evidence, and the warnings of the same cause. `level`: what the value was compared with."""

    rule_version: str
    seen: str
    level: float | None
    evidence: list[Evidence]
    clearing: list[Evidence]
    same_cause: list[WarningRow]
    joined_to: int | None
    judged: Judgement | None


class Judge(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A verdict. `reason` is due for a false alarm, `joined_to` for 并入."""

    verdict: Literal["confirmed", "false_alarm", "joined"]
    reason: Annotated[str, msgspec.Meta(max_length=2000)] = ""
    joined_to: Id | None = None


class JudgeMany(Judge, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The same verdict on many warnings."""

    ids: Annotated[list[Id], msgspec.Meta(min_length=1, max_length=200)]


class Judged(msgspec.Struct, frozen=True):
    """The warning as it is now, and the case it became or belongs to."""

    warning: WarningPage
    case: CaseRow | None


class JudgedOne(msgspec.Struct, frozen=True):
    """What became of one of many."""

    id: int
    ok: bool
    state: str | None
    case: int | None
    error: str


class JudgedMany(msgspec.Struct, frozen=True):
    rows: list[JudgedOne]


def title_words(q: str | None) -> Expr | None:
    """Warnings are found by their title, their rule, or the thing they are about."""
    if q is None or not q.strip():
        return None
    given = q.strip()
    zh, en = Field(("title", "zh")), Field(("title", "en"))
    return Or((Call("contains", (zh, Value(given))), Call("contains", (en, Value(given)))))


@get("/warnings", guards=[access("read", "warning")], sync_to_thread=True, summary="Warnings")
def list_warnings(
    house: TheHouse,
    actor: TheActor,
    states: InState = None,
    colour: FromQuery[str | None] = None,
    rule: FromQuery[str | None] = None,
    q: FromQuery[str | None] = None,
    thing: QueryId = None,
    place: QueryId = None,
    cause: FromQuery[str | None] = None,
    open: FromQuery[bool | None] = None,
    at: Annotated[str | None, QueryParameter(description="Those that held at this instant.")] = None,
    start: Annotated[str | None, QueryParameter(description="Those that held after this instant.")] = None,
    end: Annotated[str | None, QueryParameter(description="Those raised before this instant.")] = None,
    after: FromQuery[str | None] = None,
    limit: Limit = 50,
) -> WarningList:
    """Newest first. `open`: still holding and not judged false. Lists of values are written with commas."""
    moment = instant_of(at, "at")
    where = both(
        predicate(actor, "read", "warning"),
        _one_of("state", states),
        _one_of("colour", colour),
        _one_of("rule", rule),
        title_words(q),
        equals("thing", thing) if thing is not None else None,
        equals("cause", cause) if cause else None,
        InScope((place,)) if place is not None else None,
        None if open is None else (open_warnings() if open else Not(open_warnings())),
        None if moment is None else standing_at(moment),
        _held_between(instant_of(start, "start"), instant_of(end, "end")),
    )
    with house.store.reader() as reader:
        page = reader.find(Warning, where, order=NEWEST, limit=max(1, min(limit, MOST)), after=after)
        rows = page.rows
        if moment is not None:
            then = as_they_were(reader, Warning, rows, recorded_of(reader, moment))
            rows = tuple(one for one in then if one.state != "false_alarm")
        return WarningList(warning_rows(house, reader, rows), page.after)


def _held_between(start: Instant | None, end: Instant | None) -> Expr:
    cleared = field("cleared")
    return both(
        None if start is None else Or((IsNull(cleared), Compare("ge", cleared, Value(start)))),
        None if end is None else Compare("lt", field("raised"), Value(end)),
    )


def _one_of(name: str, text: str | None) -> Expr | None:
    values = tuple(part for part in (text or "").split(",") if part)
    return In(Field((name,)), values) if values else None


def warning_page(house: House, reader: Reader, actor: Actor, id: int) -> WarningPage:
    warning = reader.get(Warning, id)
    readable(actor, "warning", warning.scope, id)
    things = reader.many(Thing, [warning.thing])
    cases = reader.many(Case, [warning.case] if warning.case else [])
    allowed = predicate(actor, "read", "warning")
    same = (
        reader.find(Warning, both(allowed, equals("cause", warning.cause)), order=NEWEST, limit=100).rows
        if warning.cause
        else ()
    )
    return WarningPage(
        **row_fields(house, warning, things, cases, standing(house, reader, things.values())),
        rule_version=warning.rule_version,
        seen=time_of(warning.seen) or "",
        level=_level(house, reader, warning),
        evidence=evidence(warning.evidence),
        clearing=evidence(warning.clearing),
        same_cause=warning_rows(house, reader, [one for one in same if one.id != id]),
        joined_to=warning.joined_to,
        judged=_judged(house, warning),
    )


def _level(house: House, reader: Reader, warning: Warning) -> float | None:
    """The level the value was compared with, in its unit, as the record of the warning keeps it. None where the rule does
    not ask whether the value is above or below one (a rise, a silence)."""
    rule = house.rulebook.rules.get(warning.rule)
    if rule is None or (rule.when.above is None and rule.when.below is None):
        return None
    about = reader.journal(subject=("warning", warning.id), limit=10)
    raised = next((one for one in about if one.kind == "warning.raise"), None)
    level = raised.explain.get("level") if raised else None
    return float(level) if isinstance(level, int | float) else None


def evidence(rows: tuple[EvidenceRow, ...]) -> list[Evidence]:
    return [
        Evidence(
            time_of(one.time) or "", one.number, one.property_code, one.unit, one.stream, one.observation
        )
        for one in rows
    ]


def _judged(house: House, warning: Warning) -> Judgement | None:
    if warning.judged_at is None:
        return None
    who = person(house.directory, warning.judged_by)
    return Judgement(who, time_of(warning.judged_at), warning.judged_reason)


@get("/warnings/{id:int}", guards=[access("read", "warning")], sync_to_thread=True, summary="One warning")
def one_warning(house: TheHouse, actor: TheActor, id: RowId) -> Response[WarningPage]:
    """The warning with the observations that raised and cleared it."""
    with house.store.reader() as reader:
        page = warning_page(house, reader, actor, id)
    return Response(page, headers={"ETag": etag(page.version)})


@post(
    "/warnings/{id:int}/judge",
    guards=[access("judge", "warning")],
    status_code=200,
    sync_to_thread=True,
    summary="Judge a warning",
)
def judge(
    house: TheHouse,
    actor: TheActor,
    repeat: TheRepeat,
    id: RowId,
    data: JSONBody[Judge],
    if_match: IfMatch = None,
) -> Response[Judged]:
    """A confirmed warning becomes a case, or further evidence of the open case of its thing."""
    if answered(house, repeat) is None:
        with house.store.reader() as reader:
            _check(house, reader, actor, id, version_of(if_match))
        house.context.warnings.judge(
            id, data.verdict, data.reason, actor, data.joined_to, key=repeat.key, digest=repeat.digest
        )
    with house.store.reader() as reader:
        page = warning_page(house, reader, actor, id)
        cases = reader.many(Case, [page.case.id] if page.case else [])
        rows = case_rows(house, reader, list(cases.values()))
    return Response(Judged(page, rows[0] if rows else None), headers={"ETag": etag(page.version)})


def _check(house: House, reader: Reader, actor: Actor, id: int, version: int | None) -> None:
    warning = reader.get(Warning, id)
    readable(actor, "warning", warning.scope, id)
    if version is not None and warning.version != version:
        who = house.directory.account_name(warning.judged_by).zh if warning.judged_by else ""
        raise Conflict(
            "warning",
            f"{who or 'somebody'} changed the warning meanwhile; it is now {warning.state}",
            "look at it again and decide anew",
            expected=version,
            found=warning.version,
            by=who,
        )


@post(
    "/warnings/judge",
    guards=[access("judge", "warning")],
    status_code=200,
    sync_to_thread=True,
    summary="Judge many warnings",
)
def judge_many(
    house: TheHouse,
    actor: TheActor,
    repeat: TheRepeat,
    data: JSONBody[JudgeMany],
) -> JudgedMany:
    """Each on its own: one that cannot be judged does not hold up the others."""
    return JudgedMany(
        [_one_of_many(house, actor, repeat.part(id), id, data) for id in dict.fromkeys(data.ids)]
    )


def _one_of_many(house: House, actor: Actor, repeat: Repeat, id: int, data: JSONBody[JudgeMany]) -> JudgedOne:
    try:
        if answered(house, repeat) is None:
            with house.store.reader() as reader:
                _check(house, reader, actor, id, None)
            house.context.warnings.judge(
                id, data.verdict, data.reason, actor, data.joined_to, key=repeat.key, digest=repeat.digest
            )
        with house.store.reader() as reader:
            kept = reader.get(Warning, id)
        return JudgedOne(id, True, kept.state, kept.case, "")
    except HutongError as error:
        return JudgedOne(id, False, None, None, str(error.facts.get("zh") or error))


router = Router("/", route_handlers=[list_warnings, one_warning, judge, judge_many], tags=["warnings"])
