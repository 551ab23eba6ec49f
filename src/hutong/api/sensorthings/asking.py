"""What a filter asks of observations: which datastreams, a time range, one id, and a predicate for the rest."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from odata_query import ast

from hutong.api.sensorthings.evaluate import COMPARATORS
from hutong.api.sensorthings.links import sources
from hutong.api.sensorthings.lookup import Item, Lookup
from hutong.api.sensorthings.model import SETS, STREAMS
from hutong.api.sensorthings.odata import chain, joined, path_of, paths_in, without
from hutong.api.sensorthings.predicate import Among, Predicate
from hutong.api.sensorthings.times import instant_of
from hutong.api.sensorthings.translate import Beyond, Translator
from hutong.api.sensorthings.vectors import FLIPPED
from hutong.kernel.base import Instant
from hutong.kernel.errors import Invalid
from hutong.kernel.observation import STREAM_SHIFT
from hutong.kernel.query import Compare, Expr, Field, In, Order, Value, both
from hutong.kernel.thing import Datastream, Feature

MOST_STREAMS = 20_000
MOST_FEATURES = 20_000
STREAMS_AT_ONCE = 500


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked of observations: those of the datastreams `where`, in the time range [start, end), of one id, that
    the predicate holds for."""

    where: Expr
    start: Instant | None = None
    end: Instant | None = None
    id: int | None = None
    predicate: Predicate | None = None

    @property
    def narrowed(self) -> bool:
        return self.predicate is not None or self.id is not None


class Asking:
    """Reads filters through one reader."""

    def __init__(self, lookup: Lookup, now: Instant, beyond: Beyond) -> None:
        self.lookup = lookup
        self.reader = lookup.reader
        self.now = now
        self.beyond = beyond
        self._streams = sources(SETS["Datastreams"])[0]

    def asked(self, parent: Item | None, node: Any) -> Asked:
        """Conditions on the datastream pick streams, on time a range, the rest is a predicate."""
        of_streams: list[Expr] = [self.lookup.sight.observations()]
        rest: list[Any] = []
        start: Instant | None = None
        end = None if self.lookup.sight.as_of is None else self.lookup.sight.as_of + 1
        id: int | None = None
        for part in chain(node, ast.And) if node is not None else []:
            bounds = _bounds(part)
            if bounds is not None:
                start = bounds[0] if start is None else max(start, bounds[0] or start)
                end = bounds[1] if end is None else min(end, bounds[1] or end)
            elif _about(part, "Datastream"):
                of_streams.append(self._on_streams(without(part, "Datastream")))
            elif id is None and (one := _id_asked(part)) is not None:
                id = one
                of_streams.append(Compare("eq", Field(("id",)), Value(one >> STREAM_SHIFT)))
            else:
                rest.append(self._resolved(part, of_streams))
        if parent is not None:
            of_streams.append(self._of_parent(parent, rest))
        held = Predicate(joined(ast.And, rest), self.now) if rest else None
        return Asked(where=both(*of_streams), start=start, end=end, id=id, predicate=held)

    def _of_parent(self, parent: Item, rest: list[Any]) -> Expr:
        """Streams whose observations an entity leads to; of a feature, only the rows about it."""
        if parent.set.name == "Datastreams":
            return Compare("eq", Field(("id",)), Value(parent.id))
        streams = [one.id for one in self.lookup.streams(parent)]
        bare = [] if isinstance(parent.row, Feature) else streams
        rest.append(Among("FeatureOfInterest", _ids([parent.id], bare)))
        return In(Field(("id",)), tuple(streams))

    def _on_streams(self, node: Any) -> Expr:
        return Translator(self._streams, self.beyond).condition(node)

    def _resolved(self, node: Any, narrow: list[Expr] | None = None) -> Any:
        """The node with conditions on datastream and feature as ids; `narrow` takes what picks streams for all rows."""
        match node:
            case ast.BoolOp(op, _, _):
                return joined(type(op), [self._resolved(one) for one in chain(node, type(op))])
            case ast.UnaryOp(op, operand) if isinstance(op, ast.Not):
                return ast.UnaryOp(op, self._resolved(operand))
        if _about(node, "Datastream"):
            where = both(self._on_streams(without(node, "Datastream")), self.lookup.sight.observations())
            return Among("Datastream", np.array(self.stream_ids(where), np.int64))
        if _about(node, "FeatureOfInterest"):
            return self._on_features(without(node, "FeatureOfInterest"), narrow)
        return node

    def _on_features(self, node: Any, narrow: list[Expr] | None) -> Among:
        """The features that a condition holds for: rows, and the places of things for observations without one."""
        features: list[int] = []
        bare: list[int] = []
        among: list[Expr] = []
        as_of = self.lookup.sight.as_of
        for source in sources(SETS["FeaturesOfInterest"]):
            where = both(source.where, Translator(source, self.beyond).condition(node))
            page = self.reader.find(source.noun, where, limit=MOST_FEATURES, as_of=as_of)
            if page.after is not None:
                reason = f"the condition on features holds for more than {MOST_FEATURES}"
                raise Invalid("$filter", reason, "narrow it")
            ids = [row.id for row in page.rows]
            features += ids
            if ids:
                at = self._streams_at(source, ids)
                among.append(at)
                bare += [] if source.noun is Feature else self.stream_ids(at)
        if narrow is not None:
            streams = [one for where in among for one in self.stream_ids(where)]
            narrow.append(In(Field(("id",)), tuple(sorted(set(streams)))))
        return Among("FeatureOfInterest", _ids(features, bare))

    def _streams_at(self, source: Any, ids: list[int]) -> Expr:
        """Datastreams with observations that are, or may be, about these features."""
        of = SETS["FeaturesOfInterest"]
        rows = self.lookup.many(of, ids).values()
        if source.noun is Feature:
            return In(Field(("id",)), tuple(sorted({one for row in rows for one in _named_by(row.row)})))
        things = {one for row in rows for one in getattr(row.row, "things", (row.id,))}
        return In(Field(("thing",)), tuple(sorted(things)))

    def stream_ids(self, where: Expr) -> list[int]:
        """All datastreams that a condition holds for. Invalid if they are too many."""
        return [one.id for one in self.streams(where)]

    def streams(self, where: Expr) -> list[Datastream]:
        page = self.reader.find(Datastream, where, limit=MOST_STREAMS, as_of=self.lookup.sight.as_of)
        if page.after is not None:
            raise Invalid(
                "$filter", f"asks for more than {MOST_STREAMS} datastreams at once", "name datastreams"
            )
        return list(page.rows)

    def streams_from(self, where: Expr, first: int) -> list[Datastream]:
        """The next datastreams by id, from `first` on."""
        found = both(where, Compare("ge", Field(("id",)), Value(first)))
        page = self.reader.find(
            Datastream, found, order=[Order(("id",))], limit=STREAMS_AT_ONCE, as_of=self.lookup.sight.as_of
        )
        return list(page.rows)


def _named_by(row: Any) -> list[int]:
    return list(row.properties.get(STREAMS, ()))


def _ids(features: list[int], bare: list[int]) -> NDArray[np.int64]:
    """Ids of features, and of streams whose rows without a feature count too, these below 0."""
    return np.array(sorted([*features, *(-one for one in bare)]), np.int64)


def _sides(node: Any) -> tuple[str, tuple[str, ...], Any] | None:
    """Operator, path and literal of a comparison, the path brought to the left."""
    if not isinstance(node, ast.Compare) or isinstance(node.comparator, ast.In):
        return None
    op = COMPARATORS[type(node.comparator)]
    if path_of(node.left) is not None:
        return op, path_of(node.left) or (), node.right
    if path_of(node.right) is not None:
        return FLIPPED[op], path_of(node.right) or (), node.left
    return None


def _bounds(node: Any) -> tuple[int | None, int | None] | None:
    """The range [start, end) of a comparison of phenomenonTime with an instant; None if it is something else."""
    sides = _sides(node)
    if sides is None or sides[1] != ("phenomenonTime",) or not isinstance(sides[2], ast.DateTime):
        return None
    at = instant_of(sides[2].val, "$filter")
    ranges: dict[str, tuple[int | None, int | None]] = {
        "eq": (at, at + 1),
        "lt": (None, at),
        "le": (None, at + 1),
        "gt": (at + 1, None),
        "ge": (at, None),
    }
    return ranges.get(sides[0])


def _id_asked(node: Any) -> int | None:
    sides = _sides(node)
    if sides is None or sides[0] != "eq" or sides[1] != ("id",):
        return None
    value = sides[2]
    known = isinstance(value, ast.Integer) or (isinstance(value, ast.String) and value.val.isdigit())
    return int(value.val) if known and 0 <= int(value.val) < 2**63 else None


def _about(node: Any, name: str) -> bool:
    """Whether the node only speaks of what a link leads to."""
    paths = paths_in(node)
    return bool(paths) and all(path[0] == name and len(path) > 1 for path in paths)
