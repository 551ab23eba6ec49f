"""How rules do: warnings raised, and what people judged of them, from kept counters. 误报率."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from math import sqrt

import msgspec

from hutong.kernel.base import Instant, Label
from hutong.kernel.counting import counter_names, hour_and_key
from hutong.kernel.ports import Reader

NORMAL_95 = 1.959964
"""Two-sided 95 % of the normal distribution."""

DEFINITION = Label(
    "误报率 = 判为误报 ÷ 已研判（确认 + 误报 + 并入）；按预警触发时刻计入时段，待研判的不计入分母",
    "False alarms over warnings judged (confirmed, false or joined); a warning counts in the period in which it was "
    "raised, and those that wait for judgement do not count below the line",
)
JUDGED = ("confirmed", "false_alarm", "joined")


class Tally(msgspec.Struct, frozen=True):
    """Warnings raised in a period, by what has become of them."""

    waiting: int = 0
    confirmed: int = 0
    false_alarm: int = 0
    joined: int = 0
    other: int = 0
    """In any other state, such as withdrawn by late data."""

    @property
    def raised(self) -> int:
        return self.waiting + self.judged + self.other

    @property
    def judged(self) -> int:
        return self.confirmed + self.false_alarm + self.joined

    @property
    def rate(self) -> float | None:
        """Share of false alarms among those judged, 0 to 1; None while none is judged."""
        return self.false_alarm / self.judged if self.judged else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """95 % score interval of the rate (Wilson, JASA 22, 1927): honest for few warnings too."""
        return wilson(self.false_alarm, self.judged) if self.judged else None

    def plus(self, state: str, count: int) -> Tally:
        name = "waiting" if state == "to_judge" else state if state in JUDGED else "other"
        return msgspec.structs.replace(self, **{name: getattr(self, name) + count})


def wilson(part: int, whole: int) -> tuple[float, float]:
    """Worked example: 2 of 10 → 0.0567 … 0.5098."""
    share, z2 = part / whole, NORMAL_95**2
    middle = share + z2 / (2 * whole)
    spread = NORMAL_95 * sqrt(share * (1 - share) / whole + z2 / (4 * whole**2))
    low, high = (middle - spread) / (1 + z2 / whole), (middle + spread) / (1 + z2 / whole)
    return max(0.0, low), min(1.0, high)


def kept_tallies(reader: Reader, starts: list[Instant], until: Instant) -> dict[str, dict[Instant, Tally]]:
    """Rule → begin of a step → its tally, from the counters: no row is read. `starts` are whole hours, ascending; the
    last step ends at `until`."""
    found: dict[str, dict[Instant, Tally]] = {}
    for name in counter_names("warning", starts[0], until):
        _add(found, _counted(reader.counters(name)), starts, until)
    return found


def _counted(counters: dict[str, int]) -> Iterable[tuple[Instant, str, str, int]]:
    for key, count in counters.items():
        at, rest = hour_and_key(key)
        rule, _, state = rest.rpartition("/")
        yield at, rule, state, count


def _add(
    found: dict[str, dict[Instant, Tally]],
    rows: Iterable[tuple[Instant, str, str, int]],
    starts: list[Instant],
    until: Instant,
) -> None:

    for at, rule, state, count in rows:
        if starts[0] <= at < until:
            own = found.setdefault(rule, {})
            step = starts[bisect_right(starts, at) - 1]
            own[step] = own.get(step, Tally()).plus(state, count)


def row_tallies(
    rows: Iterable[tuple[Instant, str, str]], starts: list[Instant], until: Instant
) -> dict[str, dict[Instant, Tally]]:
    """The same from rows (raised, rule, state): for those who may see a part of the city only."""
    found: dict[str, dict[Instant, Tally]] = {}
    _add(found, ((at, rule, state, 1) for at, rule, state in rows), starts, until)
    return found


def total(tallies: Iterable[Tally]) -> Tally:
    """All of them together."""
    sums = [0, 0, 0, 0, 0]
    for one in tallies:
        for at, count in enumerate(msgspec.structs.astuple(one)):
            sums[at] += count
    return Tally(*sums)
