"""Local times as scenarios write them."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from hutong.kernel.base import Instant
from hutong.kernel.clock import instant, moment
from hutong.kernel.errors import Invalid


class LocalTimes:
    """Reads `19:04` (the first such time from the scenario's start on) and `2026-07-18 19:04`, and writes them."""

    def __init__(self, start: str, zone: ZoneInfo) -> None:
        self.zone = zone
        self.start = self._full(start)

    def _full(self, text: str) -> Instant:
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            raise Invalid(
                "time", f"{text!r} is no local time", "write it like 2026-07-18 19:04, or 19:04"
            ) from None
        return instant(at.replace(tzinfo=self.zone))

    def read(self, text: str) -> Instant:
        if len(text) > len("19:04:00"):
            return self._full(text)
        day = moment(self.start, self.zone)
        at = self._full(f"{day:%Y-%m-%d} {text}")
        if at < self.start:
            at = self._full(f"{day + timedelta(days=1):%Y-%m-%d} {text}")
        return at

    def write(self, at: Instant | None) -> str:
        """As short as it can be read back."""
        if at is None:
            return "never"
        local = moment(at, self.zone)
        clock = f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"
        return clock if self.read(clock) == at else f"{local:%Y-%m-%d} {clock}"
