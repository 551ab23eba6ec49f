"""What one request wants to change: gathered, then applied whole or not at all."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
import shapely
from msgspec.structs import replace
from numpy.typing import NDArray

from hutong.api.house import House
from hutong.api.sensorthings.columns import Columns
from hutong.api.sensorthings.lookup import Lookup, locations_of
from hutong.api.sensorthings.model import LOCATED, LOCATIONS
from hutong.kernel.access import Actor, decide
from hutong.kernel.base import Entity
from hutong.kernel.changes import Amendment, Changes, Record
from hutong.kernel.errors import Forbidden, Invalid, Unavailable
from hutong.kernel.geometry import from_wkb
from hutong.kernel.thing import Datastream, Feature, Location, ObservedProperty, Sensor, Thing

E = TypeVar("E", bound=Entity)
Ints = NDArray[np.int64]
Repeated = tuple[str | None, str]
"""An idempotency key, or None, and the digest of its request."""
NO_KEY: Repeated = (None, "")
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
        self.columns = Columns(self.now)
        self.amends: dict[int, Amendment] = {}

    def new_id(self) -> int:
        return self.house.store.new_ids(1)[0]

    def new_stream_id(self) -> int:
        return self.house.store.new_stream_ids(1)[0]

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

    def may_observe(self, stream: Datastream) -> None:
        """Forbidden unless the asker may send observations of this datastream."""
        thing = self.linked(Thing, stream.thing, "Thing")
        if not stream.version:
            return self.may_manage(thing)
        scope = self.house.directory.scope(thing.place, thing.owner)
        decisions = [decide(self.actor, verb, "datastream", scope) for verb in ("observe", "manage")]
        if not any(one.allowed for one in decisions):
            raise Forbidden(
                "datastream", decisions[0].reason, "ask an administrator for a role that may observe"
            )
        return None

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

    def amend(self, amendment: Amendment) -> None:
        """An observation is corrected or goes; once in a draft."""
        if amendment.id in self.amends and self.amends[amendment.id].row is not None:
            raise Invalid("Observation", f"{amendment.id} is changed twice", "send one change of it")
        self.amends[amendment.id] = amendment

    def apply(self, kind: str, *, structural: bool = True, key: Repeated = NO_KEY) -> Ints | None:
        """Commits everything as one command; ids of the observations that came with it.

        Conflict if somebody changed one of the rows meanwhile. `structural`: things or datastreams changed, so whoever
        judges must look again. An empty `kind`: a change set, with a record for each noun.
        """
        batch = self.columns.batch("sensorthings")
        if not self.puts and not self.amends and batch is None:
            return None
        changes = self._changes(kind)
        intake = self.house.context.intake
        if batch is not None:
            if intake is None:
                raise Unavailable("Observations", "this server takes none", "send them to the one that does")
            outcome = intake.submit(batch, key=key[0], digest=key[1], beside=changes).result()
            return outcome.ids
        self.house.store.apply(changes)
        if structural and self.puts and intake is not None:
            intake.changed()
        return None

    def _changes(self, kind: str) -> Changes:
        nouns = [kind.partition(".")[0]] if kind else dict.fromkeys(noun for noun, _ in self.puts)
        records = [
            Record(
                kind=kind or f"{noun}.change",
                actor=self.actor.account,
                at=self.now,
                subjects=tuple(one for one in self.puts if kind or one[0] == noun),
            )
            for noun in nouns
        ]
        if self.amends:
            why = {"why": f"SensorThings {kind or 'change set'}"}
            records.append(Record(kind="observation.amend", actor=self.actor.account, at=self.now, facts=why))
        return Changes(
            puts=tuple(self.puts.values()), records=tuple(records), amends=tuple(self.amends.values())
        )


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
