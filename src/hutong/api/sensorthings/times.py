"""ISO 8601 instants and intervals of SensorThings, singly and as columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from hutong.kernel.base import Instant
from hutong.kernel.clock import instant, iso
from hutong.kernel.errors import Invalid

Ints = NDArray[np.int64]
UNSET = -1
_FRACTION = re.compile(r"(\.\d{6})\d+")
_PLAIN = np.frombuffer(b"dddd-dd-ddTdd:dd:dd", np.uint8)
_DIGITS = np.flatnonzero(ord("d") == _PLAIN)
_MARKS = np.flatnonzero(ord("d") != _PLAIN)


def instant_of(text: object, field: str) -> Instant:
    """µs of an instant; without an offset it is UTC."""
    if not isinstance(text, str):
        raise Invalid(field, f"{text!r} is no instant", "write it like 2026-07-18T11:00:00Z")
    try:
        found = datetime.fromisoformat(_FRACTION.sub(r"\1", text.strip()))
    except ValueError:
        raise Invalid(field, f"{text!r} is no instant", "write it like 2026-07-18T11:00:00Z") from None
    return instant(found if found.tzinfo else found.replace(tzinfo=UTC))


def interval_of(text: object, field: str) -> tuple[Instant, Instant]:
    """Start and end of `a/b`, or an instant and UNSET."""
    if isinstance(text, str) and "/" in text:
        first, _, last = text.partition("/")
        start, end = instant_of(first, field), instant_of(last, field)
        if end < start:
            raise Invalid(field, f"{text!r} ends before it begins", "put the earlier instant first")
        return start, end
    return instant_of(text, field), UNSET


def shown(start: int, end: int = UNSET) -> str:
    return iso(start) if end == UNSET else f"{iso(start)}/{iso(end)}"


def instants(texts: Sequence[str]) -> Ints | None:
    """µs of many instants in UTC written alike (`2026-07-18T11:00:00Z`, with 0, 3 or 6 decimals); None if they are
    not of that form, or not real dates."""
    if not texts:
        return np.zeros(0, np.int64)
    width = len(texts[0])
    decimals = width - 21
    if width != 20 and decimals not in (3, 6):
        return None
    try:
        rows = np.frombuffer("".join(texts).encode("ascii"), np.uint8)
    except UnicodeEncodeError:
        return None
    if len(rows) != width * len(texts) or any(len(text) != width for text in texts):
        return None
    rows = rows.reshape(len(texts), width)
    places = _DIGITS if width == 20 else np.concatenate([_DIGITS, np.arange(20, 20 + decimals)])
    values = rows[:, places] - ord("0")
    right = (
        (rows[:, _MARKS] == _PLAIN[_MARKS]).all() and (rows[:, -1] == ord("Z")).all() and (values <= 9).all()
    )
    if not right or (width > 20 and not (rows[:, 19] == ord(".")).all()):
        return None
    return _micros(values.astype(np.int64), max(decimals, 0))


def _micros(digits: Ints, decimals: int) -> Ints | None:
    """µs since 1970 of digit columns YYYYMMDDhhmmss and decimals; None where a date is not real."""
    year = digits[:, 0] * 1000 + digits[:, 1] * 100 + digits[:, 2] * 10 + digits[:, 3]
    month, day, hour, minute, second = (digits[:, at] * 10 + digits[:, at + 1] for at in range(4, 14, 2))
    if not (
        (year >= 1).all()
        and ((month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)).all()
        and ((hour <= 23) & (minute <= 59) & (second <= 59)).all()
    ):
        return None
    months = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    first = months.astype("datetime64[D]")
    days = first.astype(np.int64) + day - 1
    if (days >= (months + 1).astype("datetime64[D]").astype(np.int64)).any():
        return None
    fraction = np.zeros(len(digits), np.int64)
    for at in range(decimals):
        fraction = fraction * 10 + digits[:, 14 + at]
    fraction *= 10 ** (6 - decimals)
    seconds = ((days * 24 + hour) * 60 + minute) * 60 + second
    return np.asarray(seconds * 1_000_000 + fraction, np.int64)
