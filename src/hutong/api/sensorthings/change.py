"""PATCH, PUT, JSON Patch and DELETE of entities that are kept as rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from hutong.api.sensorthings.amending import Amending
from hutong.api.sensorthings.create import (
    Inserter,
    geometry_of,
    kind_of,
    known_fields,
    link_of,
    many_of,
    metadata_of,
    properties_of,
    unit_of,
)  # fmt: skip
from hutong.api.sensorthings.draft import NOUNS, Draft, facts_of, text_of
from hutong.api.sensorthings.lookup import HistoricalLocation, Item
from hutong.api.sensorthings.model import (
    CODE,
    DESCRIPTION,
    FORGOTTEN,
    LINKS,
    LOCATIONS,
    METADATA,
    OWN,
    SETS,
    SYMBOL,
    TYPE,
)
from hutong.kernel.base import Label
from hutong.kernel.errors import Invalid, Refused
from hutong.kernel.query import equals
from hutong.kernel.thing import Datastream, Feature, Location, ObservedProperty, Sensor, Thing

Facts = dict[str, Any]
MASKED = "***"
MOST = 10_000
_REQUIRED = {
    "Things": ("name", "description"),
    "Locations": ("name", "description", "location"),
    "Datastreams": ("name", "description", "observationType", "unitOfMeasurement"),
    "Sensors": ("name", "description", "encodingType", "metadata"),
    "ObservedProperties": ("name", "description", "definition"),
    "FeaturesOfInterest": ("name", "description", "feature"),
}


class Changer:
    """Changes one entity in a draft."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.inserter = Inserter(draft)

    def update(self, item: Item, body: Any, *, whole: bool = False) -> None:
        """PATCH; `whole`: PUT, where what the body leaves out is emptied."""
        facts = facts_of(body, item.set.single)
        change = _CHANGES.get(type(item.row))
        if change is None or type(item.row) is not item.set.noun:
            raise Refused(item.set.single, "is derived", "give the Thing a Location of its own")
        known_fields(item.set, facts)
        if whole:
            missing = [name for name in _REQUIRED[item.set.name] if facts.get(name) is None]
            if missing:
                raise Invalid(missing[0], "is missing", "PUT sends the whole entity; PATCH sends parts")
            facts = {"properties": {}, **facts}
        change(self, item.row, facts, self._links(item, facts))

    def _links(self, item: Item, facts: Facts) -> dict[str, list[int]]:
        """Ids of linked entities by navigation property; Invalid for described ones."""
        found: dict[str, list[int]] = {}
        for name, leads in item.set.navs.items():
            if name not in facts:
                continue
            given = many_of(facts, name) if leads.many else [facts[name]]
            ids = [link_of(one, name) for one in given]
            if None in ids:
                raise Invalid(
                    name, "describes entities inside a change", "create them first and link by @iot.id"
                )
            found[name] = [one for one in ids if one is not None]
        return found

    def thing(self, row: Thing, body: Facts, links: dict[str, list[int]]) -> None:
        self.draft.may_manage(row)
        properties = row.properties
        if "properties" in body:
            properties = self._properties(row, facts_of(body["properties"] or {}, "properties"))
        if "description" in body:
            properties = {**properties, DESCRIPTION: text_of(body, "description")}
        given = facts_of(body.get("properties") or {}, "properties")
        name = text_of(body, "name") if "name" in body else ""
        row = replace(
            row,
            name=Label(name) if name and name not in (row.name.zh, row.name.en) else row.name,
            properties=properties,
            type=self.inserter.type_of(given) if TYPE in given else row.type,
            code=str(given.get(CODE, row.code)),
        )
        self.draft.put(row)
        if links.get("Locations"):
            self.draft.place(row, tuple(links["Locations"]))
        for id in links.get("Datastreams", ()):
            stream = self.draft.linked(Datastream, id, "Datastreams")
            self.draft.put(replace(stream, thing=row.id))

    @staticmethod
    def _properties(row: Any, given: Facts) -> Facts:
        """New properties beside the platform's own; what the reader saw masked stays as it was."""
        kept = {name: value for name, value in row.properties.items() if name.startswith(OWN)}
        fresh = properties_of({"properties": given})
        masked = {name for name, value in fresh.items() if value == MASKED and name in row.properties}
        return {**kept, **fresh, **{name: row.properties[name] for name in masked}}

    def _named(self, row: Any, body: Facts) -> Facts:
        """Changes to name, description and properties, as most entities have them."""
        found: Facts = {name: text_of(body, name) for name in ("name", "description") if name in body}
        if "properties" in body:
            found["properties"] = self._properties(row, facts_of(body["properties"] or {}, "properties"))
        return found

    def location(self, row: Location, body: Facts, links: dict[str, list[int]]) -> None:
        changes = self._named(row, body)
        if "encodingType" in body:
            changes["encoding"] = text_of(body, "encodingType")
        if "location" in body:
            changes["geometry"] = geometry_of(body, "location")
        row = replace(row, **changes)
        self.draft.put(row)
        if "location" in body:
            for id in row.things:
                thing = self.draft.linked(Thing, id, "Things")
                self.draft.may_manage(thing)
                self.draft.moved(thing, row.geometry)
        for id in set(links.get("Things", ())) - set(row.things):
            thing = self.draft.linked(Thing, id, "Things")
            self.draft.may_manage(thing)
            self.draft.place(thing, (row.id,))

    def datastream(self, row: Datastream, body: Facts, links: dict[str, list[int]]) -> None:
        changes = self._named(row, body)
        if "observationType" in body:
            changes["observation_type"] = text_of(body, "observationType")
            if kind_of(changes["observation_type"]) != (
                "number" if row.result_kind == "code" else row.result_kind
            ):
                raise Refused("observationType", "results of another kind need a datastream of their own")
        if "unitOfMeasurement" in body:
            unit, mark = unit_of(body)
            kept = changes.get("properties", row.properties)
            changes |= unit
            changes["properties"] = {**{k: v for k, v in kept.items() if k != SYMBOL}, **mark}
        for name, ids in links.items():
            link = LINKS.get(("Datastreams", name))
            if link is not None:
                noun: Any = SETS[SETS["Datastreams"].navs[name].to].noun
                changes[link] = self.draft.linked(noun, ids[0], name).id
        self.draft.put(self.inserter.bound(replace(row, **changes)))

    def sensor(self, row: Sensor, body: Facts, _: dict[str, list[int]]) -> None:
        changes = self._named(row, body)
        if "encodingType" in body:
            changes["encoding"] = text_of(body, "encodingType")
        if "metadata" in body:
            changes["metadata"], mark = metadata_of(body)
            kept = changes.get("properties", row.properties)
            changes["properties"] = {**{k: v for k, v in kept.items() if k != METADATA}, **mark}
        self.draft.put(replace(row, **changes))

    def observed_property(self, row: ObservedProperty, body: Facts, _: dict[str, list[int]]) -> None:
        changes = self._named(row, body)
        if "definition" in body:
            definition = text_of(body, "definition")
            if self.inserter.code_of(definition) != row.code:
                raise Refused("definition", "decides which rules watch the datastreams", "create another")
            changes["definition"] = definition
        self.draft.put(replace(row, **changes))

    def feature(self, row: Feature, body: Facts, _: dict[str, list[int]]) -> None:
        changes = self._named(row, body)
        if "encodingType" in body:
            changes["encoding"] = text_of(body, "encodingType")
        if "feature" in body:
            changes["geometry"] = geometry_of(body, "feature")
        self.draft.put(replace(row, **changes))

    def remove(self, item: Item) -> None:
        """Retires an entity, with what cannot stand without it (OGC 18-088, table 26)."""
        row = item.row
        if isinstance(row, HistoricalLocation):
            return self._forget(row)
        if type(row) is not item.set.noun:
            raise Refused(item.set.single, "is derived", "change the Thing or its Location")
        if isinstance(row, ObservedProperty) and row.code:
            raise Refused("ObservedProperty", "is one that the city's rules know", "it goes with its pack")
        if isinstance(row, Thing):
            self.draft.may_manage(row)
            for id in row.properties.get(LOCATIONS, ()):
                place = self.draft.linked(Location, id, "Locations")
                self.draft.put(replace(place, things=tuple(one for one in place.things if one != row.id)))
        if isinstance(row, Feature):
            Amending(self.draft).without(row)
        if isinstance(row, Location):
            self._without(row)
        self.draft.put(replace(self._latest(row), retired=self.draft.now))
        link = LINKS.get(("Datastreams", item.set.single))
        if link is not None:
            self._streams(link, item)
        return None

    def _streams(self, link: str, item: Item) -> None:
        """The datastreams of an entity that goes, go too."""
        page = self.draft.lookup.reader.find(Datastream, equals(link, item.id), limit=MOST)
        if page.after is not None:
            raise Refused(item.set.single, f"has more than {MOST} datastreams", "remove those first")
        drafted = [one for one in self.draft.puts.values() if isinstance(one, Datastream)]
        known = {one.id: one for one in (*page.rows, *drafted)}
        for stream in known.values():
            if getattr(stream, link) == item.id:
                self.draft.put(replace(stream, retired=self.draft.now))

    def _forget(self, past: HistoricalLocation) -> None:
        """A HistoricalLocation is derived from a version of its thing; the thing keeps which are not to be shown."""
        thing = self.draft.linked(Thing, past.thing, "Thing")
        self.draft.may_manage(thing)
        gone = [*thing.properties.get(FORGOTTEN, ()), past.id]
        self.draft.put(replace(thing, properties={**thing.properties, FORGOTTEN: gone}))

    def _latest(self, row: Any) -> Any:
        return self.draft.puts.get((NOUNS[type(row)], row.id), row)

    def _without(self, location: Location) -> None:
        """Things that stood at a Location which goes stand nowhere, or at their other Locations."""
        for thing in self.draft.lookup.reader.many(Thing, location.things).values():
            if thing.retired is not None:
                continue
            self.draft.may_manage(thing)
            rest = tuple(one for one in thing.properties.get(LOCATIONS, ()) if one != location.id)
            self.draft.place(thing, rest)


_CHANGES: dict[type, Callable[[Changer, Any, Facts, dict[str, list[int]]], None]] = {
    Thing: Changer.thing,
    Location: Changer.location,
    Datastream: Changer.datastream,
    Sensor: Changer.sensor,
    ObservedProperty: Changer.observed_property,
    Feature: Changer.feature,
}
