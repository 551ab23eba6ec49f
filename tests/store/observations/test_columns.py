"""The column codec gives back what it was given, and says so if the bytes were changed."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutong.kernel.errors import Corrupt
from hutong.store.observations.columns import decode, encode

INTS = st.lists(st.integers(-(2**63), 2**63 - 1), max_size=70)
STAMPS = st.lists(st.integers(0, 4_000_000), min_size=17, max_size=70)
NUMBERS = st.lists(st.floats(width=64), max_size=70)
DECIMALS = st.lists(st.integers(-(10**7), 10**7), max_size=70)


@given(INTS)
def test_integers_are_exact(values: list[int]) -> None:
    columns, _ = decode(encode({"a": np.array(values, np.int64)}))
    assert columns["a"].tolist() == values


@given(STAMPS, st.sampled_from([1, 1_000, 1_000_000, 60_000_000]))
def test_times_are_exact_in_any_unit(values: list[int], unit: int) -> None:
    times = [1_767_225_600_000_000 // unit * unit + value * unit for value in values]
    columns, _ = decode(encode({"time": np.array(times, np.int64)}))
    assert columns["time"].tolist() == times


@given(NUMBERS)
def test_numbers_are_exact_to_the_bit(values: list[float]) -> None:
    column = np.array(values, np.float64)
    column[np.isnan(column)] = np.nan
    columns, _ = decode(encode({"number": column}))
    assert columns["number"].view(np.int64).tolist() == column.view(np.int64).tolist()


@given(DECIMALS, st.integers(0, 6), st.booleans())
def test_decimals_are_exact(values: list[int], decimals: int, gap: bool) -> None:
    numbers = [value / 10**decimals for value in values] + ([math.nan] if gap else [])
    columns, _ = decode(encode({"number": np.array(numbers)}))
    assert [repr(one) for one in columns["number"].tolist()] == [repr(one) for one in numbers]


def test_regular_readings_take_about_a_byte_each() -> None:
    time = np.arange(10_000) * 10_000_000 + 1_767_225_600_000_000
    level = np.round(2.5 + np.sin(np.arange(10_000) / 500), 2)
    blob = encode({"time": time, "number": level, "quality": np.zeros(10_000, np.uint8)})
    assert len(blob) < 10_000


def test_objects_come_along() -> None:
    objects = {"texts": {3: "井盖丢失"}, "parameters": {0: {"depth": 1.5, "seen": [1, None]}}}
    assert decode(encode({}, objects))[1] == objects


def test_changed_bytes_are_reported() -> None:
    blob = bytearray(encode({"time": np.arange(100)}))
    blob[len(blob) // 2] ^= 0xFF
    with pytest.raises(Corrupt):
        decode(bytes(blob))
    with pytest.raises(Corrupt):
        decode(bytes(blob[:10]))


@pytest.mark.parametrize("bits", [7, 15, 31, 40, 62])
@pytest.mark.parametrize("wide", [0, 3, 400])
def test_few_large_steps_among_small_ones_are_exact(bits: int, wide: int) -> None:
    """As times of many streams in one block: small steps in a stream, a large one to the next."""
    random = np.random.default_rng(bits)
    steps = random.integers(-(2**bits), 2**bits, 1000)
    steps[random.integers(0, 1000, wide)] = random.integers(-(2**61), 2**61, wide)
    column = np.cumsum(steps)
    columns, _ = decode(encode({"a": column, "other": column}), {"a"})
    assert list(columns) == ["a"]
    assert columns["a"].tolist() == column.tolist()
