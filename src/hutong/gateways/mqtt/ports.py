"""What the gateway is given by the wiring place: the registry, the intake, and the faces that create and publish."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from hutong.gateways.dialogue import Fault, Packet, Readings
from hutong.gateways.mqtt.wire import Message
from hutong.kernel.base import Facts, Instant
from hutong.kernel.observation import ObservationBatch, Outcome
from hutong.kernel.thing import Device


@dataclass(frozen=True)
class Reply:
    """A message that a speaker wants published."""

    topic: str
    payload: bytes
    qos: int = 0
    retain: bool = False


class Speaker(Protocol):
    """A dialect of devices: what a message means. Never raises, reads no clock."""

    protocol: str
    filters: tuple[str, ...]

    def read(self, message: Message, now: Instant) -> Iterable[Packet | Fault | Reply]: ...


class Devices(Protocol):
    """The registry: `engine.flow.devices.DeviceDesk`."""

    def find(self, protocol: str, address: str) -> Device | None: ...

    def known(self, device: Device, secret: str | None) -> bool | None: ...

    def verify(self, device: Device, secret: str | None, peer: str = "") -> bool: ...

    def batch(self, device: Device, readings: Readings) -> tuple[ObservationBatch, tuple[int, ...]]: ...

    def unknown(self, protocol: str, address: str, facts: Facts, peer: str = "") -> None: ...


class Intake(Protocol):
    """Takes observations: `engine.flow.intake.Intake`."""

    def submit(self, batch: ObservationBatch) -> Future[Outcome]: ...


class Created(Protocol):
    """What messages of a creating face come to.

    `batch` rows belong to the messages whose positions `owner` gives; `refused` says why others are not taken; `later`
    are slow commands, each of one message, to be done in order in a thread; they raise HutongError.
    """

    @property
    def batch(self) -> ObservationBatch | None: ...
    @property
    def owner(self) -> NDArray[np.int64]: ...
    @property
    def refused(self) -> dict[int, str]: ...
    @property
    def later(self) -> Sequence[tuple[int, Callable[[], None]]]: ...


class Creator(Protocol):
    """A face through which clients create: SensorThings (OGC 18-088 §14.2)."""

    @property
    def filters(self) -> tuple[str, ...]: ...

    def take(self, sent: Sequence[tuple[str, bytes]]) -> Created: ...


class Publisher(Protocol):
    """What the city tells through this broker: at least once, in order."""

    def look(self) -> Sequence[tuple[str, bytes]]:
        """The next messages (topic, payload); empty if there is nothing new. Reads the store: not for event loops."""
        ...

    def sent(self) -> None:
        """The messages of the last look are with the broker."""
        ...
