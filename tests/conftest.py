"""Stores to test with: every test that asks for `store` runs on SQLite and on PostgreSQL."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import hypothesis
import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from hutong.kernel.clock import FixedClock
from hutong.store import CityStore, open_store
from tests.postgres import Server, memory, running

START = 1_790_000_000_000_000
"""City time at which tests begin (September 2026)."""

TEMPLATE = "hutong_template"

hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")


def pytest_configure() -> None:
    """Tests' folders lie in memory where there is room; --basetemp says otherwise."""
    if folder := memory():
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(folder))


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(START)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """A PostgreSQL server for the whole session."""
    with running() as server:
        yield server


@pytest.fixture(scope="session")
def _postgres_template(postgres_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Server:
    """A database with the layout in it, from which each test's own is copied."""
    with psycopg.connect(postgres_server.get_uri(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {TEMPLATE}".encode())
    folder = tmp_path_factory.mktemp("template")
    open_store(postgres_server.get_uri(TEMPLATE), clock=FixedClock(START), folder=folder).close()
    return postgres_server


Databases = Callable[..., AbstractContextManager[str]]


@pytest.fixture(scope="session")
def postgres_databases(_postgres_template: Server) -> Databases:
    """Makes fresh databases that have the layout, or all that the database of a given address has; each is dropped at the
    end of its block."""
    numbers = itertools.count(1)

    @contextmanager
    def fresh(like: str | None = None) -> Iterator[str]:
        name = f"t{next(numbers)}"
        template = conninfo_to_dict(like)["dbname"] if like else TEMPLATE
        with psycopg.connect(_postgres_template.get_uri(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY".encode())
        yield _postgres_template.get_uri(name)
        with psycopg.connect(_postgres_template.get_uri(), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())

    return fresh


@pytest.fixture
def postgres_url(postgres_databases: Databases) -> Iterator[str]:
    """A fresh database that has the layout."""
    with postgres_databases() as url:
        yield url


@pytest.fixture
def empty_postgres_url(postgres_server: Server, tmp_path: Path) -> Iterator[str]:
    """A database without any table."""
    name = f"empty_{id(tmp_path)}"
    with psycopg.connect(postgres_server.get_uri(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    yield postgres_server.get_uri(name)
    with psycopg.connect(postgres_server.get_uri(), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where the store is: a folder, or the address of a fresh database."""
    if request.param == "sqlite":
        return str(tmp_path / "city")
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def store(place: str, tmp_path: Path, clock: FixedClock) -> Iterator[CityStore]:
    """An open, empty store; its folder is `tmp_path / "city"` on both databases."""
    kept = open_store(place, clock=clock, folder=tmp_path / "city")
    yield kept
    kept.close()
