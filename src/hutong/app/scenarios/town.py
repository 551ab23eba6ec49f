"""The tiny city of a scenario: one unit grid, one organisation a side, three people a role, and what is given."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo

import shapely

from hutong.app.city import functions_of
from hutong.app.scenarios.times import LocalTimes
from hutong.app.seeding import Columns, Seeder, StreamRow, ThingRow
from hutong.engine.directory import Directory, everything
from hutong.engine.flow.cases import CaseDesk
from hutong.engine.flow.deadlines import Deadlines
from hutong.engine.flow.intake import Intake
from hutong.engine.flow.responding import ResponseDesk
from hutong.engine.flow.warnings import WarningDesk
from hutong.engine.rulebook import Rulebook
from hutong.kernel.access import Actor
from hutong.kernel.base import Label, Provenance
from hutong.kernel.clock import FixedClock
from hutong.kernel.definition.pack import AccountEntry, City, CityHead, OrganisationEntry, ResponsibilityRow
from hutong.kernel.definition.procedure import RoleDefinition
from hutong.kernel.definition.scenario import Given
from hutong.kernel.errors import Invalid, NotFound
from hutong.kernel.party import Side
from hutong.kernel.ports import Reader
from hutong.kernel.thing import Datastream
from hutong.loader.digest import contents_of
from hutong.loader.find import packs_of
from hutong.loader.pack import PackSource
from hutong.store.opening import open_store

BOX = (121.40, 31.20, 121.41, 31.21)
DIVISION = "310101"
GRID = "310101001001001"
ZONE = "Asia/Shanghai"
PEOPLE = 3
MADE = Provenance("simulated", "a scenario")


class Town:
    """A seeded city in a folder, with its desks, on a clock that stands until it is moved."""

    def __init__(
        self, sources: Sequence[PackSource], given: Given, folder: Path, database: str | None = None
    ) -> None:
        self.given = given
        self.times = LocalTimes(given.at, ZoneInfo(ZONE))
        self.clock = FixedClock(self.times.start)
        listed = list(sources)
        self.city = _city(listed, given)
        self._check()
        self.store = open_store(database or folder, clock=self.clock, folder=folder)
        self._seed()
        with self.store.reader() as reader:
            self.rulebook = Rulebook(self.city, functions_of(listed), reader.definition)
            self.directory = self._directory(reader)
            self.streams = {(one.thing, one.property_code): one.id for one in everything(reader, Datastream)}
        for source in listed:
            if source.pack is not None:
                for content in contents_of(source.pack, source.functions).values():
                    self.store.keep_definition(content)
        self.accounts = {one.login: one.id for one in self.directory.accounts.values()}
        self.desk = CaseDesk(self.store, self.clock, self.rulebook, lambda: self.directory)
        self.warnings = WarningDesk(self.desk)
        self.deadlines = Deadlines(self.desk)
        self.responses = ResponseDesk(self.desk, self.reread)
        self.intake = Intake(self.desk, lambda: self.directory)

    def _directory(self, reader: Reader) -> Directory:
        return Directory(reader, self.rulebook.roles.values(), self.rulebook.modes.values())

    def reread(self) -> None:
        """Roles or modes changed."""
        with self.store.reader() as reader:
            self.directory = self._directory(reader)

    def _check(self) -> None:
        """Names in `given` that point nowhere, before anything is stored."""
        packs = self.city.packs
        types = {one.name for pack in packs for one in pack.types}
        properties = {one.name for pack in packs for one in pack.properties}
        codes = {thing.code for thing in self.given.things}
        for thing in self.given.things:
            _known(thing.type, types, f"given.things.{thing.code}.type", "thing type")
            for role, others in thing.links.items():
                for other in others:
                    _known(other, codes, f"given.things.{thing.code}.links.{role}", "given thing")
        for rows in self.given.observations:
            _known(rows.thing, codes, "given.observations.thing", "given thing")
            _known(rows.property, properties, "given.observations.property", "observed property")
        rules = {one.name for pack in packs for one in pack.rules}
        for rule in self.given.opens_cases:
            _known(rule, rules, "given.opens_cases", "rule")

    def _seed(self) -> None:
        seeder = Seeder(self.store, self.city, self.times.start)
        seeder.map(_places(), _NO_THINGS, "scenario", "")
        seeder.parties("")
        seeder.observed_properties()
        rows = [self._row(at, code) for at, code in enumerate(one.code for one in self.given.things)]
        seeder.furnish(rows, [seeder.places["unit_grid", GRID]] * len(rows))
        self.things = seeder.things
        self.codes = {id: code for code, id in self.things.items()}

    def _row(self, at: int, code: str) -> ThingRow:
        thing = self.given.things[at]
        observed = dict.fromkeys(rows.property for rows in self.given.observations if rows.thing == code)
        west, south, east, _ = BOX
        across = (east - west) * (at + 1) / (len(self.given.things) + 1)
        return ThingRow(
            type=thing.type,
            code=code,
            name=Label(thing.name or code, thing.name or code),
            geometry=shapely.to_wkb(shapely.Point(west + across, south + 0.005)),
            properties=thing.properties,
            links={role: list(others) for role, others in thing.links.items()},
            streams=[StreamRow(name, f"{code} {name}") for name in observed],
            provenance=MADE,
        )

    def thing(self, code: str) -> int:
        if code not in self.things:
            raise NotFound("thing", f"no thing {code!r} is given", "list it in given.things")
        return self.things[code]

    def actor(self, who: str) -> Actor:
        """`handler 2` is the second person of that role; `handler` the first."""
        login = who if " " in who else f"{who} 1"
        if login not in self.accounts:
            known = ", ".join(sorted(self.rulebook.roles)) or "none: a pack with roles must be needed"
            raise NotFound("by", f"there is nobody {who!r}", f"write ROLE or ROLE NUMBER; roles are {known}")
        return self.directory.actor(self.accounts[login], self.clock.city_time())

    def close(self) -> None:
        self.intake.close()
        self.store.close()


def _known(name: str, names: set[str], field: str, what: str) -> None:
    if name not in names:
        listed = ", ".join(sorted(names)[:12]) or "none"
        raise Invalid(field, f"there is no {what} {name!r}", f"known are {listed}")


def _city(sources: list[PackSource], given: Given) -> City:
    packs = packs_of(sources)
    roles = {role.name: role for pack in packs for role in pack.roles}
    return City(
        head=CityHead(
            name="scenario",
            label=Label("情景小城", "Scenario town"),
            division=DIVISION,
            zone=ZONE,
            packs=tuple(pack.head.name for pack in packs),
            box=BOX,
            source="scenario",
            licence="",
            opens_cases=given.opens_cases,
            parameters=given.parameters,
            limits=given.limits,
        ),
        folder="",
        packs=packs,
        organisations=tuple(_organisations(given)),
        accounts=tuple(_accounts(roles, given)),
        responsibilities=tuple(
            ResponsibilityRow(kind=row.kind, code=row.code, organisation=row.organisation, basis=row.basis)
            for row in given.responsibilities
        ),
    )


def _organisations(given: Given) -> list[OrganisationEntry]:
    own = [OrganisationEntry(code=side, label=Label(side, side), side=side) for side in get_args(Side)]
    further = [
        OrganisationEntry(code=one.code, label=Label(one.code, one.code), side=one.side, parent=one.parent)
        for one in given.organisations
    ]
    return [*own, *further]


def _accounts(roles: dict[str, RoleDefinition], given: Given) -> list[AccountEntry]:
    elsewhere = {one.who: one.organisation for one in given.people}
    codes = {one.code for one in _organisations(given)}
    for who, code in elsewhere.items():
        _known(code, codes, f"given.people.{who}", "organisation")
    return [
        AccountEntry(
            login=(who := f"{role.name} {number}"),
            name=f"{role.label.zh}{number}",
            organisation=elsewhere.get(who, role.side),
            roles=(role.name,),
        )
        for role in roles.values()
        for number in range(1, PEOPLE + 1)
    ]


def _places() -> Columns:
    shape = shapely.to_wkb(shapely.box(*BOX))
    return {
        "tree": ["division", "unit_grid"],
        "code": [DIVISION, GRID],
        "name_zh": ["小城", "一网格"],
        "name_en": ["Town", "Grid 1"],
        "parent": ["", DIVISION],
        "duty_grid": ["", ""],
        "geometry": [shape, shape],
        "provenance": ["simulated", "simulated"],
    }


_NO_THINGS: Columns = {"code": []}
