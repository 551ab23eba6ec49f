"""Observations of a request as columns."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from hutong.api.sensorthings.render import RESULT_QUALITY, VALID_TIME
from hutong.api.sensorthings.times import UNSET, instant_of, interval_of, shown
from hutong.kernel.base import Instant
from hutong.kernel.errors import Invalid
from hutong.kernel.observation import ObservationBatch
from hutong.kernel.thing import Datastream


class Columns:
    """Grows row by row; optional columns exist only once a row needs them."""

    def __init__(self, now: Instant) -> None:
        self.now = now
        self.stream: list[int] = []
        self.time: list[int] = []
        self.number: list[float] = []
        self.end: dict[int, int] = {}
        self.result_time: dict[int, int] = {}
        self.feature: dict[int, int] = {}
        self.texts: dict[int, str] = {}
        self.documents: dict[int, Any] = {}
        self.parameters: dict[int, dict[str, Any]] = {}

    def __len__(self) -> int:
        return len(self.stream)

    def add(self, stream: Datastream, body: dict[str, Any], feature: int = 0) -> None:
        """One observation. Invalid names the property; the row is then not there."""
        time, end = self.now, UNSET
        if body.get("phenomenonTime") is not None:
            time, end = interval_of(body["phenomenonTime"], "phenomenonTime")
        result_time = UNSET
        if body.get("resultTime") is not None:
            result_time = instant_of(body["resultTime"], "resultTime")
        parameters = _parameters(body)
        if "result" not in body:
            raise Invalid("result", "is missing", "send the observed value")
        number, text, document = result_of(stream, body["result"])
        row = len(self.stream)
        self.stream.append(stream.id)
        self.time.append(time)
        self.number.append(number)
        if end != UNSET:
            self.end[row] = end
        if result_time != UNSET:
            self.result_time[row] = result_time
        if feature:
            self.feature[row] = feature
        if text is not None:
            self.texts[row] = text
        if document:
            self.documents[row] = document[0]
        if parameters:
            self.parameters[row] = parameters

    def batch(self, source: str) -> ObservationBatch | None:
        """The rows; None if there are none."""
        count = len(self.stream)
        if not count:
            return None
        return ObservationBatch(
            source=source,
            stream=np.array(self.stream, np.int64),
            time=np.array(self.time, np.int64),
            number=np.array(self.number, np.float64),
            quality=np.zeros(count, np.uint8),
            end_time=_column(self.end, count, UNSET),
            result_time=_column(self.result_time, count, UNSET),
            feature=_column(self.feature, count, 0),
            texts=self.texts,
            documents=self.documents,
            parameters=self.parameters,
        )


def _column(given: dict[int, int], count: int, unset: int) -> Any:
    if not given:
        return None
    column = np.full(count, unset, np.int64)
    column[list(given)] = list(given.values())
    return column


def result_of(stream: Datastream, value: Any) -> tuple[float, str | None, list[Any]]:
    """A result as number, text, and document in a list, each where the stream's kind has it."""
    if stream.result_kind in ("number", "code"):
        number = _number(value)
        if number is None or not math.isfinite(number):
            raise Invalid("result", f"{value!r} is not a number, as results of datastream {stream.id} are")
        return number, None, []
    if stream.result_kind == "text":
        if not isinstance(value, str):
            raise Invalid("result", f"{value!r} is not text, as results of datastream {stream.id} are")
        return math.nan, value, []
    number = None if isinstance(value, bool) else _number(value)
    return math.nan if number is None else number, None, [value]


def _number(value: Any) -> float | None:
    """Numbers, and numbers that were written as text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None


def _parameters(body: dict[str, Any]) -> dict[str, Any]:
    """Parameters, and beside them what has no column of its own."""
    given = body.get("parameters")
    if given is not None and not isinstance(given, dict):
        raise Invalid("parameters", "must be a JSON object", "send {…}")
    found = dict(given or {})
    if body.get("resultQuality") is not None:
        found[RESULT_QUALITY] = body["resultQuality"]
    if body.get("validTime") is not None:
        found[VALID_TIME] = shown(*interval_of(body["validTime"], "validTime"))
    return found
