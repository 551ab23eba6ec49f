"""A further process that answers HTTP for a city which another process serves: `python -m hutong.app.web_worker`.

It is told its task by a line on standard input and ends, after the requests under way, when that input ends.
"""

from __future__ import annotations

import logging
import signal
import socket
import sys
import threading
from pathlib import Path

import msgspec

from hutong.app.city_beside import CityBeside
from hutong.app.clocks import SystemClock
from hutong.app.judged_elsewhere import JudgingProcess
from hutong.app.listening import joined
from hutong.app.serve import context_of, server, settle_memory

MODULE = "hutong.app.web_worker"
_log = logging.getLogger(MODULE)


class Task(msgspec.Struct, frozen=True):
    """What it serves and where. `line`: the inherited end of the line to the judging process. `definitions`: the digest of
    what that process read from the city's files."""

    folder: str
    database: str | None
    packs: tuple[str, ...]
    host: str
    port: int
    line: int
    definitions: str


def work(task: Task) -> int:
    """Answers until standard input ends, or the line to the judging process; what the process should end with."""
    end = threading.Event()
    judging = JudgingProcess(socket.socket(fileno=task.line), end.set)
    packs = tuple(Path(one) for one in task.packs)
    city = CityBeside(Path(task.folder), SystemClock(), task.database, packs, judging)
    try:
        if city.definitions() != task.definitions:
            _log.error("the city's files changed since the server started; stop and start it to take them up")
            return 1
        _serve(city, judging, joined(task.host, task.port), end)
        return 0
    finally:
        city.close()
        judging.close()


def _serve(
    city: CityBeside, judging: JudgingProcess, sockets: list[socket.socket], end: threading.Event
) -> None:
    serving = server(context_of(city))
    serving.begun = judging.ready

    def until_told() -> None:
        sys.stdin.read()
        end.set()

    def until_the_end() -> None:
        end.wait()
        serving.should_exit = True

    for work in (until_told, until_the_end):
        threading.Thread(target=work, name=work.__name__, daemon=True).start()
    settle_memory()
    serving.run(sockets=sockets)


def main() -> None:
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    line = sys.stdin.readline()
    if line:
        sys.exit(work(msgspec.json.decode(line, type=Task)))


if __name__ == "__main__":
    main()
