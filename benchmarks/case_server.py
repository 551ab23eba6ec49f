"""The city of `case_city` served over HTTP by a process of its own.

    python -m benchmarks.case_server FOLDER [DATABASE_URL]

Durable as in service: SQLite with synchronous=FULL, or PostgreSQL with fsync. Deadlines are fired every second. Prints its
port; ends when its standard input is closed, or after two hours whatever happens.
"""

from __future__ import annotations

import argparse
import os
import socket
import sys
import threading
import time
from pathlib import Path

import uvicorn
from benchmarks.case_city import opened

from hutong.api.application import create_app
from hutong.app.serve import settle_memory
from hutong.engine.flow.deadlines import Deadlines
from hutong.kernel.base import HOUR, SECOND
from hutong.kernel.clock import FixedClock

LONGEST = 7200
LEAP = 2 * HOUR
"""City time begins so long after the last seeded day, so that numbers do not meet."""


def _follow_time(clock: FixedClock, deadlines: Deadlines) -> None:
    """City time goes on with the real one, from where the city was seeded."""
    begin, city = time.monotonic(), clock.city + LEAP
    fired = 0.0
    while True:
        clock.move_to(city + int((time.monotonic() - begin) * SECOND))
        clock.recorded = time.time_ns() // 1000
        if time.monotonic() - fired > 1:
            deadlines.tick()
            fired = time.monotonic()
        time.sleep(0.05)


def main() -> None:
    threading.Timer(LONGEST, os._exit, (1,)).start()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("database", nargs="?", default="")
    options = parser.parse_args()
    town = opened(options.folder, options.database)
    deadlines = Deadlines(town.cases)
    threading.Thread(target=_follow_time, args=(town.clock, deadlines), daemon=True).start()
    listening = socket.create_server(("127.0.0.1", 0), backlog=128)
    config = uvicorn.Config(
        create_app(town.context), log_level="warning", access_log=False, timeout_keep_alive=75
    )
    server = uvicorn.Server(config)
    settle_memory()

    def until_told() -> None:
        sys.stdin.read()
        server.should_exit = True

    threading.Thread(target=until_told, daemon=True).start()
    print(listening.getsockname()[1], flush=True)
    server.run(sockets=[listening])
    town.close()
    os._exit(0)


if __name__ == "__main__":
    main()
