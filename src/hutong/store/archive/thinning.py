"""Deletes rows whose time to be kept is over, from segments, files and amendments; their hourly partials may stay.

What is deleted in SQLite is overwritten as its pages are used again, what is deleted in a file goes with the file.
"""

from __future__ import annotations

import msgspec
import numpy as np

from hutong.kernel.base import HOUR, Instant
from hutong.kernel.errors import Unavailable
from hutong.store.archive.hourly import part_of
from hutong.store.archive.sealing import Plan, Sealer
from hutong.store.observations import merge
from hutong.store.observations.pack import write_run
from hutong.store.observations.pages import read_pages
from hutong.store.observations.rows import Ints, Rows
from hutong.store.observations.segments import Part, catalog_lines, rollup_parts
from hutong.store.observations.snapshot import ARCHIVED, THINNED, Catalog, Run, Snapshot
from hutong.store.observations.streams import PAGE
from hutong.store.transaction import Tx


class Drop(msgspec.Struct, frozen=True):
    """Rows of `streams` (ascending) before `before` go; hourly partials of them before `rollups_before` too."""

    streams: Ints
    before: Instant
    rollups_before: Instant


class Thinner(Sealer):
    """Carries out one `Drop`; repeating it does no harm. For who holds the lane's lease."""

    def thin(self, drop: Drop) -> int:
        """How many rows went. Rows that are not packed yet are not looked at: they go next time."""
        hour = drop.before // HOUR * HOUR
        self._drop = msgspec.structs.replace(drop, before=hour)
        total = 0
        with self._database.read() as tx:
            runs = Snapshot(tx, self._lane, self._observations.caches).runs()
        for run in runs:
            if run.level >= THINNED:
                self._thin_partials(run)
            elif run.time_min < hour:
                total += self._thin_run(run)
        return total

    def _thin_run(self, run: Run) -> int:
        with self._database.read() as tx:
            snapshot = Snapshot(tx, self._lane, self._observations.caches)
            catalog = snapshot.catalog(run)
            overlay = self._observations.overlays.of(snapshot)
            if not self._holds(snapshot, run, catalog):
                return 0
            days = (
                sorted(set(self._days(catalog.segments, run.time_max + 1))) if run.level >= ARCHIVED else []
            )
        self._gone: list[Part] = []
        self._count = 0
        self._new = self._packer.new_run()
        if self._new is None or not self._rewrite(Plan([run], [catalog], days, overlay)):
            raise Unavailable("retention", "another packer took the lane over", "it is done again next time")
        return self._count

    def _holds(self, snapshot: Snapshot, run: Run, catalog: Catalog) -> bool:
        """Does the run hold a row to delete?"""
        lines = catalog.segments
        near = lines.touching(self._drop.streams, int(np.iinfo(np.int64).min), self._drop.before)
        return any(
            self._over(snapshot.segment(run, int(lines.part[at]), keep=False).rows).any() for at in near
        )

    def _over(self, rows: Rows) -> np.typing.NDArray[np.bool_]:
        return np.isin(rows.stream, self._drop.streams) & (rows.time < self._drop.before)

    def _kept(self, rows: Rows) -> Rows:
        over = self._over(rows)
        gone = rows.take(over).ordered()
        self._count += len(gone)
        self._gone += rollup_parts(gone.take(gone.time >= self._drop.rollups_before))
        return rows.take(~over)

    def _also(self, tx: Tx, plan: Plan, number: int) -> None:
        """Partials of what went, in a run of their own; newest rows that went are looked up again."""
        assert self._new is not None
        self._write_partials(tx, self._new, self._gone, plan.runs[0])
        streams = self._drop.streams
        known = read_pages(tx, self._lane, np.unique(streams // PAGE).tolist())
        mine = streams[known.find(streams) >= 0]
        silent = mine[known.state(mine).time < self._drop.before] if len(mine) else mine
        if len(silent):
            merge.mend_pages(tx, self._lane, silent, number, self._files)
        tx.execute("UPDATE observation_lane SET folds = folds + 1 WHERE lane = ?", (self._lane,))

    def _write_partials(self, tx: Tx, number: int, parts: list[Part], old: Run) -> None:
        tx.many(
            "INSERT INTO observation_segment (lane, run, part, data) VALUES (?, ?, ?, ?)",
            [(self._lane, number, at, part.data) for at, part in enumerate(parts)],
        )
        catalog = Catalog(catalog_lines([], 0), catalog_lines(parts, 0))
        chunks = (old.first_chunk, old.last_chunk)
        write_run(tx, self._lane, number, level=THINNED, chunks=chunks, catalog=catalog)

    def _thin_partials(self, run: Run) -> None:
        """Partials that are too old go from a run that keeps nothing else."""
        if run.time_min >= self._drop.rollups_before:
            return
        kept: list[Part] = []
        with self._database.read() as tx:
            snapshot = Snapshot(tx, self._lane, self._observations.caches)
            for number in snapshot.catalog(run).rollups.part.tolist():
                columns = snapshot.rollup(run, number)
                over = np.isin(columns["stream"], self._drop.streams)
                over &= columns["start"] < self._drop.rollups_before
                some = {name: column[~over] for name, column in columns.items()}
                if len(some["start"]):
                    kept.append(part_of(some))
        number = self._packer.new_run()
        with self._database.write() as tx:
            if number is None or self._packer.own(tx) is None or not merge.still_there(tx, self._lane, [run]):
                return
            tx.execute("DELETE FROM observation_run WHERE lane = ? AND run = ?", (self._lane, run.run))
            self._write_partials(tx, number, kept, run)
            tx.execute(
                "UPDATE observation_lane SET generation = generation + 1 WHERE lane = ?", (self._lane,)
            )
