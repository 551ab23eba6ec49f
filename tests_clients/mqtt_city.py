"""A tiny city with a broker's client, in a process that tests may kill: `mqtt_city.py FOLDER BROKER_PORT`.

The folder is kept between starts. Prints one line of JSON (port of the API, ids of datastreams) once messages are taken.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
import time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import uvicorn

ROOT = Path(__file__).resolve().parents[1]
LONGEST = 900
OPTIONS: dict[str, Any] = {
    "client_id": "hutong-test",
    "json": [
        {
            "topic": "city/+/telemetry",
            "values": {"level": "data.level", "note": "note"},
            "time": "ts",
            "time_unit": "ms",
        }
    ],
    "sensorthings": {"account": "xitong", "entities": "all", "observations": "all"},
}
SPARKPLUG: dict[str, Any] = {"client_id": "hutong-host", "sparkplug": {"host": "hutong"}}


def _follow_time(clock: Any) -> None:
    while True:
        clock.move_to(time.time_ns() // 1000)
        time.sleep(0.02)


def _admitted(town: Any, desk: Any) -> dict[str, int]:
    """Two devices, mapped to the ponding points' gauges."""
    from hutong.engine.flow.devices import Admission
    from hutong.kernel.access import SYSTEM

    found = {}
    for protocol, address, thing, channel in (
        ("mqtt", "gauge-1", "W1", "level"),
        ("sparkplug", "roads/underpass/gauge", "W2", "Level"),
    ):
        device = desk.find(protocol, address)
        if device is None:
            given = Admission(thing=town.thing(thing), channels={channel: "drainage.ponding"})
            device = desk.enrol(protocol, address, given, SYSTEM)
        found[address] = device.channels[channel]
    return found


def main(folder: Path, broker_port: int) -> None:
    sys.path.insert(0, str(ROOT))
    from tests.api.town import found_town, open_town, tiny_city

    from hutong.api.application import create_app
    from hutong.app.mqtt import broker
    from hutong.gateways.mqtt.gateway import City

    threading.Timer(LONGEST, os._exit, (1,)).start()
    town = open_town(folder, *tiny_city()) if folder.exists() else found_town(folder)
    threading.Thread(target=_follow_time, args=(town.clock,), daemon=True).start()
    desk = town.devices
    streams = _admitted(town, desk)
    app = create_app(town.context)
    city = City(town.store, town.clock, desk, town.intake)
    gateways = [
        broker("127.0.0.1", broker_port, options, city, ZoneInfo("Asia/Shanghai"), app.state["house"])
        for options in (OPTIONS, SPARKPLUG)
    ]
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="on"))
    for gateway in gateways:
        gateway.start()
    threading.Thread(target=_until_told, args=(server,), daemon=True).start()
    threading.Thread(target=_keep_up, args=(desk,), daemon=True).start()
    end = time.monotonic() + 30
    while not all(gateway.status()["connected"] for gateway in gateways):
        if time.monotonic() > end:
            sys.exit(str([gateway.status() for gateway in gateways]))
        time.sleep(0.02)
    print(json.dumps({"port": listening.getsockname()[1], "streams": streams}), flush=True)
    server.run(sockets=[listening])
    for gateway in gateways:
        gateway.stop()
    town.close()
    os._exit(0)


def _until_told(server: uvicorn.Server) -> None:
    sys.stdin.read()
    server.should_exit = True


def _keep_up(desk: Any) -> None:
    while True:
        desk.keep_up()
        time.sleep(0.5)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
