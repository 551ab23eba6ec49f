"""devices.yaml: every mistake is told with its line and how to mend it."""

from __future__ import annotations

import pytest
from tests.loader.conftest import Patient

from hutong.engine.flow.devices import hash_secret
from hutong.kernel.definition.device import DevicesFile
from hutong.loader.city import load_city

DEVICES = """\
profiles:
  - name: water
    label: {zh: 水质站, en: Water station}
    protocol: hj212
    channels:
      w01018-Rtd: base.cod
      w00000-Rtd: {property: base.conductivity, unit: mS/m, interval: 10 min}
devices:
  - {protocol: hj212, address: A1, thing: x, profile: water, secret: STATION_PASSWORD}
  - {protocol: hj212, address: A2, thing: x, profile: water, secret_hash: HASH}
gateways:
  - {protocol: hj212, port: 9212, secrets: {sm4_key: SM4_KEY}}
  - {protocol: jt808, port: 9808, limits: {connections: 50}}
"""

MISTAKES = {
    "property": ("base.cod", "base.kod", "there is no observed property 'base.kod'", "did you mean 'base.cod'?"),
    "unit": ("unit: mS/m", "unit: mg/L", "does not convert to uS/cm", "mend the unit"),
    "no unit": ("unit: mS/m", "unit: nonsense", "", ""),
    "interval": ("interval: 10 min", "interval: soon", "", ""),
    "protocol": ("protocol: jt808", "protocol: jt809", "there is no protocol 'jt809'", "did you mean 'jt808'?"),
    "profile": ("profile: water, secret:", "profile: watr, secret:", "there is no profile", "did you mean 'water'?"),
    "address twice": ("address: A2", "address: A1", "hj212 A1 stands twice", "keep one"),
    "secret in clear": (
        "secret: STATION_PASSWORD", "secret: '123456'",
        "is no name of an environment variable", "into the environment",
    ),
    "both secrets": ("secret_hash: HASH", "secret_hash: HASH, secret: X", "stands beside secret_hash", "keep one"),
    "no hash": ("secret_hash: HASH", "secret_hash: abc", "is no salted hash", "hutong device hash"),
    "port": ("port: 9808", "port: 70000", "70000 is no port", "65535"),
    "port twice": ("port: 9808", "port: 9212", "tcp 9212 stands twice", "keep one"),
    "limit": ("connections: 50", "connections: 0", "must be above 0", "positive"),
    "secret option": ("sm4_key: SM4_KEY", "sm4_key: abcdef0123", "environment variable", "into the environment"),
}  # fmt: skip


@pytest.fixture
def devices(city: Patient) -> Patient:
    city.write("devices.yaml", DEVICES.replace("HASH", hash_secret("123456")))
    return city


def test_a_sound_file_is_read(devices: Patient) -> None:
    assert devices.problems() == []
    found = load_city(devices.folder)[0].devices
    assert [one.port for one in found.gateways] == [9212, 9808]
    assert found.gateways[1].limits.connections == 50


def test_a_city_without_devices_has_none(city: Patient) -> None:
    assert load_city(city.folder)[0].devices == DevicesFile()


@pytest.mark.parametrize("case", MISTAKES, ids=str)
def test_a_mistake_is_told(devices: Patient, case: str) -> None:
    old, new, reason, remedy = MISTAKES[case]
    if "HASH" in old:
        text = (devices.folder / "devices.yaml").read_text("utf-8")
        digest = text.partition("secret_hash: ")[2].partition("}")[0]
        old, new = old.replace("HASH", digest), new.replace("HASH", digest)
    devices.replace("devices.yaml", old, new)
    mark: str | int = {"address twice": 10, "port twice": 13}.get(case, new)
    devices.says("devices.yaml", mark, reason, remedy)
