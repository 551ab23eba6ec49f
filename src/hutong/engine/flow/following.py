"""All that follows from a deed, in its own commit: child cases, facts of the parent, the amended 权责清单, the ends of joined
cases, and what a parent does when its last part has ended."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from hutong.engine.flow.private_words import without_details
from hutong.engine.handle.act import Acted
from hutong.engine.handle.children import Child, awaited
from hutong.engine.handle.effects import with_fact
from hutong.engine.handle.joined import end_joined, go_on, waits_for_children
from hutong.engine.handle.open import Opened, open_child
from hutong.engine.handle.procedure import Compiled
from hutong.kernel.access import SYSTEM, Actor
from hutong.kernel.base import Entity, noun_name
from hutong.kernel.case import Case, Notice
from hutong.kernel.changes import Changes, Numbering, Record
from hutong.kernel.errors import NotFound
from hutong.kernel.party import Responsibility
from hutong.kernel.ports import Reader
from hutong.kernel.query import Expr, IsNull, both, equals, field

if TYPE_CHECKING:
    from hutong.engine.flow.cases import CaseDesk

PAGE = 500


class Following:
    """Collects what a deed changes. Whatever it reads sees what it changed already.

    `actor` did the deed; what follows from it is done by the platform.
    """

    def __init__(self, desk: CaseDesk, reader: Reader, actor: Actor = SYSTEM) -> None:
        self.desk = desk
        self.reader = reader
        self.actor = actor
        self.cases: dict[int, Case] = {}
        self.records: list[Record] = []
        self.notices: list[Notice] = []
        self.numbering: list[Numbering] = []
        self.rows: list[Responsibility] = []
        self.setting = desk.setting(reader, self.case, lambda id: tuple(self._open_children(id)))

    def case(self, id: int) -> Case | None:
        """A case as it will be."""
        if id not in self.cases:
            try:
                return self.reader.get(Case, id)
            except NotFound:
                return None
        return self.cases[id]

    def add(self, acted: Acted) -> None:
        """A deed, and all that follows from it."""
        self.cases[acted.case.id] = acted.case
        self.records.extend(acted.records)
        self.notices.extend(acted.notices)
        self.follow(acted)

    def add_opened(self, opened: Opened) -> None:
        """A new case."""
        self.cases[opened.case.id] = opened.case
        self.numbering.append(opened.numbering)
        self.records.extend(opened.records)
        self.notices.extend(opened.notices)

    def follow(self, acted: Acted) -> None:
        """What follows from a deed whose case, records and notices are collected already."""
        self._open_children_of(acted)
        self._amend(acted)
        self._tell_parent(acted)
        self._join(acted)
        if acted.ended:
            self._end_joined(acted)
            self._parent_goes_on(acted)
        elif acted.entered:
            self._goes_on(acted.case.id, acted)

    def _open_children_of(self, acted: Acted) -> None:
        actor, now = self._actor(acted), _at(acted)
        ids = self.desk.store.new_ids(len(acted.children)) if acted.children else range(0)
        for id, child in zip(ids, acted.children, strict=True):
            compiled = self._handling(child, acted.case)
            told = without_details(child, acted.case, self.reader)
            self.add_opened(open_child(told, id, acted.case, actor, now, compiled, self.setting))
            if child.leads:
                self.cases[acted.case.id] = replace(self.cases[acted.case.id], joined_to=id)

    def _handling(self, child: Child, opener: Case) -> Compiled:
        if not child.procedure:
            return self.desk.rulebook.procedure_for(child.category or opener.category)
        compiled = self.desk.rulebook.procedures.get(child.procedure)
        if compiled is None:
            raise NotFound("procedure", f"there is no procedure {child.procedure!r}", "mend cases.yaml")
        return compiled

    def _amend(self, acted: Acted) -> None:
        """The row of the list, in place of the one that stood for the same category and place."""
        if acted.amends is None:
            return
        case, now = acted.case, _at(acted)
        place = self.desk.directory().places.get(case.place or 0)
        kind, code, area = case.category.kind, case.category.code, place.code if place else "*"
        same = both(equals("kind", kind), equals("code", code), equals("area", area), _standing())
        standing = list(self._every(Responsibility, same))
        row = Responsibility(
            id=self.desk.store.new_ids(1)[0],
            kind=kind,
            code=code,
            area=area,
            organisation=acted.amends.organisation,
            basis=acted.amends.basis,
            since=now,
            case=case.id,
        )
        self.rows.extend([row, *(replace(one, until=now) for one in standing)])
        self.records.append(
            Record(
                kind="responsibility.amend",
                actor=self._actor(acted).account,
                at=now,
                subjects=tuple(("responsibility", one.id) for one in self.rows),
                facts={
                    "kind": kind,
                    "code": code,
                    "area": area,
                    "organisation": row.organisation,
                    "basis": row.basis,
                    "case": case.id,
                },
                cause=case.cause,
            )
        )

    def _tell_parent(self, acted: Acted) -> None:
        """What a child does to the facts of its parent."""
        parent = self.case(acted.case.parent) if acted.on_parent and acted.case.parent else None
        if parent is None:
            return
        facts = parent.facts
        for target, value in acted.on_parent.items():
            facts = with_fact(facts, target.partition(".")[2], value)
        self.cases[parent.id] = replace(parent, facts=facts)
        deed = acted.case.deeds[-1]
        told = {"child": acted.case.id, "number": acted.case.number, "deed": deed.action}
        self.records.append(
            Record(
                kind="case.hear_part",
                actor=self._actor(acted).account,
                at=deed.at,
                subjects=(("case", parent.id),),
                facts={"action": "hear_part", "role": deed.role, "organisation": deed.organisation, **told,
                       "sets": dict(acted.on_parent), "to": parent.state},
                explain={"procedure": acted.case.procedure, "definition": acted.case.definition},
                cause=parent.cause,
            )
        )  # fmt: skip

    def _join(self, acted: Acted) -> None:
        """并案: the main case is written too, so that if it ends at this moment, one of the two sees the other."""
        case = acted.case
        main = self.case(case.joined_to) if case.joined_to and case.closed is None else None
        stored = self.reader.many(Case, [case.id]).get(case.id) if main else None
        if main is None or (stored is not None and stored.joined_to == main.id):
            return
        self.cases[main.id] = main
        self.records.append(_taken_in(acted, main))

    def _end_joined(self, acted: Acted) -> None:
        """并案: what was joined to it ends, or goes on."""
        for stored in self.reader.linked(Case, "joined_to", acted.case.id):
            case = self.case(stored.id)
            if case is not None and case.closed is None:
                compiled = self.desk.rulebook.procedure(case)
                for one in end_joined(acted.case, [case], _at(acted), compiled, self.setting):
                    self.add(one)

    def _parent_goes_on(self, acted: Acted) -> None:
        """会办: the parent is written with every end of a part, so that of two that end at once one sees the other."""
        parent = self.case(acted.case.parent) if acted.case.parent else None
        if parent is None:
            return
        self.records.append(_part_ended(acted, parent))
        if not waits_for_children(self.desk.rulebook.procedure(parent)):
            return
        self.cases[parent.id] = parent
        self._goes_on(parent.id, acted)

    def _goes_on(self, id: int, acted: Acted) -> None:
        case = self.case(id)
        if case is None:
            return
        compiled = self.desk.rulebook.procedure(case)
        if not waits_for_children(compiled) or any(self._open_children(id)) or not self._has_children(id):
            return
        done = go_on(case, _at(acted), compiled, self.setting)
        if done is not None:
            self.add(done)

    def _open_children(self, id: int) -> Iterator[Case]:
        stored = self._every(Case, both(equals("parent", id), IsNull(field("closed"))))
        known = {one.id: self.cases.get(one.id, one) for one in stored}
        known.update({one.id: one for one in self.cases.values() if one.parent == id})
        return (one for one in known.values() if one.closed is None and awaited(one))

    def _has_children(self, id: int) -> bool:
        return any(map(awaited, self._every(Case, equals("parent", id))))

    def _every(self, noun: type[Any], where: Expr) -> Iterator[Any]:
        after: str | None = None
        while True:
            page = self.reader.find(noun, where, limit=PAGE, after=after)
            yield from page.rows
            after = page.after
            if after is None:
                return

    def _actor(self, acted: Acted) -> Actor:
        return self.actor if acted.case.deeds[-1].account == self.actor.account else SYSTEM

    def changes(
        self, puts: Sequence[Entity] = (), *, key: str | None = None, digest: str = "", response: Any = None
    ) -> Changes:
        """One command with everything; `puts` are further rows of the caller."""
        further = (*puts, *self.desk.messages(self.notices))
        return Changes(
            puts=(*self.cases.values(), *self.rows, *further),
            numbering=tuple(self.numbering),
            records=naming(tuple(self.records), further),
            idempotency_key=key,
            request_digest=digest,
            response=response,
        )


def _taken_in(acted: Acted, main: Case) -> Record:
    case, deed = acted.case, acted.case.deeds[-1]
    return Record(
        kind="case.take_in",
        actor=deed.account,
        at=deed.at,
        subjects=(("case", main.id), ("case", case.id)),
        facts={
            "action": "take_in",
            "role": deed.role,
            "organisation": deed.organisation,
            "joined": case.id,
            "to": main.state,
        },
        explain={"procedure": case.procedure, "definition": case.definition},
        cause=main.cause,
    )


def _part_ended(acted: Acted, parent: Case) -> Record:
    case, deed = acted.case, acted.case.deeds[-1]
    return Record(
        kind="case.part_ended",
        actor=deed.account,
        at=deed.at,
        subjects=(("case", parent.id), ("case", case.id)),
        facts={
            "action": "part_ended",
            "role": deed.role,
            "organisation": deed.organisation,
            "child": case.id,
            "number": case.number,
            "ending": case.ending,
            "to": parent.state,
        },
        explain={"procedure": case.procedure, "definition": case.definition},
        cause=parent.cause,
    )


def _at(acted: Acted) -> int:
    return acted.case.deeds[-1].at


def _standing() -> Expr:
    return IsNull(field("until"))


def naming(records: tuple[Record, ...], rows: Sequence[Entity]) -> tuple[Record, ...]:
    """The first record names the further rows of the same commit too: every write is journalled."""
    if not rows or not records:
        return records
    named = tuple((noun_name(type(row)), row.id) for row in rows)
    known = set(records[0].subjects)
    return (
        replace(records[0], subjects=(*records[0].subjects, *(one for one in named if one not in known))),
        *records[1:],
    )
