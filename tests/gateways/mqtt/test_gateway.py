"""The broker's client against a small broker of ours: acknowledged only once durable, in order, whatever fails."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.api.town import START, Town, found_town

from hutong.engine.flow.devices import Admission, hash_secret
from hutong.gateways.mqtt import gateway as module
from hutong.gateways.mqtt import link, wire
from hutong.gateways.mqtt.gateway import City, MqttGateway
from hutong.gateways.mqtt.json_devices import JsonDevices
from hutong.gateways.mqtt.settings import JsonTopic, read_settings
from hutong.gateways.mqtt.wire import Message
from hutong.kernel.access import SYSTEM
from hutong.kernel.base import SECOND
from hutong.kernel.observation import ObservationBatch, Outcome

TOPIC = {
    "topic": "city/+/telemetry",
    "values": {"level": "v"},
    "time": "t",
    "time_unit": "s",
    "secret": "key",
}


class Broker:
    """Accepts, says that it kept the session, sends what it is given, and notes what is acknowledged."""

    def __init__(self) -> None:
        self.acknowledged: list[int] = []
        self.heard: list[bytes] = []
        self.connections = 0
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._peer: socket.socket | None = None
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                peer, _ = self._listening.accept()
            except OSError:
                return
            self._peer = None
            self.connections += 1
            threading.Thread(target=self._serve, args=(peer,), daemon=True).start()

    def _serve(self, peer: socket.socket) -> None:
        rest = b""
        while True:
            try:
                data = peer.recv(65_536)
            except OSError:
                return
            if not data:
                return
            rest += data
            while len(rest) >= 2 and len(rest) >= (whole := self._size(rest)):
                self._packet(peer, rest[:whole])
                rest = rest[whole:]

    @staticmethod
    def _size(data: bytes) -> int:
        size, at = 0, 1
        while True:
            if at >= len(data):
                return len(data) + 1
            size |= (data[at] & 127) << 7 * (at - 1)
            at += 1
            if data[at - 1] < 128:
                return at + size

    def _packet(self, peer: socket.socket, data: bytes) -> None:
        kind = data[0] >> 4
        if kind == 1:
            peer.sendall(b"\x20\x03\x01\x00\x00")
        elif kind == 8:
            mid = data[2:4]
            peer.sendall(b"\x90\x04" + mid + b"\x00\x01")
            self._peer = peer
        elif kind == 4:
            self.acknowledged.append(int.from_bytes(data[2:4], "big"))
        elif kind == 12:
            peer.sendall(b"\xd0\x00")
        else:
            self.heard.append(data)

    def send(self, *messages: Message) -> None:
        until(lambda: self._peer is not None)
        assert self._peer is not None
        self._peer.sendall(b"".join(wire.publish(one, 5) for one in messages))

    def raw(self, data: bytes) -> None:
        until(lambda: self._peer is not None)
        assert self._peer is not None
        self._peer.sendall(data)

    def cut(self) -> None:
        until(lambda: self._peer is not None)
        assert self._peer is not None
        self._peer.shutdown(socket.SHUT_RDWR)
        self._peer = None

    def close(self) -> None:
        self._listening.close()


class Faulty:
    """The intake, which fails as told."""

    def __init__(self, intake: Any) -> None:
        self._intake = intake
        self.broken: Callable[[ObservationBatch], bool] = lambda _: False
        self.batches: list[int] = []

    def submit(self, batch: ObservationBatch) -> Future[Outcome]:
        if self.broken(batch):
            failed: Future[Outcome] = Future()
            failed.set_exception(OSError("disk full"))
            return failed
        self.batches.append(len(batch))
        answer: Future[Outcome] = self._intake.submit(batch)
        return answer


class Bench:
    """A city, a broker and the gateway between them."""

    def __init__(self, folder: Path) -> None:
        self.town: Town = found_town(folder)
        self.broker = Broker()
        self.intake = Faulty(self.town.intake)
        desk = self.town.devices
        for number in (1, 2):
            given = Admission(thing=self.town.thing(f"W{number}"), channels={"level": "drainage.ponding"})
            if number == 2:
                given = Admission(
                    thing=given.thing, channels=given.channels, secret_hash=hash_secret("right")
                )
            desk.enrol("mqtt", f"g{number}", given, SYSTEM)
        self.streams = [desk.find("mqtt", f"g{n}").channels["level"] for n in (1, 2)]  # type: ignore[union-attr]
        speaker = JsonDevices(JsonTopic(**TOPIC), ZoneInfo("Asia/Shanghai"))  # type: ignore[arg-type]
        city = City(self.town.store, self.town.clock, desk, self.intake)
        settings = read_settings({"client_id": "t", "in_flight": 50})
        self.gateway = MqttGateway(("127.0.0.1", self.broker.port), settings, city, [speaker])
        self.gateway.start()

    def results(self, device: int = 1) -> list[float]:
        with self.town.store.reader() as reader:
            return reader.observations(self.streams[device - 1], limit=50_000).number.tolist()

    def close(self) -> None:
        self.gateway.stop()
        self.broker.close()
        self.town.close()


def until(found: Callable[[], Any]) -> None:
    end = time.monotonic() + 20
    while not found():
        assert time.monotonic() < end
        time.sleep(0.01)


def message(number: int, *, device: str = "g1", dup: bool = False, **more: Any) -> Message:
    body = {"t": START // SECOND + number, "v": number / 1000, **more}
    return Message(f"city/{device}/telemetry", json.dumps(body).encode(), 1, number, dup)


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    monkeypatch.setattr(module, "RETRY", 0.05)
    monkeypatch.setattr(link, "FIRST_WAIT", 0.05)
    made = Bench(tmp_path / "city")
    yield made
    made.close()


def test_acknowledged_in_order_once_kept(bench: Bench) -> None:
    bench.broker.send(*(message(n) for n in range(1, 201)))
    until(lambda: len(bench.broker.acknowledged) == 200)
    assert bench.broker.acknowledged == list(range(1, 201))
    assert bench.results() == [n / 1000 for n in range(1, 201)]


def test_bad_messages_are_acknowledged_and_told(bench: Bench) -> None:
    bad = Message("city/g1/telemetry", b"{", 1, 2)
    future = message(3, t=START // SECOND + 10**7)
    strange = message(4, device="stranger")
    wrong, right = message(5, device="g2", key="wrong"), message(6, device="g2", key="right")
    bench.broker.send(message(1), bad, future, strange, wrong, right, Message("elsewhere", b"x", 1, 7))
    until(lambda: bench.broker.acknowledged == [1, 2, 3, 4, 5, 6, 7])
    assert (bench.results(1), bench.results(2)) == ([0.001], [0.006])
    status = bench.gateway.status()
    assert status["counts"]["refused"] == 4
    assert status["counts"]["unknown"] == status["counts"]["secret"] == 1
    assert any("is not JSON" in one for one in status["faults"])
    assert any("ahead of the city's clock" in one for one in status["faults"])


def test_nothing_is_acknowledged_while_nothing_can_be_kept(bench: Bench) -> None:
    bench.intake.broken = lambda _: True
    bench.broker.send(message(1), message(2))
    until(lambda: bench.gateway.status()["counts"].get("waits", 0) > 2)
    assert bench.broker.acknowledged == []
    bench.intake.broken = lambda _: False
    until(lambda: bench.broker.acknowledged == [1, 2])
    assert bench.results() == [0.001, 0.002]


def test_one_message_that_cannot_be_kept_harms_no_other(bench: Bench) -> None:
    bench.intake.broken = lambda batch: 0.002 in batch.number.tolist()
    bench.broker.send(message(1), message(2), message(3))
    until(lambda: bench.broker.acknowledged == [1, 2, 3])
    assert bench.results() == [0.001, 0.003]
    assert any("disk full" in one for one in bench.gateway.status()["faults"])


def test_what_comes_again_after_a_break_is_not_doubled(bench: Bench) -> None:
    bench.broker.send(message(1), message(2))
    until(lambda: bench.broker.acknowledged == [1, 2])
    bench.broker.cut()
    bench.broker.send(message(1, dup=True), message(2, dup=True), message(3))
    until(lambda: bench.broker.acknowledged == [1, 2, 1, 2, 3])
    assert bench.results() == [0.001, 0.002, 0.003]
    assert bench.broker.connections == 2


def test_garbage_from_a_broker_only_costs_the_connection(bench: Bench) -> None:
    bench.broker.send(message(1))
    until(lambda: bench.broker.acknowledged == [1])
    for garbage in (b"\xff" * 100, b"\x30\xff\xff\xff\x7f", b"\x00\x00\x00", bytes(range(256))):
        before = bench.broker.connections
        bench.broker.raw(garbage)
        until(lambda before=before: bench.broker.connections > before)
    bench.broker.cut()
    bench.broker.send(message(9))
    until(lambda: bench.broker.acknowledged[-1] == 9)


def test_more_than_fits_waits_in_the_socket(bench: Bench) -> None:
    released = threading.Event()
    bench.intake.broken = lambda _: not released.is_set()
    sending = threading.Thread(
        target=lambda: bench.broker.send(
            *(message(n, t=START // SECOND - 30_000 + n) for n in range(1, 20_001))
        ),
        daemon=True,
    )
    sending.start()
    until(lambda: bench.gateway.status()["counts"].get("waits", 0) > 2)
    assert bench.gateway.status()["waiting"] < 5_000
    released.set()
    until(lambda: len(bench.broker.acknowledged) == 20_000)
    assert bench.results() == [n / 1000 for n in range(1, 20_001)]
