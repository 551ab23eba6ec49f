"""The city of `case_city` served over HTTP by a process of its own.

    python -m benchmarks.case_server FOLDER [DATABASE_URL] [--processes N]

Durable as in service: SQLite with synchronous=FULL, or PostgreSQL with fsync. Deadlines are fired every second; a process of
its own folds SQLite's log into the file. `--processes`: so many answer on one port, as with `hutong run --workers`. Prints its
port once all of them answer; ends when its standard input is closed, or after two hours whatever happens.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from benchmarks.case_city import opened
from benchmarks.serving import serve

from hutong.app.listening import joined, listening, port_of
from hutong.app.packing import PackingProcess
from hutong.engine.flow.deadlines import Deadlines
from hutong.kernel.base import HOUR, SECOND
from hutong.kernel.clock import FixedClock

LONGEST = 7200
LEAP = 2 * HOUR
"""City time begins so long after the last seeded day, so that numbers do not meet."""


HOST = "127.0.0.1"


def _follow_time(clock: FixedClock, tick: Callable[[], object]) -> None:
    """City time goes on with the real one, from where the city was seeded."""
    begin, city = time.monotonic(), clock.city + LEAP
    fired = 0.0
    while True:
        clock.move_to(city + int((time.monotonic() - begin) * SECOND))
        clock.recorded = time.time_ns() // 1000
        if time.monotonic() - fired > 1:
            tick()
            fired = time.monotonic()
        time.sleep(0.05)


def _further(folder: Path, database: str, port: int) -> subprocess.Popen[str]:
    """One more process, once it answers."""
    command = [sys.executable, "-m", "benchmarks.case_server", str(folder), database, "--beside", str(port)]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    child.stdout.readline()
    return child


def _ended(child: subprocess.Popen[str]) -> None:
    assert child.stdin is not None
    child.stdin.close()
    child.wait()


def main() -> None:
    threading.Timer(LONGEST, os._exit, (1,)).start()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("database", nargs="?", default="")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--beside", type=int, default=0, help="the port of the process that this one joins")
    options = parser.parse_args()
    town = opened(options.folder, options.database, beside=bool(options.beside))
    ending = ExitStack()
    ending.callback(town.close)
    if options.beside:
        sockets, tick = joined(HOST, options.beside), lambda: 0
    else:
        sockets, tick = listening(HOST, 0, shared=options.processes > 1), Deadlines(town.cases).tick
        packing = PackingProcess(options.database or str(options.folder), options.folder)
        ending.callback(packing.close)
        for _ in range(options.processes - 1):
            ending.callback(_ended, _further(options.folder, options.database, port_of(sockets)))
    threading.Thread(target=_follow_time, args=(town.clock, tick), daemon=True).start()
    serve(town.context, ending.close, sockets)


if __name__ == "__main__":
    main()
