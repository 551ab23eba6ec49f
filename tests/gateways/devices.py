"""Devices to play over a socket or against a dialogue. Built from the standards' layouts, not from the code under test.

Each device makes the bytes it would send and can tell which of its messages an answer acknowledges.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

BEIJING = timedelta(hours=8)


def bcd(text: str) -> bytes:
    return bytes.fromhex(text)


def beijing(at: int) -> datetime:
    """µs UTC as the clock on a Beijing wall."""
    return datetime.fromtimestamp(0, UTC) + timedelta(microseconds=at) + BEIJING


# --- JT/T 808 ---------------------------------------------------------------------------------------------------------


def wrap_808(data: bytes) -> bytes:
    """Check byte, escapes and marks around header and body."""
    check = 0
    for byte in data:
        check ^= byte
    out = bytearray(b"\x7e")
    for byte in data + bytes([check]):
        if byte == 0x7E:
            out += b"\x7d\x02"
        elif byte == 0x7D:
            out += b"\x7d\x01"
        else:
            out.append(byte)
    return bytes(out + b"\x7e")


def unwrap_808(data: bytes) -> list[bytes]:
    """Header and body of every message in an answer."""
    found = []
    for piece in data.split(b"\x7e"):
        if piece:
            found.append(piece.replace(b"\x7d\x02", b"\x7e").replace(b"\x7d\x01", b"\x7d")[:-1])
    return found


@dataclass
class Vehicle:
    """A vehicle terminal. `phone` has 12 digits; `edition` is 2013 or 2019."""

    phone: str = "013800138000"
    edition: int = 2013
    serial: int = 0
    terminal: str = "T000001"
    plate: str = "沪A12345"

    def message(
        self, kind: int, body: bytes, total: int = 0, part: int = 0, encrypted: bool = False
    ) -> bytes:
        attributes = len(body) | (0x2000 if total else 0) | (0x0400 if encrypted else 0)
        head = kind.to_bytes(2)
        if self.edition == 2019:
            head += (attributes | 0x4000).to_bytes(2) + b"\x01" + bcd(self.phone.zfill(20))
        else:
            head += attributes.to_bytes(2) + bcd(self.phone)
        head += self.serial.to_bytes(2)
        self.serial = (self.serial + 1) & 0xFFFF
        if total:
            head += total.to_bytes(2) + part.to_bytes(2)
        return wrap_808(head + body)

    def register(self) -> bytes:
        widths = (11, 30, 30) if self.edition == 2019 else (5, 20, 7)
        names = ("MAKER", "MODEL-1", self.terminal)
        body = (31).to_bytes(2) + (115).to_bytes(2)
        body += b"".join(name.encode().ljust(width, b"\0") for name, width in zip(names, widths, strict=True))
        return self.message(0x0100, body + b"\x01" + self.plate.encode("gbk"))

    def authenticate(self, code: str) -> bytes:
        shown = code.encode("gbk")
        if self.edition == 2019:
            shown = bytes([len(shown)]) + shown + b"860000000000001" + b"v1.2".ljust(20, b"\0")
        return self.message(0x0102, shown)

    def heartbeat(self) -> bytes:
        return self.message(0x0002, b"")

    def logout(self) -> bytes:
        return self.message(0x0003, b"")

    def ask_time(self) -> bytes:
        return self.message(0x0004, b"")

    def report(
        self,
        at: int,
        longitude: float = 121.47,
        latitude: float = 31.23,
        *,
        altitude: int = 4,
        speed: float = 36.5,
        direction: int = 90,
        alarm: int = 0,
        located: bool = True,
        items: Sequence[tuple[int, bytes]] = (),
    ) -> bytes:
        """The body of 0x0200."""
        status = 1 | (2 if located else 0) | (4 if latitude < 0 else 0) | (8 if longitude < 0 else 0)
        body = alarm.to_bytes(4) + status.to_bytes(4)
        body += round(abs(latitude) * 1e6).to_bytes(4) + round(abs(longitude) * 1e6).to_bytes(4)
        body += altitude.to_bytes(2) + round(speed * 10).to_bytes(2) + direction.to_bytes(2)
        body += bcd(beijing(at).strftime("%y%m%d%H%M%S"))
        return body + b"".join(bytes([kind, len(value)]) + value for kind, value in items)

    def position(self, at: int, **values: object) -> bytes:
        return self.message(0x0200, self.report(at, **values))  # type: ignore[arg-type]

    def batch_body(self, reports: Sequence[bytes], blind: bool = False) -> bytes:
        body = len(reports).to_bytes(2) + (b"\x01" if blind else b"\x00")
        return body + b"".join(len(one).to_bytes(2) + one for one in reports)

    def batch(self, reports: Sequence[bytes], blind: bool = False) -> bytes:
        return self.message(0x0704, self.batch_body(reports, blind))

    def packets(self, kind: int, body: bytes, size: int) -> list[bytes]:
        """The message in packets of at most `size` bytes of body."""
        pieces = [body[at : at + size] for at in range(0, len(body), size)]
        return [self.message(kind, piece, len(pieces), index) for index, piece in enumerate(pieces, 1)]

    def head(self, message: bytes) -> tuple[int, int, bytes]:
        """(message id, serial, body) of a message without packets."""
        at = 17 if message[2] & 0x40 else 12
        return int.from_bytes(message[:2]), int.from_bytes(message[at - 2 : at]), message[at:]

    def acknowledged(self, answer: bytes) -> dict[int, int]:
        """Serial number → result of every 0x8001 in an answer."""
        found = {}
        for message in unwrap_808(answer):
            kind, _, body = self.head(message)
            if kind == 0x8001:
                found[int.from_bytes(body[:2])] = body[4]
        return found

    def code(self, answer: bytes) -> tuple[int, str]:
        """(result, code) of a 0x8100."""
        kind, _, body = self.head(unwrap_808(answer)[0])
        assert kind == 0x8100
        return body[2], body[3:].decode("gbk")


# --- SL 651 -----------------------------------------------------------------------------------------------------------


def crc_651(data: bytes) -> bytes:
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = (value >> 1) ^ 0xA001 if value & 1 else value >> 1
    return value.to_bytes(2)


def element(sign: int, number: float, size: int, decimals: int) -> bytes:
    """An element in BCD; a negative number begins with FF."""
    figures = f"{round(abs(number) * 10**decimals):0{2 * size}d}"
    data = bcd(figures)
    assert len(data) == size
    return bytes([sign, size << 3 | decimals]) + (b"\xff" + data[1:] if number < 0 else data)


@dataclass
class Station:
    """A telemetry station; `address` has ten digits."""

    address: str = "0012345678"
    password: str = "1234"
    centre: int = 1
    kind: int = 0x48
    serial: int = field(default=1)

    def frame(self, function: int, body: bytes, end: int = 0x03, total: int = 0, part: int = 0) -> bytes:
        if total:
            body = bytes([total >> 4, (total & 15) << 4 | part >> 8, part & 0xFF]) + body
        data = b"\x7e\x7e" + bytes([self.centre]) + bcd(self.address) + bcd(self.password)
        data += (
            bytes([function]) + len(body).to_bytes(2) + (b"\x16" if total else b"\x02") + body + bytes([end])
        )
        return data + crc_651(data)

    def head(self, at: int) -> bytes:
        serial, self.serial = self.serial, self.serial % 65535 + 1
        return serial.to_bytes(2) + bcd(beijing(at).strftime("%y%m%d%H%M%S"))

    def link(self, at: int) -> bytes:
        return self.frame(0x2F, self.head(at))

    def body(self, at: int, elements: bytes) -> bytes:
        place = b"\xf1\xf1" + bcd(self.address) + bytes([self.kind])
        return self.head(at) + place + b"\xf0\xf0" + bcd(beijing(at).strftime("%y%m%d%H%M")) + elements

    def report(self, at: int, elements: bytes, function: int = 0x32) -> bytes:
        return self.frame(function, self.body(at, elements))

    def level(self, at: int, level: float) -> bytes:
        """A timed report of water level and voltage."""
        return self.report(at, element(0x39, level, 4, 3) + element(0x38, 12.5, 2, 2))

    def packets(self, function: int, body: bytes, size: int) -> list[bytes]:
        pieces = [body[at : at + size] for at in range(0, len(body), size)]
        last = len(pieces)
        return [
            self.frame(function, piece, 0x03 if index == last else 0x17, last, index)
            for index, piece in enumerate(pieces, 1)
        ]

    def confirmed(self, answer: bytes) -> list[tuple[int, int]]:
        """(serial number, end character) of every confirmation."""
        found = []
        while answer:
            assert answer[:2] == b"\x7e\x7e"
            assert answer[2:7] == bcd(self.address)
            assert answer[11] & 0xF0 == 0x80
            size = 17 + ((answer[11] & 15) << 8 | answer[12])
            assert crc_651(answer[: size - 2]) == answer[size - 2 : size]
            found.append((int.from_bytes(answer[14:16]), answer[size - 3]))
            answer = answer[size:]
        return found


# --- GB/T 26875.3 -----------------------------------------------------------------------------------------------------


@dataclass
class FireDevice:
    """A user information transmission device; `address` has twelve hex digits, the highest first."""

    address: str = "110000000001"
    serial: int = 0
    bcd_time: bool = False

    def clock(self, at: int) -> bytes:
        moment = beijing(at)
        parts = (moment.second, moment.minute, moment.hour, moment.day, moment.month, moment.year % 100)
        return bytes(int(str(part), 16) if self.bcd_time else part for part in parts)

    def frame(self, at: int, command: int, data: bytes) -> bytes:
        self.serial = (self.serial + 1) & 0xFFFF
        middle = self.serial.to_bytes(2, "little") + b"\x01\x01" + self.clock(at)
        middle += bytes.fromhex(self.address)[::-1] + bytes(6)
        middle += len(data).to_bytes(2, "little") + bytes([command]) + data
        return b"@@" + middle + bytes([sum(middle) & 0xFF]) + b"##"

    def objects(self, at: int, kind: int, objects: Sequence[bytes]) -> bytes:
        """Command 2 with objects, each followed by the time."""
        data = bytes([kind, len(objects)]) + b"".join(one + self.clock(at) for one in objects)
        return self.frame(at, 2, data)

    def system(self, at: int, status: int, kind: int = 1, address: int = 1) -> bytes:
        return self.objects(at, 1, [bytes([kind, address]) + status.to_bytes(2, "little")])

    def component(self, at: int, status: int, part: int = 0x00010005, kind: int = 40) -> bytes:
        return self.objects(
            at,
            2,
            [bytes([1, 1, kind]) + part.to_bytes(4, "little") + status.to_bytes(2, "little") + bytes(31)],
        )

    def analog(self, at: int, kind: int, steps: int, part: int = 7) -> bytes:
        place = bytes([1, 1, 91]) + part.to_bytes(4, "little")
        return self.objects(at, 3, [place + bytes([kind]) + steps.to_bytes(2, "little", signed=True)])

    def answered(self, answer: bytes) -> list[tuple[int, int]]:
        """(serial number, command) of every answer."""
        found = []
        while answer:
            size = 30 + int.from_bytes(answer[24:26], "little")
            frame, answer = answer[:size], answer[size:]
            assert frame[:2] == b"@@"
            assert frame[-2:] == b"##"
            assert sum(frame[2:-3]) & 0xFF == frame[-3]
            assert frame[18:24] == bytes.fromhex(self.address)[::-1]
            found.append((int.from_bytes(frame[2:4], "little"), frame[26]))
        return found
