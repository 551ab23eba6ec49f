"""Devices as the API shows them: the row, what gateways saw of it, its channels with their datastreams."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from hutong.api.house import House
from hutong.api.shapes import Named, finite, time_of
from hutong.engine.flow.devices import DeviceDesk, Seen
from hutong.kernel.base import Label
from hutong.kernel.clock import iso
from hutong.kernel.errors import Unavailable
from hutong.kernel.ports import Reader
from hutong.kernel.thing import Datastream, Device, Thing


class DeviceRow(msgspec.Struct, frozen=True, kw_only=True):
    """A device. `last_seen` and the counts are those of this server since it started; null: not heard since."""

    id: int
    version: int
    protocol: str
    address: str
    state: str
    name: Label
    thing: Named | None
    profile: str
    secret: bool
    """Must it show one?"""
    channels: int
    first_seen: str | None
    last_seen: str | None
    peer: str
    packets: int
    refused: int
    note: str


class DeviceFault(msgspec.Struct, frozen=True):
    """Something on the wire that was no message; `data` are its first bytes, escaped."""

    at: str
    protocol: str
    peer: str
    reason: str
    data: str


class ChannelRow(msgspec.Struct, frozen=True, kw_only=True):
    """What the protocol calls a value, the datastream it is kept in, and its newest value."""

    channel: str
    stream: int
    name: str
    property: str
    unit: str
    wire_unit: str | None = None
    scale: float = 1.0
    offset: float = 0.0
    time: str | None = None
    number: float | None = None


class DevicePage(DeviceRow, frozen=True, kw_only=True):
    """A device with its channels. `heard` are the channels of its last packet, `unmapped` how many values had none."""

    mapped: list[ChannelRow]
    heard: list[str]
    rows: int
    unmapped: int
    facts: dict[str, Any]
    """What it said of itself when nobody knew it."""
    options: dict[str, Any]
    faults: list[DeviceFault]


def desk_of(house: House) -> DeviceDesk:
    """The registry; Unavailable on a server without one."""
    if house.context.devices is None:
        raise Unavailable("devices", "this server keeps no devices", "ask the server that runs the gateways")
    return house.context.devices


def device_rows(house: House, reader: Reader, devices: list[Device]) -> list[DeviceRow]:
    """Rows of a list, with the names of their things."""
    things = reader.many(Thing, sorted({one.thing for one in devices if one.thing is not None}))
    seen = desk_of(house).seen([one.id for one in devices])
    return [DeviceRow(**_fields(one, things.get(one.thing or 0), seen.get(one.id))) for one in devices]


def _fields(device: Device, thing: Thing | None, seen: Seen | None) -> dict[str, Any]:
    return {
        "id": device.id,
        "version": device.version,
        "protocol": device.protocol,
        "address": device.address,
        "state": device.state,
        "name": device.name,
        "thing": Named(thing.id, thing.name) if thing else None,
        "profile": device.profile,
        "secret": bool(device.secret),
        "channels": len(device.channels),
        "first_seen": time_of(device.first_seen),
        "last_seen": iso(seen.last) if seen else None,
        "peer": seen.peer if seen else str(device.options.get("peer", "")),
        "packets": seen.packets if seen else 0,
        "refused": seen.refused if seen else 0,
        "note": device.note,
    }


def device_page(house: House, reader: Reader, device: Device) -> DevicePage:
    thing = reader.many(Thing, [device.thing]).get(device.thing) if device.thing is not None else None
    seen = desk_of(house).seen([device.id]).get(device.id)
    options = dict(device.options)
    facts = options.pop("seen", {})
    options.pop("peer", None)
    convert = options.pop("convert", {})
    return DevicePage(
        **_fields(device, thing, seen),
        mapped=_channels(reader, device, convert),
        heard=list(seen.channels) if seen else [],
        rows=seen.rows if seen else 0,
        unmapped=seen.unmapped if seen else 0,
        facts=facts,
        options=options,
        faults=[fault_shape(one) for one in (seen.faults if seen else ())],
    )


def _channels(reader: Reader, device: Device, convert: dict[str, Any]) -> list[ChannelRow]:
    streams = reader.many(Datastream, sorted(set(device.channels.values())))
    latest = reader.latest(np.array(sorted(streams), np.int64))
    newest = {
        int(stream): (iso(int(at)), finite(float(number)))
        for stream, at, number in zip(latest.stream, latest.time, latest.number, strict=True)
    }
    found = []
    for wire, id in device.channels.items():
        stream = streams.get(id)
        if stream is None:
            continue
        scale, offset, unit, _ = convert.get(wire, (1.0, 0.0, None, None))
        time, number = newest.get(id, (None, None))
        found.append(
            ChannelRow(
                channel=wire, stream=id, name=stream.name, property=stream.property_code, unit=stream.unit,
                wire_unit=unit, scale=scale, offset=offset, time=time, number=number,
            )
        )  # fmt: skip
    return found


def fault_shape(fault: Any) -> DeviceFault:
    return DeviceFault(iso(fault.at), fault.protocol, fault.peer, fault.reason, fault.data)
