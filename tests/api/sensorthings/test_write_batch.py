"""$batch: both forms, change sets whole or not at all, names for what earlier requests made."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from tests.api.sensorthings.conftest import BASE, Client, thing_body

from hutong.api.sensorthings.batch_parts import MOST_PARTS, read_batch
from hutong.kernel.errors import Invalid


def send(client: Client, requests: list[dict[str, Any]], status: int = 200, **headers: str) -> Any:
    numbered = [{"id": str(at), "method": "post", **one} for at, one in enumerate(requests)]
    answer = client.send("POST", "/$batch", json={"requests": numbered}, headers=headers)
    assert answer.status_code == status, answer.text
    return answer.json().get("responses")


def count(client: Client, name: str) -> int:
    return int(client.get(f"/{name}?$count=true&$top=0")["@iot.count"])


def test_requests_are_answered_one_by_one(admin: Client, thing: dict[str, Any], stream: int) -> None:
    found = send(
        admin,
        [
            {"method": "get", "url": f"Things({thing['@iot.id']})?$select=name"},
            {"url": f"Datastreams({stream})/Observations", "body": {"result": 4}},
            {"method": "patch", "url": "$1", "body": {"result": 5}},
            {"method": "get", "url": f"{BASE}/Datastreams({stream})/Observations?$count=true"},
            {"method": "delete", "url": "$1"},
        ],
    )
    assert [one["status"] for one in found] == [200, 201, 200, 200, 200]
    assert [one["id"] for one in found] == ["0", "1", "2", "3", "4"]
    assert found[0]["body"] == {"name": "Kitchen"}
    assert found[1]["location"] == found[1]["body"]["@iot.selfLink"]
    assert found[3]["body"]["value"][0]["result"] == 5
    assert admin.get(f"/Datastreams({stream})/Observations")["value"] == []


def test_a_change_set_is_kept_whole(admin: Client) -> None:
    body = thing_body(Datastreams=[])
    inner = thing_body()["Datastreams"][0]
    found = send(
        admin,
        [
            {"atomicityGroup": "a", "url": "Things", "body": body},
            {"atomicityGroup": "a", "url": "$0/Datastreams", "body": inner},
            {
                "atomicityGroup": "a",
                "url": "Observations",
                "body": {"result": 1, "Datastream": {"@iot.id": "$1"}},
            },
            {"atomicityGroup": "a", "url": "$1/Observations", "body": {"result": 2}},
            {"atomicityGroup": "a", "method": "patch", "url": "$0", "body": {"name": "Hall"}},
            {"method": "get", "url": "$1/Observations"},
        ],
    )
    assert [one["status"] for one in found] == [201, 201, 201, 201, 200, 200]
    assert found[4]["body"]["name"] == "Hall"
    assert [one["result"] for one in found[5]["body"]["value"]] == [1, 2]
    assert [one["body"]["result"] for one in found[2:4]] == [1, 2]


def test_one_wrong_part_undoes_its_change_set_alone(admin: Client) -> None:
    before = count(admin, "Things"), count(admin, "Sensors")
    good = thing_body()
    wrong = {"name": "no description"}
    requests = [
        {"atomicityGroup": "a", "url": "Things", "body": good},
        {"atomicityGroup": "a", "url": "Things", "body": wrong},
        {"url": "Things", "body": good},
    ]
    found = send(admin, requests)
    assert [(one["id"], one["status"]) for one in found] == [("1", 400)]
    assert (count(admin, "Things"), count(admin, "Sensors")) == before
    found = send(admin, requests, Prefer="continue-on-error")
    assert [(one["id"], one["status"]) for one in found] == [("1", 400), ("2", 201)]
    assert count(admin, "Things") == before[0] + 1


def test_who_may_not_write_is_told_part_by_part(client_of: Any, stream: int) -> None:
    found = send(
        client_of("lingdao"),
        [{"method": "get", "url": "Things?$top=1"}, {"url": "Things", "body": thing_body()}],
    )
    assert [one["status"] for one in found] == [200, 403]
    assert client_of(None).send("POST", "/$batch", json={"requests": []}).status_code == 401


MULTIPART = """--b1
Content-Type: application/http
Content-Transfer-Encoding: binary

GET /sta/v1.1/Things?$top=1 HTTP/1.1
Host: testserver.local

--b1
Content-Type: multipart/mixed; boundary=c1

--c1
Content-Type: application/http
Content-Transfer-Encoding: binary
Content-ID: 1

POST Sensors HTTP/1.1
Content-Type: application/json

{"name":"湿度计","description":"d","encodingType":"text/plain","metadata":"m"}
--c1
Content-Type: application/http
Content-Transfer-Encoding: binary
Content-ID: 2

PATCH $1 HTTP/1.1
Content-Type: application/json

{"description":"of the attic"}
--c1--

--b1--
"""


def test_multipart_mixed(admin: Client) -> None:
    content = MULTIPART.replace("\n", "\r\n").encode()
    answer = admin.send(
        "POST", "/$batch", content=content, headers={"Content-Type": "multipart/mixed; boundary=b1"}
    )
    assert answer.status_code == 200, answer.text
    kind = answer.headers["Content-Type"]
    assert kind.startswith("multipart/mixed; boundary=batch_")
    text = answer.content.decode()
    assert text.count("HTTP/1.1 200 OK") == 2
    assert text.count("HTTP/1.1 201 Created") == 1
    assert "Content-ID: 1" in text
    assert text.rstrip().endswith(f"--{kind.partition('=')[2]}--")
    made = admin.get("/Sensors", params={"$filter": "name eq '湿度计'"})["value"][0]
    assert made["description"] == "of the attic"


@pytest.mark.parametrize(
    "requests",
    [
        [{"url": "$batch", "body": {}}],
        [{"url": "$9/Things", "body": {}}],
        [{"url": "http://example.org/Things", "body": {}}],
        [{"url": "Nothings", "body": {}, "atomicityGroup": "a"}],
        [{"url": "Things", "atomicityGroup": "a", "body": "text"}],
    ],
)
def test_wrong_parts_are_told(admin: Client, requests: list[dict[str, Any]]) -> None:
    (found,) = send(admin, requests)
    assert 400 <= found["status"] < 500
    assert found["body"]["message"]


def test_what_is_no_batch_is_refused_whole() -> None:
    many = {"requests": [{"id": at, "method": "get", "url": "Things"} for at in range(MOST_PARTS + 1)]}
    twice = {"requests": [{"id": "1", "method": "get", "url": "Things"}] * 2}
    trace = {"requests": [{"id": "1", "method": "trace", "url": "Things"}]}
    reading = {"requests": [{"id": "1", "method": "get", "url": "Things", "atomicityGroup": "a"}]}
    for body in (many, twice, trace, reading, {}, []):
        with pytest.raises(Invalid):
            read_batch(msgspec.json.encode(body), "application/json")
    for raw, kind in (
        (b"x", "text/plain"),
        (b"--b\r\n", "multipart/mixed; boundary=b"),
        (b"", "multipart/mixed"),
    ):
        with pytest.raises(Invalid):
            read_batch(raw, kind)
