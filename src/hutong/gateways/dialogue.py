"""What a protocol tells the server: bytes in, events out. A dialogue does no I/O, reads no clock and never raises.

One dialogue serves one connection. `receive` takes whatever came off the wire and returns what it means. The server keeps the
promises that matter to devices: a `Packet` is acknowledged only after its commit, answers leave in the order of the
events that caused them, and no connection may hold more than a bounded number of bytes or unanswered packets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from hutong.kernel.base import Facts, Instant

Verdict = Literal["kept", "unknown", "secret", "content", "busy"]
"""Why a packet is answered as it is: it is durable; its device is not admitted; its credential is wrong; nothing of it could
be kept (no mapped channel, all rows refused); the city cannot keep it now, so it should come again."""


@dataclass(frozen=True, eq=False)
class Readings:
    """Values of one device as columns of length n. `channels` are the protocol's own names of the values.

    `time` int64[n] µs UTC; `number` float64[n], NaN where the result is text; `quality` uint8[n] (kernel Quality).
    """

    channels: tuple[str, ...]
    time: NDArray[np.int64]
    number: NDArray[np.float64]
    quality: NDArray[np.uint8]
    texts: dict[int, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.channels)


@dataclass(frozen=True, eq=False)
class Packet:
    """A message of a device that carries readings. `answer` renders the reply once its fate is known (b"": no reply).

    `secret` is what the message itself shows as credential; None: the session's login speaks for it.
    """

    address: str
    readings: Readings
    answer: Callable[[Verdict], bytes]
    secret: str | None = None
    facts: Facts = field(default_factory=dict)
    """What an operator would want to see of an unknown device: system type, manufacturer, plate number …"""


@dataclass(frozen=True, eq=False)
class Login:
    """A device introduces itself (registration, authentication, link maintenance)."""

    address: str
    answer: Callable[[Verdict], bytes]
    secret: str | None = None
    facts: Facts = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """Bytes to send now: heartbeats, clock requests."""

    data: bytes


@dataclass(frozen=True)
class Fault:
    """Something on the wire that was no message: counted, shown to the operator, and limited per connection."""

    reason: str
    data: bytes = b""
    """The first bytes of it, at most 64."""


@dataclass(frozen=True)
class Close:
    """The protocol ends the connection after the answers before it."""

    reason: str = ""


Event = Packet | Login | Answer | Fault | Close


class Dialogue(Protocol):
    """One connection's side of a protocol."""

    def receive(self, data: bytes, now: Instant) -> Iterable[Event]:
        """What came, together with what was left of before. `now` is city time, for protocols that ask for the clock."""
        ...

    @property
    def waiting(self) -> int:
        """Bytes and parts held back until more comes; the server closes connections that hold too much."""
        ...


class Speaks(Protocol):
    """A protocol: makes the dialogue of a new connection. `options` are the city's for this port (charset, version, keys)."""

    def __call__(self, options: Facts) -> Dialogue: ...
