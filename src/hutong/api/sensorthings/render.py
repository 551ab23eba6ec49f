"""Entities as JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import shapely

from hutong.api.sensorthings.lookup import HistoricalLocation, Item, Seen
from hutong.api.sensorthings.model import CODE, DESCRIPTION, GEOJSON, METADATA, OWN, SYMBOL, TYPE
from hutong.api.sensorthings.options import Options
from hutong.api.sensorthings.times import UNSET, shown
from hutong.kernel.geometry import to_geojson
from hutong.kernel.observation import Quality
from hutong.kernel.thing import Datastream, Feature, Location, ObservedProperty, Sensor, Thing

Facts = dict[str, Any]
Mask = Callable[[Thing], Facts]
"""The properties of a thing that its reader may see."""

RESULT_QUALITY = "hutong:resultQuality"
VALID_TIME = "hutong:validTime"


def body_of(item: Item, mask: Mask) -> Facts:
    """An entity's own properties."""
    row = item.row
    if item.set.name == "Things":
        return _thing(row, mask(row))
    if isinstance(row, Seen):
        return _observation(row)
    if isinstance(row, HistoricalLocation):
        return {"time": shown(row.time)}
    if item.set.name in ("Locations", "FeaturesOfInterest"):
        return _placed(row, "location" if item.set.name == "Locations" else "feature")
    return _SHAPES[type(row)](row)


def around(shapes: list[bytes]) -> bytes:
    """A shape itself, or the box around several (WKB)."""
    if len(set(shapes)) == 1:
        return shapes[0]
    bounds = shapely.total_bounds(shapely.from_wkb(shapes))
    return bytes(shapely.to_wkb(shapely.box(*bounds.tolist())))


def own_properties(properties: Facts) -> Facts:
    return {name: value for name, value in properties.items() if not name.startswith(OWN)}


def _thing(thing: Thing, properties: Facts) -> Facts:
    shown_properties = own_properties(properties)
    shown_properties |= {TYPE: thing.type, CODE: thing.code}
    return {
        "name": thing.name.zh or thing.name.en,
        "description": thing.properties.get(DESCRIPTION, thing.name.en or thing.name.zh),
        "properties": shown_properties,
    }


def _placed(row: Thing | Location | Feature, name: str) -> Facts:
    """A Location or a FeatureOfInterest, whatever row stands for it."""
    geometry = to_geojson(row.geometry) if row.geometry else None
    if isinstance(row, Thing):
        title = row.name.zh or row.name.en
        return {
            "name": title,
            "description": title,
            "encodingType": GEOJSON,
            name: geometry,
            "properties": {},
        }
    return {
        "name": row.name,
        "description": row.description,
        "encodingType": row.encoding,
        name: geometry,
        "properties": own_properties(row.properties),
    }


def _datastream(one: Datastream) -> Facts:
    return {
        "name": one.name,
        "description": one.description,
        "observationType": one.observation_type,
        "unitOfMeasurement": {
            "name": one.unit_name or None,
            "symbol": one.properties.get(SYMBOL, one.unit),
            "definition": one.unit_definition or None,
        },
        "properties": own_properties(one.properties),
    }


def _sensor(one: Sensor) -> Facts:
    metadata: Any = one.metadata
    if one.properties.get(METADATA) == "json":
        metadata = msgspec.json.decode(one.metadata)
    return {
        "name": one.name,
        "description": one.description,
        "encodingType": one.encoding,
        "metadata": metadata,
        "properties": own_properties(one.properties),
    }


def _observed_property(one: ObservedProperty) -> Facts:
    return {
        "name": one.name,
        "definition": one.definition,
        "description": one.description,
        "properties": own_properties(one.properties),
    }


_SHAPES: dict[type, Callable[[Any], Facts]] = {
    Datastream: _datastream,
    Sensor: _sensor,
    ObservedProperty: _observed_property,
}


def _observation(one: Seen) -> Facts:
    body: Facts = {
        "phenomenonTime": shown(one.time, one.end),
        "resultTime": None if one.result_time == UNSET else shown(one.result_time),
        "result": one.result,
    }
    parameters = dict(one.parameters)
    quality = parameters.pop(RESULT_QUALITY, None)
    valid = parameters.pop(VALID_TIME, None)
    if quality is None and one.quality:
        quality = Quality(one.quality).name
    if quality is not None:
        body["resultQuality"] = quality
    if valid is not None:
        body["validTime"] = valid
    if parameters:
        body["parameters"] = parameters
    return body


class Links:
    """Absolute addresses below the service root."""

    def __init__(self, base: str) -> None:
        self.base = base

    def of(self, item: Item) -> str:
        return f"{self.base}/{item.set.name}({item.id})"

    def wrap(self, item: Item, body: Facts, options: Options) -> Facts:
        """The body with its control information, cut down to what was selected."""
        own = self.of(item)
        wanted = {name.split("/")[0] for name in options.select}
        chosen = {name: value for name, value in body.items() if not wanted or name in wanted}
        full: Facts = {"@iot.id": item.id, "@iot.selfLink": own}
        if wanted:
            full = {"@iot.id": item.id} if wanted & {"id", "@iot.id"} else {}
            full |= {"@iot.selfLink": own} if "@iot.selfLink" in wanted else {}
        full |= chosen
        for name in item.set.navs:
            if (not wanted or name in wanted) and name not in options.expand:
                full[f"{name}@iot.navigationLink"] = f"{own}/{name}"
        return full
