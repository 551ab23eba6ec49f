"""Runs that hold hourly values alone: retention leaves one whenever it rewrites a run, so neighbours are merged here."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hutong.kernel.base import HOUR
from hutong.store.observations import columns as coded
from hutong.store.observations import merge
from hutong.store.observations.observations import Observations
from hutong.store.observations.pack import write_run
from hutong.store.observations.packer import Packer
from hutong.store.observations.rollup import combine
from hutong.store.observations.segments import SEGMENT_ROWS, Part, catalog_lines, join_lines
from hutong.store.observations.snapshot import THINNED, Catalog, Parts, Run, Snapshot
from hutong.store.transaction import Tx


def cut(columns: coded.Columns) -> list[Part]:
    """Parts of partials that are ordered by stream and start."""
    total = len(columns["start"])
    return [
        part_of({name: column[at : at + SEGMENT_ROWS] for name, column in columns.items()})
        for at in range(0, total, SEGMENT_ROWS)
    ]


def part_of(columns: coded.Columns) -> Part:
    """Partials as a part to be stored."""
    stream, start = columns["stream"], columns["start"]
    bounds = (int(start.min()), int(start.max()) + HOUR - 1)
    return Part(int(stream.min()), int(stream.max()), *bounds, 0, 0, len(start), coded.encode(columns))


class HourlyMerger:
    """Merges runs of hourly values of one lane, eight at a time, for who holds the lane's lease."""

    def __init__(self, packer: Packer, observations: Observations) -> None:
        self._packer = packer
        self._observations = observations

    def step(self) -> bool:
        """One merge; False if there is none to do, or it was broken off, which does no harm."""
        with self._packer.database.read() as tx:
            snapshot = self._snapshot(tx)
            runs = _choose(snapshot)
            catalogs = [snapshot.catalog(run).rollups for run in runs]
        number = self._packer.new_run() if runs else None
        return number is not None and self._merge(runs, catalogs, number)

    def _snapshot(self, tx: Tx) -> Snapshot:
        return Snapshot(tx, self._packer.lane, self._observations.caches)

    def _merge(self, runs: list[Run], catalogs: list[Parts], number: int) -> bool:
        lines: list[Parts] = []
        written = 0
        for piece in merge.slices([Catalog(held, held) for held in catalogs]):
            with self._packer.database.read() as tx:
                found = _read(self._snapshot(tx), runs, piece)
            parts = [] if found is None else cut(found)
            if not self._packer.write(number, written, parts):
                return False
            lines.append(catalog_lines(parts, written))
            written += len(parts)
            if not self._packer.go_on():
                return False
        return self._swap(runs, number, join_lines(lines))

    def _swap(self, runs: list[Run], number: int, lines: Parts) -> bool:
        lane = self._packer.lane
        chunks = (min(run.first_chunk for run in runs), max(run.last_chunk for run in runs))
        with self._packer.database.write() as tx:
            if self._packer.own(tx) is None or not merge.still_there(tx, lane, runs):
                return False
            tx.many(
                "DELETE FROM observation_run WHERE lane = ? AND run = ?", [(lane, run.run) for run in runs]
            )
            catalog = Catalog(catalog_lines([], 0), lines)
            write_run(tx, lane, number, level=runs[0].level + 1, chunks=chunks, catalog=catalog)
            tx.execute("UPDATE observation_lane SET generation = generation + 1 WHERE lane = ?", (lane,))
        return True


def _choose(snapshot: Snapshot) -> list[Run]:
    """The oldest runs of the lowest level that has enough of them; or nothing."""
    thinned = [run for run in snapshot.runs() if run.level >= THINNED]
    for level in sorted({run.level for run in thinned}):
        group = [run for run in thinned if run.level == level][: merge.FAN_IN]
        held = sum(int(snapshot.catalog(run).rollups.rows.sum()) for run in group)
        if len(group) == merge.FAN_IN and held <= merge.MAX_RUN_ROWS:
            return group
    return []


def _read(snapshot: Snapshot, runs: Sequence[Run], piece: merge.Slice) -> coded.Columns | None:
    """Partials of the slice, one a stream and hour; hours without a row that counts are left out."""
    found: list[coded.Columns] = []
    for run in runs:
        lines = snapshot.catalog(run).rollups
        near = (lines.stream_max >= piece.low) & (lines.stream_min < piece.high)
        near &= (lines.time_max >= piece.start) & (lines.time_min < piece.end)
        for part in lines.part[near].tolist():
            columns = snapshot.rollup(run, part)
            inside = (columns["stream"] >= piece.low) & (columns["stream"] < piece.high) & (columns["n"] > 0)
            inside &= (columns["start"] >= piece.start) & (columns["start"] < piece.end)
            found.append({name: column[inside] for name, column in columns.items()})
    return _one_each(found) if found else None


def _one_each(found: list[coded.Columns]) -> coded.Columns:
    combined = combine(found, HOUR)
    if combined is None:
        raise RuntimeError("hourly values that were kept tell no sequences")
    order = np.lexsort((combined["start"], combined["stream"]))
    return {name: column[order] for name, column in combined.items()}
