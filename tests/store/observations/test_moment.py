"""The newest rows as they were at a past moment, against a plain search."""

from __future__ import annotations

import numpy as np
import pytest
from tests.store.observations.test_observations import LANE, START, observations, packed, put

from hutong.kernel.base import DAY, HOUR, MINUTE
from hutong.kernel.observation import ObservationBatch, Quality, batch
from hutong.store.transaction import Database


def _naive(rows: list[tuple[int, int, float]], at: int) -> dict[int, tuple[int, float]]:
    newest: dict[int, tuple[int, float]] = {}
    for stream, time, number in rows:
        if time <= at and (stream not in newest or time >= newest[stream][0]):
            newest[stream] = (time, number)
    return newest


@pytest.mark.parametrize("hours", [0.5, 5, 26, 24 * 50])
@pytest.mark.parametrize("pack", [False, True])
def test_equals_a_plain_search(database: Database, hours: float, pack: bool) -> None:
    random = np.random.default_rng(7)
    store = observations()
    rows: list[tuple[int, int, float]] = []
    for stream, every in ((3, MINUTE), (5, 7 * HOUR), (8, 2 * DAY), (9, 20 * DAY)):
        times = START + np.arange(0, 60 * DAY, every)[:4000] + random.integers(0, MINUTE)
        numbers = random.normal(size=len(times))
        put(database, store, batch("test", np.full(len(times), stream), times, numbers))
        rows += list(zip([stream] * len(times), times.tolist(), numbers.tolist(), strict=True))
    if pack:
        packed(database, store)
    at = START + int(hours * HOUR)
    with database.read() as tx:
        found = store.latest_at(tx, LANE, np.array([9, 3, 5, 8, 77]), at)
    got = {
        s: (t, n)
        for s, t, n in zip(found.stream.tolist(), found.time.tolist(), found.number.tolist(), strict=True)
    }
    assert got == _naive(rows, at)


def test_text_and_amended_rows_count(database: Database) -> None:
    store = observations()
    text = ObservationBatch(
        "form", np.array([4]), np.array([START]), np.array([np.nan]), np.zeros(1, np.uint8), texts={0: "积水"}
    )
    put(database, store, text)
    (first, second) = put(database, store, batch("form", [6, 6], [START, START + MINUTE], [1.0, 2.0]))
    with database.write() as tx:
        store.amend(tx, LANE, second, None, START)
        store.amend(tx, LANE, first, batch("form", [6], [START + 2 * MINUTE], [9.0]), START)
    with database.read() as tx:
        found = store.latest_at(tx, LANE, np.array([4, 6]), START + 3 * HOUR)
        before = store.latest_at(tx, LANE, np.array([4, 6]), START + MINUTE)
    assert found.stream.tolist() == [4, 6]
    assert found.time.tolist() == [START, START + 2 * MINUTE]
    assert before.stream.tolist() == [4]


def test_a_doubted_last_row_is_still_the_newest(database: Database) -> None:
    """Streams silent for hours whose last row no aggregate counts, in an hour of its own or beside others."""
    store = observations()
    for stream, doubted in ((3, START + 2 * HOUR), (4, START + MINUTE)):
        rows = batch("test", [stream] * 2, [START, doubted], [1.0, 9.99], [0, Quality.OUT_OF_RANGE])
        put(database, store, rows)
    for pack in (False, True):
        if pack:
            packed(database, store)
        with database.read() as tx:
            found = store.latest_at(tx, LANE, np.array([3, 4]), START + 9 * HOUR)
            hours = store.rollups(tx, LANE, np.array([3, 4]), START, START + DAY, HOUR)
        assert found.time.tolist() == [START + 2 * HOUR, START + MINUTE]
        assert found.number.tolist() == [9.99, 9.99]
        assert hours.stream.tolist() == [3, 4]
        assert hours.n.tolist() == [1, 1]
        assert hours.max.tolist() == [1.0, 1.0]
