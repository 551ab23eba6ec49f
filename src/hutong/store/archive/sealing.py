"""Turns sealed days into Parquet: rows of old days leave the database's segments for one file a day, their hourly
partials stay. A file with many amendments, and the many small files of a day, are written anew the same way.

Each step may be broken off: files are whole and durable before the transaction that names them takes their rows' old
place; what it does not name is swept.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import msgspec
import numpy as np

from hutong.kernel.base import Instant
from hutong.kernel.clock import local_date
from hutong.store.archive.days import Days, midnight
from hutong.store.archive.files import ArchiveFiles, Written, named_files
from hutong.store.observations import merge
from hutong.store.observations.observations import Observations
from hutong.store.observations.overlay import NONE, Overlay, drop_folded
from hutong.store.observations.pack import write_run
from hutong.store.observations.packer import Packer
from hutong.store.observations.rows import Ints, Rows
from hutong.store.observations.segments import catalog_lines, join_lines
from hutong.store.observations.snapshot import ARCHIVED, Catalog, Parts, Run, Snapshot
from hutong.store.transaction import Database, Tx

DAYS_AT_ONCE = 40
"""Files that are written side by side."""
FILES_A_DAY = 8
"""So many files of one day become one."""
SHARE = 16
"""A run is taken when one row in so many is of a sealed day: a device with a wrong clock moves nothing."""


class Plan(msgspec.Struct, frozen=True):
    """What is rewritten, and the days that become files; rows of other days stay in the database."""

    runs: list[Run]
    catalogs: list[Catalog]
    days: list[date]
    overlay: Overlay


class Sealer:
    """The archive's work for one lane, done by its packer between other work."""

    def __init__(
        self,
        packer: Packer,
        database: Database,
        lane: int,
        observations: Observations,
        files: ArchiveFiles,
        zone: str,
    ) -> None:
        self._packer = packer
        self._database = database
        self._lane = lane
        self._observations = observations
        self._files = files
        self._zone = ZoneInfo(zone)

    def seal(self, before: Instant) -> bool:
        """One unit of work on days that ended at or before `before`; False if there is none (left)."""
        self._sweep()
        bound = midnight(local_date(before, self._zone), self._zone)
        with self._database.read() as tx:
            plan = self._plan(Snapshot(tx, self._lane, self._observations.caches), bound)
        return plan is not None and self._rewrite(plan)

    def waiting(self, before: Instant) -> int:
        """About how many rows of such days the database still holds."""
        bound = midnight(local_date(before, self._zone), self._zone)
        with self._database.read() as tx:
            snapshot = Snapshot(tx, self._lane, self._observations.caches)
            runs = [run for run in snapshot.runs() if run.level < ARCHIVED and run.time_min < bound]
            return sum(_sealed(snapshot, run, bound) for run in runs)

    def _sweep(self) -> None:
        with self._database.read() as tx:
            named = [kept.file for kept in named_files(tx, self._lane)]
        self._files.sweep(self._lane, named)

    def _plan(self, snapshot: Snapshot, bound: Instant) -> Plan | None:
        overlay = self._observations.overlays.of(snapshot)
        runs = (
            self._old(snapshot, bound) or self._crowded(snapshot) or self._amended(snapshot, overlay, bound)
        )
        if not runs:
            return None
        catalogs = [snapshot.catalog(run) for run in runs]
        days = {day for catalog in catalogs for day in self._days(catalog.segments, bound)}
        return Plan(runs, catalogs, sorted(days)[:DAYS_AT_ONCE], overlay)

    def _days(self, lines: Parts, bound: Instant) -> Iterator[date]:
        """Sealed days that the segments begin with, and those they go on to unless they reach too far (a wrong clock)."""
        sealed = (lines.time_min >= 0) & (lines.time_min < bound)
        for start, end in zip(lines.time_min[sealed].tolist(), lines.time_max[sealed].tolist(), strict=True):
            day, last = local_date(start, self._zone), local_date(min(end, bound - 1), self._zone)
            yield day
            if (last - day).days <= DAYS_AT_ONCE:
                yield from (day + timedelta(days=turn) for turn in range(1, (last - day).days + 1))

    def _old(self, snapshot: Snapshot, bound: Instant) -> list[Run]:
        """Runs of the database with rows of sealed days, oldest first, as many as one merge may have rows."""
        found: list[Run] = []
        for run in sorted(snapshot.runs(), key=lambda one: one.time_min):
            if run.level >= ARCHIVED or run.time_min >= bound:
                continue
            if not _sealed(snapshot, run, bound):
                continue
            if found and sum(one.row_count for one in found) + run.row_count > merge.MAX_RUN_ROWS:
                break
            found.append(run)
        return found

    def _crowded(self, snapshot: Snapshot) -> list[Run]:
        """The files of a day that has too many."""
        found = snapshot.tx.rows(
            "SELECT day FROM observation_archive WHERE lane = ? GROUP BY day HAVING count(*) >= ? LIMIT 1",
            (self._lane, FILES_A_DAY),
        )
        if not found:
            return []
        named = snapshot.tx.rows(
            "SELECT run FROM observation_archive WHERE lane = ? AND day = ?", (self._lane, found[0][0])
        )
        mine = {row[0] for row in named}
        return [run for run in snapshot.runs() if run.run in mine]

    def _amended(self, snapshot: Snapshot, overlay: Overlay, bound: Instant) -> list[Run]:
        found = merge.choose_fold(snapshot, overlay)
        return [run for run in found if run.level >= ARCHIVED and run.time_min < bound]

    def _rewrite(self, plan: Plan) -> bool:
        """Writes the files and what remains, then swaps; True if it is done."""
        number = self._packer.new_run()
        if number is None:
            return False
        with Days(self._files, self._lane, self._zone, plan.days, self._packer.new_run) as days:
            lines: list[Parts] = []
            rollup_lines: list[Parts] = []
            folded: list[Ints] = []
            written = 0
            for piece in merge.slices(plan.catalogs):
                with self._database.read() as tx:
                    snapshot = Snapshot(tx, self._lane, self._observations.caches)
                    rows = merge.read_slice(snapshot, plan.runs, piece)
                amended, positions = plan.overlay.fold(rows)
                folded.append(positions)
                segments, rollups, _ = merge.encode_slice(days.take(self._kept(amended)), NONE)
                if not self._packer.write(number, written, segments + rollups):
                    return False
                lines.append(catalog_lines(segments, written))
                rollup_lines.append(catalog_lines(rollups, written + len(segments)))
                written += len(segments) + len(rollups)
                if not self._packer.go_on():
                    return False
            files = days.finish()
            if not self._write_rollups(days):
                return False
            rest = Catalog(join_lines(lines), join_lines(rollup_lines))
            return self._swap(plan, number, rest, days, files, merge.union(folded))

    def _kept(self, rows: Rows) -> Rows:
        """Those that stay at all."""
        return rows

    def _also(self, tx: Tx, plan: Plan, number: int) -> None:
        """What else the swap does."""

    def _write_rollups(self, days: Days) -> bool:
        return all(self._packer.write(day.run, len(day.groups), day.rollups) for day in days.open.values())

    def _swap(
        self, plan: Plan, number: int, rest: Catalog, days: Days, files: dict[date, Written], folded: Ints
    ) -> bool:
        with self._database.write() as tx:
            if self._packer.own(tx) is None or not merge.still_there(tx, self._lane, plan.runs):
                return False
            for run in plan.runs:
                for table in ("observation_run", "observation_archive"):
                    tx.execute(f"DELETE FROM {table} WHERE lane = ? AND run = ?", (self._lane, run.run))
            chunks = (plan.runs[0].first_chunk, plan.runs[-1].last_chunk)
            levels = [run.level for run in plan.runs if run.level < ARCHIVED]
            write_run(tx, self._lane, number, level=max(levels, default=0), chunks=chunks, catalog=rest)
            for day, file in files.items():
                self._name(tx, day, file, days, chunks)
            tx.execute(
                "UPDATE observation_lane SET generation = generation + 1 WHERE lane = ?", (self._lane,)
            )
            drop_folded(tx, self._lane, plan.overlay, folded)
            if len(folded):
                streams = np.unique(plan.overlay.ids[folded] >> 32)
                merge.mend_pages(tx, self._lane, streams, number, self._files)
            self._also(tx, plan, number)
        return True

    def _name(self, tx: Tx, day: date, file: Written, days: Days, chunks: tuple[int, int]) -> None:
        kept = days.open[day]
        catalog = Catalog(catalog_lines(kept.groups, 0), catalog_lines(kept.rollups, len(kept.groups)))
        write_run(tx, self._lane, kept.run, level=ARCHIVED, chunks=chunks, catalog=catalog)
        bounds = (min(one.time_min for one in kept.groups), max(one.time_max for one in kept.groups))
        columns = "lane, run, day, file, digest, size, row_count, time_min, time_max"
        tx.execute(
            f"INSERT INTO observation_archive ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (self._lane, kept.run, day.isoformat(), file.file, file.digest, file.size, file.rows, *bounds),
        )


def _sealed(snapshot: Snapshot, run: Run, bound: Instant) -> int:
    """About how many rows of sealed days a run has; 0 if they are too few to rewrite it."""
    lines = snapshot.catalog(run).segments
    sealed = int(lines.rows[(lines.time_min >= 0) & (lines.time_min < bound)].sum())
    return sealed if sealed * SHARE >= run.row_count else 0
