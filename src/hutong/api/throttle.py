"""Limits by client: how many requests, and how often a password may be guessed."""

from __future__ import annotations

import threading
from collections import OrderedDict

from hutong.kernel.base import MINUTE, SECOND, Instant
from hutong.kernel.errors import TooMany

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


class Attempts:
    """Failed sign-ins by name and by client: free at first, then a delay that doubles.

    A client may be a whole office behind one address, so more failures are free to it than to a name.
    """

    FREE_NAME = 5
    FREE_CLIENT = 40
    LONGEST = 15 * MINUTE

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failed: OrderedDict[str, tuple[int, Instant]] = OrderedDict()

    def check(self, name: str, client: str, now: Instant) -> None:
        """TooMany while the name or the client has to wait."""
        with self._lock:
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
        count, last = self._failed.get(key, (0, 0))
        if count < free:
            return last
        wait: int = SECOND * 2 ** min(count - free + 1, 20)
        return last + min(self.LONGEST, wait)

    def failed(self, name: str, client: str, now: Instant) -> None:
        with self._lock:
            for key in (name, client):
                count, last = self._failed.pop(key, (0, now))
                fresh = now - last > self.LONGEST
                self._failed[key] = (1 if fresh else count + 1, now)
            while len(self._failed) > REMEMBERED:
                self._failed.popitem(last=False)

    def succeeded(self, name: str) -> None:
        """The client's count stays: one right password does not excuse guessing others."""
        with self._lock:
            self._failed.pop(name, None)
