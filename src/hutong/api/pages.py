"""The console's files, and the OpenAPI document. Unknown paths outside the API open the console's first page."""

from __future__ import annotations

import mimetypes
from pathlib import Path
from typing import Any

import msgspec
from litestar import Request, Response, Router, get
from litestar.params import FromPath

from hutong.api.access import public
from hutong.api.house import House
from hutong.api.requests import TheHouse
from hutong.kernel.errors import NotFound

mimetypes.add_type("text/javascript", ".mjs")
mimetypes.add_type("font/woff2", ".woff2")
mimetypes.add_type("application/manifest+json", ".webmanifest")
mimetypes.add_type("application/x-protobuf", ".pbf")

NO_CONSOLE = """<!doctype html>
<html lang="zh"><meta charset="utf-8"><title>Hutong 胡同</title>
<body><h1>Hutong 胡同</h1>
<p>服务已运行，控制台尚未构建。The server runs; the console is not built yet.</p>
<p>在仓库中运行 <code>make console</code>。Run <code>make console</code> in the repository.</p>
<p><a href="/api/v1/city">/api/v1/city</a> · <a href="/openapi.json">/openapi.json</a></p>
</body></html>
"""
_FOR_GOOD = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"


@get("/openapi.json", guards=[public()], sync_to_thread=False, include_in_schema=False)
def document(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The API's own description (OpenAPI 3.1)."""
    body = msgspec.json.encode(request.app.openapi_schema.to_schema())
    return Response(body, media_type="application/json")


@get("/", guards=[public()], sync_to_thread=True, include_in_schema=False)
def first(house: TheHouse, request: Request[Any, Any, Any]) -> Response[bytes]:
    """The console's first page."""
    return _page(house, request, "/")


@get("/{path:path}", guards=[public()], sync_to_thread=True, include_in_schema=False)
def page(house: TheHouse, request: Request[Any, Any, Any], path: FromPath[str]) -> Response[bytes]:
    """A file of the console's build; pages that the console draws itself all begin with its first page."""
    return _page(house, request, path)


def _page(house: House, request: Request[Any, Any, Any], path: str) -> Response[bytes]:
    folder = house.context.console
    wanted = path.strip("/")
    if wanted.startswith("api/"):
        raise NotFound("path", f"there is no /{wanted}")
    if folder is None:
        return Response(NO_CONSOLE.encode(), media_type="text/html; charset=utf-8")
    file = _file(folder, wanted)
    if file is None and mimetypes.guess_type(wanted)[0] is not None:  # urban.case is a page's, not a file's
        raise NotFound("path", f"there is no /{wanted}")
    found = file or folder / "index.html"
    stat = found.stat()
    tag = f'"{stat.st_mtime_ns:x}-{stat.st_size:x}"'
    keep = _FOR_GOOD if wanted.startswith("assets/") else _ASK_AGAIN
    headers = {"ETag": tag, "Cache-Control": keep}
    if request.headers.get("if-none-match") == tag:
        return Response(b"", status_code=304, headers=headers)
    kind = mimetypes.guess_type(found.name)[0] or "application/octet-stream"
    kind += "; charset=utf-8" if kind.startswith("text/") else ""
    return Response(found.read_bytes(), media_type=kind, headers=headers)


def _file(folder: Path, wanted: str) -> Path | None:
    """The file of that name within the folder, never outside it."""
    found = (folder / wanted).resolve()
    return found if wanted and found.is_file() and found.is_relative_to(folder.resolve()) else None


router = Router("/", route_handlers=[document, first, page])
