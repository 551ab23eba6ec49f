"""What other things name a thing: the manholes a pump station serves, the pumps it has."""

from __future__ import annotations

from collections import defaultdict

import msgspec

from hutong.api.house import House
from hutong.api.shapes import Position, point
from hutong.api.things_by_type import every
from hutong.kernel.access import Actor, predicate
from hutong.kernel.base import Label
from hutong.kernel.query import Expr, both, equals
from hutong.kernel.thing import Thing

MOST = 200
KEPT = 600.0


class LinkedThing(msgspec.Struct, frozen=True):
    """A thing at the other end of a link."""

    id: int
    name: Label
    type: str
    position: Position | None


def linked_from(house: House, actor: Actor, thing: Thing) -> dict[str, list[LinkedThing]]:
    """`type/role` → the things of that type that name this one in that role, at most 200 each."""
    allowed = predicate(actor, "read", "thing")
    found: dict[str, list[LinkedThing]] = {}
    for name, definition in house.rulebook.types.items():
        for link in definition.links:
            if link.to != thing.type:
                continue
            rows = _naming(house, allowed, name, link.name).get(thing.id)
            if rows:
                found[f"{name}/{link.name}"] = rows[:MOST]
    return found


def _naming(house: House, allowed: Expr, type: str, role: str) -> dict[int, list[LinkedThing]]:
    """Named thing → who names it; kept while no thing changes."""

    def read() -> dict[int, list[LinkedThing]]:
        found: dict[int, list[LinkedThing]] = defaultdict(list)
        with house.store.reader() as reader:
            for one in every(reader, Thing, both(equals("type", type), allowed)):
                for named in one.links.get(role, ()):
                    found[named].append(LinkedThing(one.id, one.name, one.type, point(one.geometry)))
        return dict(found)

    return house.cached(("naming", type, role, repr(allowed), house.tables.version), KEPT, read)
