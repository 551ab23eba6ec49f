"""Ports that devices speak to: asyncio servers that take any number of strangers and let none of them hurt the others."""

from __future__ import annotations

import asyncio
import functools
from collections import Counter, OrderedDict
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

from hutong.engine.flow.devices import DeviceDesk, PortState
from hutong.gateways.dialogue import Speaks
from hutong.gateways.keeper import Keeper, Submit
from hutong.gateways.raw import RawLog
from hutong.gateways.session import House, Session
from hutong.kernel.base import Facts
from hutong.kernel.clock import Clock
from hutong.kernel.definition.device import GatewayDefinition

LOOK_SECONDS = 1.0
SLOW_SECONDS = 30.0
"""How long a peer may leave its answers unread."""
ANSWER_BYTES = 64 * 1024
BACKLOG = 4096
CLOSING_SECONDS = 10.0


class Gateway:
    """One port. `start` and `stop` on the event loop it lives on; `options` are the city's with their secrets."""

    def __init__(
        self,
        definition: GatewayDefinition,
        speaks: Speaks,
        options: Facts,
        desk: DeviceDesk,
        clock: Clock,
        submit: Submit,
        raw: RawLog | None = None,
    ) -> None:
        self.definition = definition
        self.limits = definition.limits
        self.speaks = speaks
        self.options = options
        self.desk = desk
        self.clock = clock
        self.raw = raw
        self._submit = submit
        self._executor = ThreadPoolExecutor(2, thread_name_prefix=f"secrets-{definition.protocol}")
        self.connections: set[Connection | Datagrams] = set()
        self.silent: OrderedDict[Connection, None] = OrderedDict()
        """Those that never said anything valid, the oldest first."""
        self.peers: Counter[str] = Counter()
        self.turned_away = 0
        self.bytes = 0
        """What all dialogues hold back together."""
        self._house: House | None = None
        self._trouble = ""
        self._opened: asyncio.AbstractServer | asyncio.DatagramTransport | None = None
        self._looking: asyncio.Task[None] | None = None
        self.port = definition.port
        desk.live.listen(self.state)

    async def start(self) -> None:
        """Opens the port; OSError if that is not possible."""
        loop = asyncio.get_running_loop()
        keeper = Keeper(self._submit, loop, self.limits.rows)
        self._house = House(
            self.definition.protocol, self.desk, self.clock, keeper, loop, self._executor, self.limits
        )
        host, port = self.definition.host, self.definition.port
        try:
            if self.definition.transport == "udp":
                transport, protocol = await loop.create_datagram_endpoint(
                    lambda: Datagrams(self), (host, port)
                )
                self.connections.add(protocol)
                self._opened = transport
                self.port = transport.get_extra_info("sockname")[1]
            else:
                server = await loop.create_server(lambda: Connection(self), host, port, backlog=BACKLOG)
                self._opened = server
                self.port = server.sockets[0].getsockname()[1]
        except OSError as error:
            self._trouble = str(error)
            raise
        self._looking = asyncio.create_task(self._look())

    @property
    def house(self) -> House:
        """What its sessions share; there is one once it was started."""
        assert self._house is not None
        return self._house

    async def stop(self) -> None:
        """Takes nothing more in, finishes what is under way, then closes."""
        if self._opened is not None:
            if isinstance(self._opened, asyncio.AbstractServer):
                self._opened.close()
            for one in list(self.connections):
                one.rest()
            await self._finish()
            for one in list(self.connections):
                one.finish("the platform stops")
            if isinstance(self._opened, asyncio.DatagramTransport):
                self._opened.close()
        if self._looking is not None:
            self._looking.cancel()
        self._opened = None
        self._executor.shutdown(wait=False, cancel_futures=True)

    async def _finish(self) -> None:
        loop = asyncio.get_running_loop()
        end = loop.time() + CLOSING_SECONDS
        while not self.house.keeper.idle and loop.time() < end:
            await asyncio.sleep(0.02)

    async def _look(self) -> None:
        """Closes whoever is silent, idle or slow for too long."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            self.house.keeper.look()
            now = asyncio.get_running_loop().time()
            for one in list(self.connections):
                one.look(now)

    def session(self, peer: str, write: Any, hold: Any, close: Any) -> Session:
        """A conversation with a new peer."""
        return Session(self.house, self.speaks(self.options), peer, write, hold, close)

    def heard(self, session: Session, data: bytes) -> None:
        """Bytes of a peer. What it says is kept raw once it says anything valid."""
        before = session.dialogue.waiting
        session.receive(data)
        self.bytes += session.dialogue.waiting - before
        if self.bytes > self.limits.total_bytes:
            session.end("the port holds back too many bytes")
        if self.raw is not None and session.spoken:
            self.raw.keep(self.clock.recorded_at(), session.peer, data)

    def forget(self, session: Session) -> None:
        """The conversation is over."""
        self.bytes -= session.dialogue.waiting
        session.gone()

    def state(self) -> PortState:
        """For people."""
        one = self.definition
        tally = self._house.tally if self._house else Counter[str]()
        return PortState(
            protocol=one.protocol,
            host=one.host,
            port=self.port,
            transport=one.transport,
            open=self._opened is not None,
            trouble=self._trouble,
            connections=sum(one.count for one in list(self.connections)),
            packets=tally["packets"],
            faults=tally["faults"],
            turned_away=self.turned_away,
            raw_lost=self.raw.lost if self.raw else 0,
        )


class Connection(asyncio.Protocol):
    """A TCP connection."""

    count = 1
    transport: asyncio.Transport
    session: Session

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self.host = ""
        self._let_in = False
        self._slow_since: float | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Lets it in if there is room; those that never said anything make room first."""
        self.transport = cast(asyncio.Transport, transport)
        name = transport.get_extra_info("peername") or ("", 0)
        self.host = str(name[0])
        gateway, limits = self.gateway, self.gateway.limits
        if gateway.peers[self.host] >= limits.per_address or len(gateway.connections) >= limits.connections:
            oldest = next(
                (
                    one
                    for one in gateway.silent
                    if gateway.peers[self.host] < limits.per_address or one.host == self.host
                ),
                None,
            )
            gateway.turned_away += 1
            if oldest is None:
                self.transport.abort()
                return
            oldest.drop()
        self._let_in = True
        gateway.peers[self.host] += 1
        gateway.connections.add(self)
        gateway.silent[self] = None
        self.transport.set_write_buffer_limits(high=ANSWER_BYTES)
        peer = f"{self.host}:{name[1]}"
        self.session = gateway.session(peer, self.transport.write, self._hold, self._end)

    def data_received(self, data: bytes) -> None:
        if not self._let_in:
            return
        self.gateway.heard(self.session, data)
        if self.session.spoken:
            self.gateway.silent.pop(self, None)

    def _hold(self, on: bool) -> None:
        if self.transport.is_closing():
            return
        if on:
            self.transport.pause_reading()
        else:
            self.transport.resume_reading()

    def _end(self, reason: str) -> None:
        self.transport.close()

    def pause_writing(self) -> None:
        if self._let_in:
            self.session.stuck = True
            self._slow_since = self.session.house.loop.time()

    def resume_writing(self) -> None:
        if self._let_in:
            self.session.stuck = False
            self._slow_since = None
            self.session.work()

    def connection_lost(self, exc: Exception | None) -> None:
        self._leave()

    def _leave(self) -> None:
        if not self._let_in:
            return
        self._let_in = False
        gateway = self.gateway
        gateway.connections.discard(self)
        gateway.silent.pop(self, None)
        gateway.peers[self.host] -= 1
        if gateway.peers[self.host] <= 0:
            del gateway.peers[self.host]
        gateway.forget(self.session)

    def look(self, now: float) -> None:
        """Is its time over?"""
        limits = self.gateway.limits
        patience = limits.idle_seconds if self.session.spoken else limits.first_seconds
        slow = self._slow_since is not None and now - self._slow_since > SLOW_SECONDS
        if slow or (now - self.session.heard > patience and not self.session.waiting):
            self.drop()

    def drop(self) -> None:
        """Closes at once, whatever it has not read."""
        self.transport.abort()
        self._leave()

    def rest(self) -> None:
        """Reads nothing more."""
        if not self.transport.is_closing():
            self.transport.pause_reading()

    def finish(self, reason: str) -> None:
        self.session.end(reason)


class Datagrams(asyncio.DatagramProtocol):
    """All peers of a UDP port: each has a conversation of its own, the oldest go when there are too many."""

    transport: asyncio.DatagramTransport

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self._sessions: OrderedDict[tuple[Any, ...], Session] = OrderedDict()
        self._resting = False

    @property
    def count(self) -> int:
        return len(self._sessions)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        """What a busy peer sends meanwhile is let go: it will send it again."""
        if self._resting:
            return
        session = self._sessions.get(addr)
        if session is None:
            session = self._new(addr)
        self._sessions.move_to_end(addr)
        if session.waiting < self.gateway.limits.unanswered:
            self.gateway.heard(session, data)

    def _new(self, addr: tuple[Any, ...]) -> Session:
        while len(self._sessions) >= self.gateway.limits.connections:
            _, oldest = self._sessions.popitem(last=False)
            self.gateway.forget(oldest)
            self.gateway.turned_away += 1
        send = functools.partial(self._send, addr)
        close = functools.partial(self._close, addr)
        session = self.gateway.session(f"{addr[0]}:{addr[1]}", send, _ignored, close)
        self._sessions[addr] = session
        return session

    def _send(self, addr: tuple[Any, ...], data: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.sendto(data, addr)

    def _close(self, addr: tuple[Any, ...], reason: str) -> None:
        session = self._sessions.pop(addr, None)
        if session is not None:
            self.gateway.forget(session)

    def look(self, now: float) -> None:
        """Forgets peers that were not heard for long; they are in the order of their last datagram."""
        limits = self.gateway.limits
        while self._sessions:
            addr, session = next(iter(self._sessions.items()))
            patience = limits.idle_seconds if session.spoken else limits.first_seconds
            if now - session.heard <= patience:
                break
            self._close(addr, "idle")

    def rest(self) -> None:
        self._resting = True

    def finish(self, reason: str) -> None:
        for addr in list(self._sessions):
            self._close(addr, reason)


def _ignored(_: bool) -> None:
    """A datagram socket is not held: what comes too fast is let go instead."""
