"""What gateways see right now: last packet and counts of each device, faults on the wire. In memory only."""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict, deque
from collections.abc import Callable

import msgspec

from hutong.kernel.base import Instant

DEVICES = 200_000
FAULTS = 100
OF_DEVICE = 5


class WireFault(msgspec.Struct, frozen=True):
    """Something that was no message, or one that was refused; `data` are its first bytes, escaped."""

    at: Instant
    protocol: str
    peer: str
    reason: str
    data: str = ""


class Seen(msgspec.Struct):
    """A device as the gateways of this process saw it. Times are recorded times."""

    last: Instant = 0
    peer: str = ""
    packets: int = 0
    rows: int = 0
    unmapped: int = 0
    """Values without a mapped channel."""
    refused: int = 0
    """Packets that were not kept."""
    channels: tuple[str, ...] = ()
    """What the last packet called its values."""
    faults: tuple[WireFault, ...] = ()


class PortState(msgspec.Struct, frozen=True, kw_only=True):
    """One port of a gateway. `trouble` says why it is not open."""

    protocol: str
    host: str
    port: int
    transport: str = "tcp"
    open: bool = True
    trouble: str = ""
    connections: int = 0
    packets: int = 0
    faults: int = 0
    turned_away: int = 0
    """Connections that were closed because there were too many."""
    raw_lost: int = 0
    """Raw packets that could not be kept."""


class Wire(msgspec.Struct, frozen=True, kw_only=True):
    """What goes on at the ports: `faults` the newest first; `counts`: packets by what became of them."""

    ports: list[PortState] = []
    faults: list[WireFault] = []
    counts: dict[str, int] = {}
    turned_away: int = 0
    """Messages of strangers that found no place in quarantine."""


class Live:
    """Counters of the gateways of this process; any thread may count."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: OrderedDict[int, Seen] = OrderedDict()
        self._faults: deque[WireFault] = deque(maxlen=FAULTS)
        self._ports: list[Callable[[], PortState]] = []
        self.counts: Counter[str] = Counter()
        """Packets by what became of them (verdict)."""

    def packet(
        self,
        device: int,
        verdict: str,
        *,
        at: Instant,
        peer: str,
        rows: int = 0,
        unmapped: int = 0,
        channels: tuple[str, ...] = (),
    ) -> None:
        """A message of a device, in whatever state it is."""
        with self._lock:
            seen = self._seen.get(device)
            if seen is None:
                seen = self._seen[device] = Seen()
                while len(self._seen) > DEVICES:
                    self._seen.popitem(last=False)
            seen.last, seen.peer = at, peer
            seen.packets += 1
            seen.rows += rows
            seen.unmapped += unmapped
            seen.refused += verdict != "kept"
            if channels:
                seen.channels = channels
            self.counts[verdict] += 1

    def fault(
        self,
        protocol: str,
        peer: str,
        reason: str,
        data: bytes = b"",
        *,
        at: Instant,
        device: int | None = None,
    ) -> None:
        """Something was wrong on the wire."""
        shown = data[:64].decode("ascii", "backslashreplace")
        fault = WireFault(at, protocol, peer, reason[:200], shown)
        with self._lock:
            self._faults.append(fault)
            seen = self._seen.get(device) if device is not None else None
            if seen is not None:
                seen.faults = (*seen.faults, fault)[-OF_DEVICE:]

    def of(self, device: int) -> Seen | None:
        """What is known of a device since this process started."""
        return self._seen.get(device)

    def faults(self) -> list[WireFault]:
        """The newest first."""
        with self._lock:
            return list(reversed(self._faults))

    def listen(self, port: Callable[[], PortState]) -> None:
        """A port to be shown."""
        with self._lock:
            self._ports.append(port)

    def ports(self) -> list[PortState]:
        """All ports, as they are now."""
        with self._lock:
            ports = list(self._ports)
        return [one() for one in ports]
