"""Filters on what is told by observations and positions, not kept in rows: answered as ids, within bounds."""

from __future__ import annotations

from typing import Any

import numpy as np
from odata_query import ast

from hutong.api.sensorthings.history import History
from hutong.api.sensorthings.links import Source, streams_of_features
from hutong.api.sensorthings.listing import Lister
from hutong.api.sensorthings.lookup import Lookup
from hutong.api.sensorthings.model import SETS
from hutong.api.sensorthings.odata import chain, paths_in, without
from hutong.api.sensorthings.predicate import Predicate
from hutong.api.sensorthings.render import Mask
from hutong.api.sensorthings.tables import ExtentTable
from hutong.api.sensorthings.translate import Translator
from hutong.api.sensorthings.whereabouts import Whereabouts
from hutong.kernel.base import Instant
from hutong.kernel.errors import Invalid
from hutong.kernel.query import EVERYTHING, Expr, Field, In
from hutong.kernel.thing import Datastream, Thing

MOST_BEGINNINGS = 5_000
"""Most datastreams whose first observation one filter may look for."""


class WorkedOut:
    """Answers through one reader; also the one place where the readers of a request come together."""

    def __init__(self, lookup: Lookup, mask: Mask, hidden: frozenset[str], now: Instant) -> None:
        self.hidden = hidden
        self.lookup = lookup
        self.now = now
        self.lister = Lister(lookup, mask, self)
        self.history = History(lookup, now, self)
        self.whereabouts = Whereabouts(self.lister, now)

    def beyond(self, source: Source, name: str, node: Any) -> Expr | None:
        """Rows of a source that a condition on what the link or property `name` tells holds for; None where the store
        can be asked."""
        if name == "Observations":
            return self._observing(source, node)
        if name == "HistoricalLocations":
            found = self.whereabouts.having(node)
            if source.noun is Thing:
                return _ids({one.thing for one in found})
            return _ids({id for one in found for id in one.locations})
        return self._extending(node) if not name else None

    def _observing(self, source: Source, node: Any) -> Expr:
        """Datastreams or features with an observation that the condition holds for."""
        feature = source.of.name == "FeaturesOfInterest"
        parts = chain(node, ast.And)
        if feature and all(_only_streams(one) for one in parts):
            streams = SETS["Datastreams"]
            inner = Source(streams, Datastream, dict(streams.fields))
            about = Translator(inner, self).condition(without(node, "Datastream"))
            return streams_of_features(source, about)
        found: set[int] = set()
        for batch in self.history.hits(node, first=not feature):
            if not feature:
                found.add(int(batch.stream[0]))
                continue
            features = np.zeros(len(batch), np.int64) if batch.feature is None else batch.feature
            found.update(np.unique(features[features != 0]).tolist())
            if (features == 0).any():
                found.add(self.lookup.place_of(int(batch.stream[0])))
        return _ids(found)

    def _extending(self, node: Any) -> Expr:
        """Datastreams whose observations began and ended so. Streams without one are in no such list."""
        streams = self.history.asking.stream_ids(EVERYTHING)
        latest = self.lookup.reader.latest(np.array(streams, np.int64), at=self.lookup.sight.as_of)
        begun = latest.time
        if _asks_beginning(node):
            if len(latest.stream) > MOST_BEGINNINGS:
                reason = f"looks for the beginning of more than {MOST_BEGINNINGS} datastreams"
                raise Invalid("$filter", reason, "compare phenomenonTime/end, or filter Observations")
            firsts = [self.lookup.reader.observations(one, limit=1).time[0] for one in latest.stream.tolist()]
            begun = np.array(firsts, np.int64)
        held = Predicate(node, self.now).rows(ExtentTable(begun, latest.time))
        return _ids(set(latest.stream[held].tolist()))


def _asks_beginning(node: Any) -> bool:
    return any(path != ("phenomenonTime", "end") for path in paths_in(node))


def _only_streams(node: Any) -> bool:
    return all(path[0] == "Datastream" and len(path) > 1 for path in paths_in(node))


def _ids(found: set[int]) -> Expr:
    return In(Field(("id",)), tuple(sorted(found)))
