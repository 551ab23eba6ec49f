"""GET /cases: lists with filters, counts, and the same list as a table file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import msgspec
from litestar import Response, Router, get
from litestar.di import NamedDependency, Provide
from litestar.params import FromQuery, QueryParameter

from hutong.api.access import CASE, access, cases_predicate
from hutong.api.case_counts import Tally, late, my_turn
from hutong.api.case_rows import CaseRow, case_rows
from hutong.api.city import SOURCES
from hutong.api.csv_table import table
from hutong.api.house import House
from hutong.api.moments import as_they_were, recorded_of
from hutong.api.requests import InState, Limit, QueryId, TheActor, TheHouse
from hutong.api.shapes import instant_of
from hutong.api.things_by_type import every
from hutong.kernel.access import Actor
from hutong.kernel.base import Instant, Label
from hutong.kernel.case import Case
from hutong.kernel.errors import Invalid
from hutong.kernel.ports import Reader
from hutong.kernel.query import (
    Call,
    Compare,
    Expr,
    Field,
    In,
    InScope,
    IsNull,
    Matches,
    Not,
    Or,
    Order,
    Value,
    both,
    equals,
    field,
)

MOST = 200
SORTS: dict[str, tuple[Order, ...]] = {
    "next_due": (Order(("next_due",)),),
    "opened": (Order(("opened",)),),
    "-opened": (Order(("opened",), descending=True),),
}


class CaseList(msgspec.Struct, frozen=True):
    rows: list[CaseRow]
    after: str | None


class StateCount(msgspec.Struct, frozen=True):
    procedure: str
    state: str
    label: Label
    n: int


class Counts(msgspec.Struct, frozen=True):
    """How many cases stand in each state, wait for the asker, and are overdue."""

    states: list[StateCount]
    mine: int
    overdue: int


@dataclass(frozen=True)
class Filter:
    """What a list of cases is narrowed to; lists of values are written with commas."""

    state: str | None = None
    procedure: str | None = None
    category: str | None = None
    organisation: int | None = None
    source: str | None = None
    q: str | None = None
    place: int | None = None
    urgency: str | None = None
    mine: bool = False
    open: bool | None = None
    overdue: bool = False
    supervised: bool = False
    parent: int | None = None

    def where(self, house: House, reader: Reader, actor: Actor) -> Expr:
        """The filter with what the actor may read."""
        closed = IsNull(field("closed"))
        return both(
            cases_predicate(actor, "read", house.rulebook),
            _one_of("state", self.state),
            _ended(house, self.state),
            _one_of("procedure", self.procedure),
            _category(self.category),
            InScope((self.organisation,)) if self.organisation is not None else None,
            _one_of("source", self.source),
            _one_of("urgency", self.urgency),
            InScope((self.place,)) if self.place is not None else None,
            self.words(),
            my_turn(house, reader, actor) if self.mine else None,
            None if self.open is None else (closed if self.open else Not(closed)),
            late(house.now()) if self.overdue else None,
            both(closed, Not(IsNull(field("facts", "supervised", "since")))) if self.supervised else None,
            equals("parent", self.parent) if self.parent is not None else None,
        )

    def words(self) -> Expr | None:
        """Words of the case, or the beginning of its number."""
        if self.q is None or not self.q.strip():
            return None
        given = self.q.strip()
        return Or((Matches(given), Call("startswith", (Field(("number",)), Value(given)))))


def _one_of(name: str, text: str | None) -> Expr | None:
    values = [part for part in (text or "").split(",") if part]
    if not values:
        return None
    return equals(name, values[0]) if len(values) == 1 else In(Field((name,)), tuple(values))


def _ended(house: House, text: str | None) -> Expr | None:
    """What states say of whether a case has ended, where all say the same: lists begin at such cases then."""
    wanted = {part for part in (text or "").split(",") if part}
    kinds = {
        compiled.ended(state)
        for compiled in house.rulebook.procedures.values()
        for state in wanted & compiled.states.keys()
    }
    if len(kinds) != 1:
        return None
    return Not(IsNull(field("closed"))) if kinds.pop() else IsNull(field("closed"))


def _category(text: str | None) -> Expr | None:
    """`matter:06010`; the code may be a prefix."""
    if not text:
        return None
    kind, colon, code = text.partition(":")
    if not colon:
        raise Invalid("category", f"{text!r} has no kind", "write it like matter:06010")
    prefix = Call("startswith", (Field(("category", "code")), Value(code)))
    return both(equals("category/kind", kind), prefix)


def _filter(
    states: InState = None,
    procedure: FromQuery[str | None] = None,
    category: FromQuery[str | None] = None,
    organisation: QueryId = None,
    source: FromQuery[str | None] = None,
    q: FromQuery[str | None] = None,
    place: QueryId = None,
    urgency: FromQuery[str | None] = None,
    mine: FromQuery[bool] = False,
    open: FromQuery[bool | None] = None,
    overdue: FromQuery[bool] = False,
    supervised: FromQuery[bool] = False,
    parent: QueryId = None,
) -> Filter:
    return Filter(
        states,
        procedure,
        category,
        organisation,
        source,
        q,
        place,
        urgency,
        mine,
        open,
        overdue,
        supervised,
        parent,
    )


@get("/cases", guards=[access("read", CASE)], sync_to_thread=True, summary="Cases")
def list_cases(
    house: TheHouse,
    actor: TheActor,
    wanted: NamedDependency[Filter],
    sort: FromQuery[str] = "next_due",
    at: Annotated[str | None, QueryParameter(description="Those that were open at this instant.")] = None,
    after: FromQuery[str | None] = None,
    limit: Limit = 50,
) -> CaseList:
    """Keyset pages. `mine`: those that wait for the asker; `open`: not ended; `overdue`: a clock has run out;
    `supervised`: under 督办; `parent`: parts of a case."""
    if sort not in SORTS:
        raise Invalid("sort", f"{sort!r} is no order", "choose one of " + ", ".join(SORTS))
    moment = instant_of(at, "at")
    with house.store.reader() as reader:
        where = both(wanted.where(house, reader, actor), None if moment is None else open_at(moment))
        page = reader.find(Case, where, order=SORTS[sort], limit=max(1, min(limit, MOST)), after=after)
        rows = page.rows
        if moment is not None:
            rows = tuple(as_they_were(reader, Case, rows, recorded_of(reader, moment)))
        return CaseList(case_rows(house, reader, rows, moment), page.after)


def open_at(moment: Instant) -> Expr:
    """Cases that were open at a moment of city time."""
    closed = field("closed")
    still = Or((IsNull(closed), Compare("gt", closed, Value(moment))))
    return both(Compare("le", field("opened"), Value(moment)), still)


@get(
    "/cases/counts", guards=[access("read", CASE)], sync_to_thread=True, summary="How many cases stand where"
)
def counts(house: TheHouse, actor: TheActor, mine_of: FromQuery[str | None] = None) -> Counts:
    """Kept counters, exact at any time: no case is counted. `mine_of`: `mine` counts this procedure alone."""
    with house.store.reader() as reader:
        tally = Tally(house, reader, actor)
        states = [
            StateCount(name, state, compiled.states[state].label, tally.of_state(name, state))
            for name, compiled in house.rulebook.procedures.items()
            for state in compiled.states
        ]
        return Counts([one for one in states if one.n], tally.mine(mine_of), tally.overdue())


COLUMNS: dict[str, Label] = {
    "number": Label("案卷编号", "Number"),
    "title": Label("标题", "Title"),
    "category": Label("类别", "Category"),
    "state": Label("状态", "State"),
    "source": Label("来源", "Source"),
    "urgency": Label("紧急程度", "Urgency"),
    "place": Label("网格", "Grid"),
    "position_text": Label("位置", "Where"),
    "organisation": Label("处置部门", "Unit"),
    "opened": Label("上报时间", "Opened"),
    "closed": Label("结束时间", "Closed"),
    "ending": Label("结束方式", "Ending"),
    "due": Label("时限", "Due"),
    "overdue": Label("超期", "Overdue"),
}


@get(
    "/cases/export.csv",
    guards=[access("read", CASE)],
    sync_to_thread=True,
    media_type="text/csv",
    summary="Cases as CSV",
)
def export(
    house: TheHouse,
    actor: TheActor,
    wanted: NamedDependency[Filter],
    language: FromQuery[str] = "zh",
) -> Response[bytes]:
    """The filtered list as CSV for spreadsheets, UTF-8 with a byte order mark; no personal fields. At most 20 000 rows."""
    with house.store.reader() as reader:
        where = wanted.where(house, reader, actor)
        found = list(every(reader, Case, where, house.context.limits.export_rows))
        rows = case_rows(house, reader, found)
    body = table(
        [label.text(language) for label in COLUMNS.values()], (_cells(one, language) for one in rows)
    )
    headers = {"Content-Disposition": 'attachment; filename="cases.csv"'}
    return Response(body, media_type="text/csv; charset=utf-8", headers=headers)


def _cells(row: CaseRow, language: str) -> list[object]:
    place = row.place.name.text(language) or row.place.code if row.place else ""
    return [
        row.number,
        row.title.text(language),
        row.category.label.text(language),
        row.state_label.text(language),
        SOURCES.get(row.source, Label(row.source)).text(language),
        row.urgency,
        place,
        row.position_text,
        row.organisation.label.text(language) if row.organisation else "",
        row.opened,
        row.closed or "",
        row.ending,
        row.clock.due or "" if row.clock else "",
        "1" if row.clock and row.clock.overdue else "",
    ]


router = Router(
    "/",
    route_handlers=[list_cases, counts, export],
    dependencies={"wanted": Provide(_filter, sync_to_thread=False)},
    tags=["cases"],
)
