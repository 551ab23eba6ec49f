"""The archive's part of a packer's work."""

from __future__ import annotations

import time
from pathlib import Path

from hutong.app.clocks import SystemClock
from hutong.kernel.base import DAY
from hutong.store.archive import ArchiveFiles
from hutong.store.archive.sealing import Sealer
from hutong.store.observations.packer import Packer
from hutong.store.opening import ARCHIVE

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
