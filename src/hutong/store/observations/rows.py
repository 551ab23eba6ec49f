"""Stored observations as columns in memory, sorted by stream, and their coded form (a block)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from hutong.kernel.observation import ObservationBatch
from hutong.store.observations import columns as coded

Ints = NDArray[np.int64]

_UNSET = {"end_time": -1, "result_time": -1, "feature": 0}
_OBJECTS = ("texts", "documents", "parameters")


class Rows(msgspec.Struct, frozen=True):
    """Observations of any streams: the columns of ObservationBatch with their sequences."""

    stream: Ints
    sequence: Ints
    time: Ints
    number: NDArray[np.float64]
    quality: NDArray[np.uint8]
    end_time: Ints | None = None
    result_time: Ints | None = None
    feature: Ints | None = None
    texts: dict[int, str] = {}
    documents: dict[int, Any] = {}
    parameters: dict[int, dict[str, Any]] = {}

    def __len__(self) -> int:
        return len(self.stream)

    @property
    def plain(self) -> bool:
        """No optional column is there."""
        return not any(getattr(self, name) is not None for name in _UNSET) and not any(
            getattr(self, name) for name in _OBJECTS
        )

    def take(self, index: NDArray[Any] | slice) -> Rows:
        """The rows at `index` (positions, a mask or a slice), in that order."""
        taken = (self.stream[index], self.sequence[index], self.time[index], self.number[index])
        if self.plain:
            return Rows(*taken, self.quality[index])
        optional: dict[str, Any] = {}
        for name in _UNSET:
            column = getattr(self, name)
            optional[name] = None if column is None else column[index]
        place = np.full(len(self), -1, np.int64)
        place[index] = np.arange(len(taken[0]))
        for name in _OBJECTS:
            moved = ((int(place[row]), value) for row, value in getattr(self, name).items())
            optional[name] = {row: value for row, value in moved if row >= 0}
        return Rows(*taken, self.quality[index], **optional)

    def ordered(self) -> Rows:
        """By stream, then phenomenon time, then sequence; itself if it is so already.

        Where streams ascend, only streams with rows out of order are sorted.
        """
        same = self.stream[1:] == self.stream[:-1]
        later = (self.time[1:] > self.time[:-1]) | (
            (self.time[1:] == self.time[:-1]) & (self.sequence[1:] > self.sequence[:-1])
        )
        wrong = same & ~later
        if not (same | (self.stream[1:] > self.stream[:-1])).all():
            return self.take(grouping_order(self.stream)).ordered()
        if not wrong.any():
            return self
        disordered = np.unique(self.stream[1:][wrong])
        near = np.minimum(np.searchsorted(disordered, self.stream), len(disordered) - 1)
        rows = np.flatnonzero(disordered[near] == self.stream)
        order = np.arange(len(self))
        order[rows] = rows[np.lexsort((self.sequence[rows], self.time[rows], self.stream[rows]))]
        return self.take(order)

    def size(self) -> int:
        """Bytes in memory, roughly."""
        objects = sum(len(getattr(self, name)) for name in _OBJECTS)
        optional = sum(getattr(self, name) is not None for name in _UNSET)
        return len(self) * (33 + 8 * optional) + objects * 200 + 500

    def batch(self, source: str = "") -> ObservationBatch:
        """The same rows as the kernel's batch."""
        return ObservationBatch(
            source=source,
            stream=self.stream,
            time=self.time,
            number=self.number,
            quality=self.quality,
            end_time=self.end_time,
            result_time=self.result_time,
            feature=self.feature,
            texts=self.texts,
            documents=self.documents,
            parameters=self.parameters,
            sequence=self.sequence,
        )


def from_batch(batch: ObservationBatch) -> Rows:
    """The rows of a batch; sequences are 0 until given."""
    return Rows(
        stream=batch.stream,
        sequence=np.zeros(len(batch), np.int64),
        time=batch.time,
        number=batch.number,
        quality=batch.quality,
        end_time=batch.end_time,
        result_time=batch.result_time,
        feature=batch.feature,
        texts=batch.texts,
        documents=batch.documents,
        parameters=batch.parameters,
    )


def nothing() -> Rows:
    """No rows."""
    none = np.empty(0, np.int64)
    return Rows(none, none, none, np.empty(0), np.empty(0, np.uint8))


def join(parts: Sequence[Rows]) -> Rows:
    """The rows of all parts, one after the other."""
    parts = [part for part in parts if len(part)]
    if len(parts) <= 1:
        return parts[0] if parts else nothing()
    required: dict[str, Any] = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in ("stream", "sequence", "time", "number", "quality")
    }
    if all(part.plain for part in parts):
        return Rows(**required)
    optional: dict[str, Any] = {name: _join_optional(parts, name, unset) for name, unset in _UNSET.items()}
    offsets = np.cumsum([0, *(len(part) for part in parts)]).tolist()
    for name in _OBJECTS:
        optional[name] = {
            offset + row: value
            for part, offset in zip(parts, offsets, strict=False)
            for row, value in getattr(part, name).items()
        }
    return Rows(**required, **optional)


def _join_optional(parts: Sequence[Rows], name: str, unset: int) -> Ints | None:
    columns = [getattr(part, name) for part in parts]
    if all(column is None for column in columns):
        return None
    filled = [
        np.full(len(part), unset, np.int64) if column is None else column
        for part, column in zip(parts, columns, strict=True)
    ]
    return np.concatenate(filled)


class Block(msgspec.Struct, frozen=True):
    """Rows grouped by stream: those of `streams[i]` are rows `offsets[i]` up to `offsets[i + 1]`."""

    rows: Rows
    streams: Ints
    offsets: Ints

    def pick(self, streams: Ints) -> Rows:
        """The rows of the given streams (sorted, without repeats)."""
        if len(streams) == 1:
            at = int(np.searchsorted(self.streams, streams[0]))
            if at == len(self.streams) or self.streams[at] != streams[0]:
                return nothing()
            return self.rows.take(slice(int(self.offsets[at]), int(self.offsets[at + 1])))
        wanted = np.isin(self.streams, streams, assume_unique=True)
        if wanted.all():
            return self.rows
        return self.rows.take(np.repeat(wanted, np.diff(self.offsets)))


def block(rows: Rows) -> Block:
    """Rows that are already grouped by ascending stream."""
    starts = group_starts(rows.stream)
    return Block(rows, rows.stream[starts], np.append(starts, len(rows)))


def grouping_order(streams: Ints) -> NDArray[np.intp]:
    """Positions by ascending stream, arrival order kept inside. Radix sort by 16 bits where ids are close
    together."""
    offset = streams - streams.min()
    width = int(offset.max()).bit_length()
    if width > 32:
        return np.argsort(streams, kind="stable")
    order = np.argsort((offset & 0xFFFF).astype(np.uint16), kind="stable")
    if width > 16:
        high = (offset >> 16).astype(np.uint16)
        order = order[np.argsort(high[order], kind="stable")]
    return order


def group_starts(key: NDArray[Any]) -> Ints:
    """Where each run of equal values begins."""
    if not len(key):
        return np.empty(0, np.int64)
    return np.flatnonzero(np.concatenate(([True], key[1:] != key[:-1])))


def encode_rows(grouped: Block) -> bytes:
    """A block as bytes; optional columns cost nothing where they are absent."""
    rows = grouped.rows
    columns: coded.Columns = {
        "streams": grouped.streams,
        "counts": np.diff(grouped.offsets),
        "sequence": rows.sequence,
        "time": rows.time,
        "number": rows.number,
    }
    if rows.quality.any():
        columns["quality"] = rows.quality
    for name, unset in _UNSET.items():
        column = getattr(rows, name)
        if column is not None and (column != unset).any():
            columns[name] = column
    objects = {name: getattr(rows, name) for name in _OBJECTS if getattr(rows, name)}
    return coded.encode(columns, objects)


def decode_rows(blob: bytes) -> Block:
    columns, objects = coded.decode(blob)
    streams, counts = columns["streams"], columns["counts"]
    rows = Rows(
        stream=np.repeat(streams, counts),
        sequence=columns["sequence"],
        time=columns["time"],
        number=columns["number"],
        quality=columns.get("quality", np.zeros(len(columns["time"]), np.uint8)),
        end_time=columns.get("end_time"),
        result_time=columns.get("result_time"),
        feature=columns.get("feature"),
        **objects,
    )
    return Block(rows, streams, np.concatenate((np.zeros(1, np.int64), np.cumsum(counts))))
