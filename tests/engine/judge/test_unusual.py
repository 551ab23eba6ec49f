"""The method behind `unusual`: what it finds, that batches and restarts change nothing, and that it keeps to the season."""

from __future__ import annotations

from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from hutong.engine.judge.unusual import Unusual, Usual
from hutong.kernel.base import DAY, HOUR, MINUTE, SECOND

MONDAY = 1_783_900_800 * SECOND
"""2026-07-13 00:00 UTC."""
WEEKS = 4
STEP = 5 * MINUTE


def days(seed: int, count: int = WEEKS * 7) -> tuple[np.ndarray, np.ndarray]:
    """A daily swing with noise: times and values."""
    time = MONDAY + np.arange(count * DAY // STEP) * STEP
    swing = 10 + 5 * np.sin(2 * np.pi * (time % DAY) / DAY)
    return time, swing + np.random.default_rng(seed).normal(0, 0.5, len(time))


def test_a_noon_value_at_midnight_is_unusual_with_a_season_and_not_without() -> None:
    time, value = days(1)
    night = np.flatnonzero(time >= MONDAY + 25 * DAY)[:24]
    value[night] = value.max() * 0.98
    stream = np.zeros(len(time), np.int64)
    seasonal = Usual(1, Unusual("day")).judged(stream, time, value)
    flat = Usual(1, Unusual("none")).judged(stream, time, value)
    quiet = seasonal[night[0] - 3 * DAY // STEP : night[0]]
    assert quiet.max() < 4
    assert seasonal[night].max() > 5
    assert flat[night].max() < 3


def test_nothing_is_said_before_it_has_learnt() -> None:
    time, value = days(2)
    value[500:520] = 1000
    score = Usual(1, Unusual("day", silent=7 * DAY)).judged(np.zeros(len(time), np.int64), time, value)
    assert (score[time < MONDAY + 7 * DAY] == 0).all()
    assert (score[time >= MONDAY + 7 * DAY] > 0).all()


@pytest.mark.parametrize("season", ["none", "day", "week"])
def test_batches_change_nothing(season: str) -> None:
    time, values = days(3)[0], [days(seed)[1] for seed in (3, 4, 5)]
    stream = np.tile([0, 1, 2], len(time))
    times, value = np.repeat(time, 3), np.stack(values, axis=1).ravel()
    wanted = Unusual(season, silent=0)  # type: ignore[arg-type]
    whole = Usual(3, wanted).judged(stream, times, value)
    cut = Usual(3, wanted)
    borders = [0, 7, 1000, 1001, 9999, 20_000, len(times)]
    parts = [cut.judged(stream[a:b], times[a:b], value[a:b]) for a, b in pairwise(borders)]
    np.testing.assert_allclose(np.concatenate(parts), whole, rtol=1e-9, atol=1e-12)
    alone = Usual(1, wanted).judged(stream[1::3] * 0, times[1::3], value[1::3])
    np.testing.assert_allclose(alone, whole[1::3], rtol=1e-9, atol=1e-12)


def test_a_restart_changes_nothing() -> None:
    time, value = days(6)
    stream = np.zeros(len(time), np.int64)
    wanted = Unusual("week", silent=0)
    whole = Usual(1, wanted).judged(stream, time, value)
    half = len(time) // 2 + 5
    before = Usual(1, wanted)
    before.judged(stream[:half], time[:half], value[:half])
    after = Usual(1, wanted)
    assert after.restore(0, before.stored(0))
    again = np.flatnonzero(time > after.newest_before[0])
    np.testing.assert_allclose(
        after.judged(stream[again], time[again], value[again]), whole[again], rtol=1e-9, atol=1e-12
    )
    assert again[0] < half


def test_another_season_does_not_take_over_a_stored_baseline() -> None:
    stored = Usual(1, Unusual("week")).stored(0)
    assert not Usual(1, Unusual("day")).restore(0, stored)


def test_a_row_out_of_order_neither_teaches_nor_is_scored() -> None:
    time, value = days(7)
    stream = np.zeros(len(time), np.int64)
    wanted = Unusual("day", silent=0)
    usual = Usual(1, wanted)
    usual.judged(stream, time, value)
    stored = usual.stored(0)
    late = usual.judged(np.zeros(1, np.int64), time[-2:-1] - 1, np.array([1e6]))
    assert np.isnan(late).all()
    assert usual.stored(0) == stored


def test_the_season_is_that_of_the_citys_zone() -> None:
    usual = Usual(1, Unusual("week"), ZoneInfo("Asia/Shanghai"))
    place = usual._place(usual._local(np.array([MONDAY, MONDAY - 9 * HOUR])) // HOUR)
    assert place.tolist() == [8, 24 + 23]


def test_weekends_have_levels_of_their_own() -> None:
    time, value = days(8)
    usual = Usual(1, Unusual("week", silent=0))
    rest = ((time // DAY) + 3) % 7 >= 5
    value[rest] -= 8
    score = usual.judged(np.zeros(len(time), np.int64), time, value)
    late = time >= MONDAY + 21 * DAY
    assert score[late].max() < 4
    without = Usual(1, Unusual("day", silent=0)).judged(np.zeros(len(time), np.int64), time, value)
    assert usual.level[0, 34] == pytest.approx(usual.level[0, 10] - 8, abs=0.5)
    assert abs(without[late]).max() > 0


def test_an_incident_teaches_little() -> None:
    time, value = days(9)
    usual = Usual(1, Unusual("day", silent=0))
    broken = (time >= MONDAY + 20 * DAY) & (time < MONDAY + 20 * DAY + 6 * HOUR)
    value[broken] = 500
    usual.judged(np.zeros(len(time), np.int64), time, value)
    assert usual.level.max() < 20
