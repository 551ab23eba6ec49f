"""A city's archive and retention: sealed, listed, verified, and deleted with a record of the journal."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hutong.app.archiving import archive_now, archived, verify_archive
from hutong.app.city import open_city
from hutong.app.clocks import SystemClock
from hutong.app.retention import retain_now
from hutong.kernel.base import HOUR
from hutong.kernel.changes import Changes, Record
from hutong.kernel.errors import Conflict, Unavailable
from hutong.kernel.observation import ObservationBatch
from hutong.kernel.thing import Datastream
from hutong.loader.city import load_city
from hutong.loader.osm import build_city
from hutong.loader.problem import Faulty

EXTRACT = Path(__file__).resolve().parents[1] / "loader" / "osm" / "village.osm"
RETENTION = 'retention: [{property: "*", rows_days: %d, least_days: 30, source: city rule}]\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Ninety days of one stream, a row an hour."""
    folder = build_city("village", EXTRACT, "310101", tmp_path / "village").folder
    with (folder / "city.yaml").open("a", encoding="utf-8") as file:
        file.write(RETENTION % 60)
    running = open_city(folder, SystemClock())
    try:
        id = running.store.new_stream_ids(1)[0]
        stream = Datastream(
            id=id, name="level", thing=1, sensor=1, observed_property=1, property_code="level"
        )
        hours = np.arange(90 * 24, 0, -1)
        times = (running.clock.city_time() - hours * HOUR).astype(np.int64)
        none = np.zeros(len(hours), np.uint8)
        rows = ObservationBatch("test", np.full(len(hours), id), times, hours / 10, none)
        now, subjects = running.clock.city_time(), (("datastream", id),)
        record = Record(kind="datastream.add", actor=1, at=now, subjects=subjects)
        running.store.apply(Changes(puts=(stream,), records=(record,)))
        running.store.apply(Changes(batches=(rows,)))
    finally:
        running.close()
    return folder


def test_sealed_days_are_listed_verified_and_a_changed_file_is_found(folder: Path) -> None:
    shares: list[float] = []
    files = archive_now(folder, None, None, lambda label, share: shares.append(share))
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    assert shares == sorted(shares)
    while more := archive_now(folder, None, None):
        files += more
    assert len(files) in (60, 61)
    assert archived(folder, None) == files
    assert verify_archive(folder, None) == (len(files), [])
    path = folder / "archive" / "observations" / files[0].file
    path.write_bytes(path.read_bytes() + b"x")
    found, faults = verify_archive(folder, None)
    assert (found, len(faults)) == (len(files), 1)
    assert files[0].file in faults[0]


def test_a_served_city_is_left_alone(folder: Path) -> None:
    running = open_city(folder, SystemClock())
    try:
        running.store.packers()[0].take_lease()  # Unless its own threads hold it already.
        with pytest.raises(Conflict, match=r"packed by a running server.*it archives by itself"):
            archive_now(folder, None, None)
        with pytest.raises(Unavailable, match="the city is open in process"):
            retain_now(folder, None)
    finally:
        running.close()


def test_fewer_days_than_the_statutory_least_are_refused(folder: Path) -> None:
    city = folder / "city.yaml"
    city.write_text(city.read_text("utf-8").replace("rows_days: 60", "rows_days: 7"), "utf-8")
    with pytest.raises(Faulty, match="fewer than the least, 30 by city rule"):
        load_city(folder)
