"""Bytes between messages: told once at the beginning of a run and again from time to time, never kept."""

from __future__ import annotations

from collections.abc import Iterator

from hutong.gateways.dialogue import Fault

SAMPLE = 64
AGAIN = 4096
"""A run is told of after its first 64 bytes (or when it ends), and anew after every so many."""


class Noise:
    """A run of bytes that begin no message. What it tells depends on the bytes alone, not on how they were cut."""

    def __init__(self, reason: str) -> None:
        self._reason = reason
        self._sample = bytearray()
        self._length = 0

    @property
    def waiting(self) -> int:
        return len(self._sample) if self._length < SAMPLE else 0

    def add(self, data: bytes) -> Iterator[Fault]:
        while data:
            piece, data = data[: AGAIN - self._length], data[AGAIN - self._length :]
            before = self._length
            self._length += len(piece)
            if before < SAMPLE:
                self._sample += piece[: SAMPLE - before]
                if self._length >= SAMPLE:
                    yield Fault(self._reason, bytes(self._sample))
            if self._length == AGAIN:
                self._forget()

    def end(self) -> Iterator[Fault]:
        """A message begins, so the run is over."""
        if 0 < self._length < SAMPLE:
            yield Fault(self._reason, bytes(self._sample))
        self._forget()

    def _forget(self) -> None:
        self._sample.clear()
        self._length = 0
