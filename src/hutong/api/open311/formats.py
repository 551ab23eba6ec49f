"""JSON and XML of GeoReport v2: one value, two forms. In XML a list is an element whose children have the singular name."""

from __future__ import annotations

import logging
from typing import Any
from xml.etree import ElementTree

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

from hutong.api.problems import STATUS
from hutong.kernel.errors import HutongError

_LOG = logging.getLogger("hutong.api.open311")
TYPES = {"json": "application/json; charset=utf-8", "xml": "text/xml; charset=utf-8"}
SINGULAR = {
    "services": "service",
    "service_requests": "request",
    "errors": "error",
    "attributes": "attribute",
    "values": "value",
    "endpoints": "endpoint",
    "formats": "format",
}

Plain = dict[str, Any]


def format_of(request: Request[Any, Any, Any]) -> str:
    """`xml` or `json`: by the end of the path, or by what is accepted where the path has none."""
    path = request.scope["path"]
    for name in TYPES:
        if path.endswith(f".{name}"):
            return name
    accepted = request.headers.get("accept", "")
    return "xml" if "xml" in accepted and "json" not in accepted and "html" not in accepted else "json"


def bare(text: str) -> str:
    """A path's last part without its format."""
    for name in TYPES:
        text = text.removesuffix(f".{name}")
    return text


def answer(
    request: Request[Any, Any, Any], name: str, value: Plain | list[Plain], status: int = 200
) -> Response[bytes]:
    """The value in the asked format; `name` is its root element in XML."""
    form = format_of(request)
    if form == "json":
        body = msgspec.json.encode(value)
    else:
        root = ElementTree.Element(name)
        _fill(root, value)
        body = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return Response(body, status_code=status, media_type=TYPES[form])


def _fill(element: ElementTree.Element, value: Any) -> None:
    if isinstance(value, dict):
        for key, inner in value.items():
            _fill(ElementTree.SubElement(element, key), inner)
    elif isinstance(value, list):
        for inner in value:
            _fill(ElementTree.SubElement(element, SINGULAR.get(element.tag, "item")), inner)
    elif isinstance(value, bool):
        element.text = "true" if value else "false"
    elif value is not None:
        element.text = "".join(one for one in str(value) if one in "\t\n" or one >= " ")


def _errors(request: Request[Any, Any, Any], status: int, words: str) -> Response[bytes]:
    return answer(request, "errors", [{"code": status, "description": words}], status)


def _ours(request: Request[Any, Any, Any], error: HutongError) -> Response[bytes]:
    """The specification answers a bad key with 403."""
    status = 403 if error.code == "unauthenticated" else STATUS.get(type(error), (500, ""))[0]
    if status >= 500:
        _LOG.error("%s", error, exc_info=error)
    found = _errors(request, status, str(error))
    wait = error.facts.get("retry_after")
    if wait:
        found.headers["Retry-After"] = str(wait)
    return found


def _http(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    found = _errors(request, error.status_code, error.detail or "the request cannot be read")
    for name, value in (error.headers or {}).items():
        found.headers[name] = value
    return found


def _unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    _LOG.error("%s %s", request.method, request.scope["path"], exc_info=error)
    return _errors(request, 500, "an unexpected error; it is in the server's log")


HANDLERS: ExceptionHandlersMap = {
    HutongError: _ours,
    ValidationException: _http,
    NotFoundException: _http,
    MethodNotAllowedException: _http,
    ClientException: _http,
    HTTPException: _http,
    Exception: _unexpected,
}
"""Errors as the specification has them: an array of code and description, in the asked format."""
