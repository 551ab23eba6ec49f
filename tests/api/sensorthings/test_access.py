"""Who may read, send and change; and that machines without a page can sign in."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from litestar.testing import TestClient
from tests.api.sensorthings.conftest import Client, thing_body
from tests.api.town import Town

from hutong.api.application import create_app

Clients = Callable[[str | None], Client]


def test_strangers_are_told_how_to_sign_in(client_of: Clients) -> None:
    for method, path in (("GET", ""), ("GET", "/Things"), ("POST", "/Things"), ("DELETE", "/Things(1)")):
        answer = client_of(None).send(method, path, json={})
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Basic")
        assert answer.json()["message"]


def test_a_wrong_password_is_401(client_of: Clients) -> None:
    wrong = client_of("xitong")
    wrong.auth = ("xitong", "guess")
    assert wrong.status("/Things") == 401


def test_a_reader_may_not_write(client_of: Clients, admin: Client, stream: int) -> None:
    reader = client_of("lingdao")
    assert reader.status("/Things") == 200
    assert reader.status(f"/Datastreams({stream})/Observations") == 200
    reader.post("/Things", thing_body(), 403)
    reader.post(f"/Datastreams({stream})/Observations", {"result": 1}, 403)
    rows = [{"Datastream": {"@iot.id": stream}, "components": ["result"], "dataArray": [[1]]}]
    reader.post("/CreateObservations", rows, 403)
    assert reader.send("PATCH", f"/Datastreams({stream})", json={"name": "x"}).status_code == 403
    assert reader.send("DELETE", f"/Datastreams({stream})").status_code == 403
    assert admin.get(f"/Datastreams({stream})/Observations")["value"] == []


def test_a_city_may_be_open_to_read(town: Town) -> None:
    app = create_app(dataclasses.replace(town.context, public_read=True))
    with TestClient(app) as http:
        stranger = Client(http, None)
        assert stranger.status("") == 200
        assert stranger.status("/Things") == 200
        assert stranger.send("POST", "/Things", json=thing_body()).status_code == 401


def test_signing_in_once_is_journalled_once(town: Town, admin: Client) -> None:
    for _ in range(5):
        admin.get("/Sensors")
    with town.store.reader() as reader:
        kinds = [one.kind for one in reader.journal(limit=1000)]
    assert kinds.count("account.sign_in") == 1
