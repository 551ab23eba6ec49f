"""POST, PATCH, PUT and DELETE of entities that are rows: each one command, or nothing."""

from __future__ import annotations

from typing import Any

from hutong.api.house import House
from hutong.api.sensorthings.change import Changer
from hutong.api.sensorthings.create import Inserter
from hutong.api.sensorthings.draft import NOUNS, Draft
from hutong.api.sensorthings.lookup import Item
from hutong.api.sensorthings.model import SETS
from hutong.api.sensorthings.patches import patched
from hutong.api.sensorthings.paths import Resource
from hutong.api.sensorthings.reading import PLAIN, Reading
from hutong.api.sensorthings.render import Facts, body_of
from hutong.kernel.access import Actor
from hutong.kernel.errors import Conflict, Invalid, NotFound, Refused
from hutong.kernel.thing import Thing

_BACK = {
    ("Things", "Datastreams"): "Thing",
    ("Things", "Locations"): "Things",
    ("Locations", "Things"): "Locations",
    ("Sensors", "Datastreams"): "Sensor",
    ("ObservedProperties", "Datastreams"): "ObservedProperty",
}
"""The property by which a new entity, posted to a list of another, names that other."""
TRIES = 3


class Writing:
    """Changes entities for one asker."""

    def __init__(self, house: House, actor: Actor, base: str) -> None:
        self.house = house
        self.actor = actor
        self.base = base

    def create(self, resource: Resource, body: Any) -> tuple[Facts, str]:
        """The new entity and its address."""
        if not resource.is_collection or resource.tail:
            raise Invalid("path", "names no list", "POST to a list: …/Things")
        of = resource.last.set
        with self.house.store.reader() as reader:
            reading = Reading(self.house, reader, self.actor, self.base)
            parent, name = reading.walk(resource)
            draft = Draft(self.house, reading.lookup, self.actor)
            if of.name != "FeaturesOfInterest":
                draft.may_manage(parent.row if parent and isinstance(parent.row, Thing) else None)
            parents: dict[str, int] = {}
            if parent is not None:
                back = _BACK.get((parent.set.name, name))
                if back is None:
                    raise Invalid(
                        "path", f"nothing is created in {parent.set.name}/{name}", f"POST to {of.name}"
                    )
                parents[back] = parent.id
            id = Inserter(draft).insert(of, body, parents)
            draft.apply(f"{NOUNS[of.noun]}.create" if of.noun else "")
        return self._read(of.name, id)

    def _read(self, name: str, id: int) -> tuple[Facts, str]:
        with self.house.store.reader() as reader:
            reading = Reading(self.house, reader, self.actor, self.base)
            item = reading.lookup.get(SETS[name], id)
            return reading.entity(item, PLAIN, alone=True), reading.links.of(item)

    def update(self, resource: Resource, body: Any, how: str) -> Facts:
        """PATCH (`part`), PUT (`whole`) or JSON Patch (`operations`); tried again if somebody else was faster."""
        for attempt in range(TRIES):
            try:
                name, id = self._update(resource, body, how)
                return self._read(name, id)[0]
            except Conflict as conflict:
                if attempt == TRIES - 1 or "expected" not in conflict.facts:
                    raise
        raise AssertionError

    def _update(self, resource: Resource, body: Any, how: str) -> tuple[str, int]:
        with self.house.store.reader() as reader:
            reading = Reading(self.house, reader, self.actor, self.base)
            item = self._named(reading, resource)
            draft = Draft(self.house, reading.lookup, self.actor)
            if item.set.name != "FeaturesOfInterest":
                draft.may_manage()
            if how == "operations":
                body = _differences(body_of(item, lambda thing: thing.properties), body)
            Changer(draft).update(item, body, whole=how == "whole")
            draft.apply(f"{NOUNS[type(item.row)]}.change")
        return item.set.name, item.id

    def remove(self, resource: Resource) -> None:
        """Retires an entity and what cannot stand without it."""
        with self.house.store.reader() as reader:
            reading = Reading(self.house, reader, self.actor, self.base)
            item = self._named(reading, resource)
            draft = Draft(self.house, reading.lookup, self.actor)
            draft.may_manage()
            Changer(draft).remove(item)
            draft.apply(f"{NOUNS[type(item.row)]}.remove")

    @staticmethod
    def _named(reading: Reading, resource: Resource) -> Item:
        item, name = reading.walk(resource)
        if item is None or name or resource.inside or resource.tail:
            raise Invalid("path", "names no entity", "name one: …/Things(1)")
        if item.set.name == "Observations":
            raise Refused("Observation", "observations are kept as they came", "send a better one")
        if item.set.name == "HistoricalLocations":
            raise NotFound("path", "HistoricalLocations are derived and cannot be changed")
        return item


def _differences(before: Facts, operations: Any) -> Facts:
    """What a JSON Patch changes, as the body of a PATCH."""
    after = patched(before, operations)
    return {name: after.get(name) for name in {*before, *after} if before.get(name) != after.get(name)}
