"""GET /events: server-sent events from the journal, resumed by position; and the latest of them as a list."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any

import msgspec
from litestar import Request, Router, get
from litestar.concurrency import sync_to_thread
from litestar.params import HeaderParameter
from litestar.response import Stream

from hutong.api.access import signed_in
from hutong.api.clock import ClockShape, clock_shape
from hutong.api.happenings import Happening, HappeningShape, happenings
from hutong.api.house import House
from hutong.api.outbox import CHUNK, Listener, Seen
from hutong.api.requests import Limit, QueryId, TheActor, TheHouse
from hutong.api.shapes import time_of
from hutong.kernel.access import Actor, decide
from hutong.kernel.errors import HutongError, Invalid

HEARTBEAT = 3
"""Ticks after which a comment keeps a silent connection alive."""
TICK = 1.0
CLOCK_EVERY = 5
"""Ticks between clock events when nothing about the clock changed."""
MOST = 200


class EventList(msgspec.Struct, frozen=True):
    rows: list[HappeningShape]
    after: str | None


class Batches(msgspec.Struct):
    """Observations that came since the last such event."""

    source: str = ""
    count: int = 0
    last_time: str = ""

    def add(self, seen: Seen) -> None:
        for record in seen.batches:
            self.source = str(record.facts.get("source", ""))
            self.count += int(record.facts.get("count", 0))
            last = time_of(record.facts.get("last")) or ""
            self.last_time = max(self.last_time, last)


def _event(name: str, data: Any, id: int | None = None) -> bytes:
    lead = f"id: {id}\n" if id is not None else ""
    return f"{lead}event: {name}\ndata: ".encode() + msgspec.json.encode(data) + b"\n\n"


@get("/events", guards=[signed_in()], summary="What happens, as it happens", media_type="text/event-stream")
async def events(
    house: TheHouse,
    actor: TheActor,
    request: Request[Any, Any, Any],
    last_event_id: Annotated[str | None, HeaderParameter(name="Last-Event-ID")] = None,
    after: QueryId = None,
) -> Stream:
    """Server-sent events: `record` for cases and warnings the asker may read, `clock`, `observations`. The id of an event
    is its journal position; a reader that comes back with it misses nothing."""
    position = _position(last_event_id, after)
    return Stream(
        _stream(house, actor, request, position),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


def _position(header: str | None, after: int | None) -> int | None:
    if header:
        if not header.isdigit():
            raise Invalid("Last-Event-ID", f"{header!r} is no position", "send the id of the last event")
        return int(header)
    return after


async def _stream(
    house: House, actor: Actor, request: Request[Any, Any, Any], position: int | None
) -> AsyncIterator[bytes]:
    listener = house.outbox.listen()
    told = house.outbox.position if position is None else position
    try:
        yield b"retry: 2000\n\n" + _event("clock", clock_shape(house))
        if position is not None:
            async for happening in _missed(house, position, house.outbox.position):
                told = happening.position
                if happening.shown_to(actor):
                    yield _event("record", happening.shape, happening.position)
        async for chunk in _live(house, actor, request, listener, told):
            yield chunk
    finally:
        house.outbox.leave(listener)


async def _missed(house: House, after: int, until: int) -> AsyncIterator[Happening]:
    """What happened between the position the reader knows and the present: from memory, or else from the journal."""
    kept = house.outbox.since(after)
    if kept is not None:
        for happening in kept:
            yield happening
        return
    while after < until:
        found, after = await sync_to_thread(_read, house, after)
        for happening in found:
            if happening.position <= until:
                yield happening


def _read(house: House, after: int) -> tuple[tuple[Happening, ...], int]:
    with house.store.reader() as reader:
        records = reader.journal(after=after, limit=CHUNK)
        if not records:
            return (), 2**62
        return happenings(reader, records, house.context), records[-1].position


async def _live(
    house: House, actor: Actor, request: Request[Any, Any, Any], listener: Listener, told: int
) -> AsyncIterator[bytes]:
    ticker = _Ticker(house, decide(actor, "read", "observation").allowed)
    loop = asyncio.get_running_loop()
    next_tick = loop.time() + TICK
    while not listener.lost:
        try:
            seen = await asyncio.wait_for(listener.queue.get(), max(0.01, next_tick - loop.time()))
        except TimeoutError:
            seen = None
        if seen is not None:
            for happening in seen.happenings:
                if happening.position > told and happening.shown_to(actor):
                    yield _event("record", happening.shape, happening.position)
            told = max(told, seen.head)
            ticker.batches.add(seen)
        if loop.time() >= next_tick:
            next_tick = loop.time() + TICK
            if not _still_signed_in(house, request):
                return
            for event in ticker.tick():
                yield event


class _Ticker:
    """What a stream tells once a second at most: observations, the clock, and that it is still there."""

    def __init__(self, house: House, observing: bool) -> None:
        self.house = house
        self.observing = observing
        self.batches = Batches()
        self.pace = _pace(house)
        self.ticks = 0

    def tick(self) -> list[bytes]:
        self.ticks += 1
        found: list[bytes] = []
        if self.batches.count and self.observing:
            found.append(_event("observations", self.batches))
            self.batches = Batches()
        pace = _pace(self.house)
        if self.ticks % CLOCK_EVERY == 0 or pace != self.pace:
            self.pace = pace
            found.append(_event("clock", clock_shape(self.house)))
        if not found and self.ticks % HEARTBEAT == 0:
            found.append(b": still here\n\n")
        return found


def _pace(house: House) -> ClockShape:
    return msgspec.structs.replace(clock_shape(house), city_time="")


def _still_signed_in(house: House, request: Request[Any, Any, Any]) -> bool:
    """Signing out, or losing the account, ends the stream."""
    session = request.scope["state"]["session"]
    if session is None:
        return True
    try:
        house.directory.actor(session.account, house.now())
    except HutongError:
        return False
    return house.context.sessions.get(session.id) is not None


@get("/events/recent", guards=[signed_in()], sync_to_thread=True, summary="What happened lately")
def recent(house: TheHouse, actor: TheActor, limit: Limit = 50) -> EventList:
    """Newest first."""
    found = [one.shape for one in house.outbox.recent() if one.shown_to(actor)]
    return EventList(found[: max(1, min(limit, MOST))], None)


router = Router("/", route_handlers=[events, recent], tags=["events"])
