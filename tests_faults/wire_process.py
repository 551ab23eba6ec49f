"""A town whose gauges speak HJ 212 to a port of a process of its own. Prints the port; ends when its input is closed."""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path

from msgspec.structs import replace
from tests_faults.town import GAUGES, START, made, opened

from hutong.app.city import RunningCity
from hutong.app.gateways import Gateways, thing_of
from hutong.engine.flow.devices import Admission, hash_secret
from hutong.kernel.access import SYSTEM
from hutong.kernel.base import MINUTE
from hutong.kernel.clock import FixedClock
from hutong.kernel.definition.device import DevicesFile, GatewayDefinition, GatewayLimits

PASSWORD = "123456"
CHANNEL = "w00001-Rtd"
LIMITS = GatewayLimits(connections=12_000, per_address=12_000, first_seconds=60.0)
LONGEST_SECONDS = 900.0


def address(number: int) -> str:
    """The MN of a gauge."""
    return f"FAULT{number:019d}"


def founded(folder: Path, devices: int) -> None:
    """The town, with its first gauges admitted as devices."""
    made(folder)
    running = opened(folder)
    digest = hash_secret(PASSWORD)
    for number in range(min(devices, GAUGES)):
        given = Admission(
            thing=thing_of(running, f"point-{number}"),
            channels={CHANNEL: "drainage.ponding"},
            secret_hash=digest,
        )
        running.devices.enrol("hj212", address(number), given, SYSTEM)
    running.close()


def speaking(folder: Path) -> tuple[RunningCity, Gateways]:
    """The town opened with a port of its own choice."""
    running = opened(folder)
    port = GatewayDefinition(protocol="hj212", port=0, limits=LIMITS, keep_raw_days=0)
    running.city = replace(running.city, devices=DevicesFile(gateways=(port,)))
    clock = running.clock
    assert isinstance(clock, FixedClock)
    clock.move_to(START + 100_000 * MINUTE)
    gateways = Gateways(running)
    gateways.start()
    return running, gateways


def main(folder: Path) -> None:
    threading.Timer(LONGEST_SECONDS, os._exit, (1,)).start()
    running, gateways = speaking(folder)
    print(gateways.gateways[0].state().port, flush=True)
    while sys.stdin.readline():
        time.sleep(0.01)
    gateways.close()
    running.close()
    os._exit(0)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
