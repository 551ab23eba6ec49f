"""The MQTT extension, subscribing (OGC 18-088 §14.3): what changed, as messages on the topics that a city publishes.

A broker does not tell who subscribes, so the city says what is published. Entities cost one look at the journal; the rows of
datastreams that are not listed cost nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import numpy as np

from hutong.api.access import NOBODY
from hutong.api.house import House
from hutong.api.sensorthings.draft import NOUNS
from hutong.api.sensorthings.lookup import Item, seen
from hutong.api.sensorthings.model import LINKS, SETS, EntitySet
from hutong.api.sensorthings.options import Options, parse_query
from hutong.api.sensorthings.paths import parse_path
from hutong.api.sensorthings.reading import PLAIN, Reading
from hutong.api.warning_rows import warning_rows
from hutong.engine.directory import everything
from hutong.kernel.base import SECOND, Instant
from hutong.kernel.case import Warning
from hutong.kernel.changes import Changes
from hutong.kernel.errors import NotFound
from hutong.kernel.ports import JournalRecord, Reader
from hutong.kernel.thing import Datastream

RECORDS = 500
"""Journal records of one look."""
ROWS = 5_000
"""Observations of one look; what is beyond is told of by the next, which reads the same records again."""
SAVE_EVERY = 5 * SECOND
_SETS = {noun: of for of in SETS.values() for kind, noun in NOUNS.items() if of.noun is kind}
_BACK = {"Thing": "Things", "Sensor": "Sensors", "ObservedProperty": "ObservedProperties"}
Message = tuple[str, bytes]


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """What is published. Sets and observations: `all`, `none`, or names."""

    prefix: str = "v1.1"
    entities: tuple[str, ...] | str = ("Things",)
    observations: tuple[str, ...] | str = "none"
    selects: tuple[str, ...] = ()
    warnings: str = "hutong/warnings"


class Publishing:
    """Follows the journal from the moment it is made, or from where it was before; `look` gives the next messages, `sent` says
    that they arrived. For one thread."""

    def __init__(self, house: House, published: Published, base: str, name: str) -> None:
        self.house = house
        self.base = base
        self.prefix = f"{published.prefix}/"
        self.warnings = published.warnings
        wanted = published.entities
        self._entities = frozenset(SETS if wanted == "all" else () if isinstance(wanted, str) else wanted)
        self._wanted = published.observations
        self._selects = _selects(published.selects)
        self._cursor = f"mqtt.{name}"
        self._saved: Instant = 0
        self._streams: dict[int, Datastream] | None = None
        self._sequences: dict[int, int] = {}
        self._telling: dict[int, int] = {}
        self._told = self._end = 0
        with house.store.reader() as reader:
            kept = reader.cursor(self._cursor)
            self._position = self._next = reader.head() if kept is None else int(kept)
            self._known(reader)

    def look(self) -> list[Message]:
        """Messages of the next journal records."""
        with self.house.store.reader() as reader:
            if reader.head() <= self._position:
                return []
            records = reader.journal(after=self._position, limit=RECORDS)
            self._next = self._end = records[-1].position if records else self._position
            reading = Reading(self.house, reader, NOBODY, self.base)
            changed = [one for one in records if one.position > self._told]
            return [*self._changed(reading, changed), *self._observed(reading, records)]

    def sent(self) -> None:
        """The messages of the last look arrived; the place is kept, so that a restart repeats few."""
        now = self.house.clock.recorded_at()
        moved = self._position != self._next
        self._sequences |= self._telling
        self._told = self._end
        self._position = self._next
        if moved and now - self._saved >= SAVE_EVERY:
            self.house.store.apply(Changes(cursors={self._cursor: str(self._position)}))
            self._saved = now

    def _changed(self, reading: Reading, records: Sequence[JournalRecord]) -> Iterator[Message]:
        """Entities and warnings of the records, each as it stands now."""
        changed: dict[tuple[str, int], set[str]] = {}
        warned: dict[int, None] = {}
        for record in records:
            for noun, id, version in record.subjects:
                if noun == "warning":
                    warned[id] = None
                elif noun in _SETS and _SETS[noun].name in self._entities:
                    fields = record.changes.get(f"{noun}/{id}", {}) if version > 1 else {}
                    changed.setdefault((noun, id), set()).update(fields)
                if noun == "datastream":
                    self._streams = None
        for (noun, id), fields in changed.items():
            yield from self._entity(reading, _SETS[noun], id, fields)
        if warned and self.warnings:
            found = list(reading.lookup.reader.many(Warning, list(warned)).values())
            for row in warning_rows(self.house, reading.lookup.reader, found):
                yield self.warnings, msgspec.json.encode(row)

    def _entity(self, reading: Reading, of: EntitySet, id: int, fields: set[str]) -> Iterator[Message]:
        try:
            item = reading.lookup.get(of, id)
        except NotFound:
            return
        topics = [of.name, f"{of.name}({id})", *_lists(item)]
        body = reading.entity(item, PLAIN)
        yield from self._on(reading, item, body, topics)
        for name, path in of.fields.items():
            if path[0] in fields and name in body:
                yield f"{self.prefix}{of.name}({id})/{name}", msgspec.json.encode({name: body[name]})

    def _on(self, reading: Reading, item: Item, body: Any, topics: Sequence[str]) -> Iterator[Message]:
        payload = msgspec.json.encode(body)
        for topic in topics:
            yield f"{self.prefix}{topic}", payload
            for suffix, options in self._selects.get(topic, ()):
                yield f"{self.prefix}{topic}?{suffix}", msgspec.json.encode(reading.entity(item, options))

    def _known(self, reader: Reader) -> dict[int, Datastream]:
        """The datastreams whose observations are published, and up to which of them that was done."""
        if self._streams is None:
            self._streams = {one.id: one for one in self._listed(reader)}
            for id in self._streams:
                if id not in self._sequences:
                    newest = reader.observations(id, limit=1, descending=True)
                    self._sequences[id] = _highest(newest.sequence) if self._position == reader.head() else 0
        return self._streams

    def _listed(self, reader: Reader) -> list[Datastream]:
        if self._wanted == "none" or not self._wanted:
            return []
        every = [one for one in everything(reader, Datastream) if one.retired is None]
        if self._wanted == "all":
            return every
        return [
            one
            for one in every
            if one.property_code in self._wanted or f"Datastreams({one.id})" in self._wanted
        ]

    def _observed(self, reading: Reading, records: Sequence[JournalRecord]) -> Iterator[Message]:
        """New rows of the published datastreams within the times of the batches that came."""
        self._telling = {}
        batches = [one.facts for one in records if one.kind == "observation.batch"]
        known = self._known(reading.lookup.reader) if batches else {}
        if not known:
            return
        first = min(int(one["first"]) for one in batches)
        last = max(int(one["last"]) for one in batches)
        streams = np.array(sorted(known), np.int64)
        rows = reading.lookup.reader.scan(streams, first, last + 1)
        if not len(rows) or rows.sequence is None:
            return
        done = np.array([self._sequences.get(id, 0) for id in streams.tolist()], np.int64)
        fresh = np.flatnonzero(rows.sequence > done[np.searchsorted(streams, rows.stream)])
        if len(fresh) > ROWS:
            self._next = self._position
        for row in fresh[np.argsort(rows.sequence[fresh], kind="stable")][:ROWS].tolist():
            stream = known[int(rows.stream[row])]
            item = Item(SETS["Observations"], seen(rows, stream, [row])[0])
            self._telling[stream.id] = int(rows.sequence[row])
            topics = ["Observations", f"Datastreams({stream.id})/Observations"]
            topics += [f"FeaturesOfInterest({item.row.feature})/Observations"] if item.row.feature else []
            yield from self._on(reading, item, reading.entity(item, PLAIN), topics)


def _highest(sequence: Any) -> int:
    return int(sequence.max()) if sequence is not None and len(sequence) else 0


def _lists(item: Item) -> list[str]:
    """The lists of other entities that this one stands in."""
    found = [
        f"{_BACK[single]}({getattr(item.row, name)})/{item.set.name}"
        for (of, single), name in LINKS.items()
        if of == item.set.name
    ]
    if item.set.name == "Locations":
        found += [f"Things({thing})/Locations" for thing in getattr(item.row, "things", (item.row.id,))]
    return found


def _selects(given: Sequence[str]) -> dict[str, list[tuple[str, Options]]]:
    """Topics with options, by the topic without."""
    found: dict[str, list[tuple[str, Options]]] = {}
    for one in given:
        topic, _, query = one.partition("?")
        options = parse_query(parse_path(topic).last.set, query)
        found.setdefault(topic, []).append((query, options))
    return found
