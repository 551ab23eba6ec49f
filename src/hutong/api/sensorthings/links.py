"""Where the rows of each set come from, and how links lead from rows of one noun to those of another."""

from __future__ import annotations

from typing import Literal

import msgspec

from hutong.api.sensorthings.model import LINKS, LOCATIONS, SETS, STREAMS, EntitySet
from hutong.kernel.base import Entity
from hutong.kernel.errors import Invalid
from hutong.kernel.query import EVERYTHING, Expr, Field, IsNull, Linked, Not, both
from hutong.kernel.thing import Feature, Location, Thing

Fields = dict[str, tuple[str, ...] | None]
WITHOUT_LOCATION_ROW = both(Not(IsNull(Field(("geometry",)))), IsNull(Field(("properties", LOCATIONS))))
"""Things whose Location is derived from their own geometry."""

AS_LOCATION: Fields = {
    "id": ("id",),
    "name": ("name",),
    "description": ("name",),
    "location": ("geometry",),
    "feature": ("geometry",),
    "encodingType": None,
    "properties": None,
}
"""Fields of a Thing that stands for its Location or feature; None: always null."""


class Source(msgspec.Struct, frozen=True):
    """Rows of one noun that belong to a set."""

    of: EntitySet
    noun: type[Entity]
    fields: Fields
    where: Expr = EVERYTHING


class Step(msgspec.Struct, frozen=True):
    """A link from the rows of one noun to a source; `near`, `far` and `many` as in the kernel's `Linked`."""

    to: Source
    noun: str
    near: tuple[str, ...]
    far: tuple[str, ...]
    many: Literal["", "near", "far"] = ""


same_row: tuple[str, ...] = ()
"""`near` of a link from a row to itself, under another set."""


def sources(of: EntitySet, within: Expr = EVERYTHING) -> list[Source]:
    """Where the rows of a set come from, of those within a filter on ids. A FeatureOfInterest may be a row of its own, or
    the Location of a thing: that of observations which bring none."""
    if of.noun is None:
        return []
    found = [Source(of, of.noun, dict(of.fields), within)]
    if of.name == "FeaturesOfInterest":
        found.append(Source(of, Location, {**SETS["Locations"].fields, "feature": ("geometry",)}, within))
    if of.name in ("Locations", "FeaturesOfInterest"):
        found.append(Source(of, Thing, AS_LOCATION, both(WITHOUT_LOCATION_ROW, within)))
    return found


def steps(source: Source, name: str) -> list[Step]:
    """The links that a navigation property of a source's rows stands for. Invalid where it cannot be filtered by."""
    of, nav = source.of, source.of.navs[name]
    target = SETS[nav.to]
    plain = Source(target, target.noun or source.noun, dict(target.fields))
    field = LINKS.get((of.name, name))
    if field is not None:
        return [Step(plain, _noun(target), (field,), ("id",))]
    match of.name, name:
        case ("Things" | "Sensors" | "ObservedProperties", "Datastreams"):
            return [Step(plain, "datastream", ("id",), (LINKS["Datastreams", of.single],))]
        case ("Things", "Locations"):
            derived = Source(target, Thing, AS_LOCATION, WITHOUT_LOCATION_ROW)
            return [
                Step(plain, "location", ("id",), ("things",), "far"),
                Step(derived, "thing", same_row, same_row),
            ]
        case ("Locations", "Things"):
            if source.noun is Thing:
                return [Step(plain, "thing", same_row, same_row)]
            return [Step(plain, "thing", ("id",), ("properties", LOCATIONS), "far")]
    raise Invalid("$filter", f"{of.name} cannot be filtered by {name}", f"filter {name} instead")


def streams_of_features(source: Source, streams: Expr) -> Expr:
    """Rows of a source of FeaturesOfInterest that observations of such datastreams are, or may be, about."""
    if source.noun is Feature:
        return Linked("datastream", ("properties", STREAMS), ("id",), streams, "near")
    if source.noun is Thing:
        return Linked("datastream", ("id",), ("thing",), streams)
    at = Linked("datastream", ("id",), ("thing",), streams)
    return Linked("thing", ("id",), ("properties", LOCATIONS), at, "far")


def _noun(of: EntitySet) -> str:
    return {"Things": "thing", "Sensors": "sensor", "ObservedProperties": "observed_property"}[of.name]
