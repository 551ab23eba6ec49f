"""Writing: batches become one chunk of the tail, their rows get sequences. One call per commit is the fast way."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from hutong.kernel.base import Instant
from hutong.kernel.errors import Invalid
from hutong.kernel.observation import ObservationBatch
from hutong.store.observations.overlay import OverlayCache, write_overlay
from hutong.store.observations.pages import catch_up
from hutong.store.observations.rows import Block, Ints, block, encode_rows, from_batches
from hutong.store.observations.same_time import Settled, doubtful, settle
from hutong.store.observations.snapshot import Caches, LaneRow, Snapshot, own_lane
from hutong.store.observations.streams import StreamTable, newest
from hutong.store.transaction import Tx

SameTimeOf = Callable[[Ints], NDArray[np.uint8]]
"""Codes (`SameTimeCode`) of the given streams."""

MAX_STREAM = 2**31 - 1
"""Id = stream × 2³² + sequence must fit int64."""


class _Believed:
    """What memory believes about a lane: valid up to `next_chunk` if `confirmed`, or if the lane still has its stamp."""

    def __init__(self) -> None:
        self.streams = StreamTable()
        self.next_chunk = 0
        self.stamp = -1
        self.confirmed = True
        self.committed_chunks = 0
        """If not confirmed: chunks from this one on may be undone."""

    def holds(self, row: LaneRow) -> bool:
        if self.next_chunk == row.next_chunk and self.stamp == row.stamp:
            return True
        return self.confirmed and self.next_chunk <= row.next_chunk


class Appender:
    """Gives sequences and writes chunks. Only the holder of the lane's lock uses a lane's memory."""

    def __init__(self, caches: Caches, overlays: OverlayCache) -> None:
        self._caches = caches
        self._overlays = overlays
        self._lanes: dict[int, _Believed] = {}

    def append(
        self,
        tx: Tx,
        lane: int,
        batches: Sequence[ObservationBatch],
        recorded_at: Instant,
        same_time_of: SameTimeOf,
    ) -> list[ObservationBatch]:
        """The batches with `sequence` filled: the row's own, or that of the row that stands for it (same_time)."""
        rows = from_batches(batches)
        if not len(rows):
            return [msgspec.structs.replace(batch, sequence=np.empty(0, np.int64)) for batch in batches]
        _check_streams(rows.stream)
        lane_row = own_lane(tx, lane)
        believed = self._current(tx, lane, lane_row)
        order = grouping_order(rows.stream)
        fresh = block(rows.take(order))
        sequences = self._store(tx, lane, believed, fresh, recorded_at, same_time_of)
        given = np.empty(len(rows), np.int64)
        given[order] = sequences
        ends = np.cumsum([len(batch) for batch in batches]).tolist()
        return [
            msgspec.structs.replace(batch, sequence=given[end - len(batch) : end])
            for batch, end in zip(batches, ends, strict=True)
        ]

    def _current(self, tx: Tx, lane: int, row: LaneRow) -> _Believed:
        """The lane's memory, brought up to date with what others committed."""
        believed = self._lanes.get(lane)
        if believed is None or not believed.holds(row):
            believed = self._lanes[lane] = _Believed()
        if believed.next_chunk != row.next_chunk:
            snapshot = Snapshot(tx, lane, self._caches)
            catch_up(believed.streams, snapshot, believed.next_chunk)
            believed.next_chunk, believed.stamp = row.next_chunk, row.stamp
        return believed

    def _store(
        self,
        tx: Tx,
        lane: int,
        believed: _Believed,
        fresh: Block,
        recorded_at: Instant,
        same_time_of: SameTimeOf,
    ) -> Ints:
        """Sequences of the block's rows."""
        codes = same_time_of(fresh.streams)
        slots = believed.streams.slots(fresh.streams)
        settled = self._settle(tx, lane, believed, fresh, codes, slots)
        if settled is None:
            numbered = _numbered(fresh, believed.streams.next_sequence[slots])
            self._write(tx, lane, believed, numbered, recorded_at)
            return numbered.rows.sequence
        stored = block(fresh.rows.take(settled.stored))
        numbered = _numbered(stored, believed.streams.next_sequence[believed.streams.slots(stored.streams)])
        sequences = settled.existing.copy()
        sequences[settled.stored] = numbered.rows.sequence
        within = ~settled.stored & (settled.same_as >= 0)
        sequences[within] = sequences[settled.same_as[within]]
        if len(stored.rows):
            self._write(tx, lane, believed, numbered, recorded_at)
        if settled.replaces.any():
            self._discard_on_rollback(tx, lane, believed)
            replacing = msgspec.structs.replace(fresh.rows, sequence=sequences).take(settled.replaces)
            write_overlay(tx, lane, replacing, replacing.time)
        return sequences

    def _settle(
        self, tx: Tx, lane: int, believed: _Believed, fresh: Block, codes: NDArray[np.uint8], slots: Ints
    ) -> Settled | None:
        """None if every row is simply new."""
        if not codes.any():
            return None
        snapshot = Snapshot(
            tx, lane, self._caches, uncached_from=None if believed.confirmed else believed.committed_chunks
        )
        overlay = self._overlays.of(snapshot, keep=False)
        suspects = doubtful(fresh, codes, believed.streams.time[slots], overlay.streams())
        if not suspects.any():
            return None
        every = np.repeat(suspects, np.diff(fresh.offsets))
        some = settle(snapshot, overlay, block(fresh.rows.take(every)), codes[suspects])
        position = np.flatnonzero(every)
        settled = Settled(
            stored=~every,
            same_as=np.full(len(every), -1, np.int64),
            existing=np.full(len(every), -1, np.int64),
            replaces=np.zeros(len(every), np.bool_),
        )
        settled.stored[position] = some.stored
        settled.same_as[position] = np.where(some.same_as >= 0, position[some.same_as], -1)
        settled.existing[position] = some.existing
        settled.replaces[position] = some.replaces
        return settled

    def _write(self, tx: Tx, lane: int, believed: _Believed, fresh: Block, recorded_at: Instant) -> None:
        """One chunk; memory moves on at once and is thrown away if the transaction is undone."""
        self._discard_on_rollback(tx, lane, believed)
        chunk, stamp = believed.next_chunk, secrets.randbits(62)
        tx.execute(
            "INSERT INTO observation_chunk (lane, chunk, row_count, recorded_at, data) VALUES (?, ?, ?, ?, ?)",
            (lane, chunk, len(fresh.rows), recorded_at, encode_rows(fresh)),
        )
        tx.execute(
            "UPDATE observation_lane SET next_chunk = ?, tail_rows = tail_rows + ?, stamp = ? WHERE lane = ?",
            (chunk + 1, len(fresh.rows), stamp, lane),
        )
        believed.streams.merge(newest(fresh))
        believed.next_chunk, believed.stamp = chunk + 1, stamp
        size = fresh.rows.size()
        tx.on_commit(lambda: self._caches.blocks.put((lane, chunk), fresh, size))

    def _discard_on_rollback(self, tx: Tx, lane: int, believed: _Believed) -> None:
        if not believed.confirmed:
            return
        believed.confirmed = False
        believed.committed_chunks = believed.next_chunk

        def confirm() -> None:
            believed.confirmed = True

        def discard() -> None:
            if self._lanes.get(lane) is believed:
                del self._lanes[lane]

        tx.on_commit(confirm)
        tx.on_rollback(discard)


def _check_streams(streams: Ints) -> None:
    wrong = np.flatnonzero((streams < 1) | (streams > MAX_STREAM))
    if len(wrong):
        reason = f"row {int(wrong[0])}: {int(streams[wrong[0]])} cannot be a datastream id"
        raise Invalid("stream", reason, f"use ids from 1 to {MAX_STREAM}")


def _numbered(fresh: Block, following: Ints) -> Block:
    """The block with sequences: each stream's next one and on."""
    counts = np.diff(fresh.offsets)
    rank = np.arange(len(fresh.rows)) - np.repeat(fresh.offsets[:-1], counts)
    rows = msgspec.structs.replace(fresh.rows, sequence=np.repeat(following, counts) + rank)
    return Block(rows, fresh.streams, fresh.offsets)


def grouping_order(streams: Ints) -> Ints:
    """Positions by ascending stream, arrival order kept inside. Radix sort by 16 bits where ids are close together."""
    offset = streams - streams.min()
    width = int(offset.max()).bit_length()
    if width > 32:
        return np.argsort(streams, kind="stable")
    order = np.argsort((offset & 0xFFFF).astype(np.uint16), kind="stable")
    if width > 16:
        high = (offset >> 16).astype(np.uint16)
        order = order[np.argsort(high[order], kind="stable")]
    return order
