"""Sealed days of a city: turned into Parquet by whoever packs, listed and verified beside the server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hutong.app.archive_work import Archiving
from hutong.app.beside import beside
from hutong.app.clocks import SystemClock
from hutong.kernel.base import Label
from hutong.kernel.errors import Conflict, Corrupt
from hutong.loader.city import load_city
from hutong.store.archive.files import Written, named_files
from hutong.store.observations.packer import Packer
from hutong.store.observations.snapshot import lane_row
from hutong.store.opening import open_packing

Tell = Callable[[Label, float], None]
SEALING = Label("封存观测日", "Sealing days")


def archive_now(
    folder: Path, days: int | None, database: str | None, tell: Tell | None = None
) -> list[Written]:
    """Seals all days that ended `days` days ago (default: the city's setting); the files that came. `tell` hears what
    share is done. Conflict if a server that packs holds a lane: it does this work by itself."""
    head = load_city(folder)[0].head
    older = head.archive_days if days is None else days
    base, packers = open_packing(database or str(folder), folder, SystemClock())
    try:
        with base.read() as tx:
            before = {kept.file for kept in named_files(tx)}
        for packer in packers:
            if not packer.take_lease() and has_rows(packer):
                reason = f"lane {packer.lane} is packed by a running server"
                raise Conflict("archive", reason, "it archives by itself: leave it, or stop it first")
            archiving = Archiving(packer, folder, head.zone, older)
            packer.pack_all()
            _seal(packer, archiving, tell or (lambda label, share: None))
            packer.leave_lease()
        with base.read() as tx:
            return [kept for kept in named_files(tx) if kept.file not in before]
    finally:
        base.close()


def _seal(packer: Packer, archiving: Archiving, tell: Tell) -> None:
    total = archiving.waiting()
    tell(SEALING, 0.0)
    while packer.step(all_of_it=True) or archiving.step():
        tell(SEALING, 1 - archiving.waiting() / total if total else 1.0)
    tell(SEALING, 1.0)


def has_rows(packer: Packer) -> bool:
    """Was anything ever observed in its lane?"""
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
