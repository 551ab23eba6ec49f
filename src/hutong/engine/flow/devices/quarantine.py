"""Devices nobody knows: kept for an operator to look at, within bounds that a scanner cannot move."""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from typing import NamedTuple

from hutong.kernel.base import HOUR, MINUTE, Facts, Instant

MOST = 1000
"""Devices in quarantine; beyond that an operator must admit, block or remove some first."""
MOST_OF_PEER = 50
"""… that came from one network address."""
WAITING = 100
"""Newcomers that wait to be written."""
PER_MINUTE = 120
"""Rows written in a minute, newcomers and news of known ones together."""
REFRESH = HOUR
"""How long at least between two looks at one device, though what it says of itself changes with every message."""
ADDRESS, FACTS, TEXT = 64, 16, 100
"""Longest address, most facts, longest text of a fact."""


class Newcomer(NamedTuple):
    """A device to be written down."""

    protocol: str
    address: str
    facts: Facts
    peer: str
    at: Instant


class Quarantine:
    """Decides which unknown devices are written down; memory stays within WAITING and MOST."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: OrderedDict[tuple[str, str], Newcomer] = OrderedDict()
        self._written: dict[tuple[str, str], tuple[Instant, str]] = {}
        self._peers: Counter[str] = Counter()
        self._minute = 0
        self._in_minute = 0
        self.turned_away = 0
        """How many messages of unknown devices found no place."""

    def restore(self, protocol: str, address: str, peer: str, at: Instant) -> None:
        """A device that is in quarantine in the store, looked at when."""
        with self._lock:
            key = (protocol, address)
            if key not in self._written:
                self._peers[peer] += 1
            else:
                peer = self._written[key][1]
            self._written[key] = (at, peer)

    def left(self, protocol: str, address: str) -> None:
        """Admitted, blocked or removed: its place is free."""
        with self._lock:
            _, peer = self._written.pop((protocol, address), (0, ""))
            if self._peers[peer] > 1:
                self._peers[peer] -= 1
            else:
                self._peers.pop(peer, None)

    def offer(self, protocol: str, address: str, facts: Facts, peer: str, now: Instant) -> None:
        """An unknown device sent something. Quick, does nothing else than remember it."""
        key = (protocol, address)
        written = self._written.get(key)
        if written is not None and now - written[0] < REFRESH:
            return
        with self._lock:
            if not self._has_place(key, peer, known=written is not None):
                self.turned_away += 1
                return
            self._waiting[key] = Newcomer(protocol, address, trimmed(facts), peer[:ADDRESS], now)

    def _has_place(self, key: tuple[str, str], peer: str, *, known: bool) -> bool:
        address = key[1]
        if key in self._waiting or known:
            return len(self._waiting) < WAITING or key in self._waiting
        waiting_of_peer = sum(1 for one in self._waiting.values() if one.peer == peer)
        return (
            0 < len(address) <= ADDRESS
            and address.isprintable()
            and len(self._waiting) < WAITING
            and len(self._written) + len(self._waiting) < MOST
            and self._peers[peer] + waiting_of_peer < MOST_OF_PEER
        )

    def take(self, now: Instant) -> list[Newcomer]:
        """Who is to be written now, within PER_MINUTE."""
        with self._lock:
            if now // MINUTE != self._minute:
                self._minute, self._in_minute = now // MINUTE, 0
            count = min(len(self._waiting), PER_MINUTE - self._in_minute)
            self._in_minute += count
            return [self._waiting.popitem(last=False)[1] for _ in range(count)]


def trimmed(facts: Facts) -> Facts:
    """Only short plain facts, and not many: they come from somebody nobody knows."""
    found: Facts = {}
    for name, value in list(facts.items())[:FACTS]:
        if isinstance(value, str):
            found[name[:ADDRESS]] = "".join(one for one in value if one.isprintable())[:TEXT]
        elif isinstance(value, bool | int | float) or value is None:
            found[name[:ADDRESS]] = value
    return found
