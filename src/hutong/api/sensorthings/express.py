"""Single observations of machines that post all day: answered before the application's routing, gathered into groups.

Only what is plain is taken: POST to Datastreams(1)/Observations or Observations, by a Basic credential that is known, of a
number at an instant. Everything else, and every doubt, goes on to the application, which answers as it always does. What is
taken passes the same checks: the account, the right to send, the limits, the rules, and durability before the answer.
"""

from __future__ import annotations

import asyncio
import re
from typing import Any

import msgspec
import numpy as np
from litestar.types import ASGIApp, Receive, Scope, Send

from hutong.api.credentials import known_basic
from hutong.api.house import House
from hutong.api.problems import MEDIA_TYPE
from hutong.api.sensorthings.columns import result_of
from hutong.api.sensorthings.ingest import SOURCE, Ingest
from hutong.api.sensorthings.model import BASE
from hutong.api.sensorthings.times import instant_of
from hutong.api.sensorthings.told import told
from hutong.api.short_way import MOST_BYTES, UNUSUAL, again, answering, body_of
from hutong.kernel.access import Actor
from hutong.kernel.base import SECOND
from hutong.kernel.errors import HutongError, Invalid
from hutong.kernel.observation import ObservationBatch, Outcome
from hutong.kernel.thing import Datastream

MOST_WAITING = 100_000
PAUSE = 0.001
SIBLINGS = 4
"""After a group of so many, those who were just answered get PAUSE seconds to send again: larger groups, fewer syncs."""
_PATH = re.compile(rf"{re.escape(BASE)}/(?:Datastreams\((\d{{1,10}})\)/)?Observations")
_UNUSUAL = UNUSUAL | {b"idempotency-key"}


class _Link(msgspec.Struct, forbid_unknown_fields=True):
    id: int = msgspec.field(name="@iot.id")


class _Plain(msgspec.Struct, forbid_unknown_fields=True):
    """An observation without anything but a number and its time."""

    result: float
    time: str | None = msgspec.field(name="phenomenonTime", default=None)
    datastream: _Link | None = msgspec.field(name="Datastream", default=None)


_DECODER = msgspec.json.Decoder(_Plain)


class Group:
    """Posts that wait while the group before them is committed: many requests, one batch of columns."""

    def __init__(self, ingest: Ingest) -> None:
        self._ingest = ingest
        self._waiting: list[tuple[int, int, float, asyncio.Future[int]]] = []
        self._busy = False

    def add(self, stream: int, time: int, number: float) -> asyncio.Future[int]:
        """The id that the observation gets, once it is durable."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[int] = loop.create_future()
        self._waiting.append((stream, time, number, future))
        if not self._busy:
            self._busy = True
            loop.call_soon(self._send)
        return future

    @property
    def full(self) -> bool:
        return len(self._waiting) >= MOST_WAITING

    def _send(self) -> None:
        sent, self._waiting = self._waiting, []
        self._busy = bool(sent)
        if not sent:
            return
        streams, times, numbers, futures = zip(*sent, strict=True)
        batch = ObservationBatch(
            source=SOURCE,
            stream=np.array(streams, np.int64),
            time=np.array(times, np.int64),
            number=np.array(numbers, np.float64),
            quality=np.zeros(len(sent), np.uint8),
        )
        loop = asyncio.get_running_loop()
        try:
            outcome = self._ingest.submit(batch)
        except HutongError as error:
            self._fail(futures, error)
            return
        outcome.add_done_callback(lambda done: loop.call_soon_threadsafe(self._answer, futures, done))

    def _answer(self, futures: tuple[asyncio.Future[int], ...], done: Any) -> None:
        error = done.exception()
        if error is not None:
            self._fail(futures, error)
            return
        outcome: Outcome = done.result()
        for refusal in outcome.refused:
            _settle(futures[refusal.row], Invalid(refusal.field, refusal.reason))
        rows = range(len(futures)) if outcome.rows is None else outcome.rows.tolist()
        ids = [] if outcome.ids is None else outcome.ids.tolist()
        for row, id in zip(rows, ids, strict=True):
            if not futures[row].done():
                futures[row].set_result(id)
        if len(futures) >= SIBLINGS:
            asyncio.get_running_loop().call_later(PAUSE, self._send)
        else:
            self._send()

    def _fail(self, futures: tuple[asyncio.Future[int], ...], error: BaseException) -> None:
        for future in futures:
            _settle(future, error)
        self._send()


def _settle(future: asyncio.Future[int], error: BaseException) -> None:
    if not future.done():
        future.set_exception(error)


class Rights:
    """Who may send to which datastream, remembered for a second at most, and no longer than nothing changes."""

    def __init__(self, house: House, ingest: Ingest) -> None:
        self._house = house
        self._ingest = ingest
        self._of: tuple[Any, ...] = ()
        self._actors: dict[int, Actor] = {}
        self._allowed: set[tuple[int, int]] = set()

    def may(self, account: int, stream: Datastream) -> bool:
        """False if not, or not in a few words: the application then says why."""
        house = self._house
        directory = house.directory
        at = (
            directory,
            self._ingest.streams.generation,
            house.now() // SECOND,
            house.clock.recorded_at() // SECOND,
        )
        if at != self._of:
            self._of, self._actors, self._allowed = at, {}, set()
        if (account, stream.id) in self._allowed:
            return True
        try:
            actor = self._actors.get(account) or directory.actor(account, house.now())
            self._ingest.may_observe(actor, [stream])
        except HutongError:
            return False
        self._actors[account] = actor
        self._allowed.add((account, stream.id))
        return True


class Express:
    """An ASGI application before the application."""

    def __init__(self, app: ASGIApp, house: House, ingest: Ingest) -> None:
        self._app = app
        self._house = house
        self._ingest = ingest
        self._group = Group(ingest)
        self._rights = Rights(house, ingest)
        self._answer = answering(house.context.secure)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        match = _PATH.fullmatch(scope["path"]) if scope.get("method") == "POST" else None
        if match is None or scope.get("root_path") or self._group.full:
            await self._app(scope, receive, send)
            return
        found = self._headers(scope)
        if found is None:
            await self._app(scope, receive, send)
            return
        account, host = found
        raw = await body_of(receive)
        row = self._row(raw, account, match[1]) if raw is not None else None
        if row is None or raw is None:
            await self._app(scope, again(raw, receive), send)
            return
        await self._taken(scope, send, raw, row, host)

    def _headers(self, scope: Scope) -> tuple[int, str] | None:
        """Account and host; None where the application must look."""
        authorization, host, length = b"", b"", -1
        for name, value in scope["headers"]:
            if name in _UNUSUAL:
                return None
            if name == b"authorization":
                authorization = value
            elif name == b"host":
                host = value
            elif name == b"content-length":
                length = int(value) if value.isdigit() else -1
        if not authorization or not host or not 0 < length <= MOST_BYTES:
            return None
        account = known_basic(authorization.decode("latin-1"), self._house)
        return None if account is None else (account, host.decode("latin-1"))

    def _row(self, raw: bytes, account: int, named: str | None) -> tuple[int, int, float] | None:
        """Stream, time and number of a plain body that the account may send; None where the application must look."""
        try:
            plain = _DECODER.decode(raw)
            if (named is None) == (plain.datastream is None):
                return None
            stream = self._ingest.streams.kept(int(named) if named else plain.datastream.id)  # type: ignore[union-attr]
            if stream is None or stream.result_kind not in ("number", "code"):
                return None
            time = self._house.now() if plain.time is None else instant_of(plain.time, "phenomenonTime")
            number, _, _ = result_of(stream, plain.result)
        except (msgspec.DecodeError, UnicodeDecodeError, Invalid):
            return None
        return (stream.id, time, number) if self._rights.may(account, stream) else None

    async def _taken(
        self, scope: Scope, send: Send, raw: bytes, row: tuple[int, int, float], host: str
    ) -> None:
        try:
            id = await self._group.add(*row)
        except HutongError as error:
            status, headers, body = told(error)
            pairs = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
            await self._answer(scope, send, status, [(b"content-type", MEDIA_TYPE.encode()), *pairs], body)
            return
        own = f"{scope['scheme']}://{host}{BASE}/Observations({id})".encode()
        body = b'%b,"@iot.id":%d,"@iot.selfLink":"%b"}' % (raw.rstrip()[:-1].rstrip(), id, own)
        await self._answer(
            scope, send, 201, [(b"content-type", b"application/json"), (b"location", own)], body
        )
