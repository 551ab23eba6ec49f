"""The eight entity sets: their properties, how they navigate, and where each property is kept."""

from __future__ import annotations

import msgspec

from hutong.kernel.base import Entity
from hutong.kernel.errors import Invalid, NotFound
from hutong.kernel.thing import Datastream, Feature, Location, ObservedProperty, Sensor, Thing

BASE = "/sta/v1.1"
OWN = "hutong:"
"""Keys of `properties` that begin so are the platform's; clients may set `hutong:type` and `hutong:code` of a Thing."""
DESCRIPTION = "hutong:description"
LOCATIONS = "hutong:locations"
LOCATED = "hutong:located"
FORGOTTEN = "hutong:forgotten"
WRITTEN = "hutong:whereabouts"
SYMBOL = "hutong:symbol"
METADATA = "hutong:metadata"
STREAMS = "hutong:datastreams"
TYPE = "hutong:type"
CODE = "hutong:code"
GEOJSON = "application/geo+json"

Path = tuple[str, ...]


class Nav(msgspec.Struct, frozen=True):
    """A navigation property: the entity set it leads to, and whether to many."""

    to: str
    many: bool


class EntitySet(msgspec.Struct, frozen=True, kw_only=True):
    """An entity set. `fields`: property path as clients write it → field of the noun, for filters and orders."""

    name: str
    single: str
    noun: type[Entity] | None
    properties: tuple[str, ...]
    navs: dict[str, Nav]
    fields: dict[str, Path]


def _set(
    name: str, single: str, noun: type[Entity] | None, fields: dict[str, Path], **navs: tuple[str, bool]
) -> EntitySet:
    properties = tuple(dict.fromkeys(path.split("/")[0] for path in fields))
    return EntitySet(
        name=name,
        single=single,
        noun=noun,
        properties=properties,
        navs={nav: Nav(*to) for nav, to in navs.items()},
        fields={"id": ("id",), **fields},
    )


_NAMED = {"name": ("name",), "description": ("description",)}
_PROPERTIES = {"properties": ("properties",)}

_ALL = (
    _set(
        "Things",
        "Thing",
        Thing,
        {"name": ("name",), "description": ("properties", DESCRIPTION), **_PROPERTIES},
        Datastreams=("Datastreams", True),
        Locations=("Locations", True),
        HistoricalLocations=("HistoricalLocations", True),
    ),
    _set(
        "Locations",
        "Location",
        Location,
        {**_NAMED, "encodingType": ("encoding",), "location": ("geometry",), **_PROPERTIES},
        Things=("Things", True),
        HistoricalLocations=("HistoricalLocations", True),
    ),
    _set(
        "HistoricalLocations",
        "HistoricalLocation",
        None,
        {"time": ("time",)},
        Thing=("Things", False),
        Locations=("Locations", True),
    ),
    _set(
        "Datastreams",
        "Datastream",
        Datastream,
        {
            **_NAMED,
            "observationType": ("observation_type",),
            "unitOfMeasurement/name": ("unit_name",),
            "unitOfMeasurement/symbol": ("unit",),
            "unitOfMeasurement/definition": ("unit_definition",),
            **_PROPERTIES,
        },
        Thing=("Things", False),
        Sensor=("Sensors", False),
        ObservedProperty=("ObservedProperties", False),
        Observations=("Observations", True),
    ),
    _set(
        "Sensors",
        "Sensor",
        Sensor,
        {**_NAMED, "encodingType": ("encoding",), "metadata": ("metadata",), **_PROPERTIES},
        Datastreams=("Datastreams", True),
    ),
    _set(
        "ObservedProperties",
        "ObservedProperty",
        ObservedProperty,
        {**_NAMED, "definition": ("definition",), **_PROPERTIES},
        Datastreams=("Datastreams", True),
    ),
    _set(
        "Observations",
        "Observation",
        None,
        {
            name: (name,)
            for name in (
                "phenomenonTime",
                "resultTime",
                "result",
                "resultQuality",
                "validTime",
                "parameters",
            )
        },
        Datastream=("Datastreams", False),
        FeatureOfInterest=("FeaturesOfInterest", False),
    ),
    _set(
        "FeaturesOfInterest",
        "FeatureOfInterest",
        Feature,
        {**_NAMED, "encodingType": ("encoding",), "feature": ("geometry",), **_PROPERTIES},
        Observations=("Observations", True),
    ),
)
SETS: dict[str, EntitySet] = {one.name: one for one in _ALL}

LINKS: dict[tuple[str, str], str] = {
    ("Datastreams", "Thing"): "thing",
    ("Datastreams", "Sensor"): "sensor",
    ("Datastreams", "ObservedProperty"): "observed_property",
}
"""Fields that hold the id of the one entity a navigation property leads to."""

OPTIONAL = {"Datastreams": ("phenomenonTime", "resultTime", "observedArea")}
"""Properties that are worked out: shown for single entities, and in lists if selected."""


def entity_set(name: str) -> EntitySet:
    """The set of that name; NotFound names those there are."""
    found = SETS.get(name)
    if found is None:
        raise NotFound("path", f"there is no entity set {name}", f"there are {', '.join(SETS)}")
    return found


def nav(of: EntitySet, name: str) -> Nav:
    """A navigation property of a set."""
    found = of.navs.get(name)
    if found is None:
        raise NotFound("path", f"{of.single} has no {name}", f"it leads to {', '.join(of.navs)}")
    return found


def refuse_unknown(of: EntitySet, names: list[str], option: str) -> None:
    """Names in an option must be properties or navigation properties."""
    known = {"id", "@iot.id", "@iot.selfLink", *of.properties, *of.navs, *OPTIONAL.get(of.name, ())}
    for name in names:
        if name.split("/")[0] not in known:
            raise Invalid(option, f"{of.single} has no {name!r}", f"it has {', '.join(sorted(known))}")
