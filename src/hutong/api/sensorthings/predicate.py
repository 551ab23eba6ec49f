"""Filters on observations, evaluated on columns of one stream."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from odata_query import ast

from hutong.api.sensorthings.lookup import ids_of
from hutong.api.sensorthings.odata import name_of, path_of
from hutong.api.sensorthings.times import instant_of
from hutong.api.sensorthings.translate import COMPARATORS
from hutong.kernel.base import Instant
from hutong.kernel.errors import Invalid
from hutong.kernel.observation import ObservationBatch

Array = NDArray[Any]
Bools = NDArray[np.bool_]
_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "eq": operator.eq, "ne": operator.ne, "lt": operator.lt, "le": operator.le, "gt": operator.gt, "ge": operator.ge,
}  # fmt: skip
_ARITHMETIC: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: np.divide, ast.Mod: np.fmod,
}  # fmt: skip
_PARTS = {"hour": (3_600, 24), "minute": (60, 60), "second": (1, 60)}
_ROUNDED: dict[str, Callable[[Any], Any]] = {
    "round": lambda value: np.sign(value) * np.floor(np.abs(value) + 0.5), "floor": np.floor, "ceiling": np.ceil,
}  # fmt: skip
_TEXTS: dict[str, Callable[[str, str], bool]] = {
    "contains": lambda text, part: part in text,
    "substringof": lambda part, text: part in text,
    "startswith": lambda text, part: text.startswith(part),
    "endswith": lambda text, part: text.endswith(part),
}
_FOLDED: dict[str, Callable[[str], Any]] = {
    "tolower": str.lower, "toupper": str.upper, "trim": str.strip, "length": len,
}  # fmt: skip
_COLUMNS = "phenomenonTime, resultTime, result, resultQuality, id, FeatureOfInterest/id, parameters/…"


class Result(msgspec.Struct, frozen=True):
    """The result column: numbers (NaN where there is none) and texts (None where there is none)."""

    numbers: NDArray[np.float64]
    texts: list[str | None]


class Features(msgspec.Struct, frozen=True):
    """Features that were asked for: their ids, the streams whose rows without a feature are about them, and all streams
    that may hold such rows."""

    ids: NDArray[np.int64]
    standing: NDArray[np.int64]
    seen_in: frozenset[int]

    def rows(self, batch: ObservationBatch) -> Bools:
        bare = np.isin(batch.stream, self.standing)
        if batch.feature is None:
            return bare
        return np.where(batch.feature == 0, bare, np.isin(batch.feature, self.ids))


class Predicate:
    """A filter over the rows of one batch. Times are int64 µs, −1 where unset."""

    def __init__(self, node: Any, now: Instant, features: Features | None = None) -> None:
        self.node = node
        self.now = now
        self.features = features

    def rows(self, batch: ObservationBatch) -> Bools:
        """Which rows the filter holds for."""
        held = np.ones(len(batch), bool) if self.node is None else self._condition(self.node, batch)
        return held if self.features is None else held & self.features.rows(batch)

    def _condition(self, node: Any, batch: ObservationBatch) -> Bools:
        match node:
            case ast.BoolOp(op, left, right):
                first, second = self._condition(left, batch), self._condition(right, batch)
                return first & second if isinstance(op, ast.And) else first | second
            case ast.UnaryOp(op, operand) if isinstance(op, ast.Not):
                return ~self._condition(operand, batch)
            case ast.Compare(comparator, left, right):
                return self._compare(comparator, left, right, batch)
            case ast.Call(func, args) if name_of(func) in _TEXTS:
                return self._text_test(_TEXTS[name_of(func)], args, batch)
            case ast.Call(func, args) if name_of(func) in ("before", "after"):
                first, second = (self._value(one, batch) for one in args)
                held = first < second if name_of(func) == "before" else first > second
                return np.broadcast_to(np.asarray(held, bool), len(batch))
        raise Invalid("$filter", f"{_named(node)} is no condition on observations", f"compare {_COLUMNS}")

    def _compare(self, comparator: Any, left: Any, right: Any, batch: ObservationBatch) -> Bools:
        if isinstance(comparator, ast.In):
            hits = [self._compare(ast.Eq(), left, one, batch) for one in right.val]
            return np.logical_or.reduce(hits) if hits else np.zeros(len(batch), bool)
        compare = _COMPARE[COMPARATORS[type(comparator)]]
        first, second = self._value(left, batch), self._value(right, batch)
        if isinstance(first, Result) or isinstance(second, Result):
            return _compare_results(compare, first, second, len(batch))
        if first is None or second is None:
            return self._with_null(compare, second if first is None else first, len(batch))
        try:
            held = compare(first, second)
        except (TypeError, ValueError):
            held = None
        if not isinstance(held, np.ndarray | np.bool_ | bool):
            raise Invalid("$filter", "compares values of different kinds", "compare text with text")
        return np.broadcast_to(np.asarray(held, bool), len(batch))

    def _with_null(self, compare: Callable[[Any, Any], Any], value: Any, count: int) -> Bools:
        """Times and lists against null."""
        if isinstance(value, np.ndarray):
            unset = value == -1 if value.dtype == np.int64 else np.array([one is None for one in value], bool)
        else:
            unset = np.full(count, value is None)
        return (
            unset if compare is operator.eq else ~unset if compare is operator.ne else np.zeros(count, bool)
        )

    def _value(self, node: Any, batch: ObservationBatch) -> Any:
        path = path_of(node)
        if path is not None:
            return _column(path, batch)
        match node:
            case ast.BinOp(op, left, right):
                return self._arithmetic(op, self._value(left, batch), self._value(right, batch))
            case ast.UnaryOp(op, operand) if isinstance(op, ast.USub):
                return -_number(self._value(operand, batch))
            case ast.Call(func, args):
                return self._call(name_of(func), args, batch)
            case ast.DateTime(val):
                return instant_of(val, "$filter")
            case ast.Date(val):
                return instant_of(f"{val}T00:00:00Z", "$filter")
            case ast.Duration():
                return round(node.py_val.total_seconds() * 1_000_000)
            case ast.Null() | ast.Integer() | ast.Float() | ast.Boolean() | ast.String():
                return None if isinstance(node, ast.Null) else node.py_val
        raise Invalid("$filter", f"{_named(node)} is not offered for observations", f"compare {_COLUMNS}")

    def _arithmetic(self, op: Any, first: Any, second: Any) -> Any:
        with np.errstate(all="ignore"):
            return _ARITHMETIC[type(op)](_number(first), _number(second))

    def _call(self, name: str, args: list[Any], batch: ObservationBatch) -> Any:
        if name == "now":
            return self.now
        if name in _FOLDED:
            folded = [
                None if one is None else _FOLDED[name](one) for one in _strings(self._value(args[0], batch))
            ]
            if name == "length":
                return np.array([-1 if one is None else one for one in folded], np.float64)
            return np.array(folded, object)
        value = self._value(args[0], batch) if args else None
        if name in _ROUNDED:
            return _ROUNDED[name](_number(value))
        if isinstance(value, np.ndarray | int) and not isinstance(value, bool):
            found = _part(name, np.asarray(value, np.int64))
            if found is not None:
                return found
        raise Invalid("$filter", f"{name} is not offered for observations", "filter by time range and result")

    def _text_test(self, test: Callable[[str, str], bool], args: list[Any], batch: ObservationBatch) -> Bools:
        columns = [_strings(self._value(one, batch)) for one in args]
        first, second = (column * len(batch) if len(column) == 1 else column for column in columns)
        return np.array(
            [a is not None and b is not None and test(a, b) for a, b in zip(first, second, strict=False)],
            bool,
        )


def _column(path: tuple[str, ...], batch: ObservationBatch) -> Any:
    count = len(batch)
    match path:
        case ("id",):
            return ids_of(batch)
        case ("phenomenonTime",) | ("phenomenonTime", "start"):
            return batch.time
        case ("phenomenonTime", "end"):
            return (
                batch.time
                if batch.end_time is None
                else np.where(batch.end_time < 0, batch.time, batch.end_time)
            )
        case ("resultTime",):
            return np.full(count, -1, np.int64) if batch.result_time is None else batch.result_time
        case ("resultQuality",):
            return batch.quality.astype(np.float64)
        case ("FeatureOfInterest", "id"):
            return np.zeros(count, np.int64) if batch.feature is None else batch.feature
        case ("result", *inner):
            return _result(batch) if not inner else _inside(batch.documents, inner, count)
        case ("parameters", *inner) if inner:
            return _inside(batch.parameters, inner, count)
    raise Invalid("$filter", f"{'/'.join(path)} is not offered for observations", f"compare {_COLUMNS}")


def _result(batch: ObservationBatch) -> Result:
    texts: list[str | None] = [None] * len(batch)
    for row, text in batch.texts.items():
        texts[row] = text
    for row, document in batch.documents.items():
        texts[row] = document if isinstance(document, str) else None
    return Result(batch.number, texts)


def _inside(documents: dict[int, Any], path: list[str], count: int) -> Array:
    found = np.full(count, None, object)
    for row, document in documents.items():
        value = document
        for step in path:
            value = value.get(step) if isinstance(value, dict) else None
        found[row] = value
    return found


def _compare_results(compare: Callable[[Any, Any], Any], first: Any, second: Any, count: int) -> Bools:
    """Numbers numerically, also where the number was written as text; texts as texts."""
    held = np.zeros(count, bool)
    numbers = [_numbers_of(one) for one in (first, second)]
    if numbers[0] is not None and numbers[1] is not None:
        both = np.broadcast_to(~np.isnan(numbers[0]) & ~np.isnan(numbers[1]), count)
        held |= both & np.broadcast_to(compare(numbers[0], numbers[1]), count)
    a, b = (_strings(one) * (count if not isinstance(one, Result) else 1) for one in (first, second))
    for row in [row for row in range(count) if _has_text(first, row) or _has_text(second, row)]:
        held[row] |= a[row] is not None and b[row] is not None and bool(compare(a[row], b[row]))
    return held


def _has_text(value: Any, row: int) -> bool:
    return isinstance(value, Result) and value.texts[row] is not None


def _numbers_of(value: Any) -> Any:
    if isinstance(value, Result):
        return value.numbers
    if isinstance(value, str):
        try:
            return np.float64(value)
        except ValueError:
            return None
    return None if value is None or isinstance(value, bool) else np.asarray(value, np.float64)


def _number(value: Any) -> Any:
    if isinstance(value, Result):
        return value.numbers
    if isinstance(value, str) or value is None or (isinstance(value, np.ndarray) and value.dtype == object):
        raise Invalid("$filter", "arithmetic needs numbers", "compare text with eq, contains or startswith")
    return value


def _strings(value: Any) -> list[str | None]:
    if isinstance(value, Result):
        return value.texts
    if isinstance(value, np.ndarray):
        return [one if isinstance(one, str) else None for one in value.tolist()]
    return [value if isinstance(value, str) else None]


def _part(name: str, at: NDArray[np.int64]) -> Array | None:
    """A part of an instant in UTC."""
    seconds = at // 1_000_000
    if name in _PARTS:
        per, most = _PARTS[name]
        return seconds // per % most
    days = at.astype("datetime64[us]").astype("datetime64[D]")
    if name == "date":
        return days.astype("datetime64[us]").astype(np.int64)
    months = days.astype("datetime64[M]")
    match name:
        case "year":
            return np.asarray(months.astype("datetime64[Y]").astype(np.int64) + 1970)
        case "month":
            return np.asarray(months.astype(np.int64) % 12 + 1)
        case "day":
            return np.asarray((days - months.astype("datetime64[D]")).astype(np.int64) + 1)
        case "fractionalseconds":
            return np.asarray(at % 1_000_000 / 1_000_000)
    return None


def _named(node: Any) -> str:
    return name_of(node.func) if isinstance(node, ast.Call) else type(node).__name__
