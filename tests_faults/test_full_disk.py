"""A full disk refuses in words, leaves nothing half done, and is forgotten once there is room."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
from tests_faults.outcomes import doubled, journalled, stored
from tests_faults.town import GAUGES, made

from hutong.kernel.clock import FixedClock
from hutong.store import open_store

ROOT = Path(__file__).resolve().parents[1]


def test_full_disk(tmp_path: Path) -> None:
    folder = tmp_path / "city"
    made(folder)
    command = [sys.executable, "-m", "tests_faults.full_disk_process", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["refused"].startswith("Unavailable store: the database refused")
    assert told["stood"] == told["number"] - 1
    store = open_store(folder, clock=FixedClock(0))
    try:
        assert store.verify().sound
        assert doubled(store) == []
        kept = stored(store)
        assert len(kept.stream) == journalled(store) == (told["end"] + 1) * GAUGES
        assert len(np.unique(np.stack([kept.stream, kept.time]), axis=1).T) == len(kept.stream)
    finally:
        store.close()
