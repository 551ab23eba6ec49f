"""The working calendar: due instants and used-up time in the four units of 处置时限 (GB/T 30428.8).

What each unit means, and what `add` returns:

- `work_hour` 工作时: hours inside the working periods of working days. The clock is where it was when a
period ends, so a limit that is used up exactly then is due at the end of that period, not at the start of
the next. - `urgent_hour` 紧急工作时: hours around the clock. - `work_day` 工作日: the day of the start does
not count (民法典 §201), whatever its hour; n days are due at the end of the last working period of the n-th
working day after it. - `calendar_day` 自然日, 紧急工作日: days around the clock, due at the same local time
of day.

`elapsed` is the inverse of `add`: `elapsed(s, add(s, x, u), u) == x`. A part of a working day is the worked
part of its periods. Only the day on which a clock first starts is free: one that was stopped (挂账, 返工)
goes on with `resumed`, and then the rest of that day counts, or every stop would be a day's gift.

Which days are worked: the city's overrides first, then the published calendar of 国务院办公厅 (with 调休),
then, for a year that is not published yet, Monday to Friday (`is_published` tells).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import cached_property, lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
import numpy as np
from chinese_calendar.constants import holidays, workdays
from numpy.typing import NDArray

from hutong.kernel.base import DAY, HOUR, MINUTE, Instant
from hutong.kernel.errors import Invalid

_EPOCH_DAY = date(1970, 1, 1).toordinal()
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAIVE_EPOCH = datetime(1970, 1, 1)
_MICROSECOND = timedelta(microseconds=1)
_PUBLISHED = frozenset(day.year for day in holidays)
_FIRST_YEAR, _LAST_YEAR = 1970, 2120
_LONGEST = 1_000_000
_PART = 1e-10
"""Less of a day than a microsecond of work: what floating point leaves of a whole day."""
_Plan = tuple[tuple[int, int], ...]

Period = tuple[str, str]
"""Local times of day, "HH:MM" to "HH:MM"; "24:00" is the end of the day (and, as an instant, part of the
next).
"""

OFFICE_HOURS: tuple[Period, ...] = (("08:30", "12:00"), ("14:00", "17:30"))


class LimitUnit(StrEnum):
    """Unit of a time limit; the labels are in `LIMIT_UNITS`."""

    WORK_HOUR = "work_hour"
    URGENT_HOUR = "urgent_hour"
    WORK_DAY = "work_day"
    CALENDAR_DAY = "calendar_day"


LIMIT_UNITS: dict[LimitUnit, tuple[str, str]] = {
    LimitUnit.WORK_HOUR: ("工作时", "working hour"),
    LimitUnit.URGENT_HOUR: ("紧急工作时", "hour, around the clock"),
    LimitUnit.WORK_DAY: ("工作日", "working day"),
    LimitUnit.CALENDAR_DAY: ("自然日（紧急工作日）", "calendar day"),
}


class Season(msgspec.Struct, frozen=True):
    """Other working periods in a part of each year (夏季作息): from "MM-DD" to "MM-DD", both included."""

    start: str
    end: str
    periods: tuple[Period, ...]


class WorkCalendar(msgspec.Struct, frozen=True, dict=True):
    """Working days and periods of a city or an organisation; instants are µs UTC, dates local.

    `overrides` are days that are worked (True) or not (False) whatever the published calendar says.
    `entered` lists years whose holidays the city has typed into `overrides` because the installed table
    does not have them yet.
    """

    periods: tuple[Period, ...] = OFFICE_HOURS
    zone: str = "Asia/Shanghai"
    overrides: Mapping[date, bool] = {}
    entered: frozenset[int] = frozenset()
    seasons: tuple[Season, ...] = ()

    def __post_init__(self) -> None:
        _zone(self.zone)
        _day_plan(self.periods, "periods")
        for season in self.seasons:
            _month_day(season.start)
            _month_day(season.end)
            _day_plan(season.periods, "seasons.periods")

    def is_published(self, year: int) -> bool:
        """Whether the year's holidays are known; if not, due times in it are provisional (weekends only)."""
        return year in _PUBLISHED or year in self.entered

    def is_workday(self, day: date) -> bool:
        """Whether that local date is worked."""
        override = self.overrides.get(day)
        if override is not None:
            return override
        return day in workdays or (day.weekday() < 5 and day not in holidays)

    def add_workdays(self, day: date, n: int) -> date:
        """The n-th working day after that date; before it, if n is negative; the date itself if 0."""
        if n == 0:
            return day
        table = self._days
        ordinal = day.toordinal()
        index = table.rank_after(ordinal) + n - 1 if n > 0 else table.rank_from(ordinal) + n
        return date.fromordinal(table.nth(index))

    def workdays_between(self, start: date, end: date) -> int:
        """Number of working days after `start`, up to and with `end`; negative if `end` is before `start`."""
        return self._days.rank_after(end.toordinal()) - self._days.rank_after(start.toordinal())

    def local_date(self, at: Instant) -> date:
        """The business date of an instant in the calendar's zone."""
        return date.fromordinal(self._to_local(at) // DAY + _EPOCH_DAY)

    def add(self, start: Instant, amount: float, unit: LimitUnit, resumed: bool = False) -> Instant:
        """The instant at which a limit that began at `start` is used up; `amount` is not negative.

        `resumed`: the clock ran before and goes on at `start`; a 工作日 clock then counts the rest of the
        day.
        """
        if not 0 <= amount <= _LONGEST:
            raise Invalid("amount", f"a limit cannot be {amount}", f"give 0 to {_LONGEST}")
        if amount == 0:
            return start
        if unit == LimitUnit.URGENT_HOUR:
            return start + round(amount * HOUR)
        local = self._to_local(start)
        if unit == LimitUnit.CALENDAR_DAY:
            return self._to_utc(local + round(amount * DAY))
        if unit == LimitUnit.WORK_DAY:
            return self._to_utc(self._add_days(local, amount, resumed))
        used = round(amount * HOUR)
        return self._to_utc(self._days.at_worked(self._days.worked_until(local) + used)) if used else start

    def elapsed(self, start: Instant, end: Instant, unit: LimitUnit, resumed: bool = False) -> float:
        """How much of the unit lies between the instants, the inverse of `add`; 0 if the end is not after."""
        if end <= start:
            return 0.0
        if unit == LimitUnit.URGENT_HOUR:
            return (end - start) / HOUR
        local_start, local_end = self._to_local(start), self._to_local(end)
        if unit == LimitUnit.CALENDAR_DAY:
            return (local_end - local_start) / DAY
        if unit == LimitUnit.WORK_DAY:
            return self._elapsed_days(local_start, local_end, resumed)
        return (self._days.worked_until(local_end) - self._days.worked_until(local_start)) / HOUR

    def _add_days(self, local: int, amount: float, resumed: bool) -> int:
        table = self._days
        ordinal = local // DAY + _EPOCH_DAY
        rank, begun = table.rank_after(ordinal), 0.0
        if resumed:
            rank, begun = table.rank_from(ordinal), table.part_worked(local)
        whole = int(begun + amount + _PART)
        part = begun + amount - whole
        if part <= _PART:
            return max(local, table.end_of(table.nth(rank + whole - 1)))
        day = table.nth(rank + whole)
        return table.at_worked(table.worked_before(day) + round(part * table.worked_on(day)))

    def _elapsed_days(self, local_start: int, local_end: int, resumed: bool) -> float:
        table = self._days
        first, last = local_start // DAY + _EPOCH_DAY, local_end // DAY + _EPOCH_DAY
        if resumed:
            days = table.rank_from(last) - table.rank_from(first)
            return days + table.part_worked(local_end) - table.part_worked(local_start)
        if first == last:
            return 0.0
        return table.rank_from(last) - table.rank_after(first) + table.part_worked(local_end)

    def _to_local(self, at: Instant) -> int:
        """Local wall-clock µs since 1970-01-01T00:00."""
        moment = (_EPOCH + timedelta(microseconds=at)).astimezone(_zone(self.zone))
        return (moment.replace(tzinfo=None) - _NAIVE_EPOCH) // _MICROSECOND

    def _to_utc(self, local: int) -> Instant:
        moment = (_NAIVE_EPOCH + timedelta(microseconds=local)).replace(tzinfo=_zone(self.zone))
        return (moment - _EPOCH) // _MICROSECOND

    @cached_property
    def _days(self) -> _DayTable:
        return _day_table(self)


class _DayTable:
    """Every day of the calendar's span with its working time, laid out for bisection.

    Days are proleptic ordinals, times local wall-clock µs since 1970-01-01T00:00.
    """

    def __init__(self, first: int, plans: tuple[_Plan, ...], plan_of: NDArray[np.int64]) -> None:
        """`plan_of` holds, per day from `first` on, the index of its plan in `plans`, or -1 for a day off."""
        lengths = np.array([*(sum(end - start for start, end in plan) for plan in plans), 0], np.int64)
        self._first = first
        self._plans = plans
        self._plan_of: list[int] = plan_of.tolist()
        self._before: list[int] = np.concatenate(([0], np.cumsum(lengths[plan_of]))).tolist()
        self._workdays: list[int] = (np.flatnonzero(plan_of >= 0) + first).tolist()

    def _index(self, ordinal: int) -> int:
        index = ordinal - self._first
        if not 0 <= index < len(self._plan_of):
            raise _outside()
        return index

    def rank_from(self, ordinal: int) -> int:
        """How many working days of the span come before that day."""
        return bisect_left(self._workdays, ordinal)

    def rank_after(self, ordinal: int) -> int:
        """How many working days of the span come before the day after that day."""
        return bisect_right(self._workdays, ordinal)

    def nth(self, rank: int) -> int:
        """Ordinal of the working day with that rank."""
        if not 0 <= rank < len(self._workdays):
            raise _outside()
        return self._workdays[rank]

    def worked_on(self, ordinal: int) -> int:
        """µs worked on that day."""
        index = self._index(ordinal)
        return self._before[index + 1] - self._before[index]

    def worked_before(self, ordinal: int) -> int:
        """µs worked in the span before that day."""
        return self._before[self._index(ordinal)]

    def part_worked(self, local: int) -> float:
        """Which part of that day's working time lies before that time, 0 to 1; 0 on a day off."""
        ordinal = local // DAY + _EPOCH_DAY
        length = self.worked_on(ordinal)
        return (self.worked_until(local) - self.worked_before(ordinal)) / length if length else 0.0

    def end_of(self, ordinal: int) -> int:
        """End of the last period of that working day."""
        return (ordinal - _EPOCH_DAY) * DAY + self._plans[self._plan_of[self._index(ordinal)]][-1][1]

    def worked_until(self, local: int) -> int:
        """µs worked in the span before that time."""
        day, within = divmod(local, DAY)
        index = self._index(day + _EPOCH_DAY)
        plan = self._plan_of[index]
        worked = self._before[index]
        if plan >= 0:
            for start, end in self._plans[plan]:
                worked += max(0, min(within, end) - start)
        return worked

    def at_worked(self, worked: int) -> int:
        """The earliest time at which that many µs of the span are worked."""
        index = bisect_left(self._before, worked) - 1
        if not 0 <= index < len(self._plan_of):
            raise _outside()
        rest = worked - self._before[index]
        midnight = (index + self._first - _EPOCH_DAY) * DAY
        for start, end in self._plans[self._plan_of[index]]:
            if rest <= end - start:
                return midnight + start + rest
            rest -= end - start
        raise AssertionError("the plan of a day is as long as the table says")


def _outside() -> Invalid:
    return Invalid(
        "instant",
        f"the working calendar covers {_FIRST_YEAR} to {_LAST_YEAR}",
        "check the start and the limit",
    )


def _day_table(calendar: WorkCalendar) -> _DayTable:
    first = date(_FIRST_YEAR, 1, 1).toordinal()
    count = date(_LAST_YEAR + 1, 1, 1).toordinal() - first
    plan_of = np.where((np.arange(count) + first - 1) % 7 < 5, 0, -1)
    for days, worked in ((holidays, False), (workdays, True)):
        plan_of[[day.toordinal() - first for day in days]] = 0 if worked else -1
    for day, worked in calendar.overrides.items():
        if _FIRST_YEAR <= day.year <= _LAST_YEAR:
            plan_of[day.toordinal() - first] = 0 if worked else -1
    plans = [_day_plan(calendar.periods, "periods")]
    for number, season in enumerate(calendar.seasons, start=1):
        plans.append(_day_plan(season.periods, "seasons.periods"))
        inside = _season_days(season, first, count)
        plan_of[inside & (plan_of >= 0)] = number
    return _DayTable(first, tuple(plans), plan_of)


def _season_days(season: Season, first: int, count: int) -> NDArray[np.bool_]:
    start, end = _month_day(season.start), _month_day(season.end)
    inside = np.zeros(count, np.bool_)
    for year in range(_FIRST_YEAR - 1, _LAST_YEAR + 1):
        last_year = year if start <= end else year + 1
        begin = date(year, *start).toordinal() - first
        stop = date(last_year, *end).toordinal() - first + 1
        inside[max(0, begin) : max(0, stop)] = True
    return inside


def _month_day(text: str) -> tuple[int, int]:
    try:
        parsed = datetime.strptime(f"2001-{text}", "%Y-%m-%d")
    except ValueError:
        raise Invalid("seasons", f"{text!r} is not a day of every year", "write it like 05-01") from None
    return parsed.month, parsed.day


def _day_plan(periods: tuple[Period, ...], field: str) -> _Plan:
    plan = tuple((_minute(start, field) * MINUTE, _minute(end, field) * MINUTE) for start, end in periods)
    bounds = [bound for period in plan for bound in period]
    if (
        not plan
        or any(later < earlier for earlier, later in pairwise(bounds))
        or any(a == b for a, b in plan)
    ):
        raise Invalid(
            field, "working periods must follow one another", "list them in order, each longer than zero"
        )
    return plan


def _minute(text: str, field: str) -> int:
    hour, colon, minute = text.partition(":")
    if colon and hour.isdigit() and minute.isdigit() and len(minute) == 2:
        total = int(hour) * 60 + int(minute)
        if int(minute) < 60 and total <= 24 * 60:
            return total
    raise Invalid(field, f"{text!r} is not a time of day", "write it like 08:30; 24:00 is the end of the day")


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise Invalid(
            "zone",
            f"the time zone {name!r} is unknown here",
            "use a name of the tz database such as Asia/Shanghai; on a system without one install tzdata",
        ) from None
