"""The frame of GB/T 26875.3-2011 [S; own vector V]: everything little-endian, sum check, `@@` … `##`."""

from __future__ import annotations

import struct
from typing import NamedTuple

from hutong.gateways.framing import MORE, NO_FRAME

MARK = b"@@"
END = b"##"
LONGEST_DATA = 1024
LONGEST = 30 + LONGEST_DATA
CONTROL, SEND, CONFIRM, REQUEST, ANSWER, DENY = 1, 2, 3, 4, 5, 6
_HEAD = struct.Struct("<HBB6s6s6sHB")
_AT_LENGTH = 24
_AT_COMMAND = 26


class Frame(NamedTuple):
    serial: int
    major: int
    """The user's own version comes second on the wire."""
    minor: int
    clock: bytes
    source: bytes
    target: bytes
    command: int
    data: bytes = b""


def measure(buffer: bytearray, start: int) -> int:
    """Length of the frame at `start`; its data length and command must be possible ones."""
    if len(buffer) <= start + _AT_COMMAND:
        return MORE
    length = buffer[start + _AT_LENGTH] | buffer[start + _AT_LENGTH + 1] << 8
    if length > LONGEST_DATA or not CONTROL <= buffer[start + _AT_COMMAND] <= DENY:
        return NO_FRAME
    return 30 + length


def check(data: bytes) -> str:
    """Why these bytes are no frame, or ""."""
    if data[-2:] != END:
        return "the frame does not end with 2323"
    right = sum(data[2:-3]) & 0xFF
    return "" if right == data[-3] else f"the check sum is {data[-3]:02X}, the frame gives {right:02X}"


def read(data: bytes) -> Frame:
    """A frame that `measure` and `check` found good."""
    serial, major, minor, clock, source, target, _, command = _HEAD.unpack_from(data, 2)
    return Frame(serial, major, minor, clock, source, target, command, data[27:-3])


def write(frame: Frame) -> bytes:
    """The frame as it goes over the wire. Its data has at most 1,024 bytes."""
    data = _HEAD.pack(
        frame.serial,
        frame.major,
        frame.minor,
        frame.clock,
        frame.source,
        frame.target,
        len(frame.data),
        frame.command,
    )
    data += frame.data
    return MARK + data + bytes([sum(data) & 0xFF]) + END
