"""What all routes of the face share: addresses, and how errors are told."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request

from hutong.api.problems import problem
from hutong.api.sensorthings.model import BASE
from hutong.api.sensorthings.paths import Resource, parse_path
from hutong.kernel.errors import HutongError


def base_of(request: Request[Any, Any, Any]) -> str:
    """The service root as the client wrote it."""
    return f"{str(request.base_url).rstrip('/')}{BASE}"


def resource_of(request: Request[Any, Any, Any]) -> Resource:
    return parse_path(str(request.scope["path"]).removeprefix(BASE))


def told(error: HutongError) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of an error."""
    found = problem(error)
    headers = {"WWW-Authenticate": 'Basic realm="hutong", charset="UTF-8"'} if found.status == 401 else {}
    wait = error.facts.get("retry_after")
    if wait:
        headers["Retry-After"] = str(wait)
    body = {"message": found.detail, **msgspec.to_builtins(found, enc_hook=str)}
    return found.status, headers, msgspec.json.encode(body)
