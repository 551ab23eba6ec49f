"""The topics of one city, kept up to date from its cases; and the projects they lead to."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import msgspec
import shapely

from hutong.engine.flow.cases import CaseDesk
from hutong.engine.handle.open import OpenCase
from hutong.engine.topics.clusters import Clusters, Complaint, Topic
from hutong.engine.topics.effect import Effect, effect
from hutong.engine.topics.heat import Heat, heat_of
from hutong.engine.topics.titles import telling, words_tagged
from hutong.engine.triage.features import words_cut
from hutong.kernel.access import SYSTEM, Actor
from hutong.kernel.base import DAY, Facts, Instant, Label
from hutong.kernel.case import Case, Category
from hutong.kernel.changes import Changes, Record
from hutong.kernel.errors import Conflict, NotFound
from hutong.kernel.ports import Reader
from hutong.kernel.query import Compare, Expr, In, Order, Value, both, equals, field
from hutong.kernel.topic import TopicMember

SOURCE = "topic"
"""案卷来源 of a case that a topic led to: the procedure that names it in `opens` is the one for it."""
FACT = "topic"
"""Fact of such a case: the topic, its words, its base line and the cases behind it."""
WINDOW_DAYS = 180
PAGE = 2000
FEWEST = 2
"""Complaints from which it is a topic; one alone is a case."""
COMPLAINTS = ("hotline", "public", "upper", "media")
"""Sources of cases that people outside brought: what a sensor, a patrol, a visit or a plan opened is no complaint, nor is a
case without words."""
BACK = 1000
"""Ids looked at again: a case may be stored after one that has a higher id."""
AT_ONCE = 500


class TopicView(msgspec.Struct, frozen=True, kw_only=True):
    """A topic as far as somebody may see it."""

    topic: Topic
    members: tuple[Complaint, ...]
    heat: Heat
    words: tuple[str, ...]
    where: Label
    """The community most of them are in."""


class TopicDesk:
    """Reads new cases when asked; any thread may ask."""

    def __init__(self, desk: CaseDesk) -> None:
        self.desk = desk
        self.clusters: Clusters | None = None
        self._last = 0
        self._kept: set[int] = set()
        """Cases whose topic the store knows."""
        self._tag = words_tagged()
        self._lock = threading.Lock()

    def refresh(self, reader: Reader) -> Clusters:
        """Takes in the cases opened since the last time, and keeps which topic of several each belongs to. After a start it
        begins with what was kept."""
        with self._lock:
            since = self.desk.clock.city_time() - WINDOW_DAYS * DAY
            clusters = self.clusters or self._recalled(reader, since)
            try:
                self._read(reader, clusters, since)
                self._keep(clusters)
            except Conflict:  # another process kept them first: its word holds
                self.clusters, self._last = None, 0
                return clusters
            self.clusters = clusters
            return clusters

    def _recalled(self, reader: Reader, since: Instant) -> Clusters:
        where = Compare("ge", field("opened"), Value(since))
        rows = reader.columns(TopicMember, ("id", "topic"), where)
        self._last, self._kept = 0, set(rows["id"])
        return Clusters(words_cut(), dict(zip(rows["id"], rows["topic"], strict=True)))

    def _read(self, reader: Reader, clusters: Clusters, since: Instant) -> None:
        after: str | None = None
        where = both(
            Compare("gt", field("id"), Value(max(0, self._last - BACK))),
            Compare("ge", field("opened"), Value(since)),
            In(field("source"), COMPLAINTS),
        )
        while True:
            page = reader.find(Case, where, order=(Order(("id",)),), limit=PAGE, after=after)
            clusters.take(_complaint(one) for one in page.rows if one.text)
            self._last = max(self._last, page.rows[-1].id) if page.rows else self._last
            after = page.after
            if after is None:
                return

    def _keep(self, clusters: Clusters) -> None:
        """Members of topics of several that are not kept yet."""
        fresh = [
            TopicMember(id=one.case, topic=topic.id, opened=one.opened)
            for topic in clusters.topics.values()
            if len(topic.members) >= FEWEST
            for one in topic.members
            if one.case not in self._kept
        ]
        for start in range(0, len(fresh), AT_ONCE):
            part = fresh[start : start + AT_ONCE]
            record = Record(
                kind="topic.gather",
                actor=SYSTEM.account,
                at=self.desk.clock.city_time(),
                subjects=tuple(("topic_member", one.id) for one in part),
                facts={"topics": sorted({one.topic for one in part})},
            )
            self.desk.store.apply(Changes(puts=tuple(part), records=(record,)))
            self._kept.update(one.id for one in part)

    def hot(self, reader: Reader, seen: Expr, most: int = 30) -> list[TopicView]:
        """The hottest topics of what somebody may see, the hottest first."""
        now, clusters = self.desk.clock.city_time(), self.refresh(reader)
        several = [one for one in list(clusters.topics.values()) if len(one.members) >= FEWEST]
        several.sort(key=lambda one: -heat_of(one.members, now).value)
        views = [view for one in several[: most * 2] if (view := self._view(reader, one, seen)) is not None]
        return sorted(views, key=lambda one: (-one.heat.value, one.topic.id))[:most]

    def one(self, reader: Reader, id: int, seen: Expr) -> TopicView:
        """A topic by its id; NotFound if it is none or nothing of it may be seen."""
        topic = self.refresh(reader).topics.get(id) or _of_old(reader, id)
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
        where, label = self._where(members), self._class(topic)
        words = tuple(telling(topic, self._tag, (where.zh, label.zh)))
        return TopicView(topic=topic, members=members, heat=heat, words=words, where=where)

    def _class(self, topic: Topic) -> Label:
        return self.desk.rulebook.category_names.get(topic.category, Label(topic.category.code))

    def title(self, view: TopicView) -> Label:
        """Where and what, with at most three words that most of them use."""
        label, where = self._class(view.topic), view.where
        words = "、".join(view.words[:3])
        return Label(
            f"{where.zh}{' · ' if where.zh else ''}{label.zh}" + (f"：{words}" if words else ""),
            f"{label.text('en')}{', ' + where.text('en') if where.zh else ''}",
        )

    def _where(self, members: Sequence[Complaint]) -> Label:
        """The community most of its complaints are in."""
        directory = self.desk.directory()
        found: dict[int, int] = {}
        for one in members:
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
        topics = self.refresh(reader).topics
        told = project.facts.get(FACT)
        if not isinstance(told, dict):
            return effect([], project.opened, self.desk.clock.city_time())
        kept = reader.columns(TopicMember, ("id", "opened"), equals("topic", told["id"]))
        opened = dict(zip(kept["id"], kept["opened"], strict=True))
        topic = topics.get(told["id"])
        opened.update({one.case: one.opened for one in topic.members} if topic else {})
        now = max(self.desk.clock.city_time(), project.closed or 0)
        return effect(sorted(opened.values()), project.opened, now)


def _of_old(reader: Reader, id: int) -> Topic | None:
    """A topic whose complaints are older than what is held, from what was kept."""
    ids = reader.columns(TopicMember, ("id",), equals("topic", id))["id"][-PAGE:]
    clusters = Clusters(words_cut(), dict.fromkeys(ids, id))
    clusters.take(_complaint(one) for one in reader.many(Case, ids).values())
    return clusters.topics.get(id)


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
