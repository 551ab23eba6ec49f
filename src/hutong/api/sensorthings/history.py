"""Pages of observations of one stream or many, as keysets; no more is read than a page needs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from hutong.api.sensorthings.asking import Asked, Asking
from hutong.api.sensorthings.listing import Listed
from hutong.api.sensorthings.lookup import Item, Lookup, Seen, ids_of, seen
from hutong.api.sensorthings.model import SETS
from hutong.api.sensorthings.options import LARGEST_HISTORY, Options
from hutong.api.sensorthings.ranking import Ranking
from hutong.api.sensorthings.tables import ObservationTable
from hutong.api.sensorthings.translate import Beyond
from hutong.kernel.base import Instant
from hutong.kernel.errors import Invalid
from hutong.kernel.observation import STREAM_SHIFT, ObservationBatch
from hutong.kernel.query import Field, In, both
from hutong.kernel.thing import Datastream

CHUNK = 10_000
MOST_READ = 2_000_000
"""Rows one request may look at."""
MOST_SORTED = 200_000
TOGETHER = 20_000
"""Rows up to which the datastreams of a page are read at once."""
EVER = 2**62
MOST_COUNTED = 1_000_000_000


class History:
    """Reads observations through one reader."""

    def __init__(self, lookup: Lookup, now: Instant, beyond: Beyond) -> None:
        self.lookup = lookup
        self.reader = lookup.reader
        self.asking = Asking(lookup, now, beyond)
        self._read = 0

    def page(self, parent: Item | None, options: Options) -> Listed:
        """A page of observations: by default in order of time in each datastream."""
        asked = self.asking.asked(parent, options.filter)
        size, skip = options.size(LARGEST_HISTORY), 0 if options.after else options.skip
        if skip > MOST_SORTED:
            raise Invalid("$skip", f"goes beyond {MOST_SORTED}", "follow @iot.nextLink instead")
        count, bound = self._count(asked) if options.count else (None, False)
        if not size:
            return Listed([], None, count, bound)
        rows, after = self._rows(asked, options, size + skip)
        items = [Item(SETS["Observations"], row) for row in rows[skip:]]
        return Listed(items, after, count, bound)

    def newest_of(self, streams: dict[int, Datastream]) -> dict[int, Listed]:
        """The newest observation of each of many datastreams, without touching their history."""
        allowed = self._allowed(streams)
        rows, others = self.reader.newest(allowed, at=self.lookup.sight.as_of)
        found = {id: Listed([]) for id in streams}
        for row, more in enumerate(others.tolist()):
            one = seen(rows, streams[int(rows.stream[row])], [row])[0]
            after = f"{one.time}.{one.id}" if more else None
            found[one.stream] = Listed([Item(SETS["Observations"], one)], after)
        return found

    def first_of(self, streams: dict[int, Datastream], options: Options) -> dict[int, Listed] | None:
        """The first page of each of many datastreams by one read; None where they hold much, or more than an order of time
        is asked: then each is better read by itself."""
        descending = _by_time(options)
        if descending is None or options.filter is not None or options.after is not None:
            return None
        as_of = self.lookup.sight.as_of
        allowed, end = self._allowed(streams), EVER if as_of is None else as_of + 1
        if self.reader.observed(allowed, None, end, at_most=TOGETHER) > TOGETHER:
            return None
        batch = self.reader.scan(allowed, -EVER, end)
        ids = sorted(streams)
        edges = [np.searchsorted(batch.stream, ids, side) for side in ("left", "right")]
        found: dict[int, Listed] = {}
        for id, first, last in zip(ids, *edges, strict=True):
            rows = np.arange(first, last)[:: -1 if descending else 1]
            found[id] = self._first(batch, streams[id], rows, options)
        return found

    @staticmethod
    def _first(
        batch: ObservationBatch, stream: Datastream, rows: NDArray[np.int64], options: Options
    ) -> Listed:
        size = options.size(LARGEST_HISTORY)
        page = seen(batch, stream, rows[options.skip : options.skip + size])
        more = page and len(rows) > options.skip + size
        return Listed(
            [Item(SETS["Observations"], one) for one in page],
            f"{page[-1].time}.{page[-1].id}" if more else None,
            len(rows) if options.count else None,
        )

    def _allowed(self, streams: dict[int, Datastream]) -> NDArray[np.int64]:
        """Those of the datastreams whose observations the asker may read."""
        if self.lookup.sight.whole:
            return np.array(sorted(streams), np.int64)
        seen_in = both(In(Field(("id",)), tuple(streams)), self.lookup.sight.observations())
        return np.array(sorted(self.asking.stream_ids(seen_in)), np.int64)

    def hits(self, node: Any, *, first: bool) -> Iterator[ObservationBatch]:
        """Blocks of the observations that a condition holds for, stream by stream; only the first hit of each, if one is
        enough."""
        asked = self.asking.asked(None, node)
        for stream in self._filled(self.asking.streams(asked.where)):
            if first and not asked.narrowed and asked.end is None:
                newest = self.reader.newest(np.array([stream.id], np.int64))[0]
                if asked.start is None or int(newest.time[0]) >= asked.start:
                    yield newest
                continue
            for batch in self._blocks(asked, stream):
                held = _held_rows(asked, batch)
                if held.any():
                    yield _taken(batch, np.flatnonzero(held))
                    if first:
                        break

    def _blocks(self, asked: Asked, stream: Datastream) -> Iterator[ObservationBatch]:
        """All rows of a stream in the range asked, oldest first, a block at a time."""
        start, limit = asked.start, CHUNK
        while True:
            batch = self._chunk(stream.id, start, asked.end, limit, False)
            if len(batch) < limit:
                if len(batch):
                    yield batch
                return
            edge = int(batch.time[-1])
            if edge == int(batch.time[0]):
                limit *= 4
                continue
            yield _taken(batch, np.flatnonzero(batch.time < edge))
            start, limit = edge, min(limit * 2, 100_000)

    def _rows(self, asked: Asked, options: Options, wanted: int) -> tuple[list[Seen], str | None]:
        """The first `wanted` rows in order, and the place in it to go on from, if there are more."""
        descending = _by_time(options)
        if asked.id is not None:
            return self._by_id(asked), None
        if descending is None:
            return self._ranked(asked, options, wanted)
        cursor = _cursor(options.after)
        if options.orderby:
            rows, more = self._merged(asked, cursor, wanted, descending)
        else:
            rows, more = self._one_after_another(asked, cursor, wanted)
        return rows, f"{rows[-1].time}.{rows[-1].id}" if more and rows else None

    def _by_id(self, asked: Asked) -> list[Seen]:
        found = self.lookup.observation(asked.id or 0)
        if found is None or not self.asking.stream_ids(asked.where):
            return []
        batch = self.reader.observation(found.id)
        inside = (asked.start is None or found.time >= asked.start) and (
            asked.end is None or found.time < asked.end
        )
        return [found] if inside and _held_rows(asked, batch)[0] else []

    def _one_after_another(
        self, asked: Asked, cursor: tuple[int, int] | None, wanted: int
    ) -> tuple[list[Seen], bool]:
        """Stream by stream in order of ids, each in order of time; streams are looked up as they are needed."""
        rows: list[Seen] = []
        current = cursor[1] >> STREAM_SHIFT if cursor else 0
        first = current
        while streams := self.asking.streams_from(asked.where, first):
            for stream in self._filled(streams):
                own = cursor if cursor and stream.id == current else None
                rows += self._of(asked, stream, own, wanted + 1 - len(rows), descending=False)
                if len(rows) > wanted:
                    return rows[:wanted], True
            first = streams[-1].id + 1
        return rows, False

    def _filled(self, streams: list[Datastream]) -> list[Datastream]:
        """The streams that have observations, by id."""
        ids = np.array([one.id for one in streams], np.int64)
        known = set(self.reader.latest(ids).stream.tolist())
        return sorted((one for one in streams if one.id in known), key=lambda one: one.id)

    def _merged(
        self, asked: Asked, cursor: tuple[int, int] | None, wanted: int, descending: bool
    ) -> tuple[list[Seen], bool]:
        """All streams in one order of time; newest first, streams that ended before the last row are not read."""
        rows: list[Seen] = []
        streams = self.asking.streams(asked.where)
        newest = self._newest(streams)
        filled = [one for one in streams if one.id in newest]
        for stream in sorted(filled, key=lambda one: -newest[one.id]):
            if descending and len(rows) > wanted and newest[stream.id] < rows[wanted].time:
                break
            rows += self._of(asked, stream, cursor, wanted + 1, descending=descending)
            rows.sort(key=lambda one: (one.time, one.id), reverse=descending)
            del rows[wanted + 1 :]
        return rows[:wanted], len(rows) > wanted

    def _newest(self, streams: list[Datastream]) -> dict[int, int]:
        latest = self.reader.latest(np.array([one.id for one in streams], np.int64))
        return dict(zip(latest.stream.tolist(), latest.time.tolist(), strict=True))

    def _of(
        self,
        asked: Asked,
        stream: Datastream,
        cursor: tuple[int, int] | None,
        wanted: int,
        *,
        descending: bool,
    ) -> list[Seen]:
        """Up to `wanted` rows of one stream beyond the cursor (time, id)."""
        start, end = _beyond(asked.start, asked.end, cursor, descending)
        found: list[Seen] = []
        limit = CHUNK if asked.predicate else min(CHUNK, wanted + 16)
        while len(found) < wanted:
            batch = self._chunk(stream.id, start, end, limit, descending)
            found += self._held(asked, stream, batch, cursor, descending)
            if len(batch) < limit:
                break
            edge = int(batch.time[-1])
            if edge == int(batch.time[0]):
                limit *= 4
                found = [one for one in found if one.time != edge]
                continue
            found = [one for one in found if one.time != edge]
            start, end = (start, edge + 1) if descending else (edge, end)
        return found[:wanted]

    def _chunk(self, stream: int, start: int | None, end: int | None, limit: int, descending: bool) -> Any:
        batch = self.reader.observations(stream, start, end, limit=limit, descending=descending)
        self._read += len(batch)
        if self._read > MOST_READ:
            raise Invalid(
                "$filter",
                f"looks at more than {MOST_READ} observations",
                "narrow phenomenonTime or the datastream",
            )
        return batch

    def _held(
        self,
        asked: Asked,
        stream: Datastream,
        batch: ObservationBatch,
        cursor: tuple[int, int] | None,
        down: bool,
    ) -> list[Seen]:
        held = np.ones(len(batch), bool)
        if cursor is not None:
            ids = ids_of(batch)
            time, id = cursor
            beyond = (batch.time < time) if down else (batch.time > time)
            held &= beyond | ((batch.time == time) & ((ids < id) if down else (ids > id)))
        held &= _held_rows(asked, batch)
        return seen(batch, stream, np.flatnonzero(held))

    def _ranked(self, asked: Asked, options: Options, wanted: int) -> tuple[list[Seen], str | None]:
        """Rows in another order than that of time: for ranges that are not too long, all of which is read."""
        streams = self._filled(self.asking.streams(asked.where))
        ranking = Ranking(options.orderby, {one.id: one.name for one in streams})
        rows: list[Seen] = []
        for stream in streams:
            rows += self._of(asked, stream, None, MOST_SORTED + 1 - len(rows), descending=False)
            if len(rows) > MOST_SORTED:
                raise Invalid(
                    "$orderby",
                    f"sorts more than {MOST_SORTED} observations",
                    "narrow the time range, or order by time",
                )
        ranking.sort(rows)
        first = ranking.after(rows, options.after) if options.after else 0
        page = rows[first : first + wanted]
        more = len(rows) > first + wanted and page
        return page, ranking.token(page[-1]) if more else None

    def _count(self, asked: Asked) -> tuple[int, bool]:
        """How many rows there are and whether that is only a bound: without a predicate told by headers, else looked at
        within the bound of a request."""
        if asked.id is not None:
            return len(self._by_id(asked)), False
        total, first = 0, 0
        while streams := self.asking.streams_from(asked.where, first):
            first = streams[-1].id + 1
            if asked.predicate is None:
                ids = np.array([one.id for one in streams], np.int64)
                most = MOST_COUNTED - total
                total += self.reader.observed(ids, asked.start, asked.end, at_most=most)
                if total >= MOST_COUNTED:
                    return MOST_COUNTED, True
                continue
            for stream in self._filled(streams):
                for batch in self._blocks(asked, stream):
                    total += int(_held_rows(asked, batch).sum())
        return total, False


def _held_rows(asked: Asked, batch: ObservationBatch) -> NDArray[np.bool_]:
    if asked.predicate is None or not len(batch):
        return np.ones(len(batch), bool)
    return asked.predicate.rows(ObservationTable(batch))


def _taken(batch: ObservationBatch, rows: NDArray[np.intp]) -> ObservationBatch:
    """Some rows of a batch."""
    if len(rows) == len(batch):
        return batch
    place = {int(row): at for at, row in enumerate(rows.tolist())}
    changed: dict[str, Any] = {
        name: None if getattr(batch, name) is None else getattr(batch, name)[rows] for name in _ARRAYS
    }
    for name in ("texts", "documents", "parameters"):
        changed[name] = {place[row]: one for row, one in getattr(batch, name).items() if row in place}
    return msgspec.structs.replace(batch, **changed)


_ARRAYS = (
    "stream", "time", "number", "quality", "end_time", "result_time", "feature", "sequence",
)  # fmt: skip


def _by_time(options: Options) -> bool | None:
    """Whether the order is of time descending; None if it is another order."""
    if not options.orderby:
        return False
    first = options.orderby[0]
    rest = options.orderby[1:]
    plain = all(wish.path == ("id",) and wish.descending == first.descending for wish in rest)
    return first.descending if first.path == ("phenomenonTime",) and plain else None


def _cursor(after: str | None) -> tuple[int, int] | None:
    if after is None:
        return None
    time, _, id = after.partition(".")
    if not (time.lstrip("-").isdigit() and id.isdigit()):
        raise Invalid("$skiptoken", "is not one of ours", "follow @iot.nextLink as it stands")
    return int(time), int(id)


def _beyond(
    start: int | None, end: int | None, cursor: tuple[int, int] | None, descending: bool
) -> tuple[int | None, int | None]:
    if cursor is None:
        return start, end
    if descending:
        return start, min(cursor[0] + 1, cursor[0] + 1 if end is None else end)
    return max(cursor[0], cursor[0] if start is None else start), end
