"""Queues played again, against times worked out by hand. 2026-07-20 is a Monday; office hours 08:30–12:00, 14:00–17:30."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from hutong.engine.flow.queueing import Done, Job, begins, longest_queue, play
from hutong.kernel.base import Instant
from hutong.kernel.clock import instant
from hutong.kernel.worktime import WorkCalendar

OFFICE = WorkCalendar()
ROUND_THE_CLOCK = WorkCalendar(periods=(("00:00", "24:00"),))


def at(text: str) -> Instant:
    return instant(datetime.fromisoformat(f"2026-07-{text}").replace(tzinfo=ZoneInfo("Asia/Shanghai")))


def finished(done: list[Done]) -> dict[int, Instant]:
    return {one.job.case: one.finished for one in done}


JOBS = [Job(1, at("20 08:30"), 3.0), Job(2, at("20 09:00"), 2.0), Job(3, at("20 10:00"), 1.0)]


def test_one_person_does_one_after_the_other() -> None:
    """1: 08:30–11:30. 2: 11:30–12:00 and 14:00–15:30. 3: 15:30–16:30."""
    done = play(JOBS, [OFFICE])
    assert finished(done) == {1: at("20 11:30"), 2: at("20 15:30"), 3: at("20 16:30")}
    assert [one.wait for one in done] == pytest.approx([0.0, 2.5, 3.5])
    assert longest_queue(done) == 2


def test_two_people_share() -> None:
    """2: 09:00–11:00 by the second. 3: 11:00–12:00 by the second, who is free first."""
    done = play(JOBS, [OFFICE, OFFICE])
    assert finished(done) == {1: at("20 11:30"), 2: at("20 11:00"), 3: at("20 12:00")}
    assert longest_queue(done) == 1


def test_what_comes_at_night_waits_for_the_shift() -> None:
    job = [Job(1, at("20 20:00"), 1.0)]
    assert finished(play(job, [OFFICE])) == {1: at("21 09:30")}
    assert finished(play(job, [OFFICE, ROUND_THE_CLOCK])) == {1: at("20 21:00")}
    assert play(job, []) == []


@pytest.mark.parametrize(
    ("when", "expected"),
    [("20 08:30", "20 08:30"), ("20 07:00", "20 08:30"), ("20 12:00", "20 14:00"), ("24 17:30", "27 08:30")],
)
def test_the_next_working_moment(when: str, expected: str) -> None:
    assert begins(OFFICE, at(when)) == at(expected)
