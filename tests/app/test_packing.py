"""The packing process: it packs, is started again when killed, and ends when its parent is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from hutong.app.clocks import SystemClock
from hutong.app.packing import PackingProcess
from hutong.kernel.observation import ObservationBatch
from hutong.store import open_store
from hutong.store.city_store import CityStore
from hutong.store.observations import Observations

CHUNKS = 300
"""More than the packer lets wait."""


def filled(place: str | Path, folder: Path) -> CityStore:
    store = open_store(place, clock=SystemClock(), folder=folder)
    store.observations = Observations(lambda tx, lane, streams: np.zeros(len(streams), np.uint8))
    append(store)
    return store


def append(store: CityStore) -> None:
    for turn in range(CHUNKS):
        times = np.array([turn, turn + 1]) * 1_000_000
        rows = ObservationBatch("test", np.array([5, 6]), times, np.ones(2), np.zeros(2, np.uint8))
        with store.database.write() as tx:
            store.observations.append(tx, 1, rows)
            store.observations.flush(tx, 1, store.clock.recorded_at())


def waiting(store: CityStore) -> int:
    with store.reader() as reader:
        return store.observations.backlog(reader.tx, 1)


def until(reached: Callable[[], bool], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def gone(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return True
    return state == "Z"


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_killed_packing_process_is_followed_at_once(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    place = str(tmp_path) if kind == "sqlite" else request.getfixturevalue("empty_postgres_url")
    store = filled(place, tmp_path)
    packing = PackingProcess(place, tmp_path)
    try:
        until(lambda: waiting(store) == 0)
        first = packing.process
        assert first is not None
        os.kill(first, signal.SIGKILL)
        append(store)
        until(lambda: waiting(store) < CHUNKS)  # What came after the pack is young and waits.
        assert packing.process not in (None, first)
        with store.reader() as reader:
            assert len(reader.observations(5)) == 2 * CHUNKS
    finally:
        packing.close()
        store.close()
    assert packing.process is None


PARENT = """
import sys, time
from pathlib import Path
from hutong.app.packing import PackingProcess
packing = PackingProcess(sys.argv[1], Path(sys.argv[1]))
while packing.process is None:
    time.sleep(0.01)
print(packing.process, flush=True)
time.sleep(60)
"""


def test_the_process_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    filled(tmp_path, tmp_path).close()
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    until(lambda: gone(child))


def test_datastreams_have_a_counter_of_their_own(tmp_path: Path) -> None:
    store = open_store(tmp_path, clock=SystemClock())
    assert [list(store.new_stream_ids(2)), list(store.new_stream_ids(1))] == [[1, 2], [3]]
    store.new_ids(5000)
    assert list(store.new_stream_ids(1)) == [4]
    with pytest.raises(Exception, match="most that a city can have"):
        store.new_stream_ids(1 << 21)
    assert list(store.new_stream_ids(1)) == [5]
    store.close()
