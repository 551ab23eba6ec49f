"""Writing: rows get sequences batch by batch; all rows of a transaction become one chunk of the tail."""

from __future__ import annotations

import secrets
from collections.abc import Callable

import msgspec
import numpy as np
from numpy.typing import NDArray

from hutong.kernel.base import Instant
from hutong.kernel.errors import Invalid
from hutong.kernel.observation import ObservationBatch
from hutong.store.observations.memory import LaneMemory, Memories
from hutong.store.observations.overlay import Overlay, write_overlay
from hutong.store.observations.rows import (
    Block,
    Ints,
    Rows,
    block,
    encode_rows,
    from_batch,
    grouping_order,
    join,
)
from hutong.store.observations.same_time import Settled, doubtful, settle
from hutong.store.observations.snapshot import Caches, Snapshot
from hutong.store.transaction import Tx

SameTimeOf = Callable[[Tx, int, Ints], NDArray[np.uint8]]
"""Codes (`SameTimeCode`) of the given streams (ascending, no repeats) of a lane."""

MAX_STREAM = 2**31 - 1
"""Id = stream × 2³² + sequence must fit int64."""


class Appender:
    """Gives sequences and writes chunks, inside transactions that hold the lane's lock."""

    def __init__(self, caches: Caches, same_time_of: SameTimeOf) -> None:
        self._caches = caches
        self._same_time_of = same_time_of
        self._memories = Memories(caches)

    def append(self, tx: Tx, lane: int, batch: ObservationBatch) -> ObservationBatch:
        """The batch with `sequence` filled: the row's own, or that of the row that stands for it
        (same_time)."""
        rows = from_batch(batch)
        if not len(rows):
            return msgspec.structs.replace(batch, sequence=rows.sequence)
        _check_streams(rows.stream)
        memory = self._memories.current(tx, lane)
        order = grouping_order(rows.stream)
        given = np.empty(len(rows), np.int64)
        given[order] = self._number(tx, lane, memory, block(rows.take(order)))
        return msgspec.structs.replace(batch, sequence=given)

    def amended(self, tx: Tx, lane: int) -> None:
        """Somebody else changed the amend table once in this transaction."""
        memory = self._memories.of(tx, lane)
        if memory is not None:
            memory.amended_here()

    def view(self, tx: Tx, lane: int) -> tuple[Snapshot, Overlay]:
        """What the open transaction sees, its own chunks and amendments included. Locks the lane."""
        memory = self._memories.current(tx, lane)
        return Snapshot(tx, lane, self._caches, uncached_from=memory.committed_chunks), memory.overlay(
            tx, lane
        )

    def flush(self, tx: Tx, lane: int, recorded_at: Instant) -> None:
        """Writes the rows that were appended since the last flush as one chunk."""
        memory = self._memories.of(tx, lane)
        if memory is None or not memory.pending:
            return
        rows = join([some.rows for some in memory.pending])
        memory.pending = []
        chunk, stamp = memory.next_chunk, secrets.randbits(62)
        fresh = block(rows.take(grouping_order(rows.stream)))
        tx.execute(
            "INSERT INTO observation_chunk (lane, chunk, row_count, recorded_at, data) "
            "VALUES (?, ?, ?, ?, ?)",
            (lane, chunk, len(rows), recorded_at, encode_rows(fresh)),
        )
        tx.execute(
            "UPDATE observation_lane SET next_chunk = ?, tail_rows = tail_rows + ?, stamp = ? WHERE lane = ?",
            (chunk + 1, len(rows), stamp, lane),
        )
        memory.next_chunk, memory.stamp = chunk + 1, stamp
        size = fresh.rows.size()
        tx.on_commit(lambda: self._caches.blocks.put((lane, chunk), fresh, size))

    def _number(self, tx: Tx, lane: int, memory: LaneMemory, fresh: Block) -> Ints:
        """Sequences of the block's rows; what is new becomes pending."""
        codes = self._same_time_of(tx, lane, fresh.streams)
        slots = memory.streams.slots(fresh.streams)
        settled = self._settle(tx, lane, memory, fresh, codes, slots)
        if settled is None:
            return _numbered(memory, fresh, slots)
        stored = block(fresh.rows.take(settled.content[settled.stored]))
        sequences = settled.existing.copy()
        sequences[settled.stored] = _numbered(memory, stored, memory.streams.slots(stored.streams))
        within = ~settled.stored & (settled.same_as >= 0)
        sequences[within] = sequences[settled.same_as[within]]
        if settled.replaces.any():
            replacing = msgspec.structs.replace(fresh.rows, sequence=sequences).take(settled.replaces)
            write_overlay(tx, lane, replacing, replacing.time)
            memory.replaced_here(replacing)
        return sequences

    def _settle(
        self,
        tx: Tx,
        lane: int,
        memory: LaneMemory,
        fresh: Block,
        codes: NDArray[np.uint8],
        slots: Ints,
    ) -> Settled | None:
        """None if every row is simply new, as nearly always."""
        if not codes.any():
            return None
        overlay = memory.overlay(tx, lane)
        suspects = doubtful(fresh, codes, memory.streams.time[slots])
        if not suspects.any():
            return None
        snapshot = Snapshot(tx, lane, self._caches, uncached_from=memory.committed_chunks)
        every = np.repeat(suspects, np.diff(fresh.offsets))
        some = settle(snapshot, overlay, memory.pending, block(fresh.rows.take(every)), codes[suspects])
        return some.among(every)


def _check_streams(streams: Ints) -> None:
    wrong = np.flatnonzero((streams < 1) | (streams > MAX_STREAM))
    if len(wrong):
        reason = f"row {int(wrong[0])}: {int(streams[wrong[0]])} cannot be a datastream id"
        raise Invalid("stream", reason, f"use ids from 1 to {MAX_STREAM}")


def _numbered(memory: LaneMemory, fresh: Block, slots: Ints) -> Ints:
    """Gives each row its stream's next sequence and keeps the rows for the chunk."""
    if not len(fresh.rows):
        return fresh.rows.sequence
    counts = np.diff(fresh.offsets)
    rank = np.arange(len(fresh.rows)) - np.repeat(fresh.offsets[:-1], counts)
    sequence = np.repeat(memory.streams.next_sequence[slots], counts) + rank
    rows: Rows = msgspec.structs.replace(fresh.rows, sequence=sequence)
    memory.move_on(Block(rows, fresh.streams, fresh.offsets), slots)
    return sequence
