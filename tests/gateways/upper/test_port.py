"""The port a platform sends to, and the pages that show the exchange: signed or nothing, once, with reasons."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from tests.api.conftest import Person
from tests.gateways.upper.conftest import Below
from tests.gateways.upper.platform import Platform

from hutong.api.application import create_app
from hutong.kernel.base import HOUR
from hutong.kernel.signature import HEADER, signature

SECRET = "shared between the two"
ORDER = {"number": "T1", "received": "2026-07-18T18:00:00+08:00", "demand": "求助", "text": "路灯不亮"}


@pytest.fixture
def client(city: Below, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient[Litestar]]:
    monkeypatch.setenv("UPPER_KEY", SECRET)
    context = replace(city.town.context, upper=city.desk)
    with TestClient(create_app(context)) as one:
        yield one


def send(
    client: TestClient[Litestar], city: Below, what: str, rows: list[dict[str, Any]], *, secret: str = SECRET, late: int = 0
) -> Any:  # fmt: skip
    body, path = json.dumps(rows).encode(), f"/upper/v1/city12345/{what}"
    at = city.town.clock.recorded_at() - late
    headers = {HEADER: signature(secret.encode(), at, "POST", path, body), "Content-Type": "application/json"}
    return client.post(path, content=body, headers=headers)


def test_orders_and_words_that_are_sent(client: TestClient[Litestar], city: Below) -> None:
    first = send(client, city, "orders", [ORDER, {**ORDER, "number": ""}])
    assert first.status_code == 200, first.text
    taken, refused = first.json()["answers"]
    assert (taken["state"], refused["state"], refused["field"]) == ("taken", "refused", "number")
    again = send(client, city, "orders", [ORDER]).json()["answers"][0]
    assert (again["state"], again["case"]) == ("repeated", taken["case"])
    changed = send(client, city, "orders", [{**ORDER, "text": "换了内容"}]).json()["answers"][0]
    assert changed["differs"] is True
    word = {"id": "w1", "number": "T1", "kind": "催办", "text": "再催一次"}
    assert send(client, city, "words", [word]).json()["answers"][0]["state"] == "taken"
    assert send(client, city, "words", [word]).json()["answers"][0]["state"] == "repeated"


def test_what_is_not_signed_rightly_is_not_read(client: TestClient[Litestar], city: Below) -> None:
    assert send(client, city, "orders", [ORDER], secret="wrong").status_code == 401
    assert send(client, city, "orders", [ORDER], late=HOUR).status_code == 401
    assert client.post("/upper/v1/city12345/orders", json=[ORDER]).status_code == 401
    assert client.post("/upper/v1/nobody/orders", json=[ORDER]).status_code == 401
    body = json.dumps([ORDER]).encode()
    stamp = signature(
        SECRET.encode(), city.town.clock.recorded_at(), "POST", "/upper/v1/city12345/words", body
    )
    assert client.post("/upper/v1/city12345/orders", content=body, headers={HEADER: stamp}).status_code == 401


def test_a_body_that_cannot_be_read_is_told_why(client: TestClient[Litestar], city: Below) -> None:
    answer = send(client, city, "orders", [{"text": "no number"}])
    assert answer.status_code == 400
    assert "number" in answer.text


def test_the_exchange_as_operators_see_it(
    client: TestClient[Litestar], city: Below, platform: Platform
) -> None:
    platform.troubles = ["refuse"]
    send(client, city, "orders", [ORDER])
    city.exchange.step()
    operator = Person(client, "xitong")
    shown = operator.get("/upper").json()["rows"][0]
    assert (shown["name"], shown["reports"]["failed"]) == ("city12345", 1)
    (report,) = operator.get("/upper/reports?state=failed").json()["rows"]
    assert (report["number"], report["event"], report["attempts"]) == ("T1", "taken", 1)
    assert operator.post(f"/upper/reports/{report['id']}/retry").status_code == 200
    assert operator.post(f"/upper/reports/{report['id']}/retry").status_code == 422
    city.exchange.step()
    assert platform.told("T1") == ["taken"]
    collector = Person(client, "jiandu")
    assert collector.post(f"/upper/reports/{report['id']}/retry").status_code == 403
