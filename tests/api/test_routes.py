"""What holds for every route: an access rule, problem details, security headers, a committed description."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute
from litestar.testing import TestClient
from tests.api.conftest import Someone
from tests.api.town import Town

from hutong.api.access import RouteAccess
from hutong.api.application import create_app
from hutong.api.context import Health

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "reference" / "openapi.json"


PUBLIC_REPORTS = {
    "GET /api/v1/public/matters",
    "GET /api/v1/public/nearby",
    "POST /api/v1/public/reports",
    "GET /api/v1/public/reports/{number:str}",
    "GET /api/v1/public/reports/{number:str}/photos/{id:int}",
    "POST /api/v1/public/reports/{number:str}/rating",
    "POST /api/v1/public/reports/{number:str}/support",
}
"""Reports without an account."""
OPEN311 = {
    *(
        f"GET /open311/v2/{name}{form}"
        for name in ("discovery", "services", "requests")
        for form in ("", ".json", ".xml")
    ),
    *(f"POST /open311/v2/requests{form}" for form in ("", ".json", ".xml")),
    "GET /open311/v2/services/{code:str}",
    "GET /open311/v2/requests/{id:str}",
    "GET /open311/v2/request/{id:str}",
    "GET /open311/v2/tokens/{token:str}",
}
"""Its POST asks for a key in the form, as the specification has it."""


def rules(app: Litestar) -> dict[str, list[RouteAccess]]:
    """`METHOD path` → the access rules among its guards."""
    found = {}
    for route in app.routes:
        if not isinstance(route, HTTPRoute):
            found[route.path] = []
            continue
        for handler in route.route_handlers:
            if handler.http_methods == {"OPTIONS"}:
                continue
            guards = [one for one in handler.resolve_guards() if isinstance(one, RouteAccess)]
            for method in sorted(handler.http_methods):
                found[f"{method} {route.path}"] = guards
    return found


def test_every_route_has_one_access_rule(app: Litestar) -> None:
    listed = rules(app)
    assert len(listed) > 35
    assert {name for name, found in listed.items() if len(found) != 1} == set()


def test_what_is_public_is_known(app: Litestar) -> None:
    public = {name for name, found in rules(app).items() if found[0].open_to_all}
    assert public == {
        "POST /api/v1/session",
        "GET /api/v1/city",
        "GET /api/v1/clock",
        "GET /api/v1/health",
        "GET /api/v1/style",
        "GET /api/v1/tiles/base/{z:int}/{x:int}/{y:str}",
        *PUBLIC_REPORTS,
        *OPEN311,
        "POST /upper/v1/{platform:str}/orders",
        "POST /upper/v1/{platform:str}/words",
        "GET /openapi.json",
        "GET /api",
        "GET /api/{path:str}",
        "GET /api/openapi.json",
        "GET /",
        "GET /{path:path}",
    }


def test_nobody_gets_in_anywhere_else(app: Litestar, nobody: TestClient[Litestar]) -> None:
    for name, found in rules(app).items():
        if found[0].open_to_all:
            continue
        method, path = name.split()
        filled = path.replace("{id:int}", "1").replace("{z:int}/{x:int}", "1/1")
        filled = filled.replace("{y:str}", "1.mvt").replace("{action:str}", "accept")
        filled = filled.replace("{delivery:int}", "1")
        filled = filled.replace("{name:str}", "rain").replace("{layer:str}", "drainage.ponding")
        answer = nobody.request(method, filled, json={})
        assert answer.status_code == 401, f"{name}: {answer.text}"
        assert answer.json()["code"] == "unauthenticated"


def test_description_is_as_committed(app: Litestar) -> None:
    made = msgspec.json.format(msgspec.json.encode(app.openapi_schema.to_schema(), order="sorted"), indent=1)
    assert DOCUMENT.read_bytes().strip() == made.strip(), "run tools/openapi.py and commit what it writes"


def test_description_names_every_operation(app: Litestar) -> None:
    paths: dict[str, Any] = app.openapi_schema.to_schema()["paths"]
    operations = [one for path in paths.values() for one in path.values()]
    assert all(one["summary"] and one["operationId"] for one in operations)
    assert len({one["operationId"] for one in operations}) == len(operations)


@pytest.mark.parametrize("method", ["TRACE", "DELETE", "PUT", "PROPFIND"])
def test_unknown_methods_are_405_and_say_what_is_allowed(nobody: TestClient[Litestar], method: str) -> None:
    answer = nobody.request(method, "/api/v1/health")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_head_is_get_without_the_body(nobody: TestClient[Litestar]) -> None:
    got, headed = nobody.get("/api/v1/health"), nobody.head("/api/v1/health")
    assert headed.status_code == 200
    assert headed.content == b""
    assert headed.headers["Content-Length"] == got.headers["Content-Length"]
    assert nobody.head("/api/v1/cases").status_code == 401
    assert nobody.head("/api/v1/events").status_code == 405


def test_a_sick_server_says_so(town: Town) -> None:
    sick = replace(town.context, health=lambda: Health(ok=False, version="1", database="sqlite"))
    with TestClient(create_app(sick)) as client:
        assert client.get("/api/v1/health").status_code == 503


def test_the_console_is_served_with_cache_rules(town: Town, tmp_path: Path) -> None:
    built = tmp_path / "build"
    (built / "assets").mkdir(parents=True)
    (built / "index.html").write_text("<!doctype html><title>console</title>")
    (built / "assets" / "app-1a2b.js").write_text("export {}")
    (tmp_path / "secret.txt").write_text("hidden words")
    with TestClient(create_app(replace(town.context, console=built))) as client:
        asset = client.get("/assets/app-1a2b.js")
        assert asset.headers["Content-Type"].startswith("text/javascript")
        assert "immutable" in asset.headers["Cache-Control"]
        for page in ("/", "/desk", "/cases/12"):
            answer = client.get(page)
            assert "console" in answer.text
            assert answer.headers["Cache-Control"] == "no-cache"
        tag = client.get("/").headers["ETag"]
        assert client.get("/", headers={"If-None-Match": tag}).status_code == 304
        assert client.get("/assets/gone.js").status_code == 404
        assert client.get("/api/v2/city").status_code == 404
        for path in ("/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "//etc/passwd"):
            assert "hidden words" not in client.get(path).text
            assert "root:" not in client.get(path).text


def test_unknown_path_is_a_problem(nobody: TestClient[Litestar]) -> None:
    answer = nobody.get("/api/v1/nothing")
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert set(answer.json()) == {
        "type", "title", "status", "detail", "code", "field", "reason", "remedy", "facts",
    }  # fmt: skip


def test_security_headers_stand_on_every_answer(nobody: TestClient[Litestar]) -> None:
    for path in ("/", "/api/v1/city", "/api/v1/nothing", "/api/v1/cases"):
        headers = nobody.get(path).headers
        assert "script-src 'self'" in headers["Content-Security-Policy"]
        assert "unsafe-eval" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert "Strict-Transport-Security" not in headers


def test_body_errors_name_the_field(someone: Someone) -> None:
    answer = someone("shouli").post(
        "/cases", json={"category": {"kind": "matter", "code": 5}, "source": "public"}
    )
    assert answer.status_code == 400
    assert answer.json()["field"] == "category.code"


def test_too_large_a_body_is_refused(someone: Someone) -> None:
    answer = someone("shouli").post("/cases", content=b'{"text":"' + b"x" * 1_100_000 + b'"}')
    assert answer.status_code == 413
    assert answer.json()["code"] == "too-many"


def test_first_page_says_how_to_build_the_console(nobody: TestClient[Litestar]) -> None:
    answer = nobody.get("/")
    assert answer.status_code == 200
    assert "make console" in answer.text
