"""Frames that begin with a mark and say their own length, cut out of a stream that may hold anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from hutong.gateways.dialogue import Fault
from hutong.gateways.noise import SAMPLE, Noise
from hutong.kernel.base import SECOND, Instant

PATIENCE = 30 * SECOND
"""The rest of a frame that has begun must come within this time of its last byte."""
NO_FRAME = -1
MORE = 0
_REREADS = 4


class Framing:
    """`measure(buffer, start)`: the length of the frame whose mark stands at `start`, MORE if its header is not all there
    yet, NO_FRAME if no frame can begin so. `check(frame)`: why it is none after all, or "".

    After a frame that fails its check the search goes on right behind its mark, because its length may be what was
    damaged. Work stays linear: a stream that fails again and again is searched frame by frame only.
    """

    def __init__(
        self,
        mark: bytes,
        measure: Callable[[bytearray, int], int],
        check: Callable[[bytes], str],
        longest: int,
    ) -> None:
        self._mark, self._measure, self._check = mark, measure, check
        self._most_credit = self._credit = _REREADS * longest
        self._buffer = bytearray()
        self._told = 0
        self._heard: Instant = 0
        self._noise = Noise("bytes that begin no frame")

    @property
    def waiting(self) -> int:
        return len(self._buffer) + self._noise.waiting

    def feed(self, data: bytes, now: Instant) -> Iterator[bytes | Fault]:
        """Frames and faults, in the order of the stream."""
        if self._buffer and now - self._heard > PATIENCE:
            yield from self._give_up()
        self._heard = now
        self._buffer += data
        yield from self._cut()

    def _give_up(self) -> Iterator[bytes | Fault]:
        """The frame that has begun will not be finished. Whole ones may stand behind its mark, if its length was damaged."""
        yield Fault("a frame was cut off", bytes(self._buffer[:SAMPLE]))
        self._told = len(self._buffer)
        while self._buffer:
            self._drop(1)
            yield from self._cut()
            if len(self._buffer) < len(self._mark):
                self._drop(len(self._buffer))

    def _cut(self) -> Iterator[bytes | Fault]:
        """All that can be told of the bytes that are there."""
        at = 0
        while (found := self._next(at)) is not None:
            events, at = found
            yield from events
        self._drop(at)

    def _drop(self, size: int) -> None:
        del self._buffer[:size]
        self._told = max(0, self._told - size)

    def _next(self, at: int) -> tuple[list[bytes | Fault], int] | None:
        """What comes after `at` and where to go on; None if more bytes are needed."""
        buffer = self._buffer
        start, length = self._begin(at)
        if length <= MORE or start + length > len(buffer):
            return None if start <= at else (list(self._pass(at, start)), start)
        events: list[bytes | Fault] = [*self._pass(at, start)]
        frame = bytes(buffer[start : start + length])
        reason = self._check(frame)
        if not reason:
            self._credit = min(self._most_credit, self._credit + length)
            return [*events, *self._noise.end(), frame], start + length
        if start >= self._told:
            events += [*self._noise.end(), Fault(reason, frame[:SAMPLE])]
        self._told = max(self._told, start + length)
        self._credit -= length
        if self._credit < 0:
            self._credit = min(self._most_credit, self._credit + length)
            return events, start + length
        return events, start + 1

    def _begin(self, at: int) -> tuple[int, int]:
        """The first place from `at` on where a frame may stand, with its length; without one, where the next may begin."""
        buffer = self._buffer
        start = buffer.find(self._mark, at)
        while start >= 0:
            length = self._measure(buffer, start)
            if length != NO_FRAME:
                return start, length
            start = buffer.find(self._mark, start + 1)
        return len(buffer) - self._beginning(), NO_FRAME

    def _pass(self, start: int, end: int) -> Iterator[Fault]:
        """Bytes of no frame; those of a frame already told of are told once only."""
        start = max(start, self._told)
        if start < end:
            self._credit = min(self._most_credit, self._credit + end - start)
            yield from self._noise.add(bytes(self._buffer[start:end]))

    def _beginning(self) -> int:
        """How many last bytes may be the first of a mark."""
        for size in range(len(self._mark) - 1, 0, -1):
            if self._buffer.endswith(self._mark[:size]):
                return size
        return 0
