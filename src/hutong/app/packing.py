"""The packers of an open city: threads of this process, or a process of their own that lives as long as this one.

The process (`python -m hutong.app.packing`) is told the store by a line on its standard input and ends when that input
ends, so it also ends when the server was killed. If it ends by itself, it is started again after a while.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from hutong.app.archive_work import Archiving, Retaining
from hutong.app.clocks import SystemClock
from hutong.store.city_store import CityStore
from hutong.store.observations.packer import Packer
from hutong.store.opening import open_packing
from hutong.store.transaction import Database

PATIENCE_SECONDS = 30.0
"""How long closing waits for a step that is under way; a step broken off does no harm."""
FOLD_SECONDS = 0.5
BACK_OFF_SECONDS = (0.5, 1.0, 2.0, 5.0, 15.0, 60.0)
STEADY_SECONDS = 120.0
"""A process that worked so long is started again at once."""
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
        self._task = json.dumps(task) + "\n"
        self._closing = threading.Event()
        self._child: subprocess.Popen[str] | None = None
        self._watch = threading.Thread(target=self._watched, name="packing", daemon=True)
        self._watch.start()

    @property
    def process(self) -> int | None:
        """Number of the process that works now."""
        child = self._child
        return None if child is None or child.poll() is not None else child.pid

    def _watched(self) -> None:
        failures = 0
        while not self._closing.is_set():
            ended_early = threading.Event()
            steady = threading.Timer(STEADY_SECONDS, ended_early.set)
            steady.daemon = True
            steady.start()
            self._once()
            steady.cancel()
            if self._closing.is_set():
                return
            failures = 0 if ended_early.is_set() else failures + 1
            pause = BACK_OFF_SECONDS[min(failures, len(BACK_OFF_SECONDS)) - 1] if failures else 0.0
            _log.error("the packing process ended; it is started again in %.1f s", pause)
            self._closing.wait(pause)

    def _once(self) -> None:
        """Runs the process until it ends."""
        command = [sys.executable, "-m", "hutong.app.packing"]
        try:
            self._child = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, start_new_session=True
            )
        except OSError:
            _log.exception("the packing process could not be started")
            return
        assert self._child.stdin is not None
        with suppress(OSError):
            self._child.stdin.write(self._task)
            self._child.stdin.flush()
        self._child.wait()

    def close(self) -> None:
        """Ends after the step under way."""
        self._closing.set()
        child = self._child
        if child is not None and child.stdin is not None:
            with suppress(OSError):
                child.stdin.close()
            try:
                child.wait(PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()
        self._watch.join(PATIENCE_SECONDS)


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
