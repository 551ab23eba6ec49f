"""The application of a tiny city, and people who are signed in to it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from tests.api.town import PASSWORD, Town, open_town, seed, tiny_city
from tests.conftest import Databases

from hutong.api.application import create_app, take_up
from hutong.api.context import ApiContext, Limits
from hutong.kernel.definition.pack import City

Someone = Callable[[str], "Person"]
Serving = Callable[[ApiContext], Litestar]


class Person:
    """A signed-in client: unsafe requests carry the session's token."""

    def __init__(self, client: TestClient[Litestar], login: str) -> None:
        self.client = client
        answer = client.post("/api/v1/session", json={"login": login, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        self.session: dict[str, Any] = answer.json()
        self.headers = {"X-CSRF-Token": self.session["csrf"]}

    def get(self, path: str, **more: Any) -> Any:
        return self.client.get(f"/api/v1{path}", **more)

    def send(self, method: str, path: str, headers: dict[str, str] | None = None, **more: Any) -> Any:
        return self.client.request(
            method, f"/api/v1{path}", headers={**self.headers, **(headers or {})}, **more
        )

    def post(self, path: str, headers: dict[str, str] | None = None, **more: Any) -> Any:
        return self.send("POST", path, headers, **more)


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The city as it was founded; every test works on a copy."""
    folder = tmp_path_factory.mktemp("seeded") / "city"
    seed(folder, tiny_city()[0])
    return folder


@pytest.fixture(scope="session")
def seeded_postgresql(
    postgres_databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Path, str]]:
    """The same on PostgreSQL: what lies in the folder, and the address of the database."""
    folder = tmp_path_factory.mktemp("seeded-pg") / "city"
    with postgres_databases() as place:
        seed(folder, tiny_city()[0], place=place)
        yield folder, place


ON_BOTH = {
    "test_automatic_dispatch",
    "test_census",
    "test_evaluation",
    "test_handovers",
    *(
        "test_case_counts",
        "test_cases",
        "test_case_parts",
        "test_devices",
        "test_history",
        "test_hourly",
        "test_map",
        "test_rules",
        "test_warnings",
    ),
    *(
        "test_characters",
        "test_observations",
        "test_thread",
        "test_write_batch",
        "test_write_links",
        "test_write_observations",
    ),
}
"""Modules whose town runs on PostgreSQL too; the others stay on SQLite, for time."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "town" in metafunc.fixturenames and metafunc.module.__name__.rpartition(".")[2] in ON_BOTH:
        metafunc.parametrize("town", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def town(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Town]:
    with copied(request, tmp_path, "seeded", tiny_city()) as made:
        yield made


@contextmanager
def copied(
    request: pytest.FixtureRequest, folder: Path, seeded: str, city: tuple[City, dict[str, Any]]
) -> Iterator[Town]:
    """A town like the one of the fixture `seeded` (`seeded_postgresql`), in a folder or a database of its own."""
    with ExitStack() as stack:
        if getattr(request, "param", "sqlite") == "sqlite":
            origin, place = request.getfixturevalue(seeded), ""
        else:
            origin, database = request.getfixturevalue(f"{seeded}_postgresql")
            place = stack.enter_context(request.getfixturevalue("postgres_databases")(database))
        shutil.copytree(origin, folder / "city")
        made = open_town(folder / "city", *city, place)
        stack.callback(made.close)
        yield made


@pytest.fixture(scope="session")
def serving() -> Serving:
    """Gives a town's application: its routes are those of a test before, its house is new. One at a time."""
    made: dict[tuple[Limits, bool], Litestar] = {}

    def serve(context: ApiContext) -> Litestar:
        fixed = (context.limits, context.secure)
        if fixed in made:
            take_up(made[fixed], context)
        else:
            made[fixed] = create_app(context)
        return made[fixed]

    return serve


@pytest.fixture
def app(town: Town, serving: Serving) -> Litestar:
    return serving(town.context)


@pytest.fixture
def nobody(app: Litestar) -> Iterator[TestClient[Litestar]]:
    """A client that has not signed in."""
    with TestClient(app) as client:
        yield client


@pytest.fixture
def someone(app: Litestar, nobody: TestClient[Litestar]) -> Someone:
    """Signs in by name; each person has cookies of their own."""

    def enter(login: str) -> Person:
        client: TestClient[Litestar] = TestClient(app)
        client.blocking_portal = nobody.blocking_portal
        return Person(client, login)

    return enter
