"""Retention: which rows have been kept long enough is told by the server, once a day; who packs deletes them.

Record and order are one commit, so that a crash between them and the deletion is followed by the deletion alone.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
from numpy.typing import NDArray

from hutong.app.archive_work import Retaining
from hutong.app.archiving import has_rows
from hutong.app.city import RunningCity
from hutong.app.custody import opened
from hutong.kernel.access import SYSTEM
from hutong.kernel.base import DAY, HOUR, Instant
from hutong.kernel.changes import Changes, Record
from hutong.kernel.clock import local_date
from hutong.kernel.definition.retention import Observed, RetentionRow, governing, key_of
from hutong.kernel.errors import Conflict
from hutong.kernel.query import EVERYTHING, Order
from hutong.kernel.thing import Datastream, Thing
from hutong.store.archive.days import midnight
from hutong.store.archive.orders import due, write_order
from hutong.store.archive.thinning import Drop
from hutong.store.observations.packer import Packer
from hutong.store.reader import StoreReader

LOOK_SECONDS = 60.0
PAGE = 1000
Ints = NDArray[np.int64]
_log = logging.getLogger(__name__)


class Forgotten(msgspec.Struct, frozen=True):
    """What one row of `retention` orders away in one lane: rows before `before`, hourly values before `hourly_before`."""

    property: str
    type: str | None
    data_class: int | None
    streams: int
    before: Instant
    rows: int
    hourly_before: Instant
    hourly: int
    least_days: int
    source: str


def order(running: RunningCity) -> list[Forgotten]:
    """Orders what is over by now, one record for each row and lane that has some; nothing where an order still waits."""
    now = running.clock.city_time()
    found: list[Forgotten] = []
    with running.store.reader() as reader:
        groups = _groups(running, reader)
        lanes = {key: reader.by_lane(streams) for key, streams in groups.items()}
    for row in running.city.head.retention:
        for lane, streams in lanes.get(key_of(row), {}).items():
            found += _order(running, row, lane, streams, now)
    return found


def _order(
    running: RunningCity, row: RetentionRow, lane: int, streams: Ints, now: Instant
) -> Iterator[Forgotten]:
    zone = ZoneInfo(running.city.head.zone)
    name = due(key_of(row))
    before = _day(now, row.rows_days, zone)
    hourly_before = 0 if row.rollups_days is None else _day(now, row.rollups_days, zone)
    with running.store.reader() as reader:
        if reader.cursor(name, lane):
            return
        rows = reader.observed(streams, None, before, at_most=10**15)
        hourly = _hourly(reader, streams, hourly_before)
    if not rows and not hourly:
        return
    told = Forgotten(
        property=row.property,
        type=row.type,
        data_class=None if row.data_class is None else int(row.data_class),
        streams=len(streams),
        before=before,
        rows=rows,
        hourly_before=hourly_before,
        hourly=hourly,
        least_days=row.least_days,
        source=row.source,
    )
    facts = msgspec.structs.asdict(told)
    record = Record(kind="observation.retention", actor=SYSTEM.account, at=now, facts=facts)
    cursors = {name: write_order(Drop(streams, before, hourly_before))}
    running.store.apply(Changes(lane=lane, records=(record,), cursors=cursors))
    yield told


def _day(now: Instant, days: int, zone: ZoneInfo) -> Instant:
    """The whole hour in which the day of the city began, so many days ago."""
    return midnight(local_date(now - days * DAY, zone), zone) // HOUR * HOUR


def _hourly(reader: StoreReader, streams: Ints, before: Instant) -> int:
    """Hourly values of the streams before an instant."""
    pieces = range(0, len(streams), PAGE) if before > 0 else ()
    return sum(len(reader.rollups(streams[at : at + PAGE], 0, before, HOUR).start) for at in pieces)


def _groups(running: RunningCity, reader: StoreReader) -> dict[str, Ints]:
    """Ids of the datastreams that go by each row of `retention`, ascending; retired ones too."""
    rows, known = running.city.head.retention, running.rulebook.properties
    found: dict[str, list[int]] = {}
    after: str | None = None
    while rows:
        page = reader.find(
            Datastream, EVERYTHING, order=[Order(("id",))], limit=PAGE, after=after, retired=True
        )
        things = reader.many(Thing, sorted({one.thing for one in page.rows}))
        for one in page.rows:
            thing, definition = things.get(one.thing), known.get(one.property_code)
            observed = Observed(one.property_code, thing.type if thing else "")
            if definition is not None:
                observed = msgspec.structs.replace(observed, data_class=definition.data_class)
            row = governing(rows, observed)
            if row is not None:
                found.setdefault(key_of(row), []).append(one.id)
        after = page.after
        if after is None:
            break
    return {key: np.array(ids, np.int64) for key, ids in found.items()}


class DailyRetention:
    """Orders what is over when the server starts, and when a day of the city has begun."""

    def __init__(self, running: RunningCity) -> None:
        self._running = running
        self._zone = ZoneInfo(running.city.head.zone)
        self._stop = threading.Event()
        self._looked: date | None = None
        self._thread = threading.Thread(target=self._run, name="retention", daemon=True)

    def start(self) -> None:
        if self._running.city.head.retention:
            self._thread.start()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.look()
            except Exception:
                _log.exception("retention could not be looked after; it will be tried again")
            self._stop.wait(LOOK_SECONDS)

    def look(self) -> list[Forgotten]:
        """What was ordered, if today has not been looked at yet."""
        today = local_date(self._running.clock.city_time(), self._zone)
        if today == self._looked:
            return []
        found = order(self._running)
        self._looked = today
        return found

    def close(self) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=30)


def retain_now(folder: Path, database: str | None) -> list[Forgotten]:
    """Deletes what is over in a city that nobody serves; Conflict if a server packs it. What a crash leaves goes with the
    next call, or with the next start of the server."""
    with opened(folder, database) as running:
        running.packing.close()
        packers = running.store.packers()
        try:
            return _retain(running, packers)
        finally:
            for packer in packers:
                packer.leave_lease()


def _retain(running: RunningCity, packers: list[Packer]) -> list[Forgotten]:
    for packer in packers:
        if not packer.pack_all() and has_rows(packer):
            reason = f"lane {packer.lane} is packed by a running server"
            raise Conflict(
                "retention", reason, "it deletes what is over every day: leave it, or stop it first"
            )
    found = order(running)
    for packer in packers:
        retaining = Retaining(packer, running.folder, running.city.head.zone)
        while retaining.step():
            pass
    return found
