"""Values of many rows at once: numbers, texts, times, truths, each with which rows have one."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from hutong.kernel.errors import Invalid

Array = NDArray[Any]
Bools = NDArray[np.bool_]
Kind = Literal["number", "text", "time", "bool", "null"]
KINDS: tuple[Kind, ...] = ("number", "text", "bool")
COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "eq": operator.eq, "ne": operator.ne, "lt": operator.lt, "le": operator.le, "gt": operator.gt, "ge": operator.ge,
}  # fmt: skip


class Vector(msgspec.Struct, frozen=True):
    """One value a row. Times are µs; `end` is set where they are intervals. `quoted`: a number that stands in quotes."""

    kind: Kind
    values: Array
    known: Bools
    end: Array | None = None
    quoted: float | None = None


class Mixed(msgspec.Struct, frozen=True):
    """Values whose kind differs from row to row (results, JSON)."""

    parts: Mapping[str, Vector]

    @property
    def known(self) -> Bools:
        return np.asarray(np.logical_or.reduce([part.known for part in self.parts.values()]), bool)


Value = Vector | Mixed


def numbers(values: Array) -> Vector:
    """NaN where there is none."""
    floats = np.asarray(values, np.float64)
    return Vector("number", floats, ~np.isnan(floats))


def texts(values: Any) -> Vector:
    """None where there is none."""
    objects = np.empty(len(values), object)
    objects[:] = values
    return Vector("text", objects, np.array([one is not None for one in values], bool))


def times(values: Array, end: Array | None = None) -> Vector:
    """−1 where there is none."""
    return Vector("time", values, values != -1, end)


def truths(values: Bools, known: Bools | None = None) -> Vector:
    return Vector("bool", values, np.ones(len(values), bool) if known is None else known)


def constant(value: Any, count: int) -> Vector:
    """The same plain value in every row."""
    every = np.ones(count, bool)
    if value is None:
        return Vector("null", np.zeros(count), ~every)
    if isinstance(value, bool):
        return Vector("bool", np.full(count, value), every)
    if isinstance(value, int | float):
        return Vector("number", np.full(count, float(value)), every)
    return Vector("text", np.full(count, value, object), every, None, _as_number(value))


def instants(start: int, count: int, end: int | None = None) -> Vector:
    """The same instant, or interval, in every row."""
    last = None if end is None else np.full(count, end, np.int64)
    return Vector("time", np.full(count, start, np.int64), np.ones(count, bool), last)


def _as_number(text: str) -> float | None:
    try:
        found = float(text)
    except ValueError:
        return None
    return found if np.isfinite(found) else None


def sparse(values: Mapping[int, Any], count: int) -> Mixed:
    """JSON values of some rows."""
    number, text = np.full(count, np.nan), np.full(count, None, object)
    truth, told = np.zeros(count, bool), np.zeros(count, bool)
    for row, value in values.items():
        if isinstance(value, bool):
            truth[row], told[row] = value, True
        elif isinstance(value, int | float):
            number[row] = value
        elif isinstance(value, str):
            text[row] = value
    return Mixed({"number": numbers(number), "text": texts(text), "bool": truths(truth, told)})


def of_kind(value: Value, kind: Kind) -> Vector:
    """The values of one kind; rows with another kind have none. Invalid where a value can never be of it."""
    if isinstance(value, Mixed):
        return value.parts[kind] if kind in value.parts else constant(None, len(value.known))
    if value.kind in {kind, "null"}:
        return value
    raise Invalid("$filter", f"{value.kind} stands where {kind} is needed", "compare values of one kind")


def compare(op: str, first: Value, second: Value) -> Bools:
    """Where the comparison holds. What has no value, or one of another kind, is only unequal."""
    if op == "ne":
        return ~compare("eq", first, second)
    for one, other in ((first, second), (second, first)):
        if isinstance(one, Vector) and one.kind == "null":
            return ~other.known if op == "eq" else np.zeros(len(one.known), bool)
    if isinstance(first, Mixed) and isinstance(second, Mixed):
        held = [_alike(op, first.parts[kind], second.parts[kind]) for kind in KINDS]
        return np.asarray(np.logical_or.reduce(held), bool)
    if isinstance(first, Mixed):
        return _mixed(op, first, second)  # type: ignore[arg-type]
    if isinstance(second, Mixed):
        return _mixed(FLIPPED[op], second, first)
    if first.kind != second.kind:
        raise Invalid("$filter", f"compares {first.kind} with {second.kind}", "compare values of one kind")
    return _alike(op, first, second)


FLIPPED = {"lt": "gt", "le": "ge", "gt": "lt", "ge": "le", "eq": "eq", "ne": "ne"}


def _mixed(op: str, first: Mixed, second: Vector) -> Bools:
    """A number in quotes is compared with numbers as a number, with texts as text."""
    if second.kind not in first.parts:
        raise Invalid("$filter", f"compares a result with {second.kind}", "compare it with text or numbers")
    held = _alike(op, first.parts[second.kind], second)
    if second.quoted is not None:
        number = constant(second.quoted, len(second.known))
        held = held | _alike(op, first.parts["number"], number)
    return held


def _alike(op: str, first: Vector, second: Vector) -> Bools:
    known = first.known & second.known
    if first.end is not None and second.end is not None:
        return known & _intervals(op, first, second)
    if first.kind != "text":
        return np.asarray(known & COMPARE[op](first.values, second.values), bool)
    held = np.zeros(len(known), bool)
    rows = np.flatnonzero(known)
    test = COMPARE[op]
    pairs = zip(first.values[rows].tolist(), second.values[rows].tolist(), strict=True)
    held[rows] = [test(one, other) for one, other in pairs]
    return held


def _intervals(op: str, first: Vector, second: Vector) -> Bools:
    """Two intervals: the same one, or one that begins before the other, or after it ended."""
    end, other = np.asarray(first.end), np.asarray(second.end)
    held: dict[str, Callable[[], Any]] = {
        "eq": lambda: (first.values == second.values) & (end == other),
        "lt": lambda: first.values < second.values,
        "le": lambda: end <= other,
        "gt": lambda: first.values >= other,
        "ge": lambda: first.values >= second.values,
    }
    return np.asarray(held[op](), bool)


def mapped(act: Callable[..., Any], *given: Vector) -> tuple[list[Any], Bools]:
    """`act` of the values of each row that has all of them; None elsewhere."""
    known = np.asarray(np.logical_and.reduce([one.known for one in given]), bool)
    found: list[Any] = [None] * len(known)
    columns = [one.values.tolist() for one in given]
    for row in np.flatnonzero(known).tolist():
        found[row] = act(*(column[row] for column in columns))
    return found, known
