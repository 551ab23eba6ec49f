"""How long observations are kept: rows of city.yaml, and which of them a datastream goes by."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from hutong.kernel.base import DataClass
from hutong.kernel.definition.thing import Strict


class RetentionRow(Strict, frozen=True, kw_only=True):
    """How long observations are kept; evidence that was copied into findings and cases stays with them. A datastream goes
    by the row that says most about it: its property, then the type of its thing, then the class of its data."""

    property: str = "*"
    """Code of the observed property; `*`: any."""
    type: str | None = None
    """Only at things of this type (`drainage.manhole`)."""
    data_class: DataClass | None = None
    """Only properties whose observations are of this class."""
    rows_days: int
    """Each single observation."""
    rollups_days: int | None = None
    """Hourly count, sum, least, greatest, first and last (default: for ever)."""
    least_days: int = 0
    """The statutory minimum for single observations; it binds every row that a datastream of this one may go by."""
    source: str
    """The rule that the minimum is from, or `city rule`."""


def key_of(row: RetentionRow) -> str:
    """What it is about; no two rows have the same."""
    data_class = "*" if row.data_class is None else int(row.data_class)
    return f"{row.property}|{row.type or '*'}|{data_class}"


class Observed(msgspec.Struct, frozen=True):
    """What retention asks about a datastream."""

    property: str
    type: str
    data_class: DataClass = DataClass.INTERNAL


def fits(row: RetentionRow, observed: Observed) -> bool:
    return (
        row.property in ("*", observed.property)
        and row.type in (None, observed.type)
        and row.data_class in (None, observed.data_class)
    )


def governing(rows: Sequence[RetentionRow], observed: Observed) -> RetentionRow | None:
    """The row the datastream goes by; None: it is kept for ever."""
    return max((row for row in rows if fits(row, observed)), key=_weight, default=None)


def binding(rows: Sequence[RetentionRow], observed: Observed) -> RetentionRow | None:
    """The row with the longest statutory minimum among all that fit."""
    return max((row for row in rows if fits(row, observed)), key=lambda row: row.least_days, default=None)


def _weight(row: RetentionRow) -> tuple[bool, bool, bool]:
    return row.property != "*", row.type is not None, row.data_class is not None
