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

from hutong.kernel.base import Instant
from hutong.kernel.observation import ObservationBatch, Quality
from hutong.kernel.ports import Reader
from hutong.kernel.query import both, equals
from hutong.kernel.thing import Datastream, Thing

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
LOOK_BACK = 200
"""How many rows behind a doubted one are looked at."""
MOST_DOUBTED = 500
"""Streams for which that is done at once; what is beyond has no known position for the moment."""
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
    for stream in rows.stream[~good][:MOST_DOUBTED].tolist():
        end = None if at is None else at + 1
        past = reader.observations(stream, end=end, limit=LOOK_BACK, descending=True)
        fine = np.flatnonzero(_good(past))
        if len(fine):
            first = fine[np.argmax(past.time[fine])]
            found[stream] = (int(past.time[first]), float(past.number[first]))
    for row, stream in enumerate(streams.tolist()):
        time[row], number[row] = found.get(stream, (UNKNOWN, np.nan))
    return Trusted(time, number)


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
