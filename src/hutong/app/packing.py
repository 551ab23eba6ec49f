"""The packers of an open city: threads of this process, or a process of their own that lives as long as this one.

The process is `python -m hutong.app.packing`; `children.py` starts it and keeps it going.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from hutong.app.archive_work import Archiving, Retaining
from hutong.app.children import PATIENCE_SECONDS, Child, Start
from hutong.app.clocks import SystemClock
from hutong.store.city_store import CityStore
from hutong.store.observations.packer import Packer
from hutong.store.opening import open_packing
from hutong.store.transaction import Database

FOLD_SECONDS = 0.5
_log = logging.getLogger(__name__)


class Works(Protocol):
    """Packs observations beside the work of the city. `close` it before the store."""

    def close(self) -> None: ...


class Packing:
    """In threads of this process: one a lane, and one that folds the database's log."""

    def __init__(self, store: CityStore) -> None:
        self._work = Threads(store.packers(), store.database)

    def close(self) -> None:
        """Ends after the step under way."""
        self._work.close()


class Threads:
    """A thread for each packer, and one for the log."""

    def __init__(self, packers: list[Packer], database: Database) -> None:
        self._packers = packers
        self._database = database
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=_packed, args=(packer,), name=f"packer-{number}", daemon=True)
            for number, packer in enumerate(packers, 1)
        ]
        self._threads.append(threading.Thread(target=self._folded, name="log-folder", daemon=True))
        for thread in self._threads:
            thread.start()

    def _folded(self) -> None:
        while not self._stop.wait(FOLD_SECONDS):
            try:
                self._database.fold_log()
            except Exception:
                _log.exception("the database's log could not be folded; it will be tried again")

    def close(self) -> None:
        self._stop.set()
        for packer in self._packers:
            packer.stop.set()
        for thread in self._threads:
            thread.join(PATIENCE_SECONDS)


def _packed(packer: Packer) -> None:
    try:
        packer.run()
    except Exception:
        _log.exception("a packer could not give up its lease; it ends by itself")


class PackingProcess:
    """In a process of its own, so that packing takes no time from the threads that answer."""

    def __init__(self, place: str, folder: Path, *, zone: str = "UTC", archive_days: int = 0) -> None:
        """`archive_days`: it also makes Parquet of days (of `zone`) that ended so long ago; 0: never."""
        task = {"place": place, "folder": str(folder), "zone": zone, "archive_days": archive_days}
        start = Start(json.dumps(task))
        self._child = Child("hutong.app.packing", "the packing process", lambda: start)

    @property
    def process(self) -> int | None:
        """Number of the process that works now."""
        return self._child.process

    def close(self) -> None:
        """Ends after the step under way."""
        self._child.close()


def work(place: str, folder: Path, zone: str, archive_days: int, wait: Callable[[], object]) -> None:
    """Packs, deletes what is ordered away and archives until `wait` returns."""
    database, packers = open_packing(place, folder, SystemClock())
    for packer in packers:
        packer.further = _further(packer, folder, zone, archive_days)
    try:
        threads = Threads(packers, database)
        try:
            wait()
        finally:
            threads.close()
    finally:
        database.close()


def _further(packer: Packer, folder: Path, zone: str, archive_days: int) -> Callable[[], bool]:
    retaining = Retaining(packer, folder, zone)
    if not archive_days:
        return retaining.step
    archiving = Archiving(packer, folder, zone, archive_days)
    return lambda: retaining.step() or archiving.step()


def main() -> None:
    """The process: a line with the store on standard input, then nothing until its end."""
    with suppress(OSError):
        os.nice(5)
    task = json.loads(sys.stdin.readline())
    work(task["place"], Path(task["folder"]), task["zone"], task["archive_days"], sys.stdin.read)


if __name__ == "__main__":
    main()
