"""Sealed days as Parquet: other tools read them, a crash leaves nothing double, and a backup takes them along."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import numpy as np
import pytest

from hutong.kernel.base import DAY, MINUTE
from hutong.kernel.clock import FixedClock
from hutong.kernel.errors import Corrupt, NotFound
from hutong.kernel.observation import ObservationBatch
from hutong.store import backup, open_store
from hutong.store.archive.files import ArchiveFiles, named_files
from hutong.store.archive.hourly import HourlyMerger
from hutong.store.archive.sealing import Sealer
from hutong.store.archive.thinning import Drop, Thinner
from hutong.store.city_store import CityStore
from hutong.store.observations import Observations, Packer
from hutong.store.observations.snapshot import THINNED
from hutong.store.restore import restore

START = 1_767_225_600_000_000 - 8 * 60 * MINUTE
"""Midnight in Shanghai."""
STREAMS = np.array([3, 4, 9])
DAYS = 5


@pytest.fixture(params=["sqlite", "postgresql"])
def filled(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[CityStore]:
    """Five days of three streams, one row a minute; the last stream says words."""
    folder = tmp_path / "city"
    place = str(folder) if request.param == "sqlite" else request.getfixturevalue("empty_postgres_url")
    store = open_store(place, clock=FixedClock(START + DAYS * DAY), folder=folder)
    store.observations = Observations(
        lambda tx, lane, streams: np.zeros(len(streams), np.uint8), store.archive
    )
    count = DAYS * 1440
    stream = np.repeat(STREAMS, count)
    time = np.tile(START + np.arange(count) * MINUTE, 3)
    number = np.where(stream == 9, np.nan, np.arange(3 * count) / 10)
    texts = dict.fromkeys(range(2 * count, 3 * count), "积水")
    parameters = {0: {"method": "手工"}}
    rows = ObservationBatch(
        "test", stream, time, number, np.zeros(len(stream), np.uint8), texts=texts, parameters=parameters
    )
    with store.database.write() as tx:
        store.observations.append(tx, 1, rows)
        store.observations.flush(tx, 1, START)
    yield store
    store.abandon()


def sealer_of(store: CityStore) -> tuple[Sealer, Packer]:
    packer = store.packers()[0]
    while packer.step(all_of_it=True):
        pass
    return Sealer(packer, store.database, 1, store.observations, store.archive, "Asia/Shanghai"), packer


def sealed(store: CityStore) -> None:
    sealer, packer = sealer_of(store)
    while sealer.seal(START + 3 * DAY + 5 * MINUTE):
        pass
    packer.leave_lease()


def everything(store: CityStore) -> ObservationBatch:
    with store.reader() as reader:
        return reader.scan(STREAMS, START, START + DAYS * DAY)


def named(store: CityStore) -> list[str]:
    with store.database.read() as tx:
        return [kept.file for kept in named_files(tx)]


def same(first: ObservationBatch, second: ObservationBatch) -> bool:
    names = ("stream", "time", "sequence", "number", "quality")
    equal = [
        np.array_equal(getattr(first, one), getattr(second, one), equal_nan=one == "number") for one in names
    ]
    return all(equal) and first.texts == second.texts and first.parameters == second.parameters


def test_days_of_the_city_become_files_that_duckdb_sums(filled: CityStore) -> None:
    before = everything(filled)
    sealed(filled)
    assert [name.split("/")[:2] for name in named(filled)] == [
        [f"date=2026-01-0{day}", "lane=1"] for day in (1, 2, 3)
    ]
    assert same(everything(filled), before)
    found = duckdb.sql(
        f"SELECT date::VARCHAR, count(*), sum(number), count(text) FROM "
        f"read_parquet('{filled.archive.folder}/**/*.parquet', hive_partitioning = true) GROUP BY 1 ORDER BY 1"
    ).fetchall()
    for turn, (date, rows, total, texts) in enumerate(found):
        mine = (before.time >= START + turn * DAY) & (before.time < START + (turn + 1) * DAY)
        assert (date, rows, texts) == (f"2026-01-0{turn + 1}", 3 * 1440, 1440)
        assert total == pytest.approx(np.nansum(before.number[mine]), abs=1e-6)


def test_a_stop_between_file_and_commit_leaves_no_double(
    filled: CityStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = everything(filled)
    sealer, packer = sealer_of(filled)
    with monkeypatch.context() as broken:
        broken.setattr(Sealer, "_swap", _killed)
        with pytest.raises(KeyboardInterrupt):
            sealer.seal(START + 3 * DAY)
    packer.leave_lease()
    orphans = list(filled.archive.folder.rglob("*.parquet"))
    assert len(orphans) == 3
    assert named(filled) == []
    assert same(everything(filled), before)
    sealed(filled)
    assert same(everything(filled), before)
    filled.archive.sweep(1, named(filled), after=0.0)
    assert sorted(filled.archive.folder.rglob("*.parquet")) == [
        filled.archive.folder / name for name in named(filled)
    ]


def _killed(*_: object) -> bool:
    raise KeyboardInterrupt


def test_late_rows_join_their_day_and_amendments_lie_over_the_file(filled: CityStore) -> None:
    sealed(filled)
    files = set(named(filled))
    late = ObservationBatch(
        "late", np.array([4]), np.array([START + 30]), np.array([-5.0]), np.zeros(1, np.uint8)
    )
    with filled.database.write() as tx:
        filled.observations.append(tx, 1, late)
        filled.observations.flush(tx, 1, START)
        filled.observations.amend(tx, 1, 3 << 32 | 1, None, START)
    sealed(filled)
    assert len(set(named(filled)) - files) == 1
    with filled.reader() as reader:
        assert reader.observations(4, limit=2).number.tolist() == [720.0, -5.0]
        assert reader.observations(3, limit=1).sequence is not None
        assert int(reader.observations(3, limit=1).time[0]) == START + MINUTE


def test_a_changed_file_is_found_and_a_backup_takes_files_along(
    filled: CityStore, tmp_path: Path, make_place: Callable[[CityStore], str]
) -> None:
    before = everything(filled)
    sealed(filled)
    backup(filled, tmp_path / "backup")
    again = restore(
        tmp_path / "backup",
        make_place(filled),
        clock=filled.clock,
        folder=tmp_path / "again",
        keys_folder=tmp_path / "city" / "keys",
    )
    again.observations = Observations(
        lambda tx, lane, streams: np.zeros(len(streams), np.uint8), again.archive
    )
    assert same(everything(again), before)
    again.abandon()
    with filled.database.read() as tx:
        first = named_files(tx)[0]
    path = filled.archive.folder / first.file
    path.write_bytes(path.read_bytes()[:-9] + b"x" * 9)
    with pytest.raises(Corrupt, match="not what was written"):
        ArchiveFiles(filled.archive.folder).check(first)


@pytest.fixture
def make_place(tmp_path: Path) -> Callable[[CityStore], str]:
    """Backups may go to the other kind of database: here always SQLite."""
    return lambda store: str(tmp_path / "again")


def test_rows_whose_time_is_over_go_and_their_hourly_values_stay(filled: CityStore) -> None:
    sealed(filled)
    hour = 60 * MINUTE
    span = (START, START + DAYS * DAY)
    with filled.database.write() as tx:
        filled.observations.amend(tx, 1, 3 << 32 | 1, None, START)
    with filled.reader() as reader:
        before = reader.rollups(STREAMS, *span, hour)
    packer = filled.packers()[0]
    assert packer.take_lease()
    thinner = Thinner(packer, filled.database, 1, filled.observations, filled.archive, "Asia/Shanghai")
    drop = Drop(np.array([3, 9]), START + 4 * DAY, START)
    assert thinner.thin(drop) == 2 * 4 * 1440 - 1
    assert thinner.thin(drop) == 0
    left = everything(filled)
    assert np.bincount(left.stream).tolist() == [0, 0, 0, 1440, DAYS * 1440, 0, 0, 0, 0, 1440]
    with filled.reader() as reader:
        assert reader.rows_since(STREAMS) == START + 4 * DAY
        assert reader.rows_since(STREAMS, START + 4 * DAY) is None
        assert reader.rows_since(STREAMS, START, START + DAY) == START + DAY
        assert [reader.rows_since(np.array([one])) for one in (4, 9)] == [None, None]
        with pytest.raises(NotFound, match="there is no observation"):
            reader.observation(3 << 32 | 7)
    with filled.reader() as reader:
        after = reader.rollups(STREAMS, *span, hour)
        assert reader.latest(STREAMS).stream.tolist() == [3, 4, 9]
    for name in ("stream", "start", "n", "sum", "min", "max", "first", "last"):
        np.testing.assert_allclose(getattr(after, name), getattr(before, name), rtol=1e-12)
    with filled.database.read() as tx:
        assert tx.rows("SELECT sequence FROM observation_amend") == []
    thinner.thin(Drop(np.array([3]), START + DAYS * DAY, START + 4 * DAY))
    with filled.reader() as reader:
        assert reader.rollups(np.array([3]), *span, hour).start.min() == START + 4 * DAY
        assert reader.latest(np.array([3])).stream.tolist() == []
    filled.archive.sweep(1, named(filled), after=0.0)
    found = duckdb.sql(
        f"SELECT DISTINCT stream FROM read_parquet('{filled.archive.folder}/**/*.parquet')"
    ).fetchall()
    assert found == [(4,)]


def test_runs_of_hourly_values_are_merged(filled: CityStore) -> None:
    sealed(filled)
    hour = 60 * MINUTE
    span = (START, START + DAYS * DAY)
    with filled.reader() as reader:
        before = reader.rollups(STREAMS, *span, hour)
    packer = filled.packers()[0]
    assert packer.take_lease()
    thinner = Thinner(packer, filled.database, 1, filled.observations, filled.archive, "Asia/Shanghai")
    for turn in range(1, 10):
        thinner.thin(Drop(STREAMS, START + turn * 12 * hour, 0))
    assert hourly_runs(filled) >= 9
    merger = HourlyMerger(packer, filled.observations)
    while merger.step():
        pass
    assert hourly_runs(filled) < 8
    while packer.step():
        pass
    with filled.reader() as reader:
        after = reader.rollups(STREAMS, *span, hour)
        assert reader.rows_since(STREAMS) == START + 9 * 12 * hour
    for name in ("stream", "start", "n", "sum", "min", "max", "first", "last"):
        np.testing.assert_allclose(getattr(after, name), getattr(before, name), rtol=1e-12)


def hourly_runs(store: CityStore) -> int:
    with store.database.read() as tx:
        return len(tx.rows("SELECT run FROM observation_run WHERE level >= ?", (THINNED,)))
