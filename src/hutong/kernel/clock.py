"""The only source of time. `city_time` drives deadlines, rules and cases; `recorded_at` drives sessions and audit."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from hutong.kernel.base import SECOND, Instant

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Clock(Protocol):
    """Two times, both UTC µs."""

    def city_time(self) -> Instant: ...

    def recorded_at(self) -> Instant: ...


class FixedClock:
    """A clock that stands until somebody moves it: tests and headless nights."""

    def __init__(self, city: Instant, recorded: Instant | None = None) -> None:
        self.city = city
        self.recorded = city if recorded is None else recorded

    def city_time(self) -> Instant:
        return self.city

    def recorded_at(self) -> Instant:
        return self.recorded

    def move_to(self, city: Instant) -> None:
        """City time never runs backwards."""
        self.recorded += max(0, city - self.city)
        self.city = max(self.city, city)


def instant(moment: datetime) -> Instant:
    """µs of an aware datetime, exactly."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def moment(at: Instant, zone: ZoneInfo | None = None) -> datetime:
    """The aware datetime of an instant, in UTC or in `zone`."""
    return (EPOCH + timedelta(microseconds=at)).astimezone(zone or UTC)


def local_date(at: Instant, zone: ZoneInfo) -> date:
    """The business date of the city's zone."""
    return moment(at, zone).date()


def iso(at: Instant) -> str:
    """RFC 3339 in UTC, with milliseconds or microseconds only where there are any."""
    text = moment(at).replace(tzinfo=None).isoformat(timespec="microseconds" if at % 1000 else "milliseconds")
    return text.removesuffix(".000") + "Z"


def seconds(count: float) -> int:
    """µs of a number of seconds."""
    return round(count * SECOND)
