"""Topic names and filters (MQTT 3.1.1 §4.7)."""

from __future__ import annotations

from collections.abc import Sequence

from hutong.kernel.errors import Invalid

LONGEST = 65_535
"""Bytes of a topic in UTF-8."""


def checked_filter(text: str, field: str) -> str:
    """The filter; Invalid says what is wrong with it."""
    levels = text.split("/")
    fault = ""
    if not text or "\0" in text or len(text.encode()) > LONGEST:
        fault = "is empty, too long or holds a NUL"
    elif "#" in levels[:-1] or any("#" in level and level != "#" for level in levels):
        fault = f"{text!r} has # elsewhere than as its whole last level"
    elif any("+" in level and level != "+" for level in levels):
        fault = f"{text!r} has + as part of a level"
    if fault:
        raise Invalid(field, fault, "write city/+/telemetry or city/#")
    return text


def matches(levels: Sequence[str], topic: str) -> bool:
    """Whether a topic fits a filter, given as its levels. Wildcards do not reach topics that begin with $."""
    parts = topic.split("/")
    if topic.startswith("$") and levels[0] in ("+", "#"):
        return False
    if levels[-1] == "#":
        if len(parts) < len(levels) - 1:
            return False
    elif len(parts) != len(levels):
        return False
    return all(level in ("+", "#", part) for level, part in zip(levels, parts, strict=False))


def matcher(filter: str) -> tuple[str, ...]:
    """The levels of a filter, for `matches`."""
    return tuple(filter.split("/"))
