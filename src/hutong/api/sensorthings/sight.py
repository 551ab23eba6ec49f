"""What an asker sees: things within their grants, what belongs to these, and the moment that is asked about."""

from __future__ import annotations

import msgspec

from hutong.api.sensorthings.links import Source, streams_of_features
from hutong.api.sensorthings.model import LOCATIONS
from hutong.kernel.base import Instant
from hutong.kernel.query import EVERYTHING, Expr, Linked, both
from hutong.kernel.thing import Feature, Location, Thing


class Sight(msgspec.Struct, frozen=True):
    """`things` holds for the things an asker may read, `observed` for those whose observations they may. With `as_of`,
    rows are versions of that recorded time, and observations those of a phenomenonTime not after it."""

    things: Expr = EVERYTHING
    observed: Expr = EVERYTHING
    as_of: Instant | None = None

    @property
    def whole(self) -> bool:
        """The asker sees every thing."""
        return self.things == EVERYTHING

    def streams(self) -> Expr:
        """Datastreams of things that may be read."""
        return EVERYTHING if self.whole else Linked("thing", ("thing",), ("id",), self.things)

    def observations(self) -> Expr:
        """Datastreams whose observations may be read."""
        if self.observed == self.things:
            return self.streams()
        return Linked("thing", ("thing",), ("id",), both(self.things, self.observed))

    def of(self, source: Source) -> Expr:
        """Rows of a source that may be read; observed properties are a catalogue for all."""
        if self.whole:
            return EVERYTHING
        if source.noun is Thing:
            return self.things
        if source.noun is Feature:
            return streams_of_features(source, self.streams())
        if source.noun is Location:
            return Linked("thing", ("id",), ("properties", LOCATIONS), self.things, "far")
        if source.of.name == "Datastreams":
            return self.streams()
        if source.of.name == "Sensors":
            return Linked("datastream", ("id",), ("sensor",), self.streams())
        return EVERYTHING
