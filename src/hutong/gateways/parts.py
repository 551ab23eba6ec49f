"""Messages that come in several packets, put together within bounds."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import NamedTuple

_PER_PART = 64


class Part(NamedTuple):
    data: bytes
    serial: int
    """The packet's own number, by which its sender knows it."""


@dataclass
class _Open:
    total: int
    parts: dict[int, Part] = field(default_factory=dict)
    size: int = 0


class Parts:
    """Open messages of one connection, the oldest first. One too many, or a byte too many, and the oldest is dropped."""

    def __init__(self, most_bytes: int = 48 << 10, most_open: int = 8) -> None:
        self._most_bytes, self._most_open = most_bytes, most_open
        self._open: dict[Hashable, _Open] = {}
        self.waiting = 0

    def add(self, key: Hashable, total: int, index: int, part: Part) -> list[Part] | None:
        """The whole message in order once its last missing part is there. `index` counts from 1 to `total`."""
        message = self._open.get(key)
        if message is None or message.total != total:
            self.drop(key)
            message = self._open[key] = _Open(total)
        before = message.parts.get(index)
        grown = len(part.data) - len(before.data) if before else len(part.data) + _PER_PART
        message.parts[index] = part
        message.size += grown
        self.waiting += grown
        if len(message.parts) < total:
            return None
        self.drop(key)
        return [message.parts[at] for at in range(1, total + 1)]

    def overflow(self) -> bool:
        """Drops what is too much; tells whether anything was."""
        dropped = False
        while self._open and (self.waiting > self._most_bytes or len(self._open) > self._most_open):
            self.drop(next(iter(self._open)))
            dropped = True
        return dropped

    def missing(self, key: Hashable) -> list[int]:
        message = self._open.get(key)
        return (
            [] if message is None else [at for at in range(1, message.total + 1) if at not in message.parts]
        )

    def serial(self, key: Hashable) -> int:
        """The number the first packet has, reckoned from any that is there."""
        index, part = next(iter(self._open[key].parts.items()))
        return (part.serial - index + 1) & 0xFFFF

    def drop(self, key: Hashable) -> None:
        message = self._open.pop(key, None)
        if message is not None:
            self.waiting -= message.size
