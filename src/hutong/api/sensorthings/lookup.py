"""Entities by id and by navigation: rows of the store, and what is derived from them.

A thing of the city that no client gave a Location has one all the same: it is shown with the thing's own id. An
observation without a feature is about the place of its thing: that FeatureOfInterest has the id of the Location.
HistoricalLocations are derived from the versions of a thing.
"""

from __future__ import annotations

import math
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from hutong.api.sensorthings.model import FORGOTTEN, LINKS, LOCATED, LOCATIONS, SETS, STREAMS, EntitySet
from hutong.kernel.base import Entity, Instant
from hutong.kernel.errors import NotFound
from hutong.kernel.observation import STREAM_SHIFT, ObservationBatch
from hutong.kernel.ports import Reader
from hutong.kernel.query import NOTHING, Call, Expr, Field, In, IsNull, Not, Value, both, equals
from hutong.kernel.thing import Datastream, Feature, Location, Thing

WITHOUT_LOCATION_ROW = both(Not(IsNull(Field(("geometry",)))), IsNull(Field(("properties", LOCATIONS))))
"""Things whose Location is derived from their own geometry."""
VERSION_SHIFT = 20


class HistoricalLocation(msgspec.Struct, frozen=True):
    """Where a thing was from `time` on; `recorded` is when the store knew it."""

    id: int
    thing: int
    time: Instant
    recorded: Instant
    locations: tuple[int, ...]


class Seen(msgspec.Struct, frozen=True):
    """One observation."""

    id: int
    stream: int
    time: Instant
    end: int
    result_time: int
    result: Any
    quality: int
    feature: int
    parameters: dict[str, Any]


Row = Entity | HistoricalLocation | Seen


class Item(msgspec.Struct, frozen=True):
    """An entity of a set. The row of a Location may be a Thing, that of a FeatureOfInterest a Location or Thing."""

    set: EntitySet
    row: Any

    @property
    def id(self) -> int:
        return int(self.row.id)


class Lookup:
    """Finds entities through one reader."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self._rows: dict[tuple[str, int], Any] = {}

    def get(self, of: EntitySet, id: int) -> Item:
        """The entity; NotFound if there is none or it is retired."""
        key = (of.name, id)
        if key not in self._rows:
            self._rows[key] = self._found(of, id)
        found = self._rows[key]
        if found is None or getattr(found, "retired", None) is not None:
            raise NotFound(of.single, f"there is no {of.name}({id})", f"list {of.name}")
        return Item(of, found)

    def _found(self, of: EntitySet, id: int) -> Row | None:
        match of.name:
            case "Observations":
                return self.observation(id)
            case "HistoricalLocations":
                return next((one for one in self._history_of(id >> VERSION_SHIFT) if one.id == id), None)
            case "Locations":
                return self._row(Location, id) or self._placed(id)
            case "FeaturesOfInterest":
                return self._row(Feature, id) or self._row(Location, id) or self._placed(id)
        return self._row(of.noun, id) if of.noun else None

    def _row(self, noun: type[Entity], id: int) -> Any:
        return self.reader.many(noun, [id]).get(id)

    def _placed(self, id: int) -> Thing | None:
        thing: Thing | None = self._row(Thing, id)
        return thing if thing and thing.geometry is not None and LOCATIONS not in thing.properties else None

    def observation(self, id: int) -> Seen | None:
        """An observation, if its datastream still stands."""
        stream: Datastream | None = self._row(Datastream, id >> STREAM_SHIFT)
        if stream is None or stream.retired is not None:
            return None
        try:
            batch = self.reader.observation(id)
        except NotFound:
            return None
        return seen(batch, stream)[0]

    def _history_of(self, id: int) -> list[HistoricalLocation]:
        thing = self._row(Thing, id) if id else None
        return self.history(thing) if thing and thing.retired is None else []

    def history(self, thing: Thing) -> list[HistoricalLocation]:
        """Where a thing was, oldest first."""
        found: list[HistoricalLocation] = []
        before: Any = None
        forgotten = thing.properties.get(FORGOTTEN, ())
        for recorded, version in self.reader.versions(Thing, thing.id):
            where = (version.geometry, locations_of(version), version.properties.get(LOCATED))
            if version.geometry is not None and where != before:
                time = version.properties.get(LOCATED, recorded)
                key = (thing.id << VERSION_SHIFT) + version.version
                if key not in forgotten:
                    found.append(HistoricalLocation(key, thing.id, time, recorded, locations_of(version)))
            before = where
        return found

    def one(self, item: Item, name: str) -> Item:
        """The one entity a navigation property leads to; NotFound if there is none."""
        target = SETS[item.set.navs[name].to]
        link = LINKS.get((item.set.name, name))
        if link is not None:
            return self.get(target, getattr(item.row, link))
        if name == "Datastream":
            return self.get(target, item.row.stream)
        if name == "Thing":
            return self.get(target, item.row.thing)
        return self.get(target, item.row.feature or self._place_of(item.row.stream))

    def _place_of(self, stream: int) -> int:
        """The id of the Location that stands for the feature of an observation without one."""
        thing = self.get(SETS["Things"], self.get(SETS["Datastreams"], stream).row.thing)
        where = locations_of(thing.row)
        if not where:
            raise NotFound("FeatureOfInterest", f"Thing {thing.id} has no Location", "give it one")
        return where[0]

    def ids(self, item: Item, name: str) -> tuple[int, ...] | None:
        """Ids of the entities a navigation property leads to, where the row itself knows them."""
        match item.set.name, name:
            case ("Things", "Locations"):
                return locations_of(item.row)
            case ("HistoricalLocations", "Locations"):
                return tuple(item.row.locations)
            case ("Locations", "Things"):
                return item.row.things if isinstance(item.row, Location) else (item.row.id,)
        return None

    def where(self, item: Item, name: str) -> Expr:
        """The filter for rows a navigation property leads to."""
        known = self.ids(item, name)
        if known is not None:
            return In(Field(("id",)), known) if known else NOTHING
        return equals(LINKS[item.set.navs[name].to, item.set.single], item.id)

    def streams(self, item: Item) -> list[Datastream]:
        """The datastreams whose Observations an entity leads to: its own, or those a feature is known to be in."""
        if isinstance(item.row, Datastream):
            return [item.row]
        if isinstance(item.row, Feature):
            found = self.reader.many(Datastream, item.row.properties.get(STREAMS, []))
            return [one for one in found.values() if one.retired is None]
        things = item.row.things if isinstance(item.row, Location) else (item.row.id,)
        where = In(Field(("thing",)), tuple(things)) if things else NOTHING
        return list(self.reader.find(Datastream, where, limit=1000).rows)


def locations_of(thing: Thing) -> tuple[int, ...]:
    """Ids of the Locations a thing is at."""
    given = thing.properties.get(LOCATIONS)
    if given is not None:
        return tuple(given)
    return (thing.id,) if thing.geometry is not None else ()


def has(name: str, id: int) -> Expr:
    """Rows whose list field holds the id."""
    return Call("has", (Field((name,)), Value(id)))


def ids_of(batch: ObservationBatch) -> NDArray[np.int64]:
    """Observation ids of stored rows."""
    sequence = np.zeros(len(batch), np.int64) if batch.sequence is None else batch.sequence
    return np.asarray((batch.stream << STREAM_SHIFT) + sequence, np.int64)


def seen(batch: ObservationBatch, stream: Datastream, rows: Any = None) -> list[Seen]:
    """Rows of a batch of one stream, one by one; `rows` picks positions."""
    picked = range(len(batch)) if rows is None else [int(row) for row in rows]
    whole = stream.result_kind == "code" or stream.observation_type.endswith("OM_CountObservation")
    ids = ids_of(batch).tolist()
    found: list[Seen] = []
    for row in picked:
        number = float(batch.number[row])
        if row in batch.documents:
            result: Any = batch.documents[row]
        elif row in batch.texts:
            result = batch.texts[row]
        else:
            result = (
                int(number) if whole and number.is_integer() else (None if math.isnan(number) else number)
            )
        found.append(
            Seen(
                ids[row],
                stream.id,
                int(batch.time[row]),
                -1 if batch.end_time is None else int(batch.end_time[row]),
                -1 if batch.result_time is None else int(batch.result_time[row]),
                result,
                int(batch.quality[row]),
                0 if batch.feature is None else int(batch.feature[row]),
                batch.parameters.get(row, {}),
            )
        )
    return found
