"""What a filter asks of observations: which datastreams, a time range, one id, and a predicate for the rest."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
from odata_query import ast

from hutong.api.sensorthings.lookup import Item, Lookup
from hutong.api.sensorthings.model import SETS, STREAMS
from hutong.api.sensorthings.odata import path_of
from hutong.api.sensorthings.options import Options
from hutong.api.sensorthings.predicate import Features, Predicate
from hutong.api.sensorthings.times import instant_of
from hutong.api.sensorthings.translate import COMPARATORS, Translator, feature_sources, paths_in, without
from hutong.kernel.base import Instant
from hutong.kernel.errors import Invalid
from hutong.kernel.observation import STREAM_SHIFT
from hutong.kernel.query import Field, In, both
from hutong.kernel.thing import Datastream, Feature, Location

MOST_STREAMS = 20_000
_FLIPPED = {"lt": "gt", "le": "ge", "gt": "lt", "ge": "le", "eq": "eq"}


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked of the streams: a time range [start, end), one id, a predicate on rows."""

    streams: list[Datastream]
    start: Instant | None = None
    end: Instant | None = None
    id: int | None = None
    predicate: Predicate | None = None


class Asking:
    """Reads filters through one reader."""

    def __init__(self, lookup: Lookup, now: Instant, hidden: frozenset[str]) -> None:
        self.lookup = lookup
        self.reader = lookup.reader
        self.now = now
        self.hidden = hidden

    def asked(self, parent: Item | None, options: Options) -> Asked:
        """Conditions on the datastream pick streams, on time a range, the rest is a predicate."""
        on_stream: list[Any] = []
        on_feature: list[Any] = []
        rest: list[Any] = []
        start: Instant | None = None
        end: Instant | None = None
        id: int | None = None
        for part in _conjuncts(options.filter):
            bounds = _bounds(part)
            if bounds is not None:
                start = bounds[0] if start is None else max(start, bounds[0] or start)
                end = bounds[1] if end is None else min(end, bounds[1] or end)
            elif _about(part, "Datastream"):
                on_stream.append(part)
            elif _about(part, "FeatureOfInterest"):
                on_feature.append(part)
            elif (one := _id_asked(part)) is not None and id is None:
                id = one
            else:
                rest.append(part)
        streams = self._streams(parent, on_stream, id)
        features = self._features(on_feature) if on_feature else None
        if features is not None:
            streams = [one for one in streams if one.id in features.seen_in]
        return Asked(
            streams=streams,
            start=start,
            end=end,
            id=id,
            predicate=Predicate(_all(rest) if rest else None, self.now, features)
            if rest or features
            else None,
        )

    def _features(self, conditions: list[Any]) -> Features:
        """The features that conditions hold for: rows, and the places of things for observations without one."""
        node = without(_all(conditions), "FeatureOfInterest")
        ids: set[int] = set()
        things: set[int] = set()
        seen_in: set[int] = set()
        for source in feature_sources():
            where = Translator(SETS["FeaturesOfInterest"], source.fields, self.reader, self.hidden).condition(
                node
            )
            page = self.reader.find(source.noun, both(source.where, where), limit=MOST_STREAMS)
            if page.after is not None:
                raise Invalid(
                    "$filter", f"the condition on features holds for more than {MOST_STREAMS}", "narrow it"
                )
            for row in page.rows:
                ids.add(row.id)
                if isinstance(row, Feature):
                    seen_in.update(row.properties.get(STREAMS, ()))
                else:
                    things.update(row.things if isinstance(row, Location) else (row.id,))
        placed = In(Field(("thing",)), tuple(sorted(things)))
        standing = (
            {one.id for one in self.reader.find(Datastream, placed, limit=MOST_STREAMS).rows}
            if things
            else set()
        )
        return Features(
            np.array(sorted(ids), np.int64),
            np.array(sorted(standing), np.int64),
            frozenset(seen_in | standing),
        )

    def _streams(self, parent: Item | None, conditions: list[Any], id: int | None) -> list[Datastream]:
        of = SETS["Datastreams"]
        translator = Translator(of, dict(of.fields), self.reader, self.hidden)
        where = both(*(translator.condition(without(one, "Datastream")) for one in conditions))
        if parent is not None:
            streams = self.lookup.streams(parent)
            if not conditions:
                return streams
            found = self.reader.find(Datastream, where, limit=MOST_STREAMS)
            return [one for one in found.rows if one.id in {own.id for own in streams}]
        if id is not None and not conditions:
            return [
                one for one in self.reader.many(Datastream, [id >> STREAM_SHIFT]).values() if not one.retired
            ]
        page = self.reader.find(Datastream, where, limit=MOST_STREAMS)
        if page.after is not None:
            raise Invalid("$filter", f"asks for more than {MOST_STREAMS} datastreams", "name datastreams")
        return list(page.rows)


def _conjuncts(node: Any) -> list[Any]:
    if node is None:
        return []
    if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And):
        return _conjuncts(node.left) + _conjuncts(node.right)
    return [node]


def _all(parts: list[Any]) -> Any:
    node = parts[0]
    for part in parts[1:]:
        node = ast.BoolOp(ast.And(), node, part)
    return node


def _sides(node: Any) -> tuple[str, tuple[str, ...], Any] | None:
    """Operator, path and literal of a comparison, the path brought to the left."""
    if not isinstance(node, ast.Compare) or isinstance(node.comparator, ast.In):
        return None
    op = COMPARATORS[type(node.comparator)]
    if path_of(node.left) is not None:
        return op, path_of(node.left) or (), node.right
    if path_of(node.right) is not None and op in _FLIPPED:
        return _FLIPPED[op], path_of(node.right) or (), node.left
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
    return int(value.val) if known else None


def _about(node: Any, name: str) -> bool:
    """Whether the node only speaks of what a link leads to. The id of a feature stands in the row itself."""
    paths = paths_in(node)
    own = [path for path in paths if path[0] == name and len(path) > 1]
    if not paths or len(own) != len(paths):
        return False
    return name == "Datastream" or any(path[1] != "id" for path in own)
