"""MQTT publish → committed warning, open loop: 5,000 messages a second through Debian's mosquitto into a city.

    python -m benchmarks.mqtt_warning [--rate 5000] [--seconds 12] [--rounds 5] [--share 0.004]

Stations publish JSON at QoS 1; one message in 250 tells of a level that rose too fast, and the rule `drainage.fast_rise`
raises a warning at that very row. Each message bears the time at which it was due, so a late sender counts against us.
Latency ends when the commit that holds the warning is durable (SQLite, synchronous=FULL) in the city's process; the
journal's own recorded time is printed beside it. All on one clock and one machine, the load generator included.

The floor, in turns with it (ABAB): the same messages to a subscriber that does nothing but acknowledge.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from benchmarks.observe import machine
from benchmarks.storm_feed import _row

from hutong.app.building import copy_city
from hutong.app.city import RunningCity, open_city
from hutong.app.clocks import SystemClock
from hutong.app.demo import shipped_city
from hutong.app.mqtt import broker
from hutong.app.seeding import Seeder
from hutong.engine.directory import everything
from hutong.gateways.mqtt import wire
from hutong.gateways.mqtt.gateway import City
from hutong.gateways.mqtt.wire import Control, Decoder, Hello, Message
from hutong.kernel.base import Label
from hutong.kernel.changes import Record
from hutong.kernel.observation import ObservationBatch, Outcome
from hutong.kernel.thing import Datastream, Device, Thing
from hutong.loader.city import load_city
from hutong.store import open_store

STATIONS = 3_000
QUIET, RISEN = 1.0, 3.0
WARM_UP = 2.0
"""Seconds of a round before the first level rises."""
OPTIONS: dict[str, Any] = {
    "client_id": "hutong-benchmark",
    "json": [{"topic": "city/+/telemetry", "values": {"level": "level"}, "time": "ts", "time_unit": "us"}],
}


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rate", type=int, default=5_000)
    parser.add_argument("--seconds", type=float, default=12.0)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--share", type=float, default=0.004, help="of messages that raise a warning")
    parser.add_argument("--goal", type=float, default=50.0, help="p99 in ms")
    parser.add_argument("--check", action="store_true", help="exit 1 if the goal is missed")
    parser.add_argument("--role", choices=("city", "send", "hear"), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--first", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--prefix", default="city", help=argparse.SUPPRESS)
    return parser.parse_args()


# The city's process.


def founded(folder: Path) -> None:
    """The shipped city's settings and people, STATIONS pump stations, and a device at each."""
    copy_city(shipped_city(), folder)
    city, _ = load_city(folder)
    store = open_store(folder, clock=SystemClock())
    seeder = Seeder(store, city, SystemClock().city_time())
    seeder.parties("benchmark")
    seeder.observed_properties()
    properties = {"pumps": 1, "rated_flow": 2.0}
    rows = [_row("pump_station", number, properties, {}, ("level",)) for number in range(STATIONS)]
    seeder.furnish(rows, [None] * len(rows))
    with store.reader() as reader:
        streams = {one.thing: one.id for one in everything(reader, Datastream)}
        things = {one.code: one.id for one in everything(reader, Thing)}
    ids = store.new_ids(STATIONS)
    devices = [
        Device(
            id=ids[number],
            protocol="mqtt",
            address=f"s{number}",
            state="admitted",
            name=Label(f"s{number}"),
            thing=things[f"pump_station-{number}"],
            channels={"level": streams[things[f"pump_station-{number}"]]},
        )
        for number in range(STATIONS)
    ]
    store.bulk_load(devices, Record(kind="device.import", actor=0, at=SystemClock().city_time()))
    store.close()


class Timed:
    """The intake, noting when rows of risen levels arrived at it, and when they were durable."""

    def __init__(self, intake: Any) -> None:
        self._intake = intake
        self.waits: list[float] = []
        self.arrivals: list[float] = []

    def submit(self, batch: ObservationBatch) -> Future[Outcome]:
        answer: Future[Outcome] = self._intake.submit(batch)
        risen = batch.time[batch.number > (QUIET + RISEN) / 2]
        if len(risen):
            now = time.time_ns() / 1e6
            self.arrivals.extend(now - one / 1000 for one in risen.tolist())
            answer.add_done_callback(lambda _: self._noted(risen.tolist()))
        return answer

    def _noted(self, due: list[int]) -> None:
        now = time.time_ns() / 1e6
        self.waits.extend(now - one / 1000 for one in due)


def city(options: argparse.Namespace) -> None:
    """Answers each line of its standard input with what was measured since the line before."""
    founded(options.folder)
    running = open_city(options.folder, SystemClock(), apart=True)
    timed = Timed(running.intake)
    parts = City(running.store, running.clock, running.devices, timed)
    gateway = broker("127.0.0.1", options.port, OPTIONS, parts, ZoneInfo("Asia/Shanghai"), None)
    gateway.start()
    while not gateway.status()["connected"]:
        time.sleep(0.05)
    print("ready", flush=True)
    with running.store.reader() as reader:
        position = reader.head()
    for _ in sys.stdin:
        position, commits, recorded = _journalled(running, position)
        waits, timed.waits = timed.waits, []
        arrivals, timed.arrivals = timed.arrivals, []
        status = gateway.status()
        told = {
            "durable": waits,
            "arrived": arrivals,
            "recorded": recorded,
            "commits": commits,
            "faults": status["faults"],
        }
        print(json.dumps(told), flush=True)
    gateway.stop()
    running.close()


def _journalled(running: RunningCity, position: int) -> tuple[int, int, list[float]]:
    """Behind a position: the last one, how many batches, and ms from due to recorded of each warning."""
    recorded: list[float] = []
    commits = 0
    with running.store.reader() as reader:
        while records := reader.journal(after=position, limit=1000):
            position = records[-1].position
            commits += sum(one.kind == "observation.batch" for one in records)
            raised = [one for one in records if one.kind == "warning.raise"]
            recorded += [(one.recorded_at - one.facts["at"]) / 1000 for one in raised]
    return position, commits, recorded


# The load generator, and the subscriber of the floor.


class Line(asyncio.Protocol):
    """A connection to the broker that acknowledges what comes and notes how long it took."""

    def __init__(self, client: str) -> None:
        self.decoder = Decoder(4)
        self.client = client
        self.waits: list[float] = []
        self.confirmed = 0
        self.ready = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        transport.write(wire.connect(Hello(client=self.client, version=4, clean=True)))

    def data_received(self, data: bytes) -> None:
        now = time.time_ns() / 1e6
        packets = self.decoder.feed(data)
        messages = [one for one in packets if isinstance(one, Message)]
        if messages:
            self.transport.write(wire.acknowledgements([one.mid for one in messages]))
            self.waits.extend(now - json.loads(one.payload)["ts"] / 1000 for one in messages)
        for one in packets:
            if isinstance(one, wire.Connected) and not self.ready.done():
                self.ready.set_result(None)
            elif isinstance(one, Control) and one.kind == wire.PUBACK:
                self.confirmed += 1


async def joined(port: int, client: str) -> Line:
    loop = asyncio.get_running_loop()
    _, line = await loop.create_connection(lambda: Line(client), "127.0.0.1", port)
    await line.ready
    return line


def rows(options: argparse.Namespace) -> Iterator[tuple[int, float]]:
    """(station, level): round and round, and each rise at a station that has not risen yet."""
    every = round(1 / options.share)
    warm = int(WARM_UP * options.rate)
    risen = options.first
    for number in range(int(options.rate * options.seconds)):
        if number >= warm and number % every == 0:
            yield risen % STATIONS, RISEN
            risen += 1
        else:
            yield (number + options.first) % STATIONS, QUIET


async def send(options: argparse.Namespace) -> None:
    """Open loop: message n is due at n ÷ rate, whatever became of those before."""
    line = await joined(options.port, f"load-{time.time_ns()}")
    began, number = time.time_ns() // 1000 + 200_000, 0
    late = 0.0
    for station, level in rows(options):
        due = began + number * 1_000_000 // options.rate
        number += 1
        while (now := time.time_ns() // 1000) < due:
            await asyncio.sleep((due - now) / 1e6)
        late = max(late, (now - due) / 1000)
        payload = b'{"ts":%d,"level":%.2f}' % (due, level)
        message = Message(f"{options.prefix}/s{station}/telemetry", payload, 1, number % 65_535 + 1)
        line.transport.write(wire.publish(message, 4))
        if number % 64 == 0:
            await asyncio.sleep(0)
    for _ in range(400):
        if line.confirmed >= number:
            break
        await asyncio.sleep(0.05)
    print(json.dumps({"sent": number, "confirmed": line.confirmed, "late": late}), flush=True)


async def hear(options: argparse.Namespace) -> None:
    line = await joined(options.port, f"floor-{time.time_ns()}")
    line.transport.write(wire.subscribe(1, ["floor/+/telemetry"], 4))
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    await asyncio.sleep(0.5)
    print(json.dumps({"durable": line.waits}), flush=True)


# The benchmark itself.


def started(options: argparse.Namespace, role: str, **more: Any) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "benchmarks.mqtt_warning", "--role", role, "--port", str(options.port)]
    command += ["--rate", str(options.rate), "--seconds", str(options.seconds), "--share", str(options.share)]
    for name, value in more.items():
        command += [f"--{name}"] + ([] if value is True else [str(value)])
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def line_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def asked(process: subprocess.Popen[str]) -> dict[str, Any]:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()
    return dict(json.loads(line_of(process)))


def sent(options: argparse.Namespace, prefix: str, first: int) -> dict[str, Any]:
    process = started(options, "send", prefix=prefix, first=first)
    told = dict(json.loads(line_of(process)))
    process.wait(timeout=30)
    time.sleep(0.5)
    return told


def shown(waits: list[float]) -> str:
    if not waits:
        return "nothing"
    ordered = sorted(waits)
    at = {share: ordered[min(len(ordered) - 1, int(len(ordered) * share))] for share in (0.5, 0.99)}
    return f"n {len(ordered):,}, p50 {at[0.5]:.1f}, p99 {at[0.99]:.1f}, max {ordered[-1]:.1f} ms"


def p99(waits: list[float]) -> float:
    ordered = sorted(waits)
    return ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))] if ordered else float("inf")


def measured(options: argparse.Namespace, home: Path) -> bool:
    served = started(options, "city", folder=home / "city")
    assert line_of(served) == "ready\n"
    ours: list[float] = []
    floors: list[float] = []
    expected = int((options.seconds - WARM_UP) * options.rate * options.share)
    for number in range(options.rounds):
        generator = sent(options, "city", number * (expected + 1))
        told = asked(served)
        ours.append(p99(told["durable"]))
        print(
            f"round {number + 1}: sent {generator['sent']:,}, sender at most {generator['late']:.1f} ms late"
        )
        print(
            f"  durable {shown(told['durable'])}; recorded {shown(told['recorded'])};"
            f"\n  at the intake {shown(told['arrived'])}; {told['commits']:,} commits"
        )
        if told["faults"]:
            print(f"  faults: {told['faults'][:3]}")
        heard = started(options, "hear")
        line_of(heard)
        sent(options, "floor", 0)
        floor = asked(heard)["durable"]
        heard.wait(timeout=10)
        floors.append(p99(floor))
        print(f"  floor {shown(floor)}", flush=True)
    assert served.stdin is not None
    served.stdin.close()
    served.wait(timeout=60)
    median = statistics.median(ours)
    print(f"\np99 publish → durable warning, median of {len(ours)} rounds: {median:.1f} ms", end="")
    print(f" ({min(ours):.1f} … {max(ours):.1f}); broker alone {statistics.median(floors):.1f} ms")
    print(f"goal {options.goal:.0f} ms: {'met' if median <= options.goal else 'missed'}")
    return median <= options.goal


def main() -> int:
    options = parsed()
    if options.role == "city":
        city(options)
        return 0
    if options.role:
        asyncio.run(send(options) if options.role == "send" else hear(options))
        return 0
    mosquitto = shutil.which("mosquitto", path="/usr/sbin:/usr/bin:/usr/local/sbin:/opt/homebrew/sbin")
    if mosquitto is None:
        print("mosquitto is not installed: apt-get install mosquitto")
        return 1
    home = Path(tempfile.mkdtemp(prefix="hutong-bench-"))
    options.port = 18_000 + time.time_ns() // 1000 % 1_000
    config = home / "mosquitto.conf"
    config.write_text(
        f"listener {options.port} 127.0.0.1\nallow_anonymous true\nmax_inflight_messages 0\n"
        "max_queued_messages 0\nlog_type error\nset_tcp_nodelay true\n"
    )
    process = subprocess.Popen([mosquitto, "-c", str(config)])
    time.sleep(0.5)
    print(f"{machine()}; {options.rate:,} messages/s for {options.seconds:.0f} s, {STATIONS:,} devices\n")
    try:
        met = measured(options, home)
    finally:
        process.terminate()
        shutil.rmtree(home, ignore_errors=True)
    return 1 if options.check and not met else 0


if __name__ == "__main__":
    sys.exit(main())
