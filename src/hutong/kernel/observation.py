"""观测: observations travel as columns, never as lists of objects."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from hutong.kernel.characters import as_json, text_fault

STREAM_SHIFT = 32
"""Observation id = datastream id × 2³² + the stream's own sequence (53 bits: safe in browsers)."""


class Quality(IntEnum):
    """Why a row may be doubted. Rules judge rows below SUSPECT only."""

    GOOD = 0
    LATE = 1
    SUSPECT = 16
    OUT_OF_RANGE = 17
    SENSOR_FAULT = 18
    MAINTENANCE = 19


class ObservationBatch(msgspec.Struct, frozen=True):
    """Rows of one source, in arrival order; all arrays have the same length n.

    `stream` int64[n] datastream ids; `time` int64[n] µs (phenomenon time); `number` float64[n] results, NaN where the
    result is text or JSON; `quality` uint8[n]. The optional columns: `end_time`, `result_time` int64[n]
    (−1 where unset), `feature` int64[n] (0 where unset), `texts` {row: str result}, `documents` {row: JSON result},
    `parameters` {row: JSON object}. `sequence` uint32[n] is set by the store.
    """

    source: str
    stream: NDArray[np.int64]
    time: NDArray[np.int64]
    number: NDArray[np.float64]
    quality: NDArray[np.uint8]
    end_time: NDArray[np.int64] | None = None
    result_time: NDArray[np.int64] | None = None
    feature: NDArray[np.int64] | None = None
    texts: dict[int, str] = {}
    documents: dict[int, Any] = {}
    parameters: dict[int, dict[str, Any]] = {}
    sequence: NDArray[np.int64] | None = None

    def __len__(self) -> int:
        return len(self.stream)


def batch(source: str, stream: Any, time: Any, number: Any, quality: Any = None) -> ObservationBatch:
    """A batch of numbers from anything numpy can read."""
    streams = np.ascontiguousarray(stream, dtype=np.int64)
    return ObservationBatch(
        source=source,
        stream=streams,
        time=np.ascontiguousarray(time, dtype=np.int64),
        number=np.ascontiguousarray(number, dtype=np.float64),
        quality=np.zeros(len(streams), np.uint8)
        if quality is None
        else np.ascontiguousarray(quality, np.uint8),
    )


class Refusal(msgspec.Struct, frozen=True):
    """A row that was not taken: its position in the batch, the field, and why."""

    row: int
    field: str
    reason: str


def unwritable(batch: ObservationBatch) -> list[Refusal]:
    """Rows whose text or JSON no database keeps."""
    faults = [(row, "result", text_fault(text)) for row, text in batch.texts.items()]
    faults += [(row, "result", as_json(value)[1]) for row, value in batch.documents.items()]
    faults += [(row, "parameters", as_json(value)[1]) for row, value in batch.parameters.items()]
    return [Refusal(row, name, fault) for row, name, fault in faults if fault]


class Outcome(msgspec.Struct, frozen=True):
    """What became of a sent batch: `taken` rows of it were kept, `rows` are their positions in what was sent (None: all),
    `ids` their observation ids (of a repeat: the id of the row that stands for it)."""

    taken: int
    refused: tuple[Refusal, ...] = ()
    rows: NDArray[np.int64] | None = None
    ids: NDArray[np.int64] | None = None


class Latest(msgspec.Struct, frozen=True):
    """The newest observation of each asked stream that has one: int64 stream, int64 time, float64 number."""

    stream: NDArray[np.int64]
    time: NDArray[np.int64]
    number: NDArray[np.float64]


class Rollup(msgspec.Struct, frozen=True):
    """Aggregates of windows: one row per (stream, window start). `first`/`last` are by phenomenon time.

    Rows without a number and doubted rows (quality from SUSPECT on) do not count; windows without a row that counts are
    left out.
    """

    stream: NDArray[np.int64]
    start: NDArray[np.int64]
    n: NDArray[np.int64]
    sum: NDArray[np.float64]
    min: NDArray[np.float64]
    max: NDArray[np.float64]
    first: NDArray[np.float64]
    last: NDArray[np.float64]
