"""Every day of 2026 as the start of a clock, in every unit, against rules written down again here and counted day by day
(调休 of the year included), and the same clock stopped and resumed."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from hutong.kernel import caseclock
from hutong.kernel.base import HOUR, MINUTE, Label
from hutong.kernel.definition.procedure import ClockDefinition
from hutong.kernel.worktime import WorkCalendar

ZONE = ZoneInfo("Asia/Shanghai")
CALENDAR = WorkCalendar()
OFF = {
    *("01-01", "01-02", "02-16", "02-17", "02-18", "02-19", "02-20", "02-23", "04-06", "05-01", "05-04"),
    *("05-05", "06-19", "09-25", "10-01", "10-02", "10-05", "10-06", "10-07"),
}
WORKED = {"01-04", "02-14", "02-28", "05-09", "09-20", "10-10"}
"""Weekdays that are off and weekend days that are worked in 2026: 国务院办公厅, by domain facts §0.3."""
PERIODS = ((time(8, 30), time(12)), (time(14), time(17, 30)))
HOURS = (time(0), time(8, 30), time(10, 7), time(12, 30), time(16, 45), time(23, 10))
DAYS = [date(2026, 1, 1) + timedelta(n) for n in range(365)]


def worked(day: date) -> bool:
    """By the lists for 2026; years beside it are looked at by the calendar itself."""
    if day.year != 2026:
        return CALENDAR.is_workday(day)
    name = day.strftime("%m-%d")
    return name in WORKED or (day.weekday() < 5 and name not in OFF)


def micros(moment: datetime) -> int:
    return int(moment.replace(tzinfo=ZONE).timestamp()) * 1_000_000


def work_hours_later(start: datetime, minutes: int) -> datetime:
    """Walks the working periods one by one."""
    day = start.date()
    while True:
        for opens, shuts in PERIODS if worked(day) else ():
            begin = max(start, datetime.combine(day, opens))
            end = datetime.combine(day, shuts)
            if begin < end:
                room = int((end - begin).total_seconds() // 60)
                if minutes <= room:
                    return begin + timedelta(minutes=minutes)
                minutes -= room
        day += timedelta(1)


def work_days_later(start: datetime, days: int) -> datetime:
    """The day of the start does not count; the limit ends with the last period of the day."""
    day = start.date()
    while days:
        day += timedelta(1)
        days -= worked(day)
    return datetime.combine(day, PERIODS[-1][1])


def expected(start: datetime, amount: float, unit: str) -> datetime:
    if unit == "work_hour":
        return work_hours_later(start, round(amount * 60))
    if unit == "work_day":
        return work_days_later(start, round(amount))
    return start + (timedelta(hours=amount) if unit == "urgent_hour" else timedelta(days=amount))


LIMITS = [
    *(("work_hour", amount) for amount in (0.5, 2, 4, 7, 24)),
    *(("work_day", amount) for amount in (1, 5, 20)),
    *(("urgent_hour", amount) for amount in (1, 6, 36)),
    *(("calendar_day", amount) for amount in (2, 60)),
]


def definition(unit: str, amount: float) -> ClockDefinition:
    return ClockDefinition(
        name="handling", label=Label("处置"), amount=amount, unit=unit, escalate=("leader",)
    )  # type: ignore[arg-type]


@pytest.mark.parametrize(("unit", "amount"), LIMITS)
def test_every_start_of_the_year(unit: str, amount: float) -> None:
    for day in DAYS:
        for hour in HOURS:
            start = datetime.combine(day, hour)
            clock = caseclock.begin(definition(unit, amount), amount, unit, micros(start), CALENDAR)
            assert clock.due == micros(expected(start, amount, unit)), (start, unit, amount)
            assert clock.warn is not None
            assert micros(start) <= clock.warn <= clock.due
            assert caseclock.used(clock, clock.due, CALENDAR) == pytest.approx(amount, abs=1e-9)


@pytest.mark.parametrize(
    ("start", "amount", "unit", "due"),
    [
        ("2026-09-18T16:30", 4, "work_hour", "2026-09-20T11:30"),
        ("2026-09-18T16:30", 4, "urgent_hour", "2026-09-18T20:30"),
        ("2026-09-18T12:30", 4, "work_hour", "2026-09-20T09:00"),
        ("2026-09-30T17:00", 7, "work_hour", "2026-10-08T17:00"),
        ("2026-02-13T23:10", 2, "work_hour", "2026-02-14T10:30"),
        ("2026-09-30T09:00", 1, "work_day", "2026-10-08T17:30"),
        ("2026-09-30T09:00", 5, "work_day", "2026-10-13T17:30"),
        ("2026-09-30T09:00", 20, "work_day", "2026-11-03T17:30"),
        ("2026-02-13T09:00", 5, "work_day", "2026-02-27T17:30"),
        ("2026-02-13T09:00", 20, "work_day", "2026-03-19T17:30"),
    ],
)
def test_the_worked_examples(start: str, amount: float, unit: str, due: str) -> None:
    at = datetime.fromisoformat(start)
    assert expected(at, amount, unit) == datetime.fromisoformat(due), "the rules of this file"
    clock = caseclock.begin(definition(unit, amount), amount, unit, micros(at), CALENDAR)
    assert clock.due == micros(datetime.fromisoformat(due))


@pytest.mark.parametrize(("unit", "amount"), [("work_hour", 7), ("work_day", 5), ("urgent_hour", 36)])
def test_a_stop_gives_back_the_time_it_took_and_no_more(unit: str, amount: float) -> None:
    """返工 and 挂账 on every day of the year: after each stop the clock has left exactly what it had."""
    for day in DAYS:
        now = micros(datetime.combine(day, time(9, 30)))
        clock = caseclock.begin(definition(unit, amount), amount, unit, now, CALENDAR)
        for running, standing in ((90 * MINUTE, 5 * HOUR), (26 * HOUR, 10 * MINUTE)):
            now += running
            before = caseclock.left(clock, now, CALENDAR)
            clock = caseclock.pause(clock, now, CALENDAR)
            now += standing
            assert caseclock.left(clock, now, CALENDAR) == pytest.approx(before)
            clock = caseclock.resume(clock, now, 0.25, CALENDAR)
            assert caseclock.left(clock, now, CALENDAR) == pytest.approx(before)
        if before > 0 and clock.due is not None:
            assert caseclock.left(clock, clock.due, CALENDAR) == pytest.approx(0, abs=1e-6)


def test_resuming_at_once_is_no_present() -> None:
    """A 工作日 clock that is stopped and goes on a moment later is due when it was due: the day of the start is free once."""
    start = micros(datetime(2026, 9, 16, 10))
    clock = caseclock.begin(definition("work_day", 2), 2, "work_day", start, CALENDAR)
    later = micros(datetime(2026, 9, 17, 10))
    again = caseclock.resume(caseclock.pause(clock, later, CALENDAR), later, 0.25, CALENDAR)
    assert (again.due, clock.due) == (clock.due, micros(datetime(2026, 9, 18, 17, 30)))
    assert replace(again, resumed=None, used=0.0, warn=None) == replace(clock, warn=None)


def test_steps_up_the_line_count_on_from_the_end_of_the_limit() -> None:
    clock = caseclock.begin(
        definition("work_hour", 4), 4, "work_hour", micros(datetime(2026, 9, 18, 16, 30)), CALENDAR
    )
    up = ClockDefinition(
        name="handling", label=Label("处置"), amount=4, unit="work_hour", escalate=("dispatcher", "leader")
    )
    events = caseclock.coming(clock, up, CALENDAR)
    assert [(event.mark, event.at) for event in events][1:] == [
        ("overdue", micros(datetime(2026, 9, 20, 11, 30))),
        ("escalate:dispatcher", micros(datetime(2026, 9, 20, 11, 30))),
        ("escalate:leader", micros(datetime(2026, 9, 20, 15, 30))),
    ]
