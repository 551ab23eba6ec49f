"""The application of a tiny city, and people who are signed in to it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from tests.api.town import PASSWORD, Town, open_town, seed, tiny_city

from hutong.api.application import create_app

Someone = Callable[[str], "Person"]


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


@pytest.fixture
def town(seeded: Path, tmp_path: Path) -> Iterator[Town]:
    shutil.copytree(seeded, tmp_path / "city")
    made = open_town(tmp_path / "city", *tiny_city())
    yield made
    made.close()


@pytest.fixture
def app(town: Town) -> Litestar:
    return create_app(town.context)


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
