"""The short way of machines answers as the application does, and leaves to it what is not plain."""

from __future__ import annotations

import base64
import itertools
from contextlib import suppress
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from tests.api.people import CATEGORY
from tests.api.town import PASSWORD, Town

from hutong.api import case_commands
from hutong.kernel.errors import TooMany
from hutong.kernel.party import Account

REPORT = {
    "category": CATEGORY,
    "source": "public",
    "text": "路面有大量垃圾",
    "position": [121.405, 31.205],
    "position_text": "南京西路 100 号",
}
LONG_WAY = {"Sec_Fetch_Site": "none"}
"""What a short way does not take."""
_number = itertools.count()


class Machine:
    """A client with a password that is known already. `short`: whether the routes were left out of its last request."""

    def __init__(
        self, client: TestClient[Litestar], login: str, routed: list[str], password: str = PASSWORD
    ) -> None:
        told = base64.b64encode(f"{login}:{password}".encode()).decode()
        self.client, self.routed = client, routed
        self.headers = {"Authorization": f"Basic {told}", "Prefer": "return=minimal"}
        client.get("/api/v1/session", headers=self.headers)

    def post(self, path: str, body: Any, **headers: str) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post(f"/api/v1{path}", json=body, headers={**self.headers, **named})

    def short(self) -> bool:
        before, self.routed[:] = list(self.routed), []
        return not before


@pytest.fixture
def routed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Paths of the requests that came to the routes."""
    found: list[str] = []
    plain = case_commands.asked_by

    async def asked_by(request: Any) -> Any:
        found.append(request.scope["path"])
        return await plain(request)

    monkeypatch.setattr(case_commands, "asked_by", asked_by)
    return found


def both_ways(machine: Machine, path: str, body: Any, **headers: str) -> tuple[Any, Any]:
    """The answers of the short way and of the application to what is alike but for its key."""
    near = machine.post(path, body, Idempotency_Key=f"k{next(_number)}", **headers)
    taken = machine.short()
    far = machine.post(path, body, Idempotency_Key=f"k{next(_number)}", **headers, **LONG_WAY)
    assert not machine.short()
    assert taken
    return near, far


def told(answer: Any) -> dict[str, str]:
    changing = ("location", "date", "etag", "server")
    return {name.lower(): value for name, value in answer.headers.items() if name.lower() not in changing}


def test_a_case_is_opened_and_acted_on_as_by_the_routes(
    nobody: TestClient[Litestar], routed: list[str], town: Town
) -> None:
    desk = Machine(nobody, "shouli", routed)
    near, far = both_ways(desk, "/cases", REPORT)
    assert (near.status_code, near.content) == (far.status_code, far.content) == (201, b"null")
    assert told(near) == told(far)
    ids = [int(answer.headers["Location"].rpartition("/")[2]) for answer in (near, far)]
    assert ids[0] != ids[1]
    version = near.headers["ETag"]
    done = desk.post(f"/cases/{ids[0]}/actions/accept", {}, If_Match=version, Idempotency_Key="once")
    assert desk.short()
    other = desk.post(f"/cases/{ids[1]}/actions/accept", {}, If_Match=far.headers["ETag"], **LONG_WAY)
    assert not desk.short()
    assert (done.status_code, done.content) == (other.status_code, other.content) == (204, b"")
    assert told(done) == told(other)
    assert done.headers["ETag"] == f'"{int(version.strip(chr(34))) + 1}"'
    again = desk.post(f"/cases/{ids[0]}/actions/accept", {}, If_Match=version, Idempotency_Key="once")
    assert (again.status_code, again.headers["ETag"]) == (204, done.headers["ETag"])
    far_again = desk.post(
        f"/cases/{ids[0]}/actions/accept", {}, If_Match=version, Idempotency_Key="once", **LONG_WAY
    )
    assert (far_again.status_code, far_again.headers["ETag"]) == (204, done.headers["ETag"])
    with town.store.reader() as reader:
        kinds = [one.kind for one in reader.journal(limit=10_000)]
    assert kinds.count("case.accept") == 2
    assert town.store.verify().sound


def test_what_cannot_be_done_is_told_alike(nobody: TestClient[Litestar], routed: list[str]) -> None:
    desk = Machine(nobody, "shouli", routed)
    case = int(desk.post("/cases", REPORT).headers["Location"].rpartition("/")[2])
    path = f"/cases/{case}/actions"
    desk.short()
    refused: list[tuple[str, Any, dict[str, str], int]] = [
        (f"{path}/accept", {}, {"If_Match": '"99"'}, 409),
        (f"{path}/accept", {}, {"If_Match": "soon"}, 400),
        (f"{path}/nothing", {}, {}, 400),
        (f"{path}/close", {}, {}, 422),
        (f"{path}/accept", {"answers": {"n": 2**60}}, {}, 400),
        ("/cases/999999/actions/accept", {}, {}, 404),
        ("/cases", {**REPORT, "position": [1.0, 1.0]}, {}, 400),
        ("/cases", {**REPORT, "source": "sensor"}, {}, 400),
    ]
    for where, body, headers, status in refused:
        near, far = both_ways(desk, where, body, **headers)
        assert near.status_code == far.status_code, (where, near.text, far.text)
        assert near.status_code == status, (where, near.text)
        assert near.json() == far.json()
        assert told(near) == told(far)


def test_what_is_not_plain_goes_to_the_routes(nobody: TestClient[Litestar], routed: list[str]) -> None:
    desk = Machine(nobody, "shouli", routed)
    case = int(desk.post("/cases", REPORT).headers["Location"].rpartition("/")[2])
    path = f"/cases/{case}/actions/accept"
    desk.short()
    page = desk.post(path, {}, Prefer="return=representation")
    assert (page.status_code, desk.short()) == (200, False)
    assert page.json()["id"] == case
    wrong = desk.post(path, {"answer": {}})
    assert wrong.status_code == 400, "a field that is not known"
    assert desk.post(path, [1]).status_code == 400
    stranger = Machine(nobody, "shouli", routed, "wrong")
    assert stranger.post(path, {}).status_code == 401
    assert nobody.post(f"/api/v1{path}", json={}, headers={"Prefer": "return=minimal"}).status_code == 401
    clerk = Machine(nobody, "xitong", routed)
    assert clerk.post("/cases", REPORT).status_code == 403
    foreign = desk.post(path, {}, Origin="https://elsewhere.example")
    assert foreign.status_code == 403


def test_the_short_way_is_metered(nobody: TestClient[Litestar], routed: list[str], app: Litestar) -> None:
    desk = Machine(nobody, "shouli", routed)
    house = app.state["house"]
    now, account = house.clock.recorded_at(), _account(app, "shouli")
    with suppress(TooMany):
        while True:
            house.writes.take(f"account {account}", now)
    answer = desk.post("/cases", REPORT)
    assert (answer.status_code, desk.short()) == (429, True)
    assert int(answer.headers["Retry-After"]) >= 1
    assert answer.headers["content-type"] == "application/problem+json"


def _account(app: Litestar, login: str) -> int:
    house = app.state["house"]
    with house.store.reader() as reader:
        return int(reader.search_hash(Account, "login", login)[0].id)
