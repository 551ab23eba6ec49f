"""Values of a message gathered row by row, then handed over as columns."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from hutong.gateways.dialogue import Readings
from hutong.kernel.base import Instant
from hutong.kernel.observation import Quality

_GOOD = int(Quality.GOOD)


class Rows:
    """Rows of one device in the order of the message."""

    def __init__(self) -> None:
        self.channels: list[str] = []
        self.time: list[Instant] = []
        self.number: list[float] = []
        self.quality: list[int] = []
        self.texts: dict[int, str] = {}

    def __len__(self) -> int:
        return len(self.channels)

    def add(self, channel: str, time: Instant, number: float, quality: int = _GOOD) -> None:
        self.channels.append(channel)
        self.time.append(time)
        self.number.append(number)
        self.quality.append(quality)

    def text(self, channel: str, time: Instant, text: str, quality: int = _GOOD) -> None:
        self.texts[len(self.channels)] = text
        self.add(channel, time, math.nan, quality)

    def bits(self, channel: str, time: Instant, code: int, names: Iterable[tuple[int, str]]) -> None:
        """The code itself and one row of 0 or 1 for every bit that has a name (`channel:name`)."""
        self.add(channel, time, code)
        for bit, name in names:
            self.add(f"{channel}:{name}", time, code >> bit & 1)

    def readings(self) -> Readings:
        return Readings(
            tuple(self.channels),
            np.array(self.time, np.int64),
            np.array(self.number, np.float64),
            np.array(self.quality, np.uint8),
            self.texts,
        )
