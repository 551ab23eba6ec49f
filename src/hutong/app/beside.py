"""The store of a city beside whoever serves it: for reading, and for work that needs no desk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hutong.app.clocks import SystemClock
from hutong.kernel.errors import NotFound
from hutong.store import open_store
from hutong.store.city_store import CityStore
from hutong.store.opening import DATABASE


@contextmanager
def beside(folder: Path, database: str | None) -> Iterator[CityStore]:
    """NotFound if the folder is no city, or has no records yet."""
    if not (folder / "city.yaml").is_file():
        raise NotFound("folder", f"{folder} holds no city.yaml", "name a city's folder")
    if database is None and not (folder / DATABASE).is_file():
        raise NotFound("folder", f"{folder} has no records yet", "start the city once, or give --database")
    store = open_store(database or folder, clock=SystemClock(), folder=folder, beside=True)
    try:
        yield store
    finally:
        store.abandon()
