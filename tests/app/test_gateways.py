"""devices.yaml in a running city: its devices are taken in once, its ports open and close with it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tests.app.test_custody import folder
from tests.gateways.hj212.vectors import MN, WATER

from hutong.app.city import RunningCity, open_city
from hutong.app.clocks import SystemClock
from hutong.app.devices import admit, block, listed
from hutong.app.gateways import Gateways, take_in
from hutong.kernel.base import Label
from hutong.kernel.changes import Changes, Record
from hutong.kernel.thing import Thing

__all__ = ["folder"]
DEVICES = f"""\
profiles:
  - name: water
    label: {{zh: 水质站, en: Water station}}
    protocol: hj212
    channels: {{w01018-Rtd: base.cod}}
devices:
  - {{protocol: hj212, address: {MN}, thing: S1, profile: water, secret: STATION_PW}}
  - {{protocol: hj212, address: B2, thing: nowhere, profile: water}}
  - {{protocol: hj212, address: C3, thing: S1, profile: water, secret: MISSING}}
gateways:
  - {{protocol: hj212, port: PORT}}
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def opened(folder: Path) -> Iterator[RunningCity]:
    running = open_city(folder, SystemClock())
    try:
        yield running
    finally:
        running.close()


def station(folder: Path, port: int) -> None:
    """A thing to observe, and the city's devices.yaml."""
    (folder / "devices.yaml").write_text(DEVICES.replace("PORT", str(port)), "utf-8")
    with opened(folder) as running:
        id = running.store.new_ids(1)[0]
        thing = Thing(id=id, type="base.generic_sensor", code="S1", name=Label("一号站", "Station 1"))
        record = Record(kind="thing.create", actor=0, at=1, subjects=(("thing", id),))
        running.store.apply(Changes(puts=(thing,), records=(record,)))


def told(port: int, data: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as wire:
        wire.sendall(data)
        return wire.recv(2000)


def test_devices_are_taken_in_once_and_ports_open(folder: Path) -> None:
    port = free_port()
    station(folder, port)
    environment = {"STATION_PW": "123456"}
    with opened(folder) as running:
        troubles = take_in(running, environment)
        assert ["B2" in troubles[0], "MISSING" in troubles[1], len(troubles)] == [True, True, 2]
        assert all("123456" not in one for one in troubles)
        before = running.store.reader
        with before() as reader:
            head = reader.head()
        take_in(running, environment)
        with before() as reader:
            assert reader.head() == head
        gateways = Gateways(running, environment)
        with closing(gateways):
            gateways.start()
            assert gateways.troubles == []
            assert b"CN=9014" in told(port, WATER)
            device = running.devices.find("hj212", MN)
            assert device is not None
            with running.store.reader() as reader:
                assert reader.observations(device.channels["w01018-Rtd"]).number.tolist() == [36.3]
        assert WATER[:60].partition(b";PW")[0] in next((folder / "raw/hj212").glob("*.log")).read_bytes()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", port))


def test_a_port_that_is_taken_is_told_and_harms_nothing(folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        station(folder, taken.getsockname()[1])
        with opened(folder) as running:
            gateways = Gateways(running)
            gateways.start()
            gateways.close()
            (trouble,) = gateways.troubles
            assert "hj212 127.0.0.1" in trouble
            assert running.devices.live.ports()[0].trouble


def test_the_command_line_lists_admits_and_blocks(folder: Path) -> None:
    station(folder, free_port())
    admit(folder, "hj212", "K1", "S1", "water", "123456", None)
    admit(folder, "hj212", "K1", "S1", "water", None, None)
    block(folder, "hj212", "K1", "moved away", None)
    (row,) = listed(folder, "blocked", None)
    assert row[:3] == ("hj212", "K1", "blocked")
    assert row[4:] == ("S1", "water")
    assert listed(folder, "admitted", None) == []
