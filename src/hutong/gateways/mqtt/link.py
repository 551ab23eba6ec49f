"""The connection to a broker: kept up with back-off, read in whole batches, written with bounded windows."""

from __future__ import annotations

import asyncio
import logging
import random
import ssl
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import cast

from hutong.gateways.mqtt import wire
from hutong.gateways.mqtt.wire import Control, Decoder, Hello, Message
from hutong.kernel.errors import HutongError, Invalid, Unavailable

_LOG = logging.getLogger("hutong.gateways.mqtt")
FIRST_WAIT, LONGEST_WAIT = 0.5, 60.0
"""Seconds between attempts; the wait doubles, with up to a third of chance in it."""
PATIENCE = 15.0
"""Seconds for the answer to CONNECT and SUBSCRIBE."""


class Session(asyncio.Protocol):
    """One connection, from CONNECT to its end."""

    def __init__(self, hello: Hello, hear: Callable[[Session, list[Message]], None]) -> None:
        loop = asyncio.get_running_loop()
        self.hello = hello
        self.accepted: asyncio.Future[wire.Connected] = loop.create_future()
        self.ended: asyncio.Future[str] = loop.create_future()
        self.resumed = False
        self._hear = hear
        self._decoder = Decoder(hello.version, hello.largest)
        self._transport: asyncio.Transport | None = None
        self._loop = loop
        self._last = loop.time()
        self._subscribed: asyncio.Future[bytes] | None = None
        self._mid = 0
        self._under_way: dict[int, asyncio.Future[None]] = {}
        self._window = 100
        self._room = asyncio.Event()
        self._room.set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(wire.connect(self.hello))

    def data_received(self, data: bytes) -> None:
        self._last = self._loop.time()
        try:
            packets = self._decoder.feed(data)
        except Invalid as error:
            self.close(error.reason)
            return
        messages = [one for one in packets if isinstance(one, Message)]
        if messages:
            self._hear(self, messages)
        if len(messages) != len(packets):
            self._controlled(packets)

    def _controlled(self, packets: Iterable[wire.Packet]) -> None:
        for one in packets:
            if isinstance(one, wire.Connected):
                self._window = max(1, min(one.receive, 500))
                if not self.accepted.done():
                    self.accepted.set_result(one)
            elif isinstance(one, Control) and one.kind == wire.PUBACK:
                self._confirmed(one)
            elif isinstance(one, Control) and one.kind == wire.SUBACK and self._subscribed is not None:
                if not self._subscribed.done():
                    self._subscribed.set_result(one.codes)
            elif isinstance(one, Control) and one.kind == wire.DISCONNECT:
                self.close(f"the broker ended the connection (reason {one.codes.hex() or '00'})")

    def _confirmed(self, one: Control) -> None:
        waiting = self._under_way.pop(one.mid, None)
        if waiting is not None and not waiting.done():
            waiting.set_result(None)
        self._room.set()

    def connection_lost(self, error: Exception | None) -> None:
        self.close(str(error) if error else "the connection was closed")

    def close(self, reason: str) -> None:
        """Ends the connection; everybody who waits for it is told."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.close()
        if not self.ended.done():
            self.ended.set_result(reason)
        lost = Unavailable("mqtt", reason, "it is tried again")
        for waiting in (self.accepted, self._subscribed, *self._under_way.values()):
            if waiting is not None and not waiting.done():
                waiting.set_exception(lost)
                waiting.exception()
        self._under_way.clear()
        self._room.set()

    @property
    def open(self) -> bool:
        return not self.ended.done()

    def write(self, data: bytes) -> None:
        if self.open and self._transport is not None:
            self._transport.write(data)

    def pause(self, paused: bool) -> None:
        """Reads no more until told: the broker keeps what comes meanwhile."""
        if self.open and self._transport is not None:
            (self._transport.pause_reading if paused else self._transport.resume_reading)()

    def acknowledge(self, messages: Sequence[Message]) -> None:
        """In the order they came (MQTT-4.6.0-2)."""
        mids = [one.mid for one in messages if one.qos == 1]
        if mids:
            self.write(wire.acknowledgements(mids))

    async def subscribe(self, filters: Sequence[str], qos: int = 1) -> None:
        self._subscribed = self._loop.create_future()
        self._mid = self._mid % 65_535 + 1
        self.write(wire.subscribe(self._mid, filters, self.hello.version, qos))
        codes = await asyncio.wait_for(self._subscribed, PATIENCE)
        refused = [name for name, code in zip(filters, codes, strict=False) if code >= 0x80]
        if refused:
            raise Unavailable(
                "mqtt", f"the broker refuses {', '.join(refused)}", "let its access list allow it"
            )

    def tell(self, message: Message) -> asyncio.Future[None] | None:
        """Sends at once; at QoS 1, what becomes done when the broker has confirmed it."""
        if not message.qos:
            self.write(wire.publish(message, self.hello.version))
            return None
        self._mid = next(mid for mid in _after(self._mid) if mid not in self._under_way)
        self._under_way[self._mid] = confirmed = self._loop.create_future()
        self.write(wire.publish(replace(message, mid=self._mid), self.hello.version))
        return confirmed

    async def publish(self, messages: Iterable[Message]) -> None:
        """Sends, and waits until the broker has confirmed all at QoS 1; Unavailable if the connection ended before."""
        sent: list[asyncio.Future[None]] = []
        for one in messages:
            if one.qos:
                while self.open and len(self._under_way) >= self._window:
                    self._room.clear()
                    await self._room.wait()
            if not self.open:
                raise Unavailable("mqtt", "the connection ended", "it is tried again")
            confirmed = self.tell(one)
            if confirmed is not None:
                sent.append(confirmed)
        if sent:
            await asyncio.gather(*sent)

    async def keep(self) -> None:
        """Pings; closes a connection that is silent for one and a half times the keep-alive."""
        every = self.hello.keep_alive / 2
        while self.open:
            await asyncio.wait([self.ended], timeout=every)
            if self._loop.time() - self._last > 3 * every:
                self.close("the broker is silent")
            self.write(wire.PINGREQ)


def _after(mid: int) -> Iterator[int]:
    """Packet identifiers from the next on, 1 … 65535 round and round."""
    while True:
        mid = mid % 65_535 + 1
        yield mid


class Link:
    """Keeps one session up until cancelled. `greet` is called with each new session before messages are asked for."""

    def __init__(
        self,
        address: tuple[str, int],
        context: ssl.SSLContext | None,
        hello: Callable[[], Hello],
        hear: Callable[[Session, list[Message]], None],
        greet: Callable[[Session], None],
        filters: Sequence[str],
        qos: int = 1,
    ) -> None:
        self.address = address
        self.context = context
        self.hello = hello
        self.hear = hear
        self.greet = greet
        self.filters = filters
        self.qos = qos
        self.session: Session | None = None
        self.faults: deque[str] = deque(maxlen=20)
        self.connections = 0

    async def run(self) -> None:
        wait = FIRST_WAIT
        while True:
            began = asyncio.get_running_loop().time()
            reason = await self._once()
            self.session = None
            self.faults.append(reason)
            _LOG.warning("%s:%d: %s", *self.address, reason)
            if asyncio.get_running_loop().time() - began > LONGEST_WAIT:
                wait = FIRST_WAIT
            await asyncio.sleep(wait * (1 + random.random() / 3))
            wait = min(LONGEST_WAIT, wait * 2)

    async def _once(self) -> str:
        """One connection from beginning to end: why it ended."""
        loop = asyncio.get_running_loop()
        try:
            _, session = await asyncio.wait_for(
                loop.create_connection(
                    lambda: Session(self.hello(), self.hear), *self.address, ssl=self.context
                ),
                PATIENCE,
            )
        except (OSError, TimeoutError, HutongError) as error:
            return f"no connection: {error or 'no answer'}"
        try:
            accepted = await asyncio.wait_for(session.accepted, PATIENCE)
            if accepted.code:
                session.close("")
                return f"the broker refuses us (code {accepted.code})"
            session.resumed = accepted.session
            self.greet(session)
            self.session = session
            self.connections += 1
            if self.filters:
                await session.subscribe(self.filters, self.qos)
            keeping = loop.create_task(session.keep())
            reason = await asyncio.shield(session.ended)
            keeping.cancel()
        except (TimeoutError, HutongError) as error:
            reason = str(error) or "no answer"
            session.close(reason)
        except asyncio.CancelledError:
            session.write(wire.disconnect(session.hello.version))
            session.close("we end")
            raise
        return reason
