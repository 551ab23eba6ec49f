"""Amended rows, laid over the tail and the runs on every read until they are folded in."""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray

from hutong.kernel.observation import STREAM_SHIFT
from hutong.store.observations.rows import Ints, Rows, block, decode_rows, encode_rows, join, nothing
from hutong.store.observations.snapshot import Snapshot
from hutong.store.transaction import Tx

_COLUMNS = "stream, sequence, revision, was_time, time, dead, number_bits, quality, extra"


class Overlay(msgspec.Struct, frozen=True):
    """All amendments of a lane, ordered by id. `dead` rows are gone; the others are now `live`."""

    ids: Ints
    revision: Ints
    was_time: Ints
    time: Ints
    dead: NDArray[np.bool_]
    live: Rows

    def __len__(self) -> int:
        return len(self.ids)

    def streams(self) -> Ints:
        return np.unique(self.ids >> STREAM_SHIFT)

    def with_live(self, rows: Rows, revision: int) -> Overlay:
        """This overlay after rows got new content at the times they had; in no need of the database."""
        ids = (rows.stream << STREAM_SHIFT) | rows.sequence
        kept = ~np.isin(self.ids, ids)
        order = np.argsort(np.concatenate((self.ids[kept], ids)), kind="stable")
        before, count = np.searchsorted(self.ids, ids), len(rows)
        known = np.append(self.ids, -1)[before] == ids
        was_time = np.where(known, np.append(self.was_time, 0)[before], rows.time)
        live_ids = (self.live.stream << STREAM_SHIFT) | self.live.sequence
        return Overlay(
            np.concatenate((self.ids[kept], ids))[order],
            np.concatenate((self.revision[kept], np.full(count, revision)))[order],
            np.concatenate((self.was_time[kept], was_time))[order],
            np.concatenate((self.time[kept], rows.time))[order],
            np.concatenate((self.dead[kept], np.zeros(count, np.bool_)))[order],
            join([self.live.take(~np.isin(live_ids, ids)), rows]).ordered(),
        )

    def hide(self, rows: Rows) -> Rows:
        """The rows that no amendment replaces."""
        if not len(self) or not len(rows):
            return rows
        ids = (rows.stream << STREAM_SHIFT) | rows.sequence
        at = np.minimum(np.searchsorted(self.ids, ids), len(self) - 1)
        hidden = self.ids[at] == ids
        return rows.take(~hidden) if hidden.any() else rows

    def fold(self, rows: Rows) -> tuple[Rows, NDArray[np.intp]]:
        """The rows with their amendments made, and the positions (in this overlay) of those amendments."""
        none = np.empty(0, np.intp)
        if not len(self) or not len(rows):
            return rows, none
        ids = (rows.stream << STREAM_SHIFT) | rows.sequence
        at = np.minimum(np.searchsorted(self.ids, ids), len(self) - 1)
        hidden = self.ids[at] == ids
        if not hidden.any():
            return rows, none
        live_ids = (self.live.stream << STREAM_SHIFT) | self.live.sequence
        mine = np.isin(live_ids, self.ids[at[hidden]])
        return join([rows.take(~hidden), self.live.take(mine)]), np.unique(at[hidden])

    def added(self, streams: Ints) -> Rows:
        """The live amended rows of `streams` (ascending)."""
        if not len(self.live):
            return self.live
        at = np.minimum(np.searchsorted(streams, self.live.stream), len(streams) - 1)
        mine = streams[at] == self.live.stream
        return self.live.take(mine) if mine.any() else nothing()


_NO_INTS = np.empty(0, np.int64)
NONE = Overlay(_NO_INTS, _NO_INTS, _NO_INTS, _NO_INTS, np.empty(0, np.bool_), nothing())


class OverlayCache:
    """The last committed overlay of each lane. It is small: the packer folds amendments in."""

    def __init__(self) -> None:
        self._kept: dict[int, tuple[int, Overlay]] = {}

    def of(self, snapshot: Snapshot, *, keep: bool = True) -> Overlay:
        """`keep` must be False inside a writing transaction: its amendments may be undone."""
        version = snapshot.row.amendments
        if version == 0:
            return NONE
        kept = self._kept.get(snapshot.lane)
        if keep and kept is not None and kept[0] == version:
            return kept[1]
        overlay = read_overlay(snapshot.tx, snapshot.lane)
        if keep and (kept is None or kept[0] < version):
            self._kept[snapshot.lane] = (version, overlay)
        return overlay


def read_overlay(tx: Tx, lane: int) -> Overlay:
    found = tx.rows(
        f"SELECT {_COLUMNS} FROM observation_amend WHERE lane = ? ORDER BY stream, sequence", (lane,)
    )
    if not found:
        return NONE
    stream, sequence, revision, was_time, time, dead, bits, quality, extra = zip(*found, strict=True)
    streams, sequences = np.array(stream, np.int64), np.array(sequence, np.int64)
    times, gone = np.array(time, np.int64), np.array(dead, np.bool_)
    plain = Rows(
        streams,
        sequences,
        times,
        np.array(bits, np.int64).view(np.float64),
        np.array(quality, np.uint8),
    )
    bare = np.array([blob is None for blob in extra], np.bool_)
    rich = [
        decode_rows(blob).rows for blob, no in zip(extra, dead, strict=True) if blob is not None and not no
    ]
    live = join([plain.take(~gone & bare), *rich]).ordered()
    ids = (streams << STREAM_SHIFT) | sequences
    return Overlay(ids, np.array(revision, np.int64), np.array(was_time, np.int64), times, gone, live)


def write_overlay(tx: Tx, lane: int, rows: Rows, was_time: Ints, *, dead: bool = False) -> None:
    """Each row (with the stream and sequence it replaces) becomes the amendment of its id; `dead` takes it
    away.

    A row amended before keeps its first `was_time`: where the unamended row stands. The lane must be locked.
    """
    tx.execute("UPDATE observation_lane SET amendments = amendments + 1 WHERE lane = ?", (lane,))
    version = tx.row("SELECT amendments FROM observation_lane WHERE lane = ?", (lane,))
    revision = version[0] if version else 0
    total = len(rows)
    extra: list[bytes | None] = [None] * total
    if not rows.plain and not dead:
        single = [rows.take(slice(row, row + 1)) for row in range(total)]
        extra = [None if one.plain else encode_rows(block(one)) for one in single]
    values = zip(
        [lane] * total,
        rows.stream.tolist(),
        rows.sequence.tolist(),
        [revision] * total,
        was_time.tolist(),
        rows.time.tolist(),
        [int(dead)] * total,
        np.ascontiguousarray(rows.number).view(np.int64).tolist(),
        rows.quality.tolist(),
        extra,
        strict=True,
    )
    tx.many(
        f"INSERT INTO observation_amend (lane, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (lane, stream, sequence) DO UPDATE SET revision = excluded.revision, "
        "time = excluded.time, dead = excluded.dead, number_bits = excluded.number_bits, quality = excluded.quality, "
        "extra = excluded.extra",
        values,
    )


def drop_folded(tx: Tx, lane: int, overlay: Overlay, positions: NDArray[np.intp]) -> None:
    """Takes away amendments that are now in the runs, unless they were amended again meanwhile. The lane
    must be locked."""
    if not len(positions):
        return
    ids, revisions = overlay.ids[positions].tolist(), overlay.revision[positions].tolist()
    tx.many(
        "DELETE FROM observation_amend WHERE lane = ? AND stream = ? AND sequence = ? AND revision = ?",
        [
            (lane, id >> STREAM_SHIFT, id & 0xFFFFFFFF, revision)
            for id, revision in zip(ids, revisions, strict=True)
        ],
    )
    tx.execute(
        "UPDATE observation_lane SET amendments = amendments + 1, folds = folds + 1 WHERE lane = ?", (lane,)
    )
