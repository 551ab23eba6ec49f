"""Backups are taken while writing goes on, and restore into either database."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import shapely
from tests.store.conftest import Put
from tests.store.samples import a_case, changes, manhole, person, stream

from hutong.kernel.changes import Changes
from hutong.kernel.clock import FixedClock
from hutong.kernel.errors import Corrupt, Invalid
from hutong.kernel.observation import batch
from hutong.kernel.party import Party
from hutong.kernel.query import Matches, Within
from hutong.kernel.thing import Thing
from hutong.store import CityStore, backup, restore


@pytest.fixture(params=["sqlite", "postgresql"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return str(tmp_path / "restored")
    return str(request.getfixturevalue("postgres_url_2"))


@pytest.fixture
def postgres_url_2(postgres_databases: Callable[..., object]) -> Iterator[str]:
    with postgres_databases() as url:  # type: ignore[attr-defined]
        yield url


def fill(store: CityStore, put: Put) -> str:
    put(manhole(1, geometry=shapely.to_wkb(shapely.Point(121.5, 31.2))), person(3), stream(9))
    put(a_case(5, subject=3, contact="弄堂口"))
    store.apply(Changes(batches=(batch("x", [9] * 5, range(5), [0.5] * 5),)))
    return store.files.put(b"photo")


def test_a_restored_store_verifies_and_goes_on(
    store: CityStore, put: Put, target: str, tmp_path: Path, clock: FixedClock
) -> None:
    digest = fill(store, put)
    last = store.new_ids(300)[-1]
    manifest = backup(store, tmp_path / "backup")
    put(manhole(2))
    shutil.copytree(tmp_path / "city" / "keys", tmp_path / "restored" / "keys")
    again = restore(tmp_path / "backup", target, clock=clock, folder=tmp_path / "restored")
    with again.reader() as reader:
        assert reader.head() == manifest.heads[0].position
        assert reader.get(Party, 3).person_name == "欧阳若曦"
        assert [row.id for row in reader.find(Thing, Within((121, 31, 122, 32))).rows] == [1]
        assert [row.id for row in reader.find(Thing, Matches("检查井")).rows] == [1]
        assert reader.observations(9).number.tolist() == [0.5] * 5
        assert reader.counters("case.state") == {"urban.case/handling": 1}
    assert again.files.get(digest) == b"photo"
    assert again.new_ids(1)[0] > last
    again.apply(changes(manhole(77)))
    again.apply(Changes(batches=(batch("x", [9], [9], [0.75]),)))
    with again.reader() as reader:
        assert reader.observations(9).number.tolist() == [0.5] * 5 + [0.75]
    assert again.verify().sound
    again.close()


def test_a_backup_under_writing_is_at_one_position(
    store: CityStore, tmp_path: Path, clock: FixedClock
) -> None:
    stop = threading.Event()

    def write() -> None:
        for id in range(1, 100_000):
            store.apply(changes(manhole(id)))
            if stop.is_set():
                return

    writer = threading.Thread(target=write)
    writer.start()
    while store.database.dialect and _head(store) < 20:
        pass
    manifest = backup(store, tmp_path / "backup")
    stop.set()
    writer.join()
    keys = tmp_path / "city" / "keys"
    again = restore(tmp_path / "backup", tmp_path / "restored", clock=clock, keys_folder=keys)
    with again.reader() as reader:
        assert reader.head() == manifest.heads[0].position == reader.count(Thing, at_most=100_000)
    again.close()
    assert store.verify().sound


def _head(store: CityStore) -> int:
    with store.reader() as reader:
        return reader.head()


def test_a_damaged_backup_is_refused(store: CityStore, put: Put, tmp_path: Path, clock: FixedClock) -> None:
    fill(store, put)
    backup(store, tmp_path / "backup")
    part = tmp_path / "backup" / "tables" / "thing.rows"
    part.write_bytes(part.read_bytes()[:-3])
    keys = tmp_path / "city" / "keys"
    with pytest.raises(Corrupt):
        restore(tmp_path / "backup", tmp_path / "restored", clock=clock, keys_folder=keys)
    with pytest.raises(Invalid, match="not empty"):
        backup(store, tmp_path / "backup")
    with pytest.raises(Invalid, match="no finished backup"):
        restore(tmp_path / "nowhere", tmp_path / "restored2", clock=clock)


def test_a_backup_holds_no_keys(store: CityStore, put: Put, tmp_path: Path) -> None:
    fill(store, put)
    backup(store, tmp_path / "backup")
    names = {path.name for path in (tmp_path / "backup").rglob("*")}
    assert not names & {"master.key", "parties.keys", "checkpoint.key"}
    secrets = [(tmp_path / "city" / "keys" / name).read_bytes() for name in ("master.key", "checkpoint.key")]
    for path in (tmp_path / "backup").rglob("*"):
        if path.is_file():
            assert not [secret for secret in secrets if secret in path.read_bytes()]
