"""`kill -9` while observations are packed and merged: what was acknowledged is there, once."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from tests_faults.night_process import kill
from tests_faults.outcomes import copied, doubled, journalled, stored
from tests_faults.town import GAUGES, made, reached

from hutong.kernel.seeded import rng

ROOT = Path(__file__).resolve().parents[1]
MINUTES = (20, 120)
"""How many minutes a run lives, least and most."""


def run_and_kill(folder: Path, minutes: int, later: float) -> int:
    """Feeds until so many minutes are acknowledged, kills a little later; the last acknowledged minute."""
    command = [sys.executable, "-m", "tests_faults.packing_process", str(folder)]
    with folder.with_suffix(".log").open("ab") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, start_new_session=True
        )
    assert process.stdout is not None
    last = -1
    for _ in range(minutes):
        line = process.stdout.readline()
        assert line, folder.with_suffix(".log").read_text()
        last = int(line)
    time.sleep(later)
    kill(process)
    rest = process.stdout.read().decode().splitlines(keepends=True)
    return max([last, *(int(line) for line in rest if line.endswith("\n"))])


def test_killed_while_packing(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    folder = tmp_path / "city"
    made(folder)
    draw = rng(request.config.getoption("--seed"), "packing")
    runs = 0
    for _ in range(request.config.getoption("--kills")):
        last = run_and_kill(folder, int(draw.integers(*MINUTES)), float(draw.random()) * 0.05)
        with copied(folder, tmp_path / "look") as store:
            report = store.verify()
            assert report.sound, report.faults
            stands = reached(store)
            assert stands >= last
            kept = stored(store)
            assert len(kept.stream) == journalled(store) == (stands + 1) * GAUGES
            assert len(np.unique(np.stack([kept.stream, kept.time]), axis=1).T) == len(kept.stream)
            assert doubled(store) == []
            with store.reader() as reader:
                runs += len(reader.tx.rows("SELECT run FROM observation_run"))
    assert runs > 0
