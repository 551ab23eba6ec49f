"""HistoricalLocations that clients write (OGC 18-088 §8.2.3): where a thing was before this city knew it, and corrections.

What is written stands in the thing's own properties, by number: a version of the thing whose derived position it replaces,
or a number from FIRST on. One that is later than all others moves the thing, as the standard has it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from hutong.api.sensorthings.create import Inserter, Parents, known_fields, link_of, many_of
from hutong.api.sensorthings.draft import Draft, facts_of
from hutong.api.sensorthings.lookup import VERSION_SHIFT, HistoricalLocation, Item
from hutong.api.sensorthings.model import FORGOTTEN, LOCATED, SETS, WRITTEN
from hutong.api.sensorthings.times import instant_of
from hutong.kernel.base import Instant
from hutong.kernel.errors import Invalid, Refused
from hutong.kernel.thing import Location, Thing

FIRST = 1 << (VERSION_SHIFT - 1)
MOST = 1000
"""Positions that clients may write of one thing: they are kept in its row."""
_OF = SETS["HistoricalLocations"]


class Past:
    """Writes and changes HistoricalLocations in a draft."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft

    def create(self, body: Any, parents: Parents) -> int:
        """The id of a new one."""
        facts = facts_of(body, _OF.single)
        known_fields(_OF, facts)
        thing = self._thing(parents.get("Thing") or link_of(facts.get("Thing"), "Thing"))
        time = instant_of(facts.get("time"), "time")
        locations = self._locations(many_of(facts, "Locations"), thing)
        if not locations:
            raise Invalid("Locations", "is missing", "name where the Thing was: [{'@iot.id': 1}]")
        known = self.draft.lookup.histories([thing]).get(thing.id, [])
        if all(one.time < time for one in known) and thing.id not in locations:
            return self._moved(thing, time, locations)
        gone = thing.properties.get(FORGOTTEN, ())
        numbers = [int(one) for one in _written(thing)] + [id & ((1 << VERSION_SHIFT) - 1) for id in gone]
        number = max((one for one in numbers if one >= FIRST), default=FIRST - 1) + 1
        self._keep(thing, number, time, locations)
        return (thing.id << VERSION_SHIFT) + number

    def update(self, item: Item, body: Any, *, whole: bool) -> None:
        """PATCH; `whole`: PUT. The thing itself stays where it is."""
        row: HistoricalLocation = item.row
        facts = facts_of(body, _OF.single)
        known_fields(_OF, facts)
        if whole and facts.get("time") is None:
            raise Invalid("time", "is missing", "PUT sends the whole entity; PATCH sends parts")
        if facts.get("Thing") is not None and link_of(facts["Thing"], "Thing") != row.thing:
            raise Refused("Thing", "is what the position is of", "DELETE it and POST another")
        given = many_of(facts, "Locations")
        if any(link_of(one, "Locations") is None for one in given):
            raise Invalid("Locations", "describes entities inside a change", "create them first")
        thing = self._thing(row.thing)
        time = instant_of(facts["time"], "time") if "time" in facts else row.time
        locations = self._locations(given, thing) or row.locations
        self._keep(thing, row.id & ((1 << VERSION_SHIFT) - 1), time, locations)

    def _thing(self, id: int | None) -> Thing:
        if id is None:
            raise Invalid(
                "Thing", "is missing", "name it: {'@iot.id': 1}, or POST to Things(1)/HistoricalLocations"
            )
        thing = self.draft.linked(Thing, id, "Thing")
        self.draft.may_manage(thing)
        return thing

    def _locations(self, given: list[Any], thing: Thing) -> tuple[int, ...]:
        """Ids of Locations, those described made. A thing of the city may stand at its own."""
        found = []
        for one in given:
            id = link_of(one, "Locations")
            if id is None:
                id = Inserter(self.draft).insert(SETS["Locations"], one, {})
            elif id != thing.id:
                self.draft.linked(Location, id, "Locations")
            found.append(id)
        return tuple(dict.fromkeys(found))

    def _moved(self, thing: Thing, time: Instant, locations: tuple[int, ...]) -> int:
        moved = self.draft.place(thing, locations)
        if moved.geometry is None:
            raise Invalid("Locations", "have no geometry", "name a Location that has one")
        self.draft.put(replace(moved, properties={**moved.properties, LOCATED: time}))
        return (thing.id << VERSION_SHIFT) + thing.version + 1

    def _keep(self, thing: Thing, number: int, time: Instant, locations: tuple[int, ...]) -> None:
        kept = {**_written(thing), str(number): [time, self.draft.now, list(locations)]}
        if len(kept) > MOST:
            raise Refused(
                _OF.single, f"more than {MOST} are written of one Thing", "import its track as observations"
            )
        self.draft.put(replace(thing, properties={**thing.properties, WRITTEN: kept}))


def _written(thing: Thing) -> Mapping[str, Any]:
    found: Mapping[str, Any] = thing.properties.get(WRITTEN, {})
    return found
