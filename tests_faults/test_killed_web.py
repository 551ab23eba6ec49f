"""`kill -9` of the processes that answer for one city, the judging one or another, while people open cases: every case that was
acknowledged is there once, the journal verifies, and no process is left over."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

import httpx
import numpy as np
import pytest
from tests.api.people import CATEGORY
from tests.api.town import PASSWORD
from tests.app.served_city import Served, family, founded, served, until

from hutong.app.clocks import SystemClock
from hutong.engine.directory import everything
from hutong.kernel.case import Case
from hutong.kernel.seeded import rng
from hutong.store import open_store

WORKERS, CLIENTS = 2, 4
LONGEST_SECONDS = 1.5
"""After the first case of a round, until the kill."""


class Reporter(threading.Thread):
    """Opens cases until his connection breaks; keeps the numbers that he was given."""

    def __init__(self, run: Served) -> None:
        super().__init__(daemon=True)
        self.url = f"{run.url}/api/v1"
        self.told: list[str] = []

    def run(self) -> None:
        body = {"category": CATEGORY, "source": "public", "text": "垃圾", "position": [121.405, 31.205]}
        try:
            with httpx.Client(base_url=self.url, timeout=30) as client:
                signed = client.post("/session", json={"login": "shouli", "password": PASSWORD}).json()
                headers = {"X-CSRF-Token": signed["csrf"]}
                while True:
                    answer = client.post("/cases", json=body, headers=headers)
                    if answer.status_code == 429:
                        time.sleep(0.1)
                    else:
                        assert answer.status_code == 201, answer.text
                        self.told.append(answer.json()["number"])
        except httpx.TransportError:
            return


def test_killed_again_and_again_it_keeps_what_it_acknowledged(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    folder = founded(tmp_path / "city")
    kills, seed = request.config.getoption("--kills"), request.config.getoption("--seed")
    draw = rng(seed, "web kills", str(kills))
    told: list[str] = []
    for number in range(1, kills + 1):
        with served(folder, WORKERS) as run:
            told += round_of(run, draw)
        print(f"kill {number}: {len(told)} cases acknowledged")
    with served(folder, WORKERS) as run:
        run.stop()
    store = open_store(folder, clock=SystemClock(), beside=True)
    with store.reader() as reader:
        stored = [one.number for one in everything(reader, Case)]
    report = store.verify()
    store.abandon()
    assert report.sound, report.faults
    assert len(set(stored)) == len(stored)
    assert len(set(told)) == len(told) > 0
    assert set(told) <= set(stored)


def round_of(run: Served, draw: np.random.Generator) -> list[str]:
    """People report until a process is killed; then the judging one is killed too, and all must be gone."""
    people = [Reporter(run) for _ in range(CLIENTS)]
    for one in people:
        one.start()
    until(lambda: any(one.told for one in people), "the first case")
    time.sleep(float(draw.random()) * LONGEST_SECONDS)
    victims = run.web()
    processes = family(run.process.pid)
    os.kill(victims[int(draw.integers(len(victims)))], signal.SIGKILL)
    time.sleep(float(draw.random()) * LONGEST_SECONDS)
    run.kill()
    for one in people:
        one.join(30)
    until(lambda: not [one for one in processes if alive(one)], "the end of all processes")
    return [number for one in people for number in one.told]


def alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
