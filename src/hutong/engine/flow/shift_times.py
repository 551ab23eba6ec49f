"""When shifts change, in the city's zone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from hutong.kernel.base import Instant
from hutong.kernel.clock import instant, moment


def changes_around(at: Instant, times: Sequence[str], zone: ZoneInfo) -> tuple[Instant, Instant, Instant]:
    """(begin of the shift that ended last, its end, end of the present one). `times`: local times of day, `HH:MM`."""
    day = moment(at, zone).date()
    found = sorted(
        instant(datetime.combine(day + timedelta(days=n), time.fromisoformat(one), tzinfo=zone))
        for n in (-2, -1, 0, 1, 2)
        for one in times
    )
    present = next(place for place, change in enumerate(found) if change > at)
    return found[present - 2], found[present - 1], found[present]
