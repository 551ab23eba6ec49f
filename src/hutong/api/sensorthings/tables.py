"""What filters are evaluated on: blocks of observations, positions of things, extents of datastreams."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hutong.api.sensorthings.lookup import HistoricalLocation, ids_of
from hutong.api.sensorthings.render import RESULT_QUALITY, VALID_TIME
from hutong.api.sensorthings.times import interval_of
from hutong.api.sensorthings.vectors import (
    Mixed,
    Value,
    Vector,
    constant,
    numbers,
    sparse,
    texts,
    times,
    truths,
)
from hutong.kernel.errors import Invalid
from hutong.kernel.observation import ObservationBatch, Quality

Ints = NDArray[np.int64]
_COLUMNS = "phenomenonTime, resultTime, validTime, result, resultQuality, parameters/…, id, Datastream/…, FeatureOfInterest/…"


class ObservationTable:
    """Rows of a batch."""

    def __init__(self, batch: ObservationBatch) -> None:
        self.batch = batch

    def __len__(self) -> int:
        return len(self.batch)

    def linked(self, name: str) -> tuple[Ints, ...]:
        """`FeatureOfInterest` leads to the row's feature or, where it has none, to the place of its stream's thing; both
        are told as ids: those of streams stand in the second column, below 0."""
        if name == "Datastream":
            return (self.batch.stream,)
        bare = np.zeros(len(self), np.int64) if self.batch.feature is None else self.batch.feature
        return (np.where(bare == 0, -self.batch.stream, bare),)

    def column(self, path: tuple[str, ...]) -> Value:
        batch, count = self.batch, len(self)
        match path:
            case ("id",):
                return numbers(ids_of(batch))
            case ("phenomenonTime", *part) if not part or part in (["start"], ["end"]):
                return self._phenomenon(part)
            case ("resultTime",):
                unset = np.full(count, -1, np.int64)
                return times(unset if batch.result_time is None else batch.result_time)
            case ("validTime",):
                return self._valid()
            case ("resultQuality",):
                return self._quality()
            case ("result",):
                return self._result()
            case ("result", *inner):
                return sparse(_inside(batch.documents, inner), count)
            case ("parameters", *inner) if inner:
                return sparse(_inside(batch.parameters, inner), count)
        raise Invalid("$filter", f"{'/'.join(path)} is not offered for observations", f"compare {_COLUMNS}")

    def _phenomenon(self, part: list[str]) -> Vector:
        batch = self.batch
        if batch.end_time is None:
            return Vector("time", batch.time, np.ones(len(self), bool))
        end = np.where(batch.end_time < 0, batch.time, batch.end_time)
        known = np.ones(len(self), bool)
        if part:
            return Vector("time", batch.time if part == ["start"] else end, known)
        return Vector("time", batch.time, known, end)

    def _valid(self) -> Vector:
        start, end = np.full(len(self), -1, np.int64), np.full(len(self), -1, np.int64)
        for row, parameters in self.batch.parameters.items():
            if VALID_TIME in parameters:
                start[row], last = interval_of(parameters[VALID_TIME], "validTime")
                end[row] = start[row] if last == -1 else last
        return times(start, end)

    def _quality(self) -> Mixed:
        """By number, or by the name that is shown."""
        given = {
            row: one[RESULT_QUALITY] for row, one in self.batch.parameters.items() if RESULT_QUALITY in one
        }
        names = np.full(len(self), None, object)
        for code in np.unique(self.batch.quality).tolist():
            if code:
                names[self.batch.quality == code] = Quality(code).name
        for row, text in given.items():
            names[row] = text if isinstance(text, str) else None
        truth = np.zeros(len(self), bool)
        quality = numbers(self.batch.quality.astype(np.float64))
        return Mixed({"number": quality, "text": texts(names), "bool": truths(truth, truth)})

    def _result(self) -> Mixed:
        found = sparse({**self.batch.texts, **self.batch.documents}, len(self))
        number = np.where(np.isnan(self.batch.number), found.parts["number"].values, self.batch.number)
        return Mixed({**found.parts, "number": numbers(number)})


def _inside(documents: dict[int, Any], path: list[str]) -> dict[int, Any]:
    found = {}
    for row, document in documents.items():
        value = document
        for step in path:
            value = value.get(step) if isinstance(value, dict) else None
        found[row] = value
    return found


class PlaceTable:
    """HistoricalLocations."""

    def __init__(self, rows: Sequence[HistoricalLocation]) -> None:
        self.rows = rows

    def __len__(self) -> int:
        return len(self.rows)

    def linked(self, name: str) -> tuple[Ints, ...]:
        if name == "Thing":
            return (np.array([row.thing for row in self.rows], np.int64),)
        width = max((len(row.locations) for row in self.rows), default=0)
        filled = [(*row.locations, *[-1] * (width - len(row.locations))) for row in self.rows]
        return tuple(np.array(column, np.int64) for column in zip(*filled, strict=True)) or (
            np.full(len(self), -1, np.int64),
        )

    def column(self, path: tuple[str, ...]) -> Value:
        if path == ("time",):
            return times(np.array([row.time for row in self.rows], np.int64))
        if path == ("id",):
            return numbers(np.array([row.id for row in self.rows], np.float64))
        reason = f"HistoricalLocation has no {'/'.join(path)}"
        raise Invalid("$filter", reason, "compare time, id, Thing/… or Locations/…")


class ExtentTable:
    """When the observations of datastreams began and ended; −1 where there are none."""

    def __init__(self, start: Ints, end: Ints) -> None:
        self.start = start
        self.end = end

    def __len__(self) -> int:
        return len(self.start)

    def linked(self, name: str) -> tuple[Ints, ...]:
        raise Invalid("$filter", f"compares an extent with {name}", "compare it with instants")

    def column(self, path: tuple[str, ...]) -> Value:
        known = self.start != -1
        match path:
            case ("phenomenonTime",):
                return Vector("time", self.start, known, self.end)
            case ("phenomenonTime", "start"):
                return Vector("time", self.start, known)
            case ("phenomenonTime", "end"):
                return Vector("time", self.end, known)
        return constant(None, len(self))
