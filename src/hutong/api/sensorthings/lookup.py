"""Entities by id and by navigation: rows of the store, and what is derived from them.

A thing of the city that no client gave a Location has one all the same: it is shown with the thing's own id. An
observation without a feature is about the place of its thing: that FeatureOfInterest has the id of the Location.
HistoricalLocations are derived from the versions of a thing, beside those that clients wrote.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from hutong.api.sensorthings.links import Source, sources
from hutong.api.sensorthings.model import (
    FORGOTTEN,
    LINKS,
    LOCATED,
    LOCATIONS,
    SETS,
    STREAMS,
    WRITTEN,
    EntitySet,
)  # fmt: skip
from hutong.api.sensorthings.sight import Sight
from hutong.kernel.base import Entity, Instant
from hutong.kernel.errors import NotFound
from hutong.kernel.observation import STREAM_SHIFT, ObservationBatch
from hutong.kernel.ports import Reader
from hutong.kernel.query import NOTHING, Call, Expr, Field, In, Value, both, equals
from hutong.kernel.thing import Datastream, Feature, Location, Thing

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
    """Finds entities through one reader: those in sight."""

    def __init__(self, reader: Reader, sight: Sight | None = None) -> None:
        self.reader = reader
        self.sight = Sight() if sight is None else sight
        self._rows: dict[tuple[str, int], Any] = {}

    def get(self, of: EntitySet, id: int) -> Item:
        """The entity; NotFound if there is none, it is retired or out of sight."""
        found = self.many(of, [id]).get(id)
        if found is None:
            raise NotFound(of.single, f"there is no {of.name}({id})", f"list {of.name}")
        return found

    def many(self, of: EntitySet, ids: Iterable[int]) -> dict[int, Item]:
        """Entities by id, those there are."""
        wanted = list(dict.fromkeys(ids))
        fresh = [id for id in wanted if (of.name, id) not in self._rows]
        if fresh:
            found = self._found(of, fresh)
            self._rows.update({(of.name, id): found.get(id) for id in fresh})
        rows = {id: self._rows[of.name, id] for id in wanted}
        return {id: Item(of, row) for id, row in rows.items() if row is not None}

    def _found(self, of: EntitySet, ids: list[int]) -> dict[int, Row]:
        match of.name:
            case "Observations":
                seen_rows = {id: self.observation(id) for id in ids}
                return {id: row for id, row in seen_rows.items() if row is not None}
            case "HistoricalLocations":
                things = self.many(SETS["Things"], [id >> VERSION_SHIFT for id in ids])
                places = self.histories([item.row for item in things.values()])
                return {one.id: one for rows in places.values() for one in rows if one.id in set(ids)}
        found: dict[int, Row] = {}
        for source in sources(of):
            rest = [id for id in ids if id not in found]
            found |= self._of_source(source, rest) if rest else {}
        return found

    def _of_source(self, source: Source, ids: list[int]) -> dict[int, Any]:
        if self.sight.whole:
            rows: dict[int, Any] = self.reader.many(source.noun, ids, as_of=self.sight.as_of)
        else:
            where = both(In(Field(("id",)), tuple(ids)), self.sight.of(source))
            page = self.reader.find(source.noun, where, limit=len(ids), as_of=self.sight.as_of)
            rows = {row.id: row for row in page.rows}
        derived = source.noun is Thing and source.of.name != "Things"
        return {
            id: row
            for id, row in rows.items()
            if row.retired is None and not (derived and (row.geometry is None or LOCATIONS in row.properties))
        }

    def observation(self, id: int) -> Seen | None:
        """An observation in sight, if its datastream still stands."""
        where = both(equals("id", id >> STREAM_SHIFT), self.sight.observations())
        streams = self.reader.find(Datastream, where, limit=1, as_of=self.sight.as_of).rows
        if not streams:
            return None
        try:
            batch = self.reader.observation(id)
        except NotFound:
            return None
        found = seen(batch, streams[0])[0]
        return found if self.sight.as_of is None or found.time <= self.sight.as_of else None

    def histories(self, things: Iterable[Thing]) -> dict[int, list[HistoricalLocation]]:
        """Where things were, each oldest first; no later than the moment that is asked about."""
        found: dict[int, list[HistoricalLocation]] = {}
        known = {thing.id: thing for thing in things}
        for id, versions in self.reader.histories(Thing, list(known)).items():
            before: Any = None
            own: dict[int, HistoricalLocation] = {}
            for recorded, version in versions:
                if self.sight.as_of is not None and recorded > self.sight.as_of:
                    break
                where = (version.geometry, locations_of(version), version.properties.get(LOCATED))
                if version.geometry is not None and where != before:
                    time = version.properties.get(LOCATED, recorded)
                    key = (id << VERSION_SHIFT) + version.version
                    own[key] = HistoricalLocation(key, id, time, recorded, locations_of(version))
                before = where
            own |= _written(known[id])
            gone = known[id].properties.get(FORGOTTEN, ())
            rows = [one for key, one in own.items() if key not in gone]
            found[id] = sorted(rows, key=lambda one: (one.time, one.id))
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
        return self.get(target, item.row.feature or self.place_of(item.row.stream))

    def place_of(self, stream: int) -> int:
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
            where = both(equals("id", item.row.id), self.sight.observations())
            return list(self.reader.find(Datastream, where, as_of=self.sight.as_of).rows)
        if isinstance(item.row, Feature):
            named = In(Field(("id",)), tuple(item.row.properties.get(STREAMS, [])))
            where = both(named, self.sight.observations())
            return list(self.reader.find(Datastream, where, limit=10_000, as_of=self.sight.as_of).rows)
        things = item.row.things if isinstance(item.row, Location) else (item.row.id,)
        where = In(Field(("thing",)), tuple(things)) if things else NOTHING
        seen_by = both(where, self.sight.observations())
        return list(self.reader.find(Datastream, seen_by, limit=1000, as_of=self.sight.as_of).rows)


def _written(thing: Thing) -> dict[int, HistoricalLocation]:
    """Positions that clients wrote, by id: a version's own number, or one of theirs."""
    kept = thing.properties.get(WRITTEN, {})
    return {
        (id := (thing.id << VERSION_SHIFT) + int(number)): HistoricalLocation(
            id, thing.id, time, recorded, tuple(locations)
        )
        for number, (time, recorded, locations) in kept.items()
    }


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
