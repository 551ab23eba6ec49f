"""Feeds a town until its files may not grow any more, then goes on once they may. Prints what happened as JSON.

The limit is RLIMIT_FSIZE: no file of this process may grow beyond it, which SQLite meets as it meets a full disk.
"""

from __future__ import annotations

import json
import resource
import signal
import sys
from pathlib import Path

from tests_faults.town import Gateway, opened

from hutong.kernel.errors import HutongError

BEFORE, AFTER, MOST = 40, 40, 5_000


def main(folder: Path) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    running = opened(folder)
    running.packing.close()
    gateway = Gateway(running)
    number = 0
    for number in range(BEFORE):
        gateway.send(number)
    room = (folder / "city.db-wal").stat().st_size + 40_000
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
    refused = ""
    while not refused and number < MOST:
        number += 1
        try:
            gateway.send(number)
        except HutongError as error:
            refused = f"{type(error).__name__} {error.field}: {error.reason} → {error.remedy}"
    stood = gateway.reached()
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, hard))
    for again in range(number, number + AFTER):
        gateway.send(again)
    print(json.dumps({"refused": refused, "number": number, "stood": stood, "end": number + AFTER - 1}))
    running.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
