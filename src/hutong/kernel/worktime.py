"""The working calendar: due instants and used-up time in the four units of 处置时限 (GB/T 30428.8).

What each unit means, and what `add` returns:

- `work_hour` 工作时: hours inside the working periods of working days. The clock is where it was when a period
  ends, so a limit that is used up exactly then is due at the end of that period, not at the start of the next.
- `urgent_hour` 紧急工作时: hours around the clock.
- `work_day` 工作日: the day of the start does not count (民法典 §201), whatever its hour; n days are due at the end of
  the last working period of the n-th working day after it.
- `calendar_day` 自然日, 紧急工作日: days around the clock, due at the same local time of day.

`elapsed` is the inverse of `add`: `elapsed(s, add(s, x, u), u) == x`. A part of a working day is the worked part of
its periods, so a clock stopped at noon resumes with half a day; as with every 工作日, the day on which it resumes does
not count. Which days are worked: the city's overrides first, then the published calendar of 国务院办公厅 (with 调休),
then, for a year that is not published yet, Monday to Friday (`is_published` tells).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import cached_property, lru_cache
from itertools import accumulate, pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from chinese_calendar.constants import holidays, workdays

from hutong.kernel.base import DAY, HOUR, MINUTE, Instant
from hutong.kernel.errors import Invalid

_EPOCH_DAY = date(1970, 1, 1).toordinal()
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAIVE_EPOCH = datetime(1970, 1, 1)
_MICROSECOND = timedelta(microseconds=1)
_PUBLISHED = frozenset(day.year for day in holidays)
_FIRST_YEAR, _LAST_YEAR = 1970, 2200

Period = tuple[str, str]
"""Local times of day, "HH:MM" to "HH:MM"; "24:00" is the end of the day."""

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

    `overrides` are days that are worked (True) or not (False) whatever the published calendar says. `entered` lists
    years whose holidays the city has typed into `overrides` because the installed table does not have them yet.
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

    def add(self, start: Instant, amount: float, unit: LimitUnit) -> Instant:
        """The instant at which a limit that began at `start` is used up; `amount` is not negative."""
        if not amount >= 0:
            raise Invalid("amount", f"a limit cannot be {amount}", "give zero or more")
        if amount == 0:
            return start
        if unit == LimitUnit.URGENT_HOUR:
            return start + round(amount * HOUR)
        local = self._to_local(start)
        if unit == LimitUnit.CALENDAR_DAY:
            return self._to_utc(local + round(amount * DAY))
        if unit == LimitUnit.WORK_DAY:
            return self._to_utc(self._add_days(local, amount))
        used = round(amount * HOUR)
        return self._to_utc(self._days.at_worked(self._days.worked_until(local) + used)) if used else start

    def elapsed(self, start: Instant, end: Instant, unit: LimitUnit) -> float:
        """How much of the unit lies between the instants: the inverse of `add`; 0 if `end` is not after `start`."""
        if end <= start:
            return 0.0
        if unit == LimitUnit.URGENT_HOUR:
            return (end - start) / HOUR
        local_start, local_end = self._to_local(start), self._to_local(end)
        if unit == LimitUnit.CALENDAR_DAY:
            return (local_end - local_start) / DAY
        if unit == LimitUnit.WORK_DAY:
            return self._elapsed_days(local_start, local_end)
        return (self._days.worked_until(local_end) - self._days.worked_until(local_start)) / HOUR

    def _add_days(self, local: int, amount: float) -> int:
        whole = int(amount)
        table = self._days
        first = table.rank_after(local // DAY + _EPOCH_DAY)
        part = amount - whole
        if part <= 0:
            return table.worked_span(table.nth(first + whole - 1))[1]
        ordinal = table.nth(first + whole)
        return table.at_worked(table.worked_before(ordinal) + max(1, round(part * table.worked_on(ordinal))))

    def _elapsed_days(self, local_start: int, local_end: int) -> float:
        table = self._days
        first, last = local_start // DAY + _EPOCH_DAY, local_end // DAY + _EPOCH_DAY
        if first == last:
            return 0.0
        before = table.rank_from(last) - table.rank_after(first)
        worked = table.worked_on(last)
        part = (table.worked_until(local_end) - table.worked_before(last)) / worked if worked else 0.0
        return before + part

    def _to_local(self, at: Instant) -> int:
        """Local wall-clock µs since 1970-01-01T00:00."""
        moment = (_EPOCH + timedelta(microseconds=at)).astimezone(_zone(self.zone))
        return (moment.replace(tzinfo=None) - _NAIVE_EPOCH) // _MICROSECOND

    def _to_utc(self, local: int) -> Instant:
        moment = (_NAIVE_EPOCH + timedelta(microseconds=local)).replace(tzinfo=_zone(self.zone))
        return (moment - _EPOCH) // _MICROSECOND
