"""The frame of SL 651-2014 in HEX/BCD encoding (§6.5; vectors V, control characters S)."""

from __future__ import annotations

from typing import NamedTuple

from hutong.gateways.framing import MORE, NO_FRAME

MARK = b"\x7e\x7e"
STX, ETX, EOT, ENQ, ACK, NAK, SYN, ETB, ESC = 0x02, 0x03, 0x04, 0x05, 0x06, 0x15, 0x16, 0x17, 0x1B
LONGEST = 17 + 0x0FFF
_HEAD = 14
_DOWN = 0x80
_BCD = frozenset(tens << 4 | ones for tens in range(10) for ones in range(10))


def _table() -> tuple[int, ...]:
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (0xA001 if value & 1 else 0)  # noqa: PLW2901
        table.append(value)
    return tuple(table)


_TABLE = _table()


def crc16(data: bytes) -> int:
    """CRC-16/MODBUS; the frame carries its high byte first."""
    value = 0xFFFF
    for byte in data:
        value = value >> 8 ^ _TABLE[(value ^ byte) & 0xFF]
    return value


class Frame(NamedTuple):
    """A frame, up or down. `total` and `part` are 0 unless it is one packet of several (start SYN)."""

    centre: int
    station: bytes
    """Five bytes: BCD, or division code in BCD and two bytes of the station's own."""
    password: bytes
    function: int
    body: bytes
    end: int = ETX
    total: int = 0
    part: int = 0
    down: bool = False


def measure(buffer: bytearray, start: int) -> int:
    """Length of the upward frame at `start`. Station division, direction and start character must be possible ones."""
    if len(buffer) < start + _HEAD:
        return MORE
    if (
        buffer[start + 11] & 0xF0
        or buffer[start + 13] not in (STX, SYN)
        or not _BCD.issuperset(buffer[start + 3 : start + 6])
    ):
        return NO_FRAME
    return 17 + (buffer[start + 11] << 8 | buffer[start + 12])


def check(data: bytes) -> str:
    """Why these bytes are no frame, or ""."""
    if data[-3] not in (ETX, ETB):
        return f"the frame ends with {data[-3]:02X}, not with ETX or ETB"
    right = crc16(data[:-2])
    if right != data[-2] << 8 | data[-1]:
        return f"the CRC is {data[-2:].hex().upper()}, the frame gives {right:04X}"
    if data[13] == SYN and (len(data) < 20 or not 1 <= _split(data)[1] <= _split(data)[0]):
        return "packet number and number of packets do not fit"
    return ""


def _split(data: bytes) -> tuple[int, int]:
    return data[14] << 4 | data[15] >> 4, (data[15] & 0x0F) << 8 | data[16]


def read(data: bytes) -> Frame:
    """A frame that `measure` and `check` found good."""
    total, part = _split(data) if data[13] == SYN else (0, 0)
    body = data[17 if total else 14 : -3]
    return Frame(data[2], data[3:8], data[8:10], data[10], body, data[-3], total, part)


def write(frame: Frame) -> bytes:
    """The frame as it goes over the wire; downwards the station's address stands before the centre's."""
    body = frame.body
    if frame.total:
        body = bytes([frame.total >> 4, (frame.total & 15) << 4 | frame.part >> 8, frame.part & 0xFF]) + body
    centre = bytes([frame.centre])
    data = b"".join(
        (
            MARK,
            frame.station + centre if frame.down else centre + frame.station,
            frame.password,
            bytes([frame.function, (_DOWN if frame.down else 0) | len(body) >> 8, len(body) & 0xFF]),
            bytes([SYN if frame.total else STX]),
            body,
            bytes([frame.end]),
        )
    )
    return data + crc16(data).to_bytes(2)
