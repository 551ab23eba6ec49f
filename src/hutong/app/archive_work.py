"""The archive's part of a packer's work: sealed days become files, and what is over is deleted."""

from __future__ import annotations

import logging
import time
from pathlib import Path

from hutong.app.clocks import SystemClock
from hutong.kernel.base import DAY
from hutong.kernel.errors import Unavailable
from hutong.store.archive import ArchiveFiles
from hutong.store.archive.hourly import HourlyMerger
from hutong.store.archive.orders import carried_out, read_order, waiting
from hutong.store.archive.sealing import Sealer
from hutong.store.archive.thinning import Thinner
from hutong.store.observations.packer import Packer
from hutong.store.opening import ARCHIVE

_log = logging.getLogger(__name__)
ORDER_SECONDS = 10.0
"""Between two looks for an order to delete."""
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

    def waiting(self) -> int:
        """About how many rows are still to be sealed."""
        return self._sealer.waiting(self._clock.city_time() - self._days * DAY)

    def step(self) -> bool:
        """One unit of work, if it is time to look for some."""
        if time.monotonic() < self._next_look:
            return False
        worked = self._sealer.seal(self._clock.city_time() - self._days * DAY)
        if not worked:
            self._next_look = time.monotonic() + LOOK_SECONDS
        return worked


class Retaining:
    """Lets a packer carry out orders to delete rows whose time to be kept is over, and merge the hourly values that stay."""

    def __init__(self, packer: Packer, folder: Path, zone: str) -> None:
        files = ArchiveFiles(folder / ARCHIVE)
        self._packer = packer
        self._thinner = Thinner(packer, packer.database, packer.lane, packer.observations, files, zone)
        self._merger = HourlyMerger(packer, packer.observations)
        self._next_look = 0.0

    def step(self) -> bool:
        """One order, if there is one. One that is broken off is begun again; what it has done so far holds."""
        if time.monotonic() < self._next_look:
            return False
        database, lane = self._packer.database, self._packer.lane
        with database.read() as tx:
            orders = waiting(tx, lane)
        if not orders:
            worked = self._merger.step()
            self._next_look = 0.0 if worked else time.monotonic() + ORDER_SECONDS
            return worked
        name, value = orders[0]
        try:
            if not self._packer.pack_all():
                return False
            self._thinner.thin(read_order(value))
        except Unavailable as error:
            _log.info("%s", error)
            return False
        with database.write() as tx:
            carried_out(tx, lane, name, value)
        return True
