"""Whole lifecycles of cases over HTTP: create, dispatch, feed back, check, close, each durable when it is answered.

    python -m benchmarks.case_lifecycles [--database sqlite|postgresql|both] [--cases 10000] [--rounds 3] [--seconds 10]
    python -m benchmarks.case_lifecycles --folder SEEDED [--url URL]

Five requests a lifecycle, by five people: each with its access check, the procedure's rules (sides, 监管分离, clocks), a
record of the chained journal, the version it was decided on (`If-Match`) and an `Idempotency-Key`; answers are short (`Prefer:
return=minimal`). 64 kept connections from a process of its own; the server runs beside it on the same machine. In rounds,
ABAB, with bare durable commits (one row a commit, one writer) as the floor.

Run it with `--cases` small and large to see how speed holds: the goal is 300 lifecycles/s and a ratio of at least 0.9 from ten
thousand cases to one million. Cities seeded before (`case_seed`) are given by `--folder`.
"""

from __future__ import annotations

import argparse
import base64
import itertools
import json
import os
import select
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import apsw
from benchmarks.case_city import BOX, definition, opened
from benchmarks.case_seed import seed
from benchmarks.http_load import Lap, ratio
from benchmarks.observe import machine, server
from tests.api.town import PASSWORD

CLIENTS = 64
PROCESSES = os.cpu_count() or 1
"""That answer on one port, one for each processor (`hutong run --workers`)."""
ROOT = Path(__file__).resolve().parents[1]
GOAL = 300
_turn = itertools.count()


def basic(login: str) -> str:
    return base64.b64encode(f"{login}:{PASSWORD}".encode()).decode()


def message(
    login: str, path: str, body: dict[str, object], *, version: str = "", minimal: bool = True
) -> bytes:
    """A whole POST of somebody."""
    content = json.dumps(body).encode()
    head = (
        f"POST /api/v1{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Basic {basic(login)}\r\n"
        f"Content-Type: application/json\r\nIdempotency-Key: b{time.time_ns()}-{next(_turn)}\r\n"
        f"Content-Length: {len(content)}\r\n"
    )
    head += "Prefer: return=minimal\r\n" if minimal else ""
    head += f"If-Match: {version}\r\n" if version else ""
    return head.encode() + b"\r\n" + content


class Worker:
    """A kept connection that takes cases through their lives one after the other."""

    def __init__(self, port: int, number: int, unit: int, *, minimal: bool) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.number, self.unit, self.minimal = number, unit, minimal
        self.got = bytearray()
        self.step = self.case = self.done = 0
        self.version = ""
        self.began = 0.0

    def send(self) -> None:
        self.got.clear()
        self.began = time.perf_counter()
        self.socket.sendall(self._next())

    def _next(self) -> bytes:
        if self.step == 0:
            turn = next(_turn)
            west, south, east, north = BOX
            at = [
                west + (east - west) * (turn % 997 + 0.5) / 997,
                south + (north - south) * (turn % 991 + 0.5) / 991,
            ]
            body: dict[str, object] = {
                "category": {"kind": "other", "code": "works.rubbish"}, "source": "public", "position": at,
                "text": "市民来电反映暴露垃圾，影响居民通行，请尽快处理。", "position_text": f"江苏路{turn}号",
            }  # fmt: skip
            return message("shouli", "/cases", body, minimal=self.minimal)
        login, action, answers = (
            ("paiqian", "dispatch", {"organisation": self.unit}),
            ("chuzhi00", "feed_back", {"result": "已清理"}),
            ("jiandu", "check_pass", {}),
            ("zhiban", "close", {}),
        )[self.step - 1]
        path = f"/cases/{self.case}/actions/{action}"
        return message(login, path, {"answers": answers}, version=self.version, minimal=self.minimal)

    def answered(self) -> bool:
        """Reads what is there; True once the answer is whole."""
        part = self.socket.recv(1 << 18)
        if not part:
            raise RuntimeError("the server closed the connection")
        self.got += part
        end = self.got.find(b"\r\n\r\n")
        if end < 0:
            return False
        head = bytes(self.got[:end]).lower()
        length = int(head.split(b"content-length:")[1].split(b"\r\n")[0]) if b"content-length:" in head else 0
        if len(self.got) < end + 4 + length:
            return False
        if not head.startswith(b"http/1.1 2"):
            raise RuntimeError(bytes(self.got).decode(errors="replace"))
        self._look(head)
        return True

    def _look(self, head: bytes) -> None:
        self.version = head.split(b"etag:")[1].split(b"\r\n")[0].strip().decode()
        if self.step == 0:
            self.case = int(head.split(b"location:")[1].split(b"\r\n")[0].rpartition(b"/")[2])
        self.step = (self.step + 1) % 5
        self.done += self.step == 0


def run(workers: list[Worker], seconds: float) -> Lap:
    """Every worker sends its next request as soon as it has the answer to the last."""
    poll, by_file = select.epoll(), {one.socket.fileno(): one for one in workers}
    for file in by_file:
        poll.register(file, select.EPOLLIN)
    before = sum(one.done for one in workers)
    began, waits = time.perf_counter(), []
    for one in workers:
        one.send()
    running = len(workers)
    while running:
        for file, _ in poll.poll():
            one = by_file[file]
            if not one.answered():
                continue
            now = time.perf_counter()
            waits.append(now - one.began)
            if now - began < seconds:
                one.send()
            else:
                running -= 1
    return Lap(sum(one.done for one in workers) - before, time.perf_counter() - began, waits)


@contextmanager
def served(folder: Path, url: str = "", processes: int = 1) -> Iterator[tuple[int, int]]:
    """The port of a seeded city served by so many processes of its own, and the first of them."""
    command = [
        sys.executable,
        "-m",
        "benchmarks.case_server",
        str(folder),
        url,
        "--processes",
        str(processes),
    ]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None
    assert process.stdin is not None
    try:
        yield int(process.stdout.readline()), process.pid
    finally:
        process.stdin.close()
        process.wait(timeout=60)


def processor(process: int) -> float:
    """Seconds of processor time that a process and those it started have used."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    started = [Path(f"/proc/{process}/task/{one}/children") for one in os.listdir(f"/proc/{process}/task")]
    children = [int(child) for one in started for child in one.read_text().split()]
    own = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return own + sum(processor(child) for child in children)


def floor(place: str) -> Callable[[], None]:
    """One durable commit of a small row."""
    if place.startswith("postgresql"):
        import psycopg

        there = psycopg.connect(place)
        there.execute("CREATE TABLE IF NOT EXISTS bare (id BIGINT PRIMARY KEY, state TEXT)")
        there.commit()

        def commit() -> None:
            there.execute("INSERT INTO bare VALUES (%s, 'closed')", (time.time_ns(),))
            there.commit()

        return commit
    here = apsw.Connection(place)
    here.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
    here.execute("CREATE TABLE IF NOT EXISTS bare (id INTEGER PRIMARY KEY, state TEXT)")
    return lambda: here.execute("INSERT INTO bare VALUES (?, 'closed')", (time.time_ns(),)) and None


def bare(commit: Callable[[], None], seconds: float) -> float:
    """Commits a second."""
    began, done = time.perf_counter(), 0
    while time.perf_counter() - began < seconds:
        commit()
        done += 1
    return done / (time.perf_counter() - began)


def measured(name: str, folder: Path, url: str, bare_place: str, options: argparse.Namespace) -> None:
    town = opened(folder, url)
    unit = town.directory.organisation("unit00")
    with town.store.reader() as reader:
        cases = sum(reader.counters("case.state").values())
    town.close()
    commit = floor(bare_place)
    with served(folder, url, options.processes) as (port, process):
        workers = [Worker(port, n, unit, minimal=not options.whole) for n in range(options.clients)]
        run(workers[:1], 1.0)
        run(workers, 2.0)
        ours, floors = [], []
        for number in range(options.rounds):
            before = processor(process)
            lap = run(workers, options.seconds)
            spent = (processor(process) - before) / len(lap.waits) * 1000
            ours.append(lap.requests / lap.seconds)
            floors.append(bare(commit, options.seconds / 4))
            print(
                f"{name}, {cases:,} cases, round {number + 1}: {ours[-1]:,.1f} lifecycles/s "
                f"({len(lap.waits) / lap.seconds:,.0f} durable steps/s; a step p50 {lap.percentile(0.5):.1f} ms, "
                f"p99 {lap.percentile(0.99):.1f} ms; {spent:.2f} ms of the server's processor "
                f"each); bare {floors[-1]:,.0f} commits/s",
                flush=True,
            )
    steps = [5 * one for one in ours]
    print(
        f"{name}, {cases:,} cases: median {statistics.median(ours):,.1f} lifecycles/s (goal {GOAL}); "
        f"steps : bare commits {ratio(steps, floors)}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--clients", type=int, default=CLIENTS)
    parser.add_argument(
        "--processes", type=int, default=PROCESSES, help="that answer (default: one a processor)"
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument(
        "--whole", action="store_true", help="ask for the whole page of the case with every answer"
    )
    parser.add_argument("--folder", type=Path, help="a city seeded before")
    parser.add_argument("--url", default="", help="its PostgreSQL database")
    options = parser.parse_args()
    definition()
    print(f"{machine()}; {options.processes} processes, {options.clients} clients\n")
    if options.folder:
        name = "postgresql" if options.url else "sqlite"
        with tempfile.TemporaryDirectory() as home:
            measured(name, options.folder, options.url, options.url or f"{home}/bare.db", options)
        return
    for name in ("sqlite", "postgresql") if options.database == "both" else (options.database,):
        with ExitStack() as stack:
            home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hutong-cases-")))
            url = stack.enter_context(server(home)).database("city") if name == "postgresql" else ""
            town = opened(home / "city", url)
            seconds = seed(town, options.cases, lambda done, at: None)
            town.close()
            print(f"{name}: {options.cases:,} cases seeded in {seconds:,.0f} s", flush=True)
            measured(name, home / "city", url, url or str(home / "bare.db"), options)


if __name__ == "__main__":
    main()
