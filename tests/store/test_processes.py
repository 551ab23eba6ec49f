"""Many processes write to PostgreSQL at once: positions are dense and commit order is position order."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import msgspec
import psycopg
import pytest
from tests.store.samples import changes

from hutong.kernel.base import Label
from hutong.kernel.clock import FixedClock
from hutong.kernel.errors import Unavailable
from hutong.kernel.party import Party
from hutong.kernel.thing import Thing
from hutong.store import open_store

PROCESSES, COMMANDS = 8, 30
WORKER = Path(__file__).with_name("eight.py")


class Watcher(threading.Thread):
    """Sees the journal grow: with position order = commit order, no look ever finds a gap."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url
        self.stop = threading.Event()
        self.gaps: list[tuple[int, int]] = []
        self.looks: set[int] = set()

    def run(self) -> None:
        with psycopg.connect(self._url, autocommit=True) as connection:
            while not self.stop.is_set():
                row = connection.execute(
                    "SELECT count(*), coalesce(max(position), 0) FROM journal"
                ).fetchone()
                assert row is not None
                self.looks.add(row[1])
                if row[0] != row[1]:
                    self.gaps.append((row[0], row[1]))


def test_eight_processes(postgres_url: str, tmp_path: Path, clock: FixedClock) -> None:
    store = open_store(postgres_url, clock=clock, folder=tmp_path)
    shared = Thing(id=store.new_ids(1)[0], type="t", code="shared", name=Label("共"), properties={"count": 0})
    assert shared.id == 1
    store.apply(changes(shared))
    watcher = Watcher(postgres_url)
    watcher.start()
    running = [
        subprocess.Popen(
            [sys.executable, str(WORKER), postgres_url, str(tmp_path), str(who), str(COMMANDS)],
            stdout=subprocess.PIPE,
        )
        for who in range(1, PROCESSES + 1)
    ]
    answers = [msgspec.json.decode(process.communicate(timeout=120)[0]) for process in running]
    watcher.stop.set()
    watcher.join()
    told = [pair for answer in answers for pair in answer["positions"]]
    assert len({position for position, _ in told}) == PROCESSES * COMMANDS
    assert sorted(number for _, number in told) == list(range(1, PROCESSES * COMMANDS + 1))
    assert [number for _, number in sorted(told)] == sorted(number for _, number in told)
    assert watcher.gaps == []
    assert len(watcher.looks) > 5
    with store.reader() as reader:
        assert reader.head() == 1 + PROCESSES * (COMMANDS + 5)
        assert reader.get(Thing, 1).properties == {"count": PROCESSES * 5}
        rows = reader.find(Party, limit=1000).rows
    assert len({row.id for row in rows}) == PROCESSES * COMMANDS
    assert all(row.person_name for row in rows)
    assert store.verify().sound
    store.close()


def test_one_process_holds_a_folder(tmp_path: Path, clock: FixedClock) -> None:
    store = open_store(tmp_path, clock=clock)
    with pytest.raises(Unavailable, match=r"open in process [0-9]+"):
        open_store(tmp_path, clock=clock)
    store.close()
    open_store(tmp_path, clock=clock).close()


def test_a_killed_process_loses_nothing_it_acknowledged(tmp_path: Path, clock: FixedClock) -> None:
    code = (
        "import sys, os, signal\n"
        "from hutong.kernel.clock import FixedClock\n"
        "from hutong.store import open_store\n"
        "from tests.store.samples import changes, manhole\n"
        "store = open_store(sys.argv[1], clock=FixedClock(1))\n"
        "for id in range(1, 1000):\n"
        "    store.apply(changes(manhole(id)))\n"
        "    print(id, flush=True)\n"
    )
    root = Path(__file__).parents[2]
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, cwd=root, text=True
    )
    assert process.stdout is not None
    last = 0
    for line in process.stdout:
        last = int(line)
        if last == 40:
            process.kill()
    process.wait()
    assert last >= 40
    store = open_store(tmp_path, clock=clock)
    with store.reader() as reader:
        assert reader.count(Thing) >= last
    assert store.verify().sound
    store.close()
