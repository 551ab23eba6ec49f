"""Cases opened and acted on by machines, such as another platform: answered before the application's routing.

Only what is plain is taken: POST of JSON to /cases or /cases/ID/actions/NAME by a Basic credential that is known and wants no
page in return (`Prefer: return=minimal`). It passes the same checks: the account, the right, the limits, the key of a repeat,
the rules, and durability before the answer. Everything else, and every doubt, goes on to the application.
"""

from __future__ import annotations

import re

import msgspec
from litestar.types import ASGIApp, Receive, Scope, Send

from hutong.api.access import CASE, in_general
from hutong.api.case_commands import Deed, NewCase, acting, once, opening
from hutong.api.credentials import known_basic
from hutong.api.house import House
from hutong.api.problems import MEDIA_TYPE, told
from hutong.api.requests import Repeat, etag, minimal, repeat_as
from hutong.api.short_way import MOST_BYTES, UNUSUAL, Pairs, again, answering, body_of
from hutong.engine.flow.together import Wish
from hutong.kernel.access import Actor
from hutong.kernel.case import Case
from hutong.kernel.errors import HutongError

_PATH = re.compile(r"/api/v1/cases(?:/([0-9]{1,15})/actions/([a-z_]{1,80}))?")
_JSON = (b"content-type", b"application/json")
_NEW = msgspec.json.Decoder(NewCase)
_DEED = msgspec.json.Decoder(Deed)


class CaseExpress:
    """An ASGI application before the application."""

    def __init__(self, app: ASGIApp, house: House) -> None:
        self._app = app
        self._house = house
        self._answer = answering(house.context.secure)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        match = _PATH.fullmatch(scope["path"]) if scope.get("method") == "POST" else None
        given = None if match is None or scope.get("root_path") else _headers(scope)
        actor = None if match is None or given is None else self._actor(given[b"authorization"], match)
        if match is None or given is None or actor is None:
            await self._app(scope, receive, send)
            return
        raw = await body_of(receive)
        data = None if raw is None else _decoded(raw, match)
        if raw is None or data is None:
            await self._app(scope, again(raw, receive), send)
            return
        try:
            self._house.writes.take(f"account {actor.account}", self._house.clock.recorded_at())
            repeat = _repeat(actor, given, scope["path"], raw)
            case = await once(self._house, repeat, self._wish(actor, repeat, match, data, given))
        except Exception as error:
            status, headers, body = told(error)
            pairs = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
            await self._answer(scope, send, status, [(b"content-type", MEDIA_TYPE.encode()), *pairs], body)
            return
        if isinstance(data, NewCase):
            where = (b"location", b"/api/v1/cases/%d" % case.id)
            await self._answer(scope, send, 201, [*_done(case), where, _JSON], b"null")
        else:
            await self._answer(scope, send, 204, _done(case), b"")

    def _actor(self, authorization: bytes, match: re.Match[str]) -> Actor | None:
        """Who asks, if he is known and may in general; None where the application must look."""
        account = known_basic(authorization.decode("latin-1"), self._house)
        if account is None:
            return None
        try:
            actor = self._house.directory.actor(account, self._house.now())
        except HutongError:
            return None
        verb = "open" if match[1] is None else "read"
        return actor if in_general(actor, verb, CASE, self._house.rulebook).allowed else None

    def _wish(
        self,
        actor: Actor,
        repeat: Repeat,
        match: re.Match[str],
        data: NewCase | Deed,
        given: dict[bytes, bytes],
    ) -> Wish:
        if isinstance(data, NewCase):
            return opening(self._house, actor, repeat, data)
        version = given.get(b"if-match")
        if_match = None if version is None else version.decode("latin-1")
        return acting(self._house, actor, repeat, int(match[1]), match[2], data, if_match)


def _headers(scope: Scope) -> dict[bytes, bytes] | None:
    """The headers by name; None where the application must look."""
    pairs = scope["headers"]
    given = dict(pairs)
    if len(given) != len(pairs) or not given.keys().isdisjoint(UNUSUAL):
        return None
    length = given.get(b"content-length", b"")
    plain = given.get(b"content-type") == b"application/json" and b"authorization" in given
    if not plain or not length.isdigit() or not 0 < int(length) <= MOST_BYTES:
        return None
    return given if minimal(given.get(b"prefer", b"").decode("latin-1")) else None


def _decoded(raw: bytes, match: re.Match[str]) -> NewCase | Deed | None:
    try:
        return _NEW.decode(raw) if match[1] is None else _DEED.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _repeat(actor: Actor, given: dict[bytes, bytes], path: str, raw: bytes) -> Repeat:
    key = given.get(b"idempotency-key")
    if key is None:
        return Repeat()
    return repeat_as(actor.account, key.decode("latin-1"), "POST", path, raw)


def _done(case: Case) -> Pairs:
    return (b"etag", etag(case.version).encode()), (b"preference-applied", b"return=minimal")
