"""Names of counters that are kept by time, so that a figure of a period reads the counters of that period and no row."""

from __future__ import annotations

from collections.abc import Iterator

from hutong.kernel.base import DAY, HOUR, Instant

SPAN = 32 * DAY
"""Counters of so many µs share a name, so that they are read together."""


def dated_counter(noun: str, at: Instant, key: str) -> tuple[str, str]:
    """(name, key) of the counter for a row of `noun` at that time: kept for each hour."""
    return f"{noun}.by_hour.{at // SPAN}", f"{at // HOUR}/{key}"


def counter_names(noun: str, since: Instant, until: Instant) -> Iterator[str]:
    """Names of the counters that hold since ≤ time < until."""
    return (f"{noun}.by_hour.{number}" for number in range(since // SPAN, max(since, until - 1) // SPAN + 1))


def hour_and_key(key: str) -> tuple[Instant, str]:
    """When a counter's hour begins, and what it counts."""
    hour, _, rest = key.partition("/")
    return int(hour) * HOUR, rest
