"""What one request wants to change: gathered, then applied whole or not at all."""

from __future__ import annotations

from typing import Any, TypeVar

import shapely
from msgspec.structs import replace

from hutong.api.house import House
from hutong.api.sensorthings.lookup import Lookup, locations_of
from hutong.api.sensorthings.model import LOCATED, LOCATIONS
from hutong.engine.observe import check, stream_table
from hutong.kernel.access import Actor, decide
from hutong.kernel.base import Entity
from hutong.kernel.changes import Changes, Record
from hutong.kernel.errors import Forbidden, Invalid
from hutong.kernel.geometry import from_wkb
from hutong.kernel.observation import ObservationBatch
from hutong.kernel.thing import Datastream, Feature, Location, ObservedProperty, Sensor, Thing

E = TypeVar("E", bound=Entity)
NOUNS: dict[type[Entity], str] = {
    Thing: "thing",
    Location: "location",
    Sensor: "sensor",
    ObservedProperty: "observed_property",
    Datastream: "datastream",
    Feature: "feature",
}


class Draft:
    """Rows to put, and observations of new datastreams; nothing is kept before `apply`."""

    def __init__(self, house: House, lookup: Lookup, actor: Actor) -> None:
        self.house = house
        self.lookup = lookup
        self.actor = actor
        self.now = house.now()
        self.puts: dict[tuple[str, int], Entity] = {}
        self.batch: ObservationBatch | None = None

    def new_id(self) -> int:
        return self.house.store.new_ids(1)[0]

    def put(self, entity: Entity) -> None:
        self.puts[NOUNS[type(entity)], entity.id] = entity

    def linked(self, noun: type[E], id: int, field: str) -> E:
        """A row that a body names by its id: one of this draft, or one that stands."""
        drafted = self.puts.get((NOUNS[noun], id))
        found = drafted or self.lookup.reader.many(noun, [id]).get(id)
        if found is None or found.retired is not None:
            raise Invalid(field, f"there is no {noun.__name__} {id}", "create it first, or describe it here")
        return found  # type: ignore[return-value]

    def may_manage(self, thing: Thing | None = None) -> None:
        """Forbidden unless the asker may manage things (here)."""
        scope = self.house.directory.scope(thing.place, thing.owner) if thing and thing.version else None
        decision = decide(self.actor, "manage", "thing", scope)
        if not decision.allowed:
            raise Forbidden("thing", decision.reason, "ask an administrator for a role that may")

    def place(self, thing: Thing, locations: tuple[int, ...]) -> Thing:
        """The thing at these Locations from now on; those it was at forget it."""
        for id in set(locations_of(thing)) - {*locations, thing.id}:
            before = self.linked(Location, id, "Locations")
            self.put(replace(before, things=tuple(one for one in before.things if one != thing.id)))
        geometry = None
        for id in locations:
            location = self.linked(Location, id, "Locations")
            geometry = geometry or location.geometry
            if thing.id not in location.things:
                self.put(replace(location, things=(*location.things, thing.id)))
        return self.moved(
            replace(thing, properties={**thing.properties, LOCATIONS: list(locations)}), geometry
        )

    def moved(self, thing: Thing, geometry: bytes | None) -> Thing:
        """The thing with another geometry, in the unit grid it then stands in."""
        place = None
        if geometry is not None:
            point = shapely.point_on_surface(from_wkb(geometry))
            place = self.house.directory.locate(point.x, point.y)
        properties = {**thing.properties, LOCATED: self.now}
        moved = replace(thing, geometry=geometry, place=place, properties=properties)
        self.put(moved)
        return moved

    def apply(self, kind: str, *, structural: bool = True) -> None:
        """Commits everything as one command. Conflict if somebody changed one of the rows meanwhile.

        `structural`: things or datastreams changed, so whoever judges must look again.
        """
        if not self.puts:
            return
        record = Record(kind=kind, actor=self.actor.account, at=self.now, subjects=tuple(self.puts))
        batches = (self._checked(self.batch),) if self.batch is not None else ()
        self.house.store.apply(Changes(puts=tuple(self.puts.values()), records=(record,), batches=batches))
        if structural and self.house.context.intake is not None:
            self.house.context.intake.changed()

    def _checked(self, batch: ObservationBatch) -> ObservationBatch:
        """Observations that come with their datastream are history: checked and kept, not judged."""
        streams = [one for one in self.puts.values() if isinstance(one, Datastream)]
        known = self.lookup.reader.many(Datastream, sorted(set(batch.stream.tolist())))
        table = stream_table([*streams, *known.values()], self.house.rulebook.properties)
        checked = check(batch, table, self.now)
        if checked.refusals:
            first = checked.refusals[0]
            raise Invalid(f"Observations[{first.row}].{first.field}", first.reason)
        return checked.batch


def facts_of(body: Any, field: str) -> dict[str, Any]:
    """A JSON object of a body."""
    if not isinstance(body, dict):
        raise Invalid(field, "must be a JSON object", "send {…}")
    return body


def text_of(body: dict[str, Any], name: str, *, required: bool = True, default: str = "") -> str:
    """A text property."""
    value = body.get(name)
    if value is None and not required:
        return default
    if not isinstance(value, str) or "\0" in value:
        raise Invalid(name, "is missing" if value is None else "must be text", "send it as a JSON string")
    return value
