"""The clocks of a running city: real time, and the demo's time that runs faster and waits for its feed."""

from __future__ import annotations

import threading
import time

from hutong.kernel.base import SECOND, Instant


class SystemClock:
    """Real time for both."""

    def city_time(self) -> Instant:
        return time.time_ns() // 1000

    def recorded_at(self) -> Instant:
        return time.time_ns() // 1000


class DemoClock:
    """City time from an anchor at `rate` × real time, never beyond `limit`; recorded time is real."""

    def __init__(self, city: Instant, rate: float) -> None:
        self._lock = threading.Lock()
        self._anchor = city
        self._since = time.monotonic()
        self._rate = rate
        self._running = True
        self._limit: Instant | None = city

    @property
    def rate(self) -> float:
        return self._rate

    @property
    def running(self) -> bool:
        return self._running

    def city_time(self) -> Instant:
        with self._lock:
            return self._now()

    def _now(self) -> Instant:
        passed = (time.monotonic() - self._since) * self._rate if self._running else 0.0
        now = self._anchor + round(passed * SECOND)
        return now if self._limit is None else min(now, self._limit)

    def recorded_at(self) -> Instant:
        return time.time_ns() // 1000

    def _anchor_here(self) -> None:
        self._anchor = self._now()
        self._since = time.monotonic()

    def allow_until(self, limit: Instant | None) -> None:
        """City time stands at `limit` until it is raised: the feed of that minute is not in yet."""
        with self._lock:
            self._anchor_here()
            self._limit = limit

    def jump_to(self, city: Instant) -> None:
        """Goes on from a later time, before anything has run."""
        with self._lock:
            self._anchor, self._limit = city, city
            self._since = time.monotonic()

    def set_pace(self, *, rate: float | None = None, running: bool | None = None) -> None:
        """Another rate, or pause and go on."""
        with self._lock:
            self._anchor_here()
            self._rate = self._rate if rate is None else rate
            self._running = self._running if running is None else running

    def reached(self, at: Instant) -> bool:
        return self.city_time() >= at
