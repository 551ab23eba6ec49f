"""RFC 9457: every error becomes problem details, by one table."""

from __future__ import annotations

import logging
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import (
    ClientException,
    HTTPException,
    MethodNotAllowedException,
    NotFoundException,
    ValidationException,
)
from litestar.types import ExceptionHandlersMap

from hutong.kernel import errors
from hutong.kernel.errors import HutongError

MEDIA_TYPE = "application/problem+json"
_LOG = logging.getLogger("hutong.api")

STATUS: dict[type[HutongError], tuple[int, str]] = {
    errors.Invalid: (400, "The input is wrong"),
    errors.Unauthenticated: (401, "Nobody is signed in"),
    errors.Forbidden: (403, "Not allowed"),
    errors.NotFound: (404, "Not found"),
    errors.Conflict: (409, "Changed meanwhile"),
    errors.Refused: (422, "Not possible now"),
    errors.TooMany: (429, "Too many requests"),
    errors.Corrupt: (500, "Stored data is damaged"),
    errors.Unavailable: (503, "Not available now"),
}
"""Status and title of each error class."""

_UNEXPECTED = "an unexpected error; it is in the server's log"
_ELSEWHERE = {400: "invalid", 401: "unauthenticated", 403: "forbidden", 404: "not-found", 413: "too-many"}


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """Problem details (RFC 9457). `code` is stable; `reason` and `remedy` are for people; `facts` may hold `zh`, the
    reason in Chinese, and what the reason is about."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    field: str = ""
    reason: str = ""
    remedy: str = ""
    facts: dict[str, Any] = {}


def problem(error: HutongError) -> Problem:
    """The problem details of one of our errors."""
    status, title = STATUS.get(type(error), (500, "Something went wrong"))
    return Problem(
        type=f"urn:hutong:problem:{error.code}",
        title=title,
        status=status,
        detail=str(error),
        code=error.code,
        field=error.field,
        reason=error.reason,
        remedy=error.remedy,
        facts=error.facts,
    )


def _answer(found: Problem, headers: dict[str, str] | None = None) -> Response[bytes]:
    body = msgspec.json.encode(found, enc_hook=str)
    return Response(body, status_code=found.status, media_type=MEDIA_TYPE, headers=headers)


def told(error: Exception) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body that tell of an error, where no route does."""
    headers: dict[str, str] = {}
    if isinstance(error, HutongError):
        found = problem(error)
        if wait := error.facts.get("retry_after"):
            headers["Retry-After"] = str(wait)
    else:
        found = _other(500, "error", "Something went wrong", _UNEXPECTED)
    if found.status >= 500:
        _LOG.error("%s", error, exc_info=error)
    return found.status, headers, msgspec.json.encode(found, enc_hook=str)


def _ours(_: Request[Any, Any, Any], error: HutongError) -> Response[bytes]:
    status, headers, body = told(error)
    return Response(body, status_code=status, media_type=MEDIA_TYPE, headers=headers or None)


def _other(status: int, code: str, title: str, reason: str, field: str = "") -> Problem:
    return Problem(
        type=f"urn:hutong:problem:{code}",
        title=title,
        status=status,
        detail=": ".join(part for part in (field, reason) if part),
        code=code,
        field=field,
        reason=reason,
    )


def _validation(_: Request[Any, Any, Any], error: ValidationException) -> Response[bytes]:
    """Litestar tells which parameter, msgspec which field of the body."""
    extra = error.extra if isinstance(error.extra, list) else []
    first: dict[str, Any] = extra[0] if extra and isinstance(extra[0], dict) else {}
    field = str(first.get("key", "") or first.get("source", ""))
    reason = str(first.get("message", "") or error.detail)
    return _answer(_other(400, "invalid", "The input is wrong", reason, field))


def _not_found(request: Request[Any, Any, Any], _: NotFoundException) -> Response[bytes]:
    return _answer(_other(404, "not-found", "Not found", f"there is no {request.scope['path']}", "path"))


def _method(_: Request[Any, Any, Any], error: MethodNotAllowedException) -> Response[bytes]:
    found = _other(405, "invalid", "Method not allowed", "the path does not know this method", "method")
    return _answer(found, dict(error.headers or {}))


def _http(_: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    code = _ELSEWHERE.get(error.status_code, "invalid" if error.status_code < 500 else "unavailable")
    return _answer(_other(error.status_code, code, error.__class__.__name__, error.detail))


def _too_deep(_: Request[Any, Any, Any], __: RecursionError) -> Response[bytes]:
    return _answer(_other(400, "invalid", "The input is wrong", "it is nested too deeply", "body"))


def _unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    _LOG.error("%s %s", request.method, request.scope["path"], exc_info=error)
    return _answer(_other(500, "error", "Something went wrong", _UNEXPECTED))


HANDLERS: ExceptionHandlersMap = {
    HutongError: _ours,
    ValidationException: _validation,
    NotFoundException: _not_found,
    MethodNotAllowedException: _method,
    ClientException: _http,
    HTTPException: _http,
    RecursionError: _too_deep,
    Exception: _unexpected,
}
