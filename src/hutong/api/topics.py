"""GET /topics: complaints that are alike in words, class, place and time; POST /topics/{id}/project: what is done about one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

import msgspec
from litestar import Response, Router, get, post
from litestar.params import JSONBody

from hutong.api.access import CASE, access, cases_predicate
from hutong.api.case_page import CasePage, read_case
from hutong.api.case_rows import CaseRow, case_rows
from hutong.api.house import House
from hutong.api.requests import Limit, RowId, TheActor, TheHouse, TheRepeat, answered
from hutong.api.shapes import Position, time_of
from hutong.engine.flow.hot_topics import SOURCE, TopicDesk, TopicView
from hutong.engine.topics.effect import Effect
from hutong.engine.topics.heat import Heat
from hutong.kernel.access import Actor, decide
from hutong.kernel.base import Label
from hutong.kernel.case import Case
from hutong.kernel.errors import NotFound
from hutong.kernel.query import In, Order, both, equals, field

DAYS = 30
SHOWN = 200


class TopicRow(msgspec.Struct, frozen=True, kw_only=True):
    """A topic as far as the asker may see it. `daily`: complaints of each of the last 30 local days, oldest first."""

    id: int
    title: Label
    kind: str
    code: str
    label: Label
    where: Label
    """The community most of its complaints are in."""
    words: list[str]
    heat: Heat
    n: int
    first: str
    last: str
    position: Position | None
    points: list[Position]
    daily: list[int]


class TopicList(msgspec.Struct, frozen=True):
    """The hottest first. `can_project`: the asker may open a project."""

    rows: list[TopicRow]
    days: list[str]
    can_project: bool


class TopicPage(TopicRow, frozen=True, kw_only=True):
    """A topic with its cases, the latest first, and the projects it led to."""

    cases: list[CaseRow]
    projects: list[int]


class EffectShape(msgspec.Struct, frozen=True, kw_only=True):
    """Complaints before and after the project began; `weeks`: the beginning of each week and its complaints."""

    before: int
    weeks_before: float
    after: int
    weeks_after: float
    ratio: float | None
    low: float | None
    high: float | None
    weeks: list[tuple[str, int]]


class ProjectRow(msgspec.Struct, frozen=True):
    """A project with what became of its topic."""

    case: CaseRow
    topic: int | None
    goal: float | None
    effect: EffectShape


class ProjectList(msgspec.Struct, frozen=True):
    rows: list[ProjectRow]


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why this topic."""

    note: Annotated[str, msgspec.Meta(max_length=2000)] = ""


def the_desk(house: House) -> TopicDesk:
    if house.context.topics is None:
        raise NotFound("topics", "this server has no topics", "start it with the city's wiring")
    return house.context.topics


@get("/topics", guards=[access("read", CASE)], sync_to_thread=True, summary="Hot topics")
def topics(house: TheHouse, actor: TheActor, limit: Limit = 30) -> TopicList:
    """Of cases that the asker may read."""
    desk = the_desk(house)
    with house.store.reader() as reader:
        views = desk.hot(reader, cases_predicate(actor, "read", house.rulebook), max(1, min(limit, 100)))
    days = _days(house)
    return TopicList([_row(house, desk, one, days) for one in views], days, _may_open(house, actor))


def _may_open(house: House, actor: Actor) -> bool:
    try:
        procedure = house.rulebook.procedure_for(the_desk(house).project_class()).name
    except NotFound:
        return False
    return decide(actor, "open", procedure).allowed


@get("/topics/{id:int}", guards=[access("read", CASE)], sync_to_thread=True, summary="One hot topic")
def topic(house: TheHouse, actor: TheActor, id: RowId) -> TopicPage:
    """`id` is that of the case that founded it."""
    desk = the_desk(house)
    seen = cases_predicate(actor, "read", house.rulebook)
    with house.store.reader() as reader:
        view = desk.one(reader, id, seen)
        ids = tuple(one.case for one in view.members)[-SHOWN:]
        found = reader.find(Case, In(field("id"), ids), order=(Order(("opened",), True),), limit=SHOWN).rows
        where = both(seen, equals("source", SOURCE))
        projects = reader.find(Case, where, order=(Order(("opened",), True),), limit=SHOWN).rows
        rows = case_rows(house, reader, found)
    led = [one.id for one in projects if _topic_of(one) == id]
    row = msgspec.structs.asdict(_row(house, desk, view, _days(house)))
    return TopicPage(**row, cases=rows, projects=led)


@get("/topics/projects", guards=[access("read", CASE)], sync_to_thread=True, summary="Root-cause projects")
def projects(house: TheHouse, actor: TheActor) -> ProjectList:
    """The projects that topics led to, the latest first, with complaints before and after."""
    desk = the_desk(house)
    where = both(cases_predicate(actor, "read", house.rulebook), equals("source", SOURCE))
    with house.store.reader() as reader:
        found = reader.find(Case, where, order=(Order(("opened",), True),), limit=100).rows
        rows = {row.id: row for row in case_rows(house, reader, found)}
        return ProjectList(
            [
                ProjectRow(rows[one.id], _topic_of(one), _goal(one), _effect(desk.followed(reader, one)))
                for one in found
            ]
        )


@post(
    "/topics/{id:int}/project", guards=[access("open", CASE)], sync_to_thread=True, summary="Open a project"
)
def open_project(
    house: TheHouse, actor: TheActor, repeat: TheRepeat, id: RowId, data: JSONBody[Wanted]
) -> Response[CasePage]:
    """A root-cause project (每月一题) for the topic, with its base line as of now. 403 for who may open none."""
    known = answered(house, repeat)
    if known is None:
        desk = the_desk(house)
        with house.store.reader() as reader:
            view = desk.one(reader, id, cases_predicate(actor, "read", house.rulebook))
            made = desk.open_project(view, actor, note=data.note, key=repeat.key, digest=repeat.digest)
        known = made.id
    answer = read_case(house, actor, known)
    answer.status_code = 201
    answer.headers["Location"] = f"/api/v1/cases/{known}"
    return answer


def _row(house: House, desk: TopicDesk, view: TopicView, days: list[str]) -> TopicRow:
    category = view.topic.category
    counts = dict.fromkeys(days, 0)
    for one in view.members:
        day = _day(house, one.opened)
        if day in counts:
            counts[day] += 1
    points = [one.position for one in view.members if one.position is not None]
    return TopicRow(
        id=view.topic.id,
        title=desk.title(view),
        kind=category.kind,
        code=category.code,
        label=house.rulebook.category_names.get(category, Label(category.code)),
        where=view.where,
        words=list(view.words),
        heat=view.heat,
        n=len(view.members),
        first=time_of(view.members[0].opened) or "",
        last=time_of(view.members[-1].opened) or "",
        position=view.topic.middle,
        points=points[-SHOWN:],
        daily=list(counts.values()),
    )


def _day(house: House, at: int) -> str:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)
    return moment.astimezone(house.rulebook.zone).date().isoformat()


def _days(house: House) -> list[str]:
    today = datetime.fromisoformat(_day(house, house.now())).date()
    return [(today - timedelta(days=back)).isoformat() for back in range(DAYS - 1, -1, -1)]


def _topic_of(case: Case) -> int | None:
    told = case.facts.get(SOURCE)
    return int(told["id"]) if isinstance(told, dict) and "id" in told else None


def _goal(case: Case) -> float | None:
    goal = case.facts.get("goal")
    return float(goal) if isinstance(goal, int | float) else None


def _effect(found: Effect) -> EffectShape:
    return EffectShape(
        before=found.before,
        weeks_before=found.weeks_before,
        after=found.after,
        weeks_after=found.weeks_after,
        ratio=found.ratio,
        low=found.low,
        high=found.high,
        weeks=[(time_of(at) or "", n) for at, n in found.weeks],
    )


router = Router("/", route_handlers=[topics, projects, topic, open_project], tags=["topics"])
