"""The scoring of `benchmarks/nab.py` against what the benchmark's description fixes."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hutong.kernel.base import MINUTE

SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "nab.py"
specification = importlib.util.spec_from_file_location("benchmark_nab", SCRIPT)
assert specification is not None
assert specification.loader is not None
nab: Any = importlib.util.module_from_spec(specification)
sys.modules[specification.name] = nab
specification.loader.exec_module(nab)
PROFILES, best, gathered, placed, worth = nab.PROFILES, nab.best, nab.gathered, nab.placed, nab.worth


def series(rows: int = 1000, windows: tuple[tuple[int, int], ...] = ((400, 499), (800, 849))) -> Any:
    return nab.Series("made", np.arange(rows) * 5 * MINUTE, np.zeros(rows), windows)


def test_the_worth_of_a_place() -> None:
    assert float(worth(-1.0)) == pytest.approx(0.98661, abs=1e-5)
    assert float(worth(-0.5)) == pytest.approx(0.84828, abs=1e-5)
    assert float(worth(0.0)) == 0
    assert float(worth(1.0)) == pytest.approx(-0.98661, abs=1e-5)
    assert float(worth(3.1)) == -1


def test_the_first_row_of_a_window_is_worth_one_and_a_row_before_any_window_costs_all() -> None:
    value, window = placed(series())
    assert value[400] == pytest.approx(1)
    assert value[399] == -1
    assert window[399:402].tolist() == [-1, 0, 0]
    assert -0.1 < value[500] < 0
    assert value[500] > value[550] > value[790] > -1.001


def test_the_perfect_detector_has_100_and_the_silent_one_0() -> None:
    one = series()
    perfect = np.zeros(1000)
    perfect[[400, 800]] = 1
    for profile in PROFILES:
        assert best(gathered([one], [perfect]), profile)[0] == pytest.approx(100)
        assert best(gathered([one], [np.zeros(1000)]), profile)[0] == pytest.approx(0)


def test_probation_does_not_count() -> None:
    early = np.zeros(1000)
    early[[10, 149]] = 1
    assert best(gathered([series()], [early]), PROFILES[0]) == (0, np.inf)
    assert series().probation == 150
    assert series(9000).probation == 750


def test_false_detections_cost_by_profile() -> None:
    found = np.zeros(1000)
    found[[400, 800]] = 0.9
    found[200] = 1.0
    low_false = best(gathered([series()], [found]), PROFILES[1])[0]
    assert low_false == pytest.approx(100 * (2 - 0.22 + 2) / 4)
    assert best(gathered([series()], [found]), PROFILES[0])[0] == pytest.approx(100 * (2 - 0.11 + 2) / 4)
    assert best(gathered([series()], [found]), PROFILES[2])[0] == pytest.approx(100 * (2 - 0.11 + 4) / 6)
