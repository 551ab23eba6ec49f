"""What a writing process believes about a lane, so that giving sequences costs no query."""

from __future__ import annotations

import numpy as np

from hutong.store.observations.overlay import NONE, Overlay, read_overlay
from hutong.store.observations.pages import catch_up
from hutong.store.observations.rows import Block, Ints, Rows
from hutong.store.observations.snapshot import Caches, LaneRow, Snapshot, own_lane
from hutong.store.observations.streams import StreamTable
from hutong.store.transaction import Tx


class LaneMemory:
    """The streams of a lane up to chunk `next_chunk`, and the rows of the open transaction that have no
    chunk yet.

    Other processes write too: memory is right if it is `confirmed` (all it knows is committed), or if the
    lane still has the random stamp that this memory left there.
    """

    def __init__(self) -> None:
        self.streams = StreamTable()
        self.next_chunk = 0
        self.stamp = -1
        self.confirmed = True
        self.committed_chunks = 0
        self.pending: list[Block] = []
        self._overlay: Overlay | None = NONE
        self._amendments = 0
        self.user: Tx | None = None

    def holds(self, row: LaneRow) -> bool:
        """For a transaction that did not use it before. Another's pending rows were never stored."""
        if self.pending:
            return False
        if self.next_chunk == row.next_chunk and self.stamp == row.stamp:
            return True
        return self.confirmed and self.next_chunk <= row.next_chunk

    def amended(self, version: int) -> None:
        """The lane's amendments are now at this version."""
        if version != self._amendments:
            self._amendments, self._overlay = version, None

    def amended_here(self) -> None:
        """The open transaction changed the amend table once."""
        self.amended(self._amendments + 1)

    def replaced_here(self, rows: Rows) -> None:
        """The open transaction gave stored rows new content: one change of the amend table."""
        self._amendments += 1
        if self._overlay is not None:
            self._overlay = self._overlay.with_live(rows, self._amendments)

    def overlay(self, tx: Tx, lane: int) -> Overlay:
        """The amendments as the open transaction sees them; times known here are never before theirs."""
        if self._overlay is None:
            self._overlay = read_overlay(tx, lane)
            live = self._overlay.live
            np.maximum.at(self.streams.time, self.streams.slots(live.stream), live.time)
        return self._overlay

    def move_on(self, fresh: Block, slots: Ints) -> None:
        """Takes in rows that were given sequences; `slots` are those of the block's streams."""
        self.streams.next_sequence[slots] += np.diff(fresh.offsets)
        newest = np.maximum.reduceat(fresh.rows.time, fresh.offsets[:-1])
        self.streams.time[slots] = np.maximum(self.streams.time[slots], newest)
        self.pending.append(fresh)


class Memories:
    """The memory of every lane; only the holder of a lane's lock uses it."""

    def __init__(self, caches: Caches) -> None:
        self._caches = caches
        self._lanes: dict[int, LaneMemory] = {}

    def of(self, tx: Tx, lane: int) -> LaneMemory | None:
        """The memory that this transaction uses already."""
        memory = self._lanes.get(lane)
        return memory if memory is not None and memory.user is tx else None

    def current(self, tx: Tx, lane: int) -> LaneMemory:
        """The lane's memory, brought up to date with what others committed; thrown away if `tx` is undone.

        Locks the lane.
        """
        memory = self.of(tx, lane)
        if memory is not None:
            return memory
        row = own_lane(tx, lane)
        memory = self._lanes.get(lane)
        if memory is None or not memory.holds(row):
            memory = self._lanes[lane] = LaneMemory()
        if memory.next_chunk != row.next_chunk or memory.stamp != row.stamp:
            catch_up(memory.streams, Snapshot(tx, lane, self._caches), memory.next_chunk)
            memory.next_chunk, memory.stamp = row.next_chunk, row.stamp
        memory.amended(row.amendments)
        self._open(tx, lane, memory)
        return memory

    def _open(self, tx: Tx, lane: int, memory: LaneMemory) -> None:
        memory.user, memory.confirmed = tx, False
        memory.committed_chunks = memory.next_chunk

        def confirm() -> None:
            if memory.user is tx:
                memory.user, memory.confirmed = None, True
            if memory.pending:
                raise RuntimeError("a transaction with observations was committed without Observations.flush")

        def discard() -> None:
            if self._lanes.get(lane) is memory:
                del self._lanes[lane]

        tx.on_commit(confirm)
        tx.on_rollback(discard)
