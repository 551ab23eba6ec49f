"""Information objects of GB/T 26875.3-2011 (commands 2 and 5): type, number of objects, then the objects [S/M-high].

Channels: `1/system type/system address` and so on, the code itself and a row of 0 or 1 for each bit (`…:fire`). A component
is named `type.address` with its address as eight hex digits, high byte first: `2/1/1/40.00010005`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from hutong.gateways.bcd import bcd_time, beijing
from hutong.gateways.gb26875.names import (
    ANALOG_SCALES,
    COMPONENT_BITS,
    DEVICE_BITS,
    OPERATION_BITS,
    SYSTEM_BITS,
)
from hutong.gateways.rows import Rows
from hutong.gateways.text import gbk
from hutong.kernel.base import SECOND, Instant
from hutong.kernel.observation import Quality

Clock = Callable[[bytes], Instant | None]
_Reader = Callable[["Objects", bytes, Instant], None]


def binary_clock(data: bytes) -> Instant | None:
    """Second, minute, hour, day, month, year as plain numbers; Beijing time."""
    second, minute, hour, day, month, year = data
    return beijing(year, month, day, hour, minute, second) if year < 100 else None


def bcd_clock(data: bytes) -> Instant | None:
    """The same six in BCD."""
    return bcd_time(data[::-1])


def _system_name(piece: bytes) -> str:
    """Type and address of the system."""
    return f"{piece[0]}/{piece[1]}"


def _component_name(piece: bytes) -> str:
    return f"{piece[0]}/{piece[1]}/{piece[2]}.{piece[6:2:-1].hex().upper()}"


class Objects:
    """Reads the objects of one message into rows; `note` tells why it stopped, if it did."""

    def __init__(self, clock: Clock, now: Instant) -> None:
        self._read_clock, self._now = clock, now
        self.rows = Rows()
        self.note = ""

    def read(self, data: bytes) -> None:
        """Every object ends with its time, six bytes, and has one layout per type."""
        if len(data) < 2:
            self.note = "data without type and number of objects"
            return
        kind, count = data[0], data[1]
        layout = _LAYOUTS.get(kind)
        if layout is None:
            self.note = f"type {kind} is not read"
            return
        size, reader = layout
        at = 2
        for index in range(count):
            length = self._size(kind, size, data, at, count)
            piece = data[at : at + length]
            if len(piece) < length:
                self.note = f"object {index + 1} of {count} is cut off"
                return
            self._object(reader, piece)
            at += length
        if at != len(data):
            self.note = f"{len(data) - at} bytes behind the last object"

    @staticmethod
    def _size(kind: int, size: int, data: bytes, at: int, count: int) -> int:
        """Types 6 and 26 say the length of their text; type 8 comes with system or (some makers) without."""
        if kind in (6, 26):
            return size + (data[at + size - 7] if at + size - 7 < len(data) else 0)
        return 6 if kind == 8 and len(data) == 2 + 6 * count else size

    def _object(self, reader: _Reader, piece: bytes) -> None:
        time = self._read_clock(piece[-6:])
        if time is None:
            self.note = f"the time {piece[-6:].hex()} is no moment"
            return
        reader(self, piece, time)

    def clock(self, channel: str, time: Instant) -> None:
        """A device's clock against the city's, in seconds; positive: the device is ahead."""
        self.rows.add(channel, self._now, (time - self._now) / SECOND)


def _system(objects: Objects, piece: bytes, time: Instant) -> None:
    code = int.from_bytes(piece[2:4], "little")
    objects.rows.bits(f"1/{_system_name(piece)}", time, code, SYSTEM_BITS)


def _component(objects: Objects, piece: bytes, time: Instant) -> None:
    code = int.from_bytes(piece[7:9], "little")
    objects.rows.bits(f"2/{_component_name(piece)}", time, code, COMPONENT_BITS)


def _analog(objects: Objects, piece: bytes, time: Instant) -> None:
    scale = ANALOG_SCALES.get(piece[7], ("", 1, ""))[1]
    value = int.from_bytes(piece[8:10], "little", signed=True) / scale
    quality = Quality.GOOD if piece[7] in ANALOG_SCALES else Quality.SUSPECT
    objects.rows.add(f"3/{_component_name(piece)}/{piece[7]}", time, value, int(quality))


def _operation(objects: Objects, piece: bytes, time: Instant) -> None:
    name = f"4/{_system_name(piece)}"
    objects.rows.bits(name, time, piece[2], OPERATION_BITS)
    objects.rows.add(f"{name}:operator", time, piece[3])


def _version(objects: Objects, piece: bytes, time: Instant) -> None:
    objects.rows.text(f"5/{_system_name(piece)}", time, f"{piece[2]}.{piece[3]}")


def _system_text(objects: Objects, piece: bytes, time: Instant) -> None:
    objects.rows.text(f"6/{_system_name(piece)}", time, gbk(piece[3:-6]))


def _component_text(objects: Objects, piece: bytes, time: Instant) -> None:
    objects.rows.text(f"7/{_component_name(piece)}", time, gbk(piece[7:-6]))


def _device(objects: Objects, piece: bytes, time: Instant) -> None:
    objects.rows.bits("21", time, piece[0], DEVICE_BITS)


def _device_operation(objects: Objects, piece: bytes, time: Instant) -> None:
    objects.rows.bits("24", time, piece[0], OPERATION_BITS)
    objects.rows.add("24:operator", time, piece[1])


def _device_text(kind: str, objects: Objects, piece: bytes, time: Instant) -> None:
    text = f"{piece[0]}.{piece[1]}" if kind == "25" else gbk(piece[1:-6])
    objects.rows.text(kind, time, text)


def _system_clock(objects: Objects, piece: bytes, time: Instant) -> None:
    objects.clock(f"8/{_system_name(piece)}" if len(piece) == 8 else "8", time)


def _device_clock(objects: Objects, piece: bytes, time: Instant) -> None:
    objects.clock("28", time)


_LAYOUTS: dict[int, tuple[int, _Reader]] = {
    1: (10, _system),
    2: (46, _component),
    3: (16, _analog),
    4: (10, _operation),
    5: (10, _version),
    6: (9, _system_text),
    7: (44, _component_text),
    8: (8, _system_clock),
    21: (7, _device),
    24: (8, _device_operation),
    25: (8, partial(_device_text, "25")),
    26: (7, partial(_device_text, "26")),
    28: (6, _device_clock),
}
"""Bytes of an object with its time (without the text of types 6 and 26), and what reads it."""
