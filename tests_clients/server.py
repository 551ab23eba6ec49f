"""A tiny seeded city on a loopback port of its own: prints the port, runs until told or until its time is up."""

from __future__ import annotations

import os
import socket
import sys
import tempfile
import threading
import time
from pathlib import Path

import uvicorn

ROOT = Path(__file__).resolve().parents[1]
LONGEST = 900
"""Seconds after which the server ends whatever happens."""


def _follow_time(clock: object) -> None:
    """City time goes with the wall clock, from the city's own start on."""
    while True:
        clock.move_to(time.time_ns() // 1000)  # type: ignore[attr-defined]
        time.sleep(0.05)


def _until_told(server: uvicorn.Server) -> None:
    """Whoever started the server closes its standard input."""
    sys.stdin.read()
    server.should_exit = True


def main() -> None:
    sys.path.insert(0, str(ROOT))
    from tests.api.town import found_town

    from hutong.api.application import create_app

    threading.Timer(LONGEST, os._exit, (1,)).start()
    with tempfile.TemporaryDirectory(prefix="hutong-clients-") as folder:
        town = found_town(Path(folder) / "city")
        threading.Thread(target=_follow_time, args=(town.clock,), daemon=True).start()
        listening = socket.socket()
        listening.bind(("127.0.0.1", 0))
        listening.listen(128)
        config = uvicorn.Config(create_app(town.context), log_level="warning", lifespan="on")
        server = uvicorn.Server(config)
        threading.Thread(target=_until_told, args=(server,), daemon=True).start()
        print(listening.getsockname()[1], flush=True)
        server.run(sockets=[listening])
        town.close()
    os._exit(0)


if __name__ == "__main__":
    main()
