"""The files of some days being written side by side, row group by row group."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from types import TracebackType
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from hutong.kernel.base import Instant
from hutong.kernel.clock import instant
from hutong.kernel.errors import Unavailable
from hutong.store.archive.files import ArchiveFiles, Written
from hutong.store.observations.rows import Rows, join
from hutong.store.observations.segments import Part, rollup_parts

if TYPE_CHECKING:
    from hutong.store.archive.parquet import DayWriter

GROUP_ROWS = 65_536
"""Rows of a row group: one read decodes at most so many."""


def midnight(day: date, zone: ZoneInfo) -> Instant:
    """When a day of the city begins."""
    return instant(datetime(day.year, day.month, day.day, tzinfo=zone))


class Day:
    """One file: its run, what its row groups hold and their hourly partials."""

    def __init__(self, run: int, file: str, writer: DayWriter) -> None:
        self.run = run
        self.file = file
        self.writer = writer
        self.groups: list[Part] = []
        self.rollups: list[Part] = []
        self.waiting: list[Rows] = []

    @property
    def rows(self) -> int:
        return sum(group.rows for group in self.groups)

    def flush(self, least: int) -> None:
        """Writes row groups while at least `least` rows wait."""
        rows = join(self.waiting).ordered()
        at = 0
        while at < len(rows) and len(rows) - at >= least:
            group = rows.take(slice(at, at + GROUP_ROWS))
            self.writer.write(group)
            self.groups.append(_line(group))
            self.rollups += rollup_parts(group)
            at += len(group)
        self.waiting = [rows.take(slice(at, len(rows)))]


def _line(rows: Rows) -> Part:
    time, sequence = rows.time, rows.sequence
    bounds = (int(time.min()), int(time.max()), int(sequence.min()), int(sequence.max()))
    return Part(int(rows.stream[0]), int(rows.stream[-1]), *bounds, len(rows), b"")


class Days:
    """Takes rows of the given days, which arrive ordered by stream and time in pieces. Drafts go if it is left early."""

    def __init__(
        self,
        files: ArchiveFiles,
        lane: int,
        zone: ZoneInfo,
        days: list[date],
        new_run: Callable[[], int | None],
    ) -> None:
        self._files = files
        self._lane = lane
        self._bounds = [(day, midnight(day, zone), midnight(day + timedelta(days=1), zone)) for day in days]
        self._new_run = new_run
        self.open: dict[date, Day] = {}

    def __enter__(self) -> Days:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for day in self.open.values():
            day.writer.close()
            self._files.draft(day.file).unlink(missing_ok=True)

    def take(self, rows: Rows) -> Rows:
        """Keeps rows of these days; gives back the others."""
        for date_, start, end in self._bounds:
            inside = (rows.time >= start) & (rows.time < end)
            if not inside.any():
                continue
            day = self.open.get(date_) or self._begin(date_)
            day.waiting.append(rows.take(inside))
            if sum(map(len, day.waiting)) >= GROUP_ROWS:
                day.flush(GROUP_ROWS)
            rows = rows.take(~inside)
        return rows

    def _begin(self, date_: date) -> Day:
        from hutong.store.archive.parquet import DayWriter

        run = self._new_run()
        if run is None:
            raise Unavailable("archive", "another packer took the lane over", "it does this work now")
        file = f"date={date_.isoformat()}/lane={self._lane}/part-{run}.parquet"
        self.open[date_] = Day(run, file, DayWriter(self._files.draft(file)))
        return self.open[date_]

    def finish(self) -> dict[date, Written]:
        """Makes all files whole and durable."""
        found: dict[date, Written] = {}
        for date_, day in self.open.items():
            day.flush(1)
            day.writer.close()
            found[date_] = self._files.keep(day.file, day.rows)
        return found
