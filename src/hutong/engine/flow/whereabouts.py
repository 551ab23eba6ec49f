"""Where things that move are: the newest trustworthy longitude and latitude they observed.

A terminal that lost its satellites goes on sending positions that it marks as doubtful; behind such a row the newest good
one is looked for, so that a vehicle in a tunnel stands at its mouth.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from hutong.kernel.base import HOUR, MINUTE, Instant
from hutong.kernel.observation import ObservationBatch, Quality
from hutong.kernel.ports import Reader
from hutong.kernel.query import both, equals
from hutong.kernel.thing import Datastream, Thing

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
LOOK_BACK = (10 * MINUTE, 2 * HOUR, 12 * HOUR)
"""How far behind a doubted row is looked, one after the other for those that are still without a position."""
MOST_ROWS = 500_000
"""Rows that are looked at for that at once; what would need more has no known position for the moment."""
UNKNOWN = -1


class Trusted(NamedTuple):
    """The newest good value of each asked stream; time UNKNOWN and number NaN where there is none."""

    time: Ints
    number: Floats


def trusted(reader: Reader, streams: Ints, at: Instant | None = None) -> Trusted:
    """Of each stream (0: none), not after `at`."""
    time = np.full(len(streams), UNKNOWN, np.int64)
    number = np.full(len(streams), np.nan)
    asked = np.unique(streams[streams > 0])
    if not len(asked):
        return Trusted(time, number)
    rows, _ = reader.newest(asked, at=at)
    good = _good(rows)
    found = {int(rows.stream[i]): (int(rows.time[i]), float(rows.number[i])) for i in np.flatnonzero(good)}
    hours = rows.time // HOUR
    for hour in np.unique(hours[~good]).tolist():
        some = np.flatnonzero(~good & (hours == hour))
        found |= _behind(reader, rows.stream[some], int(rows.time[some].min()), int(rows.time[some].max()))
    for row, stream in enumerate(streams.tolist()):
        time[row], number[row] = found.get(stream, (UNKNOWN, np.nan))
    return Trusted(time, number)


def _behind(reader: Reader, streams: Ints, first: Instant, last: Instant) -> dict[int, tuple[Instant, float]]:
    """The newest good row of streams whose newest rows, between `first` and `last`, are doubted."""
    found: dict[int, tuple[Instant, float]] = {}
    left = np.sort(streams)
    for span in LOOK_BACK:
        start = first - span
        if reader.observed(left, start, last + 1, at_most=MOST_ROWS + 1) > MOST_ROWS:
            break
        rows = reader.scan(left, start, last + 1)
        fine = np.flatnonzero(_good(rows))
        ends = fine[np.append(np.diff(rows.stream[fine]) != 0, True)] if len(fine) else fine
        for i in ends.tolist():
            found[int(rows.stream[i])] = (int(rows.time[i]), float(rows.number[i]))
        left = np.setdiff1d(left, rows.stream[ends])
        if not len(left):
            break
    return found


def _good(rows: ObservationBatch) -> NDArray[np.bool_]:
    return np.asarray((rows.quality < Quality.SUSPECT) & np.isfinite(rows.number), np.bool_)


class Positions(NamedTuple):
    """Degrees of each thing, shape (n, 2), NaN where unknown; `time`: when it was there, UNKNOWN likewise."""

    lonlat: Floats
    time: Ints


def positions(reader: Reader, longitude: Ints, latitude: Ints, at: Instant | None = None) -> Positions:
    """Of things by their two streams; of the two times the earlier one counts."""
    found = trusted(reader, np.concatenate([longitude, latitude]), at)
    count = len(longitude)
    lonlat = np.column_stack([found.number[:count], found.number[count:]])
    time = np.minimum(found.time[:count], found.time[count:])
    lonlat[time == UNKNOWN] = np.nan
    return Positions(lonlat, time)


def streams_of(reader: Reader, thing: int, names: tuple[str, str]) -> tuple[int, int]:
    """The streams of longitude and latitude of a thing; 0 where there is none."""
    found = (
        reader.find(Datastream, both(equals("thing", thing), equals("property_code", name)), limit=1).rows
        for name in names
    )
    longitude, latitude = (rows[0].id if rows else 0 for rows in found)
    return longitude, latitude


def position_of(
    reader: Reader,
    thing: Thing,
    names: tuple[str, str],
    at: Instant,
    coming: Sequence[ObservationBatch] = (),
) -> bytes | None:
    """WKB of where it was at a moment; `coming` are rows that the same commit stores."""
    streams = np.array(streams_of(reader, thing.id, names), np.int64)
    found = trusted(reader, streams, at)
    for rows in coming:
        _take(found, streams, rows, at)
    if (found.time == UNKNOWN).any():
        return None
    wkb: bytes = shapely.to_wkb(shapely.Point(*found.number.tolist()))
    return wkb


def _take(found: Trusted, streams: Ints, rows: ObservationBatch, at: Instant) -> None:
    """Newer good rows take the place of what was found."""
    good = _good(rows) & (rows.time <= at)
    for place, stream in enumerate(streams.tolist()):
        mine = np.flatnonzero(good & (rows.stream == stream))
        if len(mine):
            newest = mine[np.argmax(rows.time[mine])]
            if rows.time[newest] >= found.time[place]:
                found.time[place], found.number[place] = rows.time[newest], rows.number[newest]
