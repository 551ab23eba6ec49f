"""Filters and orders of entity sets as the kernel's query tree.

A path through a link to many (`Datastreams/name` of Things), or further than one step, is answered by a query on the
set it leads to, whose ids then stand in the filter; that set of ids is bounded.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from odata_query import ast

from hutong.api.sensorthings.lookup import WITHOUT_LOCATION_ROW
from hutong.api.sensorthings.model import CODE, LINKS, LOCATIONS, SETS, TYPE, EntitySet
from hutong.api.sensorthings.odata import name_of, path_of
from hutong.api.sensorthings.options import Wish
from hutong.api.sensorthings.times import instant_of
from hutong.kernel.base import Entity
from hutong.kernel.errors import Invalid
from hutong.kernel.ports import Reader
from hutong.kernel.query import (
    EVERYTHING,
    NOTHING,
    And,
    Call,
    Compare,
    Expr,
    Field,
    In,
    IsNull,
    Not,
    Or,
    Order,
    Value,
    both,
)  # fmt: skip
from hutong.kernel.thing import Datastream, Feature, Location, Thing

MOST = 10_000
"""Most entities a path through a link may stand for."""
Fields = dict[str, tuple[str, ...] | None]

COMPARATORS: dict[type, str] = {
    ast.Eq: "eq", ast.NotEq: "ne", ast.Lt: "lt", ast.LtE: "le", ast.Gt: "gt", ast.GtE: "ge",
}  # fmt: skip
_ARITHMETIC: dict[type, str] = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.Div: "div",
    ast.Mod: "mod",
}
_FUNCTIONS = {
    "contains": "contains", "startswith": "startswith", "endswith": "endswith", "length": "length",
    "tolower": "lower", "toupper": "upper", "trim": "trim", "concat": "concat", "indexof": "indexof",
    "substring": "substring", "round": "round", "floor": "floor", "ceiling": "ceiling",
    "geo.intersects": "st_intersects",
    **{f"st_{one}": f"st_{one}" for one in (
        "within", "intersects", "contains", "touches", "disjoint", "equals", "overlaps", "crosses"
    )},
}  # fmt: skip

AS_LOCATION: Fields = {
    "id": ("id",),
    "name": ("name",),
    "description": ("name",),
    "location": ("geometry",),
    "encodingType": None,
    "properties": None,
}
"""Fields of a Thing that stands for its Location; None: always null."""


class Source(msgspec.Struct, frozen=True):
    """Rows of one noun that belong to a set."""

    noun: type[Entity]
    where: Expr
    fields: Fields


def sources(of: EntitySet, within: Expr = EVERYTHING) -> list[Source]:
    """Where the rows of a set come from, of those within a filter on ids."""
    if of.noun is None:
        return []
    found = [Source(of.noun, within, dict(of.fields))]
    if of.name == "Locations":
        found.append(Source(Thing, both(WITHOUT_LOCATION_ROW, within), AS_LOCATION))
    return found


def feature_sources() -> list[Source]:
    """Where features of interest come from: their own rows, Locations, and the places of things."""
    feature, location = SETS["FeaturesOfInterest"], SETS["Locations"]
    placed: Fields = {**location.fields, "feature": ("geometry",)}
    return [
        Source(Feature, EVERYTHING, dict(feature.fields)),
        Source(Location, EVERYTHING, placed),
        Source(Thing, WITHOUT_LOCATION_ROW, {**AS_LOCATION, "feature": ("geometry",)}),
    ]


class Translator:
    """Translates for one source. `hidden`: names of properties that this reader may not compare."""

    def __init__(self, of: EntitySet, fields: Fields, reader: Reader, hidden: frozenset[str]) -> None:
        self.of = of
        self.fields = fields
        self.reader = reader
        self.hidden = hidden

    def condition(self, node: Any) -> Expr:
        """A filter as a condition on rows."""
        match node:
            case ast.BoolOp(op, left, right):
                parts = (self.condition(left), self.condition(right))
                return And(parts) if isinstance(op, ast.And) else Or(parts)
            case ast.UnaryOp(op, operand) if isinstance(op, ast.Not):
                return Not(self.condition(operand))
        linked = self._through(node)
        if linked is not None:
            return linked
        match node:
            case ast.Compare(comparator, left, right):
                return self._compare(comparator, left, right)
            case ast.Call():
                return self.value(node)
        path = path_of(node)
        if path is None:
            raise Invalid(
                "$filter", "a value stands where a condition is needed", "compare it with something"
            )
        return Compare("eq", self._field(path), Value(True))

    def _compare(self, comparator: Any, left: Any, right: Any) -> Expr:
        if isinstance(comparator, ast.In):
            return In(self.value(left), tuple(self._literal(one) for one in right.val))
        op = COMPARATORS[type(comparator)]
        first, second = self._side(left, right), self._side(right, left)
        for one, other in ((first, second), (second, first)):
            if isinstance(one, Field) and other == Value(None):
                null = IsNull(one)
                return null if op == "eq" else Not(null)
        return Compare(op, first, second)  # type: ignore[arg-type]

    def _side(self, node: Any, other: Any) -> Expr:
        """One side of a comparison: ids as numbers; a bare word that names nothing is text (as pygeoapi writes it)."""
        beside = path_of(other)
        if beside is not None and beside[-1] == "id" and isinstance(node, ast.String) and node.val.isdigit():
            return Value(int(node.val))
        path = path_of(node)
        if path is not None and beside is not None and not self._known(path) and self._known(beside):
            return Value("/".join(path))
        return self.value(node)

    def _known(self, path: tuple[str, ...]) -> bool:
        return path[0] in self.fields or path[0] in self.of.properties or path[0] in self.of.navs

    def value(self, node: Any) -> Expr:
        """A value: a field, a literal, arithmetic, a function."""
        path = path_of(node)
        if path is not None:
            return self._field(path)
        match node:
            case ast.BinOp(op, left, right):
                return Call(_ARITHMETIC[type(op)], (self.value(left), self.value(right)))
            case ast.UnaryOp(op, operand) if isinstance(op, ast.USub):
                return Call("sub", (Value(0), self.value(operand)))
            case ast.Call(func, args):
                return self._call(name_of(func), args)
        return Value(self._literal(node))

    def _call(self, name: str, args: list[Any]) -> Expr:
        if name == "substringof":
            name, args = "contains", args[::-1]
        known = _FUNCTIONS.get(name)
        if known is None:
            raise Invalid("$filter", f"{name} is not offered for {self.of.name}", "use another comparison")
        return Call(known, tuple(self.value(one) for one in args))

    def _literal(self, node: Any) -> Any:
        match node:
            case ast.Null():
                return None
            case ast.DateTime(val):
                return instant_of(val, "$filter")
            case ast.Geography(val):
                return val.rpartition(";")[2]
            case ast.Integer() | ast.Float() | ast.Boolean() | ast.String():
                return node.py_val
        raise Invalid(
            "$filter", f"{type(node).__name__} is not offered here", "use text, numbers or instants"
        )

    def _field(self, path: tuple[str, ...]) -> Expr:
        place = self.place(path)
        return Value(None) if place is None else Field(place)

    def place(self, path: tuple[str, ...]) -> tuple[str, ...] | None:
        """The field of a property path; None: always null. Invalid names what there is."""
        if path[0] == "properties" and len(path) > 1:
            return self._in_properties(path[1:])
        known = "/".join(path)
        if known in self.fields:
            return self.fields[known]
        link = LINKS.get((self.of.name, path[0]))
        if link is not None and len(path) > 1:
            target = SETS[self.of.navs[path[0]].to]
            inner = Translator(target, dict(target.fields), self.reader, self.hidden).place(path[1:])
            return (link,) if inner == ("id",) else (link, *(inner or ()))
        names = ", ".join(sorted(self.fields))
        raise Invalid("$filter", f"{self.of.single} has no {known}", f"compare one of {names}")

    def _in_properties(self, path: tuple[str, ...]) -> tuple[str, ...] | None:
        if self.of.name == "Things" and path in ((TYPE,), (CODE,)):
            return (path[0].removeprefix("hutong:"),)
        if path[0] in self.hidden or path[0].startswith("hutong:"):
            raise Invalid("$filter", f"properties/{path[0]} cannot be compared", "ask for the entity itself")
        base = self.fields["properties"]
        return None if base is None else (*base, *path)

    def _through(self, node: Any) -> Expr | None:
        """A comparison or function on a path that leads to another set, by a query there; None if it stays here."""
        paths = paths_in(node)
        ahead = {path[0] for path in paths if path[0] in self.of.navs and len(path) > 1}
        if len(ahead) != 1 or any(path[0] in self.fields for path in paths):
            return None
        name = ahead.pop()
        if self.of.name == "Things" and name == "Locations" and all(path[1] == "location" for path in paths):
            inner = Translator(self.of, {"location": ("geometry",)}, self.reader, self.hidden)
            return inner.condition(without(node, name))
        simple = (self.of.name, name) in LINKS and all(
            len(path) == 2 and path[1] in SETS[self.of.navs[name].to].fields
            for path in paths
            if path[0] == name
        )
        return None if simple else self._linked(name, without(node, name))

    def _linked(self, name: str, node: Any) -> Expr:
        """Rows linked by `name` to an entity that the node holds for."""
        target = SETS[self.of.navs[name].to]
        gather = _GATHER.get((self.of.name, name))
        if gather is None:
            raise Invalid("$filter", f"{self.of.name} cannot be filtered by {name}", f"filter {name} instead")
        ids: set[int] = set()
        for source in sources(target):
            where = Translator(target, source.fields, self.reader, self.hidden).condition(node)
            page = self.reader.find(source.noun, both(source.where, where), limit=MOST)
            if page.after is not None:
                raise Invalid("$filter", f"the condition on {name} holds for more than {MOST}", "narrow it")
            for row in page.rows:
                ids |= gather(row)
        link = LINKS.get((self.of.name, name), "id")
        return In(Field((link,)), tuple(sorted(ids))) if ids else NOTHING

    def order(self, wishes: tuple[Wish, ...]) -> list[Order]:
        """The order in fields of the noun."""
        placed = [(self.place(wish.path), wish.descending) for wish in wishes]
        return [Order(path, descending) for path, descending in placed if path is not None]


def _located(row: Any) -> set[int]:
    return set(row.things) if isinstance(row, Location) else {row.id}


def _places(row: Thing) -> set[int]:
    return {row.id, *row.properties.get(LOCATIONS, ())}


def _own(row: Entity) -> set[int]:
    return {row.id}


def _of_stream(field: str) -> Callable[[Any], set[int]]:
    def gather(row: Datastream) -> set[int]:
        return {getattr(row, field)}

    return gather


_GATHER: dict[tuple[str, str], Callable[[Any], set[int]]] = {
    ("Things", "Datastreams"): _of_stream("thing"),
    ("Sensors", "Datastreams"): _of_stream("sensor"),
    ("ObservedProperties", "Datastreams"): _of_stream("observed_property"),
    ("Things", "Locations"): _located,
    ("Locations", "Things"): _places,
    ("Datastreams", "Thing"): _own,
    ("Datastreams", "Sensor"): _own,
    ("Datastreams", "ObservedProperty"): _own,
}
"""From a row of the set a link leads to: the ids it stands for on this side."""


def paths_in(node: Any) -> list[tuple[str, ...]]:
    """All property paths in a filter or part of one."""
    path = path_of(node)
    if path is not None:
        return [path]
    match node:
        case ast.Compare(_, left, right) | ast.BinOp(_, left, right) | ast.BoolOp(_, left, right):
            return paths_in(left) + paths_in(right)
        case ast.UnaryOp(_, operand):
            return paths_in(operand)
        case ast.Call(_, args):
            return [path for one in args for path in paths_in(one)]
    return []


def without(node: Any, first: str) -> Any:
    """The node with the first step taken off its paths."""
    path = path_of(node)
    if path is not None:
        return _path_node(path[1:]) if path[0] == first and len(path) > 1 else node
    match node:
        case ast.Compare(comparator, left, right):
            return ast.Compare(comparator, without(left, first), without(right, first))
        case ast.BinOp(op, left, right):
            return ast.BinOp(op, without(left, first), without(right, first))
        case ast.BoolOp(word, left, right):
            return ast.BoolOp(word, without(left, first), without(right, first))
        case ast.UnaryOp(op, operand):
            return ast.UnaryOp(op, without(operand, first))
        case ast.Call(func, args):
            return ast.Call(func, [without(one, first) for one in args])
    return node


def _path_node(path: tuple[str, ...]) -> Any:
    node: Any = ast.Identifier(path[0])
    for step in path[1:]:
        node = ast.Attribute(node, step)
    return node
