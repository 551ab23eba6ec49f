"""The judge of a lane with all it needs of the city: built from the store, and again when anything it knows changed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from hutong.engine.directory import Directory, everything
from hutong.engine.judge import Causes, Judge, Setting, compile_rules
from hutong.engine.observe import StreamTable, stream_table
from hutong.engine.rulebook import Rulebook
from hutong.kernel.base import DAY, Instant
from hutong.kernel.case import Warning
from hutong.kernel.observation import ObservationBatch
from hutong.kernel.ports import Reader
from hutong.kernel.query import Compare, Field, Value
from hutong.kernel.thing import Datastream, Thing

RECENT_ROWS = 5000


class Watching:
    """What one lane's judge knows. `state_version` is that of the rule marks it holds."""

    def __init__(
        self, reader: Reader, rulebook: Rulebook, directory: Callable[[], Directory], now: Instant, lane: int
    ) -> None:
        self.rulebook = rulebook
        self.head = reader.head(lane)
        self.table: StreamTable = stream_table(everything(reader, Datastream), rulebook.properties)
        self.things = self._things(reader)
        self.judge: Judge = compile_rules(
            rulebook.rules.values(),
            self.table,
            self.things,
            rulebook.parameters(now),
            rulebook.functions,
            versions=rulebook.rule_digests,
            zone=rulebook.zone,
        )
        self.state_version, marks = reader.rule_state(lane)
        self.judge.load(marks)
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
        newest = dict(zip(latest.stream.tolist(), latest.time.tolist(), strict=True))
        recent: list[ObservationBatch] = []
        for stream, span in zip(streams.tolist(), spans.tolist(), strict=True):
            if stream in newest and span > 0:
                recent.append(self._tail(reader, stream, newest[stream] - span))
        self.judge.warm(latest, recent)

    @staticmethod
    def _tail(reader: Reader, stream: int, start: Instant) -> ObservationBatch:
        """Rows since `start`, and one more before it."""
        rows = reader.observations(stream, start, None, limit=RECENT_ROWS)
        before = reader.observations(stream, None, start, limit=1, descending=True)
        if not len(before):
            return rows
        return ObservationBatch(
            source="warm",
            stream=np.concatenate([before.stream, rows.stream]),
            time=np.concatenate([before.time, rows.time]),
            number=np.concatenate([before.number, rows.number]),
            quality=np.concatenate([before.quality, rows.quality]),
            sequence=_joined(before, rows),
        )


def _joined(before: ObservationBatch, rows: ObservationBatch) -> np.ndarray | None:
    if before.sequence is None or rows.sequence is None:
        return None
    return np.concatenate([before.sequence, rows.sequence])
