"""The frame of JT/T 808: 0x7E marks, escapes, check byte, header of 2013 (and 2011) or 2019 [M-high]."""

from __future__ import annotations

import struct
from typing import NamedTuple

from hutong.gateways.bcd import digits

MARK = b"\x7e"
LONGEST = 2 * (21 + 1023 + 1)
"""Bytes between two marks at most: header with version and parts, body and check byte, all escaped."""

_PARTED, _VERSIONED, _ENCRYPTED, _LENGTH = 0x2000, 0x4000, 0x1C00, 0x03FF
_HEAD_2013, _HEAD_2019 = struct.Struct(">HH6sH"), struct.Struct(">HHB10sH")
_SPLIT = struct.Struct(">HH")
_WIDTHS = tuple((1 << power, (1 << (8 << power)) - 1) for power in range(11, -1, -1))


class Frame(NamedTuple):
    """A message or one packet of it. `part` counts from 1 to `total`; both are 0 in a message of one packet."""

    message: int
    phone: bytes
    """As in the header: 6 bytes before 2019, 10 since."""
    version: int | None
    """The version byte of 2019; None before."""
    serial: int
    body: bytes
    encrypted: bool = False
    total: int = 0
    part: int = 0

    @property
    def address(self) -> str:
        """The phone number's digits, 12 as far as they suffice: both editions name a terminal the same."""
        text = self.phone.hex()
        return text[8:] if text.startswith("00000000") and len(text) == 20 else text


def xor(data: bytes) -> int:
    """Exclusive or of all bytes (at most 4096), by folding halves."""
    value = int.from_bytes(data)
    for width, mask in _WIDTHS:
        if value > mask:
            value = value >> 8 * width ^ value & mask
    return value


def unescape(data: bytes) -> bytes | None:
    """None if 0x7D is followed by anything but 01 or 02."""
    if b"\x7d" not in data:
        return data
    if data.count(b"\x7d") != data.count(b"\x7d\x01") + data.count(b"\x7d\x02"):
        return None
    return data.replace(b"\x7d\x02", MARK).replace(b"\x7d\x01", b"\x7d")


def read(segment: bytes) -> Frame | str:
    """What stands between two marks, or why it is no message."""
    data = unescape(segment)
    if data is None:
        return "0x7D is followed by neither 01 nor 02"
    if len(data) < 13:
        return "shorter than a header and its check byte"
    if xor(data):
        return f"the check byte is {data[-1]:02X}, the message gives {xor(data[:-1]):02X}"
    return _read_header(data)


def _read_header(data: bytes) -> Frame | str:
    version: int | None = None
    at = 12
    if data[2] & 0x40:
        if len(data) < 18:
            return "shorter than the header of 2019"
        message, attributes, version, phone, serial = _HEAD_2019.unpack_from(data)
        at = 17
    else:
        message, attributes, phone, serial = _HEAD_2013.unpack_from(data)
    total = part = 0
    if attributes & _PARTED:
        if len(data) < at + 5:
            return "shorter than the header of a packet"
        total, part = _SPLIT.unpack_from(data, at)
        at += 4
        if not 1 <= part <= total:
            return f"packet {part} of {total}"
    if digits(phone) is None:
        return "the phone number has other than decimal digits"
    body = data[at:-1]
    if len(body) != attributes & _LENGTH:
        return f"the header says {attributes & _LENGTH} bytes of body, there are {len(body)}"
    return Frame(message, phone, version, serial, body, bool(attributes & _ENCRYPTED), total, part)


def write(frame: Frame) -> bytes:
    """The frame as it goes over the wire. The body has at most 1,023 bytes."""
    attributes = len(frame.body) | (_PARTED if frame.total else 0) | (0x0400 if frame.encrypted else 0)
    if frame.version is None:
        head = _HEAD_2013.pack(frame.message, attributes, frame.phone, frame.serial)
    else:
        head = _HEAD_2019.pack(
            frame.message, attributes | _VERSIONED, frame.version, frame.phone, frame.serial
        )
    if frame.total:
        head += _SPLIT.pack(frame.total, frame.part)
    data = head + frame.body
    data += bytes([xor(data)])
    return MARK + data.replace(b"\x7d", b"\x7d\x01").replace(MARK, b"\x7d\x02") + MARK
