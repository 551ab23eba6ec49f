"""One platform over HTTP: signed JSON, bounded answers, no redirects followed."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec

from hutong.kernel.base import Instant
from hutong.kernel.clock import iso
from hutong.kernel.errors import Invalid, Refused, Unavailable
from hutong.kernel.signature import HEADER, signature
from hutong.kernel.upper import UpperPage, UpperReport

BIGGEST_ANSWER = 32 * 1024 * 1024
TIMEOUT = 20.0
PAGE = 200


class Link:
    """The way to one platform. Unavailable when it cannot be reached or is in trouble: trying again helps; Refused when it
    understood and will not: trying again does not."""

    def __init__(self, url: str, secret: bytes, now: Callable[[], Instant]) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise Invalid("url", f"{url!r} is no address", "write https://host/path")
        self.secure = parts.scheme == "https"
        self.host, self.port = parts.hostname, parts.port
        self.base = parts.path.rstrip("/")
        self.secret = secret
        self.now = now

    def page(self, cursor: str) -> UpperPage:
        """The orders and words after a cursor."""
        body = self._ask("GET", f"/orders?{urlencode({'after': cursor, 'limit': PAGE})}")
        try:
            return msgspec.json.decode(body, type=UpperPage)
        except msgspec.MsgspecError as error:
            raise Unavailable("upper platform", f"sent a page that cannot be read: {error}") from error

    def tell(self, report: UpperReport) -> None:
        """One report. It carries its key, so that telling it again does no harm."""
        self._ask("POST", "/reports", body_of(report), {"Idempotency-Key": report.key})

    def _ask(self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> bytes:
        target = f"{self.base}{path}"
        sent = {"Content-Type": "application/json", "Accept": "application/json", **(headers or {})}
        sent[HEADER] = signature(self.secret, self.now(), method, target, body)
        connection = self._connection()
        try:
            connection.request(method, target, body or None, sent)
            answer = connection.getresponse()
            content = answer.read(BIGGEST_ANSWER + 1)
        except (OSError, http.client.HTTPException) as error:
            raise Unavailable(
                "upper platform", f"cannot be reached: {error or type(error).__name__}"
            ) from error
        finally:
            connection.close()
        return _checked(answer.status, content)

    def _connection(self) -> http.client.HTTPConnection:
        if self.secure:
            context = ssl.create_default_context()
            return http.client.HTTPSConnection(self.host, self.port, timeout=TIMEOUT, context=context)
        return http.client.HTTPConnection(self.host, self.port, timeout=TIMEOUT)


def body_of(report: UpperReport) -> bytes:
    """What a platform is sent; `at` is city time, ISO 8601 in UTC."""
    body: dict[str, Any] = {
        "id": report.key,
        "number": report.number,
        "event": report.event,
        "at": iso(report.at),
        "facts": report.facts,
    }
    return msgspec.json.encode(body)


def _checked(status: int, content: bytes) -> bytes:
    if len(content) > BIGGEST_ANSWER:
        raise Unavailable("upper platform", f"answered with more than {BIGGEST_ANSWER} bytes")
    if 200 <= status < 300 or status == 409:  # 409: it had the report already
        return content
    said = content[:300].decode("utf-8", "replace")
    if status in (401, 403, 408, 425, 429) or status >= 500:
        raise Unavailable("upper platform", f"answered {status}: {said}")
    raise Refused("upper platform", f"answered {status}: {said}", "look at the order on both platforms")
