"""Filters evaluated on columns: observations of a block, positions of things, extents of datastreams."""

from __future__ import annotations

from typing import Any, Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray
from odata_query import ast

from hutong.api.sensorthings.evaluate import COMPARATORS, Evaluator
from hutong.api.sensorthings.odata import chain, name_of, path_of
from hutong.api.sensorthings.vectors import Bools, Value, compare, constant
from hutong.kernel.base import Instant
from hutong.kernel.errors import Invalid


class Table(Protocol):
    """Rows with named columns."""

    def __len__(self) -> int: ...

    def column(self, path: tuple[str, ...]) -> Value:
        """Values at a property path; Invalid names what there is."""
        ...

    def linked(self, name: str) -> tuple[NDArray[np.int64], ...]:
        """Ids that a link leads to, per row: usually one column, more where a row leads to several."""
        ...


class Among(msgspec.Struct, frozen=True):
    """Rows whose link leads to one of these; a condition on what a link leads to, answered beforehand."""

    link: str
    ids: NDArray[np.int64]


class Predicate:
    """A filter over the rows of a table."""

    def __init__(self, node: Any, now: Instant) -> None:
        self.node = node
        self.now = now

    def rows(self, table: Table) -> Bools:
        """Which rows the filter holds for."""
        if self.node is None:
            return np.ones(len(table), bool)
        return self._condition(self.node, table)

    def _condition(self, node: Any, table: Table) -> Bools:
        match node:
            case Among(link, ids):
                columns = table.linked(link)
                return np.asarray(np.logical_or.reduce([np.isin(one, ids) for one in columns]), bool)
            case ast.BoolOp(op, _, _):
                parts = [self._condition(one, table) for one in chain(node, type(op))]
                join = np.logical_and if isinstance(op, ast.And) else np.logical_or
                return np.asarray(join.reduce(parts), bool)
            case ast.UnaryOp(op, operand) if isinstance(op, ast.Not):
                return ~self._condition(operand, table)
            case ast.Compare(comparator, left, right):
                return self._compare(comparator, left, right, table)
        return self._truth(node, table)

    def _truth(self, node: Any, table: Table) -> Bools:
        """A function or a property that stands alone."""
        named = name_of(node.func) if isinstance(node, ast.Call) else "/".join(path_of(node) or ("a value",))
        value = Evaluator(table, self.now).value(node)
        if path_of(node) is None and (not hasattr(value, "kind") or value.kind != "bool"):
            raise Invalid("$filter", f"{named} is no condition", "compare it with something")
        return compare("eq", value, constant(True, len(table)))

    def _compare(self, comparator: Any, left: Any, right: Any, table: Table) -> Bools:
        evaluator = Evaluator(table, self.now)
        if isinstance(comparator, ast.In):
            first = evaluator.value(left)
            hits = [compare("eq", first, evaluator.value(one)) for one in right.val]
            return np.asarray(np.logical_or.reduce(hits), bool) if hits else np.zeros(len(table), bool)
        op = COMPARATORS[type(comparator)]
        first, second = evaluator.value(left), evaluator.value(right)
        if path_of(left) == ("id",):
            second = _number(second)
        if path_of(right) == ("id",):
            first = _number(first)
        return compare(op, first, second)


def _number(value: Value) -> Value:
    """An id in quotes is a number."""
    quoted = getattr(value, "quoted", None)
    return value if quoted is None else constant(quoted, len(value.known))
