"""GET: what a resource path names, as the JSON that answers."""

from __future__ import annotations

from typing import Any

import msgspec

from hutong.api.house import House
from hutong.api.sensorthings.history import History
from hutong.api.sensorthings.listing import Listed, Lister
from hutong.api.sensorthings.lookup import Item, Lookup
from hutong.api.sensorthings.model import SETS, EntitySet
from hutong.api.sensorthings.options import Options, parse_query, query_after
from hutong.api.sensorthings.paths import Resource
from hutong.api.sensorthings.render import Facts, Links, body_of
from hutong.api.sensorthings.times import shown
from hutong.kernel.access import Actor, decide
from hutong.kernel.base import DataClass
from hutong.kernel.errors import NotFound
from hutong.kernel.ports import Reader
from hutong.kernel.thing import Datastream, Thing

PLAIN = Options()


class Reading:
    """Answers one request through one reader."""

    def __init__(self, house: House, reader: Reader, actor: Actor, base: str) -> None:
        self.house = house
        self.lookup = Lookup(reader)
        self.links = Links(base)
        self.clearance = decide(actor, "read", "thing").data_class
        self.classes = {
            name: {one.name: one.data_class for one in kind.properties}
            for name, kind in house.rulebook.types.items()
        }
        hidden = frozenset(
            name
            for classes in self.classes.values()
            for name, data_class in classes.items()
            if data_class > max(self.clearance, DataClass.INTERNAL)
        )
        self.lister = Lister(self.lookup, self.mask, hidden)
        self.history = History(self.lookup, house.now(), hidden)

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
            return self.lister.page(item.set, owner, name, Options(top=1000)).items
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
        value: Any = self._body(item, PLAIN, alone=True)
        for step in resource.inside:
            if not isinstance(value, dict) or step not in value:
                raise NotFound("path", f"{item.set.single} {item.id} has no {'/'.join(resource.inside)}")
            value = value[step]
        return value if resource.tail == "$value" else {resource.inside[-1]: value}

    def page(self, of: EntitySet, parent: Item | None, name: str, options: Options) -> Listed:
        if of.name == "Observations":
            return self.history.page(parent, options)
        return self.lister.page(of, parent, name, options)

    def collection(
        self, of: EntitySet, parent: Item | None, name: str, options: Options, url: str, *, refs: bool = False
    ) -> Facts:
        """A page with its count and the address of the next one."""
        listed = self.page(of, parent, name, options)
        found: Facts = {} if listed.count is None else {"@iot.count": listed.count}
        if refs:
            found["value"] = [{"@iot.selfLink": self.links.of(item)} for item in listed.items]
        elif options.arrays:
            found["value"] = self._arrays(listed.items, options)
        else:
            found["value"] = [self.entity(item, options) for item in listed.items]
        if listed.after is not None:
            found["@iot.nextLink"] = f"{url}?{query_after(options, listed.after)}"
        return found

    def entity(self, item: Item, options: Options, *, alone: bool = False) -> Facts:
        """An entity with its links and what is expanded in it."""
        full = self.links.wrap(item, self._body(item, options, alone=alone), options)
        for name, inner in options.expand.items():
            leads = item.set.navs[name]
            if leads.many:
                url = f"{self.links.of(item)}/{name}"
                page = self.collection(SETS[leads.to], item, name, inner, url)
                full[name] = page.pop("value")
                full |= {f"{name}{key}": value for key, value in page.items()}
            else:
                try:
                    full[name] = self.entity(self.lookup.one(item, name), inner)
                except NotFound:
                    full[name] = None
        return full

    def _body(self, item: Item, options: Options, *, alone: bool) -> Facts:
        body = body_of(item, self.mask)
        wanted = "phenomenonTime" in options.select if options.select else alone
        if isinstance(item.row, Datastream) and wanted:
            body["phenomenonTime"] = self._extent(item.row.id)
        return body

    def _extent(self, stream: int) -> str | None:
        """From the first to the last observation of a datastream."""
        reader = self.lookup.reader
        first = reader.observations(stream, limit=1)
        last = reader.observations(stream, limit=1, descending=True)
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
