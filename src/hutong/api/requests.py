"""What every request brings: who asks, what page made it, how often, and whether it is a repeat."""

from __future__ import annotations

import hashlib
import re
from typing import Annotated, Any
from urllib.parse import urlsplit

import msgspec
from litestar import Request
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency
from litestar.enums import ScopeType
from litestar.middleware.base import MiddlewareProtocol
from litestar.params import HeaderParameter, PathParameter, QueryParameter
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from hutong.api.access import NOBODY, SAFE
from hutong.api.credentials import basic_account
from hutong.api.house import House
from hutong.api.sessions import COOKIE
from hutong.kernel.access import Actor
from hutong.kernel.errors import Conflict, Forbidden, HutongError, Invalid, NotFound
from hutong.kernel.ports import Session

_KEY = re.compile(r"[\x21-\x7e]{1,128}")

IfMatch = Annotated[
    str | None, HeaderParameter(name="If-Match", description="The version (ETag) the change was decided on.")
]

Prefer = Annotated[
    str | None,
    HeaderParameter(
        name="Prefer", description="`return=minimal`: the answer has no body, only its headers (RFC 7240)."
    ),
]

InState = Annotated[str | None, QueryParameter(name="state", description="States, separated by commas.")]

TheHouse = NamedDependency[House]
TheActor = NamedDependency[Actor]

BIGGEST = 2**53 - 1
"""The largest whole number that every client can hold; no id is beyond it."""
RowId = Annotated[int, PathParameter(ge=0, le=BIGGEST)]
QueryId = Annotated[int | None, QueryParameter(ge=0, le=BIGGEST)]
Limit = Annotated[int, QueryParameter(ge=1, le=100_000, description="Rows of a page.")]


class Repeat(msgspec.Struct, frozen=True):
    """The `Idempotency-Key` of an unsafe request (None: not sent) and the digest that tells requests apart."""

    key: str | None = None
    digest: str = ""

    def also(self, *parts: object) -> Repeat:
        """With the parts of a multipart form in the digest: its body is streamed, and has another boundary each time."""
        if self.key is None:
            return self
        digest = hashlib.sha256(self.digest.encode())
        for part in parts:
            content = part if isinstance(part, bytes) else str(part).encode()
            digest.update(len(content).to_bytes(8, "big") + content)
        return Repeat(self.key, digest.hexdigest())

    def part(self, name: object) -> Repeat:
        """The key of one part of a request that does several things."""
        return Repeat(None if self.key is None else f"{self.key}/{name}", self.digest)


TheRepeat = NamedDependency[Repeat]


class Asking(MiddlewareProtocol):
    """Finds out who asks, counts the request, and refuses unsafe requests that a page of another site made."""

    def __init__(self, app: ASGIApp, house: House) -> None:
        self.app = app
        self.house = house

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP:
            connection: Request[Any, Any, Any] = Request(scope)
            await self._look(connection, scope)
        await self.app(scope, receive, send)

    async def _look(self, request: Request[Any, Any, Any], scope: Scope) -> None:
        state = scope["state"]
        state["actor"], state["session"] = NOBODY, None
        unsafe = request.method not in SAFE
        if unsafe:
            _check_origin(request)
        session = self._session(request)
        account = session.account if session else await basic_account(request, self.house)
        if account is not None:
            state["actor"], state["session"] = self._actor(account, session), session
        metered = scope["route_handler"].opt.get("metered", True) or state["actor"].account == NOBODY.account
        if metered:
            buckets = self.house.writes if unsafe else self.house.reads
            buckets.take(_client(request, state["actor"]), self.house.clock.recorded_at())

    def _session(self, request: Request[Any, Any, Any]) -> Session | None:
        cookie = request.cookies.get(COOKIE)
        return self.house.cookies.read(cookie) if cookie else None

    def _actor(self, account: int, session: Session | None) -> Actor:
        try:
            return self.house.directory.actor(account, self.house.now())
        except HutongError:
            if session is not None:
                self.house.cookies.end(session)
            return NOBODY


def _check_origin(request: Request[Any, Any, Any]) -> None:
    """A browser names the page that made an unsafe request; it must be ours."""
    origin = request.headers.get("origin")
    if not origin or origin == "null":
        fetched = request.headers.get("sec-fetch-site", "same-origin")
        foreign = origin == "null" or fetched not in ("same-origin", "none")
    else:
        foreign = urlsplit(origin).netloc != request.headers.get("host", "")
    if foreign:
        raise Forbidden("Origin", "the request was made by a page of another site", "use the console itself")


def _client(request: Request[Any, Any, Any], actor: Actor) -> str:
    return f"account {actor.account}" if actor.account > 0 else f"address {address(request)}"


def address(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    return connection.client.host if connection.client else ""


async def repeat_of(request: Request[Any, Any, Any]) -> Repeat:
    """The request's idempotency key, kept apart by account. Routes marked `form` stream their body: they add to the digest
    themselves (`Repeat.also`)."""
    key = request.headers.get("idempotency-key")
    if key is None:
        return Repeat()
    actor: Actor = request.scope["state"]["actor"]
    body = b"" if request.route_handler.opt.get("form") else await request.body()
    return repeat_as(actor.account, key, request.method, request.scope["path"], body)


def repeat_as(account: int, key: str, method: str, path: str, body: bytes) -> Repeat:
    """The same of the parts of a request."""
    if not _KEY.fullmatch(key):
        raise Invalid(
            "Idempotency-Key", "must be 1 to 128 visible ASCII characters", "use a UUID made for this request"
        )
    digest = hashlib.sha256(f"{method} {path}\n".encode())
    digest.update(body)
    return Repeat(f"{account}:{key}", digest.hexdigest())


def answered(house: House, repeat: Repeat) -> int | None:
    """What the first request of this key made (an id); Conflict if the key was used for something else."""
    if repeat.key is None:
        return None
    with house.store.reader() as reader:
        known = reader.answered(repeat.key)
    if known is None:
        return None
    digest, response = known
    if digest != repeat.digest:
        raise Conflict("Idempotency-Key", "was used for another request", "use a new key for a new request")
    if response is None:
        raise NotFound("Idempotency-Key", "what this request made was erased with the person it was about")
    return int(response)


def version_of(if_match: str | None) -> int | None:
    """The version an `If-Match` header names; `*` and no header are any."""
    if if_match is None or if_match.strip() == "*":
        return None
    text = if_match.strip().removeprefix("W/").strip('"')
    if not text.isdigit():
        raise Invalid("If-Match", f"{if_match!r} is no version", "send the ETag of the row as it stands")
    return int(text)


def minimal(prefer: str | None) -> bool:
    """Does the client do without the row itself?"""
    return prefer is not None and "return=minimal" in prefer.replace(" ", "").lower()


def etag(version: int) -> str:
    return f'"{version}"'


def with_headers(secure: bool) -> Any:
    """A hook that adds the security headers to every answer."""
    headers = [(name.encode(), value.encode()) for name, value in _HEADERS.items()]
    strict = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")

    async def hook(message: Message, scope: Scope) -> None:
        if message["type"] != "http.response.start":
            return
        given = {name for name, _ in message["headers"]}
        added = [pair for pair in headers if pair[0] not in given]
        if secure and not _loopback(scope):
            added.append(strict)
        if b"cache-control" not in given:
            added.append((b"cache-control", b"no-store"))
        message["headers"] = [*message["headers"], *added]

    return hook


def _loopback(scope: Scope) -> bool:
    host = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "")
    return host.rsplit(":", 1)[0] in ("localhost", "127.0.0.1", "[::1]")


_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; worker-src 'self' blob:; style-src 'self'; "
        "style-src-attr 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; "
        "manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "geolocation=(self), camera=(self), microphone=()",
}
