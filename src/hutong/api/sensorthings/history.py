"""Pages of observations of one stream or many, as keysets; no more is read than a page needs."""

from __future__ import annotations

from typing import Any

import numpy as np

from hutong.api.sensorthings.asking import Asked, Asking
from hutong.api.sensorthings.listing import Listed
from hutong.api.sensorthings.lookup import Item, Lookup, Seen, ids_of, seen
from hutong.api.sensorthings.model import SETS
from hutong.api.sensorthings.options import LARGEST_HISTORY, Options
from hutong.kernel.base import Instant
from hutong.kernel.errors import Invalid
from hutong.kernel.observation import STREAM_SHIFT, ObservationBatch
from hutong.kernel.thing import Datastream

CHUNK = 10_000
MOST_READ = 2_000_000
"""Rows one request may look at."""
MOST_SORTED = 200_000


class History:
    """Reads observations through one reader."""

    def __init__(self, lookup: Lookup, now: Instant, hidden: frozenset[str]) -> None:
        self.lookup = lookup
        self.reader = lookup.reader
        self.asking = Asking(lookup, now, hidden)
        self._read = 0

    def page(self, parent: Item | None, options: Options) -> Listed:
        """A page of observations: by default in order of time in each datastream."""
        asked = self.asking.asked(parent, options)
        size, skip = options.size(LARGEST_HISTORY), 0 if options.after else options.skip
        if skip > MOST_SORTED:
            raise Invalid("$skip", f"goes beyond {MOST_SORTED}", "follow @iot.nextLink instead")
        count = self._count(asked) if options.count else None
        if not size:
            return Listed([], None, count)
        rows, more = self._rows(asked, options, size + skip)
        of = SETS["Observations"]
        return Listed([Item(of, row) for row in rows[skip:]], self._after(rows, options, more, size), count)

    def _after(self, rows: list[Seen], options: Options, more: bool, size: int) -> str | None:
        if not (more and rows):
            return None
        if _by_time(options) is None:
            return str(_offset(options) + size)
        return f"{rows[-1].time}.{rows[-1].id}"

    def _rows(self, asked: Asked, options: Options, wanted: int) -> tuple[list[Seen], bool]:
        """The first `wanted` rows in order, and whether there are more."""
        descending = _by_time(options)
        if asked.id is not None:
            return self._by_id(asked), False
        if descending is None:
            rows = self._sorted(asked, options)
            start = _offset(options) if options.after else 0
            return rows[start : start + wanted], len(rows) > start + wanted
        cursor = _cursor(options.after)
        if not options.orderby and len(asked.streams) > 1:
            return self._one_after_another(asked, cursor, wanted)
        return self._merged(asked, cursor, wanted, descending)

    def _by_id(self, asked: Asked) -> list[Seen]:
        stream = next((one for one in asked.streams if one.id == (asked.id or 0) >> STREAM_SHIFT), None)
        found = self.lookup.observation(asked.id or 0) if stream else None
        if found is None or stream is None:
            return []
        batch = self.reader.observation(found.id)
        inside = (asked.start is None or found.time >= asked.start) and (
            asked.end is None or found.time < asked.end
        )
        held = asked.predicate is None or bool(asked.predicate.rows(batch)[0])
        return [found] if inside and held else []

    def _one_after_another(
        self, asked: Asked, cursor: tuple[int, int] | None, wanted: int
    ) -> tuple[list[Seen], bool]:
        """Stream by stream in order of ids, each in order of time."""
        rows: list[Seen] = []
        current = cursor[1] >> STREAM_SHIFT if cursor else -1
        filled = self._filled([one for one in asked.streams if one.id >= current])
        for stream in filled:
            own = cursor if stream.id == current else None
            rows += self._of(asked, stream, own, wanted + 1 - len(rows), descending=False)
            if len(rows) > wanted:
                return rows[:wanted], True
        return rows, False

    def _filled(self, streams: list[Datastream]) -> list[Datastream]:
        """The streams that have observations, by id."""
        ids = np.array([one.id for one in streams], np.int64)
        known = set(self.reader.latest(ids).stream.tolist()) if len(streams) > 1 else set(ids.tolist())
        return sorted((one for one in streams if one.id in known), key=lambda one: one.id)

    def _merged(
        self, asked: Asked, cursor: tuple[int, int] | None, wanted: int, descending: bool
    ) -> tuple[list[Seen], bool]:
        """All streams in one order of time; newest first, streams that ended before the last row are not read."""
        rows: list[Seen] = []
        newest = self._newest(asked.streams)
        for stream in sorted(self._filled(asked.streams), key=lambda one: -newest.get(one.id, 0)):
            if descending and len(rows) > wanted and newest.get(stream.id, 0) < rows[wanted].time:
                break
            rows += self._of(asked, stream, cursor, wanted + 1, descending=descending)
            rows.sort(key=lambda one: (one.time, one.id), reverse=descending)
            del rows[wanted + 1 :]
        return rows[:wanted], len(rows) > wanted

    def _newest(self, streams: list[Datastream]) -> dict[int, int]:
        if len(streams) < 2:
            return {}
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
        if asked.predicate is not None and len(batch):
            held &= asked.predicate.rows(batch)
        return seen(batch, stream, np.flatnonzero(held))

    def _sorted(self, asked: Asked, options: Options) -> list[Seen]:
        """All rows, in another order than that of time: for ranges that are not too long."""
        rows: list[Seen] = []
        for stream in self._filled(asked.streams):
            rows += self._of(asked, stream, None, MOST_SORTED + 1 - len(rows), descending=False)
            if len(rows) > MOST_SORTED:
                raise Invalid(
                    "$orderby",
                    f"sorts more than {MOST_SORTED} observations",
                    "narrow the time range, or order by time",
                )
        for wish in reversed(options.orderby):
            key = _KEYS.get(wish.path)
            if key is None:
                raise Invalid(
                    "$orderby",
                    f"{'/'.join(wish.path)} is not offered",
                    f"by {', '.join(k[0] for k in _KEYS)}",
                )
            rows.sort(key=key, reverse=wish.descending)
        return rows

    def _count(self, asked: Asked) -> int:
        """How many rows there are, looked at within the bound of a request."""
        if asked.id is not None:
            return len(self._by_id(asked))
        return sum(self._count_of(asked, stream) for stream in self._filled(asked.streams))

    def _count_of(self, asked: Asked, stream: Datastream) -> int:
        rows, start, limit = 0, asked.start, 100_000
        while True:
            batch = self._chunk(stream.id, start, asked.end, limit, False)
            held = (
                asked.predicate.rows(batch) if asked.predicate and len(batch) else np.ones(len(batch), bool)
            )
            if len(batch) < limit:
                return rows + int(held.sum())
            edge = int(batch.time[-1])
            if edge == int(batch.time[0]):
                limit *= 4
                continue
            rows += int(held[batch.time < edge].sum())
            start = edge


def _by_time(options: Options) -> bool | None:
    """Whether the order is of time descending; None if it is another order."""
    if not options.orderby:
        return False
    first = options.orderby[0]
    rest = options.orderby[1:]
    plain = all(wish.path == ("id",) and wish.descending == first.descending for wish in rest)
    return first.descending if first.path == ("phenomenonTime",) and plain else None


def _offset(options: Options) -> int:
    return int(options.after) if options.after and options.after.isdigit() else options.skip


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


def _result_key(one: Seen) -> Any:
    number = one.result if isinstance(one.result, int | float) else 0
    return isinstance(one.result, str), number, one.result if isinstance(one.result, str) else ""


_KEYS: dict[tuple[str, ...], Any] = {
    ("result",): _result_key,
    ("phenomenonTime",): lambda one: one.time,
    ("resultTime",): lambda one: one.result_time,
    ("id",): lambda one: one.id,
}
