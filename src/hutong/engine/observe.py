"""observe: which rows of a batch are taken, which are refused, and which are taken with a doubt.

Works on columns: nothing here loops over good rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from hutong.kernel.base import MINUTE, Instant
from hutong.kernel.definition.thing import PropertyDefinition
from hutong.kernel.lateness import NEVER, lateness
from hutong.kernel.observation import ObservationBatch, Quality, Refusal, unwritable
from hutong.kernel.thing import Datastream

KINDS = ("number", "code", "text", "json")
SAME_TIMES = ("keep_first", "replace", "keep_all")
NUMERIC = 2
"""Kinds below this one are numbers."""

V = TypeVar("V")


@dataclass(frozen=True, eq=False)
class StreamTable:
    """The columns of all known datastreams, sorted by id; `position` finds a stream's row.

    `low`/`high` are ±inf where there is no limit; `codes[property[i]]` is the qualified observed
    property.
    """

    id: NDArray[np.int64]
    thing: NDArray[np.int64]
    kind: NDArray[np.uint8]
    same_time: NDArray[np.uint8]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    refuse_outside: NDArray[np.bool_]
    property: NDArray[np.int32]
    codes: tuple[str, ...]
    units: NDArray[np.object_]
    _direct: NDArray[np.int64] | None = field(repr=False, default=None)

    def __len__(self) -> int:
        return len(self.id)

    def position(self, stream: NDArray[np.int64]) -> NDArray[np.int64]:
        """The row of each stream id; −1 where it is unknown."""
        if not len(self.id):
            return np.full(len(stream), -1, np.int64)
        if self._direct is not None:
            offset = stream - self.id[0]
            inside = (offset >= 0) & (offset < len(self._direct))
            if inside.all():
                return np.asarray(self._direct[offset])
            found = np.full(len(stream), -1, np.int64)
            found[inside] = self._direct[offset[inside]]
            return found
        place = np.minimum(np.searchsorted(self.id, stream), len(self.id) - 1)
        return np.where(self.id[place] == stream, place, -1)


STREAM_FIELDS = ("id", "thing", "property_code", "result_kind", "same_time", "low", "high", "unit")
"""Fields of a datastream that a table is made from."""


def stream_table(
    streams: Iterable[Datastream], definitions: Mapping[str, PropertyDefinition] | None = None
) -> StreamTable:
    """The table of these streams; limits not set on the stream are those of its property's
    definition."""
    rows = sorted((s for s in streams if s.retired is None), key=lambda s: s.id)
    columns = {name: [getattr(row, name) for row in rows] for name in STREAM_FIELDS}
    return table_of_columns(columns, definitions)


def table_of_columns(
    columns: Mapping[str, Sequence[Any]], definitions: Mapping[str, PropertyDefinition] | None = None
) -> StreamTable:
    """The table of streams given as STREAM_FIELDS, by ascending id."""
    known = definitions or {}
    codes = {code: i for i, code in enumerate(sorted(set(columns["property_code"])))}
    definition = [known.get(code) for code in codes]
    ids = np.array(columns["id"], np.int64)
    property = np.fromiter(map(codes.__getitem__, columns["property_code"]), np.int32, len(ids))
    refuses = np.array([d is not None and d.refuse_outside for d in definition], bool)
    units = np.empty(len(ids), object)
    units[:] = columns["unit"]
    return StreamTable(
        id=ids,
        thing=np.array(columns["thing"], np.int64),
        kind=_places(KINDS, columns["result_kind"]),
        same_time=_places(SAME_TIMES, columns["same_time"]),
        low=_limits(columns["low"], [d.low if d else None for d in definition], property, -np.inf),
        high=_limits(columns["high"], [d.high if d else None for d in definition], property, np.inf),
        refuse_outside=refuses[property] if len(ids) else np.zeros(0, bool),
        property=property,
        codes=tuple(codes),
        units=units,
        _direct=_direct(ids),
    )


def _places(words: tuple[str, ...], values: Sequence[str]) -> NDArray[np.uint8]:
    """Where each value stands among the words."""
    place = {word: i for i, word in enumerate(words)}
    return np.fromiter(map(place.__getitem__, values), np.uint8, len(values))


def _limits(
    own: Sequence[float | None], defined: Sequence[float | None], property: NDArray[np.int32], none: float
) -> NDArray[np.float64]:
    found = np.array(own, np.float64)
    bare = np.flatnonzero(np.isnan(found))
    given = np.array([none if limit is None else limit for limit in defined], np.float64)
    found[bare] = given[property[bare]]
    return found


def same_streams(table: StreamTable, ids: NDArray[np.int64], more: StreamTable) -> bool:
    """Whether of the streams `ids` the table has those of `more`, as they are there."""
    at = table.position(ids)
    at = at[at >= 0]
    if not np.array_equal(table.id[at], more.id):
        return False
    names = ("thing", "kind", "same_time", "low", "high", "refuse_outside", "units")
    codes = [table.codes[one] for one in table.property[at]] == [more.codes[one] for one in more.property]
    return codes and all(np.array_equal(getattr(table, name)[at], getattr(more, name)) for name in names)


def merged_table(table: StreamTable, gone: NDArray[np.int64], more: StreamTable) -> StreamTable:
    """The table without the streams `gone`, and with those of `more`."""
    left = np.flatnonzero(~np.isin(table.id, gone))
    codes = {code: i for i, code in enumerate(table.codes)}
    for code in more.codes:
        codes.setdefault(code, len(codes))
    moved = np.array([codes[code] for code in more.codes], np.int32)
    order = np.argsort(np.concatenate((table.id[left], more.id)), kind="stable")
    columns = {
        name: np.concatenate((getattr(table, name)[left], getattr(more, name)))[order]
        for name in ("id", "thing", "kind", "same_time", "low", "high", "refuse_outside", "units")
    }
    property = np.concatenate((table.property[left], moved[more.property] if len(more) else more.property))
    return StreamTable(
        **columns, property=property[order], codes=tuple(codes), _direct=_direct(columns["id"])
    )


def _direct(ids: NDArray[np.int64]) -> NDArray[np.int64] | None:
    """Position by id − first id, where ids lie close enough together for a table of that size."""
    if not len(ids) or ids[-1] - ids[0] > 16 * len(ids) + 1_000_000:
        return None
    table = np.full(ids[-1] - ids[0] + 1, -1, np.int64)
    table[ids - ids[0]] = np.arange(len(ids))
    return table


class Checked(msgspec.Struct, frozen=True):
    """The rows that are taken (`batch`) and the refusals; `rows` are positions in what was sent
    (None: all).

    `doubted` counts rows marked OUT_OF_RANGE, `late` those marked LATE.
    """

    batch: ObservationBatch
    refusals: tuple[Refusal, ...] = ()
    rows: NDArray[np.int64] | None = None
    doubted: int = 0
    late: int = 0


def check(
    batch: ObservationBatch,
    table: StreamTable,
    now: Instant,
    *,
    max_future: int = 5 * MINUTE,
    newest: NDArray[np.int64] | None = None,
    late: int | NDArray[np.int64] = 10 * MINUTE,
) -> Checked:
    """Sorts the rows of a batch into taken, doubted and refused.

    `newest` (aligned with the table, NEVER where there is none): the newest time of each stream
    before this batch; if given, rows more than `late` µs (of each stream, or of all) behind are marked LATE: kept, and
    beyond what the stream's rules judge.
    """
    at = table.position(batch.stream)
    found = _refusals(batch, table, at, now + max_future)
    rows = None
    if found:
        taken = np.ones(len(batch), bool)
        taken[[refusal.row for refusal in found]] = False
        rows = np.flatnonzero(taken)
        batch, at = select(batch, rows), at[rows]
    quality, doubted, behind = _quality(batch, table, at, newest, late)
    if quality is not batch.quality:
        batch = msgspec.structs.replace(batch, quality=quality)
    return Checked(batch=batch, refusals=found, rows=rows, doubted=doubted, late=behind)


def _refusals(
    batch: ObservationBatch, table: StreamTable, at: NDArray[np.int64], latest: Instant
) -> tuple[Refusal, ...]:
    if not len(batch):
        return ()
    unknown = at < 0
    if not len(table):
        return tuple(_refuse(batch, unknown, "stream", lambda r: _unknown(batch, r)))
    known = np.maximum(at, 0)
    numeric = (table.kind[known] < NUMERIC) & ~unknown
    broken = numeric & ~np.isfinite(batch.number)
    untimed = (batch.time < 0) & ~unknown
    future = (batch.time > latest) & ~unknown
    outside = numeric & table.refuse_outside[known]
    if outside.any():
        outside &= (batch.number < table.low[known]) | (batch.number > table.high[known])
    refused = [
        *_refuse(batch, unknown, "stream", lambda r: _unknown(batch, r)),
        *_refuse(
            batch, untimed, "time", lambda r: f"{batch.time[r]} µs is before 1970; send µs since 1970 UTC"
        ),
        *_refuse(batch, future, "time", lambda r: _future(batch, r, latest)),
        *_refuse(
            batch, broken, "result", lambda r: f"{batch.number[r]} is not a finite number; leave the row out"
        ),
        *_refuse(batch, outside, "result", lambda r: _outside(batch, table, int(at[r]), r)),
        *_refuse(
            batch, _resultless(batch, table, known) & ~unknown, "result", lambda _: "the row has no result"
        ),
    ]
    refused += unwritable(batch)
    first = {refusal.row: refusal for refusal in reversed(refused)}
    return tuple(first[row] for row in sorted(first))


def _resultless(batch: ObservationBatch, table: StreamTable, known: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Rows of text and JSON streams that carry neither."""
    bare = table.kind[known] >= NUMERIC
    if bare.any():
        carried = [*batch.texts, *batch.documents]
        bare[carried] = False
    return bare


def _refuse(batch: ObservationBatch, wrong: NDArray[np.bool_], name: str, reason: Any) -> list[Refusal]:
    return [Refusal(int(row), name, reason(int(row))) for row in np.flatnonzero(wrong)]


def _unknown(batch: ObservationBatch, row: int) -> str:
    return f"there is no datastream {batch.stream[row]}; create it, or have the device admitted"


def _future(batch: ObservationBatch, row: int, latest: Instant) -> str:
    ahead = (int(batch.time[row]) - latest) / 1_000_000
    return f"lies {ahead:.0f} s beyond what is accepted ahead of the city's clock; set the device's clock"


def _outside(batch: ObservationBatch, table: StreamTable, at: int, row: int) -> str:
    limits = f"{table.low[at]:g} … {table.high[at]:g}"
    return f"{batch.number[row]:g} is outside {limits}; mend the sensor or its range"


def _quality(
    batch: ObservationBatch,
    table: StreamTable,
    at: NDArray[np.int64],
    newest: NDArray[np.int64] | None,
    late: int | NDArray[np.int64],
) -> tuple[NDArray[np.uint8], int, int]:
    """The quality column with OUT_OF_RANGE and LATE written in (the same array if nothing changed)."""
    if not len(batch):
        return batch.quality, 0, 0
    quality = batch.quality
    doubted = (batch.number < table.low[at]) | (batch.number > table.high[at])
    doubted &= quality < Quality.SUSPECT
    count = int(np.count_nonzero(doubted))
    if count:
        quality = np.where(doubted, np.uint8(Quality.OUT_OF_RANGE), quality)
    behind = None if newest is None else lateness(at, batch.time, newest)
    if behind is None:
        return quality, count, 0
    bound = late if isinstance(late, int) else late[at]
    tardy = (behind > bound) & (quality == Quality.GOOD)
    quality = np.where(tardy, np.uint8(Quality.LATE), quality)
    return quality, count, int(np.count_nonzero(tardy))


def select(batch: ObservationBatch, rows: NDArray[np.int64]) -> ObservationBatch:
    """The given rows of a batch, in the given order, with all optional columns."""
    place = {int(row): i for i, row in enumerate(rows)} if _has_maps(batch) else {}
    return ObservationBatch(
        source=batch.source,
        stream=batch.stream[rows],
        time=batch.time[rows],
        number=batch.number[rows],
        quality=batch.quality[rows],
        end_time=None if batch.end_time is None else batch.end_time[rows],
        result_time=None if batch.result_time is None else batch.result_time[rows],
        feature=None if batch.feature is None else batch.feature[rows],
        texts=_moved(batch.texts, place),
        documents=_moved(batch.documents, place),
        parameters=_moved(batch.parameters, place),
        sequence=None if batch.sequence is None else batch.sequence[rows],
    )


def _has_maps(batch: ObservationBatch) -> bool:
    return bool(batch.texts or batch.documents or batch.parameters)


def _moved(values: dict[int, V], place: dict[int, int]) -> dict[int, V]:
    return {place[row]: value for row, value in values.items() if row in place}


def no_rows_yet(table: StreamTable) -> NDArray[np.int64]:
    """A `newest` column of streams that have no rows."""
    return np.full(len(table), NEVER, np.int64)
