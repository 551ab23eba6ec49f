"""Decimal digits two to a byte, and Beijing time as devices write it. Nothing here raises on what came off the wire."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache

from hutong.kernel.base import HOUR, MINUTE, SECOND, Instant

BEIJING = 8 * HOUR
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def digits(data: bytes) -> str | None:
    """The decimal digits of `data`, or None if a half byte is above nine."""
    text = data.hex()
    return text if text.isdigit() else None


@lru_cache(maxsize=4096)
def _midnight(year: int, month: int, day: int) -> Instant | None:
    """UTC µs of a day's beginning in Beijing; `year` has two digits of this century."""
    try:
        return (datetime(2000 + year, month, day, tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1) - BEIJING
    except ValueError:
        return None


def beijing(year: int, month: int, day: int, hour: int, minute: int, second: int) -> Instant | None:
    """A moment of Beijing time (`year` 0–99 of this century) as µs UTC; None if the calendar has no such moment."""
    if hour > 23 or minute > 59 or second > 59:
        return None
    midnight = _midnight(year, month, day)
    return None if midnight is None else midnight + hour * HOUR + minute * MINUTE + second * SECOND


def bcd_time(data: bytes) -> Instant | None:
    """YYMMDDhhmm[ss] in BCD, Beijing time, as µs UTC; None if it is no moment."""
    text = data.hex()
    if not text.isdigit() or len(text) not in (10, 12):
        return None
    seconds = int(text[10:12] or 0)
    return beijing(int(text[:2]), int(text[2:4]), int(text[4:6]), int(text[6:8]), int(text[8:10]), seconds)


def clock_parts(at: Instant, offset: int = BEIJING) -> tuple[int, int, int, int, int, int]:
    """(two-digit year, month, day, hour, minute, second) of `at` in the zone `offset` µs east of UTC."""
    moment = _EPOCH + timedelta(microseconds=at + offset)
    return moment.year % 100, moment.month, moment.day, moment.hour, moment.minute, moment.second


def to_bcd_time(at: Instant, offset: int = BEIJING) -> bytes:
    """YYMMDDhhmmss in BCD."""
    return bytes.fromhex("".join(f"{part:02d}" for part in clock_parts(at, offset)))
