"""Takes a census in: what is new, changed, gone and refused; applied in parts that may be broken off and begun again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Literal

import msgspec
from msgspec.structs import replace

from hutong.engine.census import CensusCity, Refusal, Surveyed, surveyed
from hutong.engine.directory import Directory
from hutong.engine.rulebook import Rulebook
from hutong.kernel.base import Provenance
from hutong.kernel.changes import Changes, Record
from hutong.kernel.clock import Clock
from hutong.kernel.datums import GeographicDatum
from hutong.kernel.definition.thing import ThingType
from hutong.kernel.errors import Invalid
from hutong.kernel.ports import Reader, Store
from hutong.kernel.query import In, both, equals, field
from hutong.kernel.thing import Thing

Fate = Literal["new", "changed", "retired", "same", "refused"]
PART = 1000
"""Rows of one commit."""


class Fated(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of a row; a refusal says why. `elsewhere`: it stands in another grid than it says."""

    line: int
    fate: Fate
    code: str = ""
    elsewhere: bool = False
    column: str = ""
    reason: str = ""
    remedy: str = ""


class CensusDesk:
    """The census of one type of things. `actor`: the account that brings it (0: the platform)."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        rulebook: Rulebook,
        directory: Callable[[], Directory],
        type: str,
        actor: int = 0,
    ) -> None:
        self.store = store
        self.clock = clock
        self.type = exchanged_type(rulebook, type)
        self.exchange = self.type.exchange
        self.city = census_city(rulebook, directory(), self.type)
        self.actor = actor

    def run(
        self,
        rows: Iterable[tuple[int, Mapping[str, str]]],
        source: str,
        *,
        datum: GeographicDatum = "cgcs2000",
        apply: bool = False,
    ) -> Iterator[Fated]:
        """(line, column → text) → what becomes of each, in order. With `apply` every thousand rows are one commit; what was
        taken in before is the same and is not written again, so a run that broke off is simply begun anew."""
        waiting, seen = iter(rows), dict[str, int]()
        while part := list(islice(waiting, PART)):
            judged = [self._judged(line, row, datum, seen) for line, row in part]
            found = [one for _, one in judged if isinstance(one, Surveyed)]
            with self.store.reader() as reader:
                known = self._known(reader, [one.code for one in found])
            puts = self._puts(found, known, source)
            if apply and puts:
                self._commit(list(puts.values()), source)
            for line, one in judged:
                yield self._fate(line, one, known, puts)

    def _judged(
        self, line: int, row: Mapping[str, str], datum: GeographicDatum, seen: dict[str, int]
    ) -> tuple[int, Surveyed | Refusal]:
        assert self.exchange is not None
        try:
            one = surveyed(row, self.exchange, self.city, datum)
        except Refusal as refusal:
            return line, refusal
        earlier = seen.setdefault(one.code, line)
        if earlier != line:
            column = next(each.column for each in self.exchange.fields if each.into == "code")
            return line, Refusal(column, f"{one.code} stands in line {earlier} already", "keep one of them")
        return line, one

    def _known(self, reader: Reader, codes: list[str]) -> dict[str, Thing]:
        if not codes:
            return {}
        where = both(equals("type", self.type.name), In(field("code"), tuple(codes)))
        rows = reader.find(Thing, where, limit=2 * PART, retired=True).rows
        return {one.code: one for one in rows}

    def _puts(self, found: list[Surveyed], known: Mapping[str, Thing], source: str) -> dict[str, Thing]:
        """Code → the row as it becomes, for those that are new or change."""
        fresh = [one for one in found if one.code not in known]
        ids = iter(self.store.new_ids(len(fresh)) if fresh else range(0))
        puts = {}
        for one in found:
            before = known.get(one.code)
            if before is None:
                before = Thing(id=next(ids), type=self.type.name, code=one.code, name=one.name)
            after = self._after(before, one)
            if before.version == 0 or after != before:
                puts[one.code] = replace(after, provenance=Provenance("recorded", source))
        return puts

    def _after(self, before: Thing, one: Surveyed) -> Thing:
        """Properties that the table does not have stay as they are."""
        assert self.exchange is not None
        own = {each.into for each in self.exchange.fields}
        kept = {name: value for name, value in before.properties.items() if name not in own}
        gone = before.retired or self.clock.city_time()
        return replace(
            before,
            name=before.name if before.name.zh == one.name.zh else one.name,
            component_class=one.component_class,
            place=one.place,
            geometry=one.geometry,
            properties={**kept, **one.properties},
            retired=gone if one.retired else None,
        )

    def _commit(self, puts: list[Thing], source: str) -> None:
        record = Record(
            kind="thing.census",
            actor=self.actor,
            at=self.clock.city_time(),
            subjects=tuple(("thing", one.id) for one in puts),
            facts={"source": source, "type": self.type.name, "rows": len(puts)},
        )
        self.store.apply(Changes(puts=tuple(puts), records=(record,)))

    def _fate(
        self, line: int, one: Surveyed | Refusal, known: Mapping[str, Thing], puts: Mapping[str, Thing]
    ) -> Fated:
        if isinstance(one, Refusal):
            return Fated(line=line, fate="refused", column=one.column, reason=one.reason, remedy=one.remedy)
        before = known.get(one.code)
        fate: Fate = "same"
        if one.code in puts:
            fate = "new" if before is None else "changed"
            if one.retired and (before is None or before.retired is None):
                fate = "retired"
        return Fated(line=line, fate=fate, code=one.code, elsewhere=one.elsewhere)


def exchanged_type(rulebook: Rulebook, name: str = "") -> ThingType:
    """The type of that name, or the only one that has an exchange table."""
    types = {one.name: one for one in rulebook.types.values() if one.exchange is not None}
    if name in types:
        return types[name]
    if not name and len(types) == 1:
        return next(iter(types.values()))
    raise Invalid("type", f"{name!r} has no exchange table", "choose one of " + ", ".join(sorted(types)))


def census_city(rulebook: Rulebook, directory: Directory, kind: ThingType) -> CensusCity:
    tables = {one.name: one.codes for pack in rulebook.city.packs for one in pack.code_tables}
    return CensusCity(
        division=rulebook.city.head.division,
        classes={one.code for one in rulebook.categories if one.kind == "component"},
        grids={one.code: one.id for one in directory.places.values() if one.tree == "unit_grid"},
        grid=directory.locate,
        choices={one.name: tables[one.choices] for one in kind.properties if one.choices},
    )


def told(fates: Iterable[Fated]) -> Counter[str]:
    """How many rows each became."""
    return Counter(one.fate for one in fates)


def standing(reader: Reader, type: str) -> dict[str, list[Any]]:
    """Columns of the things of a type that stand."""
    return reader.columns(
        Thing, ("id", "code", "name", "component_class", "place", "properties"), equals("type", type)
    )
