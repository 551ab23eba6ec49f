"""What is usual for a stream at this hour, and how far the last hour is from it: the method behind the rule word `unusual`.

Own method, streaming and robust, for many streams at once. Time is cut into hours; hours of the same place in the season
(hour of the day; for a week working days and weekends apart) share a level and a mean deviation. They are learnt from whole
hours that are over, with exponential forgetting, values beyond two deviations pulled in, so that an incident teaches little.
While an hour runs nothing is learnt: its rows all meet the same baseline, whatever batches they come in.

Each row's deviation is divided by that place's mean deviation and smoothed over an hour; the smoothed deviation is divided
by its own long-run root mean square. The score is that ratio: 1 is an ordinary day, 5 means five times what is ordinary for
this very stream. No distribution is supposed. The idea of judging a short window of errors against their own long history:
Ahmad et al., Neurocomputing 262 (2017), there with a neural predictor and a Gaussian tail.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from hutong.engine.judge.events import Floats, Ints
from hutong.kernel.base import DAY, HOUR, SECOND
from hutong.kernel.lateness import NEVER

Season = Literal["none", "day", "week"]
HOURS = 24
PULLED_IN = 2.0
"""Values farther from the level than this many deviations teach as if they were there."""
TRUSTED = 2
"""Hours of a place in the season after which its own level is used, not that of the whole stream."""
FIRST_HOURS = 6
"""Hours of the whole stream before anything is scored."""
LEAST = (0.25, 1e-3, 1e-9)
"""A place's deviation is taken as no less than these: of the stream's, of the stream's level, and at all."""
CAP = 9.0
"""A mean square beyond this many long-run ones teaches as if it were there."""
NORMAL = 1.2533
"""Standard deviation by mean deviation of a normal distribution."""
MONDAY = 3
"""The epoch was a Thursday: days since then, and three, count from a Monday."""


@dataclass(frozen=True)
class Unusual:
    """What a rule says: the season, µs after which what was learnt counts 1/e, and µs of a new stream in which all scores
    are 0."""

    season: Season = "week"
    learn: int = 7 * DAY
    silent: int = 7 * DAY

    @property
    def places(self) -> int:
        return {"none": 1, "day": HOURS, "week": 2 * HOURS}[self.season]


@dataclass(eq=False)
class _Hour:
    """The hours that run now, one for each stream: what they add up to, and the baseline their rows meet."""

    number: Ints
    rows: Floats
    sum: Floats
    off: Floats
    off_all: Floats
    square: Floats
    level: Floats
    scale: Floats
    reference: Floats
    """What `off` is measured from: the level, or the first value while there is none."""


class Usual:
    """The baselines of `count` streams as columns. Rows must come as they arrived; older ones than their stream's newest are
    not scored."""

    def __init__(self, count: int, wanted: Unusual, zone: ZoneInfo | None = None) -> None:
        self.wanted = wanted
        self.zone = zone or ZoneInfo("UTC")
        places = wanted.places
        self.level = np.zeros((count, places), np.float32)
        self.scale = np.zeros((count, places), np.float32)
        self.seen = np.zeros((count, places), np.uint16)
        self.whole = np.zeros((count, 3))
        """Level, deviation and hours of the whole stream."""
        self.first: Ints = np.full(count, NEVER, np.int64)
        self.newest: Ints = np.full(count, NEVER, np.int64)
        self.smooth: Floats = np.zeros(count)
        self.usual: Floats = np.ones(count)
        """Long-run mean square of the smoothed deviation."""
        self.smooth_before: Floats = np.zeros(count)
        self.newest_before: Ints = np.full(count, NEVER, np.int64)
        """As they were when the running hour began: what is stored, and from where rows are read again after a restart."""
        self._offsets: dict[int, int] = {}
        zeros = [np.zeros(count) for _ in range(8)]
        self.hour = _Hour(np.full(count, NEVER, np.int64), *zeros)
        self.closed: set[int] = set()
        """Streams first heard of, or an hour of which ended, since this was last emptied: they are to be stored. So a sensor
        that is retired within its first hour leaves no other memory than one that is not."""
        self._behind: dict[int, str] = {}
        """What the store still has of streams that rows read from it have moved on."""

    # ---- rows ----------------------------------------------------------------------------------------------

    def judged(self, stream: Ints, time: Ints, value: Floats) -> Floats:
        """The score of each row; 0 while too little is known, NaN for a row that came out of order."""
        found = np.full(len(stream), np.nan)
        order = np.argsort(stream, kind="stable")
        order = order[self._in_order(stream[order], time[order])]
        if not len(order):
            return found
        rows = _Ordered(stream[order], time[order], value[order], self._local(time[order]) // HOUR)
        scores = np.empty(len(order))
        for part in rows.turns():
            scores[part.rows] = self._scored(rows, part)
        found[order] = scores
        return found

    def reread(self, stream: Ints, time: Ints, value: Floats) -> Floats:
        """`judged` for rows read from the store; what that moves on is not stored before the next run."""
        before = copy(self)
        for name, column in vars(self).items():
            if isinstance(column, np.ndarray):
                setattr(before, name, column.copy())
        found = self.judged(stream, time, value)
        for one in self.closed - self._behind.keys():
            self._behind[one] = before.stored(one)
        return found

    def _in_order(self, stream: Ints, time: Ints) -> NDArray[np.bool_]:
        """Rows not older than any row of their stream before them; sorted by stream, then arrival."""
        number = np.concatenate(([0], np.cumsum(stream[1:] != stream[:-1]))) if len(stream) else stream
        _, rank = np.unique(time, return_inverse=True)
        count = len(time) + 1
        leader = np.maximum.accumulate(rank + number * count) - number * count
        return np.asarray((rank >= leader) & (time >= self.newest[stream]))

    def _local(self, time: Ints) -> Ints:
        """Local time as µs. The zone's offset is asked once for each quarter of an hour that occurs."""
        quarter, place = np.unique(time // (HOUR // 4), return_inverse=True)
        offsets = [self._offset(int(one)) for one in quarter]
        return np.asarray(time + np.array(offsets, np.int64)[place])

    def _offset(self, quarter: int) -> int:
        if quarter not in self._offsets:
            if len(self._offsets) > 100_000:
                self._offsets.clear()
            at = datetime.fromtimestamp(quarter * 900, self.zone).utcoffset()
            self._offsets[quarter] = round(at.total_seconds()) * SECOND if at else 0
        return self._offsets[quarter]

    def _scored(self, rows: _Ordered, part: _Turn) -> Floats:
        """One hour (or a part of one) of every stream that has one: closes the hour before, scores, adds up."""
        stream, hour = part.stream, self.hour
        begins = hour.number[stream] != part.number
        self._close(stream[begins & (hour.number[stream] != NEVER)])
        unseen = self.first[stream] == NEVER
        self.first[stream[unseen]] = rows.time[part.first[unseen]]
        self.closed.update(stream[unseen].tolist())
        self._begin(stream[begins], part.number[begins], rows.value[part.first[begins]])
        which, at = np.repeat(np.arange(len(stream)), part.size), rows.time[part.rows]
        own, value = stream[which], rows.value[part.rows]
        scale = hour.scale[own]
        with np.errstate(invalid="ignore"):
            off = np.where(np.isfinite(scale), (value - hour.level[own]) / scale, 0.0)
            pull = PULLED_IN * scale
            taught = np.where(
                np.isfinite(scale), np.clip(value, hour.level[own] - pull, hour.level[own] + pull), value
            )
        smooth = self._smoothed(part, which, at, off)
        square = np.minimum(smooth**2, CAP * self.usual[own])
        starts = part.starts
        hour.rows[stream] += part.size
        hour.sum[stream] += np.add.reduceat(taught, starts)
        hour.off[stream] += np.add.reduceat(np.abs(taught - hour.reference[own]), starts)
        hour.off_all[stream] += np.add.reduceat(
            np.abs(taught - self._centre(own, hour.reference[own])), starts
        )
        hour.square[stream] += np.add.reduceat(square, starts)
        self.newest[stream] = at[part.ends]
        self.smooth[stream] = smooth[part.ends]
        young = at - self.first[own] < self.wanted.silent
        return np.where(young, 0.0, np.abs(smooth) / np.sqrt(np.maximum(self.usual[own], 1e-6)))

    def _smoothed(self, part: _Turn, which: Ints, at: Ints, off: Floats) -> Floats:
        """Exponential smoothing over an hour by each row's own distance in time; in closed form, as an hour's span is short."""
        stream, starts = part.stream, part.starts
        before = np.empty(len(at), np.int64)
        before[1:] = at[:-1]
        last = self.newest[stream]
        before[starts] = np.where(last == NEVER, at[starts], last)
        step = np.minimum((at - before) / HOUR, 50.0)
        since = (at - at[starts][which]) / HOUR
        grown = np.cumsum(-np.expm1(-step) * off * np.exp(since))
        grown -= (grown[starts] - (-np.expm1(-step[starts]) * off[starts]))[which]
        carried = self.smooth[stream] * np.exp(-step[starts])
        return np.asarray(np.exp(-since) * (carried[which] + grown))

    def _centre(self, stream: Ints, without: Floats) -> Floats:
        return np.where(self.whole[stream, 2] > 0, self.whole[stream, 0], without)

    # ---- hours ---------------------------------------------------------------------------------------------

    def _place(self, number: Ints) -> Ints:
        """The place in the season of a local hour (counted from the epoch)."""
        if self.wanted.season == "none":
            return np.zeros(len(number), np.int64)
        hour = number % HOURS
        if self.wanted.season == "day":
            return hour
        return hour + HOURS * ((number // HOURS + MONDAY) % 7 >= 5)

    def _begin(self, stream: Ints, number: Ints, value: Floats) -> None:
        """The baseline the rows of a new hour meet, fixed until it ends."""
        hour, place = self.hour, self._place(number)
        hour.number[stream] = number
        self.smooth_before[stream], self.newest_before[stream] = self.smooth[stream], self.newest[stream]
        for column in (hour.rows, hour.sum, hour.off, hour.off_all, hour.square):
            column[stream] = 0.0
        known, seen = self.whole[stream], self.seen[stream, place]
        own, whole = seen >= TRUSTED, known[:, 2] >= FIRST_HOURS
        share, of_level, least = LEAST
        floor = np.maximum(np.maximum(share * known[:, 1], of_level * np.abs(known[:, 0])), least)
        scale = np.where(own, self.scale[stream, place], np.where(whole, known[:, 1], np.inf))
        hour.scale[stream] = np.maximum(scale, floor)
        hour.level[stream] = np.where(own, self.level[stream, place], known[:, 0])
        hour.reference[stream] = np.where(
            seen > 0, self.level[stream, place], np.where(known[:, 2] > 0, known[:, 0], value)
        )

    def _close(self, stream: Ints) -> None:
        """What the hour that ran taught about its place in the season and about the whole stream."""
        if not len(stream):
            return
        hour, forget = self.hour, self.wanted.learn
        place, rows = self._place(hour.number[stream]), hour.rows[stream]
        mean, seen = hour.sum[stream] / rows, self.seen[stream, place]
        kept = max(forget / DAY, 1.0)
        weight = np.maximum(1 / (seen + 1), 1 / kept)
        self.level[stream, place] += weight * (mean - self.level[stream, place])
        self.scale[stream, place] += weight * (NORMAL * hour.off[stream] / rows - self.scale[stream, place])
        self.seen[stream, place] = np.minimum(seen + 1, 60_000)
        known = self.whole[stream]
        weight = np.maximum(1 / (known[:, 2] + 1), HOUR / forget)
        known[:, 0] += weight * (mean - known[:, 0])
        known[:, 1] += weight * (NORMAL * hour.off_all[stream] / rows - known[:, 1])
        known[:, 2] += 1
        self.whole[stream] = known
        weight = np.maximum(1 / (known[:, 2] + 1), HOUR / forget)
        self.usual[stream] += weight * (hour.square[stream] / rows - self.usual[stream])
        self.closed.update(stream.tolist())

    # ---- storing -------------------------------------------------------------------------------------------

    def stored(self, stream: int) -> str:
        """The baseline of a stream as it was when its running hour began; rows after `newest_before` are not in it."""
        numbers = (*self.whole[stream], self.usual[stream], self.smooth_before[stream])
        times = (self.first[stream], self.newest_before[stream])
        parts = (
            np.array(times, "<i8"),
            np.array(numbers, "<f8"),
            self.level[stream].astype("<f4"),
            self.scale[stream].astype("<f4"),
            self.seen[stream].astype("<u2"),
        )
        return b64encode(b"".join(part.tobytes() for part in parts)).decode("ascii")

    def take_closed(self) -> set[int]:
        """The streams to be stored, once."""
        taken, self.closed = self.closed, set()
        self._behind.clear()
        return taken

    def in_store(self, stream: int) -> str:
        """What the store has of a stream."""
        return self._behind.get(stream) or self.stored(stream)

    def wait(self, old: Usual, place: Mapping[int, int]) -> None:
        """Takes over what waits to be stored; `place`: a stream of the old → of these."""
        self.closed.update(place[one] for one in old.closed if one in place)
        self._behind.update((place[one], text) for one, text in old._behind.items() if one in place)

    def restore(self, stream: int, text: str) -> bool:
        """Takes over what `stored` gave; then the rows since must be given to `judged` again. False if it is of another
        season."""
        content, places = b64decode(text), self.wanted.places
        if len(content) != 16 + 40 + 10 * places:
            return False
        times, numbers = np.frombuffer(content, "<i8", 2), np.frombuffer(content, "<f8", 5, 16)
        self.first[stream], self.newest[stream] = times
        self.newest_before[stream] = self.newest[stream]
        self.whole[stream], self.usual[stream], self.smooth[stream] = numbers[:3], numbers[3], numbers[4]
        self.smooth_before[stream] = numbers[4]
        self.level[stream] = np.frombuffer(content, "<f4", places, 56)
        self.scale[stream] = np.frombuffer(content, "<f4", places, 56 + 4 * places)
        self.seen[stream] = np.frombuffer(content, "<u2", places, 56 + 8 * places)
        self.hour.number[stream] = NEVER
        return True


@dataclass(eq=False)
class _Turn:
    """The n-th hour of every stream that has as many: its streams, hour numbers, and rows."""

    stream: Ints
    number: Ints
    first: Ints
    size: Ints

    @property
    def rows(self) -> Ints:
        return np.repeat(self.first - self.starts, self.size) + np.arange(int(self.size.sum()))

    @property
    def starts(self) -> Ints:
        return np.concatenate(([0], np.cumsum(self.size)[:-1]))

    @property
    def ends(self) -> Ints:
        return np.cumsum(self.size) - 1


@dataclass(eq=False)
class _Ordered:
    """Rows sorted by stream, in time order; `hour` is the local hour of each."""

    stream: Ints
    time: Ints
    value: Floats
    hour: Ints

    def turns(self) -> list[_Turn]:
        changes = (self.stream[1:] != self.stream[:-1]) | (self.hour[1:] != self.hour[:-1])
        first = np.flatnonzero(np.concatenate(([True], changes)))
        size = np.diff(np.append(first, len(self.stream)))
        owner = self.stream[first]
        begins = np.flatnonzero(np.concatenate(([True], owner[1:] != owner[:-1])))
        rank = np.arange(len(first)) - np.repeat(begins, np.diff(np.append(begins, len(first))))
        order = np.argsort(rank, kind="stable")
        parts = np.split(order, np.cumsum(np.bincount(rank))[:-1])
        return [_Turn(owner[one], self.hour[first[one]], first[one], size[one]) for one in parts]
