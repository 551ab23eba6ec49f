"""The working calendar: the published days, the worked examples, and that time adds up."""

from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from hutong.kernel.base import HOUR, MINUTE
from hutong.kernel.errors import Invalid
from hutong.kernel.worktime import LIMIT_UNITS, LimitUnit, Season, WorkCalendar

VECTORS = yaml.safe_load(Path(__file__).with_name("vectors.yaml").read_text(encoding="utf-8"))
SHANGHAI = ZoneInfo("Asia/Shanghai")
CALENDAR = WorkCalendar()


def instant(text: str, zone: ZoneInfo = SHANGHAI) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()) * 1_000_000


def days_2026(texts: list[str]) -> set[date]:
    return {date.fromisoformat(f"2026-{text}") for text in texts}


def test_every_day_of_2026():
    rows = VECTORS["workdays"]
    off, worked = days_2026(rows["off_weekdays_2026"]), days_2026(rows["worked_weekends_2026"])
    for n in range(365):
        day = date(2026, 1, 1) + timedelta(n)
        expected = day in worked or (day.weekday() < 5 and day not in off)
        assert CALENDAR.is_workday(day) == expected, day


@pytest.mark.parametrize("row", VECTORS["workdays"]["add"], ids=str)
def test_add_workdays(row):
    assert CALENDAR.add_workdays(row["day"], row["n"]) == row["gives"]
    assert CALENDAR.workdays_between(row["day"], row["gives"]) == row["n"]


def test_workdays_backwards():
    assert CALENDAR.add_workdays(date(2026, 10, 8), -1) == date(2026, 9, 30)
    assert CALENDAR.add_workdays(date(2026, 10, 4), -2) == date(2026, 9, 29)
    assert CALENDAR.add_workdays(date(2026, 10, 4), 0) == date(2026, 10, 4)
    assert CALENDAR.workdays_between(date(2026, 10, 8), date(2026, 9, 29)) == -2


@pytest.mark.parametrize("row", VECTORS["limits"]["rows"], ids=str)
def test_limit(row):
    unit = LimitUnit(row["unit"])
    start, due = instant(row["start"]), instant(row["due"])
    assert CALENDAR.add(start, row["amount"], unit) == due
    assert CALENDAR.elapsed(start, due, unit) == row["amount"]


def test_the_units_are_these_four():
    assert [(unit.value, LIMIT_UNITS[unit][0]) for unit in LimitUnit] == [
        ("work_hour", "工作时"),
        ("urgent_hour", "紧急工作时"),
        ("work_day", "工作日"),
        ("calendar_day", "自然日（紧急工作日）"),
    ]


def test_overrides_come_first():
    sunday, monday = date(2026, 11, 22), date(2026, 11, 23)
    city = WorkCalendar(overrides={sunday: True, monday: False})
    assert city.is_workday(sunday)
    assert not city.is_workday(monday)
    assert city.add_workdays(date(2026, 11, 20), 2) == date(2026, 11, 24)
    friday = instant("2026-11-20T16:30")
    assert city.add(friday, 2, LimitUnit.WORK_HOUR) == instant("2026-11-22T09:30")
    assert CALENDAR.add(friday, 2, LimitUnit.WORK_HOUR) == instant("2026-11-23T09:30")


def test_a_year_that_is_not_published():
    assert CALENDAR.is_published(2026)
    assert not CALENDAR.is_published(2031)
    assert CALENDAR.is_workday(date(2031, 10, 1)), "weekends only, until the list is known"
    assert CALENDAR.add_workdays(date(2031, 9, 30), 1) == date(2031, 10, 1)
    entered = WorkCalendar(overrides={date(2031, 10, 1): False}, entered=frozenset({2031}))
    assert entered.is_published(2031)
    assert entered.add_workdays(date(2031, 9, 30), 1) == date(2031, 10, 2)


def test_summer_hours():
    city = WorkCalendar(seasons=(Season("05-01", "09-30", (("08:00", "12:00"), ("15:00", "18:00"))),))
    assert city.add(instant("2026-07-06T17:00"), 2, LimitUnit.WORK_HOUR) == instant("2026-07-07T09:00")
    assert city.add(instant("2026-07-06T17:00"), 1, LimitUnit.WORK_DAY) == instant("2026-07-07T18:00")
    assert city.add(instant("2026-09-30T17:00"), 2, LimitUnit.WORK_HOUR) == instant("2026-10-08T09:30")
    winter = WorkCalendar(seasons=(Season("11-15", "03-15", (("09:00", "17:00"),)),))
    assert winter.add(instant("2026-11-13T17:00"), 1, LimitUnit.WORK_HOUR) == instant("2026-11-16T09:30")
    assert winter.add(instant("2026-03-13T16:30"), 1, LimitUnit.WORK_HOUR) == instant("2026-03-16T09:00")


def test_another_zone_with_summer_time():
    berlin = WorkCalendar(zone="Europe/Berlin")
    zone = ZoneInfo("Europe/Berlin")
    start = instant("2026-03-27T17:00", zone)
    assert berlin.add(start, 1, LimitUnit.WORK_HOUR) == instant("2026-03-30T09:00", zone)
    assert berlin.add(start, 3, LimitUnit.CALENDAR_DAY) == instant("2026-03-30T17:00", zone)
    assert berlin.local_date(instant("2026-03-28T23:30", zone)) == date(2026, 3, 28)


def test_a_stopped_clock_resumes_with_what_is_left():
    start, stopped = instant("2026-11-16T10:00"), instant("2026-11-17T11:30")
    used = CALENDAR.elapsed(start, stopped, LimitUnit.WORK_HOUR)
    assert used == 8.5
    resumed = instant("2026-11-23T14:00")
    assert CALENDAR.add(resumed, 14 - used, LimitUnit.WORK_HOUR) == instant("2026-11-24T10:30")


def test_half_a_working_day_is_half_its_periods():
    start = instant("2026-11-16T10:00")
    assert CALENDAR.add(start, 1.5, LimitUnit.WORK_DAY) == instant("2026-11-18T12:00")
    assert CALENDAR.elapsed(start, instant("2026-11-18T13:00"), LimitUnit.WORK_DAY) == 1.5
    assert CALENDAR.elapsed(start, instant("2026-11-16T17:30"), LimitUnit.WORK_DAY) == 0


def test_stopping_a_clock_of_days_gains_only_the_time_it_stood():
    unit, start = LimitUnit.WORK_DAY, instant("2026-11-16T10:00")
    assert CALENDAR.add(start, 5, unit) == instant("2026-11-23T17:30")
    stopped = instant("2026-11-18T08:30")
    used = CALENDAR.elapsed(start, stopped, unit)
    assert used == 1
    assert CALENDAR.add(stopped, 5 - used, unit, resumed=True) == instant("2026-11-23T17:30")
    noon = instant("2026-11-18T12:00")
    assert CALENDAR.add(noon, 5 - used, unit, resumed=True) == instant("2026-11-24T12:00")
    assert CALENDAR.elapsed(noon, instant("2026-11-18T17:30"), unit, resumed=True) == 0.5
    saturday = instant("2026-11-21T10:00")
    assert CALENDAR.add(saturday, 1, unit, resumed=True) == instant("2026-11-23T17:30")


@pytest.mark.parametrize(
    "wrong",
    [
        {"periods": ()},
        {"periods": (("14:00", "17:30"), ("08:30", "12:00"))},
        {"periods": (("08:30", "08:30"),)},
        {"periods": (("8.30", "12:00"),)},
        {"periods": (("08:30", "24:01"),)},
        {"zone": "Asia/Nowhere"},
        {"seasons": (Season("02-30", "03-01", (("08:00", "12:00"),)),)},
    ],
    ids=str,
)
def test_wrong_calendars_are_refused(wrong):
    with pytest.raises(Invalid):
        WorkCalendar(**wrong)


def test_wrong_limits_are_refused():
    for amount in (-1, float("nan"), float("inf")):
        with pytest.raises(Invalid, match="cannot be"):
            CALENDAR.add(0, amount, LimitUnit.WORK_HOUR)
    with pytest.raises(Invalid, match="covers"):
        CALENDAR.add(instant("2026-11-16T10:00"), 1e6, LimitUnit.WORK_DAY)


def test_a_calendar_is_configuration():
    text = b'{"overrides": {"2026-12-24": false}, "periods": [["09:00", "24:00"]], "entered": [2027]}'
    city = msgspec.json.decode(text, type=WorkCalendar)
    assert not city.is_workday(date(2026, 12, 24))
    assert msgspec.json.decode(msgspec.json.encode(city), type=WorkCalendar) == city


instants = st.integers(instant("2005-01-01T00:00"), instant("2027-12-31T00:00"))
units = st.sampled_from(LimitUnit)
ALL_DAY = WorkCalendar(periods=(("00:00", "24:00"),))
CALENDARS = [
    CALENDAR,
    ALL_DAY,
    WorkCalendar(seasons=(Season("06-01", "09-30", (("08:00", "11:00"), ("15:30", "18:00"))),)),
]
calendars = st.sampled_from(CALENDARS)
steps = st.integers(0, 400)


@given(calendars, instants, units, steps, steps)
def test_limits_add_up(calendar, start, unit, first, second):
    if unit == LimitUnit.WORK_DAY and calendar is ALL_DAY:
        return  # due at 24:00, which is an instant of the next day: days do not add up there
    both = calendar.add(start, first + second, unit)
    assert calendar.add(calendar.add(start, first, unit), second, unit) == both


@given(calendars, instants, steps, steps)
def test_quarters_of_work_hours_add_up(calendar, start, first, second):
    unit = LimitUnit.WORK_HOUR
    both = calendar.add(start, (first + second) / 4, unit)
    assert calendar.add(calendar.add(start, first / 4, unit), second / 4, unit) == both


@given(calendars, instants, units, st.floats(0, 500))
def test_elapsed_is_the_inverse_of_add(calendar, start, unit, amount):
    due = calendar.add(start, amount, unit)
    assert due >= start
    assert calendar.elapsed(start, due, unit) == pytest.approx(amount, abs=1e-9)


@given(calendars, instants, units, st.floats(0.01, 200), st.floats(0.01, 200))
def test_a_clock_resumed_at_once_loses_and_gains_nothing(calendar, start, unit, first, second):
    middle = calendar.add(start, first, unit)
    whole = calendar.add(start, first + second, unit)
    used = calendar.elapsed(start, middle, unit)
    assert abs(calendar.add(middle, first + second - used, unit, resumed=True) - whole) <= 2
    assert calendar.elapsed(middle, whole, unit, resumed=True) == pytest.approx(second, abs=1e-9)


@given(calendars, instants, units, st.integers(0, 90 * 24 * 60), st.integers(0, 90 * 24 * 60))
def test_elapsed_never_runs_backwards(calendar, start, unit, first, more):
    middle, end = start + first * MINUTE, start + (first + more) * MINUTE
    assert calendar.elapsed(start, middle, unit) <= calendar.elapsed(start, end, unit)
    if unit == LimitUnit.WORK_HOUR:
        parts = calendar.elapsed(start, middle, unit) + calendar.elapsed(middle, end, unit)
        assert parts == pytest.approx(calendar.elapsed(start, end, unit), abs=1e-9)


@given(instants, steps)
def test_work_hours_against_minute_counting(start, minutes):
    start -= start % MINUTE
    due, left = start, minutes
    while left and minutes < 120:
        due += MINUTE
        local = datetime.fromtimestamp((due - MINUTE) / 1e6, SHANGHAI)
        clock = local.hour * 60 + local.minute
        left -= CALENDAR.is_workday(local.date()) and (510 <= clock < 720 or 840 <= clock < 1050)
    if minutes < 120:
        assert CALENDAR.add(start, minutes / 60, LimitUnit.WORK_HOUR) == due
        assert (due - start) % MINUTE == 0
    assert CALENDAR.add(start, minutes, LimitUnit.URGENT_HOUR) == start + minutes * HOUR
