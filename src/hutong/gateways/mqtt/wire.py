"""The packets of MQTT 3.1.1 and 5 that a client needs, as bytes. No I/O; memory is bounded by the largest packet allowed.

Written for whole reads: one call of `feed` decodes everything that came, one call of `acknowledgements` writes all
PUBACKs. Control packet types, flags and property identifiers are those of OASIS MQTT 3.1.1 and 5.0, §2 and §3.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from hutong.kernel.errors import Invalid

Version = Literal[4, 5]
"""Protocol level: 4 is MQTT 3.1.1."""
LARGEST = 1 << 18
"""Bytes of the largest packet that is taken."""
CONNACK, PUBLISH, PUBACK, PUBREL, SUBACK, PINGRESP, DISCONNECT = 2, 3, 4, 6, 9, 13, 14
PINGREQ = b"\xc0\x00"
_SIZES = {
    0x01: 1,
    0x02: 4,
    0x0B: 0,
    0x11: 4,
    0x13: 2,
    0x17: 1,
    0x19: 1,
    0x21: 2,
    0x22: 2,
    0x23: 2,
    0x24: 1,
    0x25: 1,
}
_SIZES |= {0x27: 4, 0x28: 1, 0x29: 1, 0x2A: 1}
_TEXTS = {0x03, 0x08, 0x09, 0x12, 0x15, 0x16, 0x1A, 0x1C, 0x1F}
_PAIR = 0x26
_SHORT = struct.Struct(">H")


@dataclass(frozen=True, slots=True)
class Message:
    """A PUBLISH. `mid` is 0 at QoS 0; `dup`: the broker sends it again."""

    topic: str
    payload: bytes
    qos: int = 0
    mid: int = 0
    dup: bool = False
    retain: bool = False


@dataclass(frozen=True, slots=True)
class Connected:
    """CONNACK. `code` 0: accepted. `session`: the broker kept ours; `receive` and `largest`: what it will take of us."""

    code: int
    session: bool = False
    receive: int = 65_535
    keep_alive: int | None = None


@dataclass(frozen=True, slots=True)
class Control:
    """Any other packet: its type, packet identifier (0: none) and reason codes."""

    kind: int
    mid: int = 0
    codes: bytes = b""


Packet = Message | Connected | Control


def length(value: int) -> bytes:
    """A variable byte integer."""
    found = bytearray()
    while True:
        value, digit = divmod(value, 128)
        found.append(digit | 0x80 if value else digit)
        if not value:
            return bytes(found)


def text(value: str | bytes) -> bytes:
    raw = value.encode() if isinstance(value, str) else value
    if len(raw) > 65_535:
        raise Invalid("mqtt", "a text is longer than 65,535 bytes")
    return _SHORT.pack(len(raw)) + raw


def packet(first: int, body: bytes) -> bytes:
    return bytes((first,)) + length(len(body)) + body


@dataclass(frozen=True, kw_only=True)
class Hello:
    """What CONNECT says. `expiry`: seconds the broker keeps our session after we are gone (3.1.1: for ever)."""

    client: str
    version: Version = 5
    user: str | None = None
    password: str | None = None
    keep_alive: int = 30
    clean: bool = False
    expiry: int = 0xFFFFFFFF
    receive: int = 1000
    largest: int = LARGEST
    will: Message | None = None


def connect(hello: Hello) -> bytes:
    """CONNECT."""
    flags = 0x02 if hello.clean else 0
    five = hello.version == 5
    body = bytearray()
    if hello.will is not None:
        flags |= 0x04 | hello.will.qos << 3 | (0x20 if hello.will.retain else 0)
        body += (b"\0" if five else b"") + text(hello.will.topic) + text(hello.will.payload)
    if hello.user is not None:
        flags |= 0x80
        body += text(hello.user)
    if hello.password is not None:
        flags |= 0x40
        body += text(hello.password)
    head = text("MQTT") + bytes((hello.version, flags)) + _SHORT.pack(hello.keep_alive)
    if five:
        properties = (
            b"\x11" + (0 if hello.clean else hello.expiry).to_bytes(4, "big")
            + b"\x21" + _SHORT.pack(hello.receive)
            + b"\x27" + hello.largest.to_bytes(4, "big")
        )  # fmt: skip
        head += length(len(properties)) + properties
    return packet(0x10, head + text(hello.client) + bytes(body))


def subscribe(mid: int, filters: Sequence[str], version: Version, qos: int = 1) -> bytes:
    """SUBSCRIBE. MQTT 5: No Local, so that what we publish does not come back; retained messages only once."""
    options = qos | 0x04 | 0x10 if version == 5 else qos
    body = _SHORT.pack(mid) + (b"\0" if version == 5 else b"")
    return packet(0x82, body + b"".join(text(one) + bytes((options,)) for one in filters))


def publish(message: Message, version: Version) -> bytes:
    """PUBLISH."""
    first = 0x30 | message.qos << 1 | (0x08 if message.dup else 0) | (0x01 if message.retain else 0)
    mid = _SHORT.pack(message.mid) if message.qos else b""
    none = b"\0" if version == 5 else b""
    return packet(first, text(message.topic) + mid + none + message.payload)


def acknowledgements(mids: Sequence[int]) -> bytes:
    """PUBACK of each packet identifier (success, which needs no properties in either version)."""
    return b"".join(b"\x40\x02" + _SHORT.pack(mid) for mid in mids)


def disconnect(version: Version) -> bytes:
    return b"\xe0\x00"


class Decoder:
    """What the broker sends, packet by packet. Invalid for what is no MQTT; the connection is then to be closed."""

    def __init__(self, version: Version, largest: int = LARGEST) -> None:
        self.version = version
        self.largest = largest
        self._rest = b""

    def feed(self, data: bytes) -> list[Packet]:
        """All packets that are complete now."""
        data = self._rest + data if self._rest else data
        at, end, found = 0, len(data), list[Packet]()
        while at + 2 <= end:
            size, start = _length_at(data, at + 1, end)
            if start < 0:
                break
            if size > self.largest:
                raise Invalid("mqtt", f"a packet of {size} bytes; at most {self.largest} are taken")
            if start + size > end:
                break
            found.append(self._packet(data[at], data[start : start + size]))
            at = start + size
        self._rest = data[at:]
        return found

    @property
    def waiting(self) -> int:
        return len(self._rest)

    def _packet(self, first: int, body: bytes) -> Packet:
        kind = first >> 4
        try:
            if kind == PUBLISH:
                return self._message(first, body)
            if kind == CONNACK:
                return self._connected(body)
            if kind in (PUBACK, PUBREL, 5, 7):
                return Control(kind, _SHORT.unpack_from(body)[0], body[2:3])
            if kind == SUBACK:
                at = 2 + (_skip(body, 2) if self.version == 5 else 0)
                return Control(kind, _SHORT.unpack_from(body)[0], body[at:])
        except (struct.error, IndexError, UnicodeDecodeError) as error:
            raise Invalid("mqtt", f"a packet of type {kind} is broken: {error}") from None
        if kind in (PINGRESP, DISCONNECT, 11):
            return Control(kind, 0, body[:1])
        raise Invalid("mqtt", f"a broker sends no packets of type {kind}")

    def _message(self, first: int, body: bytes) -> Message:
        size = _SHORT.unpack_from(body)[0]
        qos = first >> 1 & 3
        at = 2 + size
        if at > len(body) or qos == 3:
            raise Invalid("mqtt", "a PUBLISH is broken")
        mid = 0
        if qos:
            mid = _SHORT.unpack_from(body, at)[0]
            at += 2
        if self.version == 5:
            at += _skip(body, at)
        topic = body[2 : 2 + size].decode()
        return Message(topic, body[at:], qos, mid, bool(first & 8), bool(first & 1))

    def _connected(self, body: bytes) -> Connected:
        session, code = bool(body[0] & 1), body[1]
        if self.version == 4 or len(body) < 3:
            return Connected(code, session)
        told = _properties(body, 2)
        return Connected(code, session, told.get(0x21, 65_535), told.get(0x13))


def _length_at(data: bytes, at: int, end: int) -> tuple[int, int]:
    """(value, where it ends) of a variable byte integer; (0, −1) if it is not complete."""
    value = 0
    for digit in range(4):
        if at + digit >= end:
            return 0, -1
        byte = data[at + digit]
        value |= (byte & 0x7F) << 7 * digit
        if byte < 0x80:
            return value, at + digit + 1
    raise Invalid("mqtt", "a length has more than four bytes")


def _skip(body: bytes, at: int) -> int:
    """Bytes that the properties at `at` take, their length included."""
    if at < len(body) and body[at] == 0:
        return 1
    size, start = _length_at(body, at, len(body))
    if start < 0 or start + size > len(body):
        raise Invalid("mqtt", "properties are longer than their packet")
    return start + size - at


def _properties(body: bytes, at: int) -> dict[int, int]:
    """The properties that are whole numbers, by identifier."""
    end = at + _skip(body, at)
    _, at = _length_at(body, at, len(body))
    found: dict[int, int] = {}
    while at < end:
        key = body[at]
        at += 1
        if key in _SIZES:
            found[key] = int.from_bytes(body[at : at + _SIZES[key]], "big")
            at += _SIZES[key]
            if key == 0x0B:
                raise Invalid("mqtt", "a CONNACK names no subscription")
        elif key in _TEXTS:
            at += 2 + _SHORT.unpack_from(body, at)[0]
        elif key == _PAIR:
            at += 2 + _SHORT.unpack_from(body, at)[0]
            at += 2 + _SHORT.unpack_from(body, at)[0]
        else:
            raise Invalid("mqtt", f"there is no property {key}")
    return found
