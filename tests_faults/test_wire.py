"""Devices at a port while the process is killed, ten thousand strangers hang on, garbage pours in, and clocks jump."""

from __future__ import annotations

import os
import random
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from tests_faults.outcomes import copied, doubled, journalled, stored
from tests_faults.town import CURSOR, GAUGES, START, Gateway, made, opened
from tests_faults.wire import Device, Served, acknowledged_soon
from tests_faults.wire_process import founded

from hutong.kernel.base import DAY, HOUR, MINUTE
from hutong.kernel.case import Warning
from hutong.kernel.clock import FixedClock
from hutong.kernel.observation import batch

DEVICES = 24
HALF_OPEN = 10_000
GARBAGE_LINES = 16
GARBAGE_SECONDS = 10.0
ROOM_MEGABYTES = 250.0
"""What ten thousand strangers, or endless garbage, may cost."""


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    founded(tmp_path / "city", DEVICES)
    running = Served(tmp_path / "city")
    yield running
    if running.process.poll() is None:
        running.stop()


def everything_once(folder: Path, devices: list[Device], to: Path) -> None:
    """What was acknowledged is stored, nothing is stored twice, and the journal holds."""
    with copied(folder, to) as store:
        kept = stored(store)
        assert store.verify().sound
        assert doubled(store) == []
        rows = set(zip(kept.stream.tolist(), kept.time.tolist(), strict=True))
        assert len(rows) == len(kept.stream)
        # A packet sent again, because its answer was lost, is journalled again and stored once.
        assert len(rows) <= journalled(store)
    per_time = {one.number: {START + minute * MINUTE for minute in one.acknowledged} for one in devices}
    times: dict[int, set[int]] = {}
    for stream, at in rows:
        times.setdefault(stream, set()).add(at)
    assert sum(map(len, per_time.values())) <= len(rows)
    # Streams ascend with the gauges they belong to.
    for number, stream in enumerate(sorted(times)):
        assert per_time[devices[number].number] <= times[stream], f"device {number} lost acknowledged rows"


def test_killed_under_load(served: Served, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    kills = request.config.getoption("--kills")
    moments = random.Random(request.config.getoption("--seed"))
    devices = [Device(number) for number in range(DEVICES)]
    over = threading.Event()
    broken: list[BaseException] = []

    def play(device: Device) -> None:
        minute = 0
        try:
            while not over.is_set():
                acknowledged_soon(device, served, minute)
                minute += 1
        except BaseException as error:
            broken.append(error)

    threads = [threading.Thread(target=play, args=(one,)) for one in devices]
    for one in threads:
        one.start()
    for _ in range(kills):
        time.sleep(0.4 + moments.random() * 1.2)
        served.kill()
        served.start()
    time.sleep(1.0)
    over.set()
    for one in threads:
        one.join()
    assert broken == []
    assert min(len(one.acknowledged) for one in devices) > kills
    served.stop()
    everything_once(served.folder, devices, tmp_path / "copy")


def test_ten_thousand_half_open_connections(served: Served, tmp_path: Path) -> None:
    devices = [Device(number) for number in range(4)]
    for one in devices:
        acknowledged_soon(one, served, 0)
    before = served.megabytes()
    hanging: list[socket.socket] = []
    try:
        for number in range(HALF_OPEN):
            line = socket.create_connection(("127.0.0.1", served.port), timeout=20)
            if number % 2:
                line.sendall(b"##0123QN=2026")
            hanging.append(line)
        waits = [acknowledged_soon(one, served, minute) for minute in range(1, 40) for one in devices]
        grown = served.megabytes() - before
        print(
            f"\n{HALF_OPEN:,} half-open: +{grown:.0f} MB, slowest acknowledgement {max(waits) * 1000:.0f} ms"
        )
        assert len(hanging) == HALF_OPEN
        assert grown < ROOM_MEGABYTES
    finally:
        for line in hanging:
            line.close()
    newcomer = Device(5)
    acknowledged_soon(newcomer, served, 0)
    served.stop()
    everything_once(served.folder, [*devices, newcomer], tmp_path / "copy")


def test_endless_garbage(served: Served, tmp_path: Path) -> None:
    devices = [Device(number) for number in range(4)]
    for one in devices:
        acknowledged_soon(one, served, 0)
    before = served.megabytes()
    over = threading.Event()
    sent = [0] * GARBAGE_LINES

    def pour(number: int) -> None:
        noise = random.Random(number)
        junk = noise.randbytes(1 << 16) if number % 2 else b"##9999" + noise.randbytes(4000) + b"##0050QN="
        while not over.is_set():
            with suppress(OSError), socket.create_connection(("127.0.0.1", served.port), timeout=5) as line:
                while not over.is_set():
                    line.sendall(junk)
                    sent[number] += len(junk)

    threads = [threading.Thread(target=pour, args=(number,), daemon=True) for number in range(GARBAGE_LINES)]
    for one in threads:
        one.start()
    began, minute = time.monotonic(), 1
    while time.monotonic() - began < GARBAGE_SECONDS:
        for one in devices:
            acknowledged_soon(one, served, minute)
        minute += 1
    grown = served.megabytes() - before
    over.set()
    for one in threads:
        one.join(10)
    print(
        f"\n{sum(sent) / 1e6:,.0f} MB of garbage: +{grown:.0f} MB, {minute} minutes of four devices meanwhile"
    )
    assert sum(sent) > 1e6
    assert grown < ROOM_MEGABYTES
    served.stop()
    everything_once(served.folder, devices, tmp_path / "copy")


def test_clocks_jump(tmp_path: Path) -> None:
    """Three days forward: every gauge is missing once and every deadline fires once. Back again: nothing is lost."""
    made(tmp_path / "city")
    running = opened(tmp_path / "city")
    clock = running.clock
    assert isinstance(clock, FixedClock)
    gateway = Gateway(running)
    for number in range(30):
        gateway.send(number)
    running.deadlines.tick()
    clock.city += 3 * DAY
    clock.recorded += 3 * DAY
    running.intake.tick().result()
    running.deadlines.tick()
    with running.store.reader() as reader:
        silent = reader.count(Warning, at_most=100_000)
        head = reader.head()
    assert silent >= GAUGES
    running.intake.tick().result()
    running.deadlines.tick()
    with running.store.reader() as reader:
        assert reader.count(Warning, at_most=100_000) == silent
        assert reader.head() == head, "what was due fired a second time"
    clock.city -= 3 * DAY + HOUR
    clock.recorded -= 3 * DAY + HOUR
    ahead = batch(CURSOR, gateway.streams[:1], [clock.city + 3 * DAY], [0.01])
    outcome = running.intake.submit(ahead).result()
    assert outcome.taken == 0, "a row from the future is refused"
    assert outcome.refused[0].field == "time"
    for number in range(30, 40):
        assert running.intake.submit(gateway.rows(number)).result().taken in (0, GAUGES)
    clock.city += 2 * HOUR
    for number in range(40, 60):
        assert running.intake.submit(gateway.rows(number)).result().taken == GAUGES
    assert running.store.verify().sound
    assert doubled(running.store) == []
    kept = stored(running.store)
    assert len(kept.stream) == journalled(running.store)
    running.close()
    assert os.path.exists(tmp_path / "city" / "city.db")
