"""What the observation store asks about datastreams: their lane, and how they treat rows of the same time."""

from __future__ import annotations

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from hutong.kernel.base import Instant
from hutong.kernel.errors import Invalid
from hutong.kernel.observation import Latest, ObservationBatch, Rollup
from hutong.store.observations import Observations, SameTimeCode
from hutong.store.observations.rows import from_batch, join
from hutong.store.sql import one_of
from hutong.store.transaction import Tx

Ints = NDArray[np.int64]
_CODES = {
    "keep_all": SameTimeCode.KEEP_ALL,
    "keep_first": SameTimeCode.KEEP_FIRST,
    "replace": SameTimeCode.REPLACE,
}
_UNKNOWN = 255


class StreamCodes:
    """Remembers `same_time` of datastreams, by id, as long as the lane's `streams` number stands still."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[int, NDArray[np.uint8]]] = {}
        self._lane = 0

    def begin(self, tx: Tx, lane: int, version: int) -> None:
        """A transaction that holds the lane's lock begins: forget what another process may have changed."""
        if self._known.get(lane, (-1,))[0] != version:
            self._known[lane] = (version, np.full(1024, _UNKNOWN, np.uint8))
        self._lane = lane
        tx.on_rollback(lambda: self._forget(lane))

    def _forget(self, lane: int) -> None:
        self._known.pop(lane, None)

    def note(self, stream: int, same_time: str) -> None:
        """A datastream is put in this transaction; its row is not in the database yet."""
        version, codes = self._known[self._lane]
        codes = _grown(codes, stream)
        codes[stream] = _CODES[same_time]
        self._known[self._lane] = (version + 1, codes)

    def of(self, tx: Tx, lane: int, streams: Ints) -> NDArray[np.uint8]:
        """Codes of the streams; Invalid names one that is no datastream of the lane."""
        version, codes = self._known.get(lane, (-1, np.full(1024, _UNKNOWN, np.uint8)))
        codes = _grown(codes, int(streams[-1])) if len(streams) else codes
        missing = streams[codes[streams] == _UNKNOWN]
        if len(missing):
            matched, value = one_of(tx.dialect, "id", missing.tolist())
            sql = f"SELECT id, same_time FROM datastream WHERE lane = ? AND {matched}"
            for stream, same_time in tx.rows(sql, (lane, value)):
                codes[stream] = _CODES[same_time]
        self._known[lane] = (version, codes)
        found = codes[streams]
        if (found == _UNKNOWN).any():
            stream = int(streams[found == _UNKNOWN][0])
            raise Invalid("stream", f"there is no datastream {stream}", "create it first")
        return found


def _grown(codes: NDArray[np.uint8], stream: int) -> NDArray[np.uint8]:
    if stream < len(codes):
        return codes
    more = np.full(max(2 * len(codes), stream + 1), _UNKNOWN, np.uint8)
    more[: len(codes)] = codes
    return more


def stream_lane(tx: Tx, lanes: tuple[int, ...], stream: int) -> int:
    """The lane of a datastream; the first where there is only one."""
    if len(lanes) == 1:
        return lanes[0]
    row = tx.row("SELECT lane FROM datastream WHERE lane IN (SELECT lane FROM lane) AND id = ?", (stream,))
    return lanes[0] if row is None else int(row[0])


def by_lane(tx: Tx, lanes: tuple[int, ...], streams: Ints) -> dict[int, Ints]:
    """The streams of each lane that has some, in the order given."""
    if len(lanes) == 1:
        return {lanes[0]: streams}
    matched, value = one_of(tx.dialect, "id", streams.tolist())
    found: dict[int, int] = dict(tx.rows(f"SELECT id, lane FROM datastream WHERE {matched}", (value,)))
    lane_of = np.array([found.get(stream, lanes[0]) for stream in streams.tolist()], np.int64)
    return {int(lane): streams[lane_of == lane] for lane in np.unique(lane_of)}


def latest_of(
    tx: Tx, observations: Observations, lanes: tuple[int, ...], streams: Ints, at: Instant | None
) -> Latest:
    """The newest rows (at a moment), over lanes."""
    asked = np.ascontiguousarray(streams, np.int64)
    parts = [
        observations.latest(tx, lane, some) if at is None else observations.latest_at(tx, lane, some, at)
        for lane, some in by_lane(tx, lanes, asked).items()
    ]
    if len(parts) == 1:
        return parts[0]
    return Latest(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in Latest.__struct_fields__)
    )


def newest_of(
    tx: Tx, observations: Observations, lanes: tuple[int, ...], streams: Ints, at: Instant | None
) -> tuple[ObservationBatch, NDArray[np.bool_]]:
    """The newest rows (at a moment) as whole rows, over lanes, and whether their streams have had others."""
    asked = np.ascontiguousarray(streams, np.int64)
    parts = [observations.newest(tx, lane, some, at) for lane, some in by_lane(tx, lanes, asked).items()]
    return join([rows for rows, _ in parts]).batch(), np.concatenate([more for _, more in parts])


def observed_of(
    tx: Tx,
    observations: Observations,
    lanes: tuple[int, ...],
    streams: Ints,
    start: Instant | None,
    end: Instant | None,
    at_most: int,
) -> int:
    """How many rows, over lanes; no further than `at_most`."""
    total = 0
    for lane, some in by_lane(tx, lanes, np.unique(np.ascontiguousarray(streams, np.int64))).items():
        total += observations.count(tx, lane, some, start, end, at_most=at_most - total)
    return min(total, at_most)


def rollups_of(
    tx: Tx,
    observations: Observations,
    lanes: tuple[int, ...],
    streams: Ints,
    start: Instant,
    end: Instant,
    window: int,
) -> Rollup:
    """Aggregates, over lanes."""
    asked = np.ascontiguousarray(streams, np.int64)
    parts = [
        observations.rollups(tx, lane, some, start, end, window)
        for lane, some in by_lane(tx, lanes, asked).items()
    ]
    if len(parts) == 1:
        return parts[0]
    return Rollup(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in Rollup.__struct_fields__)
    )


def scan_of(
    tx: Tx, observations: Observations, lanes: tuple[int, ...], streams: Ints, start: Instant, end: Instant
) -> ObservationBatch:
    """Rows of many streams, over lanes: ordered by stream, since a stream has one lane."""
    asked = np.unique(np.ascontiguousarray(streams, np.int64))
    parts = [
        observations.scan(tx, lane, some, start, end) for lane, some in by_lane(tx, lanes, asked).items()
    ]
    if len(parts) == 1:
        return parts[0]
    rows = [replace(from_batch(part), sequence=part.sequence) for part in parts]
    return join(rows).ordered().batch()
