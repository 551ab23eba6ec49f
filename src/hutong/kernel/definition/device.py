"""devices.yaml of a city: profiles of devices, the devices it knows from the start, and the ports they speak to."""

from __future__ import annotations

from typing import Literal

from hutong.kernel.base import Facts, Label
from hutong.kernel.definition.thing import Strict

Transport = Literal["tcp", "udp"]
PROTOCOLS = ("hj212", "jt808", "sl651", "gb26875", "mqtt", "sparkplug")
"""What devices may speak."""


class ChannelDefinition(Strict, frozen=True, kw_only=True):
    """What a protocol's value becomes: number × `scale` + `offset` in `unit`, then in the unit of the property."""

    property: str
    """Qualified observed property: `base.cod`."""
    unit: str | None = None
    """UCUM unit on the wire, if it is another than the property's."""
    scale: float = 1.0
    """What a raw number is multiplied with."""
    offset: float = 0.0
    """What is added after that."""
    interval: str | None = None
    """How often it comes (`1 h`), if otherwise than the property says."""


Channels = dict[str, str | ChannelDefinition]
"""The protocol's name of a value → a qualified observed property, or a definition with its unit."""


class ProfileDefinition(Strict, frozen=True, kw_only=True):
    """Devices of one kind: what each of their values is."""

    name: str
    """Short name, for devices and operators."""
    label: Label
    """What operators read."""
    protocol: str
    """The protocol these devices speak: `hj212`, `jt808`, `sl651`, `gb26875`, `mqtt`, `sparkplug`."""
    channels: Channels
    """The protocol's names of values and what they become. Names that are not listed are not kept."""
    options: Facts = {}
    """The dialect of these devices, for their protocol."""


class DeviceEntry(Strict, frozen=True, kw_only=True):
    """A device that is known from the start; it is taken in once, when the city is opened."""

    protocol: str
    """The protocol it speaks."""
    address: str
    """What names it on the wire: the MN of HJ 212, the phone number of JT/T 808, a station address."""
    thing: str
    """Code of the thing it observes."""
    profile: str
    """Name of the profile it is admitted with."""
    name: Label | None = None
    """What people call it (default: the profile's label and the address)."""
    secret: str = ""
    """The environment variable that holds what the device must show. Never the secret itself."""
    secret_hash: str = ""
    """The salted hash of it instead (`hutong device hash` makes it)."""


class GatewayLimits(Strict, frozen=True, kw_only=True):
    """How much a port takes before it closes what is too much."""

    connections: int = 10_000
    """Connections in all; when there are more, those that never said anything go first."""
    per_address: int = 2_000
    """Connections of one peer address: many devices may stand behind one router."""
    bytes: int = 64_000
    """Bytes of a connection that wait to become messages."""
    total_bytes: int = 64_000_000
    """Bytes and parts of all connections together that wait to become messages."""
    unanswered: int = 64
    """Packets of a connection that wait for their commit; its reading pauses meanwhile."""
    first_seconds: float = 30.0
    """Time to the first valid message."""
    idle_seconds: float = 900.0
    """Time without any valid message after that."""
    faults: int = 20
    """Faults in a row, without a valid message between, that close a connection."""
    rows: int = 200_000
    """Rows of the whole port that wait for their commit; all reading pauses meanwhile."""


class GatewayDefinition(Strict, frozen=True, kw_only=True):
    """A port that devices speak to."""

    protocol: str
    """The protocol spoken there."""
    port: int
    """Number of the port."""
    host: str = "127.0.0.1"
    """Address to listen on; anything but loopback belongs behind a firewall or a private network."""
    transport: Transport = "tcp"
    """`tcp` or `udp`."""
    limits: GatewayLimits = GatewayLimits()
    """Bounds of connections, bytes, packets and times."""
    options: Facts = {}
    """The dialect spoken at this port, for its protocol: character set, version, whether answers are due."""
    secrets: dict[str, str] = {}
    """Options that are secret (`sm4_key`): option → environment variable that holds it."""
    keep_raw_days: int = 7
    """Days that raw packets are kept in the city's folder `raw`; 0 keeps none. HJ 212 asks for it."""
    keep_raw_megabytes: int = 1024
    """Most that the raw packets of one day may take."""


class DevicesFile(Strict, frozen=True, kw_only=True):
    """devices.yaml"""

    profiles: tuple[ProfileDefinition, ...] = ()
    """Kinds of devices."""
    devices: tuple[DeviceEntry, ...] = ()
    """Devices known from the start."""
    gateways: tuple[GatewayDefinition, ...] = ()
    """Ports they speak to; none is opened that is not listed."""


def channel(given: str | ChannelDefinition) -> ChannelDefinition:
    """A channel in full."""
    return ChannelDefinition(property=given) if isinstance(given, str) else given
