"""Sealed days of a city: turned into Parquet by whoever packs, listed and verified beside the server."""

from __future__ import annotations

import time
from pathlib import Path

from hutong.app.beside import beside
from hutong.app.clocks import SystemClock
from hutong.kernel.base import DAY
from hutong.kernel.errors import Conflict, Corrupt
from hutong.loader.city import load_city
from hutong.store.archive import ArchiveFiles
from hutong.store.archive.files import Written, named_files
from hutong.store.archive.sealing import Sealer
from hutong.store.observations.packer import Packer
from hutong.store.observations.snapshot import lane_row
from hutong.store.opening import ARCHIVE, open_packing

LOOK_SECONDS = 600.0
"""Between two looks whether a day has become old enough, when there was nothing to do."""


class Archiving:
    """Lets a packer seal days that ended `days` days ago, when it has nothing better to do."""

    def __init__(self, packer: Packer, folder: Path, zone: str, days: int) -> None:
        files = ArchiveFiles(folder / ARCHIVE)
        self._sealer = Sealer(packer, packer.database, packer.lane, packer.observations, files, zone)
        self._clock = SystemClock()
        self._days = days
        self._next_look = 0.0

    def step(self) -> bool:
        """One unit of work, if it is time to look for some."""
        if time.monotonic() < self._next_look:
            return False
        worked = self._sealer.seal(self._clock.city_time() - self._days * DAY)
        if not worked:
            self._next_look = time.monotonic() + LOOK_SECONDS
        return worked


def archive_now(folder: Path, days: int | None, database: str | None) -> list[Written]:
    """Seals all days that ended `days` days ago (default: the city's setting); the files that came. Conflict if a server
    that packs holds a lane: it does this work by itself."""
    head = load_city(folder)[0].head
    older = head.archive_days if days is None else days
    opened, packers = open_packing(database or str(folder), folder, SystemClock())
    try:
        with opened.read() as tx:
            before = {kept.file for kept in named_files(tx)}
        for packer in packers:
            if not packer.take_lease() and _has_rows(packer):
                reason = f"lane {packer.lane} is packed by a running server"
                raise Conflict("archive", reason, "it archives by itself: leave it, or stop it first")
            archiving = Archiving(packer, folder, head.zone, older)
            while packer.step(all_of_it=True) or archiving.step():
                pass
            packer.leave_lease()
        with opened.read() as tx:
            return [kept for kept in named_files(tx) if kept.file not in before]
    finally:
        opened.close()


def _has_rows(packer: Packer) -> bool:
    with packer.database.read() as tx:
        return lane_row(tx, packer.lane).next_chunk > 1


def archived(folder: Path, database: str | None) -> list[Written]:
    """The files that hold sealed days, oldest first."""
    with beside(folder, database) as store, store.database.read() as tx:
        return named_files(tx)


def verify_archive(folder: Path, database: str | None) -> tuple[int, list[str]]:
    """How many files there are, and what is wrong with any: its bytes are compared with the digest the database keeps."""
    faults: list[str] = []
    with beside(folder, database) as store:
        with store.database.read() as tx:
            named = named_files(tx)
        for kept in named:
            try:
                store.archive.check(kept)
            except Corrupt as error:
                faults.append(str(error))
    return len(named), faults
