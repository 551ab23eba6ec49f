"""Brokers of a city: each gateway of protocol `mqtt` with the faces that its options name."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from hutong.api.house import House
from hutong.api.sensorthings.model import BASE
from hutong.api.sensorthings.mqtt import MqttCreating
from hutong.api.sensorthings.publishing import Published, Publishing
from hutong.app.city import RunningCity
from hutong.app.gateways import KEEP_UP_SECONDS, secret
from hutong.gateways.mqtt.gateway import City, MqttGateway
from hutong.gateways.mqtt.json_devices import JsonDevices
from hutong.gateways.mqtt.ports import Speaker
from hutong.gateways.mqtt.settings import MqttSettings, SensorThings, read_settings
from hutong.gateways.mqtt.sparkplug import SparkplugHost
from hutong.kernel.base import Facts
from hutong.kernel.definition.device import GatewayDefinition
from hutong.kernel.errors import HutongError, Invalid

_LOG = logging.getLogger(__name__)


def broker(
    host: str, port: int, options: Facts, city: City, zone: ZoneInfo, house: House | None
) -> MqttGateway:
    """The client of one broker, not yet started. `options` hold `user` and `password` already; `house`: that of the running
    API, which the SensorThings face needs."""
    settings = read_settings(options, f"gateways.mqtt.{port}")
    speakers: list[Speaker] = [JsonDevices(one, zone) for one in settings.json]
    sparkplug = SparkplugHost(settings.sparkplug) if settings.sparkplug else None
    if sparkplug is not None:
        speakers.append(sparkplug)
    found: dict[str, Any] = {}
    if settings.sensorthings is not None:
        if house is None:
            raise Invalid("sensorthings", "needs the API of a running city", "run it with `hutong run`")
        found = _faces(house, settings, settings.sensorthings)
    presence = sparkplug.presence if sparkplug else None
    return MqttGateway((host, port), settings, city, speakers, presence=presence, **found)


def _faces(house: House, settings: MqttSettings, face: SensorThings) -> dict[str, Any]:
    base = f"{face.url.rstrip('/')}{BASE}"
    published = Published(
        prefix=face.prefix,
        entities=face.entities,
        observations=face.observations,
        selects=face.selects,
        warnings=face.warnings,
    )
    return {
        "creator": MqttCreating(house, face.account, face.inbox or face.prefix, base)
        if face.account
        else None,
        "publisher": Publishing(house, published, base, settings.client_id),
    }


class Brokers:
    """All brokers that devices.yaml lists. `house` is that of the running API."""

    def __init__(
        self, running: RunningCity, house: House, environment: Mapping[str, str] = os.environ
    ) -> None:
        self.running = running
        self.house = house
        self.clients: list[MqttGateway] = []
        self.troubles: list[str] = []
        """Brokers whose settings are wrong, and why."""
        self._environment = environment
        self._stopped = threading.Event()
        self._keeping = threading.Thread(target=self._keep_up, name="mqtt devices", daemon=True)

    def start(self) -> None:
        """Begins to connect; a broker that is away is tried again and again."""
        for one in self.running.city.devices.gateways:
            if one.protocol not in ("mqtt", "sparkplug"):
                continue
            try:
                self.clients.append(self._client(one))
            except HutongError as error:
                self.troubles.append(f"{one.protocol} {one.host}:{one.port}: {error}")
        for client in self.clients:
            client.start()
        if self.clients:
            self._keeping.start()

    def _client(self, one: GatewayDefinition) -> MqttGateway:
        running = self.running
        secrets = {name: secret(variable, self._environment) for name, variable in one.secrets.items()}
        city = City(running.store, running.clock, running.devices, running.intake)
        zone = ZoneInfo(running.city.head.zone)
        return broker(one.host, one.port, {**one.options, **secrets}, city, zone, self.house)

    def _keep_up(self) -> None:
        """Newcomers are written down and others' changes taken in."""
        while not self._stopped.wait(KEEP_UP_SECONDS):
            try:
                self.running.devices.keep_up()
            except Exception:
                _LOG.exception("the device registry could not keep up; it tries again")

    def close(self) -> None:
        """To be called before the intake closes; what is not acknowledged stays with the broker."""
        for client in self.clients:
            client.stop()
        self._stopped.set()
        if self.clients:
            self._keeping.join(timeout=30)
