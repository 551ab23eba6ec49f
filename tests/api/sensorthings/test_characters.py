"""Text that cannot be kept (NUL, half of a character) is refused where it comes in, and harms nobody beside it."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from tests.api.sensorthings.conftest import Client, thing_body

BAD = ["\x00", "\ud800"]
JSON = {"Content-Type": "application/json"}


def raw(client: Client, path: str, body: Any) -> Any:
    """The body with its escapes, as a machine would send it."""
    return client.send("POST", path, content=json.dumps(body).encode(), headers=JSON)


@pytest.mark.parametrize("bad", BAD, ids=["nul", "surrogate"])
def test_an_entity_is_refused(admin: Client, bad: str) -> None:
    for body in (thing_body(name=f"a{bad}b"), thing_body(properties={"floor": f"x{bad}"})):
        answer = raw(admin, "/Things", body)
        assert answer.status_code == 400, answer.text
    assert admin.get("/Things?$filter=startswith(name,'a')&$count=true")["@iot.count"] == 0


@pytest.mark.parametrize("bad", BAD, ids=["nul", "surrogate"])
def test_an_observation_is_refused_and_its_neighbours_kept(admin: Client, stream: int, bad: str) -> None:
    path = f"/Datastreams({stream})/Observations"

    def send(minute: int) -> int:
        note = f"x{bad}" if minute == 5 else "fine"
        body = {
            "phenomenonTime": f"2026-07-18T10:0{minute}:00Z",
            "result": minute,
            "parameters": {"note": note},
        }
        return int(raw(admin, path, body).status_code)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(send, range(8)))
    assert answers == [201, 201, 201, 201, 201, 400, 201, 201]
    assert len(admin.get(path)["value"]) == 7


@pytest.mark.parametrize("bad", BAD, ids=["nul", "surrogate"])
def test_a_row_of_an_array_is_refused(admin: Client, stream: int, bad: str) -> None:
    rows = [["2026-07-18T10:00:00Z", 1, {"note": "fine"}], ["2026-07-18T10:01:00Z", 2, {"note": bad}]]
    array = {
        "Datastream": {"@iot.id": stream},
        "components": ["phenomenonTime", "result", "parameters"],
        "dataArray": rows,
    }
    answer = raw(admin, "/CreateObservations", [array])
    assert answer.status_code in (200, 201, 400), answer.text
    assert len(admin.get(f"/Datastreams({stream})/Observations")["value"]) <= 1
    assert raw(admin, f"/Datastreams({stream})/Observations", {"result": 3}).status_code == 201
