"""A lean HTTP load: kept connections over raw sockets in one process, closed loop or at a fixed rate (open loop)."""

from __future__ import annotations

import base64
import json
import select
import socket
import statistics
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

AUTH = base64.b64encode(b"xitong:hutong-demo-2026").decode()
ROOT = Path(__file__).resolve().parents[1]


def request(path: str, body: bytes) -> bytes:
    """A whole POST, or a GET where there is no body. A path that begins with a slash is that of another face."""
    where = path if path.startswith("/") else f"/sta/v1.1/{path}"
    head = (
        f"{'POST' if body else 'GET'} {where} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Basic {AUTH}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class Connection:
    """One kept connection with at most one request under way."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.got = bytearray()
        self.began = 0.0
        self._whole = 0

    def send(self, content: bytes, began: float) -> None:
        self.began, self._whole = began, 0
        self.got.clear()
        self.socket.sendall(content)

    def answered(self) -> bool:
        """Reads what is there; True once the answer is whole. RuntimeError for one that is not 2xx."""
        part = self.socket.recv(1 << 20)
        if not part:
            raise RuntimeError("the server closed the connection")
        self.got += part
        if not self._whole:
            end = self.got.find(b"\r\n\r\n")
            if end < 0:
                return False
            head = bytes(self.got[:end]).lower()
            if not head.startswith(b"http/1.1 2"):
                raise RuntimeError(bytes(self.got).decode(errors="replace"))
            self._whole = end + 4 + int(head.split(b"content-length:")[1].split(b"\r\n")[0])
        return len(self.got) >= self._whole

    def body(self) -> bytes:
        return bytes(self.got[self.got.find(b"\r\n\r\n") + 4 :])

    def ask(self, path: str, body: bytes = b"") -> bytes:
        self.send(request(path, body), time.perf_counter())
        while not self.answered():
            pass
        return self.body()


@dataclass
class Lap:
    """What one phase did."""

    requests: int
    seconds: float
    waits: list[float] = field(default_factory=list)

    def percentile(self, part: float) -> float:
        """ms that this part of the requests waited at most."""
        ordered = sorted(self.waits)
        return ordered[min(len(ordered) - 1, int(len(ordered) * part))] * 1000


class Load:
    """Some connections, served by one epoll loop."""

    def __init__(self, port: int, count: int) -> None:
        self.all = [Connection(port) for _ in range(count)]
        self._by_file = {one.socket.fileno(): one for one in self.all}
        self._poll = select.epoll()
        for file in self._by_file:
            self._poll.register(file, select.EPOLLIN)

    def closed(self, following: Callable[[], bytes], seconds: float, look: Callable[[bytes], None]) -> Lap:
        """Every connection sends its next request as soon as it has the answer to the last."""
        began = time.perf_counter()
        lap = Lap(0, 0.0)
        for one in self.all:
            one.send(following(), time.perf_counter())
        running = len(self.all)
        while running:
            for file, _ in self._poll.poll():
                one = self._by_file[file]
                if not one.answered():
                    continue
                now = time.perf_counter()
                lap.waits.append(now - one.began)
                look(one.body())
                if now - began < seconds:
                    one.send(following(), now)
                else:
                    running -= 1
        lap.requests, lap.seconds = len(lap.waits), time.perf_counter() - began
        return lap

    def open(self, following: Callable[[], bytes], seconds: float, rate: float) -> Lap:
        """Requests fall due at a fixed rate, whoever is free; waits count from when each was due."""
        free, due = deque(self.all), deque[float]()
        began = time.perf_counter()
        total, sent, lap = int(seconds * rate), 0, Lap(0, 0.0)
        while len(lap.waits) < total:
            now = time.perf_counter()
            while sent < total and began + sent / rate <= now:
                due.append(began + sent / rate)
                sent += 1
            while due and free:
                free.popleft().send(following(), due.popleft())
            wait = max(0.0, began + sent / rate - time.perf_counter()) if sent < total and free else 0.05
            for file, _ in self._poll.poll(wait):
                one = self._by_file[file]
                if one.answered():
                    lap.waits.append(time.perf_counter() - one.began)
                    free.append(one)
        lap.requests, lap.seconds = total, time.perf_counter() - began
        return lap


@contextmanager
def served(folder: Path, database: str = "", streams: int = 0) -> Iterator[int]:
    """The port of a city served by a process of its own; `streams` are there from the start."""
    command = [sys.executable, "-m", "benchmarks.city_server", str(folder), *([database] if database else [])]
    command += ["--streams", str(streams)] if streams else []
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert server.stdout is not None
    assert server.stdin is not None
    try:
        yield int(server.stdout.readline())
    finally:
        server.stdin.close()
        server.wait(timeout=60)


def streams(port: int, count: int) -> list[int]:
    """New datastreams of new things; every fifth is a ponding depth that rules watch."""
    connection = Connection(port)
    found = []
    for number in range(count):
        made = json.loads(connection.ask("Things", thing(number)))
        own = json.loads(connection.ask(f"Things({made['@iot.id']})/Datastreams"))
        found.append(int(own["value"][0]["@iot.id"]))
    return found


def thing(number: int) -> bytes:
    """A thing with one datastream."""
    watched = number % 5 == 0
    stream = {
        "name": f"s{number}",
        "description": "a stream",
        "observationType": "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement",
        "unitOfMeasurement": {"name": "metre", "symbol": "m", "definition": "ucum:m"},
        "Sensor": {"name": "s", "description": "s", "encodingType": "text/plain", "metadata": "s"},
        "ObservedProperty": {
            "name": "level",
            "definition": "urn:hutong:property:drainage.ponding" if watched else "http://example.org/level",
            "description": "level",
        },
    }
    properties = {"hutong:type": "drainage.ponding_point"} if watched else {}
    body = {"name": f"t{number}", "description": "a thing", "properties": properties, "Datastreams": [stream]}
    return json.dumps(body).encode()


def instant(second: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second)) + f".{round(second % 1 * 1000):03}Z"


def ratio(ours: list[float], theirs: list[float]) -> str:
    """Median of the rounds' ratios, with least and most."""
    found = [one / other for one, other in zip(ours, theirs, strict=True)]
    return f"{statistics.median(found):.2f} (least {min(found):.2f}, most {max(found):.2f})"
