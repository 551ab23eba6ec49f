"""Links between entities by `$ref` (OGC 18-088 builds on OData 4.0, §11.4.6)."""

from __future__ import annotations

import re
from typing import Any

import msgspec
from msgspec.structs import replace

from hutong.api.sensorthings.amending import Amending
from hutong.api.sensorthings.change import Changer
from hutong.api.sensorthings.create import link_of
from hutong.api.sensorthings.draft import Draft
from hutong.api.sensorthings.lookup import Item, locations_of
from hutong.api.sensorthings.model import LINKS, SETS, nav
from hutong.api.sensorthings.paths import Resource
from hutong.api.sensorthings.reading import Reading
from hutong.kernel.errors import Invalid, NotFound, Refused
from hutong.kernel.thing import Datastream, Location, Thing

_ADDRESS = re.compile(r"(?:.*/)?([A-Za-z]+)\((\d{1,19})\)/?")
_ADDRESSES = ("@iot.selfLink", "@odata.id", "@id", "url")


class Linking:
    """Makes and takes away links in a draft."""

    def __init__(self, draft: Draft, reading: Reading) -> None:
        self.draft = draft
        self.reading = reading

    def refer(self, method: str, resource: Resource, target: Any) -> Item:
        """The entity whose link was changed. `target`: the body, or the `$id` of a DELETE."""
        owner, name = self._owner(resource)
        many = nav(owner.set, name).many
        if method == "DELETE" and not many:
            self._unlink(owner, name, 0, many)
        elif method == "DELETE":
            id = resource.last.id if resource.last.id is not None else self._id(owner, name, target)
            self._unlink(owner, name, id, many)
        elif many and method == "POST":
            self._link(owner, name, (self._id(owner, name, target),), add=True)
        elif many:
            raise Invalid("method", "a list of links is not replaced", "POST adds one, DELETE takes one away")
        elif method == "PUT":
            self._set(owner, name, self._id(owner, name, target))
        else:
            raise Invalid("method", f"{name} is one entity", "PUT its reference")
        return owner

    def _owner(self, resource: Resource) -> tuple[Item, str]:
        if len(resource.steps) < 2 or resource.inside:
            raise Invalid("path", "names no link", "write Things(1)/Locations/$ref")
        item, name = self.reading.walk(msgspec.structs.replace(resource, steps=resource.steps[:-1], tail=""))
        if item is None or name:
            raise Invalid("path", "names no link", "write Things(1)/Locations/$ref")
        return item, resource.last.name

    def _id(self, owner: Item, name: str, target: Any) -> int:
        """The id that a body or an address names; it must be of the set that the link leads to."""
        wanted = owner.set.navs[name].to
        if isinstance(target, dict) and "@iot.id" in target:
            found = link_of(target, name)
            assert found is not None
            return found
        address = target
        if isinstance(target, dict):
            address = next((target[one] for one in _ADDRESSES if one in target), None)
        match = _ADDRESS.fullmatch(address) if isinstance(address, str) else None
        if match is None or match[1] != wanted:
            raise Invalid("@iot.id", f"names none of {wanted}", 'send {"@iot.id": 1}')
        return int(match[2])

    def _link(self, owner: Item, name: str, ids: tuple[int, ...], *, add: bool) -> None:
        match owner.set.name, name:
            case ("Things", "Locations"):
                self._places(owner.row, (*(locations_of(owner.row) if add else ()), *ids))
            case ("Locations", "Things") if isinstance(owner.row, Location):
                for id in ids:
                    thing = self.draft.linked(Thing, id, name)
                    self._places(thing, (*locations_of(thing), owner.id))
            case (_, "Datastreams"):
                for id in ids:
                    stream = self.draft.linked(Datastream, id, name)
                    self.draft.may_manage(self.draft.linked(Thing, stream.thing, "Thing"))
                    if isinstance(owner.row, Thing):
                        self.draft.may_manage(owner.row)
                    changed = replace(stream, **{LINKS["Datastreams", owner.set.single]: owner.id})
                    self.draft.put(Changer(self.draft).inserter.bound(changed))
            case _:
                raise Refused(name, "are not linked by hand", "create them where they belong")

    def _places(self, thing: Thing, locations: tuple[int, ...]) -> None:
        """The thing at these Locations; one that is only derived from the thing's own geometry gives way."""
        self.draft.may_manage(thing)
        kept = tuple(dict.fromkeys(one for one in locations if one != thing.id))
        self.draft.place(thing, kept)

    def _set(self, owner: Item, name: str, id: int) -> None:
        if owner.set.name == "Observations" and name == "FeatureOfInterest":
            Amending(self.draft).refer(owner, id)
        elif (owner.set.name, name) in LINKS:
            self.draft.may_manage()
            Changer(self.draft).update(owner, {name: {"@iot.id": id}})
        else:
            raise Refused(name, f"of {owner.set.single} stays as it is", "create another")

    def _unlink(self, owner: Item, name: str, id: int, many: bool) -> None:
        pair = (owner.set.name, name)
        if not many or pair not in (("Things", "Locations"), ("Locations", "Things")):
            raise Refused(
                name,
                f"{SETS[owner.set.navs[name].to].single} cannot be without it",
                "link another, or DELETE it",
            )
        thing = owner.row if name == "Locations" else self.draft.linked(Thing, id, name)
        location = id if name == "Locations" else owner.id
        before = locations_of(thing)
        if location not in before:
            raise NotFound(name, f"{owner.set.single} {owner.id} has no link to {id}", "list its links")
        self._places(thing, tuple(one for one in before if one != location))
