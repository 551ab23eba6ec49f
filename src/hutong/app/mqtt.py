"""Brokers of a city: each gateway of protocol `mqtt` with the faces that its options name."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from hutong.api.house import House
from hutong.api.sensorthings.model import BASE
from hutong.api.sensorthings.mqtt import MqttCreating
from hutong.api.sensorthings.publishing import Published, Publishing
from hutong.gateways.mqtt.gateway import City, MqttGateway
from hutong.gateways.mqtt.json_devices import JsonDevices
from hutong.gateways.mqtt.ports import Speaker
from hutong.gateways.mqtt.settings import MqttSettings, SensorThings, read_settings
from hutong.gateways.mqtt.sparkplug import SparkplugHost
from hutong.kernel.base import Facts
from hutong.kernel.errors import Invalid


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
