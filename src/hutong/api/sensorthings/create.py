"""Deep insert: an entity with whatever entities stand inside it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec.structs import replace

from hutong.api.sensorthings.draft import Draft, facts_of, text_of
from hutong.api.sensorthings.model import (
    CODE,
    DESCRIPTION,
    GEOJSON,
    METADATA,
    OWN,
    SETS,
    STREAMS,
    SYMBOL,
    TYPE,
    EntitySet,
)  # fmt: skip
from hutong.kernel.base import Label, Provenance
from hutong.kernel.definition.thing import PropertyDefinition
from hutong.kernel.errors import Invalid, NotFound, Refused
from hutong.kernel.geometry import from_geojson
from hutong.kernel.spans import span
from hutong.kernel.thing import Datastream, Feature, Location, ObservedProperty, ResultKind, Sensor, Thing
from hutong.kernel.units import parse_unit

Facts = dict[str, Any]
Parents = dict[str, int]
"""Ids that the path or the entity around names, by navigation property."""
URN = "urn:hutong:property:"
GENERIC = "base.generic_sensor"
SENT = Provenance("recorded", "OGC SensorThings")
_KINDS: dict[str, ResultKind] = {
    "OM_Measurement": "number",
    "OM_CountObservation": "number",
    "OM_CategoryObservation": "text",
    "OM_TruthObservation": "json",
    "OM_Observation": "json",
    "OM_ComplexObservation": "json",
}
_ENCODINGS = ("application/vnd.geo+json", GEOJSON, "application/json", "application/geojson")


def known_fields(of: EntitySet, body: dict[str, Any]) -> None:
    """Invalid for a property that the entity does not have."""
    known = {*of.properties, *of.navs}
    for name in body:
        if name not in known and "@iot." not in name:
            raise Invalid(name, f"is no property of {of.single}", f"it has {', '.join(sorted(known))}")


def link_of(body: Any, field: str) -> int | None:
    """The id of `{"@iot.id": 1}`; None where an entity is described."""
    id = facts_of(body, field).get("@iot.id")
    if id is None:
        return None
    if isinstance(id, str) and id.isdigit():
        id = int(id)
    if not isinstance(id, int) or isinstance(id, bool) or not 0 <= id < 2**63:
        raise Invalid(f"{field}/@iot.id", f"{id!r} is no id", "ids are whole numbers")
    return id


def many_of(body: dict[str, Any], name: str) -> list[Any]:
    found = body.get(name, [])
    if not isinstance(found, list):
        raise Invalid(name, "must be a list", "send [ … ]")
    return found


def properties_of(body: dict[str, Any]) -> dict[str, Any]:
    """The client's own properties; keys of the platform are not among them."""
    given = body.get("properties")
    facts = {} if given is None else facts_of(given, "properties")
    return {name: value for name, value in facts.items() if not name.startswith(OWN)}


def geometry_of(body: dict[str, Any], name: str) -> bytes:
    """WKB of a GeoJSON geometry or feature."""
    encoding = text_of(body, "encodingType", required=False, default=GEOJSON)
    if encoding not in _ENCODINGS:
        raise Invalid("encodingType", f"{encoding!r} is not offered", f"send GeoJSON as {GEOJSON}")
    shape = facts_of(body.get(name), name)
    if shape.get("type") == "Feature":
        shape = facts_of(shape.get("geometry"), name)
    return from_geojson(shape, name)


def kind_of(observation_type: str) -> ResultKind:
    found = _KINDS.get(observation_type.rpartition("/")[2])
    if found is None:
        raise Invalid(
            "observationType", f"{observation_type!r} is not known", f"types are {', '.join(_KINDS)}"
        )
    return found


def metadata_of(body: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Sensor metadata as text, and the mark of what was JSON."""
    metadata = body.get("metadata")
    if metadata is None:
        raise Invalid("metadata", "is missing", "send text, an address or a JSON object")
    if isinstance(metadata, str):
        return metadata, {}
    return msgspec.json.encode(metadata).decode(), {METADATA: "json"}


class Inserter:
    """Makes the rows of a deep insert in a draft."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft

    def insert(self, of: EntitySet, body: Any, parents: Parents) -> int:
        """The id of the new entity; `parents`: ids that the path names, by navigation property."""
        facts = facts_of(body, of.single)
        if of.name not in self._MAKERS:
            raise Refused(of.single, "is derived from the versions of a Thing's Locations", "POST a Location")
        known_fields(of, facts)
        id: int = self._MAKERS[of.name](self, facts, parents)
        return id

    def thing(self, body: Facts, parents: Parents) -> int:
        given = facts_of(body.get("properties") or {}, "properties")
        id = self.draft.new_id()
        name = text_of(body, "name")
        thing = Thing(
            id=id,
            type=self.type_of(given),
            code=str(given.get(CODE) or f"sta-{id}"),
            name=Label(name),
            properties={**properties_of(body), DESCRIPTION: text_of(body, "description")},
            provenance=SENT,
        )
        self.draft.put(thing)
        _no_history(body)
        locations = [self._placed(one, []) for one in many_of(body, "Locations")]
        locations += [parents["Locations"]] if "Locations" in parents else []
        if locations:
            self.draft.place(thing, tuple(locations))
        for one in many_of(body, "Datastreams"):
            self.datastream(facts_of(one, "Datastreams"), {"Thing": id})
        return id

    def type_of(self, properties: dict[str, Any]) -> str:
        named = properties.get(TYPE, GENERIC)
        if named not in self.draft.house.rulebook.types:
            raise Invalid(
                f"properties/{TYPE}", f"{named!r} is no type of this city", f"leave it out for {GENERIC}"
            )
        return str(named)

    def _placed(self, body: Any, things: Iterable[int]) -> int:
        """A Location that is named or described."""
        id = link_of(body, "Locations")
        return self.location_row(facts_of(body, "Locations"), tuple(things)) if id is None else id

    def location_row(self, body: dict[str, Any], things: tuple[int, ...]) -> int:
        known_fields(SETS["Locations"], body)
        _no_history(body)
        id = self.draft.new_id()
        self.draft.put(
            Location(
                id=id,
                name=text_of(body, "name"),
                description=text_of(body, "description"),
                encoding=text_of(body, "encodingType", required=False, default=GEOJSON),
                geometry=geometry_of(body, "location"),
                things=things,
                since=self.draft.now,
                properties=properties_of(body),
                provenance=SENT,
            )
        )
        return id

    def location(self, body: Facts, parents: Parents) -> int:
        id = self.location_row(body, ())
        ids = [parents["Things"]] if "Things" in parents else []
        for one in many_of(body, "Things"):
            known = link_of(one, "Things")
            if known is None:
                self.thing(facts_of(one, "Things"), {"Locations": id})
            else:
                ids.append(known)
        for known in ids:
            thing = self.draft.linked(Thing, known, "Things")
            self.draft.may_manage(thing)
            self.draft.place(thing, (id,))
        return id

    def sensor(self, body: Facts, _: Parents) -> int:
        metadata, mark = metadata_of(body)
        return self._with_streams(
            Sensor(
                id=self.draft.new_id(),
                name=text_of(body, "name"),
                description=text_of(body, "description"),
                encoding=text_of(body, "encodingType"),
                metadata=metadata,
                properties={**properties_of(body), **mark},
                provenance=SENT,
            ),
            body,
        )

    def observed_property(self, body: Facts, _: Parents) -> int:
        definition = text_of(body, "definition")
        return self._with_streams(
            ObservedProperty(
                id=self.draft.new_id(),
                name=text_of(body, "name"),
                definition=definition,
                description=text_of(body, "description"),
                code=self.code_of(definition),
                properties=properties_of(body),
                provenance=SENT,
            ),
            body,
        )

    def code_of(self, definition: str) -> str:
        """The pack's property that a definition names, so that rules watch its datastreams."""
        code = definition.removeprefix(URN)
        return code if code != definition and code in self.draft.house.rulebook.properties else ""

    def _with_streams(self, row: Sensor | ObservedProperty, body: dict[str, Any]) -> int:
        self.draft.put(row)
        for one in many_of(body, "Datastreams"):
            self.datastream(facts_of(one, "Datastreams"), {type(row).__name__: row.id})
        return row.id

    def datastream(self, body: Facts, parents: Parents) -> int:
        known_fields(SETS["Datastreams"], body)
        names = ("Thing", "Sensor", "ObservedProperty")
        thing, sensor, observed = (self._parent(body, name, parents.get(name)) for name in names)
        observation_type = text_of(body, "observationType")
        unit, properties = unit_of(body)
        row = Datastream(
            id=self.draft.new_stream_id(),
            name=text_of(body, "name"),
            description=text_of(body, "description"),
            thing=thing,
            sensor=sensor,
            observed_property=observed,
            observation_type=observation_type,
            result_kind=kind_of(observation_type),
            properties={**properties_of(body), **properties},
            provenance=SENT,
            **unit,
        )
        row = self.bound(row)
        self.draft.put(row)
        for one in many_of(body, "Observations"):
            self.observation(facts_of(one, "Observations"), row)
        return row.id

    def _parent(self, body: dict[str, Any], name: str, id: int | None) -> int:
        if id is None:
            if name not in body:
                raise Invalid(name, "is missing", 'name one ({"@iot.id": 1}) or describe it')
            id = link_of(body[name], name)
        if id is None:
            of = SETS[SETS["Datastreams"].navs[name].to]
            inner = facts_of(body[name], name)
            known_fields(of, inner)
            made: int = self._MAKERS[of.name](self, inner, {})
            return made
        noun = SETS[SETS["Datastreams"].navs[name].to].noun
        if noun is not None:
            found = self.draft.linked(noun, id, name)
            if isinstance(found, Thing):
                self.draft.may_manage(found)
        return id

    def bound(self, row: Datastream) -> Datastream:
        """The datastream with the rules' property of its ObservedProperty, its limits and expected interval."""
        observed = self.draft.linked(ObservedProperty, row.observed_property, "ObservedProperty")
        definition = self.draft.house.rulebook.properties.get(observed.code)
        if definition is None:
            return replace(row, property_code="")
        fits(row, definition)
        return replace(
            row,
            property_code=observed.code,
            result_kind=definition.kind,
            unit=definition.unit,
            low=definition.low,
            high=definition.high,
            interval=span(definition.interval) if definition.interval else None,
        )

    def feature(self, body: Facts, _: Parents) -> int:
        known_fields(SETS["FeaturesOfInterest"], body)
        id = self.draft.new_id()
        self.draft.put(
            Feature(
                id=id,
                name=text_of(body, "name"),
                description=text_of(body, "description"),
                encoding=text_of(body, "encodingType", required=False, default=GEOJSON),
                geometry=geometry_of(body, "feature"),
                properties=properties_of(body),
                provenance=SENT,
            )
        )
        for one in many_of(body, "Observations"):
            self.lone_observation(facts_of(one, "Observations"), {"FeatureOfInterest": id})
        return id

    def observation(self, body: Facts, stream: Datastream, feature: int = 0) -> None:
        """A row of the draft's batch, with its feature if it brings one."""
        known_fields(SETS["Observations"], body)
        given = {"@iot.id": feature} if feature else body.get("FeatureOfInterest")
        self.draft.columns.add(stream, body, 0 if given is None else self.feature_of(given, stream))

    def lone_observation(self, body: Facts, parents: Parents) -> int:
        """An observation whose Datastream the path or the body names or describes; the commit gives its id (0 until then)."""
        known_fields(SETS["Observations"], body)
        stream = parents.get("Datastream") or link_of(body.get("Datastream") or {}, "Datastream")
        if stream is None:
            self.draft.may_manage()
            stream = self.datastream(facts_of(body.get("Datastream"), "Datastream"), {})
        found = self.draft.linked(Datastream, stream, "Datastream")
        self.draft.may_observe(found)
        self.observation(body, found, parents.get("FeatureOfInterest", 0))
        return 0

    def feature_of(self, given: Any, stream: Datastream) -> int:
        """The id of the feature that an observation names or describes."""
        linked = link_of(given, "FeatureOfInterest")
        id = self.feature(facts_of(given, "FeatureOfInterest"), {}) if linked is None else linked
        self._noted(id, stream)
        return id

    def _noted(self, id: int, stream: Datastream) -> None:
        """A feature knows the datastreams that have observed it; that of a Location need not."""
        known = self.draft.puts.get(("feature", id)) or self._feature(id)
        if isinstance(known, Feature) and stream.id not in known.properties.get(STREAMS, ()):
            streams = [*known.properties.get(STREAMS, ()), stream.id]
            self.draft.put(replace(known, properties={**known.properties, STREAMS: streams}))

    def _feature(self, id: int) -> Any:
        try:
            return self.draft.lookup.get(SETS["FeaturesOfInterest"], id).row
        except NotFound:
            raise Invalid(
                "FeatureOfInterest", f"there is no FeatureOfInterest {id}", "create it first"
            ) from None

    _MAKERS: dict[str, Any] = {
        "Things": thing,
        "Locations": location,
        "Datastreams": datastream,
        "Sensors": sensor,
        "ObservedProperties": observed_property,
        "FeaturesOfInterest": feature,
        "Observations": lone_observation,
    }


def _no_history(body: Facts) -> None:
    if many_of(body, "HistoricalLocations"):
        raise Refused("HistoricalLocations", "are derived from a Thing's Locations", "leave them out")


def unit_of(body: Facts) -> tuple[dict[str, Any], Facts]:
    """The fields of a unitOfMeasurement. A symbol that is not UCUM is kept as it was written, and the unit is `1`."""
    unit = facts_of(body.get("unitOfMeasurement"), "unitOfMeasurement")
    name, symbol, definition = (unit.get(key) for key in ("name", "symbol", "definition"))
    for key, value in (("name", name), ("symbol", symbol), ("definition", definition)):
        if value is not None and not isinstance(value, str):
            raise Invalid(f"unitOfMeasurement/{key}", "must be text or null")
    fields = {"unit_name": name or "", "unit_definition": definition or "", "unit": symbol or "1"}
    try:
        parse_unit(fields["unit"])
    except Invalid:
        return {**fields, "unit": "1"}, {SYMBOL: symbol}
    return fields, {} if symbol else {SYMBOL: symbol}


def fits(row: Datastream, definition: PropertyDefinition) -> None:
    """Rules compare numbers as they come: a datastream they watch is in the property's own unit and kind."""
    if row.unit != definition.unit or SYMBOL in row.properties:
        symbol = row.properties.get(SYMBOL, row.unit)
        raise Invalid(
            "unitOfMeasurement/symbol",
            f"{symbol!r} is not the unit of {definition.name}",
            f"send values in {definition.unit}",
        )
    if row.result_kind != ("number" if definition.kind == "code" else definition.kind):
        raise Invalid(
            "observationType", f"does not fit {definition.name}, whose results are {definition.kind}"
        )
