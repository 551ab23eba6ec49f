"""Spans of time as packs write them: `90 s`, `3 min`, `2 h`, `1 d`."""

from __future__ import annotations

import re

from hutong.kernel.base import DAY, HOUR, MINUTE, SECOND
from hutong.kernel.errors import Invalid

_UNITS = {"s": SECOND, "min": MINUTE, "h": HOUR, "d": DAY}
_ROWS = re.compile(r"^\s*([1-9]\d{0,5})\s*rows?\s*$")
_SPAN = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*(s|min|h|d)\s*$")


def span(text: str, field: str = "span") -> int:
    """µs of a span."""
    found = _SPAN.match(text)
    if not found:
        raise Invalid(
            field, f"{text!r} is not a span of time", "write a number and s, min, h or d, as in `3 min`"
        )
    return round(float(found[1]) * _UNITS[found[2]])


def lasting(text: str, field: str = "hold") -> tuple[int, int]:
    """(µs, rows) of a span of time, or of so many rows one after the other (`3 rows`); the other is 0."""
    rows = _ROWS.match(text)
    if rows:
        return 0, int(rows[1])
    try:
        return span(text, field), 0
    except Invalid as wrong:
        raise Invalid(
            field,
            f"{text!r} is not a span of time, nor a number of rows",
            "write a number and s, min, h or d, as in `3 min`; or so many rows, as in `3 rows`",
        ) from wrong
