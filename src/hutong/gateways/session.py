"""One peer's conversation: events of its dialogue in order, devices looked up, rows kept, answers in order."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from hutong.engine.flow.devices import DeviceDesk
from hutong.gateways.dialogue import Answer, Close, Dialogue, Event, Fault, Login, Packet, Verdict
from hutong.gateways.keeper import Keeper
from hutong.kernel.base import Instant
from hutong.kernel.clock import Clock
from hutong.kernel.definition.device import GatewayLimits
from hutong.kernel.thing import Device

TRUSTED = 1000
"""Devices that one connection may speak for after a login."""


class Loop(Protocol):
    """Of an event loop, what a session needs."""

    def call_soon_threadsafe(self, callback: Callable[..., object], /) -> object: ...
    def time(self) -> float: ...


@dataclass(frozen=True, eq=False)
class House:
    """What all sessions of a port share. `executor` hashes secrets."""

    protocol: str
    desk: DeviceDesk
    clock: Clock
    keeper: Keeper
    loop: Loop
    executor: Executor
    limits: GatewayLimits
    tally: Counter[str] = field(default_factory=Counter)
    """`packets` and `faults` of the port."""


class Slot:
    """The place of one answer in the order of answers; None until it is known."""

    __slots__ = ("data",)

    def __init__(self, data: bytes | None = None) -> None:
        self.data = data


class Session:
    """Reads events, answers them. `write` sends bytes; `hold` stops (True) and resumes reading; `close` ends it."""

    def __init__(
        self,
        house: House,
        dialogue: Dialogue,
        peer: str,
        write: Callable[[bytes], None],
        hold: Callable[[bool], None],
        close: Callable[[str], None],
    ) -> None:
        self.house = house
        self.dialogue = dialogue
        self.peer = peer
        self.address = peer.rpartition(":")[0]
        """The peer without its port: what limits go by."""
        self._write, self._hold, self._close = write, hold, close
        self._events: deque[Event] = deque()
        self._slots: deque[Slot] = deque()
        self._trusted: dict[str, int] = {}
        self._device: Device | None = None
        self._hashing = False
        self._held = False
        self._working = False
        self._ended = False
        self._last: str | None = None
        self.stuck = False
        """The peer does not read its answers."""
        self.spoken = False
        """It said something valid once."""
        self.heard = house.loop.time()
        """When it last said something valid, or came."""
        self.strikes = 0
        """Faults and refusals since the last message that was kept."""

    def receive(self, data: bytes) -> None:
        """Bytes off the wire."""
        if self._ended:
            return
        for event in self.dialogue.receive(data, self.house.clock.city_time()):
            if isinstance(event, Fault):
                self._fault(event)
                if self._ended:
                    return
            else:
                self.spoken = True
                self.heard = self.house.loop.time()
                self._events.append(event)
        if self.dialogue.waiting > self.house.limits.bytes:
            self.end("holds back too many bytes without a message")
        self.work()

    def work(self) -> None:
        """Goes on as far as it can now. An answer that comes while it works is seen by the work under way."""
        if self._working:
            return
        self._working = True
        try:
            while self._events and self._free:
                self._take(self._events.popleft())
                self._flush()
        finally:
            self._working = False
        self._flush()
        if self._last is not None and not self._slots:
            self.end(self._last)
        busy = not self._free
        if busy != self._held and not self._ended:
            self._held = busy
            self._hold(busy)

    @property
    def _free(self) -> bool:
        """May the next event be taken?"""
        halted = self._hashing or self.stuck or self._ended or self._last is not None
        return not halted and len(self._slots) < self.house.limits.unanswered

    def _take(self, event: Event) -> None:
        if isinstance(event, Answer):
            if event.data:
                self._slots.append(Slot(event.data))
        elif isinstance(event, Close):
            self._last = event.reason
        elif isinstance(event, Packet | Login):
            self._message(event)

    def _fault(self, fault: Fault) -> None:
        house = self.house
        house.tally["faults"] += 1
        device = self._device.id if self._device else None
        at = house.clock.recorded_at()
        house.desk.live.fault(house.protocol, self.peer, fault.reason, fault.data, at=at, device=device)
        self._strike("too many faults")

    def _strike(self, reason: str) -> None:
        self.strikes += 1
        if self.strikes > self.house.limits.faults:
            self.end(reason)

    def _message(self, event: Packet | Login) -> None:
        """Who is it, and may he? Hashing a secret that was never seen takes a thread and holds up this peer alone."""
        device = self.house.desk.find(self.house.protocol, event.address)
        if device is None or device.state != "admitted":
            self._refused(event, device)
            return
        if event.secret is None and self._trusted.get(event.address) == device.version:
            self._admitted(event, device, True)
            return
        known = self.house.desk.known(device, event.secret)
        if known is not None:
            self._admitted(event, device, known)
            return
        self._hashing = True
        hashed = self.house.executor.submit(self.house.desk.verify, device, event.secret, self.address)
        hashed.add_done_callback(partial(self._hashed, event, device))

    def _hashed(self, event: Packet | Login, device: Device, done: Future[bool]) -> None:
        right = done.exception() is None and done.result()
        self.house.loop.call_soon_threadsafe(partial(self._go_on, event, device, right))

    def _go_on(self, event: Packet | Login, device: Device, right: bool) -> None:
        self._hashing = False
        if not self._ended:
            self._admitted(event, device, right)
            self.work()

    def _refused(self, event: Packet | Login, device: Device | None) -> None:
        """Nobody knows it, or it waits for an operator, or it is blocked."""
        if device is None or device.state == "quarantined":
            self.house.desk.unknown(self.house.protocol, event.address, event.facts, self.address)
        if device is not None:
            self._count(device, "unknown", event)
        self._answer(event, "unknown")
        self._strike("speaks for devices that are not admitted")

    def _admitted(self, event: Packet | Login, device: Device, right: bool) -> None:
        if not right:
            self._count(device, "secret", event)
            self._answer(event, "secret")
            self._strike("shows wrong secrets")
            return
        self._device = device
        if isinstance(event, Login):
            self._trust(event.address, device)
            self._count(device, "kept", event)
            self._answer(event, "kept")
            self.strikes = 0
            return
        self._keep(event, device)

    def _trust(self, address: str, device: Device) -> None:
        if len(self._trusted) >= TRUSTED:
            self._trusted.pop(next(iter(self._trusted)))
        self._trusted[address] = device.version

    def _keep(self, packet: Packet, device: Device) -> None:
        self.house.tally["packets"] += 1
        batch, unmapped = self.house.desk.batch(device, packet.readings)
        if not len(batch):
            self._count(device, "content", packet, unmapped=len(unmapped))
            self._answer(packet, "content")
            return
        slot = Slot()
        self._slots.append(slot)
        self.house.keeper.keep(batch, partial(self._kept, packet, device, slot, len(batch), len(unmapped)))

    def _kept(
        self, packet: Packet, device: Device, slot: Slot, rows: int, unmapped: int, verdict: Verdict
    ) -> None:
        """The packet's fate is known: its answer may go when those before it went."""
        self._count(device, verdict, packet, rows=rows if verdict == "kept" else 0, unmapped=unmapped)
        self.strikes = 0 if verdict == "kept" else self.strikes
        slot.data = packet.answer(verdict)
        if self._slots and self._slots[0] is slot:
            self.work()

    def _count(
        self, device: Device, verdict: str, event: Packet | Login, *, rows: int = 0, unmapped: int = 0
    ) -> None:
        at: Instant = self.house.clock.recorded_at()
        channels = event.readings.channels[:200] if isinstance(event, Packet) else ()
        self.house.desk.live.packet(
            device.id, verdict, at=at, peer=self.peer, rows=rows, unmapped=unmapped, channels=channels
        )

    def _answer(self, event: Packet | Login, verdict: Verdict) -> None:
        self._slots.append(Slot(event.answer(verdict)))

    def _flush(self) -> None:
        """Sends the answers that are known, up to the first that is not."""
        ready: list[bytes] = []
        while self._slots and self._slots[0].data is not None:
            ready.append(self._slots.popleft().data or b"")
        data = b"".join(ready)
        if data and not self._ended:
            self._write(data)

    @property
    def waiting(self) -> int:
        """Packets without an answer."""
        return len(self._slots) + len(self._events)

    def end(self, reason: str) -> None:
        """Nothing more is read; what was answered before goes out."""
        if not self._ended:
            self._flush()
            self._ended = True
            self._events.clear()
            self._close(reason)

    def gone(self) -> None:
        """The peer left; what it sent is kept all the same."""
        self._ended = True
        self._events.clear()
        self._slots.clear()
