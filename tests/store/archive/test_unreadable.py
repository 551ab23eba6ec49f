"""What retention deletes from a SQLite city cannot be read from the file's free pages."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from hutong.kernel.base import DAY, HOUR, SECOND
from hutong.kernel.clock import FixedClock
from hutong.kernel.observation import ObservationBatch
from hutong.store import open_store
from hutong.store.archive.thinning import Drop, Thinner
from hutong.store.city_store import CityStore
from hutong.store.observations import Observations

START = 1_767_225_600_000_000
COUNT = 86_400


def filled(folder: Path) -> CityStore:
    """A day of one stream, a row a second, of numbers that do not compress."""
    store = open_store(folder, clock=FixedClock(START + DAY))
    store.observations = Observations(
        lambda tx, lane, streams: np.zeros(len(streams), np.uint8), store.archive
    )
    numbers = np.random.default_rng(1).normal(size=COUNT)
    times = START + np.arange(COUNT) * SECOND
    rows = ObservationBatch("test", np.full(COUNT, 3), times, numbers, np.zeros(COUNT, np.uint8))
    with store.database.write() as tx:
        store.observations.append(tx, 1, rows)
        store.observations.flush(tx, 1, START)
    return store


def blobs(store: CityStore) -> list[bytes]:
    """A piece out of the middle of every stored chunk and segment of rows."""
    with store.database.read() as tx:
        found = tx.rows("SELECT data FROM observation_chunk UNION ALL SELECT data FROM observation_segment")
    return [bytes(data)[len(data) // 2 :][:200] for (data,) in found if len(data) > 10_000]


def test_deleted_rows_are_not_in_the_file(tmp_path: Path) -> None:
    store = filled(tmp_path / "city")
    (packer,) = store.packers()
    told = blobs(store)
    assert packer.pack_all()
    told += blobs(store)
    thinner = Thinner(packer, store.database, 1, store.observations, store.archive, "UTC")
    assert thinner.thin(Drop(np.array([3]), START + DAY + HOUR, 0)) == COUNT
    while packer.step():
        pass
    assert blobs(store) == []
    packer.leave_lease()
    store.close()
    left = (tmp_path / "city" / "city.db").read_bytes()
    assert len(told) >= 5
    assert not [piece for piece in told if piece in left]
