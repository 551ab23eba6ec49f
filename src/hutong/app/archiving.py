"""Sealed days of a city: turned into Parquet by whoever packs, listed and verified beside the server."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from hutong.app.archive_work import Archiving
from hutong.app.beside import beside
from hutong.app.city import RunningCity
from hutong.app.clocks import SystemClock
from hutong.app.custody import opened
from hutong.kernel.access import SYSTEM
from hutong.kernel.base import DAY, HOUR
from hutong.kernel.changes import Changes, Record
from hutong.kernel.definition.pack import RetentionRow
from hutong.kernel.errors import Conflict, Corrupt
from hutong.kernel.ports import Reader
from hutong.kernel.query import EVERYTHING, Order, equals
from hutong.kernel.thing import Datastream
from hutong.loader.city import load_city
from hutong.store.archive.files import Written, named_files
from hutong.store.archive.thinning import Drop, Thinner
from hutong.store.observations.packer import Packer
from hutong.store.observations.snapshot import lane_row
from hutong.store.opening import open_packing


def archive_now(folder: Path, days: int | None, database: str | None) -> list[Written]:
    """Seals all days that ended `days` days ago (default: the city's setting); the files that came. Conflict if a server
    that packs holds a lane: it does this work by itself."""
    head = load_city(folder)[0].head
    older = head.archive_days if days is None else days
    base, packers = open_packing(database or str(folder), folder, SystemClock())
    try:
        with base.read() as tx:
            before = {kept.file for kept in named_files(tx)}
        for packer in packers:
            if not packer.take_lease() and _has_rows(packer):
                reason = f"lane {packer.lane} is packed by a running server"
                raise Conflict("archive", reason, "it archives by itself: leave it, or stop it first")
            archiving = Archiving(packer, folder, head.zone, older)
            while packer.step(all_of_it=True) or archiving.step():
                pass
            packer.leave_lease()
        with base.read() as tx:
            return [kept for kept in named_files(tx) if kept.file not in before]
    finally:
        base.close()


class Forgotten(msgspec.Struct, frozen=True):
    """What one row of `retention` deleted."""

    property: str
    streams: int
    before: int
    rows: int


def retain_now(folder: Path, database: str | None) -> list[Forgotten]:
    """Deletes observations of a stopped city whose time is over by city.yaml; each deletion is one record of the journal,
    written before the rows go: what a crash leaves goes with the next call."""
    with opened(folder, database) as running:
        running.packing.close()
        (packer, *_) = running.store.packers()
        while packer.step(all_of_it=True):
            pass
        if not packer.take_lease():
            return []
        head = running.city.head
        files = running.store.archive
        thinner = Thinner(packer, packer.database, packer.lane, packer.observations, files, head.zone)
        found = [_forget(running, thinner, row) for row in head.retention]
        packer.leave_lease()
    return [one for one in found if one is not None]


def _forget(running: RunningCity, thinner: Thinner, row: RetentionRow) -> Forgotten | None:
    now = running.clock.city_time()
    before = (now - row.rows_days * DAY) // HOUR * HOUR
    rollups = 0 if row.rollups_days is None else now - row.rollups_days * DAY
    with running.store.reader() as reader:
        streams = _streams(reader, row, {one.property for one in running.city.head.retention})
        count = reader.observed(streams, None, before, at_most=10**15)
    if count:
        facts = {
            "property": row.property,
            "streams": len(streams),
            "before": before,
            "rows": count,
            "source": row.source,
        }
        record = Record(kind="observation.retention", actor=SYSTEM.account, at=now, facts=facts)
        running.store.apply(Changes(records=(record,)))
    thinner.thin(Drop(streams, before, rollups))
    return Forgotten(row.property, len(streams), before, count) if count else None


def _streams(reader: Reader, row: RetentionRow, named: set[str]) -> NDArray[np.int64]:
    """Ids of the datastreams that a row of `retention` is about, ascending; retired ones too."""
    where = EVERYTHING if row.property == "*" else equals("property_code", row.property)
    found: list[int] = []
    after: str | None = None
    while True:
        page = reader.find(Datastream, where, order=[Order(("id",))], limit=1000, after=after, retired=True)
        found += [one.id for one in page.rows if row.property != "*" or one.property_code not in named]
        after = page.after
        if after is None:
            return np.array(found, np.int64)


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
