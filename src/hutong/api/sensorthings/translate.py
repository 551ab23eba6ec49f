"""Filters and orders of entity sets as the kernel's query tree, which the store compiles to SQL.

A path through a link (`Datastreams/ObservedProperty/name` of Things) becomes a query on the set it leads to, inside the
same SQL. Conditions joined by `and` that lead through one link speak of the same entity there. What is worked out and
not stored (extents of datastreams, observations, historical locations) is answered beforehand by `Beyond` as ids.
"""

from __future__ import annotations

from typing import Any, Protocol

from odata_query import ast

from hutong.api.sensorthings.evaluate import COMPARATORS
from hutong.api.sensorthings.links import AS_LOCATION, Fields, Source, Step, same_row, steps
from hutong.api.sensorthings.model import CODE, LINKS, SETS, STREAMS, TYPE
from hutong.api.sensorthings.odata import chain, joined, name_of, path_of, paths_in, without
from hutong.api.sensorthings.options import Wish
from hutong.kernel.errors import Invalid
from hutong.kernel.query import (
    And,
    Call,
    Compare,
    Expr,
    Field,
    In,
    IsNull,
    Linked,
    Not,
    Or,
    Order,
    Value,
    both,
)  # fmt: skip
from hutong.kernel.thing import Feature, Thing

_ARITHMETIC: dict[type, str] = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.Div: "div",
    ast.Mod: "mod",
}
RELATIONS = (
    "st_within", "st_intersects", "st_contains", "st_touches", "st_disjoint", "st_equals", "st_overlaps",
    "st_crosses", "st_relate",
)  # fmt: skip
_FUNCTIONS = {
    "contains": "contains", "startswith": "startswith", "endswith": "endswith", "length": "length",
    "tolower": "lower", "toupper": "upper", "trim": "trim", "concat": "concat", "indexof": "indexof",
    "substring": "substring", "round": "round", "floor": "floor", "ceiling": "ceiling",
    "geo.intersects": "st_intersects", "geo.distance": "geo_distance", "geo.length": "geo_length",
    **{one: one for one in RELATIONS},
}  # fmt: skip
WORKED_OUT = ("phenomenonTime", "resultTime")
"""Properties of datastreams that are told by their observations."""


class Beyond(Protocol):
    """Answers what is not kept in rows."""

    hidden: frozenset[str]

    def beyond(self, source: Source, name: str, node: Any) -> Expr | None:
        """Rows of a source that a condition on what the link or property `name` tells holds for; None where the store can
        be asked."""
        ...


class Translator:
    """Translates for one source of rows."""

    def __init__(self, source: Source, beyond: Beyond) -> None:
        self.source = source
        self.of = source.of
        self.fields: Fields = source.fields
        self.outside = beyond

    def condition(self, node: Any) -> Expr:
        """A filter as a condition on rows."""
        match node:
            case ast.BoolOp(op, _, _) if isinstance(op, ast.And):
                return And(tuple(self._leaf(one) for one in self._grouped(chain(node, ast.And))))
            case ast.BoolOp():
                return Or(tuple(self.condition(one) for one in chain(node, ast.Or)))
            case ast.UnaryOp(op, operand) if isinstance(op, ast.Not):
                return Not(self.condition(operand))
        return self._leaf(node)

    def _grouped(self, parts: list[Any]) -> list[Any]:
        """Parts that lead through the same link, put together."""
        groups: dict[str, list[Any]] = {}
        rest: list[Any] = []
        for part in parts:
            ahead = self._ahead(part)
            (groups.setdefault(ahead, []) if ahead else rest).append(part)
        return rest + [joined(ast.And, some) for some in groups.values()]

    def _ahead(self, node: Any) -> str | None:
        """The link that all paths of the node lead through."""
        firsts = {path[0] if len(path) > 1 and path[0] in self.of.navs else "" for path in paths_in(node)}
        return firsts.pop() if len(firsts) == 1 else None

    def _leaf(self, node: Any) -> Expr:
        ahead = self._ahead(node)
        if ahead:
            return self._through(ahead, without(node, ahead))
        if isinstance(node, ast.BoolOp) or (isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)):
            return self.condition(node)
        if self.of.name == "Datastreams":
            named = {path[0] for path in paths_in(node)}
            if named & {*WORKED_OUT, "observedArea"}:
                return self._worked_out(named, node)
        match node:
            case ast.Compare(comparator, left, right):
                return self._compare(comparator, left, right)
            case ast.Call():
                return self.value(node)
        path = path_of(node)
        if path is None:
            raise Invalid("$filter", "a value is no condition", "compare it with something")
        return Compare("eq", self._field(path), Value(True))

    def _worked_out(self, named: set[str], node: Any) -> Expr:
        """Conditions on the extents of datastreams."""
        if named == {"observedArea"}:
            place = without_name(node, "observedArea")
            thing = Source(SETS["Things"], Thing, {"": ("geometry",)})
            feature = Source(SETS["FeaturesOfInterest"], Feature, {"": ("geometry",)})
            own = Linked("thing", ("thing",), ("id",), Translator(thing, self.outside).condition(place))
            other = Translator(feature, self.outside).condition(place)
            return Or((own, Linked("feature", ("id",), ("properties", STREAMS), other, "far")))
        if named <= set(WORKED_OUT):
            found = self.outside.beyond(self.source, "", node)
            if found is not None:
                return found
        raise Invalid(
            "$filter", "compares an extent with another property", "compare it with instants or a geometry"
        )

    def _through(self, name: str, node: Any) -> Expr:
        """Rows linked by `name` to an entity that the node holds for."""
        own_place = all(path == ("location",) for path in paths_in(node))
        if self.of.name == "Things" and name == "Locations" and own_place:
            return Translator(Source(self.of, Thing, AS_LOCATION), self.outside).condition(node)
        told = self.outside.beyond(self.source, name, node)
        if told is not None:
            return told
        return Or(tuple(self._linked(step, node) for step in steps(self.source, name)))

    def _linked(self, step: Step, node: Any) -> Expr:
        inner = Translator(step.to, self.outside).condition(node)
        where = both(step.to.where, inner)
        if step.near == same_row:
            return where
        return Linked(step.noun, step.near, step.far, where, step.many)

    def _compare(self, comparator: Any, left: Any, right: Any) -> Expr:
        if isinstance(comparator, ast.In):
            return In(self.value(left), tuple(self._literal(one) for one in right.val))
        op: Any = COMPARATORS[type(comparator)]
        first, second = self._side(left, right), self._side(right, left)
        for one, other in ((first, second), (second, first)):
            if isinstance(one, Field) and other == Value(None):
                null = IsNull(one)
                return null if op == "eq" else Not(null) if op == "ne" else Or(())
        found = Compare(op, first, second)
        number = self._quoted(first, second)
        if number is None:
            return found
        as_number = Compare(op, first, number) if number_on_right(second) else Compare(op, number, second)
        return And((found, as_number)) if op == "ne" else Or((found, as_number))

    def _quoted(self, first: Expr, second: Expr) -> Value | None:
        """The number that stands in quotes beside a place in JSON: it is compared both ways."""
        for one, other in ((first, second), (second, first)):
            if isinstance(one, Field) and one.path[0] == "properties" and isinstance(other, Value):
                text = other.value
                if isinstance(text, str) and text.replace("-", "", 1).replace(".", "", 1).isdecimal():
                    return Value(float(text))
        return None

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
            reason = f"{name} is not offered for {self.of.name}, which have no times"
            raise Invalid("$filter", reason, "times are of Observations, Datastreams and HistoricalLocations")
        given = tuple(self.value(one) for one in args)
        return Call("part" if known == "substring" and len(given) == 3 else known, given)

    def _literal(self, node: Any) -> Any:
        match node:
            case ast.Null():
                return None
            case ast.Geography(val):
                return val.rpartition(";")[2]
            case ast.Integer() | ast.Float() | ast.Boolean() | ast.String():
                return node.py_val
        raise Invalid(
            "$filter", f"{type(node).__name__} is not offered for {self.of.name}", "use text or numbers"
        )

    def _field(self, path: tuple[str, ...]) -> Expr:
        place = self.place(path)
        return Value(None) if place is None else Field(place)

    def place(self, path: tuple[str, ...]) -> tuple[str, ...] | None:
        """The field of a property path; None: always null. Invalid names what there is."""
        if path[0] == "properties" and len(path) > 1 and "properties" in self.fields:
            return self._in_properties(path[1:])
        known = "/".join(path)
        if known in self.fields:
            return self.fields[known]
        link = LINKS.get((self.of.name, path[0]))
        if link is not None and len(path) > 1:
            target = SETS[self.of.navs[path[0]].to]
            source = Source(target, target.noun or Thing, dict(target.fields))
            inner = Translator(source, self.outside).place(path[1:])
            return (link,) if inner == ("id",) else (link, *(inner or ()))
        names = ", ".join(sorted(self.fields))
        raise Invalid("$filter", f"{self.of.single} has no {known}", f"compare one of {names}")

    def _in_properties(self, path: tuple[str, ...]) -> tuple[str, ...] | None:
        if self.of.name == "Things" and path in ((TYPE,), (CODE,)):
            return (path[0].removeprefix("hutong:"),)
        if path[0] in self.outside.hidden or path[0].startswith("hutong:"):
            raise Invalid("$filter", f"properties/{path[0]} cannot be compared", "ask for the entity itself")
        base = self.fields["properties"]
        return None if base is None else (*base, *path)

    def order(self, wishes: tuple[Wish, ...]) -> list[Order]:
        """The order in fields of the noun."""
        placed = [(self.place(wish.path), wish.descending) for wish in wishes]
        return [Order(path, descending) for path, descending in placed if path is not None]


def number_on_right(second: Expr) -> bool:
    return isinstance(second, Value)


def without_name(node: Any, name: str) -> Any:
    """The node with the property `name` as the only, nameless field."""
    match node:
        case ast.Identifier(given) if given == name:
            return ast.Identifier("")
        case ast.Compare(comparator, left, right):
            return ast.Compare(comparator, without_name(left, name), without_name(right, name))
        case ast.Call(func, args):
            return ast.Call(func, [without_name(one, name) for one in args])
    return node
