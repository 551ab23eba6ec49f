"""Values of filter expressions over the rows of a table: paths, literals, arithmetic and the standard's functions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol

import numpy as np
from odata_query import ast

from hutong.api.sensorthings.odata import name_of, path_of
from hutong.api.sensorthings.times import instant_of
from hutong.api.sensorthings.vectors import (
    Bools,
    Value,
    Vector,
    constant,
    instants,
    mapped,
    numbers,
    of_kind,
    texts,
    truths,
)  # fmt: skip
from hutong.kernel.base import Instant
from hutong.kernel.errors import Invalid

COMPARATORS: dict[type, str] = {
    ast.Eq: "eq", ast.NotEq: "ne", ast.Lt: "lt", ast.LtE: "le", ast.Gt: "gt", ast.GtE: "ge",
}  # fmt: skip
MIN_TIME = -62_135_596_800_000_000
MAX_TIME = 253_402_300_799_999_999
"""0001-01-01T00:00:00Z and 9999-12-31T23:59:59.999999Z."""
DAY = 86_400_000_000
_FOLD = str.maketrans({chr(one): chr(one + 32) for one in range(ord("A"), ord("Z") + 1)})
_RAISE = str.maketrans({chr(one): chr(one - 32) for one in range(ord("a"), ord("z") + 1)})
_TESTS: dict[str, Callable[[str, str], bool]] = {
    "contains": lambda text, part: part in text,
    "substringof": lambda part, text: part in text,
    "startswith": str.startswith,
    "endswith": str.endswith,
}
_TO_TEXT: dict[str, Callable[..., str]] = {
    "tolower": lambda text: text.translate(_FOLD),
    "toupper": lambda text: text.translate(_RAISE),
    "trim": lambda text: text.strip(" "),
    "concat": lambda one, other: one + other,
}
_TO_NUMBER: dict[str, Callable[..., float]] = {"length": len, "indexof": lambda text, part: text.find(part)}
_ROUNDED: dict[str, Callable[[Any], Any]] = {
    "round": lambda value: np.sign(value) * np.floor(np.abs(value) + 0.5), "floor": np.floor, "ceiling": np.ceil,
}  # fmt: skip
_PARTS = {"hour": (3_600, 24), "minute": (60, 60), "second": (1, 60)}
DATE_PARTS = (
    *_PARTS, "year", "month", "day", "fractionalseconds", "date", "time", "totaloffsetminutes",
)  # fmt: skip
TEMPORAL = ("before", "after", "during", "overlaps", "meets", "starts", "finishes")


class Columns(Protocol):
    def __len__(self) -> int: ...

    def column(self, path: tuple[str, ...]) -> Value: ...


class Evaluator:
    """Evaluates over one table."""

    def __init__(self, table: Columns, now: Instant) -> None:
        self.table = table
        self.now = now
        self.count = len(table)

    def value(self, node: Any) -> Value:
        """The values of an expression, one a row."""
        path = path_of(node)
        if path is not None:
            return self.table.column(path)
        match node:
            case ast.BinOp(op, left, right):
                return self._arithmetic(op, self.value(left), self.value(right))
            case ast.UnaryOp(op, operand) if isinstance(op, ast.USub):
                given = of_kind(self.value(operand), "number")
                return Vector("number", -given.values, given.known)
            case ast.Call(func, args):
                return self._call(name_of(func), args)
        return self._literal(node)

    def _literal(self, node: Any) -> Vector:
        match node:
            case ast.DateTime(val):
                return instants(instant_of(val, "$filter"), self.count)
            case ast.Date(val):
                return instants(instant_of(f"{val}T00:00:00Z", "$filter"), self.count)
            case ast.Time(val):
                return constant(instant_of(f"1970-01-01T{val}Z", "$filter"), self.count)
            case ast.Duration():
                return constant(duration_of(node), self.count)
            case ast.Null():
                return constant(None, self.count)
            case ast.Integer() | ast.Float() | ast.Boolean() | ast.String():
                return constant(node.py_val, self.count)
        raise Invalid(
            "$filter", f"{type(node).__name__} is not offered here", "use text, numbers or instants"
        )

    def _arithmetic(self, op: Any, first: Value, second: Value) -> Vector:
        if isinstance(first, Vector) and first.kind == "time" and isinstance(op, ast.Add | ast.Sub):
            return _moved(op, first, second)
        one, other = of_kind(first, "number"), of_kind(second, "number")
        with np.errstate(all="ignore"):
            known = one.known & other.known
            match op:
                case ast.Add():
                    found = one.values + other.values
                case ast.Sub():
                    found = one.values - other.values
                case ast.Mult():
                    found = one.values * other.values
                case ast.Div():
                    found = np.where(other.values == 0, np.nan, one.values / other.values)
                case _:
                    found = np.where(other.values == 0, np.nan, np.fmod(one.values, other.values))
        return Vector("number", found, known & ~np.isnan(found))

    def _call(self, name: str, args: list[Any]) -> Value:
        match name:
            case "now":
                return instants(self.now, self.count)
            case "mindatetime":
                return instants(MIN_TIME, self.count)
            case "maxdatetime":
                return instants(MAX_TIME, self.count)
            case "totaloffsetminutes" if isinstance(args[0], ast.DateTime):
                return constant(offset_of(args[0].val), self.count)
        if name.startswith(("st_", "geo.")):
            where = "they take FeatureOfInterest/feature or Datastream/Thing/Locations/location"
            raise Invalid("$filter", f"{name} is not offered for what is compared here", where)
        given = [self.value(one) for one in args]
        if name == "interval":
            return _interval(of_kind(given[0], "time"), of_kind(given[1], "time"))
        if name in TEMPORAL:
            return truths(_temporal(name, of_kind(given[0], "time"), of_kind(given[1], "time")))
        if name in DATE_PARTS:
            return _part(name, of_kind(given[0], "time"))
        if name in _ROUNDED:
            number = of_kind(given[0], "number")
            return Vector("number", _ROUNDED[name](number.values), number.known)
        return _of_text(name, given)


def _of_text(name: str, given: list[Value]) -> Vector:
    """Functions on texts."""
    if name == "substring":
        counts = [of_kind(one, "number") for one in given[1:]]
        return texts(mapped(_substring, of_kind(given[0], "text"), *counts)[0])
    some = [of_kind(one, "text") for one in given]
    if name in _TESTS:
        found, known = mapped(_TESTS[name], *some)
        return truths(np.array([one is True for one in found], bool), known)
    if name in _TO_TEXT:
        return texts(mapped(_TO_TEXT[name], *some)[0])
    if name in _TO_NUMBER:
        found, _ = mapped(_TO_NUMBER[name], *some)
        return numbers(np.array([np.nan if one is None else one for one in found]))
    raise Invalid("$filter", f"{name} is not offered here", "use another function")


def _substring(text: str, start: float, length: float | None = None) -> str:
    first = max(int(start), 0)
    return text[first:] if length is None else text[first : first + max(int(length), 0)]


def _moved(op: Any, first: Vector, second: Value) -> Vector:
    """An instant a duration later or earlier; the time between two instants, in µs."""
    if isinstance(second, Vector) and second.kind == "time" and isinstance(op, ast.Sub):
        known = first.known & second.known
        return Vector("number", (first.values - second.values).astype(np.float64), known)
    other = of_kind(second, "number")
    shift = np.where(other.known, other.values, 0).astype(np.int64)
    moved = first.values + shift if isinstance(op, ast.Add) else first.values - shift
    return Vector("time", moved, first.known & other.known)


def _interval(start: Vector, end: Vector) -> Vector:
    return Vector("time", start.values, start.known & end.known, end.values)


def _temporal(name: str, first: Vector, second: Vector) -> Bools:
    """Relations of instants and intervals [start, end); an instant is an interval without length."""
    a, b = first.values, second.values
    c = a if first.end is None else first.end
    d = b if second.end is None else second.end
    known = first.known & second.known
    match name:
        case "before":
            held = np.where((a == c) & (b == d), a < b, np.where(a == c, c < b, c <= b))
        case "after":
            held = np.where((a == c) & (b == d), a > b, np.where(b == d, a > d, a >= d))
        case "meets":
            held = (c == b) | (d == a)
        case "during":
            held = (b <= a) & np.where(a == c, (a < d) | (b == d), c <= d)
        case "overlaps":
            held = ((a < d) & (b < c)) | ((a == b) & ((a == c) | (b == d)))
        case "starts":
            held = a == b
        case _:
            held = c == d
    return np.asarray(known & held, bool)


def _part(name: str, given: Vector) -> Vector:
    """A part of an instant in UTC; of an interval, of its start."""
    at, known = np.where(given.known, given.values, 0), given.known
    seconds = at // 1_000_000
    days = at.astype("datetime64[us]").astype("datetime64[D]")
    months = days.astype("datetime64[M]")
    if name in _PARTS:
        per, most = _PARTS[name]
        found: Any = seconds // per % most
    elif name == "date":
        return Vector("time", at // DAY * DAY, known)
    elif name == "time":
        found = at % DAY
    elif name == "year":
        found = months.astype("datetime64[Y]").astype(np.int64) + 1970
    elif name == "month":
        found = months.astype(np.int64) % 12 + 1
    elif name == "day":
        found = (days - months.astype("datetime64[D]")).astype(np.int64) + 1
    else:
        found = at % 1_000_000 / 1_000_000 if name == "fractionalseconds" else np.zeros(len(at))
    return Vector("number", np.asarray(found, np.float64), known)


def duration_of(node: ast.Duration) -> int:
    """µs of a duration. Invalid if it cannot be told."""
    try:
        return round(node.py_val.total_seconds() * 1_000_000)
    except (ValueError, OverflowError, ArithmeticError):
        raise Invalid("$filter", f"{node.val!r} is no duration", "write it like duration'PT1H'") from None


def offset_of(text: str) -> int:
    """Minutes that an instant's clock is ahead of UTC."""
    instant_of(text, "$filter")
    offset = datetime.fromisoformat(text).utcoffset()
    return 0 if offset is None else round(offset.total_seconds() / 60)
