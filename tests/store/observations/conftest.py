"""A database of either kind with nothing but the observation tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hutong.store.observations import create_tables
from hutong.store.postgresql import PostgresDatabase
from hutong.store.sqlite import SQLiteDatabase
from hutong.store.transaction import Database


@pytest.fixture
def open_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str], Database]]:
    """Opens a database of the named kind; each is made with the tables when it is first opened."""
    opened: list[Database] = []

    def open_(kind: str) -> Database:
        if kind == "sqlite":
            database: Database = SQLiteDatabase(tmp_path / "city.db")
        else:
            database = PostgresDatabase(request.getfixturevalue("empty_postgres_url"))
        if not opened:
            with database.write() as tx:
                create_tables(tx)
        opened.append(database)
        return database

    yield open_
    for database in opened:
        database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, open_database: Callable[[str], Database]) -> Database:
    return open_database(request.param)
