"""Packing rows into segments and rollup parts: which rows share a part, and what the catalog says of each."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import numpy as np

from hutong.kernel.base import DAY, HOUR
from hutong.store.observations import columns as coded
from hutong.store.observations.rollup import hourly
from hutong.store.observations.rows import Ints, Rows, block, encode_rows, group_starts
from hutong.store.observations.snapshot import Parts

SEGMENT_ROWS = 16_384
"""About this many rows a segment: decoding one takes well under a millisecond."""


class Part(msgspec.Struct, frozen=True):
    """A part to be stored: its line of the catalog and its bytes."""

    stream_min: int
    stream_max: int
    time_min: int
    time_max: int
    sequence_min: int
    sequence_max: int
    rows: int
    data: bytes


def segments(rows: Rows) -> list[Part]:
    """Segments of rows that are ordered by stream, time and sequence."""
    return [
        Part(
            int(some.stream[0]),
            int(some.stream[-1]),
            int(some.time.min()),
            int(some.time.max()),
            int(some.sequence.min()),
            int(some.sequence.max()),
            len(some),
            encode_rows(block(some)),
        )
        for group in _by_days(rows)
        for some in _cut(group)
    ]


def rollup_parts(rows: Rows) -> list[Part]:
    """Hourly partials of the same rows."""
    columns = hourly(rows)
    total = len(columns["stream"])
    found = []
    for at in range(0, total, SEGMENT_ROWS):
        some = {name: column[at : at + SEGMENT_ROWS] for name, column in columns.items()}
        start = some["start"]
        found.append(
            Part(
                int(some["stream"][0]),
                int(some["stream"][-1]),
                int(start.min()),
                int(start.max()) + HOUR - 1,
                0,
                0,
                len(start),
                coded.encode(some),
            )
        )
    return found


def catalog_lines(parts: list[Part], first_number: int) -> Parts:
    """Catalog lines of parts that are numbered from `first_number` on."""
    names = ("stream_min", "stream_max", "time_min", "time_max", "sequence_min", "sequence_max", "rows")
    columns: dict[str, Ints] = {
        name: np.array([getattr(part, name) for part in parts], np.int64) for name in names
    }
    return Parts(part=np.arange(first_number, first_number + len(parts)), **columns)


def join_lines(lines: list[Parts]) -> Parts:
    return Parts(
        *(np.concatenate([getattr(some, name) for some in lines]) for name in Parts.__struct_fields__)
    )


def _by_days(rows: Rows) -> Iterator[Rows]:
    """Rows of days far apart do not share a segment if there are enough of them: a read of few days stays
    small."""
    day = rows.time // DAY
    if not len(rows) or int(day.max()) == int(day.min()):
        yield from (rows,) if len(rows) else ()
        return
    days, counts = np.unique(day, return_counts=True)
    groups = np.cumsum(counts) // SEGMENT_ROWS
    starts = group_starts(groups)
    if len(starts) == 1:
        yield rows
        return
    group_of = groups[np.searchsorted(days, day)]
    for group in groups[starts]:
        yield rows.take(group_of == group)


def _cut(rows: Rows) -> Iterator[Rows]:
    """Pieces of about SEGMENT_ROWS, between streams where possible."""
    boundaries = np.append(group_starts(rows.stream), len(rows))
    at = 0
    while at < len(rows):
        end = min(at + SEGMENT_ROWS, len(rows))
        boundary = int(boundaries[np.searchsorted(boundaries, end, side="right") - 1])
        if boundary > at + SEGMENT_ROWS // 2:
            end = boundary
        yield rows.take(slice(at, end))
        at = end
