"""Changes of observations that are kept already. They correct the record; no rule judges them again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from msgspec.structs import replace

from hutong.api.sensorthings.columns import Columns
from hutong.api.sensorthings.create import Inserter, known_fields, link_of
from hutong.api.sensorthings.draft import Draft, facts_of
from hutong.api.sensorthings.lookup import Item, Seen
from hutong.api.sensorthings.model import STREAMS
from hutong.api.sensorthings.render import RESULT_QUALITY, body_of
from hutong.engine.observe import check, stream_table
from hutong.kernel.changes import Amendment
from hutong.kernel.errors import Invalid, Refused
from hutong.kernel.observation import STREAM_SHIFT, ObservationBatch, Quality
from hutong.kernel.ports import Reader
from hutong.kernel.thing import Datastream, Feature, Thing

Facts = dict[str, Any]
SOURCE = "sensorthings"
PAGE = 20_000
MOST_READ = 2_000_000
MOST_GONE = 100_000


class Amending:
    """Amends observations in a draft."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.inserter = Inserter(draft)

    def update(self, item: Item, body: Any, *, whole: bool = False) -> None:
        """PATCH; `whole`: PUT, where what the body leaves out is emptied (the time an observation has, it keeps)."""
        facts = facts_of(body, "Observation")
        known_fields(item.set, facts)
        seen, stream = item.row, self._stream(item.row)
        feature = self._feature(seen, facts, stream)
        current = self.current(item)
        if whole:
            current = {"phenomenonTime": current["phenomenonTime"]}
        told = {name: value for name, value in facts.items() if name in item.set.properties}
        if "resultQuality" in told and told["resultQuality"] == body_of(item, _nothing).get("resultQuality"):
            told |= {"resultQuality": current.get("resultQuality")}
        if told.get("phenomenonTime", "") is None:
            raise Invalid("phenomenonTime", "an observation has a time", "send an instant or an interval")
        self._amend(seen, stream, {**current, **told}, feature)

    def current(self, item: Item) -> Facts:
        """The observation as clients write it; a doubt of ours is no resultQuality of theirs."""
        body = body_of(item, _nothing)
        if RESULT_QUALITY not in item.row.parameters:
            body.pop("resultQuality", None)
        return body

    def _stream(self, seen: Seen) -> Datastream:
        stream = self.draft.linked(Datastream, seen.stream, "Datastream")
        self.draft.may_manage(self.draft.linked(Thing, stream.thing, "Thing"))
        return stream

    def _feature(self, seen: Seen, facts: Facts, stream: Datastream) -> int:
        if "Datastream" in facts and link_of(facts["Datastream"], "Datastream") != stream.id:
            raise Invalid(
                "Datastream", "an observation stays in its Datastream", "delete it and send it to the other"
            )
        given = facts.get("FeatureOfInterest")
        if given is None:
            return seen.feature
        linked = link_of(given, "FeatureOfInterest")
        if linked is None:
            raise Invalid(
                "FeatureOfInterest", "describes an entity inside a change", "create it first; link by @iot.id"
            )
        if linked == seen.feature:
            return linked
        return self.inserter.feature_of({"@iot.id": linked}, stream)

    def _amend(self, seen: Seen, stream: Datastream, body: Facts, feature: int) -> None:
        columns = Columns(self.draft.now)
        columns.add(stream, body, feature)
        batch = columns.batch(SOURCE)
        assert batch is not None
        doubt = 0 if seen.quality == Quality.OUT_OF_RANGE else seen.quality
        batch = replace(batch, quality=np.array([doubt], np.uint8))
        table = stream_table([stream], self.draft.house.rulebook.properties)
        checked = check(batch, table, self.draft.now)
        if checked.refusals:
            raise Invalid(checked.refusals[0].field, checked.refusals[0].reason)
        read = self.draft.lookup.reader.observation(seen.id)
        self.draft.amend(Amendment(seen.id, checked.batch, read))

    def refer(self, item: Item, feature: int) -> None:
        """Another feature of interest."""
        self.update(item, {"FeatureOfInterest": {"@iot.id": feature}})

    def remove(self, item: Item) -> None:
        """The observation goes; its id is never given again."""
        self._stream(item.row)
        self.draft.amend(Amendment(item.id))

    def without(self, feature: Feature) -> None:
        """All observations of a feature of interest go (OGC 18-088, table 26)."""
        read = 0
        streams = self.draft.lookup.reader.many(Datastream, feature.properties.get(STREAMS, []))
        for stream in streams.values():
            if stream.retired is not None:
                continue
            for rows in pages(self.draft.lookup.reader, stream.id):
                self._gone(rows, feature.id)
                read += len(rows)
                if read > MOST_READ or len(self.draft.amends) > MOST_GONE:
                    raise Refused(
                        "FeatureOfInterest",
                        f"its datastreams hold more than {MOST_READ} observations, or it more than {MOST_GONE}",
                        "delete observations first",
                    )

    def _gone(self, rows: ObservationBatch, feature: int) -> None:
        if rows.feature is None or rows.sequence is None:
            return
        own = rows.feature == feature
        for id in ((rows.stream[own] << STREAM_SHIFT) + rows.sequence[own]).tolist():
            self.draft.amend(Amendment(id))


def pages(reader: Reader, stream: int) -> Iterator[ObservationBatch]:
    """All rows of a stream; the rows at the seam of two pages come twice."""
    start: int | None = None
    size = PAGE
    while True:
        rows = reader.observations(stream, start, limit=size)
        if len(rows) == size and int(rows.time[0]) == int(rows.time[-1]):
            size *= 2  # More rows at one instant than a page holds.
            continue
        yield rows
        if len(rows) < size:
            return
        start = int(rows.time[-1])


def _nothing(_: Thing) -> Facts:
    return {}
