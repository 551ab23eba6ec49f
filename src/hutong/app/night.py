"""The storm night: its feed minute by minute into the city, deadlines and simulated posts after each, and what came of it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from statistics import median
from zoneinfo import ZoneInfo

import msgspec
import numpy as np

from hutong.app.city import RunningCity
from hutong.app.night_figures import Folded, Responded, folded, responded
from hutong.app.posts import Posts
from hutong.engine.directory import everything
from hutong.kernel.base import HOUR, MINUTE, SECOND, Instant, Label
from hutong.kernel.case import Case, File, Warning
from hutong.kernel.changes import Changes
from hutong.kernel.clock import instant
from hutong.kernel.definition.pack import StormNight
from hutong.kernel.errors import NotFound
from hutong.kernel.observation import batch
from hutong.kernel.thing import Datastream, Thing

CURSOR = "night"
SOURCE = "storm night"
AFTERMATH = 12 * HOUR
"""How long the posts go on after the last observation, at the most."""


def night_start(night: StormNight, zone: str) -> Instant:
    """The first instant of the night."""
    return instant(datetime.strptime(night.start, "%Y-%m-%d %H:%M").replace(tzinfo=ZoneInfo(zone)))


class Feed:
    """The night's rows by minute. `steps`: instants; `rows(k)` gives (stream ids, values) that arrive then."""

    def __init__(self, running: RunningCity, start: Instant) -> None:
        path = running.folder / "night" / "feed.npz"
        if not path.is_file():
            raise NotFound("night", "the feed is not there", "prepare the city with `hutong demo`")
        with np.load(path, allow_pickle=False) as stored:
            self._values, self._present = stored["values"], stored["present"]
            names = [str(name) for name in stored["streams"]]
            self.steps: list[Instant] = [start + second * SECOND for second in stored["seconds"].tolist()]
        self._ids = np.array(_stream_ids(running, names), np.int64)

    def rows(self, step: int) -> tuple[np.ndarray, np.ndarray]:
        here = np.flatnonzero(self._present[step] & (self._ids > 0))
        return self._ids[here], self._values[step, here]


def _stream_ids(running: RunningCity, names: list[str]) -> list[int]:
    """Datastream ids of `thing code|property` names; 0 where the city has none."""
    with running.store.reader() as reader:
        codes = {thing.id: thing.code for thing in everything(reader, Thing)}
        streams = {
            f"{codes[one.thing]}|{one.property_code}": one.id for one in everything(reader, Datastream)
        }
    return [streams.get(name, 0) for name in names]


class Night:
    """Plays the feed into a running city. What was committed before a stop is not done again."""

    def __init__(self, running: RunningCity, start: Instant) -> None:
        self.running = running
        self.start = start
        self.feed = Feed(running, start)
        self.posts = Posts(running)
        with running.store.reader() as reader:
            self.done = int(reader.cursor(CURSOR) or -1)
        self.stopped = threading.Event()

    @property
    def end(self) -> Instant:
        last: Instant = self.feed.steps[-1]
        return last

    @property
    def resumes_at(self) -> Instant:
        """City time to go on from."""
        return self.start if self.done < 0 else self.at(self.done)

    def at(self, number: int) -> Instant:
        """City time of a minute; those after the last of the feed are the aftermath."""
        over = number - len(self.feed.steps) + 1
        at: Instant = self.feed.steps[number] if over <= 0 else self.end + over * MINUTE
        return at

    def step(self, number: int) -> None:
        """One minute: observations, silent gauges, deadlines, posts. City time must stand at that minute.

        A minute that was broken off is done again: what it had done already is found done.
        """
        if number > self.done:
            self._begin(number)
        if number < len(self.feed.steps):
            self.running.intake.tick().result()
        self.running.deadlines.tick()
        self.running.rounds.tick()
        self.running.responses.tick()
        self.running.handovers.tick()
        self.posts.act()

    def _begin(self, number: int) -> None:
        """The cursor moves with the minute's rows; in the aftermath alone, so that time never goes back."""
        moved = {CURSOR: str(number)}
        if number < len(self.feed.steps):
            streams, values = self.feed.rows(number)
            at = np.full(len(streams), self.feed.steps[number], np.int64)
            self.running.intake.submit(batch(SOURCE, streams, at, values), cursors=moved).result()
        else:
            self.running.store.apply(Changes(cursors=moved))
        self.done = number

    def unfinished(self) -> list[Case]:
        """Cases of the posts that are neither ended nor in 挂账."""
        with self.running.store.reader() as reader:
            return [
                case
                for case in everything(reader, Case)
                if case.closed is None
                and case.state != "suspended"
                and case.procedure in self.posts.procedures
            ]


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a night. `open_flooding`: numbers of flooding cases that neither ended after a check nor are in 挂账."""

    observations: int
    warnings: int
    cases: int
    filed: int
    joined: int
    closed: int
    suspended: int
    feedback_minutes: float | None
    closing_minutes: float | None
    by_sensor: int
    by_photo: int
    open_flooding: tuple[str, ...]
    folded: Folded | None
    responses: tuple[Responded, ...]

    def rows(self) -> list[tuple[Label, str]]:
        """(what, figure) for a table."""

        def minutes(value: float | None) -> str:
            return "—" if value is None else f"{value:.0f} min"

        return [
            (Label("观测", "observations"), f"{self.observations:,}"),
            (Label("预警", "warnings"), str(self.warnings)),
            (Label("立案", "cases filed"), str(self.filed)),
            (Label("并案", "cases joined to another"), str(self.joined)),
            (Label("结案", "cases closed after check"), str(self.closed)),
            (Label("挂账", "cases suspended"), str(self.suspended)),
            (Label("到反馈的中位时间", "median time to 反馈"), minutes(self.feedback_minutes)),
            (Label("到结案的中位时间", "median time to 结案"), minutes(self.closing_minutes)),
            (Label("以传感器退水为证", "proved by sensor"), str(self.by_sensor)),
            (Label("以照片为证", "proved by photo"), str(self.by_photo)),
            (Label("未了的积水案卷", "flooding cases left open"), str(len(self.open_flooding))),
            *(self.folded.rows() if self.folded else ()),
            *(row for one in self.responses for row in one.rows()),
        ]


def summarise(running: RunningCity) -> Summary:
    """Counts from the store as it stands."""
    with running.store.reader() as reader:
        cases = everything(reader, Case)
        warnings = {one.id: one for one in everything(reader, Warning)}
        photographed = {one.case for one in everything(reader, File) if one.stage == "handle"}
        observations = _observations(running)
    by_id = {case.id: case for case in cases}
    closed = [case for case in cases if case.ending == "closed" and _checked(case)]
    back = [(case.fed_back - case.opened) / MINUTE for case in cases if case.fed_back is not None]
    ends = [((case.closed or 0) - case.opened) / MINUTE for case in closed]
    flooding = [case for case in cases if case.category.code == "drainage.flooding"]
    return Summary(
        observations=observations,
        warnings=len(warnings),
        cases=len(cases),
        filed=sum(case.filed is not None for case in cases),
        joined=sum(case.joined_to is not None for case in cases),
        closed=len(closed),
        suspended=sum(case.state == "suspended" for case in cases),
        feedback_minutes=median(back) if back else None,
        closing_minutes=median(ends) if ends else None,
        by_sensor=sum(_sensor_proved(case, warnings) for case in closed),
        by_photo=sum(case.id in photographed for case in closed),
        open_flooding=tuple(case.number for case in flooding if not _finished(case, by_id)),
        folded=folded(running, cases, warnings.values()),
        responses=responded(running),
    )


def _observations(running: RunningCity) -> int:
    """Rows taken, as the journal says."""
    total = after = 0
    with running.store.reader() as reader:
        while records := reader.journal(after=after, limit=5000):
            total += sum(int(one.facts.get("count", 0)) for one in records if one.kind == "observation.batch")
            after = records[-1].position
    return total


def _checked(case: Case) -> bool:
    return any(deed.action == "check_pass" for deed in case.deeds)


def _sensor_proved(case: Case, warnings: dict[int, Warning]) -> bool:
    own = [warnings[id] for id in case.warnings if id in warnings]
    return bool(own) and all(one.cleared is not None and one.clearing for one in own)


def _finished(case: Case, by_id: dict[int, Case]) -> bool:
    """结案 after 核查 (its own or that of the case it was joined to), or in 挂账 with reason, approver and review date."""
    if case.state == "suspended":
        return all(case.suspended.get(key) for key in ("reason", "approver", "review"))
    if case.joined_to is not None:
        return _finished(by_id[case.joined_to], by_id)
    return case.ending == "closed" and _checked(case)


def play_headless(
    running: RunningCity, night: Night, move_to: Callable[[Instant], None], tell: Callable[[float], None]
) -> Summary:
    """The whole night as fast as it can: `move_to` sets the clock, `tell` shows the share done."""
    steps = len(night.feed.steps)
    for number in range(max(night.done, 0), steps + AFTERMATH // MINUTE):
        if number >= max(steps, night.done + 1) and not night.unfinished():
            break
        move_to(night.at(number))
        night.step(number)
        tell(min(number / steps, 1.0))
    return summarise(running)
