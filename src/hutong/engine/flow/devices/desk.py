"""The device registry: who speaks, whether he may, and what his values are."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
from msgspec.structs import replace

from hutong.engine.directory import Directory
from hutong.engine.flow.devices.admission import Admission, Admitting, record_of
from hutong.engine.flow.devices.channels import ChannelMap, Columns
from hutong.engine.flow.devices.live import Live, Seen, Wire
from hutong.engine.flow.devices.quarantine import Newcomer, Quarantine
from hutong.engine.flow.devices.secret import Credentials
from hutong.engine.flow.devices.table import DeviceTable
from hutong.engine.rulebook import Rulebook
from hutong.kernel.access import Actor, decide
from hutong.kernel.base import Entity, Facts, Instant, Label
from hutong.kernel.changes import Changes
from hutong.kernel.clock import Clock
from hutong.kernel.errors import Conflict, Forbidden, HutongError, Invalid, Refused, Unavailable
from hutong.kernel.observation import ObservationBatch
from hutong.kernel.ports import Store
from hutong.kernel.thing import Device, Thing

SEEN = "seen"
PEER = "peer"
"""Options of a device that was in quarantine: what it said of itself, and where it came from."""


class Once(msgspec.Struct, frozen=True):
    """The idempotency key of a command, and the digest that tells requests apart."""

    key: str | None = None
    digest: str = ""


ALWAYS = Once()


def _nothing() -> None:
    return None


class DeviceDesk:
    """All devices of a city. `find`, `known`, `batch` and `unknown` are for event loops: they never touch the store.

    Who runs gateways calls `keep_up` about once a second, off the event loop: it takes in what others changed and writes
    newcomers down. `changed` is told when datastreams were made.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        rulebook: Rulebook,
        directory: Callable[[], Directory],
        changed: Callable[[], None] = _nothing,
        lane: int = 1,
    ) -> None:
        self.store = store
        self.clock = clock
        self.rulebook = rulebook
        self.directory = directory
        self.changed = changed
        self.lane = lane
        self.table = DeviceTable(store, lane)
        self.credentials = Credentials()
        self.quarantine = Quarantine()
        self.live = Live()
        self._maps: dict[int, ChannelMap] = {}
        for device in self.table.all():
            if device.state == "quarantined":
                self._note(device, clock.recorded_at())

    def find(self, protocol: str, address: str) -> Device | None:
        """The device of this address, in whatever state; None if nobody knows it."""
        return self.table.find(protocol, address)

    def known(self, device: Device, secret: str | None) -> bool | None:
        """Whether the secret is right, if it was shown before; None: ask `verify`, off the event loop."""
        return self.credentials.known(device, secret)

    def verify(self, device: Device, secret: str | None, peer: str = "") -> bool:
        """Whether the device showed what it must (always, if it has no secret). Hashes the first time: some 10 ms."""
        return self.credentials.verify(device, secret, self.clock.recorded_at(), peer)

    def batch(self, device: Device, readings: Columns) -> tuple[ObservationBatch, tuple[int, ...]]:
        """The rows whose channel has a datastream, in its unit; and the positions of the rows that have none."""
        channels = self._maps.get(device.id)
        if channels is None or channels.version != device.version:
            channels = self._maps[device.id] = ChannelMap(device)
        return channels.batch(readings)

    def unknown(self, protocol: str, address: str, facts: Facts, peer: str = "") -> None:
        """Somebody nobody knows sent something: he comes to the quarantine list with the next `keep_up`."""
        self.quarantine.offer(protocol, address, facts, peer, self.clock.recorded_at())

    def seen(self, devices: Sequence[int]) -> dict[int, Seen]:
        """What the gateways saw of these devices; those that did not speak are left out."""
        found = {id: self.live.of(id) for id in devices}
        return {id: seen for id, seen in found.items() if seen is not None}

    def wire(self) -> Wire:
        """What goes on at the ports of the gateways."""
        live = self.live
        return Wire(
            ports=live.ports(),
            faults=live.faults(),
            counts=dict(live.counts),
            turned_away=self.quarantine.turned_away,
        )

    def keep_up(self) -> None:
        """Takes in what other processes changed, and writes newcomers down."""
        now = self.clock.recorded_at()
        for device in self.table.follow():
            if device.state == "quarantined" and device.retired is None:
                self._note(device, now)
            else:
                self.quarantine.left(device.protocol, device.address)
        for newcomer in self.quarantine.take(now):
            self._write_down(newcomer, now)

    def _note(self, device: Device, at: Instant) -> None:
        self.quarantine.restore(device.protocol, device.address, str(device.options.get(PEER, "")), at)

    def _write_down(self, newcomer: Newcomer, now: Instant) -> None:
        """A new row in quarantine, or news of one; another process may have been faster."""
        known = self.find(newcomer.protocol, newcomer.address)
        seen = {SEEN: newcomer.facts, PEER: newcomer.peer}
        if known is not None and (known.state != "quarantined" or known.options == seen):
            if known.state == "quarantined":
                self._note(known, now)
            return
        at = self.clock.city_time()
        device = (
            replace(known, options=seen)
            if known is not None
            else Device(
                id=self.store.new_ids(1)[0],
                lane=self.lane,
                protocol=newcomer.protocol,
                address=newcomer.address,
                name=Label(newcomer.address, newcomer.address),
                options=seen,
                first_seen=at,
            )
        )
        try:
            self._put("device.quarantine", device, (), 0, {})
        except HutongError:
            return
        self._note(device, now)

    def admit(
        self, id: int, given: Admission, actor: Actor, version: int | None = None, once: Once = ALWAYS
    ) -> Device:
        """From now on its values are kept. Makes the datastreams and the sensor that are missing at the thing.

        A device that is admitted already is given other channels, thing, name or secret the same way.
        """
        device = self._device(id, version)
        self._check(device, actor)
        return self._admit(device, given, actor, once)

    def enrol(
        self, protocol: str, address: str, given: Admission, actor: Actor, once: Once = ALWAYS
    ) -> Device:
        """Admits a device by its address: before it was ever heard, or out of quarantine. Refused if it is known."""
        address = address.strip()
        if not protocol or not address:
            raise Invalid("address", "is empty", "give what names the device on the wire")
        device = self._enrolled(protocol, address, actor)
        while True:
            try:
                return self._admit(device, given, actor, once)
            except (Conflict, Unavailable):  # It may have been heard and written down just now.
                before, device = device, self._enrolled(protocol, address, actor)
                if device.version == before.version:
                    raise

    def _enrolled(self, protocol: str, address: str, actor: Actor) -> Device:
        """The row to admit: that of the quarantine, or a new one."""
        self.table.follow()
        known = self.find(protocol, address)
        if known is None:
            id = self.store.new_ids(1)[0]
            return Device(id=id, lane=self.lane, protocol=protocol, address=address)
        if known.state != "quarantined":
            raise Refused("address", f"{protocol} {address} is known already", "change that one")
        self._check(known, actor)
        return known

    def _admit(self, device: Device, given: Admission, actor: Actor, once: Once) -> Device:
        self.table.follow()
        others = (one for one in self.table.all() if one.id != device.id)
        taken = frozenset(stream for one in others for stream in one.channels.values())
        with self.store.reader() as reader:
            thing = reader.get(Thing, given.thing)
            self._may(actor, self.directory().scope(thing.place, thing.owner))
            admitted, made = Admitting(reader, self.store, self.rulebook, taken).rows(device, given)
        facts = {"profile": given.profile, "channels": len(admitted.channels)}
        kept = self._put("device.admit", admitted, made, actor.account, facts, once)
        self.quarantine.left(kept.protocol, kept.address)
        if made:
            self.changed()
        return kept

    def block(
        self, id: int, actor: Actor, note: str = "", version: int | None = None, once: Once = ALWAYS
    ) -> Device:
        """What it sends is refused, and it is not offered for admission again."""
        device = self._device(id, version)
        if device.state == "blocked":
            raise Refused("state", "the device is blocked already", "there is nothing to do")
        blocked = replace(device, state="blocked", note=note or device.note)
        return self._changed("device.block", blocked, actor, once)

    def change(
        self,
        id: int,
        actor: Actor,
        *,
        name: Label | None = None,
        note: str | None = None,
        secret_hash: str | None = None,
        version: int | None = None,
        once: Once = ALWAYS,
    ) -> Device:
        """Another name, note or secret (an empty hash: it needs to show none)."""
        device = self._device(id, version)
        changed = replace(
            device,
            name=name or device.name,
            note=device.note if note is None else note,
            secret=device.secret if secret_hash is None else secret_hash,
        )
        return self._changed("device.change", changed, actor, once)

    def rename(self, id: int, name: Label, actor: Actor, version: int | None = None) -> Device:
        """What people call it."""
        return self.change(id, actor, name=name, version=version)

    def remove(self, id: int, actor: Actor, version: int | None = None, once: Once = ALWAYS) -> Device:
        """Retires it; its datastreams and observations stay. Should it speak again, it is a newcomer."""
        device = self._device(id, version)
        retired = replace(device, retired=self.clock.city_time())
        return self._changed("device.remove", retired, actor, once)

    def _device(self, id: int, version: int | None) -> Device:
        """The row as stored; Conflict if the caller decided on another version."""
        with self.store.reader() as reader:
            device = reader.get(Device, id)
        if device.retired is not None:
            raise Refused("device", "the device was removed", "it comes back when it speaks again")
        return device if version is None else replace(device, version=version)

    def _changed(self, kind: str, device: Device, actor: Actor, once: Once) -> Device:
        self._check(device, actor)
        facts = {"note": device.note} if device.note else {}
        kept = self._put(kind, device, (), actor.account, facts, once)
        if kept.state != "quarantined" or kept.retired is not None:
            self.quarantine.left(kept.protocol, kept.address)
        return kept

    def _check(self, device: Device, actor: Actor) -> None:
        scope: tuple[int, ...] = ()
        if device.thing is not None:
            with self.store.reader() as reader:
                thing = reader.get(Thing, device.thing)
            scope = self.directory().scope(thing.place, thing.owner)
        self._may(actor, scope)

    @staticmethod
    def _may(actor: Actor, scope: tuple[int, ...]) -> None:
        decision = decide(actor, "manage", "device", scope)
        if not decision.allowed:
            raise Forbidden("device", decision.reason, "ask an administrator")

    def _put(
        self,
        kind: str,
        device: Device,
        made: tuple[Entity, ...],
        actor: int,
        facts: Facts,
        once: Once = ALWAYS,
    ) -> Device:
        at = self.clock.city_time()
        records = [record_of(kind, actor, at, (device,), facts)]
        if made:
            records.append(record_of("datastream.create", actor, at, made, {"device": device.id}))
        applied = self.store.apply(
            Changes(
                lane=self.lane,
                puts=(device, *made),
                records=tuple(records),
                idempotency_key=once.key,
                request_digest=once.digest,
                response=device.id,
            )
        )
        if applied.repeated:
            with self.store.reader() as reader:
                return reader.get(Device, int(applied.response))
        kept = next(row for row in applied.rows if isinstance(row, Device))
        self.table.take((kept,))
        return kept
