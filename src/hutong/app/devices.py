"""Devices of a stopped city, for the command line."""

from __future__ import annotations

from pathlib import Path

from hutong.app.custody import opened
from hutong.app.gateways import thing_of
from hutong.engine.directory import everything
from hutong.engine.flow.devices import Admission, hash_secret
from hutong.kernel.access import SYSTEM
from hutong.kernel.errors import NotFound
from hutong.kernel.thing import Device, Thing

STATES = ("quarantined", "admitted", "blocked")


def listed(folder: Path, state: str | None, database: str | None) -> list[tuple[str, ...]]:
    """Rows of protocol, address, state, name, thing and profile."""
    if state is not None and state not in STATES:
        raise NotFound("--state", f"there is no state {state!r}", f"states are {', '.join(STATES)}")
    with opened(folder, database) as running, running.store.reader() as reader:
        found = [one for one in everything(reader, Device) if state in (None, one.state)]
        things = reader.many(Thing, sorted({one.thing for one in found if one.thing is not None}))
        found.sort(key=lambda one: (STATES.index(one.state), one.protocol, one.address))
        return [
            (
                one.protocol,
                one.address,
                one.state,
                one.name.zh,
                things[one.thing].code if one.thing in things else "",
                one.profile,
            )
            for one in found
        ]


def admit(
    folder: Path,
    protocol: str,
    address: str,
    thing: str,
    profile: str,
    secret: str | None,
    database: str | None,
) -> Device:
    """Admits a device that was heard, or one that was not yet."""
    with opened(folder, database) as running:
        digest = hash_secret(secret) if secret else secret
        given = Admission(thing=thing_of(running, thing), profile=profile, secret_hash=digest)
        known = running.devices.find(protocol, address)
        if known is None:
            return running.devices.enrol(protocol, address, given, SYSTEM)
        return running.devices.admit(known.id, given, SYSTEM)


def block(folder: Path, protocol: str, address: str, note: str, database: str | None) -> None:
    """Refused if it is blocked already, NotFound if nobody ever heard of it."""
    with opened(folder, database) as running:
        known = running.devices.find(protocol, address)
        if known is None:
            raise NotFound("address", f"there is no device {protocol} {address}", "see `hutong device list`")
        running.devices.block(known.id, SYSTEM, note)
