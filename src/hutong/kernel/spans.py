"""Spans of time as packs write them: `90 s`, `3 min`, `2 h`, `1 d`."""

from __future__ import annotations

import re

from hutong.kernel.base import DAY, HOUR, MINUTE, SECOND
from hutong.kernel.errors import Invalid

_UNITS = {"s": SECOND, "min": MINUTE, "h": HOUR, "d": DAY}
_SPAN = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*(s|min|h|d)\s*$")


def span(text: str, field: str = "span") -> int:
    """µs of a span."""
    found = _SPAN.match(text)
    if not found:
        raise Invalid(
            field, f"{text!r} is not a span of time", "write a number and s, min, h or d, as in `3 min`"
        )
    return round(float(found[1]) * _UNITS[found[2]])
