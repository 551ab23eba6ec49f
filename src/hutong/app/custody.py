"""The city's records in safe keeping: verify, explain, back up, restore, erase. For a city that is not being served."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hutong.app.city import RunningCity, open_city
from hutong.app.clocks import SystemClock
from hutong.engine.flow.explaining import explanation
from hutong.engine.flow.parties import erase_person
from hutong.kernel.access import SYSTEM
from hutong.kernel.case import Case
from hutong.kernel.errors import NotFound
from hutong.kernel.query import equals
from hutong.store import backup, open_store
from hutong.store.backup import Manifest
from hutong.store.city_store import CityStore
from hutong.store.restore import restore
from hutong.store.verify import Report


@contextmanager
def _store(folder: Path, database: str | None) -> Iterator[CityStore]:
    if not (folder / "city.yaml").is_file():
        raise NotFound("folder", f"{folder} holds no city.yaml", "name a city's folder")
    store = open_store(database or folder, clock=SystemClock(), folder=folder)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def _city(folder: Path, database: str | None) -> Iterator[RunningCity]:
    running = open_city(folder, SystemClock(), database=database)
    try:
        yield running
    finally:
        running.close()


def verify_city(folder: Path, database: str | None) -> Report:
    """The whole journal, every row it tells of, and the signed checkpoints."""
    with _store(folder, database) as store:
        return store.verify()


def explain_case(folder: Path, number: str, language: str, database: str | None) -> str:
    """The journal's account of a case, by its number."""
    with _city(folder, database) as running, running.store.reader() as reader:
        found = reader.find(Case, equals("number", number), limit=1).rows
        if not found:
            raise NotFound("case", f"there is no case {number}", "give its whole number")
        return explanation(running.desk, reader, found[0]).text.text(language)


def backup_city(folder: Path, target: Path, database: str | None) -> Manifest:
    """Database, files and checkpoints at one position."""
    with _store(folder, database) as store:
        return backup(store, target)


def restore_city(source: Path, folder: Path, keys: Path, database: str | None) -> None:
    """Into a new folder (or empty database); raises Corrupt if it does not verify."""
    store = restore(source, database or folder, clock=SystemClock(), folder=folder, keys_folder=keys)
    store.close()


def erase_party(folder: Path, party: int, basis: str, database: str | None) -> None:
    """A person becomes unreadable everywhere."""
    with _city(folder, database) as running:
        erase_person(running.desk, party, basis, SYSTEM)
