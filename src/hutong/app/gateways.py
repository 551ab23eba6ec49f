"""The ports of a running city, in a thread of their own; and the devices that devices.yaml brings."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from typing import Any

from hutong.app.city import RunningCity
from hutong.engine.flow.devices import Admission, hash_secret
from hutong.gateways.dialogue import Speaks
from hutong.gateways.gb26875 import Gb26875
from hutong.gateways.hj212 import speak as hj212
from hutong.gateways.jt808 import Jt808
from hutong.gateways.raw import RawLog
from hutong.gateways.server import Gateway
from hutong.gateways.sl651 import Sl651
from hutong.kernel.access import SYSTEM
from hutong.kernel.base import Facts
from hutong.kernel.definition.device import DeviceEntry, GatewayDefinition
from hutong.kernel.errors import HutongError, NotFound
from hutong.kernel.query import equals
from hutong.kernel.thing import Thing

PROTOCOLS: dict[str, Speaks] = {"hj212": hj212, "jt808": Jt808, "sl651": Sl651, "gb26875": Gb26875}
"""What `protocol` of a gateway may be."""
RAW_KEPT = frozenset({"hj212"})
"""Protocols whose standard asks the platform to keep raw packets."""
RAW = "raw"
KEEP_UP_SECONDS = 1.0
SOCKETS = 65_536
_log = logging.getLogger(__name__)


def take_in(running: RunningCity, environment: Mapping[str, str] = os.environ) -> list[str]:
    """Devices of devices.yaml that are not there yet; what could not be taken in, and why."""
    troubles = []
    for entry in running.city.devices.devices:
        if running.devices.find(entry.protocol, entry.address) is not None:
            continue
        try:
            _enrol(running, entry, environment)
        except HutongError as error:
            troubles.append(f"devices.yaml: {entry.protocol} {entry.address}: {error}")
    return troubles


def _enrol(running: RunningCity, entry: DeviceEntry, environment: Mapping[str, str]) -> None:
    shown = entry.secret_hash
    if entry.secret:
        shown = hash_secret(secret(entry.secret, environment))
    given = Admission(
        thing=thing_of(running, entry.thing), profile=entry.profile, name=entry.name, secret_hash=shown
    )
    running.devices.enrol(entry.protocol, entry.address, given, SYSTEM)


def thing_of(running: RunningCity, code: str) -> int:
    """The thing of a code."""
    with running.store.reader() as reader:
        found = reader.find(Thing, equals("code", code), limit=1).rows
    if not found:
        raise NotFound("thing", f"there is no thing {code!r}", "give the code of one that is in the city")
    return found[0].id


def secret(variable: str, environment: Mapping[str, str]) -> str:
    given = environment.get(variable, "")
    if not given:
        raise NotFound("secret", f"the environment holds no {variable}", f"set {variable} and start again")
    return given


class Gateways:
    """All ports that devices.yaml lists. They share one event loop in one thread."""

    def __init__(self, running: RunningCity, environment: Mapping[str, str] = os.environ) -> None:
        self.running = running
        self.gateways: list[Gateway] = []
        self.troubles: list[str] = []
        """Ports that could not be opened, and why."""
        self._environment = environment
        self._raw: dict[str, RawLog] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._keeping: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Opens the ports; does nothing if the city lists none."""
        definitions = [one for one in self.running.city.devices.gateways if one.protocol in PROTOCOLS]
        if not definitions:
            return
        _allow_sockets()
        self._loop = _event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="gateways", daemon=True)
        self._thread.start()
        self._ask(self._open(definitions)).result()

    def _ask(self, work: Any) -> Future[Any]:
        assert self._loop is not None
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    async def _open(self, definitions: list[GatewayDefinition]) -> None:
        for one in definitions:
            name = f"{one.protocol} {one.host}:{one.port}"
            try:
                gateway = self._gateway(one)
                await gateway.start()
                self.gateways.append(gateway)
            except (HutongError, OSError) as error:
                self.troubles.append(f"{name}: {error}")
        self._keeping = asyncio.create_task(self._keep_up())

    def _gateway(self, one: GatewayDefinition) -> Gateway:
        options: Facts = dict(one.options)
        if one.protocol == "hj212":
            options.setdefault("zone", self.running.city.head.zone)
        options |= {name: secret(variable, self._environment) for name, variable in one.secrets.items()}
        PROTOCOLS[one.protocol](options)  # Says now, not at the first connection, that an option is wrong.
        running = self.running
        return Gateway(
            one,
            PROTOCOLS[one.protocol],
            options,
            running.devices,
            running.clock,
            running.intake.submit,
            self._raw_of(one),
        )

    def _raw_of(self, one: GatewayDefinition) -> RawLog | None:
        if one.protocol not in RAW_KEPT or one.keep_raw_days <= 0:
            return None
        if one.protocol not in self._raw:
            folder = self.running.folder / RAW / one.protocol
            self._raw[one.protocol] = RawLog(folder, one.keep_raw_days, one.keep_raw_megabytes)
        return self._raw[one.protocol]

    async def _keep_up(self) -> None:
        """Newcomers are written down and others' changes taken in, off the event loop."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                await loop.run_in_executor(None, self.running.devices.keep_up)
            except Exception:
                _log.exception("the device registry could not keep up; it tries again")
            await asyncio.sleep(KEEP_UP_SECONDS)

    def close(self) -> None:
        """Finishes what is under way, then closes the ports. To be called before the intake closes."""
        if self._loop is None or self._thread is None:
            return
        self._ask(self._stop()).result(timeout=60)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)
        self._loop.close()
        self._loop = None
        for raw in self._raw.values():
            raw.close()

    async def _stop(self) -> None:
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)
        await asyncio.gather(*(one.stop() for one in self.gateways))
        await asyncio.get_running_loop().shutdown_default_executor()


if sys.platform == "win32":

    def _event_loop() -> asyncio.AbstractEventLoop:
        return asyncio.new_event_loop()

    def _allow_sockets() -> None:
        """Nothing forbids them."""

else:
    import resource

    import uvloop

    def _event_loop() -> asyncio.AbstractEventLoop:
        return uvloop.new_event_loop()

    def _allow_sockets() -> None:
        """A shell often allows 1,024 open files; devices are more."""
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = SOCKETS if hard == resource.RLIM_INFINITY else min(SOCKETS, hard)
        if soft != resource.RLIM_INFINITY and soft < wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
