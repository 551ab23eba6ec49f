"""The platform's side of JT/T 808: registration, authentication, heartbeats, positions and batches of them."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator

from hutong.gateways.bcd import to_bcd_time
from hutong.gateways.dialogue import Answer, Close, Event, Fault, Login, Packet, Verdict
from hutong.gateways.jt808 import frame as framing
from hutong.gateways.jt808.codes import Codes
from hutong.gateways.jt808.frame import Frame
from hutong.gateways.jt808.position import read_position
from hutong.gateways.jt808.terminal import Terminal, read_authentication, read_registration
from hutong.gateways.noise import SAMPLE, Noise
from hutong.gateways.parts import Part, Parts
from hutong.gateways.rows import Rows
from hutong.kernel.base import Facts, Instant

TERMINAL_ANSWER, HEARTBEAT, LOGOUT, CLOCK = 0x0001, 0x0002, 0x0003, 0x0004
REGISTER, AUTHENTICATE, POSITION, BATCH = 0x0100, 0x0102, 0x0200, 0x0704
GENERAL, RESEND, CLOCK_ANSWER, REGISTERED = 0x8001, 0x8003, 0x8004, 0x8100
DONE, FAILED, WRONG, UNSUPPORTED = 0, 1, 2, 3
MOST_PARTS = 512
_RESULTS: dict[Verdict, int] = {"kept": DONE, "unknown": FAILED, "secret": FAILED, "content": WRONG}
_REGISTRATION: dict[Verdict, int] = {"kept": 0, "unknown": 4, "secret": 3, "content": 4}
"""0 done, 3 this terminal is registered already (and has its code), 4 no such terminal."""
_PARTED = {REGISTER, AUTHENTICATE, POSITION, BATCH}
_MOST_PROVEN = 4096


class Jt808:
    """Options: `key`, from which authentication codes are derived; without it the code is the device's secret in the registry.

    While the city cannot keep a packet ("busy") nothing is answered, so the terminal sends it again.
    """

    def __init__(self, options: Facts) -> None:
        key = options.get("key")
        self._codes = Codes(str(key)) if key else None
        self._proven: dict[str, None] = {}
        self._tail = b""
        self._endless = False
        self._noise = Noise("bytes without an end mark")
        self._parts = Parts()
        self._serial = 0
        self._handlers: dict[int, Callable[[Frame, bytes, list[int], Instant], Iterator[Event]]] = {
            REGISTER: self._register,
            AUTHENTICATE: self._authenticate,
            POSITION: self._position,
            BATCH: self._batch,
        }

    @property
    def waiting(self) -> int:
        return len(self._tail) + self._noise.waiting + self._parts.waiting

    def receive(self, data: bytes, now: Instant) -> list[Event]:
        *segments, tail = (self._tail + data).split(framing.MARK)
        events: list[Event] = []
        for segment in segments:
            if self._endless or len(segment) > framing.LONGEST:
                events += self._noise.add(segment)
                events += self._noise.end()
                self._endless = False
            elif segment:
                events += self._message(segment, now)
        if self._endless or len(tail) > framing.LONGEST:
            events += self._noise.add(tail)
            self._endless, tail = True, b""
        self._tail = tail
        return events

    def _message(self, segment: bytes, now: Instant) -> Iterator[Event]:
        frame = framing.read(segment)
        if isinstance(frame, str):
            yield Fault(frame, segment[:SAMPLE])
        elif frame.encrypted:
            yield Fault("the body is encrypted", segment[:SAMPLE])
            yield Answer(self._general(frame, frame.serial, UNSUPPORTED))
        elif frame.total > 1:
            yield from self._packet(frame, segment, now)
        else:
            yield from self._whole(frame, frame.body, [frame.serial], now)

    def _packet(self, frame: Frame, segment: bytes, now: Instant) -> Iterator[Event]:
        """One of several packets. Parts are asked for again when the last packet came and some are missing."""
        if frame.message not in _PARTED or frame.total > MOST_PARTS:
            yield Fault(f"message {frame.message:04X} in {frame.total} packets", segment[:SAMPLE])
            yield Answer(self._general(frame, frame.serial, UNSUPPORTED))
            return
        key = (frame.phone, frame.message, frame.total, (frame.serial - frame.part) & 0xFFFF)
        parts = self._parts.add(key, frame.total, frame.part, Part(frame.body, frame.serial))
        if parts is not None:
            body = b"".join(part.data for part in parts)
            yield from self._whole(frame, body, [part.serial for part in parts], now)
            return
        if frame.part == frame.total:
            yield Answer(self._resend(frame, self._parts.serial(key), self._parts.missing(key)))
        if self._parts.overflow():
            yield Fault("packets of an unfinished message are dropped", segment[:SAMPLE])

    def _whole(self, frame: Frame, body: bytes, serials: list[int], now: Instant) -> Iterator[Event]:
        handler = self._handlers.get(frame.message)
        if handler is not None:
            yield from handler(frame, body, serials, now)
        elif frame.message == HEARTBEAT:
            yield Answer(self._general(frame, frame.serial, DONE))
        elif frame.message == CLOCK:
            yield Answer(_write(frame, self._number(), CLOCK_ANSWER, to_bcd_time(now, 0)))
        elif frame.message == LOGOUT:
            self._proven.pop(frame.address, None)
            yield Answer(self._general(frame, frame.serial, DONE))
            yield Close("logout")
        elif frame.message != TERMINAL_ANSWER:
            yield Answer(self._general(frame, frame.serial, UNSUPPORTED))

    def _register(self, frame: Frame, body: bytes, serials: list[int], now: Instant) -> Iterator[Event]:
        terminal = read_registration(body, frame.version is not None)
        if terminal is None:
            yield Fault("a registration that is cut off", body[:SAMPLE])
            yield Answer(self._general(frame, serials[-1], WRONG))
            return

        own = self._number()

        def answer(verdict: Verdict) -> bytes:
            if verdict == "busy":
                return b""
            result = _REGISTRATION[verdict]
            reply = struct.pack(">HB", serials[-1], result)
            reply += self._code(frame, terminal) if not result else b""
            return _write(frame, own, REGISTERED, reply)

        secret = terminal.id if self._codes else None
        yield Login(frame.address, answer, secret, terminal.facts())

    def _code(self, frame: Frame, terminal: Terminal) -> bytes:
        code = self._codes.issue(frame.address, terminal.id) if self._codes else frame.address
        return code.encode("gb18030")

    def _authenticate(self, frame: Frame, body: bytes, serials: list[int], now: Instant) -> Iterator[Event]:
        shown = read_authentication(body, frame.version is not None)
        if shown is None:
            yield Fault("an authentication that is cut off", body[:SAMPLE])
            yield Answer(self._general(frame, serials[-1], WRONG))
            return
        code, facts = shown
        secret: str | None = code
        if self._codes:
            secret = self._codes.terminal(frame.address, code)
            if secret is None:
                yield Fault(f"terminal {frame.address} shows a code this city did not give")
                yield Answer(self._general(frame, serials[-1], FAILED))
                return
            self._prove(frame.address)
        yield Login(frame.address, self._verdict(frame, serials), secret, facts)

    def _prove(self, address: str) -> None:
        if len(self._proven) >= _MOST_PROVEN:
            del self._proven[next(iter(self._proven))]
        self._proven[address] = None

    def _position(self, frame: Frame, body: bytes, serials: list[int], now: Instant) -> Iterator[Event]:
        yield from self._positions(frame, [body], serials)

    def _batch(self, frame: Frame, body: bytes, serials: list[int], now: Instant) -> Iterator[Event]:
        """0x0704: number of items, kind (0 normal, 1 from a blind area), then length and report of each."""
        if len(body) < 3:
            yield Fault("a batch without its head", body)
            yield Answer(self._general(frame, serials[-1], WRONG))
            return
        count, at = int.from_bytes(body[:2]), 3
        items: list[bytes] = []
        while at + 2 <= len(body) and len(items) < count:
            length = int.from_bytes(body[at : at + 2])
            items.append(body[at + 2 : at + 2 + length])
            at += 2 + length
        if at != len(body) or len(items) != count:
            yield Fault(f"a batch of {count} positions does not fill its body", body[:SAMPLE])
        yield from self._positions(frame, items, serials)

    def _positions(self, frame: Frame, items: list[bytes], serials: list[int]) -> Iterator[Event]:
        if self._codes and frame.address not in self._proven:
            yield Fault(f"terminal {frame.address} has not shown its code")
            yield Answer(self._general(frame, serials[-1], FAILED))
            return
        rows = Rows()
        for item in items:
            note = read_position(item, rows)[1]
            if note:
                yield Fault(note, item[:SAMPLE])
        if rows:
            yield Packet(frame.address, rows.readings(), self._verdict(frame, serials))
        else:
            yield Answer(self._general(frame, serials[-1], WRONG))

    def _verdict(self, frame: Frame, serials: list[int]) -> Callable[[Verdict], bytes]:
        """Each packet of the message is answered, in the order of their numbers."""
        numbers = [(self._number(), serial) for serial in serials]

        def answer(verdict: Verdict) -> bytes:
            if verdict == "busy":
                return b""
            result = _RESULTS[verdict]
            return b"".join(_general(frame, own, serial, result) for own, serial in numbers)

        return answer

    def _general(self, frame: Frame, serial: int, result: int) -> bytes:
        return _general(frame, self._number(), serial, result)

    def _resend(self, frame: Frame, first: int, missing: list[int]) -> bytes:
        """0x8003. The count has one byte before 2019, so at most 255 are asked for at once."""
        missing = missing[:255]
        count = struct.pack(">B" if frame.version is None else ">H", len(missing))
        body = struct.pack(">H", first) + count + struct.pack(f">{len(missing)}H", *missing)
        return _write(frame, self._number(), RESEND, body)

    def _number(self) -> int:
        """The city's own serial number of its next message: answers leave in the order of the events."""
        serial, self._serial = self._serial, (self._serial + 1) & 0xFFFF
        return serial


def _general(frame: Frame, own: int, serial: int, result: int) -> bytes:
    return _write(frame, own, GENERAL, struct.pack(">HHB", serial, frame.message, result))


def _write(frame: Frame, own: int, message: int, body: bytes) -> bytes:
    return framing.write(Frame(message, frame.phone, frame.version, own, body))
