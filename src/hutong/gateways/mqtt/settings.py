"""What a city says of a broker: address, credentials by environment variable, and which faces speak through it."""

from __future__ import annotations

import re
import ssl
from pathlib import Path

import msgspec

from hutong.gateways.mqtt.topics import checked_filter
from hutong.gateways.mqtt.wire import Hello, Message, Version
from hutong.kernel.base import Facts
from hutong.kernel.definition.thing import Strict
from hutong.kernel.errors import Invalid

VERSIONS: dict[str, Version] = {"3.1.1": 4, "5": 5}
TIME_UNITS = {"s": 1_000_000, "ms": 1000, "us": 1, "iso": 0, "arrival": 0}
_NAME = re.compile(r"[A-Za-z0-9_.:-]{1,64}")


class JsonTopic(Strict, frozen=True, kw_only=True):
    """Devices that publish JSON objects on topics of one pattern."""

    topic: str
    """Filter: `city/+/telemetry`."""
    address: int | str = 1
    """Which wildcard of the filter is the device's address (1: the first), or the path of a field that holds it."""
    values: dict[str, str] = {}
    """Channel → path of its value (`data.level`, `readings[0].v`). Empty: every number in the object, by its path."""
    records: str = ""
    """Path of a list, if one message carries several readings; the other paths are then inside each of its objects."""
    time: str = ""
    """Path of the time; empty: the time of arrival."""
    time_unit: str = "iso"
    """`s`, `ms` or `us` since 1970, or `iso` (RFC 3339; without an offset in the city's zone)."""
    secret: str = ""
    """Path of what the device shows as credential; empty: the broker's own sign-in vouches for it."""


class Sparkplug(Strict, frozen=True, kw_only=True):
    """A Sparkplug B host application."""

    host: str
    """Host id: its state is retained at spBv1.0/STATE/HOST."""
    groups: tuple[str, ...] = ("+",)
    """Groups that are listened to."""


class SensorThings(Strict, frozen=True, kw_only=True):
    """The SensorThings face: entities are created by what clients publish, and published as they change."""

    account: str = ""
    """Login under whose rights clients create through this broker; empty: nothing is created."""
    prefix: str = "v1.1"
    """First levels of all its topics."""
    inbox: str = ""
    """First levels of the topics on which clients create, if they are to be others than those it publishes on."""
    url: str = "http://127.0.0.1:8000"
    """Address of the city's API, for the links in what is published."""
    entities: tuple[str, ...] | str = ("Things",)
    """Entity sets whose created and changed entities are published: `all`, `none` or names."""
    observations: tuple[str, ...] | str = "none"
    """Whose observations are published: observed properties (`drainage.level`), `Datastreams(7)`, `all` or `none`."""
    selects: tuple[str, ...] = ()
    """Topics with $select that are published besides, below the prefix: `Datastreams(7)/Observations?$select=result`."""
    warnings: str = "hutong/warnings"
    """Topic on which warnings are published as they are raised, judged and cleared; empty: none."""


class MqttSettings(Strict, frozen=True, kw_only=True):
    """The options of a gateway of protocol `mqtt`; `user` and `password` come from the environment (`secrets`)."""

    tls: bool = False
    ca: str = ""
    """PEM file of the authority that signed the broker's certificate; empty: those the system trusts."""
    client_id: str = "hutong"
    """Names our session in the broker; another one for each city and each entry."""
    version: str = "5"
    user: str | None = None
    password: str | None = None
    keep_alive: int = 30
    in_flight: int = 10_000
    """Messages the broker may have unacknowledged with us; what is beyond waits in the broker."""
    json: tuple[JsonTopic, ...] = ()
    sparkplug: Sparkplug | None = None
    sensorthings: SensorThings | None = None

    @property
    def protocol_level(self) -> Version:
        return VERSIONS[self.version]

    def hello(self, will: Message | None) -> Hello:
        """CONNECT of this broker. A Sparkplug host begins clean, as its standard asks."""
        return Hello(
            client=self.client_id,
            version=self.protocol_level,
            user=self.user,
            password=self.password,
            keep_alive=self.keep_alive,
            clean=self.sparkplug is not None,
            receive=self.in_flight,
            will=will,
        )

    def context(self) -> ssl.SSLContext | None:
        return ssl.create_default_context(cafile=self.ca or None) if self.tls else None


def read_settings(options: Facts, field: str = "mqtt") -> MqttSettings:
    """The settings of a gateway's options; Invalid names the key."""
    try:
        found = msgspec.convert(options, MqttSettings)
    except msgspec.ValidationError as error:
        raise Invalid(field, str(error), "see docs/how-to/mqtt.md") from None
    if found.version not in VERSIONS:
        raise Invalid(f"{field}.version", f"{found.version!r} is none", 'write "5" or "3.1.1"')
    if not 1 <= found.in_flight <= 65_535 or not 5 <= found.keep_alive <= 65_535:
        raise Invalid(field, "in_flight is 1 to 65535, keep_alive 5 to 65535 seconds")
    if not _NAME.fullmatch(found.client_id):
        raise Invalid(f"{field}.client_id", "is 1 to 64 letters, digits, and _ . : -")
    if found.ca and not Path(found.ca).is_file():
        raise Invalid(f"{field}.ca", f"there is no file {found.ca}")
    for at, one in enumerate(found.json):
        _check_json(one, f"{field}.json[{at}]")
    if found.sparkplug is not None:
        _check_sparkplug(found, field)
    if found.sensorthings is not None and found.sensorthings.account and found.protocol_level == 4:
        raise Invalid(
            f"{field}.version",
            "MQTT 3.1.1 sends back to a client what it published itself",
            'write "5", or leave out sensorthings.account',
        )
    return found


def _check_json(one: JsonTopic, field: str) -> None:
    checked_filter(one.topic, f"{field}.topic")
    wildcards = sum(level in ("+", "#") for level in one.topic.split("/"))
    if isinstance(one.address, int) and not 1 <= one.address <= wildcards:
        raise Invalid(f"{field}.address", f"the topic has {wildcards} wildcards, not {one.address}")
    if one.time_unit not in TIME_UNITS:
        raise Invalid(f"{field}.time_unit", f"{one.time_unit!r} is none", f"one of {', '.join(TIME_UNITS)}")


def _check_sparkplug(found: MqttSettings, field: str) -> None:
    if found.json or (found.sensorthings and found.sensorthings.account):
        raise Invalid(
            f"{field}.sparkplug",
            "a Sparkplug host begins every session clean, so other messages could be lost",
            "give it a gateway entry of its own",
        )
    assert found.sparkplug is not None
    for group in found.sparkplug.groups:
        checked_filter(f"spBv1.0/{group}/#", f"{field}.sparkplug.groups")
