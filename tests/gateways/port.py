"""A port on loopback in a thread of its own, in a small city, and peers that speak to it by plain sockets."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import numpy as np
import uvloop
from msgspec.structs import replace
from tests.api.town import Town

from hutong.engine.flow.devices import Admission, hash_secret
from hutong.gateways.hj212 import speak
from hutong.gateways.hj212.frame import framed
from hutong.gateways.raw import RawLog
from hutong.gateways.server import Gateway
from hutong.kernel.access import SYSTEM
from hutong.kernel.base import Label
from hutong.kernel.definition.device import (
    DevicesFile,
    GatewayDefinition,
    GatewayLimits,
    ProfileDefinition,
    Transport,
)
from hutong.kernel.observation import ObservationBatch, Outcome
from hutong.kernel.thing import Device

MN = "010000A8900016F000169DC0"
PROFILE = ProfileDefinition(
    name="well",
    label=Label("井", "Well"),
    protocol="hj212",
    channels={"w01018-Rtd": "drainage.level", "2061:w01018-Avg": "drainage.level"},
)


def packet(minute: int, value: float = 1.5, mn: str = MN, pw: str = "123456", more: str = "") -> bytes:
    """A packet of 2026-07-18, some minutes after 18:00 in Shanghai."""
    at = f"20260718{18 + minute // 3600:02d}{minute // 60 % 60:02d}{minute % 60:02d}"
    segment = (
        f"QN={at}{minute % 1000:03d};ST=21;CN=2011;PW={pw};MN={mn};Flag=5;"
        f"CP=&&DataTime={at};w01018-Rtd={value},w01018-Flag=N{more}&&"
    )
    return framed(segment.encode())


class Peer:
    """A station."""

    def __init__(self, port: int, source: str = "127.0.0.1") -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20, source_address=(source, 0))
        self._held = b""

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def answer(self) -> str:
        """The next answer; empty if the connection was closed."""
        while b"\r\n" not in self._held:
            try:
                data = self.socket.recv(65536)
            except ConnectionError:
                data = b""
            if not data:
                return ""
            self._held += data
        line, _, self._held = self._held.partition(b"\r\n")
        return line.decode()

    def told(self, data: bytes) -> str:
        self.send(data)
        return self.answer()

    def closed(self) -> bool:
        return self.answer() == ""

    def close(self) -> None:
        self.socket.close()


class Port:
    """A running gateway. `submit` may be replaced before anything is sent."""

    def __init__(
        self,
        town: Town,
        limits: GatewayLimits,
        submit: Callable[[ObservationBatch], Future[Outcome]] | None = None,
        transport: Transport = "tcp",
        raw: RawLog | None = None,
    ) -> None:
        town.rulebook.city = replace(town.rulebook.city, devices=DevicesFile(profiles=(PROFILE,)))
        self.town = town
        self.loop = uvloop.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        definition = GatewayDefinition(protocol="hj212", port=0, limits=limits, transport=transport)
        self.gateway = Gateway(
            definition, speak, {}, town.devices, town.clock, submit or town.intake.submit, raw
        )
        self.run(self.gateway.start())
        self._stopped = False

    def run(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(30)

    @property
    def number(self) -> int:
        return self.gateway.port

    def admit(self, mn: str = MN, secret: str = "123456", thing: str = "M1") -> Device:
        given = Admission(
            thing=self.town.thing(thing), profile="well", secret_hash=hash_secret(secret) if secret else ""
        )
        return self.town.devices.enrol("hj212", mn, given, SYSTEM)

    def kept(self, device: Device, channel: str = "w01018-Rtd") -> list[float]:
        """What is stored of a channel, in time order."""
        with self.town.store.reader() as reader:
            rows = reader.observations(device.channels[channel], limit=100_000)
        return list(np.asarray(rows.number)[np.argsort(rows.time, kind="stable")].tolist())

    def stop(self) -> None:
        if not self._stopped:
            self._stopped = True
            self.run(self.gateway.stop())
            self.loop.call_soon_threadsafe(self.loop.stop)
            self.thread.join(10)
            self.loop.close()
