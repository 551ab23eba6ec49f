"""A queue played again: jobs as they came, each with the working time it took, for so many people on their shifts.

First come, first served; who is free first takes the next; a job is finished by whoever began it and stands still outside his
shift. No randomness: the same jobs and people give the same times.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hutong.kernel.base import HOUR, Instant
from hutong.kernel.worktime import LimitUnit, WorkCalendar

MOMENT = 1 / HOUR
"""One µs, in hours."""


@dataclass(frozen=True)
class Job:
    """`hours`: working time that it takes one person."""

    case: int
    arrival: Instant
    hours: float


@dataclass(frozen=True)
class Done:
    """When somebody began it and when it was finished. `wait`: working hours of that person from arrival to beginning."""

    job: Job
    begun: Instant
    finished: Instant
    wait: float


def play(jobs: Sequence[Job], people: Sequence[WorkCalendar]) -> list[Done]:
    """The jobs in the order they came; each person by the working time of his shift. Nobody: nothing is done."""
    free = [0] * len(people)
    found: list[Done] = []
    if not people:
        return found
    for job in sorted(jobs, key=lambda one: (one.arrival, one.case)):
        starts = [begins(people[at], max(job.arrival, free[at])) for at in range(len(people))]
        who = min(range(len(people)), key=lambda at: starts[at])
        calendar, begun = people[who], starts[who]
        finished = calendar.add(begun, job.hours, LimitUnit.WORK_HOUR)
        wait = calendar.elapsed(job.arrival, begun, LimitUnit.WORK_HOUR)
        free[who] = finished
        found.append(Done(job, begun, finished, wait))
    return found


def begins(calendar: WorkCalendar, at: Instant) -> Instant:
    """The instant itself if it is worked, else the beginning of the next working time."""
    return calendar.add(at, MOMENT, LimitUnit.WORK_HOUR) - 1


def longest_queue(done: Sequence[Done]) -> int:
    """How many jobs waited at once, at most."""
    moves = sorted(
        move
        for one in done
        if one.begun > one.job.arrival
        for move in ((one.begun, -1), (one.job.arrival, 1))
    )
    most = waiting = 0
    for _, step in moves:
        waiting += step
        most = max(most, waiting)
    return most
