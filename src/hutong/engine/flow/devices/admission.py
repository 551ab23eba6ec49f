"""What admitting a device makes: its datastreams at a thing, a sensor, and the row that maps its channels to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec
from msgspec.structs import replace

from hutong.engine.flow.devices.channels import CONVERT, converter
from hutong.engine.rulebook import Rulebook
from hutong.kernel.base import Entity, Facts, Label, Provenance
from hutong.kernel.changes import Record
from hutong.kernel.definition.device import ChannelDefinition, Channels, ProfileDefinition, channel
from hutong.kernel.definition.thing import PropertyDefinition
from hutong.kernel.errors import Invalid, NotFound
from hutong.kernel.ports import Reader, Store
from hutong.kernel.query import equals
from hutong.kernel.spans import span
from hutong.kernel.thing import Datastream, Device, ObservedProperty, Sensor, Thing

MOST_CHANNELS = 2000


class Admission(msgspec.Struct, frozen=True, kw_only=True):
    """How a device is admitted: at which thing, by a profile of the city or by channels of its own.

    `secret_hash` is what `hash_secret` gave; None leaves the device's as it is.
    """

    thing: int
    profile: str = ""
    channels: Channels = {}
    name: Label | None = None
    secret_hash: str | None = None
    note: str | None = None
    options: Facts = {}


class Admitting:
    """Makes the rows of one admission, reading what is there already."""

    def __init__(self, reader: Reader, store: Store, rulebook: Rulebook, taken: frozenset[int]) -> None:
        self.reader = reader
        self.store = store
        self.rulebook = rulebook
        self.taken = taken
        """Datastreams that other devices feed."""

    def rows(self, device: Device, given: Admission) -> tuple[Device, tuple[Entity, ...]]:
        """The admitted device, and the new rows beside it. Invalid names the channel that does not fit."""
        profile = self.profile(device.protocol, given.profile)
        channels = {name: channel(one) for name, one in _channels(profile, given.channels).items()}
        thing = self.reader.get(Thing, given.thing)
        if thing.retired is not None:
            raise Invalid("thing", f"{thing.code} is retired", "choose one that is there")
        named = device.name.zh not in ("", device.address)
        name = given.name or (device.name if named else _name(profile, device))
        free = self._free(device, thing)
        sensor = Sensor(
            id=self.store.new_ids(1)[0],
            name=name.zh,
            description=f"{device.protocol} {device.address}",
            properties={"device": device.id},
            provenance=_from(device),
        )
        streams: dict[str, int] = {}
        made: list[Datastream] = []
        for wire, one in channels.items():
            definition = self._definition(wire, one, thing)
            known = free.pop((wire, one.property), None) or free.pop(("", one.property), None)
            if known is None:
                made.append(self._stream(device, wire, one, definition, thing, sensor.id))
            streams[wire] = known or made[-1].id
        admitted = replace(
            device,
            state="admitted",
            thing=thing.id,
            profile=given.profile,
            name=name,
            channels=streams,
            secret=device.secret if given.secret_hash is None else given.secret_hash,
            note=device.note if given.note is None else given.note,
            options=self._options(device, profile, given, channels),
        )
        return admitted, (sensor, *made) if made else ()

    def profile(self, protocol: str, name: str) -> ProfileDefinition | None:
        """The city's profile of that name, for that protocol."""
        if not name:
            return None
        found = next((one for one in self.rulebook.city.devices.profiles if one.name == name), None)
        if found is None:
            raise NotFound("profile", f"there is no profile {name!r}", "define it in devices.yaml")
        if found.protocol != protocol:
            raise Invalid(
                "profile", f"{name} is for {found.protocol}, the device speaks {protocol}", "choose another"
            )
        return found

    def _definition(self, wire: str, one: ChannelDefinition, thing: Thing) -> PropertyDefinition:
        field = f"channels/{wire}"
        definition = self.rulebook.properties.get(one.property)
        if definition is None:
            raise Invalid(field, f"there is no observed property {one.property!r}", "name one of a pack")
        if thing.type not in definition.of:
            places = ", ".join(definition.of)
            raise Invalid(field, f"{one.property} is observed at {places}, not at {thing.type}", "mend one")
        converter(one.scale, one.offset, one.unit or definition.unit, definition.unit)
        return definition

    def _free(self, device: Device, thing: Thing) -> dict[tuple[str, str], int]:
        """Datastreams of the thing that may be fed: this device's own by channel, and such as nothing feeds."""
        own = {id: wire for wire, id in device.channels.items()}
        found: dict[tuple[str, str], int] = {}
        for stream in self._streams_of(thing):
            usable = stream.same_time != "keep_all" and stream.provenance.kind == "recorded"
            if stream.id in own:
                found[own[stream.id], stream.property_code] = stream.id
            elif stream.id not in self.taken and usable and stream.property_code:
                found.setdefault(("", stream.property_code), stream.id)
        return found

    def _streams_of(self, thing: Thing) -> Iterator[Datastream]:
        after: str | None = None
        while True:
            page = self.reader.find(Datastream, equals("thing", thing.id), limit=1000, after=after)
            yield from page.rows
            after = page.after
            if after is None:
                return

    def _stream(
        self,
        device: Device,
        wire: str,
        one: ChannelDefinition,
        definition: PropertyDefinition,
        thing: Thing,
        sensor: int,
    ) -> Datastream:
        interval = one.interval or definition.interval
        return Datastream(
            id=self.store.new_stream_ids(1)[0],
            name=f"{thing.name.zh} {definition.label.zh} {wire}",
            description=f"{thing.name.text('en')}: {definition.label.en} ({wire})",
            thing=thing.id,
            sensor=sensor,
            observed_property=self._observed(definition),
            property_code=definition.name,
            result_kind=definition.kind,
            unit=definition.unit,
            unit_name=definition.unit,
            low=definition.low,
            high=definition.high,
            interval=span(interval) if interval else None,
            same_time="keep_first",
            properties={"device": device.id, "channel": wire},
            provenance=_from(device),
        )

    def _observed(self, definition: PropertyDefinition) -> int:
        rows = self.reader.find(ObservedProperty, equals("code", definition.name), limit=1).rows
        if not rows:
            raise NotFound(
                "observed_property",
                f"{definition.name} has no row in this city",
                "its pack came after the city was opened; start the city again",
            )
        return rows[0].id

    def _options(
        self,
        device: Device,
        profile: ProfileDefinition | None,
        given: Admission,
        channels: Mapping[str, ChannelDefinition],
    ) -> Facts:
        """What was seen in quarantine, the dialect, and how each channel's numbers are converted."""
        kept = {name: value for name, value in device.options.items() if name != CONVERT}
        convert = {
            wire: [one.scale, one.offset, one.unit or unit, unit]
            for wire, one in channels.items()
            for unit in (self.rulebook.properties[one.property].unit,)
            if one.scale != 1.0 or one.offset or (one.unit or unit) != unit
        }
        dialect = {**(profile.options if profile else {}), **given.options}
        return {**kept, **dialect, **({CONVERT: convert} if convert else {})}


def _channels(profile: ProfileDefinition | None, own: Channels) -> Channels:
    """The profile's channels, and those given besides, which come first."""
    found = {**(profile.channels if profile else {}), **own}
    if not found:
        raise Invalid("channels", "there are none", "name a profile, or give the device's channels")
    if len(found) > MOST_CHANNELS:
        raise Invalid("channels", f"there are {len(found)}", f"give at most {MOST_CHANNELS}")
    return found


def _name(profile: ProfileDefinition | None, device: Device) -> Label:
    if profile is None:
        return Label(device.address, device.address)
    return Label(f"{profile.label.zh} {device.address}", f"{profile.label.en} {device.address}")


def _from(device: Device) -> Provenance:
    return Provenance("recorded", f"{device.protocol} device {device.address}")


def record_of(kind: str, actor: int, at: int, rows: tuple[Entity, ...], facts: Facts) -> Record:
    """A record that names all rows."""
    nouns = {Device: "device", Datastream: "datastream", Sensor: "sensor"}
    subjects = tuple((nouns[type(row)], row.id) for row in rows)
    return Record(kind=kind, actor=actor, at=at, subjects=subjects, facts=facts)
