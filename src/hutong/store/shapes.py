"""Geometry in a query tree: relations, distances and lengths, each between the noun's geometry and a given one."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from hutong.kernel import query
from hutong.kernel.errors import Invalid
from hutong.kernel.query import Expr
from hutong.store.layout import Noun
from hutong.store.piece import FALSE, Piece
from hutong.store.spatial import Ground, at_distance, disjoint, geometry_of, of_length, related, relating

_RELATIONS = {
    "st_within": "within",
    "st_intersects": "intersects",
    "st_contains": "contains",
    "st_touches": "touches",
    "st_disjoint": "disjoint",
    "st_equals": "equals",
    "st_overlaps": "overlaps",
    "st_crosses": "crosses",
}
_TURNED = {"within": "contains", "contains": "within"}
_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "eq": operator.eq, "ne": operator.ne, "lt": operator.lt, "le": operator.le, "gt": operator.gt, "ge": operator.ge,
}  # fmt: skip
_FLIPPED: dict[str, query.Operator] = {
    "lt": "gt", "le": "ge", "gt": "lt", "ge": "le", "eq": "eq", "ne": "ne",
}  # fmt: skip


def shape_condition(ground: Callable[[], Ground], expr: query.Call | query.Compare) -> Piece | None:
    """The condition, if it is about geometry; None if it is about something else."""
    match expr:
        case query.Call(name, args) if name in _RELATIONS or name == "st_relate":
            return _related(ground(), name, args)
        case query.Compare(op, query.Call("geo_distance" | "geo_length" as name, args), query.Value(number)):
            return _measured(ground(), op, name, args, number)
        case query.Compare(op, query.Value(number), query.Call("geo_distance" | "geo_length" as name, args)):
            return _measured(ground(), _FLIPPED[op], name, args, number)
        case query.Call("geo_distance" | "geo_length" as name, _):
            raise Invalid(name, "stands alone", "compare it with a number")
        case query.Compare(_, left, right):
            for side in (left, right):
                if isinstance(side, query.Call) and side.name in ("geo_distance", "geo_length"):
                    raise Invalid(side.name, "is compared with something else", "compare it with a number")
    return None


def _related(ground: Ground, name: str, args: tuple[Expr, ...]) -> Piece:
    pair = args[:2]
    if len(pair) == 2 and all(isinstance(one, query.Value) and one.value is None for one in pair):
        return FALSE
    turned = len(pair) == 2 and isinstance(pair[0], query.Value)
    value = _geometry(ground.noun, name, pair)
    if name == "st_relate":
        pattern = args[2].value if len(args) == 3 and isinstance(args[2], query.Value) else None
        if not isinstance(pattern, str):
            raise Invalid(name, "takes a geometry field, a geometry and a pattern")
        return relating(ground, value, _transposed(pattern) if turned else pattern)
    relation = _RELATIONS[name]
    if relation == "disjoint":
        return disjoint(ground, value)
    return related(ground, _TURNED.get(relation, relation) if turned else relation, value)


def _transposed(pattern: str) -> str:
    """The pattern seen from the other geometry."""
    return "".join(pattern[place] for place in (0, 3, 6, 1, 4, 7, 2, 5, 8)) if len(pattern) == 9 else pattern


def _measured(ground: Ground, op: query.Operator, name: str, args: tuple[Expr, ...], number: Any) -> Piece:
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise Invalid(name, f"is compared with {number!r}", "compare it with a number")
    if name == "geo_length":
        if len(args) != 1 or not isinstance(args[0], query.Field):
            raise Invalid(name, "takes a geometry field")
        _is_geometry(ground.noun, args[0])
        return of_length(ground, _COMPARE[op], float(number))
    geometry = _geometry(ground.noun, name, args)
    near = at_distance(ground, geometry, float(number), inclusive=op in ("le", "gt", "eq", "ne"))
    if op in ("lt", "le"):
        return near
    if op in ("gt", "ge"):
        return _other(ground, near)
    nearer = at_distance(ground, geometry, float(number), inclusive=False)
    exact = Piece(f"({near.sql}) AND NOT ({nearer.sql})", (*near.values, *nearer.values))
    return exact if op == "eq" else _other(ground, exact)


def _other(ground: Ground, piece: Piece) -> Piece:
    """Rows that have a geometry, without those of the piece."""
    return Piece(f"{ground.geometry} IS NOT NULL AND NOT COALESCE(({piece.sql}), 1 = 0)", piece.values)


def _geometry(noun: Noun, name: str, args: tuple[Expr, ...]) -> Any:
    """The given geometry of a field and a value, in either order."""
    fields = [arg for arg in args if isinstance(arg, query.Field)]
    values = [arg.value for arg in args if isinstance(arg, query.Value)]
    if len(fields) != 1 or len(values) != 1 or len(args) != 2:
        raise Invalid(name, "takes a geometry field and a geometry")
    _is_geometry(noun, fields[0])
    return geometry_of(values[0])


def _is_geometry(noun: Noun, field: query.Field) -> None:
    if field.path not in ((noun.geometry,), ("geometry",), ("location",), ("feature",)):
        raise Invalid("/".join(field.path), f"is not the geometry of {noun.name}")
