"""Open311 GeoReport v2 as its specification has it: both formats, filters, forms, keys, errors; and no person in any answer."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from litestar import Litestar
from litestar.testing import TestClient
from tests.api.conftest import Someone
from tests.api.people import do, picture
from tests.api.town import Town

from hutong.kernel.base import DAY
from hutong.kernel.case import Case, File
from hutong.kernel.query import equals

Nobody = TestClient[Litestar]
BASE = "/open311/v2"
FORM = {
    "service_code": "matter-06010",
    "lat": "31.205",
    "long": "121.405",
    "description": "张三家门口有垃圾，电话 13800138000",
    "first_name": "三",
    "last_name": "张",
    "phone": "13800138000",
    "email": "zhang@example.org",
}
FIELDS = {
    "service_request_id", "status", "status_notes", "service_name", "service_code", "description", "agency_responsible",
    "service_notice", "requested_datetime", "updated_datetime", "expected_datetime", "address", "address_id", "zipcode",
    "lat", "long", "media_url",
}  # fmt: skip


@pytest.fixture
def key(someone: Someone) -> str:
    answer = someone("xitong").post("/keys", json={"name": "市民通", "per_minute": 600})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["key"])


def send(nobody: Nobody, key: str, form: str = "json", **more: Any) -> Any:
    data = {**FORM, "api_key": key, **more}
    return nobody.post(f"{BASE}/requests.{form}", data={k: v for k, v in data.items() if v is not None})


def sent(nobody: Nobody, key: str, **more: Any) -> str:
    answer = send(nobody, key, **more)
    assert answer.status_code == 201, answer.text
    assert isinstance(answer.json(), list)
    return str(answer.json()[0]["service_request_id"])


def test_discovery_leads_to_the_endpoint(nobody: Nobody) -> None:
    found = nobody.get(f"{BASE}/discovery.json").json()
    assert found["endpoints"][0]["url"].endswith(BASE)
    tree = ElementTree.fromstring(nobody.get(f"{BASE}/discovery.xml").content)
    assert tree.tag == "discovery"
    assert tree.findtext("endpoints/endpoint/specification") == "http://wiki.open311.org/GeoReport_v2"
    assert [one.text for one in tree.iterfind("endpoints/endpoint/formats/format")] == [
        "application/json",
        "text/xml",
    ]


def test_services_in_both_formats(nobody: Nobody) -> None:
    rows = nobody.get(f"{BASE}/services.json").json()
    assert rows[0]["service_code"] == "matter-06010"
    assert rows[0]["service_name"] == "暴露垃圾"
    assert set(rows[0]) == {
        "service_code", "service_name", "description", "metadata", "type", "keywords", "group",
    }  # fmt: skip
    answer = nobody.get(f"{BASE}/services.xml")
    assert answer.headers["Content-Type"].startswith("text/xml")
    tree = ElementTree.fromstring(answer.content)
    assert [one.findtext("service_code") for one in tree] == [one["service_code"] for one in rows]
    definition = nobody.get(f"{BASE}/services/matter-06010.json").json()
    assert definition["service_code"] == "matter-06010"
    assert isinstance(definition["attributes"], list)
    tree = ElementTree.fromstring(nobody.get(f"{BASE}/services/matter-06010.xml").content)
    assert tree.tag == "service_definition"


def test_a_request_is_an_array_of_one_under_both_paths(town: Town, nobody: Nobody, key: str) -> None:
    id = sent(nobody, key)
    for path in (f"requests/{id}.json", f"request/{id}.json", f"requests/{id}"):
        rows = nobody.get(f"{BASE}/{path}").json()
        assert len(rows) == 1
        assert set(rows[0]) == FIELDS
        assert (rows[0]["service_request_id"], rows[0]["status"]) == (id, "open")
        assert (rows[0]["lat"], rows[0]["long"]) == (31.205, 121.405)
        assert rows[0]["requested_datetime"] == "2026-07-18T19:00:00+08:00"
    tree = ElementTree.fromstring(nobody.get(f"{BASE}/requests/{id}.xml").content)
    assert tree.tag == "service_requests"
    assert [one.tag for one in tree] == ["request"]
    assert tree.findtext("request/service_request_id") == id
    tokens = nobody.get(f"{BASE}/tokens/{id}.json").json()
    assert tokens == [{"service_request_id": id, "token": id}]
    with town.store.reader() as reader:
        case = reader.find(Case, equals("number", id)).rows[0]
    assert (case.state, case.source) == ("received", "public")


def test_no_answer_tells_of_people(nobody: Nobody, key: str) -> None:
    id = sent(nobody, key, address_string="张三家 13800138000")
    for path in (f"requests/{id}.json", "requests.json", "requests.xml", f"tokens/{id}.json"):
        text = nobody.get(f"{BASE}/{path}").text
        for secret in ("13800138000", "张三", "zhang@example.org", "家门口"):
            assert secret not in text


def test_address_without_position(nobody: Nobody, key: str) -> None:
    assert send(nobody, key, lat=None, long=None, address_string="南京西路 100 号").status_code == 201
    answer = send(nobody, key, lat=None, long=None)
    assert answer.status_code == 400
    assert answer.json()[0]["code"] == 400


def test_media_comes_as_a_file_or_a_link_that_nobody_fetches(town: Town, nobody: Nobody, key: str) -> None:
    data = {**FORM, "api_key": key, "media_url": "http://127.0.0.1:9/a.jpg"}
    answer = nobody.post(
        f"{BASE}/requests.json", data=data, files={"media": ("a.jpg", picture(), "image/jpeg")}
    )
    assert answer.status_code == 201, answer.text
    with town.store.reader() as reader:
        case = reader.find(Case, equals("number", answer.json()[0]["service_request_id"])).rows[0]
        assert reader.count(File, equals("case", case.id)) == 1
    assert case.facts["media_url"] == "http://127.0.0.1:9/a.jpg"
    assert "127.0.0.1:9" not in nobody.get(f"{BASE}/requests.json").text
    assert send(nobody, key, media_url="javascript:alert(1)").status_code == 400


def test_lists_are_filtered(town: Town, someone: Someone, nobody: Nobody, key: str) -> None:
    first = sent(nobody, key)
    town.clock.move_to(town.clock.city_time() + DAY)
    second = sent(nobody, key, service_code="matter-06011")
    with town.store.reader() as reader:
        case = reader.find(Case, equals("number", first)).rows[0]
    done = do(someone("shouli"), case.id, "reject", answers={"reason": "不在范围"})
    assert done.status_code == 200, done.text

    def ids(**query: str) -> list[str]:
        answer = nobody.get(f"{BASE}/requests.json", params=query)
        assert answer.status_code == 200, answer.text
        return [one["service_request_id"] for one in answer.json()]

    assert ids() == [second, first]
    assert ids(status="open") == [second]
    assert ids(status="closed") == [first]
    assert ids(status="open,closed") == [second, first]
    assert ids(service_code="matter-06011") == [second]
    assert ids(service_code="matter-06011,matter-06010") == [second, first]
    assert ids(service_request_id=f"{first},{second},none", status="open") == [second, first]
    assert ids(start_date="2026-07-19T00:00:00Z") == [second]
    assert ids(end_date="2026-07-19T00:00:00+08:00") == [first]
    assert ids(start_date="2026-07-18T00:00:00Z", end_date="2026-07-18T23:00:00Z") == [first]
    assert ids(page_size="1") == [second]
    assert ids(page_size="1", page="2") == [first]
    assert ids(page_size="1", page="3") == []
    assert ids(jurisdiction_id="310101") == [second, first]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"start_date": "yesterday"}, 400),
        ({"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-06-01T00:00:00Z"}, 400),
        ({"start_date": "0001-01-01T00:00:00Z"}, 400),
        ({"status": "lost"}, 400),
        ({"service_code": "none"}, 400),
        ({"page": "0"}, 400),
        ({"page": "9999", "page_size": "1000"}, 400),
        ({"jurisdiction_id": "chicago"}, 404),
    ],
)
def test_wrong_questions_are_answered_as_the_specification_has_it(
    nobody: Nobody, query: dict[str, str], code: int
) -> None:
    answer = nobody.get(f"{BASE}/requests.json", params=query)
    assert answer.status_code == code
    assert answer.json() == [{"code": code, "description": answer.json()[0]["description"]}]
    tree = ElementTree.fromstring(nobody.get(f"{BASE}/requests.xml", params=query).content)
    assert (tree.tag, tree[0].tag, tree.findtext("error/code")) == ("errors", "error", str(code))


def test_unknown_paths_and_methods(nobody: Nobody) -> None:
    for path in ("requests/0.json", "services/none.xml", "tokens/none.json"):
        assert nobody.get(f"{BASE}/{path}").status_code == 404
    answer = nobody.delete(f"{BASE}/requests.json")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_keys_open_until_they_are_revoked(someone: Someone, nobody: Nobody, key: str) -> None:
    for wrong in ("", "hutong_wrong", key[:-1], key + "x"):
        answer = send(nobody, wrong)
        assert answer.status_code == 403
        assert answer.json()[0]["code"] == 403
    assert send(nobody, key).status_code == 201
    admin = someone("xitong")
    row = admin.get("/keys").json()["rows"][0]
    assert key.startswith(row["shown"])
    assert row["key"] is None
    assert admin.send("DELETE", f"/keys/{row['id']}").status_code == 200
    assert send(nobody, key).status_code == 403


def test_keys_are_kept_as_hashes_and_issued_by_administrators(town: Town, someone: Someone, key: str) -> None:
    with town.store.reader() as reader:
        assert key not in str(reader.journal(limit=1000))
    assert someone("shouli").post("/keys", json={"name": "x"}).status_code == 403


def test_a_key_may_only_so_much(someone: Someone, nobody: Nobody) -> None:
    slow = someone("xitong").post("/keys", json={"name": "慢", "per_minute": 2}).json()["key"]
    assert [send(nobody, slow).status_code for _ in range(3)] == [201, 201, 429]


def test_wrong_keys_cannot_be_tried_out(nobody: Nobody) -> None:
    answers = [send(nobody, f"hutong_{n}").status_code for n in range(25)]
    assert set(answers) == {403, 429}


def test_a_repeat_makes_no_second_case(town: Town, nobody: Nobody, key: str) -> None:
    data = {**FORM, "api_key": key}
    ids = {
        nobody.post(f"{BASE}/requests.json", data=data, headers={"Idempotency-Key": "once"}).text
        for _ in range(2)
    }
    assert len(ids) == 1
    with town.store.reader() as reader:
        assert reader.count(Case) == 1


def test_broken_bodies_are_no_server_errors(nobody: Nobody, key: str) -> None:
    for kind, body in (
        ("multipart/form-data", b"no boundary"),
        ("multipart/form-data; boundary=x", b"--x\r\nbroken"),
        ("application/json", b'{"api_key": 1}'),
        ("application/x-www-form-urlencoded", b"\xff\xfe=%zz&api_key=%00"),
        ("text/plain", b"\x00"),
    ):
        answer = nobody.post(f"{BASE}/requests.xml", content=body, headers={"Content-Type": kind})
        assert 400 <= answer.status_code < 500, (kind, answer.text)
        assert ElementTree.fromstring(answer.content).tag == "errors"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    fields=st.dictionaries(
        st.sampled_from([*FORM, "address_string", "media_url", "attribute[x]", "jurisdiction_id"]),
        st.text(max_size=40),
    )
)
def test_whatever_is_sent_is_no_server_error(nobody: Nobody, key: str, fields: dict[str, str]) -> None:
    answer = nobody.post(f"{BASE}/requests.json", data={**FORM, **fields, "api_key": key})
    assert answer.status_code < 500, (fields, answer.text)
