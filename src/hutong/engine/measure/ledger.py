"""What happened in cases, kept as columns by month: read once, afterwards only the cases that changed are read again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from threading import Lock

import numpy as np

from hutong.engine.measure.happened import Plan
from hutong.engine.measure.rows import Rows, rows_of, together
from hutong.engine.measure.seen import FIELDS, Seen, read
from hutong.kernel.base import Instant
from hutong.kernel.case import Case
from hutong.kernel.definition.indicator import CountDefinition
from hutong.kernel.ports import Reader
from hutong.kernel.query import Compare, Field, In, IsNull, Value, both, field

Span = tuple[Instant, Instant]
MONTHS = 15
"""Months kept in memory."""
BLOCK = 1000


class Ledger:
    """Safe to use from many threads. `months(start, end)` gives the (start, end) of the local months that a period meets,
    in order."""

    def __init__(
        self, counts: Sequence[CountDefinition], months: Callable[[Instant, Instant], list[Span]]
    ) -> None:
        self.plan = Plan(counts)
        self.numbers: dict[str, int] = {}
        """Category or value → the number that stands for it in rows."""
        self.position: Mapping[int, int] = {}
        self._months = months
        self._kept: OrderedDict[Span, Rows] = OrderedDict()
        self._lock = Lock()

    def rows(self, reader: Reader, start: Instant, end: Instant) -> Rows:
        """All that happened from `start` until before `end`."""
        with self._lock:
            self._catch_up(reader)
            parts = []
            for month in self._months(start, end):
                rows = self._month(reader, month)
                inside = (rows.at >= max(start, month[0])) & (rows.at < min(end, month[1]))
                parts.append(rows.where(inside))
        return together(parts)

    def _month(self, reader: Reader, month: Span) -> Rows:
        known = self._kept.get(month)
        if known is None:
            known = self._kept[month] = self._of(_look(reader, *month), (month,))[month]
            if len(self._kept) > MONTHS:
                self._kept.popitem(last=False)
        self._kept.move_to_end(month)
        return known

    def _catch_up(self, reader: Reader) -> None:
        """Cases that the journal names since the last time are read again; all, if there were too many."""
        heads, changed = reader.touched((Case,), self.position)
        if changed is None:
            self._kept.clear()
        elif self._kept and (ids := sorted(changed[Case])):
            again = self._of(
                read(reader.columns(Case, FIELDS, In(field("id"), tuple(ids)))), tuple(self._kept)
            )
            for month, known in self._kept.items():
                rest = known.where(~np.isin(known.case, ids))
                self._kept[month] = together([rest, again[month]])
        self.position = heads

    def _of(self, cases: Iterable[Seen], months: Sequence[Span]) -> dict[Span, Rows]:
        """Block by block, so that few rows are objects at a time."""
        found: dict[Span, list[Rows]] = {month: [] for month in months}
        waiting = iter(cases)
        while block := list(islice(waiting, BLOCK)):
            rows = rows_of((one for case in block for one in self.plan.happened(case)), self._number)
            for (start, end), parts in found.items():
                parts.append(rows.where((rows.at >= start) & (rows.at < end)))
        return {month: together(parts) for month, parts in found.items()}

    def _number(self, name: str) -> int:
        return self.numbers.setdefault(name, len(self.numbers))


def _look(reader: Reader, start: Instant, end: Instant) -> Iterator[Seen]:
    """Cases that can have something in a period: opened before its end, not ended before its start. Open ones are
    listed in the scope table, ended ones are found by their end: both are ranges of an index."""
    before = Compare("lt", Field(("opened",)), Value(end))
    ended = both(Compare("ge", field("closed"), Value(start)), before)
    yield from read(reader.columns(Case, FIELDS, ended))
    yield from read(reader.columns(Case, FIELDS, both(IsNull(field("closed")), before)))
