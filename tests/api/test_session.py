"""Signing in and out, throttling, tokens, foreign pages, roles."""

from __future__ import annotations

import base64
from dataclasses import replace

from litestar import Litestar
from litestar.testing import TestClient
from msgspec.structs import replace as changed
from tests.api.conftest import Someone
from tests.api.town import PASSWORD, Town

from hutong.api.application import create_app
from hutong.api.context import Limits
from hutong.kernel.base import HOUR, SECOND
from hutong.kernel.changes import Changes, Record
from hutong.kernel.party import Account

SESSION = "/api/v1/session"


def kinds(town: Town) -> list[str]:
    with town.store.reader() as reader:
        return [one.kind for one in reader.journal(limit=1000)]


def test_session_tells_who_is_signed_in(someone: Someone) -> None:
    person = someone("shouli")
    account = person.get("/session").json()["account"]
    assert account["name"]["zh"] == "沈受理"
    assert account["organisation"]["label"]["zh"] == "监督科"
    assert account["side"] == "supervision"
    assert [one["name"] for one in account["roles"]] == ["receptionist"]
    assert "judge warning" in account["may"]


def test_cookie_cannot_be_read_by_scripts_nor_sent_by_other_sites(nobody: TestClient[Litestar]) -> None:
    answer = nobody.post(SESSION, json={"login": "shouli", "password": PASSWORD})
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=lax" in cookie.lower()
    assert answer.json()["csrf"] not in cookie


def test_wrong_password_and_unknown_name_look_the_same(nobody: TestClient[Litestar]) -> None:
    wrong = nobody.post(SESSION, json={"login": "shouli", "password": "x"})
    unknown = nobody.post(SESSION, json={"login": "nobody", "password": "x"})
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()


def test_guessing_gets_slower_and_is_journalled(nobody: TestClient[Litestar], town: Town) -> None:
    for _ in range(5):
        assert nobody.post(SESSION, json={"login": "shouli", "password": "x"}).status_code == 401
    stopped = nobody.post(SESSION, json={"login": "shouli", "password": PASSWORD})
    assert stopped.status_code == 429
    assert int(stopped.headers["Retry-After"]) >= 1
    town.clock.move_to(town.clock.city + 10 * SECOND)
    assert nobody.post(SESSION, json={"login": "shouli", "password": PASSWORD}).status_code == 200
    assert kinds(town).count("account.sign_in_failed") == 5
    assert kinds(town).count("account.sign_in") == 1


def test_failed_sign_in_keeps_nothing_that_was_typed(nobody: TestClient[Litestar], town: Town) -> None:
    nobody.post(SESSION, json={"login": "my-secret-password", "password": "my-secret-password"})
    with town.store.reader() as reader:
        record = reader.journal(limit=1000)[-1]
    assert record.kind == "account.sign_in_failed"
    assert "my-secret-password" not in str(record)
    assert "testclient" not in str(record), "the address is kept as a keyed hash"


def test_unsafe_requests_need_the_token(someone: Someone) -> None:
    person = someone("shouli")
    refused = person.client.patch(SESSION, json={"language": "en"})
    assert refused.status_code == 403
    assert refused.json()["field"] == "X-CSRF-Token"
    assert (
        person.send("PATCH", "/session", {"X-CSRF-Token": "0" * 64}, json={"language": "en"}).status_code
        == 403
    )
    assert person.send("PATCH", "/session", json={"language": "en"}).json()["account"]["language"] == "en"
    assert person.get("/session").json()["account"]["language"] == "en"


def test_pages_of_other_sites_are_refused(someone: Someone, nobody: TestClient[Litestar]) -> None:
    person = someone("shouli")
    for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        assert person.send("PATCH", "/session", headers, json={"language": "en"}).status_code == 403
        answer = nobody.post(SESSION, headers=headers, json={"login": "shouli", "password": PASSWORD})
        assert answer.status_code == 403


def test_signing_out_ends_the_session_at_once(someone: Someone) -> None:
    person = someone("shouli")
    cookie = person.client.cookies["hutong_session"]
    assert person.send("DELETE", "/session").status_code == 204
    person.client.cookies.set("hutong_session", cookie)
    assert person.get("/session").status_code == 401


def test_altered_cookies_are_nobody(someone: Someone) -> None:
    person = someone("shouli")
    cookie = person.client.cookies["hutong_session"]
    person.client.cookies.clear()
    for wrong in (cookie[:-1] + ("0" if cookie[-1] != "0" else "1"), cookie.partition(".")[0], "x.y", "é"):
        answer = person.client.get(SESSION, headers={"Cookie": f"hutong_session={wrong}".encode("latin-1")})
        assert answer.status_code == 401


def test_idle_and_old_sessions_end(someone: Someone, town: Town) -> None:
    idle, busy = someone("shouli"), someone("zhiban")
    for _ in range(11):
        town.clock.move_to(town.clock.city + HOUR)
        assert busy.get("/session").status_code == 200
    assert idle.get("/session").status_code == 401
    town.clock.move_to(town.clock.city + 2 * HOUR)
    assert busy.get("/session").status_code == 401


def test_disabled_account_is_out_with_the_next_request(someone: Someone, town: Town) -> None:
    person = someone("shouli")
    with town.store.reader() as reader:
        account = reader.get(Account, person.session["account"]["id"])
    record = Record(kind="account.disable", actor=0, at=town.clock.city, subjects=(("account", account.id),))
    town.store.apply(Changes(puts=(changed(account, disabled=town.clock.city),), records=(record,)))
    town.reread()
    assert person.get("/session").status_code == 401


def test_machines_sign_in_with_basic(nobody: TestClient[Litestar]) -> None:
    def header(password: str) -> dict[str, str]:
        return {"Authorization": "Basic " + base64.b64encode(f"xitong:{password}".encode()).decode()}

    assert nobody.get("/api/v1/cases", headers=header(PASSWORD)).status_code == 200
    assert nobody.get("/api/v1/cases", headers=header("wrong")).status_code == 401
    assert nobody.get("/api/v1/cases", headers={"Authorization": "Basic %%"}).status_code == 401
    kept = nobody.patch(SESSION, headers=header(PASSWORD), json={"language": "zh"})
    assert kept.status_code == 200, "Basic credentials are not ambient, so they need no token"


def test_only_some_roles_set_the_clock(town: Town) -> None:
    set_to: list[tuple[float | None, bool | None]] = []
    context = replace(town.context, set_pace=lambda rate, running: set_to.append((rate, running)))
    with TestClient(create_app(context)) as client:

        def put(login: str) -> int:
            csrf = client.post(SESSION, json={"login": login, "password": PASSWORD}).json()["csrf"]
            return client.put("/api/v1/clock", headers={"X-CSRF-Token": csrf}, json={"rate": 120}).status_code

        assert [put(login) for login in ("shouli", "paishui", "zhiban", "xitong")] == [403, 403, 200, 200]
    assert set_to == [(120.0, None), (120.0, None)]
    assert kinds(town).count("clock.set") == 2


def test_clients_that_ask_too_much_wait(town: Town) -> None:
    context = replace(town.context, limits=Limits(reads=(3, 1.0)))
    with TestClient(create_app(context)) as client:
        codes = [client.get("/api/v1/city").status_code for _ in range(5)]
        assert codes == [200, 200, 200, 429, 429]
        town.clock.move_to(town.clock.city + 2 * SECOND)
        assert client.get("/api/v1/city").status_code == 200
