"""GET /upper, /upper/reports: how the exchange with upper platforms goes, and what could not be told."""

from __future__ import annotations

import msgspec
from litestar import Router, get, post
from litestar.params import FromQuery

from hutong.api.access import access
from hutong.api.requests import InState, Limit, RowId, TheActor, TheHouse
from hutong.api.shapes import time_of
from hutong.api.upper import upper_desk
from hutong.kernel.base import Facts, Label
from hutong.kernel.case import Case
from hutong.kernel.query import Expr, In, Order, both, equals, field
from hutong.kernel.upper import UpperReport

REPORT = "upper_report"
STATES = ("waiting", "sent", "dropped", "failed")
MOST = 200
COUNTED_AT_MOST = 10_000


class PlatformShape(msgspec.Struct, frozen=True, kw_only=True):
    """A platform and its reports by state (counted up to ten thousand). `asked`: when it last answered with orders, since
    the start; `trouble`: why the last attempt came to nothing."""

    name: str
    label: Label
    url: str
    asked: str | None
    taken: int
    refused: int
    trouble: str
    reports: dict[str, int]


class PlatformList(msgspec.Struct, frozen=True):
    rows: list[PlatformShape]


class ReportRow(msgspec.Struct, frozen=True, kw_only=True):
    """A report. `error`: what the platform said to the last attempt."""

    id: int
    platform: str
    number: str
    case: int | None
    case_number: str
    event: str
    at: str
    state: str
    attempts: int
    sent: str | None
    error: str
    facts: Facts


class ReportList(msgspec.Struct, frozen=True):
    rows: list[ReportRow]
    after: str | None


@get("/upper", guards=[access("read", REPORT)], sync_to_thread=True, summary="Upper platforms")
def platforms(house: TheHouse) -> PlatformList:
    """Empty where the city has none."""
    desk = house.context.upper
    if desk is None:
        return PlatformList([])
    rows = []
    exchanges = desk.exchanges()
    with house.store.reader() as reader:
        for one in desk.platforms.values():
            state = exchanges.get(one.name)
            reports = {
                name: reader.count(
                    UpperReport,
                    both(equals("platform", one.name), equals("state", name)),
                    at_most=COUNTED_AT_MOST,
                )
                for name in STATES
            }
            rows.append(
                PlatformShape(
                    name=one.name,
                    label=one.label,
                    url=one.url,
                    asked=time_of(state.asked) if state else None,
                    taken=state.taken if state else 0,
                    refused=state.refused if state else 0,
                    trouble=state.trouble if state else "",
                    reports=reports,
                )
            )
    return PlatformList(rows)


@get(
    "/upper/reports",
    guards=[access("read", REPORT)],
    sync_to_thread=True,
    summary="Reports to upper platforms",
)
def reports(
    house: TheHouse,
    platform: FromQuery[str | None] = None,
    states: InState = None,
    number: FromQuery[str | None] = None,
    after: FromQuery[str | None] = None,
    limit: Limit = 50,
) -> ReportList:
    """The newest first; `state` holds states separated by commas, `number` the platform's number of an order."""
    wanted = [one for one in (states or "").split(",") if one]
    where: Expr = both(
        equals("platform", platform) if platform else None,
        In(field("state"), tuple(wanted)) if wanted else None,
        equals("number", number) if number else None,
    )
    with house.store.reader() as reader:
        page = reader.find(
            UpperReport,
            where,
            order=(Order(("id",), descending=True),),
            limit=max(1, min(limit, MOST)),
            after=after,
        )
        cases = reader.many(Case, [one.case for one in page.rows if one.case is not None])
    return ReportList([_row(one, cases.get(one.case or 0)) for one in page.rows], page.after)


@post(
    "/upper/reports/{id:int}/retry",
    guards=[access("manage", REPORT)],
    status_code=200,
    sync_to_thread=True,
    summary="Send a failed report again",
)
def retry(house: TheHouse, actor: TheActor, id: RowId) -> ReportRow:
    """Refused for one that did not fail. Repeating it does no harm: the report keeps its key."""
    desk = upper_desk(house)
    again = desk.retry(id, actor)
    with house.store.reader() as reader:
        case = reader.many(Case, [again.case]).get(again.case) if again.case is not None else None
    return _row(again, case)


def _row(one: UpperReport, case: Case | None) -> ReportRow:
    return ReportRow(
        id=one.id,
        platform=one.platform,
        number=one.number,
        case=one.case,
        case_number=case.number if case else "",
        event=one.event,
        at=time_of(one.at) or "",
        state=one.state,
        attempts=one.attempts,
        sent=time_of(one.sent),
        error=one.error,
        facts=one.facts,
    )


router = Router("/", route_handlers=[platforms, reports, retry], tags=["upper platform"])
