"""GET: what a resource path names, as the JSON that answers."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import msgspec

from hutong.api.house import House
from hutong.api.sensorthings.expanding import Expander, counted
from hutong.api.sensorthings.listing import Listed
from hutong.api.sensorthings.lookup import Item, Lookup
from hutong.api.sensorthings.model import SETS, STREAMS, EntitySet
from hutong.api.sensorthings.options import Options, parse_query, query_after
from hutong.api.sensorthings.paths import Resource
from hutong.api.sensorthings.render import Facts, Links, around, body_of
from hutong.api.sensorthings.sight import Sight
from hutong.api.sensorthings.times import shown
from hutong.api.sensorthings.worked_out import WorkedOut
from hutong.kernel.access import Actor, decide, predicate
from hutong.kernel.base import DataClass
from hutong.kernel.errors import NotFound
from hutong.kernel.geometry import to_geojson
from hutong.kernel.ports import Reader
from hutong.kernel.query import Linked, equals
from hutong.kernel.thing import Datastream, Feature, Thing

PLAIN = Options()


def sight_of(house: House, actor: Actor) -> Sight:
    """What an asker may read: everything in a city that is open to read, else the things within their grants."""
    if house.context.public_read:
        return Sight()
    return Sight(predicate(actor, "read", "thing"), predicate(actor, "read", "observation"))


class Reading:
    """Answers one request through one reader."""

    def __init__(
        self, house: House, reader: Reader, actor: Actor, base: str, sight: Sight | None = None
    ) -> None:
        self.house = house
        self.reader = reader
        self.links = Links(base)
        self.clearance = decide(actor, "read", "thing").data_class
        self.classes = {
            name: {one.name: one.data_class for one in kind.properties}
            for name, kind in house.rulebook.types.items()
        }
        self.hidden = frozenset(
            name
            for classes in self.classes.values()
            for name, data_class in classes.items()
            if data_class > max(self.clearance, DataClass.INTERNAL)
        )
        self._look(Sight() if sight is None else sight)

    def _look(self, sight: Sight) -> None:
        """Everything is read in this sight from now on."""
        self.sight = sight
        self.lookup = Lookup(self.reader, sight)
        self.worked = WorkedOut(self.lookup, self.mask, self.hidden, self.house.now())
        self.expander = Expander(self.lookup, self.links, self.worked, self._bodies, self.page, self._arrays)

    def mask(self, thing: Thing) -> Facts:
        """Properties of a thing; those of a higher class than the reader's are masked."""
        classes = self.classes.get(thing.type, {})
        allowed = max(self.clearance, DataClass.INTERNAL)
        return {
            name: value if classes.get(name, DataClass.INTERNAL) <= allowed else "***"
            for name, value in thing.properties.items()
        }

    def walk(self, resource: Resource) -> tuple[Item | None, str]:
        """The last entity that the path names by id or single link, and the name of the list after it, if any."""
        item: Item | None = None
        for step in resource.steps:
            if step.many and step.id is None:
                return item, step.name
            if item is None:
                item = self.lookup.get(step.set, step.id or 0)
            elif step.many:
                item = self._inside(item, step.name, self.lookup.get(step.set, step.id or 0))
            else:
                item = self.lookup.one(item, step.name)
        return item, ""

    def _inside(self, owner: Item, name: str, item: Item) -> Item:
        """The item, if the owner's list holds it."""
        found = any(one.id == item.id for one in self._related(owner, name, item))
        if not found:
            raise NotFound(
                item.set.single, f"{owner.set.single} {owner.id} has no {item.set.name}({item.id})"
            )
        return item

    def _related(self, owner: Item, name: str, item: Item) -> list[Any]:
        if item.set.name == "Observations":
            return [item] if item.row.stream in {one.id for one in self.lookup.streams(owner)} else []
        if item.set.name == "HistoricalLocations":
            return self.page(item.set, owner, name, Options(top=1000)).items
        ids = self.lookup.ids(owner, name)
        if ids is not None:
            return [item] if item.id in ids else []
        back = {"Things": "thing", "Sensors": "sensor", "ObservedProperties": "observed_property"}[
            owner.set.name
        ]
        return [item] if getattr(item.row, back) == owner.id else []

    def answer(self, resource: Resource, query: str, url: str) -> Any:
        """The JSON of a resource; for $value and $count, the bare value."""
        options = parse_query(resource.last.set, query)
        if options.as_of is not None:
            self._look(msgspec.structs.replace(self.sight, as_of=options.as_of))
            self.expander.moment = f"&$as_of={quote(options.given['$as_of'])}"
        item, name = self.walk(resource)
        if resource.is_collection:
            if resource.tail == "$count":
                counted = msgspec.structs.replace(options, count=True, top=0)
                return self.page(resource.last.set, item, name, counted).count
            return self.collection(resource.last.set, item, name, options, url, refs=resource.tail == "$ref")
        if item is None:
            raise NotFound("path", "names nothing")
        if resource.tail == "$ref":
            return {"@iot.selfLink": self.links.of(item)}
        if resource.inside:
            return self._property(item, resource)
        return self.entity(item, options, alone=True)

    def _property(self, item: Item, resource: Resource) -> Any:
        value: Any = self._bodies([item], PLAIN, True)[0]
        for step in resource.inside:
            if not isinstance(value, dict) or step not in value:
                raise NotFound("path", f"{item.set.single} {item.id} has no {'/'.join(resource.inside)}")
            value = value[step]
        return value if resource.tail == "$value" else {resource.inside[-1]: value}

    def page(self, of: EntitySet, parent: Item | None, name: str, options: Options) -> Listed:
        """A page of a set, or of what the parent's navigation property `name` leads to."""
        if of.name == "Observations":
            return self.worked.history.page(parent, options)
        if of.name == "HistoricalLocations":
            return self.worked.whereabouts.page(parent, options)
        return self.worked.lister.page(of, parent, name, options)

    def collection(
        self, of: EntitySet, parent: Item | None, name: str, options: Options, url: str, *, refs: bool = False
    ) -> Facts:
        """A page with its count and the address of the next one."""
        listed = self.page(of, parent, name, options)
        found = counted(listed)
        if refs:
            found["value"] = [{"@iot.selfLink": self.links.of(item)} for item in listed.items]
        elif options.arrays:
            found["value"] = self._arrays(listed.items, options)
        else:
            found["value"] = self.expander.entities(listed.items, options)
        if listed.after is not None:
            found["@iot.nextLink"] = f"{url}?{query_after(options, listed.after)}"
        return found

    def entity(self, item: Item, options: Options, *, alone: bool = False) -> Facts:
        """An entity with its links and what is expanded in it."""
        return self.expander.entities([item], options, alone=alone)[0]

    def _bodies(self, items: list[Item], options: Options, alone: bool) -> list[Facts]:
        """Own properties of entities; extents of datastreams where these are asked, or an entity stands alone."""
        found = [body_of(item, self.mask) for item in items]
        if items and items[0].set.name == "Datastreams":
            for name, work_out in (("phenomenonTime", self._extent), ("observedArea", self._area)):
                if name in options.select if options.select else alone:
                    for item, body in zip(items, found, strict=True):
                        body[name] = work_out(item.row)
        return found

    def _area(self, stream: Datastream) -> Facts | None:
        """The place of the thing and of the features that observations of the stream are about, or the box around them."""
        named = Linked("datastream", ("properties", STREAMS), ("id",), equals("id", stream.id), "near")
        thing = self.lookup.many(SETS["Things"], [stream.thing]).get(stream.thing)
        rows = self.reader.find(Feature, named, as_of=self.sight.as_of).rows
        shapes = [one for one in (thing and thing.row.geometry, *(row.geometry for row in rows)) if one]
        return to_geojson(around(shapes)) if shapes else None

    def _extent(self, stream: Datastream) -> str | None:
        """From the first to the last observation of a datastream."""
        end = None if self.sight.as_of is None else self.sight.as_of + 1
        first = self.reader.observations(stream.id, None, end, limit=1)
        last = self.reader.observations(stream.id, None, end, limit=1, descending=True)
        return shown(int(first.time[0]), int(last.time[0])) if len(first) and len(last) else None

    def _arrays(self, items: list[Item], options: Options) -> list[Facts]:
        """Observations as data arrays, one for each datastream (OGC 18-088 §12.2)."""
        wanted = [name for name in options.select if name not in ("Datastream", "FeatureOfInterest")]
        names = ["id" if name == "@iot.id" else name for name in wanted]
        components = names or ["id", "phenomenonTime", "resultTime", "result"]
        found: dict[int, list[list[Any]]] = {}
        for item in items:
            body = {"id": item.id, **body_of(item, self.mask)}
            found.setdefault(item.row.stream, []).append([body.get(name) for name in components])
        return [
            {
                "Datastream@iot.navigationLink": f"{self.links.base}/Datastreams({stream})",
                "components": components,
                "dataArray@iot.count": len(rows),
                "dataArray": rows,
            }
            for stream, rows in found.items()
        ]
