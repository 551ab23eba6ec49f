"""Fills a new city's store: places, things, organisations, accounts and furnished things."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from argon2 import PasswordHasher

from hutong.app.first_articles import first_articles
from hutong.app.taking_up import observed_row
from hutong.kernel.base import Entity, Instant, Label, Provenance
from hutong.kernel.changes import Record
from hutong.kernel.definition.pack import AccountEntry, City
from hutong.kernel.definition.thing import PropertyDefinition
from hutong.kernel.party import Account, Party, Responsibility, Role
from hutong.kernel.place import Place
from hutong.kernel.ports import Store
from hutong.kernel.spans import span
from hutong.kernel.thing import Datastream, Sensor, Thing

Columns = Mapping[str, Sequence[Any]]


class StreamRow(msgspec.Struct, frozen=True):
    """A datastream of a furnished thing: which property, sensed by what."""

    property: str
    sensor: str


class ThingRow(msgspec.Struct, frozen=True, kw_only=True):
    """A thing that a furnishing model gives; `links` name other things by code."""

    type: str
    code: str
    name: Label
    geometry: bytes | None = None
    component_class: str | None = None
    properties: dict[str, Any] = {}
    links: dict[str, list[str]] = {}
    streams: list[StreamRow] = []
    provenance: Provenance


class Seeder:
    """Writes the first rows of a city. Codes stand for ids until everything has one."""

    def __init__(self, store: Store, city: City, at: Instant) -> None:
        self.store = store
        self.city = city
        self.at = at
        self.places: dict[tuple[str, str], int] = {}
        self.organisations: dict[str, int] = {}
        self.observed: dict[str, int] = {}
        self.things: dict[str, int] = {}

    def load(self, what: str, rows: Sequence[Entity], facts: dict[str, Any] | None = None) -> None:
        if rows:
            record = Record(kind=f"{what}.import", actor=0, at=self.at, facts=facts or {})
            self.store.bulk_load(rows, record)

    def map(self, places: Columns, things: Columns, source: str, licence: str) -> None:
        """The places and things of `loader.osm.read_city`."""
        self.load(
            "place", list(self._places(places, source, licence)), {"source": source, "licence": licence}
        )
        self.load(
            "thing", list(self._map_things(things, source, licence)), {"source": source, "licence": licence}
        )

    def _places(self, rows: Columns, source: str, licence: str) -> Iterator[Place]:
        count = len(rows["code"])
        ids = self.store.new_ids(count)
        self.places = {(rows["tree"][i], rows["code"][i]): ids[i] for i in range(count)}
        parents = {code: id for (tree, code), id in self.places.items() if tree != "duty_grid"}
        for i in range(count):
            duty = self.places.get(("duty_grid", rows["duty_grid"][i]))
            yield Place(
                id=ids[i],
                tree=rows["tree"][i],
                code=rows["code"][i],
                name=Label(rows["name_zh"][i], rows["name_en"][i]),
                parent=parents.get(rows["parent"][i]),
                members_of=(duty,) if duty else (),
                geometry=rows["geometry"][i],
                provenance=Provenance(rows["provenance"][i], source, licence),
            )

    def _map_things(self, rows: Columns, source: str, licence: str) -> Iterator[Thing]:
        count = len(rows["code"])
        ids = self.store.new_ids(count)
        for i in range(count):
            yield Thing(
                id=ids[i],
                type=rows["type"][i],
                code=rows["code"][i],
                name=Label(rows["name_zh"][i], rows["name_en"][i]),
                component_class=rows["component_class"][i] or None,
                place=self.places.get(("unit_grid", rows["unit_grid"][i])),
                geometry=rows["geometry"][i],
                properties=_properties(rows["properties"][i]),
                provenance=_map_provenance(source, str(rows["osm"][i]), licence),
            )

    def parties(self, password: str) -> None:
        """Organisations, then the people of accounts.yaml with their accounts and roles."""
        entries = self.city.organisations
        ids = self.store.new_ids(len(entries))
        self.organisations = {entry.code: id for entry, id in zip(entries, ids, strict=True)}
        made = self._told("organisations.yaml")
        self.load(
            "party",
            [
                Party(
                    id=id,
                    subject=id,
                    kind=entry.kind,
                    label=entry.label,
                    code=entry.code,
                    parent=self.organisations.get(entry.parent or ""),
                    side=entry.side,
                    facts={"uscc": entry.uscc} if entry.uscc else {},
                    provenance=made,
                )
                for entry, id in zip(entries, ids, strict=True)
            ],
        )
        digest = PasswordHasher().hash(password)
        rows = [row for entry in self.city.accounts for row in self.account(entry, digest)]
        for noun, kind in (("party", Party), ("account", Account), ("role", Role)):
            self.load(noun, [row for row in rows if isinstance(row, kind)])

    def articles(self) -> None:
        """The knowledge base it begins with; organisations must be known."""
        made = self._told("articles.yaml")
        self.load("article", first_articles(self.store, self.city, self.organisations, self.at, made))

    def _told(self, file: str) -> Provenance:
        """The people and offices of a demo night are invented."""
        if self.city.head.night is None:
            return Provenance("recorded", f"{file} of the city")
        return Provenance("simulated", f"{file} of the demo")

    def account(self, entry: AccountEntry, digest: str) -> list[Entity]:
        """The rows of one account: person, account, roles. `organisations` and `places` must be known."""
        person, account, *roles = self.store.new_ids(2 + len(entry.roles))
        made = self._told("accounts.yaml")
        organisation = self.organisations[entry.organisation]
        place = next((id for (_, code), id in self.places.items() if code == entry.place), None)
        return [
            Party(
                id=person, subject=person, kind="person", parent=organisation,
                person_name=entry.name, phone=entry.phone, provenance=made,
            ),
            Account(
                id=account, subject=person, login=entry.login, password_hash=digest,
                organisation=organisation, simulated=entry.simulated, provenance=made,
            ),
            *(
                Role(id=id, account=account, role=role, place=place, since=self.at, provenance=made)
                for id, role in zip(roles, entry.roles, strict=True)
            ),
        ]  # fmt: skip

    def responsibilities(self) -> None:
        """The 权责清单 of the city's file; from then on the list in the store holds."""
        rows = self.city.responsibilities
        ids = self.store.new_ids(len(rows)) if rows else range(0)
        made = self._told("responsibilities.csv")
        self.load(
            "responsibility",
            [
                Responsibility(
                    id=id,
                    kind=row.kind,
                    code=row.code,
                    area=row.place,
                    organisation=self.organisations[row.organisation],
                    basis=row.basis,
                    since=self.at,
                    provenance=made,
                )
                for id, row in zip(ids, rows, strict=True)
            ],
        )

    def observed_properties(self) -> None:
        """One ObservedProperty row for each that the packs define."""
        definitions = [one for pack in self.city.packs for one in pack.properties]
        ids = self.store.new_ids(len(definitions))
        self.observed = {one.name: id for one, id in zip(definitions, ids, strict=True)}
        self.load(
            "observed_property",
            [observed_row(self.observed[one.name], one) for one in definitions],
        )

    def furnish(self, rows: Iterable[ThingRow], grids: Sequence[int | None]) -> None:
        """Things of a model, with their sensors and datastreams; `grids[i]` is the unit grid of row i."""
        listed = list(rows)
        ids = self.store.new_ids(len(listed))
        self.things = {row.code: id for row, id in zip(listed, ids, strict=True)}
        things = [
            Thing(
                id=self.things[row.code],
                type=row.type,
                code=row.code,
                name=row.name,
                component_class=row.component_class,
                place=grid,
                geometry=row.geometry,
                properties=row.properties,
                links={role: tuple(self.things[code] for code in codes) for role, codes in row.links.items()},
                provenance=row.provenance,
            )
            for row, grid in zip(listed, grids, strict=True)
        ]
        self.load("thing", things)
        sensors, streams = self._streams(listed)
        self.load("sensor", sensors)
        self.load("datastream", streams)

    def _streams(self, rows: list[ThingRow]) -> tuple[list[Sensor], list[Datastream]]:
        defined = {one.name: one for pack in self.city.packs for one in pack.properties}
        sensors: dict[str, Sensor] = {}
        streams: list[Datastream] = []
        total = sum(len(row.streams) for row in rows)
        ids = iter(self.store.new_ids(total))
        stream_ids = iter(self.store.new_stream_ids(total))
        for row in rows:
            for stream in row.streams:
                sensor = sensors.get(stream.sensor)
                if sensor is None:
                    sensor = Sensor(
                        id=next(ids), name=stream.sensor, provenance=Provenance("simulated", "demo sensor")
                    )
                    sensors[stream.sensor] = sensor
                definition = defined[stream.property]
                streams.append(self._stream(next(stream_ids), row, sensor, definition))
        return list(sensors.values()), streams

    def _stream(self, id: int, row: ThingRow, sensor: Sensor, one: PropertyDefinition) -> Datastream:
        return Datastream(
            id=id,
            name=f"{row.name.zh} {one.label.zh}",
            description=f"{row.name.en or row.name.zh}: {one.label.en}",
            thing=self.things[row.code],
            sensor=sensor.id,
            observed_property=self.observed[one.name],
            property_code=one.name,
            result_kind=one.kind,
            unit=one.unit,
            unit_name=one.unit,
            low=one.low,
            high=one.high,
            interval=span(one.interval) if one.interval else None,
            same_time=one.same_time,
            provenance=Provenance("simulated", "demo sensor"),
        )


def _map_provenance(source: str, idents: str, licence: str) -> Provenance:
    if idents.startswith("s"):
        return Provenance(
            "derived", "drawn by hand through the map's bridges and tunnels; not surveyed", licence
        )
    return Provenance("recorded", f"{source}: {idents}", licence)


def _properties(text: Any) -> dict[str, Any]:
    if isinstance(text, dict):
        return text
    decoded: dict[str, Any] = msgspec.json.decode(text) if text else {}
    return decoded
