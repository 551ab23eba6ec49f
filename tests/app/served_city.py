"""The tiny city in a folder of its own, served by `hutong run` in processes of their own."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx
from tests.api.town import PASSWORD, _columns, enter_people, furnished

from hutong.app.building import READY
from hutong.app.clocks import SystemClock
from hutong.app.seeding import Seeder
from hutong.loader.city import load_city
from hutong.store import open_store

T = TypeVar("T")
SECONDS = 30.0
"""A test waits no longer for anything."""
FILES = {
    "city.yaml": """\
name: tiny
label: {zh: 小城, en: Tiny}
division: "310101"
zone: Asia/Shanghai
packs: [base, urban, drainage]
box: [121.40, 31.20, 121.42, 31.22]
source: test
licence: CC0
opens_cases: [drainage.flooding]
""",
    "organisations.yaml": """\
organisations:
  - {code: district, label: {zh: 区政府, en: District}, side: leadership}
  - {code: supervision, label: {zh: 监督科, en: Supervision}, side: supervision, parent: district}
  - {code: command, label: {zh: 指挥科, en: Command}, side: supervision, parent: district}
  - {code: data, label: {zh: 数据科, en: Data}, side: administration, parent: district}
  - {code: drainage, label: {zh: 排水所, en: Drainage}, side: handling, parent: district}
""",
    "accounts.yaml": """\
accounts:
  - {login: shouli, name: 沈受理, organisation: supervision, roles: [receptionist]}
  - {login: zhiban, name: 钱值班, organisation: supervision, roles: [duty_chief]}
  - {login: xitong, name: 王系统, organisation: data, roles: [administrator]}
""",
}


def founded(folder: Path, database: str | None = None) -> Path:
    """Writes the city's files and rows."""
    folder.mkdir(exist_ok=True)
    for name, text in FILES.items():
        (folder / name).write_text(text, "utf-8")
    city, _ = load_city(folder)
    clock = SystemClock()
    store = open_store(database or folder, clock=clock, folder=folder)
    try:
        seeder = Seeder(store, city, clock.city_time())
        places, things = _columns()
        seeder.map(places, things, "test", "CC0")
        enter_people(seeder)
        seeder.observed_properties()
        rows = furnished()
        grid = seeder.places["unit_grid", "310101001001001"]
        seeder.furnish(rows, [grid] * len(rows))
    finally:
        store.close()
    (folder / READY).write_text(json.dumps(["map", "rows"]), "utf-8")
    return folder


def until(reached: Callable[[], T], what: str = "it") -> T:
    """What `reached` gives as soon as that is something."""
    end = time.monotonic() + SECONDS
    while not (found := reached()):
        assert time.monotonic() < end, f"{what} did not happen in time"
        time.sleep(0.02)
    return found


class Served:
    """`hutong run` on a folder; what it says goes to `run.log` in it."""

    def __init__(self, folder: Path, workers: int, database: str | None = None) -> None:
        self.folder, self.workers = folder, workers
        self.log = folder / "run.log"
        command = [
            sys.executable,
            "-c",
            "from hutong.cli import main; main()",
            "run",
            str(folder),
            "--port",
            "0",
        ]
        command += ["--workers", str(workers), *(["--database", database] if database else [])]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
                env={**os.environ, "COLUMNS": "200"},
            )  # fmt: skip
        self.url = until(self._address, "the start")

    def said(self) -> str:
        return self.log.read_text("utf-8")

    def _address(self) -> str:
        assert self.process.poll() is None, self.said()
        found = re.search(r"http://127\.0\.0\.1:\d+", self.said())
        ready = self.workers == 1 or f"{self.workers} processes answer" in self.said()
        return found[0] if found and ready and self._answers(found[0]) else ""

    def _answers(self, url: str) -> bool:
        try:
            return httpx.get(f"{url}/api/v1/health").status_code == 200
        except httpx.TransportError:
            return False

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def web(self) -> list[int]:
        """The processes that have a socket at the port, the main one first."""
        wanted = _listening(self.port)
        found = [pid for pid in family(self.process.pid) if wanted & _sockets(pid)]
        return sorted(found, key=lambda pid: pid != self.process.pid)

    def stop(self, how: signal.Signals = signal.SIGINT) -> int:
        """Ctrl-C; what the process ended with."""
        self.process.send_signal(how)
        return self.process.wait(SECONDS)

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


@contextmanager
def served(folder: Path, workers: int, database: str | None = None) -> Iterator[Served]:
    run = Served(folder, workers, database)
    try:
        yield run
    finally:
        run.kill()


class Talker:
    """A client with one connection, so that one process answers all it asks; `process` says which."""

    def __init__(self, run: Served) -> None:
        self.client = httpx.Client(base_url=f"{run.url}/api/v1", timeout=SECONDS)
        self.client.get("/health").raise_for_status()
        self.headers: dict[str, str] = {}
        self.process = self._process(run)

    def _process(self, run: Served) -> int:
        """The one that holds the other end of the connection."""
        pool: Any = self.client._transport
        (connection,) = pool._pool.connections
        local = connection._connection._network_stream.get_extra_info("client_addr")[1]
        (inode,) = _established(run.port, local)
        return next(pid for pid in family(run.process.pid) if inode in _sockets(pid))

    def sign_in(self, login: str, password: str = PASSWORD) -> httpx.Response:
        answer = self.client.post("/session", json={"login": login, "password": password})
        if answer.status_code == 200:
            self.headers = {"X-CSRF-Token": answer.json()["csrf"]}
        return answer

    def post(self, path: str, **more: Any) -> httpx.Response:
        return self.client.post(path, headers=self.headers, **more)

    def joins(self, other: Talker) -> None:
        """The same browser over another connection."""
        self.client.cookies, self.headers = other.client.cookies, other.headers

    def close(self) -> None:
        self.client.close()


@contextmanager
def talkers(run: Served) -> Iterator[list[Talker]]:
    """One for each process that answers, the main one first."""
    found: dict[int, Talker] = {}
    try:
        for _ in range(200):
            talker = Talker(run)
            if talker.process in found:
                talker.close()
            found.setdefault(talker.process, talker)
            if len(found) == run.workers:
                break
        yield sorted(found.values(), key=lambda one: one.process != run.process.pid)
    finally:
        for talker in found.values():
            talker.close()


def family(root: int) -> list[int]:
    """A process and all that came of it."""
    parents: dict[int, int] = {}
    for one in Path("/proc").iterdir():
        if one.name.isdigit():
            try:
                told = (one / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if told[0] != "Z":
                parents[int(one.name)] = int(told[1])
    found = [root]
    for pid in found:
        found += [child for child, parent in parents.items() if parent == pid]
    return found


def _sockets(pid: int) -> set[int]:
    """Inodes of the sockets that a process holds."""
    found = set()
    try:
        for one in Path(f"/proc/{pid}/fd").iterdir():
            target = os.readlink(one)
            if target.startswith("socket:["):
                found.add(int(target[8:-1]))
    except OSError:
        return found
    return found


def _table() -> Iterator[tuple[int, int, str, int]]:
    """(local port, other port, state, inode) of every socket of IPv4."""
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        parts = line.split()
        yield int(parts[1].split(":")[1], 16), int(parts[2].split(":")[1], 16), parts[3], int(parts[9])


def _listening(port: int) -> set[int]:
    return {inode for own, _, state, inode in _table() if own == port and state == "0A"}


def _established(port: int, client: int) -> set[int]:
    return {inode for own, other, state, inode in _table() if (own, other, state) == (port, client, "01")}
