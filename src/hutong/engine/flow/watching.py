"""The judge of a lane with all it needs of the city: built from the store, and moved on when
something that rules see has changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import copy
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from hutong.engine.directory import Directory
from hutong.engine.judge import Causes, Judge, Setting, Taken, compile_rules
from hutong.engine.judge.carry import carry
from hutong.engine.judge.things import FIELDS as THING_FIELDS
from hutong.engine.judge.things import Things, names_of, things_of, things_of_columns
from hutong.engine.observe import (
    STREAM_FIELDS,
    StreamTable,
    merged_table,
    same_streams,
    stream_table,
    table_of_columns,
)
from hutong.engine.rulebook import Rulebook
from hutong.kernel.base import DAY, HOUR, Entity, Instant
from hutong.kernel.case import Warning
from hutong.kernel.observation import Latest, ObservationBatch
from hutong.kernel.ports import Reader
from hutong.kernel.query import Compare, Field, In, Value
from hutong.kernel.thing import Datastream, Thing

LEAST_WIDTH = HOUR
"""Streams whose newest rows lie no further apart are read together."""

MOST_ASKED = 1000
FAR_BEHIND = 1000
THINGS_READ = 20_000
"""Things read at a time."""

Ints = NDArray[np.int64]


class Watching:
    """What one lane's judge knows. `state_version` is that of the rule marks it holds; `taken`: what is not settled yet
    of the marks it could not take over."""

    def __init__(
        self, reader: Reader, rulebook: Rulebook, directory: Callable[[], Directory], now: Instant, lane: int
    ) -> None:
        self.rulebook = rulebook
        self.directory = directory
        self.lane = lane
        self.heads, _ = reader.touched((), {})
        self._names = names_of(rulebook.editions)
        columns = reader.columns(Datastream, STREAM_FIELDS)
        self.table: StreamTable = table_of_columns(columns, rulebook.properties)
        self.things = self._things(reader, np.unique(self.table.thing))
        self.judge = self._judge(now)
        self.state_version, marks = reader.rule_state(lane)
        self.taken = self.judge.load(marks)
        self._warm(reader, *self.judge.warmup_needs())
        self.causes = Causes()
        since = Compare("ge", Field(("raised",)), Value(now - DAY))
        self.causes.restore(reader.find(Warning, since, limit=10_000).rows)
        self._known: dict[int, Thing] = {}
        self.setting = Setting(
            things=self._known,
            scope=lambda thing: directory().scope(thing.place, thing.owner),
            place_name=lambda place: directory().place_name(place),
            lane=lane,
        )

    def _judge(self, now: Instant) -> Judge:
        rulebook = self.rulebook
        return compile_rules(
            rulebook.editions,
            self.table,
            self.things,
            rulebook.parameters(now),
            rulebook.functions,
            versions=rulebook.rule_digests,
            zone=rulebook.zone,
        )

    def _things(self, reader: Reader, ids: Ints) -> Things:
        """The things that have streams."""
        found: dict[str, list[object]] = {name: [] for name in THING_FIELDS}
        for start in range(0, len(ids), THINGS_READ):
            some = In(Field(("id",)), tuple(ids[start : start + THINGS_READ].tolist()))
            for name, column in reader.columns(Thing, THING_FIELDS, some).items():
                found[name] += column
        return things_of_columns(found, self._names)

    def _warm(self, reader: Reader, streams: Ints, spans: Ints) -> None:
        """Latest values and recent rows, so that a restart changes no outcome."""
        if not len(streams):
            return
        latest = reader.latest(streams)
        order = np.argsort(streams)
        kept = spans[order][np.searchsorted(streams[order], latest.stream)]
        wanted = np.flatnonzero(kept > 0)
        recent = recent_rows(reader, latest.stream[wanted], latest.time[wanted], kept[wanted])
        self.judge.warm(latest, recent)

    def know(self, reader: Reader, things: Iterable[int]) -> None:
        """Reads the things that are about to be spoken of."""
        self._known.update(reader.many(Thing, sorted(set(things) - self._known.keys())))

    def followed(self, reader: Reader, now: Instant, puts: Iterable[Entity] = ()) -> Watching:
        """What is known once the changes recorded since, and `puts`, are: this, if rules see nothing of them; or
        another, which remembers what this one does (this one must be forgotten once the other has judged)."""
        heads, touched = reader.touched((Thing, Datastream), self.heads)
        if touched is None:
            return Watching(reader, self.rulebook, self.directory, now, self.lane)
        things = reader.many(Thing, sorted(touched[Thing]))
        streams = reader.many(Datastream, sorted(touched[Datastream]))
        for put in puts:
            if isinstance(put, Thing):
                things[put.id] = put
            elif isinstance(put, Datastream):
                streams[put.id] = put
        lacking = {one.thing for one in streams.values()} - things.keys() - set(self.things.id.tolist())
        things |= reader.many(Thing, sorted(lacking))
        self.heads = heads
        for id in touched[Thing] & self._known.keys():
            del self._known[id]
        found = self._changed(reader, now, things, streams)
        if found is not self:
            own = {put.id: put for put in puts if isinstance(put, Thing)}
            found._known = {**self._known, **own}
            found.setting = replace(self.setting, things=found._known)
        return found

    def _changed(
        self, reader: Reader, now: Instant, things: dict[int, Thing], streams: dict[int, Datastream]
    ) -> Watching:
        gone = np.array(sorted(streams), np.int64)
        more = stream_table(streams.values(), self.rulebook.properties)
        changed = np.array(sorted(things), np.int64)
        seen = things_of(things.values(), self._names)
        if same_streams(self.table, gone, more) and not seen.differ(self.things.some(changed)):
            return self
        found = copy(self)
        found.table = merged_table(self.table, gone, more)
        found.things = self.things.merged(changed, seen)
        found.judge = found._judge(now)
        carried = carry(self.judge, found.judge)
        found.taken = Taken(left=(*self.taken.left, *carried.left), changed=self.taken.changed)
        found._warm(reader, carried.fresh, carried.spans)
        return found

    def far_behind(self, position: int) -> bool:
        """Whether so much was recorded since that it is time to look what of it matters."""
        return position - self.heads.get(self.lane, 0) > FAR_BEHIND


def recent_rows(reader: Reader, streams: Ints, newest: Ints, spans: Ints) -> list[ObservationBatch]:
    """Rows of each stream from `newest` − span on, and one more before them: few reads for all streams together.

    Streams that were last heard of at about the same time are read at once; so are those that fell silent long ago, by
    the time of that. The row before is that of as long a time again; only streams that have none there are asked for it.
    """
    found: list[ObservationBatch] = []
    order = np.argsort(newest)[::-1]
    streams, newest, start = streams[order], newest[order], (newest - spans)[order]
    while len(streams):
        span = int((newest - start).max())
        together = int(np.searchsorted(-newest, max(2 * span, LEAST_WIDTH) - int(newest[0]), "right"))
        some, first = streams[:together], int(start[:together].min())
        rows = reader.scan(some, first - span, int(newest[0]) + 1)
        found.append(rows)
        lacking = _lacking(some, start[:together], rows)
        if len(lacking):
            found.append(_before(reader.latest(lacking, at=first - span - 1)))
        streams, newest, start = streams[together:], newest[together:], start[together:]
    return found


def _lacking(streams: Ints, start: Ints, rows: ObservationBatch) -> Ints:
    """Streams without a row before `start` here that may have one further back: at most MOST_ASKED, for each costs a
    look-up, and what it saves is only that a late row finds the value before it."""
    order = np.argsort(streams)
    streams, start = streams[order], start[order]
    at = np.searchsorted(streams, rows.stream)
    has = np.zeros(len(streams), bool)
    has[at[rows.time < start[at]]] = True
    if rows.sequence is not None:
        has[at[rows.sequence <= 1]] = True
    return streams[~has][:MOST_ASKED]


def _before(latest: Latest) -> ObservationBatch:
    """The last row of each stream before a moment; its id does not matter, for it proves nothing."""
    good = np.isfinite(latest.number)
    streams = latest.stream[good]
    return ObservationBatch(
        source="warm",
        stream=streams,
        time=latest.time[good],
        number=latest.number[good],
        quality=np.zeros(len(streams), np.uint8),
        sequence=np.zeros(len(streams), np.int64),
    )
