"""The city of `case_city` served over HTTP by a process of its own.

    python -m benchmarks.case_server FOLDER [DATABASE_URL]

Durable as in service: SQLite with synchronous=FULL, or PostgreSQL with fsync. Deadlines are fired every second; a process of
its own folds SQLite's log into the file. Prints its port; ends when its standard input is closed, or after two hours whatever
happens.
"""

from __future__ import annotations

import argparse
import os
import threading
import time
from pathlib import Path

from benchmarks.case_city import opened
from benchmarks.serving import serve

from hutong.app.packing import PackingProcess
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
    packing = PackingProcess(options.database or str(options.folder), options.folder)

    def close() -> None:
        packing.close()
        town.close()

    serve(town.context, close)


if __name__ == "__main__":
    main()
