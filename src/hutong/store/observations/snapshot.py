"""What one transaction sees of a lane: the tail's range, the runs and the amendments; and the caches behind
it.

Chunks, segments and rollup parts never change under their number, so their caches need no invalidation; a
snapshot only says which of them exist. A writing transaction sees its own uncommitted chunks, which must
not enter the caches.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

import msgspec
import numpy as np

from hutong.kernel.errors import Corrupt, Unavailable
from hutong.store.observations import columns as coded
from hutong.store.observations.cache import BoundedCache
from hutong.store.observations.counted import Counted, counted_block, decode_counted
from hutong.store.observations.rows import Block, Ints, Rows, block, decode_rows
from hutong.store.sql import one_of
from hutong.store.transaction import Tx

CACHE_BYTES = 192 * 1024 * 1024
COUNTED_CACHE_BYTES = 256 * 1024 * 1024
"""16 million rows: a day of 1,000 streams at 10 s is 8.6 million."""
SMALL_CACHE_BYTES = 64 * 1024 * 1024
TOGETHER = 64
"""Blocks that are fetched and decoded together."""
SIDE_BY_SIDE = 4
"""For fewer blocks than this no other thread is woken."""

ARCHIVED = 1000
"""Level of runs whose segments are the row groups of one Parquet file; they are not merged."""


THINNED = 2000
"""Level of runs that keep hourly partials of rows that were deleted when their time to be kept was over."""


class Archived(Protocol):
    """Where the files of archived runs are."""

    def read(self, file: str, group: int) -> Rows:
        """A row group, ordered by stream, time and sequence."""


class LaneRow(msgspec.Struct, frozen=True):
    """The lane's row. Chunks `first_chunk` … `next_chunk` − 1 are the tail; `generation` moves with every
    pack, merge and fold, `folds` when amendments went into runs, `amendments` with every change of the
    amend table. `stamp` is a random number that the last append left: memory that carries it is what was
    committed.
    """

    first_chunk: int = 1
    next_chunk: int = 1
    next_run: int = 1
    tail_rows: int = 0
    generation: int = 0
    folds: int = 0
    amendments: int = 0
    stamp: int = 0
    lease_owner: int = 0
    lease_until: int = 0


class Parts(msgspec.Struct, frozen=True):
    """The segments (or rollup parts) of a run: what each may hold. Columns of equal length."""

    part: Ints
    stream_min: Ints
    stream_max: Ints
    time_min: Ints
    time_max: Ints
    sequence_min: Ints
    sequence_max: Ints
    rows: Ints

    def __len__(self) -> int:
        return len(self.part)

    def touching(self, streams: Ints, start: int, end: int) -> Ints:
        """Positions of the parts that may hold rows of `streams` (ascending) with start ≤ time < end."""
        near = np.searchsorted(streams, self.stream_min)
        held = near < len(streams)
        held &= streams[np.minimum(near, len(streams) - 1)] <= self.stream_max
        held &= (self.time_max >= start) & (self.time_min < end)
        return np.flatnonzero(held)

    def holding(self, stream: int, sequence: int) -> Ints:
        """Positions of the parts that may hold this row."""
        held = (self.stream_min <= stream) & (self.stream_max >= stream)
        return np.flatnonzero(held & (self.sequence_min <= sequence) & (self.sequence_max >= sequence))


class Catalog(msgspec.Struct, frozen=True):
    """What a run is made of."""

    segments: Parts
    rollups: Parts

    def encode(self) -> bytes:
        return coded.encode(
            {f"s.{name}": getattr(self.segments, name) for name in Parts.__struct_fields__}
            | {f"r.{name}": getattr(self.rollups, name) for name in Parts.__struct_fields__}
        )


def decode_catalog(blob: bytes) -> Catalog:
    columns, _ = coded.decode(blob)
    names = Parts.__struct_fields__
    return Catalog(
        Parts(*(columns[f"s.{name}"] for name in names)), Parts(*(columns[f"r.{name}"] for name in names))
    )


class Run(msgspec.Struct, frozen=True):
    """Rows that were packed together: those of chunks `first_chunk` … `last_chunk`. Never changes."""

    run: int
    level: int
    first_chunk: int
    last_chunk: int
    row_count: int
    stream_min: int
    stream_max: int
    time_min: int
    time_max: int


class Caches:
    """Decoded blocks of all lanes, shared by every reader of the process."""

    def __init__(self, archive: Archived | None = None) -> None:
        self.archive = archive
        self.files: dict[tuple[int, int], str] = {}
        self.blocks: BoundedCache[Block] = BoundedCache(CACHE_BYTES)
        self.counted: BoundedCache[Counted] = BoundedCache(COUNTED_CACHE_BYTES)
        self.rollups: BoundedCache[coded.Columns] = BoundedCache(SMALL_CACHE_BYTES)
        self.catalogs: BoundedCache[Catalog] = BoundedCache(SMALL_CACHE_BYTES)
        self.runs: dict[int, tuple[int, tuple[Run, ...]]] = {}


class Snapshot:
    """One lane as `tx` sees it. Chunks from `uncached_from` on are read anew (they may be undone)."""

    def __init__(self, tx: Tx, lane: int, caches: Caches, *, uncached_from: int | None = None) -> None:
        self.tx = tx
        self.lane = lane
        self.row = lane_row(tx, lane)
        self._caches = caches
        self._uncached_from = self.row.next_chunk if uncached_from is None else uncached_from

    def runs(self) -> tuple[Run, ...]:
        """Oldest first."""
        kept = self._caches.runs.get(self.lane)
        if kept is not None and kept[0] == self.row.generation:
            return kept[1]
        found = self.tx.rows(
            f"SELECT {', '.join(Run.__struct_fields__)} FROM observation_run WHERE lane = ? "
            "ORDER BY first_chunk",
            (self.lane,),
        )
        runs = tuple(Run(*row) for row in found)
        if kept is None or kept[0] < self.row.generation:
            self._caches.runs[self.lane] = (self.row.generation, runs)
        return runs

    def catalog(self, run: Run) -> Catalog:
        return self._caches.catalogs.get(
            (self.lane, run.run),
            lambda: decode_catalog(self._blob("catalog", "observation_run", "run", run.run)),
            lambda catalog: 100 * (len(catalog.segments) + len(catalog.rollups)) + 500,
        )

    def chunk(self, chunk: int) -> Block:
        """A block of the tail: grouped by stream, in arrival order inside each."""

        def load() -> Block:
            return decode_rows(self._blob("data", "observation_chunk", "chunk", chunk))

        if chunk >= self._uncached_from:
            return load()
        return self._caches.blocks.get((self.lane, chunk), load, _block_size)

    def chunks(self) -> range:
        return range(self.row.first_chunk, self.row.next_chunk)

    def segment(self, run: Run, part: int, *, keep: bool = True) -> Block:
        """A packed block: ordered by stream, time and sequence. `keep` puts it into the cache."""

        def load() -> Block:
            if run.level >= ARCHIVED:
                return block(self._archived(run, part))
            return decode_rows(self._part(run, part))

        if not keep:
            return load()
        return self._caches.blocks.get((self.lane, run.run, part), load, _block_size)

    def counted(self, run: Run, parts: Ints) -> Iterator[Counted]:
        """What aggregates count of packed blocks, in order. Blocks that are not kept are decoded side by side, while
        those before them are used."""
        pieces = [parts[at : at + TOGETHER].tolist() for at in range(0, len(parts), TOGETHER)]
        ahead = self._counted_soon(run, pieces[0]) if pieces else []
        for following in (*pieces[1:], []):
            now, ahead = ahead, self._counted_soon(run, following)
            yield from (get() for get in now)

    def counted_chunk(self, chunk: int) -> Counted:
        """What aggregates count of a block of the tail, in order of time."""

        def load() -> Counted:
            return counted_block(block(self.chunk(chunk).rows.ordered()))

        if chunk >= self._uncached_from:
            return load()
        return self._caches.counted.get((self.lane, chunk), load, Counted.size)

    def _counted_soon(self, run: Run, parts: list[int]) -> list[Callable[[], Counted]]:
        """A call for each part that waits until it is there."""
        cache, lane = self._caches.counted, self.lane
        missing: dict[int, Callable[[], Counted]] = {}
        found = {part: cache.find((lane, run.run, part)) for part in parts}

        def kept(part: int, load: Callable[[], Counted]) -> Counted:
            counted = load()
            cache.put((lane, run.run, part), counted, counted.size())
            return counted

        absent = [part for part, counted in found.items() if counted is None]
        for part, load in self._loads(run, absent):
            if len(absent) < SIDE_BY_SIDE:
                missing[part] = functools.partial(kept, part, load)
            else:
                missing[part] = _decoders().submit(kept, part, load).result
        return [
            missing[part] if one is None else functools.partial(_same, one) for part, one in found.items()
        ]

    def _loads(self, run: Run, parts: list[int]) -> Iterator[tuple[int, Callable[[], Counted]]]:
        """How each block is decoded, in any thread: bytes of the database are fetched here."""
        if not parts:
            return
        if run.level >= ARCHIVED:
            archive, file = self._file(run)
            for part in parts:
                yield part, functools.partial(_counted_group, archive, file, part)
            return
        for part, blob in zip(parts, self._parts(run, parts), strict=True):
            yield part, functools.partial(decode_counted, blob)

    def rollup(self, run: Run, part: int) -> coded.Columns:
        return self._caches.rollups.get(
            (self.lane, run.run, part),
            lambda: coded.decode(self._part(run, part))[0],
            lambda columns: sum(column.nbytes for column in columns.values()),
        )

    def _archived(self, run: Run, group: int) -> Rows:
        archive, file = self._file(run)
        return archive.read(file, group)

    def _file(self, run: Run) -> tuple[Archived, str]:
        """Where an archived run is."""
        key = (self.lane, run.run)
        file = self._caches.files.get(key)
        if file is None:
            found = self.tx.row("SELECT file FROM observation_archive WHERE lane = ? AND run = ?", key)
            file = self._caches.files[key] = str(_present(found, f"the file of run {run.run}"))
        if self._caches.archive is None:
            raise Unavailable(
                "archive", f"{file} is needed and no archive folder is open", "open the city whole"
            )
        return self._caches.archive, file

    def _part(self, run: Run, part: int) -> bytes:
        found = self.tx.row(
            "SELECT data FROM observation_segment WHERE lane = ? AND run = ? AND part = ?",
            (self.lane, run.run, part),
        )
        return bytes(_present(found, f"part {part} of run {run.run}"))

    def _parts(self, run: Run, parts: list[int]) -> list[bytes]:
        matched, value = one_of(self.tx.dialect, "part", parts)
        found: dict[int, Any] = dict(
            self.tx.rows(
                f"SELECT part, data FROM observation_segment WHERE lane = ? AND run = ? AND {matched}",
                (self.lane, run.run, value),
            )
        )
        return [
            bytes(_present((found[part],) if part in found else None, f"part {part} of run {run.run}"))
            for part in parts
        ]

    def _blob(self, column: str, table: str, key: str, number: int) -> bytes:
        found = self.tx.row(f"SELECT {column} FROM {table} WHERE lane = ? AND {key} = ?", (self.lane, number))
        return bytes(_present(found, f"{key} {number}"))


def _counted_group(archive: Archived, file: str, group: int) -> Counted:
    return counted_block(block(archive.read(file, group)))


def _same(counted: Counted) -> Counted:
    return counted


@functools.cache
def _decoders() -> ThreadPoolExecutor:
    """zstd and numpy let go of the interpreter while they work."""
    return ThreadPoolExecutor(2, "observation-blocks")


def _present(found: tuple[Any, ...] | None, what: str) -> Any:
    if found is None:
        raise Corrupt("observations", f"{what} is missing", "restore the database from a backup")
    return found[0]


def _block_size(grouped: Block) -> int:
    return grouped.rows.size()


def lane_row(tx: Tx, lane: int, *, lock: bool = False) -> LaneRow:
    """The lane's row, or that of a lane without observations; `lock` holds it until the transaction ends
    (PostgreSQL)."""
    found = _stored(tx, lane, lock=lock)
    return LaneRow() if found is None else found


def _stored(tx: Tx, lane: int, *, lock: bool) -> LaneRow | None:
    ending = " FOR UPDATE" if lock and tx.dialect == "postgresql" else ""
    found = tx.row(
        f"SELECT {', '.join(LaneRow.__struct_fields__)} FROM observation_lane WHERE lane = ?{ending}", (lane,)
    )
    return None if found is None else LaneRow(*found)


def own_lane(tx: Tx, lane: int) -> LaneRow:
    """The lane's row, made if it is not there, and locked against other writers."""
    there = _stored(tx, lane, lock=True)
    if there is not None:
        return there
    names = ", ".join(LaneRow.__struct_fields__)
    values = msgspec.structs.astuple(LaneRow())
    tx.execute(
        f"INSERT INTO observation_lane (lane, {names}) VALUES (?{', ?' * len(values)}) "
        "ON CONFLICT (lane) DO NOTHING",
        (lane, *values),
    )
    return lane_row(tx, lane, lock=True)
