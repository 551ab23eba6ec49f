"""The judge of a lane with all it needs of the city: built from the store, and again when anything it knows changed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from hutong.engine.directory import Directory, everything
from hutong.engine.judge import Causes, Judge, Setting, compile_rules
from hutong.engine.observe import StreamTable, stream_table
from hutong.engine.rulebook import Rulebook
from hutong.kernel.base import DAY, HOUR, Instant
from hutong.kernel.case import Warning
from hutong.kernel.observation import Latest, ObservationBatch
from hutong.kernel.ports import Reader
from hutong.kernel.query import Compare, Field, Value
from hutong.kernel.thing import Datastream, Thing

LEAST_WIDTH = HOUR
"""Streams whose newest rows lie no further apart are read together."""

MOST_ASKED = 1000

Ints = NDArray[np.int64]


class Watching:
    """What one lane's judge knows. `state_version` is that of the rule marks it holds."""

    def __init__(
        self, reader: Reader, rulebook: Rulebook, directory: Callable[[], Directory], now: Instant, lane: int
    ) -> None:
        self.rulebook = rulebook
        self.lane = lane
        self.head = reader.head(lane)
        self.table: StreamTable = stream_table(everything(reader, Datastream), rulebook.properties)
        self.things = self._things(reader)
        self.judge: Judge = compile_rules(
            rulebook.editions,
            self.table,
            self.things,
            rulebook.parameters(now),
            rulebook.functions,
            versions=rulebook.rule_digests,
            zone=rulebook.zone,
        )
        self.state_version, marks = reader.rule_state(lane)
        self.taken = self.judge.load(marks)
        self._warm(reader)
        self.causes = Causes()
        since = Compare("ge", Field(("raised",)), Value(now - DAY))
        self.causes.restore(reader.find(Warning, since, limit=10_000).rows)
        self.setting = Setting(
            things=self.things,
            scope=lambda thing: directory().scope(thing.place, thing.owner),
            place_name=lambda place: directory().place_name(place),
            lane=lane,
        )

    def _things(self, reader: Reader) -> dict[int, Thing]:
        ids = sorted(set(self.table.thing.tolist()))
        found: dict[int, Thing] = {}
        for start in range(0, len(ids), 5000):
            found.update(reader.many(Thing, ids[start : start + 5000]))
        return found

    def _warm(self, reader: Reader) -> None:
        """Latest values and recent rows, so that a restart changes no outcome."""
        streams, spans = self.judge.warmup_needs()
        if not len(streams):
            return
        latest = reader.latest(streams)
        kept = np.zeros(len(latest.stream), np.int64)
        order = np.argsort(streams)
        kept[:] = spans[order][np.searchsorted(streams[order], latest.stream)]
        wanted = np.flatnonzero(kept > 0)
        recent = recent_rows(reader, latest.stream[wanted], latest.time[wanted], kept[wanted])
        self.judge.warm(latest, recent)


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
