"""Limits by client: how many requests, and how often a password may be guessed."""

from __future__ import annotations

import threading
from collections import OrderedDict

from hutong.kernel.base import MINUTE, SECOND, Instant
from hutong.kernel.errors import TooMany
from hutong.kernel.ports import Failures

REMEMBERED = 20_000
"""Clients remembered; the least recently seen are forgotten first."""


class Buckets:
    """A token bucket per client: `burst` requests at once, `rate` a second after that."""

    def __init__(self, burst: int, rate: float) -> None:
        self._burst = burst
        self._rate = rate
        self._lock = threading.Lock()
        self._held: OrderedDict[str, tuple[float, Instant]] = OrderedDict()

    def take(self, client: str, now: Instant) -> None:
        """TooMany, with when to come back, if the client has used up its share."""
        with self._lock:
            left, since = self._held.pop(client, (float(self._burst), now))
            left = min(float(self._burst), left + max(0, now - since) / SECOND * self._rate)
            granted = left >= 1
            self._held[client] = (left - 1 if granted else left, now)
            if len(self._held) > REMEMBERED:
                self._held.popitem(last=False)
        if not granted:
            wait = max(1, round((1 - left) / self._rate + 0.5))
            raise TooMany("requests", "too many requests", "wait a little", retry_after=wait)


class MemoryFailures:
    """Failures of one process; they end with it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, tuple[int, Instant]] = OrderedDict()

    def of(self, key: str) -> tuple[int, Instant]:
        return self._kept.get(key, (0, 0))

    def add(self, keys: tuple[str, ...], now: Instant, forget: Instant) -> None:
        with self._lock:
            for key in keys:
                count, last = self._kept.pop(key, (0, now))
                self._kept[key] = (1 if last < forget else count + 1, now)
            while len(self._kept) > REMEMBERED:
                self._kept.popitem(last=False)

    def clear(self, key: str) -> None:
        with self._lock:
            self._kept.pop(key, None)


class Attempts:
    """Failed sign-ins by name and by client: free at first, then a delay that doubles.

    A client may be a whole office behind one address, so more failures are free to it than to a name.
    """

    FREE_NAME = 5
    FREE_CLIENT = 40
    LONGEST = 15 * MINUTE

    def __init__(self, failures: Failures | None = None) -> None:
        self._failures = failures or MemoryFailures()

    def check(self, name: str, client: str, now: Instant) -> None:
        """TooMany while the name or the client has to wait."""
        longest = max(self._until(name, self.FREE_NAME), self._until(client, self.FREE_CLIENT)) - now
        if longest > 0:
            raise TooMany(
                "login",
                "too many failed attempts",
                "wait, or ask the administrator to reset the password",
                retry_after=max(1, round(longest / SECOND + 0.5)),
                zh="登录失败次数过多，请稍后再试",
            )

    def _until(self, key: str, free: int) -> Instant:
        count, last = self._failures.of(key)
        if count < free:
            return last
        wait: int = SECOND * 2 ** min(count - free + 1, 20)
        return last + min(self.LONGEST, wait)

    def failed(self, name: str, client: str, now: Instant) -> None:
        self._failures.add((name, client), now, now - self.LONGEST)

    def succeeded(self, name: str) -> None:
        """The client's count stays: one right password does not excuse guessing others."""
        self._failures.clear(name)
