"""Changes of one request, or of one change set, gathered in one draft: all are kept, or none."""

from __future__ import annotations

from typing import Any

import msgspec

from hutong.api.house import House
from hutong.api.sensorthings.amending import Amending
from hutong.api.sensorthings.change import Changer
from hutong.api.sensorthings.create import Inserter, Parents
from hutong.api.sensorthings.draft import NO_KEY, NOUNS, Draft, Repeated
from hutong.api.sensorthings.linking import Linking
from hutong.api.sensorthings.lookup import Item, Lookup
from hutong.api.sensorthings.model import EntitySet
from hutong.api.sensorthings.past import Past
from hutong.api.sensorthings.patches import patched
from hutong.api.sensorthings.paths import Resource
from hutong.api.sensorthings.reading import Reading
from hutong.api.sensorthings.render import Facts, body_of
from hutong.engine.flow.foreseen import Foreseen
from hutong.kernel.access import Actor
from hutong.kernel.errors import Invalid
from hutong.kernel.ports import Reader
from hutong.kernel.thing import Datastream, Thing

_BACK = {
    ("Things", "Datastreams"): "Thing",
    ("Things", "Locations"): "Things",
    ("Things", "HistoricalLocations"): "Thing",
    ("Locations", "Things"): "Locations",
    ("Sensors", "Datastreams"): "Sensor",
    ("ObservedProperties", "Datastreams"): "ObservedProperty",
    ("Datastreams", "Observations"): "Datastream",
    ("FeaturesOfInterest", "Observations"): "FeatureOfInterest",
}
"""The property by which a new entity, posted to a list of another, names that other."""


class Made(msgspec.Struct):
    """An entity that a step made or changed. `row`: of an observation whose id the commit gives, its place among those."""

    set: EntitySet
    id: int
    row: int = -1


class Steps:
    """Gathers changes through one reader; nothing is kept before `apply`."""

    def __init__(self, house: House, reader: Reader, actor: Actor, base: str) -> None:
        self.house = house
        self.actor = actor
        self.base = base
        self._reader = reader
        self.draft = Draft(house, Lookup(reader), actor)
        self.kinds: list[str] = []
        self._made: list[Made] = []

    def reading(self) -> Reading:
        """The store as it will be after the steps so far."""
        puts = self.draft.puts.values()
        reader: Any = Foreseen(self._reader, puts) if puts else self._reader
        reading = Reading(self.house, reader, self.actor, self.base)
        self.draft.lookup = reading.lookup
        return reading

    def create(self, resource: Resource, body: Any) -> Made:
        """A new entity, with what stands inside it."""
        if not resource.is_collection or resource.tail:
            raise Invalid("path", "names no list", "POST to a list: …/Things")
        of = resource.last.set
        parent, name = self.reading().walk(resource)
        if of.name not in ("FeaturesOfInterest", "Observations"):
            self.draft.may_manage(parent.row if parent and isinstance(parent.row, Thing) else None)
        parents: Parents = {}
        if parent is not None:
            back = _BACK.get((parent.set.name, name))
            if back is None:
                raise Invalid("path", f"nothing is created in {parent.set.name}/{name}", f"POST to {of.name}")
            parents[back] = parent.id
        rows = len(self.draft.columns)
        if of.name == "HistoricalLocations":
            id = Past(self.draft).create(body, parents)
            self.kinds.append("thing.change")
        else:
            id = Inserter(self.draft).insert(of, body, parents)
            self.kinds.append(f"{NOUNS[of.noun]}.create" if of.noun else "observation.create")
        made = Made(of, id, len(self.draft.columns) - 1 if len(self.draft.columns) > rows and not id else -1)
        self._made.append(made)
        return made

    def update(self, resource: Resource, body: Any, how: str) -> Made:
        """PATCH (`part`), PUT (`whole`) or JSON Patch (`operations`)."""
        item = _named(self.reading(), resource)
        whole = how == "whole"
        if item.set.name == "Observations":
            amending = Amending(self.draft)
            given = _differences(amending.current(item), body) if how == "operations" else body
            amending.update(item, given, whole=whole)
            self.kinds.append("feature.observe")
        else:
            if item.set.name != "FeaturesOfInterest":
                self.draft.may_manage()
            if how == "operations":
                body = _differences(body_of(item, lambda thing: thing.properties), body)
            changing = Past if item.set.name == "HistoricalLocations" else Changer
            changing(self.draft).update(item, body, whole=whole)
            self.kinds.append(f"{NOUNS.get(type(item.row), 'thing')}.change")
        return Made(item.set, item.id)

    def remove(self, resource: Resource) -> Made:
        """Retires an entity and what cannot stand without it."""
        item = _named(self.reading(), resource)
        if item.set.name == "Observations":
            Amending(self.draft).remove(item)
            self.kinds.append("observation.remove")
        else:
            self.draft.may_manage()
            Changer(self.draft).remove(item)
            self.kinds.append(f"{NOUNS.get(type(item.row), 'thing')}.remove")
        return Made(item.set, item.id)

    def refer(self, method: str, resource: Resource, target: str | Facts | None) -> Made:
        """POST, PUT or DELETE of …/$ref: a link is made, replaced or taken away."""
        owner = Linking(self.draft, self.reading()).refer(method, resource, target)
        noun = NOUNS.get(type(owner.row), "feature")
        self.kinds.append(f"{noun}.{'unlink' if method == 'DELETE' else 'link'}")
        return Made(owner.set, owner.id)

    def _may_change(self) -> None:
        """Forbidden if a thing or datastream that is touched stands where the asker may not manage: before or after."""
        puts = self.draft.puts.values()
        streams = [one for one in puts if isinstance(one, Datastream)]
        before = self._reader.many(Datastream, [one.id for one in streams]).values()
        things = {one.id for one in puts if isinstance(one, Thing)}
        things |= {one.thing for one in (*streams, *before)}
        for thing in self._reader.many(Thing, sorted(things)).values():
            self.draft.may_manage(thing)

    def apply(self, key: Repeated = NO_KEY) -> None:
        """Commits all steps as one command; observations that were made get their ids."""
        self._may_change()
        kind = self.kinds[0] if len(self.kinds) == 1 else ""
        ids = self.draft.apply(kind, key=key)
        for made in self._made:
            if made.row >= 0 and ids is not None and made.row < len(ids):
                made.id = int(ids[made.row])


def _named(reading: Reading, resource: Resource) -> Item:
    item, name = reading.walk(resource)
    if item is None or name or resource.inside or resource.tail:
        raise Invalid("path", "names no entity", "name one: …/Things(1)")
    return item


def _differences(before: Facts, operations: Any) -> Facts:
    """What a JSON Patch changes, as the body of a PATCH."""
    after = patched(before, operations)
    return {name: after.get(name) for name in {*before, *after} if before.get(name) != after.get(name)}
