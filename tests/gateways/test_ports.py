"""A vehicle, a river station and a fire device speak to the ports of a running city: what is acknowledged is in the store."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.app.test_custody import built, start
from tests.gateways.devices import FireDevice, Station, Vehicle, element

from hutong.app.city import RunningCity, open_city
from hutong.app.clocks import SystemClock
from hutong.app.gateways import Gateways
from hutong.engine.directory import everything
from hutong.engine.flow.devices import Admission, hash_secret
from hutong.kernel.access import SYSTEM
from hutong.kernel.thing import Device, Thing

DEVICES = """
profiles:
  - {name: vehicle, label: {zh: 车辆, en: Vehicle}, protocol: jt808, channels: {cabin_temperature: base.water_temperature}}
  - {name: station, label: {zh: 水文站, en: Station}, protocol: sl651, channels: {"03": base.water_temperature}}
  - {name: fire, label: {zh: 消防, en: Fire}, protocol: gb26875, channels: {3/1/1/91.00000007/3: base.water_temperature}}
gateways:
  - {protocol: jt808, port: PORT_0, secrets: {key: JT808_KEY}}
  - {protocol: sl651, port: PORT_1}
  - {protocol: gb26875, port: PORT_2}
"""
ADDRESSES = {"jt808": "013800138000", "sl651": "0012345678", "gb26875": "110000000001"}
PROFILES = {"jt808": "vehicle", "sl651": "station", "gb26875": "fire"}
SECRETS = {"jt808": "T000001", "sl651": "1234", "gb26875": ""}


def free_ports(count: int) -> list[int]:
    """Numbers that nobody listens on just now."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    numbers = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return numbers


@pytest.fixture
def running(tmp_path: Path) -> Iterator[RunningCity]:
    folder = built(tmp_path)
    devices = DEVICES
    for index, port in enumerate(free_ports(3)):
        devices = devices.replace(f"PORT_{index}", str(port))
    (folder / "devices.yaml").write_text(devices, "utf-8")
    start(folder)
    running = open_city(folder, SystemClock())
    yield running
    running.close()


@pytest.fixture
def ports(running: RunningCity) -> Iterator[dict[str, int]]:
    gateways = Gateways(running, {"JT808_KEY": "a key of the city"})
    gateways.start()
    assert not gateways.troubles
    yield {one.definition.protocol: one.port for one in gateways.gateways}
    gateways.close()


def admit(running: RunningCity, protocol: str, heard: bool) -> None:
    """By an operator; one that was heard is written down within a second or two, and admitted from the list."""
    with running.store.reader() as reader:
        thing = next(one for one in everything(reader, Thing) if one.type == "base.water_body")
    secret = hash_secret(SECRETS[protocol]) if SECRETS[protocol] else None
    given = Admission(thing=thing.id, profile=PROFILES[protocol], secret_hash=secret)
    if not heard:
        running.devices.enrol(protocol, ADDRESSES[protocol], given, SYSTEM)
        return
    for _ in range(200):
        waiting = running.devices.find(protocol, ADDRESSES[protocol])
        if waiting is not None:
            running.devices.admit(waiting.id, given, SYSTEM)
            return
        time.sleep(0.05)
    raise AssertionError("the device was not written down")


def latest(running: RunningCity, protocol: str) -> float:
    """The newest value of the device's only stream."""
    with running.store.reader() as reader:
        (device,) = (one for one in everything(reader, Device) if one.protocol == protocol)
        (stream,) = device.channels.values()
        return float(reader.latest(np.array([stream])).number[0])


def asked(peer: socket.socket, data: bytes, enough: Callable[[bytes], Any]) -> Any:
    """Sends, and reads until `enough` finds what it looks for."""
    peer.sendall(data)
    heard = b""
    while not (found := enough(heard)):
        more = peer.recv(4096)
        assert more, heard
        heard += more
    return found


def test_a_vehicle(running: RunningCity, ports: dict[str, int]) -> None:
    vehicle, now = Vehicle(), running.clock.city_time()
    with socket.create_connection(("127.0.0.1", ports["jt808"]), timeout=10) as peer:
        registered = vehicle.register()
        assert asked(peer, registered, lambda heard: heard.endswith(b"~") and vehicle.code(heard))[0] == 4
        admit(running, "jt808", heard=True)
        done = asked(peer, vehicle.register(), lambda heard: heard.endswith(b"~") and vehicle.code(heard))
        assert done[0] == 0
        assert asked(peer, vehicle.authenticate(done[1]), vehicle.acknowledged) == {2: 0}
        warm = [(0x06, (215).to_bytes(2))]
        assert asked(peer, vehicle.position(now, items=warm), vehicle.acknowledged) == {3: 0}
        assert latest(running, "jt808") == 21.5
    with socket.create_connection(("127.0.0.1", ports["jt808"]), timeout=10) as peer:
        assert asked(peer, vehicle.position(now), vehicle.acknowledged) == {4: 1}


def test_a_river_station(running: RunningCity, ports: dict[str, int]) -> None:
    station, now = Station(), running.clock.city_time()
    admit(running, "sl651", heard=False)
    with socket.create_connection(("127.0.0.1", ports["sl651"]), timeout=10) as peer:
        peer.sendall(b"\x00noise" + station.link(now))
        report = station.report(now, element(0x03, 12.5, 3, 1) + element(0x38, 12.1, 2, 2))
        assert asked(peer, report, station.confirmed) == [(2, 0x04)]
        assert latest(running, "sl651") == 12.5
        wrong = Station(password="4321").report(now, element(0x03, 30, 3, 1))
        good = Station(serial=9).report(now + 60_000_000, element(0x03, -1.5, 3, 1))
        assert asked(peer, wrong + good, station.confirmed) == [(9, 0x04)]
        assert latest(running, "sl651") == -1.5


def test_a_fire_device(running: RunningCity, ports: dict[str, int]) -> None:
    device, now = FireDevice(), running.clock.city_time()
    with socket.create_connection(("127.0.0.1", ports["gb26875"]), timeout=10) as peer:
        assert asked(peer, device.analog(now, 3, 655), device.answered) == [(1, 6)]
        admit(running, "gb26875", heard=True)
        assert asked(peer, device.analog(now, 3, 655), device.answered) == [(2, 3)]
        assert latest(running, "gb26875") == 65.5
        assert asked(peer, device.system(now, 2), device.answered) == [(3, 6)]
