"""What happened in cases, kept as columns by month: read once, afterwards only the cases that changed are read again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hutong.engine.measure.happened import Happened, happened
from hutong.engine.measure.seen import FIELDS, Seen, read
from hutong.kernel.base import Instant
from hutong.kernel.case import Case
from hutong.kernel.definition.indicator import CountDefinition
from hutong.kernel.ports import Reader
from hutong.kernel.query import Compare, Expr, Field, In, IsNull, Value, both, field

ROW = np.dtype(
    [
        ("case", np.int64),
        ("at", np.int64),
        ("count", np.int32),
        ("account", np.int64),
        ("organisation", np.int64),
        ("place", np.int64),
        ("category", np.int32),
        ("weight", np.float64),
        ("excused", np.bool_),
    ]
)
Rows = NDArray[Any]
"""A structured array of ROW."""
MONTHS = 15
"""Months kept in memory."""


class Ledger:
    """Safe to use from many threads. `months(start, end)` gives the (start, end) of the local months that a period meets."""

    def __init__(
        self,
        counts: Sequence[CountDefinition],
        months: Callable[[Instant, Instant], list[tuple[Instant, Instant]]],
    ) -> None:
        self.counts = tuple(counts)
        self.categories: dict[str, int] = {}
        self.position: Mapping[int, int] = {}
        self._months = months
        self._kept: OrderedDict[tuple[Instant, Instant], Rows] = OrderedDict()
        self._lock = Lock()

    def rows(self, reader: Reader, start: Instant, end: Instant) -> Rows:
        """All that happened from `start` until before `end`."""
        with self._lock:
            self._catch_up(reader)
            parts = [self._month(reader, *month) for month in self._months(start, end)]
        found = np.concatenate(parts) if parts else np.zeros(0, ROW)
        return found[(found["at"] >= start) & (found["at"] < end)]

    def _month(self, reader: Reader, start: Instant, end: Instant) -> Rows:
        known = self._kept.get((start, end))
        if known is None:
            known = self._of(_look(reader, start, end), start, end)
            self._kept[start, end] = known
            if len(self._kept) > MONTHS:
                self._kept.popitem(last=False)
        self._kept.move_to_end((start, end))
        return known

    def _catch_up(self, reader: Reader) -> None:
        """Cases that the journal names since the last time are read again; all, if there were too many."""
        heads, changed = reader.touched((Case,), self.position)
        if changed is None:
            self._kept.clear()
        elif self._kept and (ids := sorted(changed[Case])):
            again = read(reader.columns(Case, FIELDS, In(field("id"), tuple(ids))))
            for (start, end), known in self._kept.items():
                rest = known[~np.isin(known["case"], ids)]
                self._kept[start, end] = np.concatenate([rest, self._of(again, start, end)])
        self.position = heads

    def _of(self, cases: Iterable[Seen], start: Instant, end: Instant) -> Rows:
        found = [
            self._row(one) for seen in cases for one in happened(seen, self.counts) if start <= one.at < end
        ]
        return np.array(found, ROW)

    def _row(self, one: Happened) -> tuple[Any, ...]:
        category = self.categories.setdefault(one.category, len(self.categories))
        return (*one[:6], category, *one[7:])


def _look(reader: Reader, start: Instant, end: Instant) -> list[Seen]:
    """Cases that can have something in a period: opened before its end, not ended before its start. Both halves are ranges
    of an index."""
    before = Compare("lt", Field(("opened",)), Value(end))
    closed = field("closed")
    halves: tuple[Expr, ...] = (IsNull(closed), Compare("ge", closed, Value(start)))
    return [seen for half in halves for seen in read(reader.columns(Case, FIELDS, both(half, before)))]
