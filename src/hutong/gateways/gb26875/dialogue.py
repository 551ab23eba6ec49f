"""The centre's side of GB/T 26875.3-2011: what a device sends is confirmed (3) after commit and denied (6) when refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from hutong.gateways.bcd import clock_parts
from hutong.gateways.dialogue import Answer, Event, Fault, Login, Packet, Verdict
from hutong.gateways.framing import Framing
from hutong.gateways.gb26875 import frame as wire
from hutong.gateways.gb26875.frame import Frame
from hutong.gateways.gb26875.objects import Objects, bcd_clock, binary_clock
from hutong.gateways.noise import SAMPLE
from hutong.kernel.base import Facts, Instant
from hutong.kernel.errors import Invalid

CLOCKS = {"binary": binary_clock, "bcd": bcd_clock}
ORDERS = ("low", "high")
SET_CLOCK = 90
ROLL_CALL = 91


class Gb26875:
    """Options: `time` (binary, bcd), `address_order` (low: the first byte of an address is its lowest; high).

    The protocol has no credential. While the city cannot keep a message nothing is answered, so the device repeats it.
    """

    def __init__(self, options: Facts) -> None:
        time, order = str(options.get("time", "binary")), str(options.get("address_order", "low"))
        if time not in CLOCKS:
            raise Invalid("time", f"{time!r} is no form of time", f"write one of {', '.join(CLOCKS)}")
        if order not in ORDERS:
            raise Invalid("address_order", f"{order!r} is no order", f"write one of {', '.join(ORDERS)}")
        self._bcd = time == "bcd"
        self._clock = CLOCKS[time]
        self._turn = -1 if order == "low" else 1
        self._framing = Framing(wire.MARK, wire.measure, wire.check, wire.LONGEST)

    @property
    def waiting(self) -> int:
        return self._framing.waiting

    def receive(self, data: bytes, now: Instant) -> list[Event]:
        events: list[Event] = []
        for found in self._framing.feed(data, now):
            if isinstance(found, Fault):
                events.append(found)
            else:
                events += self._frame(wire.read(found), now)
        return events

    def _frame(self, frame: Frame, now: Instant) -> Iterator[Event]:
        """Data (2) and answers (5) carry objects; a request (4) may ask for the clock; confirmations are the device's own."""
        if frame.command == wire.SEND and not frame.data:
            yield Login(self._address(frame), self._answer(frame, now))
        elif frame.command in (wire.SEND, wire.ANSWER):
            yield from self._objects(frame, now)
        elif frame.command == wire.REQUEST:
            yield self._request(frame, now)

    def _objects(self, frame: Frame, now: Instant) -> Iterator[Event]:
        objects = Objects(self._clock, now)
        objects.read(frame.data)
        if objects.note:
            yield Fault(objects.note, frame.data[:SAMPLE])
        answers = frame.command == wire.SEND
        if objects.rows:
            answer = self._answer(frame, now) if answers else _silent
            yield Packet(self._address(frame), objects.rows.readings(), answer, facts=_facts(frame))
        elif answers:
            yield Answer(self._reply(frame, wire.DENY, now))

    def _request(self, frame: Frame, now: Instant) -> Event:
        """A device asks for the time with type 90 (or 28); nothing else can be asked of a city [M-med]."""
        if frame.data[:1] in (bytes([SET_CLOCK]), bytes([28])):
            clock = self._now(now)
            return Answer(self._reply(frame, wire.CONTROL, now, bytes([SET_CLOCK, 1]) + clock))
        return Answer(self._reply(frame, wire.DENY, now))

    def _address(self, frame: Frame) -> str:
        return frame.source[:: self._turn].hex().upper()

    def _now(self, now: Instant) -> bytes:
        """Second first, year last."""
        parts = clock_parts(now)[::-1]
        return bytes(part // 10 << 4 | part % 10 for part in parts) if self._bcd else bytes(parts)

    def _answer(self, frame: Frame, now: Instant) -> Callable[[Verdict], bytes]:
        def answer(verdict: Verdict) -> bytes:
            if verdict == "busy":
                return b""
            return self._reply(frame, wire.CONFIRM if verdict == "kept" else wire.DENY, now)

        return answer

    def _reply(self, frame: Frame, command: int, now: Instant, data: bytes = b"") -> bytes:
        """The device's serial number and version, from its target to its source."""
        return wire.write(
            frame._replace(
                clock=self._now(now), source=frame.target, target=frame.source, command=command, data=data
            )
        )


def _facts(frame: Frame) -> Facts:
    return {"version": f"{frame.major}.{frame.minor}", "centre": frame.target[::-1].hex().upper()}


def _silent(verdict: Verdict) -> bytes:
    return b""
