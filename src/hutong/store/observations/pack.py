"""The tail's oldest chunks become a run: encoded outside any transaction, put in place in one short one."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import numpy as np
from numpy.typing import NDArray

from hutong.kernel.base import SECOND, Instant
from hutong.store.observations.overlay import Overlay, drop_folded
from hutong.store.observations.pages import Pages, write_pages
from hutong.store.observations.rows import Rows, block, grouping_order
from hutong.store.observations.segments import Part, catalog_lines, rollup_parts, segments
from hutong.store.observations.snapshot import THINNED, Catalog, LaneRow, Run
from hutong.store.observations.streams import NEVER, StreamState, newest
from hutong.store.transaction import Tx

PACK_ROWS = 1_000_000
"""A run is made when the tail holds so many rows …"""
PACK_AGE = 60 * SECOND
"""… or its oldest chunk is so old (recorded time) …"""
WRITE_BYTES = 256 * 1024
"""The most that one transaction of the packer writes or clears."""
PACK_CHUNKS = 256
"""… or it has so many chunks: every read of recent rows looks into each of them."""


class Packed(msgspec.Struct, frozen=True):
    """A run that is ready to be put in place."""

    first_chunk: int
    last_chunk: int
    row_count: int
    segments: list[Part]
    rollups: list[Part]
    state: StreamState
    overlay: Overlay
    folded: NDArray[np.intp]


class Weighed(msgspec.Struct, frozen=True):
    """Parts that are written in one transaction, and the number of the first."""

    first_number: int
    parts: list[Part]


def due_chunks(tx: Tx, lane: int, row: LaneRow, now: Instant, *, all_of_it: bool = False) -> list[int]:
    """The oldest chunks, up to PACK_ROWS rows, if it is time to pack them."""
    if row.tail_rows == 0:
        return []
    found = tx.rows(
        "SELECT chunk, row_count, recorded_at FROM observation_chunk WHERE lane = ? AND chunk >= ? "
        "ORDER BY chunk LIMIT 5000",
        (lane, row.first_chunk),
    )
    young = row.tail_rows < PACK_ROWS and found[0][2] > now - PACK_AGE and len(found) < PACK_CHUNKS
    if young and not all_of_it:
        return []
    total = np.cumsum([rows for _, rows, _ in found])
    return [chunk for chunk, _, _ in found[: int(np.searchsorted(total, PACK_ROWS)) + 1]]


def encode(rows: Rows, overlay: Overlay, chunks: list[int]) -> Packed:
    """Pure computing: sorted, amended, cut and compressed."""
    arrived = block(rows.take(grouping_order(rows.stream)))
    amended, folded = overlay.fold(arrived.rows)
    ordered = amended.ordered()
    state = newest(arrived)
    if len(folded):
        state = _amended_state(state, ordered)
    return Packed(
        first_chunk=chunks[0],
        last_chunk=chunks[-1],
        row_count=len(rows),
        segments=segments(ordered),
        rollups=rollup_parts(ordered),
        state=state,
        overlay=overlay,
        folded=folded,
    )


def _amended_state(state: StreamState, ordered: Rows) -> StreamState:
    """Sequences go on after all rows that ever were; the newest row is one that is still there."""
    after = newest(block(ordered))
    at = np.searchsorted(state.stream, after.stream)
    time, sequence = np.full(len(state.stream), NEVER), np.zeros(len(state.stream), np.int64)
    number, plain = np.full(len(state.stream), np.nan), np.zeros(len(state.stream), np.uint8)
    time[at], sequence[at], number[at] = after.time, after.sequence, after.number
    plain[at] = after.plain
    return StreamState(state.stream, state.next_sequence, time, sequence, number, plain)


def put_in_place(tx: Tx, lane: int, run: int, packed: Packed, pages: Pages) -> None:
    """The chunks go and the run, whose parts are written already, comes. The lane must be locked and its first chunk be
    the packed one. The chunks' bytes are cleared later (`old_chunks`): whoever commits meanwhile must not wait for that.
    """
    write_run(
        tx,
        lane,
        run,
        level=0,
        chunks=(packed.first_chunk, packed.last_chunk),
        catalog=Catalog(
            catalog_lines(packed.segments, 0), catalog_lines(packed.rollups, len(packed.segments))
        ),
    )
    tx.execute(
        "UPDATE observation_lane SET first_chunk = ?, tail_rows = tail_rows - ?, "
        "generation = generation + 1 WHERE lane = ?",
        (packed.last_chunk + 1, packed.row_count, lane),
    )
    write_pages(tx, lane, pages, run)
    drop_folded(tx, lane, packed.overlay, packed.folded)


def weighed(parts: list[Part], first_number: int) -> Iterator[Weighed]:
    """Parts in groups small enough that a commit which waits for one does not feel it."""
    start, size = 0, 0
    for at, part in enumerate(parts):
        size += len(part.data)
        if size >= WRITE_BYTES or at == len(parts) - 1:
            yield Weighed(first_number + start, parts[start : at + 1])
            start, size = at + 1, 0


def old_chunks(tx: Tx, lane: int, first_chunk: int) -> list[int]:
    """A few chunks that are in runs already."""
    found = tx.rows(
        "SELECT chunk, length(data) FROM observation_chunk WHERE lane = ? AND chunk < ? ORDER BY chunk LIMIT 64",
        (lane, first_chunk),
    )
    total = np.cumsum([size for _, size in found])
    return [chunk for chunk, _ in found[: int(np.searchsorted(total, WRITE_BYTES)) + 1]]


def write_parts(tx: Tx, lane: int, run: int, first_number: int, parts: list[Part]) -> None:
    tx.many(
        "INSERT INTO observation_segment (lane, run, part, data) VALUES (?, ?, ?, ?)",
        [(lane, run, number, part.data) for number, part in enumerate(parts, first_number)],
    )


def write_run(tx: Tx, lane: int, run: int, *, level: int, chunks: tuple[int, int], catalog: Catalog) -> None:
    """The run's line, by which readers find its parts. A run whose rows were all deleted has none."""
    lines = catalog.segments if len(catalog.segments) else catalog.rollups
    if not len(lines) or (lines is catalog.rollups and level < THINNED):
        return
    columns = Run.__struct_fields__
    values = Run(
        run=run,
        level=level,
        first_chunk=chunks[0],
        last_chunk=chunks[1],
        row_count=int(catalog.segments.rows.sum()),
        stream_min=int(lines.stream_min.min()),
        stream_max=int(lines.stream_max.max()),
        time_min=int(lines.time_min.min()),
        time_max=int(lines.time_max.max()),
    )
    marks = ", ".join("?" * (len(columns) + 2))
    tx.execute(
        f"INSERT INTO observation_run (lane, {', '.join(columns)}, catalog) VALUES ({marks})",
        (lane, *msgspec.structs.astuple(values), catalog.encode()),
    )
