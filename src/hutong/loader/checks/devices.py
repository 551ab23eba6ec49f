"""devices.yaml: profiles name observed properties in units that convert, devices name profiles, ports do not collide."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

from hutong.engine.flow.devices.secret import is_hash
from hutong.kernel.definition.device import (
    PROTOCOLS,
    ChannelDefinition,
    DeviceEntry,
    GatewayDefinition,
    channel,
)
from hutong.kernel.errors import Invalid
from hutong.kernel.spans import span
from hutong.kernel.units import commensurable
from hutong.loader.checks.known import Known
from hutong.loader.checks.variables import REASON, REMEDY, is_variable
from hutong.loader.city_source import CitySource
from hutong.loader.problem import Problem
from hutong.loader.yaml_source import Path_

FILE = "devices.yaml"

BROKERS = ("mqtt", "sparkplug")
"""Protocols whose port is a broker's: many clients may go to one."""


def device_problems(source: CitySource, known: Known) -> Iterator[Problem]:
    """Every mistake of a city's devices.yaml."""
    checks = _Devices(source, known)
    yield from checks.profiles()
    yield from checks.devices()
    yield from checks.gateways()


class _Devices:
    def __init__(self, source: CitySource, known: Known) -> None:
        self.source = source
        self.known = known
        self.file = source.devices
        self.by_name = {one.name: one for one in self.file.profiles}

    def problem(self, path: Path_, reason: str, remedy: str) -> Problem:
        return self.source.problem(FILE, path, reason, remedy)

    def named(self, path: Path_, name: str, names: Any, what: str) -> Iterator[Problem]:
        if name not in names:
            near = get_close_matches(name, list(names), n=1)
            remedy = (
                f"did you mean {near[0]!r}?" if near else f"name one of {', '.join(sorted(names)) or '—'}"
            )
            yield self.problem(path, f"there is no {what} {name!r}", remedy)

    def once(self, path: Path_, key: Any, seen: set[Any], shown: str) -> Iterator[Problem]:
        if key in seen:
            yield self.problem(path, f"{shown} stands twice", "keep one of them")
        seen.add(key)

    def variable(self, path: Path_, name: str) -> Iterator[Problem]:
        """A secret in clear looks otherwise than an environment variable."""
        if not is_variable(name):
            yield self.problem(path, REASON, REMEDY)

    def profiles(self) -> Iterator[Problem]:
        names: set[str] = set()
        for index, profile in enumerate(self.file.profiles):
            path: Path_ = ("profiles", index)
            yield from self.once((*path, "name"), profile.name, names, repr(profile.name))
            yield from self.named((*path, "protocol"), profile.protocol, PROTOCOLS, "protocol")
            if not profile.channels:
                yield self.problem((*path, "channels"), "there are none", "name what the values become")
            for wire, given in profile.channels.items():
                yield from self.channel((*path, "channels", wire), channel(given))

    def channel(self, path: Path_, one: ChannelDefinition) -> Iterator[Problem]:
        definition = self.known.properties.get(one.property)
        if definition is None:
            yield from self.named(path, one.property, self.known.properties, "observed property")
            return
        try:
            if one.unit is not None and not commensurable(one.unit, definition.unit):
                reason = f"{one.unit} does not convert to {definition.unit} of {one.property}"
                yield self.problem((*path, "unit"), reason, "mend the unit or the property")
            if one.interval is not None:
                span(one.interval)
        except Invalid as error:
            yield self.problem((*path, error.field), error.reason, error.remedy)

    def devices(self) -> Iterator[Problem]:
        addresses: set[tuple[str, str]] = set()
        for index, device in enumerate(self.file.devices):
            path: Path_ = ("devices", index)
            key = (device.protocol, device.address)
            yield from self.once((*path, "address"), key, addresses, f"{device.protocol} {device.address}")
            yield from self.named((*path, "protocol"), device.protocol, PROTOCOLS, "protocol")
            yield from self.named((*path, "profile"), device.profile, self.by_name, "profile")
            profile = self.by_name.get(device.profile)
            if profile is not None and profile.protocol != device.protocol:
                reason = f"{profile.name} is for {profile.protocol}, not for {device.protocol}"
                yield self.problem((*path, "profile"), reason, "name another profile")
            yield from self.secret(path, device)

    def secret(self, path: Path_, device: DeviceEntry) -> Iterator[Problem]:
        if device.secret and device.secret_hash:
            yield self.problem((*path, "secret"), "stands beside secret_hash", "keep one of them")
        if device.secret:
            yield from self.variable((*path, "secret"), device.secret)
        if device.secret_hash and not is_hash(device.secret_hash):
            yield self.problem(
                (*path, "secret_hash"), "is no salted hash", "make it with `hutong device hash`"
            )

    def gateways(self) -> Iterator[Problem]:
        ports: set[tuple[str, int]] = set()
        for index, gateway in enumerate(self.file.gateways):
            path: Path_ = ("gateways", index)
            yield from self.named((*path, "protocol"), gateway.protocol, PROTOCOLS, "protocol")
            if not 1 <= gateway.port <= 65535:
                yield self.problem((*path, "port"), f"{gateway.port} is no port", "give 1 to 65535")
            shown = f"{gateway.transport} {gateway.port}"
            if gateway.protocol not in BROKERS:
                yield from self.once((*path, "port"), (gateway.transport, gateway.port), ports, shown)
            for name, variable in gateway.secrets.items():
                yield from self.variable((*path, "secrets", name), variable)
                if name in gateway.options:
                    yield self.problem(
                        (*path, "options", name), "stands in secrets too", "keep the one in secrets"
                    )
            yield from self.limits(path, gateway)

    def limits(self, path: Path_, gateway: GatewayDefinition) -> Iterator[Problem]:
        limits = gateway.limits
        for name in limits.__struct_fields__:
            if getattr(limits, name) <= 0:
                yield self.problem((*path, "limits", name), "must be above 0", "give a positive number")
        for name in ("keep_raw_days", "keep_raw_megabytes"):
            if getattr(gateway, name) < 0:
                yield self.problem((*path, name), "must not be negative", "give 0 to keep none")
