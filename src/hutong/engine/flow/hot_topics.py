"""The topics of one city, kept up to date from its cases; and the projects they lead to."""

from __future__ import annotations

import threading

import msgspec
import shapely

from hutong.engine.flow.cases import CaseDesk
from hutong.engine.handle.open import OpenCase
from hutong.engine.topics.clusters import Clusters, Complaint, Topic, telling
from hutong.engine.topics.effect import Effect, effect
from hutong.engine.topics.heat import Heat, heat_of
from hutong.engine.triage.features import words_cut
from hutong.kernel.access import Actor
from hutong.kernel.base import DAY, Facts, Label
from hutong.kernel.case import Case, Category
from hutong.kernel.errors import NotFound
from hutong.kernel.ports import Reader
from hutong.kernel.query import Compare, Expr, In, Order, Value, both, field

SOURCE = "topic"
"""案卷来源 of a case that a topic led to: the procedure that names it in `opens` is the one for it."""
FACT = "topic"
"""Fact of such a case: the topic, its words, its base line and the cases behind it."""
WINDOW_DAYS = 180
PAGE = 2000
FEWEST = 2
"""Complaints from which it is a topic; one alone is a case."""
NOT_TOLD = ("sensor", "parent", SOURCE)
"""Sources that are no complaints; nor is a case without words, as a task of a register is."""


class TopicView(msgspec.Struct, frozen=True, kw_only=True):
    """A topic as far as somebody may see it."""

    topic: Topic
    members: tuple[Complaint, ...]
    heat: Heat
    words: tuple[str, ...]


class TopicDesk:
    """Reads new cases when asked; any thread may ask."""

    def __init__(self, desk: CaseDesk) -> None:
        self.desk = desk
        self.clusters = Clusters(words_cut())
        self._last = 0
        self._lock = threading.Lock()

    def refresh(self, reader: Reader) -> None:
        """Takes in the cases opened since the last time."""
        with self._lock:
            since = self.desk.clock.city_time() - WINDOW_DAYS * DAY
            while True:
                where = both(
                    Compare("gt", field("id"), Value(self._last)),
                    Compare("ge", field("opened"), Value(since)),
                )
                page = reader.find(Case, where, order=(Order(("id",)),), limit=PAGE)
                self.clusters.take(
                    _complaint(one) for one in page.rows if one.text and one.source not in NOT_TOLD
                )
                if page.rows:
                    self._last = page.rows[-1].id
                if page.after is None:
                    return

    def hot(self, reader: Reader, seen: Expr, most: int = 30) -> list[TopicView]:
        """The hottest topics of what somebody may see, the hottest first."""
        self.refresh(reader)
        now = self.desk.clock.city_time()
        several = [one for one in self.clusters.topics.values() if len(one.members) >= FEWEST]
        several.sort(key=lambda one: -heat_of(one.members, now).value)
        views = [view for one in several[: most * 2] if (view := self._view(reader, one, seen)) is not None]
        return sorted(views, key=lambda one: (-one.heat.value, one.topic.id))[:most]

    def one(self, reader: Reader, id: int, seen: Expr) -> TopicView:
        """A topic by its id; NotFound if it is none or nothing of it may be seen."""
        self.refresh(reader)
        topic = self.clusters.topics.get(id)
        view = self._view(reader, topic, seen) if topic else None
        if view is None:
            raise NotFound("topic", f"there is no topic/{id}", noun="topic", id=id)
        return view

    def _view(self, reader: Reader, topic: Topic, seen: Expr) -> TopicView | None:
        ids = tuple(one.case for one in topic.members)
        may = set(reader.columns(Case, ("id",), both(seen, In(field("id"), ids)))["id"])
        members = tuple(one for one in topic.members if one.case in may)
        if len(members) < FEWEST:
            return None
        heat = heat_of(members, self.desk.clock.city_time())
        return TopicView(topic=topic, members=members, heat=heat, words=tuple(telling(topic)))

    def title(self, view: TopicView) -> Label:
        """Where and what, with the words most of them use."""
        label = self.desk.rulebook.category_names.get(view.topic.category, Label(view.topic.category.code))
        where = self._where(view)
        words = "、".join(view.words[:3])
        return Label(
            f"{where.zh}{label.zh}" + (f"：{words}" if words else ""),
            f"{label.text('en')}{', ' + where.text('en') if where.zh else ''}",
        )

    def _where(self, view: TopicView) -> Label:
        """The community most of its complaints are in."""
        directory = self.desk.directory()
        found: dict[int, int] = {}
        for one in view.members:
            for id in directory.ancestors(one.place) if one.place else ():
                place = directory.places.get(id)
                if place is not None and place.tree == "community":
                    found[id] = found.get(id, 0) + 1
        return directory.place_name(max(found, key=found.__getitem__)) if found else Label("")

    def project_class(self) -> Category:
        """The class of cases that topics lead to: its procedure opens for the source `topic`."""
        rulebook = self.desk.rulebook
        for key, definition in rulebook.categories.items():
            compiled = rulebook.procedures.get(definition.procedure or "")
            if compiled is not None and SOURCE in compiled.procedure.opens:
                return key
        raise NotFound(
            "procedure", "no pack of this city has a procedure for topics", "add the pack `project`"
        )

    def open_project(self, view: TopicView, actor: Actor, *, note: str, key: str | None, digest: str) -> Case:
        """A root-cause project for a topic, with its base line as it is today."""
        now = self.desk.clock.city_time()
        base = effect([one.opened for one in view.members], now, now)
        middle = view.topic.middle
        title = self.title(view)
        facts: Facts = {
            FACT: {
                "id": view.topic.id,
                "words": list(view.words),
                "cases": [one.case for one in view.members][-200:],
                "category": f"{view.topic.category.kind}:{view.topic.category.code}",
                "heat": view.heat.value,
                "before": base.before,
                "weeks_before": base.weeks_before,
            }
        }
        command = OpenCase(
            id=self.desk.store.new_ids(1)[0],
            category=self.project_class(),
            title=Label(f"每月一题：{title.zh}", f"Root cause: {title.en}"),
            text=note,
            source=SOURCE,
            place=self.desk.directory().locate(*middle) if middle else None,
            position=shapely.to_wkb(shapely.Point(*middle)) if middle else None,
            facts=facts,
        )
        return self.desk.open(command, actor, key=key, digest=digest)

    def followed(self, reader: Reader, project: Case) -> Effect:
        """Complaints of the project's topic before and after it was opened. All complaints count, also those whose cases the
        asker may not read: only numbers are told."""
        self.refresh(reader)
        told = project.facts.get(FACT)
        topic = self.clusters.topics.get(told["id"]) if isinstance(told, dict) else None
        ends = project.closed or 0
        now = max(self.desk.clock.city_time(), ends)
        opened = [one.opened for one in topic.members] if topic else []
        return effect(opened, project.opened, now)


def _complaint(case: Case) -> Complaint:
    at = shapely.from_wkb(case.position) if case.position else None
    return Complaint(
        case=case.id,
        number=case.number,
        category=case.category,
        opened=case.opened,
        text=case.text,
        position=(float(at.x), float(at.y)) if at is not None else None,
        place=case.place,
        caller=case.subject,
    )
