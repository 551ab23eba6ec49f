"""GET /devices and what operators do with them: admit, change, block, remove; GET /gateways."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Response, Router, delete, get, patch, post
from litestar.params import FromQuery, JSONBody

from hutong.api.access import access
from hutong.api.device_rows import (
    DeviceFault,
    DevicePage,
    DeviceRow,
    desk_of,
    device_page,
    device_rows,
    fault_shape,
)
from hutong.api.house import House
from hutong.api.requests import (
    IfMatch,
    InState,
    Limit,
    QueryId,
    Repeat,
    RowId,
    TheActor,
    TheHouse,
    TheRepeat,
    answered,
    etag,
    version_of,
)
from hutong.api.shapes import Id
from hutong.engine.flow.devices import Admission, Once, PortState, hash_secret
from hutong.kernel.access import Actor, decide, predicate
from hutong.kernel.base import Label
from hutong.kernel.definition.device import ChannelDefinition
from hutong.kernel.errors import NotFound
from hutong.kernel.ports import Reader
from hutong.kernel.query import EVERYTHING, Call, Expr, Field, In, Matches, Or, Value, both, equals
from hutong.kernel.thing import Device, Thing

MOST = 200
Text = Annotated[str, msgspec.Meta(max_length=2000)]
Secret = Annotated[str, msgspec.Meta(max_length=200)]


class DeviceList(msgspec.Struct, frozen=True):
    """A page; `counts` are all devices of the city by state."""

    rows: list[DeviceRow]
    after: str | None
    counts: dict[str, int]


class Admit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """At which thing, and what its values are: a profile, channels of its own (they come first), or both.

    `secret` is what the device must show; left out, it stays as it is, and empty means none.
    """

    thing: Id
    profile: str = ""
    channels: dict[str, str | ChannelDefinition] = {}
    name: Label | None = None
    secret: Secret | None = None
    note: Text | None = None


class Enrol(Admit, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A device that was not heard yet."""

    protocol: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    address: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class Block(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why."""

    note: Text = ""


class Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is left out stays. An empty secret: it needs to show none."""

    name: Label | None = None
    note: Text | None = None
    secret: Secret | None = None


class Profile(msgspec.Struct, frozen=True):
    """A kind of device, as devices.yaml has it: channel → observed property."""

    name: str
    label: Label
    protocol: str
    channels: dict[str, str | ChannelDefinition]


class ProfileList(msgspec.Struct, frozen=True):
    rows: list[Profile]


class GatewayPage(msgspec.Struct, frozen=True):
    """The ports of this server, the newest faults on the wire, and messages of strangers that found no place in quarantine."""

    ports: list[PortState]
    faults: list[DeviceFault]
    turned_away: int
    packets: dict[str, int]
    """By what became of them: kept, unknown, secret, content, busy."""


def _may_read(house: House, reader: Reader, actor: Actor, device: Device) -> bool:
    """A device belongs where its thing stands; one without a thing is the whole city's."""
    scope: tuple[int, ...] = ()
    if device.thing is not None:
        thing = reader.get(Thing, device.thing)
        scope = house.directory.scope(thing.place, thing.owner)
    return decide(actor, "read", "device", scope).allowed


def _found(house: House, reader: Reader, actor: Actor, id: int) -> Device:
    device = reader.get(Device, id)
    if device.retired is not None or not _may_read(house, reader, actor, device):
        raise NotFound("device", f"there is no device/{id}", noun="device", id=id)
    return device


def _words(text: str | None) -> Expr | None:
    if text is None or not text.strip():
        return None
    given = text.strip()
    return Or((Matches(given), Call("startswith", (Field(("address",)), Value(given)))))


@get("/devices", guards=[access("read", "device")], sync_to_thread=True, summary="Devices")
def list_devices(
    house: TheHouse,
    actor: TheActor,
    states: InState = None,
    protocol: FromQuery[str | None] = None,
    thing: QueryId = None,
    q: FromQuery[str | None] = None,
    after: FromQuery[str | None] = None,
    limit: Limit = 50,
) -> DeviceList:
    """`state`: quarantined, admitted, blocked; `q`: words of the name, or how the address begins."""
    where = both(
        In(Field(("state",)), tuple(states.split(","))) if states else None,
        equals("protocol", protocol) if protocol else None,
        equals("thing", thing) if thing is not None else None,
        _words(q),
    )
    with house.store.reader() as reader:
        page = reader.find(Device, where, limit=min(limit, MOST), after=after)
        whole = predicate(actor, "read", "device") == EVERYTHING
        rows = [one for one in page.rows if whole or _may_read(house, reader, actor, one)]
        counts = reader.counters("device.state") if whole else {}
        return DeviceList(device_rows(house, reader, rows), page.after, counts)


@get("/devices/{id:int}", guards=[access("read", "device")], sync_to_thread=True, summary="One device")
def one_device(house: TheHouse, actor: TheActor, id: RowId) -> Response[DevicePage]:
    """The device with its channels, their datastreams and newest values, and its last faults."""
    with house.store.reader() as reader:
        device = _found(house, reader, actor, id)
        return _answer(house, reader, device)


def _answer(house: House, reader: Reader, device: Device, status: int = 200) -> Response[DevicePage]:
    page = device_page(house, reader, device)
    return Response(page, headers={"ETag": etag(device.version)}, status_code=status)


def _after(house: House, id: int, status: int = 200) -> Response[DevicePage]:
    with house.store.reader() as reader:
        return _answer(house, reader, reader.get(Device, id), status)


def _once(repeat: Repeat) -> Once:
    return Once(repeat.key, repeat.digest)


def _admission(data: Admit) -> Admission:
    return Admission(
        thing=data.thing,
        profile=data.profile,
        channels=data.channels,
        name=data.name,
        secret_hash=_hash(data.secret),
        note=data.note,
    )


def _hash(secret: str | None) -> str | None:
    return hash_secret(secret) if secret else secret


@post(
    "/devices", guards=[access("manage", "device")], sync_to_thread=True, summary="Admit a device before it is heard"
)  # fmt: skip
def enrol(house: TheHouse, actor: TheActor, repeat: TheRepeat, data: JSONBody[Enrol]) -> Response[DevicePage]:
    """Makes the datastreams and the sensor that are missing at the thing."""
    known = answered(house, repeat)
    if known is not None:
        return _after(house, known, 201)
    given = _admission(data)
    device = desk_of(house).enrol(data.protocol, data.address, given, actor, _once(repeat))
    return _after(house, device.id, 201)


@post(
    "/devices/{id:int}/admission",
    guards=[access("manage", "device")],
    status_code=200,
    sync_to_thread=True,
    summary="Admit a device",
)
def admit(
    house: TheHouse,
    actor: TheActor,
    repeat: TheRepeat,
    id: RowId,
    data: JSONBody[Admit],
    if_match: IfMatch = None,
) -> Response[DevicePage]:
    """From now on its values are kept. An admitted device is given another thing, profile or channels the same way."""
    if answered(house, repeat) is None:
        desk_of(house).admit(id, _admission(data), actor, version_of(if_match), _once(repeat))
    return _after(house, id)


@post(
    "/devices/{id:int}/block",
    guards=[access("manage", "device")],
    status_code=200,
    sync_to_thread=True,
    summary="Block a device",
)
def block(
    house: TheHouse,
    actor: TheActor,
    repeat: TheRepeat,
    id: RowId,
    data: JSONBody[Block],
    if_match: IfMatch = None,
) -> Response[DevicePage]:
    """What it sends is refused, and it is not offered for admission again."""
    if answered(house, repeat) is None:
        desk_of(house).block(id, actor, data.note, version_of(if_match), _once(repeat))
    return _after(house, id)


@patch(
    "/devices/{id:int}", guards=[access("manage", "device")], sync_to_thread=True, summary="Change a device"
)
def change_device(
    house: TheHouse,
    actor: TheActor,
    repeat: TheRepeat,
    id: RowId,
    data: JSONBody[Change],
    if_match: IfMatch = None,
) -> Response[DevicePage]:
    """Another name, note or secret."""
    if answered(house, repeat) is None:
        desk_of(house).change(
            id,
            actor,
            name=data.name,
            note=data.note,
            secret_hash=_hash(data.secret),
            version=version_of(if_match),
            once=_once(repeat),
        )
    return _after(house, id)


@delete(
    "/devices/{id:int}", guards=[access("manage", "device")], sync_to_thread=True, summary="Remove a device"
)
def remove_device(
    house: TheHouse, actor: TheActor, repeat: TheRepeat, id: RowId, if_match: IfMatch = None
) -> None:
    """Its datastreams and observations stay. Should it speak again, it comes back in quarantine."""
    if answered(house, repeat) is None:
        desk_of(house).remove(id, actor, version_of(if_match), _once(repeat))


@get("/device-profiles", guards=[access("read", "device")], sync_to_thread=False, summary="Kinds of devices")
def profiles(house: TheHouse, protocol: FromQuery[str | None] = None) -> ProfileList:
    """Profiles of devices.yaml, all or those of one protocol."""
    found = house.rulebook.city.devices.profiles
    return ProfileList(
        [
            Profile(one.name, one.label, one.protocol, dict(one.channels))
            for one in found
            if protocol in (None, one.protocol)
        ]
    )


@get(
    "/gateways",
    guards=[access("manage", "device")],
    sync_to_thread=True,
    summary="Ports that devices speak to",
)
def gateways(house: TheHouse) -> GatewayPage:
    """What goes on at the ports of this server."""
    wire = desk_of(house).wire()
    faults: list[Any] = list(wire.faults)
    return GatewayPage(wire.ports, [fault_shape(one) for one in faults], wire.turned_away, wire.counts)


router = Router(
    "/",
    route_handlers=[
        list_devices,
        one_device,
        enrol,
        admit,
        block,
        change_device,
        remove_device,
        profiles,
        gateways,
    ],
    tags=["devices"],
)
