"""The face of the observation store: append and amend inside a writing transaction, read inside any."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hutong.kernel.base import HOUR, Instant
from hutong.kernel.changes import Amendment
from hutong.kernel.errors import Invalid, NotFound
from hutong.kernel.observation import STREAM_SHIFT, Latest, ObservationBatch, Rollup
from hutong.store.observations import amending, counting, kept, moment, rollup, scan
from hutong.store.observations.append import Appender, SameTimeOf
from hutong.store.observations.latest import LatestViews
from hutong.store.observations.overlay import Overlay, OverlayCache
from hutong.store.observations.rows import Ints, Rows
from hutong.store.observations.snapshot import Archived, Caches, Snapshot, lane_row, own_lane
from hutong.store.transaction import Tx

_SEQUENCE = (1 << STREAM_SHIFT) - 1


class Observations:
    """One for the process. Safe to call from many threads, each with a transaction of its own.

    Reads inside a writing transaction must say `writing=True`, so that nothing uncommitted is remembered.
    """

    def __init__(self, same_time_of: SameTimeOf, archive: Archived | None = None) -> None:
        self.caches = Caches(archive)
        self.overlays = OverlayCache()
        self._appender = Appender(self.caches, same_time_of)
        self._latest = LatestViews()

    def append(self, tx: Tx, lane: int, batch: ObservationBatch) -> ObservationBatch:
        """Gives sequences to the rows; `flush` must be called before the transaction is committed.

        A row that `same_time` does not store gets the sequence of the row that stands for it.
        """
        return self._appender.append(tx, lane, batch)

    def flush(self, tx: Tx, lane: int, recorded_at: Instant) -> None:
        """Writes what was appended as one chunk. Many batches a chunk are fastest."""
        self._appender.flush(tx, lane, recorded_at)

    def amend(self, tx: Tx, lane: int, id: int, row: ObservationBatch | None, recorded_at: Instant) -> None:
        """The observation becomes the one row of `row` (same stream), or goes (None). NotFound if there is
        none."""
        amends = (Amendment(id, row),)
        self.write_amends(tx, lane, amends, self.standing(tx, lane, amends, recorded_at))

    def standing(self, tx: Tx, lane: int, amends: tuple[Amendment, ...], recorded_at: Instant) -> Rows:
        """The rows that are to be amended, as they are; NotFound or Invalid, with nothing amended, if one cannot be."""
        amending.check_rows(amends)
        own_lane(tx, lane)
        self.flush(tx, lane, recorded_at)
        snapshot, overlay = self._appender.view(tx, lane)
        return amending.standing(snapshot, overlay, np.array([one.id for one in amends], np.int64))

    def write_amends(self, tx: Tx, lane: int, amends: tuple[Amendment, ...], before: Rows) -> None:
        """Writes amendments of rows that `standing` gave in this transaction."""
        for _ in range(amending.write_amends(tx, lane, amends, before)):
            self._appender.amended(tx, lane)

    def get(self, tx: Tx, lane: int, id: int, *, writing: bool = False) -> ObservationBatch:
        """The observation with this id: a batch of one row."""
        snapshot, overlay = self._view(tx, lane, writing=writing)
        found = scan.one(snapshot, overlay, id >> STREAM_SHIFT, id & _SEQUENCE)
        if not len(found):
            raise NotFound(
                "observation", f"there is no observation {id}", "list the datastream's observations"
            )
        return found.batch()

    def latest(self, tx: Tx, lane: int, streams: Ints) -> Latest:
        """The newest row of each stream that has one, in the order asked. For reading transactions only."""
        snapshot, overlay = self._view(tx, lane)
        return self._latest.latest(snapshot, overlay, np.ascontiguousarray(streams, np.int64))

    def latest_at(self, tx: Tx, lane: int, streams: Ints, at: Instant) -> Latest:
        """The newest row with time ≤ `at` of each stream that has one."""
        snapshot, overlay = self._view(tx, lane)
        return moment.latest_at(snapshot, overlay, np.asarray(streams, np.int64), at)

    def newest(self, tx: Tx, lane: int, streams: Ints, at: Instant | None) -> tuple[Rows, NDArray[np.bool_]]:
        """The newest row (with time ≤ `at`) of each stream that has one, whole, by stream; and whether it may have
        others. For reading transactions only."""
        snapshot, overlay = self._view(tx, lane)
        asked = np.asarray(streams, np.int64)
        if at is None:
            return self._latest.newest(snapshot, overlay, asked)
        rows = moment.newest_at(snapshot, overlay, asked, at)
        return rows, rows.sequence > 0

    def count(
        self,
        tx: Tx,
        lane: int,
        streams: Ints,
        start: Instant | None = None,
        end: Instant | None = None,
        *,
        at_most: int = counting.NO_END,
    ) -> int:
        """How many rows the streams have with start ≤ time < end; stops when `at_most` is passed."""
        snapshot, overlay = self._view(tx, lane)
        wanted = scan.span(
            np.unique(np.asarray(streams, np.int64)),
            scan.EARLIEST if start is None else start,
            scan.FOREVER if end is None else end,
        )
        return counting.count(snapshot, overlay, wanted, self._latest.streams(snapshot), at_most)

    def observations(
        self,
        tx: Tx,
        lane: int,
        stream: int,
        start: Instant | None = None,
        end: Instant | None = None,
        *,
        limit: int = 10_000,
        descending: bool = False,
        writing: bool = False,
    ) -> ObservationBatch:
        """Rows of one stream with start ≤ time < end in time order (then sequence), at most `limit`."""
        snapshot, overlay = self._view(tx, lane, writing=writing)
        first = scan.EARLIEST if start is None else start
        last = scan.FOREVER if end is None else end
        return scan.history(
            snapshot, overlay, stream, first, last, limit=limit, descending=descending
        ).batch()

    def scan(self, tx: Tx, lane: int, streams: Ints, start: Instant, end: Instant) -> ObservationBatch:
        """All rows of many streams with start ≤ time < end, ordered by stream, time and sequence."""
        snapshot, overlay = self._view(tx, lane)
        wanted = scan.span(np.unique(np.asarray(streams, np.int64)), start, end)
        return scan.scan(snapshot, overlay, wanted).batch()

    def rollups(self, tx: Tx, lane: int, streams: Ints, start: Instant, end: Instant, window: int) -> Rollup:
        """Aggregates of the rows with a number, in windows of `window` µs counted from the epoch."""
        if window <= 0:
            raise Invalid("window", f"{window} µs is no window", "give a positive length")
        snapshot, overlay = self._view(tx, lane)
        return rollup.rollups(snapshot, overlay, np.asarray(streams, np.int64), start, end, window)

    def rows_since(
        self, tx: Tx, lane: int, streams: Ints, start: Instant | None = None, end: Instant | None = None
    ) -> Instant | None:
        """Before which instant some of the streams keep hourly values without their rows, in hours with start ≤ begin <
        end; None: nowhere."""
        snapshot = Snapshot(tx, lane, self.caches)
        first = scan.EARLIEST if start is None else start
        last = scan.FOREVER - HOUR if end is None else end
        return kept.rows_since(snapshot, np.unique(np.asarray(streams, np.int64)), first, last)

    def backlog(self, tx: Tx, lane: int) -> int:
        """Rows in the tail that are not packed yet."""
        return lane_row(tx, lane).tail_rows

    def _view(self, tx: Tx, lane: int, *, writing: bool = False) -> tuple[Snapshot, Overlay]:
        snapshot = Snapshot(tx, lane, self.caches, uncached_from=0 if writing else None)
        return snapshot, self.overlays.of(snapshot, keep=not writing)
