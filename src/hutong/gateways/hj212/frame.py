"""HJ 212 on the wire: `##`, length of the data segment (4 decimal digits), data segment, CRC (4 hex digits), CR LF."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

HEAD = 6
TAIL = 4
GARBAGE = 1024
"""Bytes between frames after which they count as one fault more."""
SHOWN = 64
_HEADER = re.compile(rb"##(\d{4})")
_BEGUN = re.compile(rb"#(?:#\d{0,3})?\Z")
_BLANK = b"\r\n\t \0"


def _table() -> tuple[int, ...]:
    rows = []
    for reg in range(256):
        for _ in range(8):
            reg = reg >> 1 ^ (0xA001 if reg & 1 else 0)  # noqa: PLW2901
        rows.append(reg)
    return tuple(rows)


_LAST = _table()
_NEXT = tuple(reg >> 8 for reg in _LAST)


def crc(data: bytes) -> int:
    """HJ 212-2017 appendix A: like CRC-16 of Modbus, but each byte meets the high byte of the register, shifted down.

    Only that high byte lives on from byte to byte, so a table of 256 rows is the whole of it.
    """
    if not data:
        return 0xFFFF
    high = 0xFF
    for byte in data[:-1]:
        high = _NEXT[high ^ byte]
    return _LAST[high ^ data[-1]]


def framed(segment: bytes) -> bytes:
    """A data segment as it goes on the wire."""
    return b"##%04d%b%04X\r\n" % (len(segment), segment, crc(segment))


@dataclass(frozen=True)
class Frame:
    """A data segment; `sound`: its CRC is right."""

    segment: bytes
    sound: bool


@dataclass(frozen=True)
class Garbage:
    """Bytes that belong to no frame: the first of them."""

    data: bytes


class Frames:
    """Finds frames in whatever came off the wire; what it finds does not depend on how the bytes were cut."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._garbage = bytearray()

    @property
    def waiting(self) -> int:
        return len(self._held)

    def feed(self, data: bytes) -> Iterator[Frame | Garbage]:
        """Frames and garbage, in order. At most one frame (10,009 bytes) is held back."""
        held = self._held
        held += data
        at = 0
        while True:
            header = _HEADER.search(held, at)
            if header is None:
                begun = _BEGUN.search(held, max(at, len(held) - HEAD + 1))
                end = begun.start() if begun else len(held)
                yield from self._skip(held[at:end])
                at = end
                break
            yield from self._skip(held[at : header.start()])
            at = header.start()
            end = at + HEAD + int(header[1]) + TAIL
            inner = _HEADER.search(held, at + HEAD, end)
            if inner is not None:
                yield from self._skip(held[at : inner.start()])
                at = inner.start()
            elif len(held) < end:
                break
            else:
                frame = _frame(bytes(held[at:end]))
                yield from self._told()
                yield frame
                begun = None if frame.sound else _BEGUN.search(held, end - HEAD + 1, end)
                at = begun.start() if begun else end
        del held[:at]

    def _skip(self, data: bytearray) -> Iterator[Garbage]:
        """Collects garbage; line ends and blanks between frames are none."""
        if not data:
            return
        self._garbage += data if self._garbage else data.lstrip(_BLANK)
        while len(self._garbage) >= GARBAGE:
            yield Garbage(bytes(self._garbage[:SHOWN]))
            del self._garbage[:GARBAGE]

    def _told(self) -> Iterator[Garbage]:
        if self._garbage:
            yield Garbage(bytes(self._garbage[:SHOWN]))
            self._garbage.clear()


def _frame(data: bytes) -> Frame:
    segment, told = data[HEAD:-TAIL], data[-TAIL:]
    return Frame(segment, told.upper() == b"%04X" % crc(segment))
