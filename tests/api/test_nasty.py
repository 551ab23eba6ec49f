"""Whatever a client sends, the answer is a problem it can read, never an error of ours."""

from __future__ import annotations

import itertools
from typing import Any
from urllib.parse import quote

import pytest
from litestar import Litestar
from tests.api.conftest import Someone
from tests.api.people import report

VALUES = (
    "", "0", "-1", "99999999999999999999", "9223372036854775807", "1.5", "nan", "inf", "1e400", "true", "null",
    "'; DROP TABLE case; --", "\x00", "%", "__", "é", "💧", "a" * 2000, "[]", "{}", "../..", "2026-02-30T00:00:00Z",
    "-999999-01-01", "1,2,3,4", "nan,nan,nan,nan", "9,9,1,1", "P0D", "PT999999999999H",
)  # fmt: skip


def operations(app: Litestar) -> list[tuple[str, str, dict[str, Any]]]:
    paths = app.openapi_schema.to_schema()["paths"]
    return [(method, path, one) for path, item in paths.items() for method, one in item.items()]


def test_no_query_or_path_breaks_anything(app: Litestar, someone: Someone) -> None:
    person = someone("xitong")
    report(someone("shouli"))
    for method, path, operation in operations(app):
        if method != "get" or path.endswith("/events"):
            continue
        named = [one for one in operation.get("parameters", []) if one["in"] in ("path", "query")]
        for parameter, value in itertools.product(named, VALUES):
            given = {one["name"]: "1" for one in named if one["required"]} | {parameter["name"]: value}
            filled = path
            for one in named:
                if one["in"] == "path":
                    filled = filled.replace(
                        "{" + one["name"] + "}", quote(given.pop(one["name"], "1"), safe="")
                    )
            answer = person.client.get(filled, params=given)
            assert answer.status_code < 500, f"{filled} {given}: {answer.text}"
            if answer.status_code >= 400 and answer.status_code != 404:
                assert answer.json()["code"], f"{filled} {given}"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"1",
        b'"x"',
        b"\xff\xfe",
        b'{"x": 1}',
        b"[" * 2000,
        b'{"ids": [99999999999999999999]}',
    ],
)
def test_no_body_breaks_anything(app: Litestar, someone: Someone, body: bytes) -> None:
    person = someone("zhiban")
    for method, path, _ in operations(app):
        if method == "get" or (method, path) == ("delete", "/api/v1/session"):
            continue
        filled = path.replace("{id}", "1").replace("{action}", "x")
        headers = {**person.headers, "Content-Type": "application/json", "Idempotency-Key": "k"}
        answer = person.client.request(method.upper(), filled, content=body, headers=headers)
        assert answer.status_code < 500, f"{method} {filled}: {answer.text}"


def test_no_header_breaks_anything(someone: Someone) -> None:
    person = someone("shouli")
    case = report(person)["id"]
    for value in ("", "*", 'W/"1"', "99999999999999999999", "é", "\t"):
        headers = {
            "If-Match": value.encode(),
            "Idempotency-Key": value.encode(),
            "Last-Event-ID": value.encode(),
        }
        answer = person.client.post(
            f"/api/v1/cases/{case}/actions/accept", json={}, headers={**headers, **person.headers}
        )
        assert answer.status_code < 500, value
