"""Which case a warning becomes, or which open case it belongs to, within one commit."""

from __future__ import annotations

from collections.abc import Sequence

import shapely
from msgspec.structs import replace

from hutong.engine.flow.cases import CaseDesk, open_cases
from hutong.engine.flow.whereabouts import position_of
from hutong.engine.handle.open import OpenCase
from hutong.kernel.access import Actor
from hutong.kernel.base import Label
from hutong.kernel.case import Case, Category, Notice, Warning
from hutong.kernel.changes import Numbering, Record
from hutong.kernel.observation import ObservationBatch
from hutong.kernel.ports import Reader
from hutong.kernel.query import both, equals
from hutong.kernel.thing import Thing


class Openings:
    """Collects the cases that warnings open or join.

    One thing has one open case per category: a second warning there is further evidence, not a second case.
    `coming`: rows that the same commit stores; a thing that moves may stand where they say.
    """

    def __init__(self, reader: Reader, desk: CaseDesk, coming: Sequence[ObservationBatch] = ()) -> None:
        self.reader = reader
        self.desk = desk
        self.coming = coming
        self.setting = desk.setting(reader)
        self.cases: dict[tuple[int, Category], Case] = {}
        self.numbering: list[Numbering] = []
        self.records: list[Record] = []
        self.notices: list[Notice] = []

    def place(self, warning: Warning, via: str, actor: Actor) -> Warning:
        """The warning with its case; the case and its record are collected."""
        category = self.desk.rulebook.rule(warning.rule, warning.rule_version).category
        key = (warning.thing, category)
        case = self.cases.get(key) or self._standing(warning.thing, category)
        if case is None:
            case = self._opened(warning, category, via, actor)
        elif warning.id not in case.warnings:
            case = replace(case, warnings=(*case.warnings, warning.id))
            self.records.append(self.joining(case, warning, actor))
        self.cases[key] = case
        return replace(warning, case=case.id)

    def _standing(self, thing: int, category: Category) -> Case | None:
        found = open_cases(self.reader, both(equals("thing", thing), equals("category/code", category.code)))
        return next((case for case in found if case.category == category), None)

    def _opened(self, warning: Warning, category: Category, via: str, actor: Actor) -> Case:
        thing = self.reader.get(Thing, warning.thing)
        label = self.desk.rulebook.category_names[category]
        name = thing.name
        position = self._position(thing, warning)
        opened = self.desk.opened(
            OpenCase(
                id=self.desk.store.new_ids(1)[0],
                category=category,
                title=Label(f"{name.zh} {label.zh}", f"{label.text('en')}: {name.text('en')}"),
                text=warning.explanation.zh,
                source="sensor",
                via=via,
                place=self._place(thing, position),
                position=position,
                position_text=name.zh,
                thing=thing.id,
                cause=warning.cause,
                warnings=(warning.id,),
                provenance=warning.provenance,
                facts={"began": warning.began},
            ),
            actor,
            self.setting,
        )
        self.numbering.append(opened.numbering)
        self.records.extend(opened.records)
        self.notices.extend(opened.notices)
        return opened.case

    def _position(self, thing: Thing, warning: Warning) -> bytes | None:
        """Where the thing stands, or where one that moves was when the warning was raised."""
        names = self._moves(thing)
        if names is None:
            return centre(thing.geometry)
        return position_of(self.reader, thing, names, warning.raised, self.coming)

    def _moves(self, thing: Thing) -> tuple[str, str] | None:
        kind = self.desk.rulebook.types.get(thing.type)
        return kind.position if kind else None

    def _place(self, thing: Thing, position: bytes | None) -> int | None:
        """The unit grid it stands in; of a thing that moves the one it was in."""
        if position is None or self._moves(thing) is None:
            return thing.place
        at = shapely.from_wkb(position)
        return self.desk.directory().locate(at.x, at.y)

    def joining(self, case: Case, warning: Warning, actor: Actor) -> Record:
        return Record(
            kind="case.add_warning",
            actor=actor.account,
            at=self.desk.clock.city_time(),
            subjects=(("case", case.id), ("warning", warning.id)),
            facts={"action": "add_warning", "rule": warning.rule, "to": case.state},
            explain={
                "because": "the same thing and category have an open case",
                "rule_version": warning.rule_version,
            },
            cause=warning.cause,
        )


def centre(geometry: bytes | None) -> bytes | None:
    """A point of a geometry (WKB)."""
    if geometry is None:
        return None
    point: bytes = shapely.to_wkb(shapely.point_on_surface(shapely.from_wkb(geometry)))
    return point
