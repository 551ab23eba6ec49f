"""城市对象: things, and what senses them."""

from __future__ import annotations

from typing import Literal

from hutong.kernel.base import Entity, Facts, Instant, Label

SameTime = Literal["keep_first", "replace", "keep_all"]
ResultKind = Literal["number", "code", "text", "json"]
DeviceState = Literal["quarantined", "admitted", "blocked"]


class Thing(Entity, frozen=True, kw_only=True):
    """An object of the city: a road, a manhole, a pump station, a street tree.

    `type` is qualified (`drainage.manhole`); 部件 of GB/T 47678.5 have type `urban.component` or a type of
    their pack, and `component_class` (5 digits). `links` names other things by role.
    """

    type: str
    code: str
    name: Label
    component_class: str | None = None
    place: int | None = None
    """The unit grid it stands in."""
    geometry: bytes | None = None
    properties: Facts = {}
    links: dict[str, tuple[int, ...]] = {}
    owner: int | None = None


class Location(Entity, frozen=True, kw_only=True):
    """Where things are or were (SensorThings Location)."""

    name: str
    description: str = ""
    encoding: str = "application/geo+json"
    geometry: bytes | None = None
    things: tuple[int, ...] = ()
    since: Instant | None = None
    properties: Facts = {}


class Sensor(Entity, frozen=True, kw_only=True):
    """A device or method that makes observations."""

    name: str
    description: str = ""
    encoding: str = "text/plain"
    metadata: str = ""
    properties: Facts = {}


class ObservedProperty(Entity, frozen=True, kw_only=True):
    """What is observed. `code` is the pack's qualified name, or empty for one made by a client."""

    name: str
    definition: str = ""
    description: str = ""
    code: str = ""
    properties: Facts = {}


class Datastream(Entity, frozen=True, kw_only=True):
    """The observations of one property of one thing by one sensor."""

    name: str
    thing: int
    sensor: int
    observed_property: int
    property_code: str = ""
    """Copy of the observed property's code: the rules look streams up by (thing type, property code)."""
    description: str = ""
    observation_type: str = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement"
    result_kind: ResultKind = "number"
    unit: str = "1"
    """UCUM."""
    unit_name: str = ""
    unit_definition: str = ""
    low: float | None = None
    high: float | None = None
    interval: int | None = None
    """Expected µs between observations."""
    same_time: SameTime = "keep_all"
    properties: Facts = {}


class Feature(Entity, frozen=True, kw_only=True):
    """SensorThings FeatureOfInterest."""

    name: str
    description: str = ""
    encoding: str = "application/geo+json"
    geometry: bytes | None = None
    properties: Facts = {}


class Device(Entity, frozen=True, kw_only=True):
    """What speaks on a wire: a data logger, a vehicle terminal, a telemetry station, an MQTT client.

    (`protocol`, `address`) names it once: the MN of HJ 212, the phone number of JT/T 808, the station address of
    SL 651, the source address of GB/T 26875.3, the client or edge node of MQTT. One nobody knows is `quarantined`: what
    it sends is refused, and an operator admits or blocks it. `channels` maps what the protocol calls a value
    (`w01018-Rtd`, `speed`, `39`) to a datastream. `secret` is a salted hash of what it must show, or empty if its protocol
    has no credential. `profile` names the city's profile it was admitted with, `options` its dialect (version, charset …).
    """

    protocol: str
    address: str
    state: DeviceState = "quarantined"
    name: Label = Label("")
    thing: int | None = None
    profile: str = ""
    secret: str = ""
    channels: dict[str, int] = {}
    options: Facts = {}
    first_seen: Instant | None = None
    note: str = ""
