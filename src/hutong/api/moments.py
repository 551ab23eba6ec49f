"""The city as it was: what a moment of city time means in recorded time, and rows as they stood then."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from hutong.kernel.base import Entity, Instant
from hutong.kernel.errors import NotFound
from hutong.kernel.ports import Reader

E = TypeVar("E", bound=Entity)


def recorded_of(reader: Reader, at: Instant) -> Instant:
    """Recorded time of the last journal record whose city time is not after `at`; 0 before the first.

    Both times are the same in a real city. In a demo city time runs at a pace of its own, and the journal tells which recorded
    time belongs to it: its records are in the order of both.
    """
    low, high = 1, reader.head()
    known: Instant = 0
    while low <= high:
        middle = (low + high) // 2
        found = reader.journal(after=middle - 1, limit=1)
        if not found:
            break
        if found[0].at <= at:
            known, low = found[0].recorded_at, middle + 1
        else:
            high = middle - 1
    return known


def as_they_were(reader: Reader, noun: type[E], rows: Iterable[E], recorded: Instant) -> list[E]:
    """The rows in their versions of then; those that were not stored yet are left out."""
    found: list[E] = []
    for row in rows:
        try:
            found.append(reader.get(noun, row.id, as_of=recorded))
        except NotFound:
            continue
    return found
