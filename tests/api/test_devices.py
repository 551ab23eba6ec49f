"""Devices through the API: quarantine, admission, secrets, and who may."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from tests.api.conftest import Someone
from tests.api.town import Town

from hutong.kernel.base import Label
from hutong.kernel.definition.device import ChannelDefinition, DevicesFile, ProfileDefinition

PROFILE = ProfileDefinition(
    name="well",
    label=Label("井", "Well"),
    protocol="hj212",
    channels={"w1-Rtd": "drainage.level", "w2-Rtd": ChannelDefinition(property="drainage.level", unit="cm")},
)


@pytest.fixture
def town(town: Town) -> Town:
    """The town with a profile."""
    town.rulebook.city = replace(town.rulebook.city, devices=DevicesFile(profiles=(PROFILE,)))
    return town


def quarantined(town: Town, address: str = "MN0001") -> int:
    town.devices.unknown("hj212", address, {"st": "21"}, "10.0.0.7")
    town.devices.keep_up()
    device = town.devices.find("hj212", address)
    assert device is not None
    return device.id


def test_an_unknown_device_is_listed_and_admitted(town: Town, someone: Someone) -> None:
    id = quarantined(town)
    admin = someone("xitong")
    listed = admin.get("/devices?state=quarantined").json()
    assert [one["address"] for one in listed["rows"]] == ["MN0001"]
    assert listed["counts"] == {"quarantined": 1}
    page = admin.get(f"/devices/{id}").json()
    assert page["facts"] == {"st": "21"}
    body = {"thing": town.thing("M1"), "profile": "well", "secret": "123456"}
    admitted = admin.post(f"/devices/{id}/admission", json=body)
    assert admitted.status_code == 200, admitted.text
    page = admitted.json()
    assert page["state"] == "admitted"
    assert page["secret"] is True
    assert [one["channel"] for one in page["mapped"]] == ["w1-Rtd", "w2-Rtd"]
    assert page["mapped"][1]["wire_unit"] == "cm"
    assert "scrypt" not in admitted.text
    assert admitted.headers["etag"] == '"2"'
    assert admin.get("/devices").json()["counts"] == {"admitted": 1}


def test_a_repeat_with_the_same_key_does_nothing_more(town: Town, someone: Someone) -> None:
    admin = someone("xitong")
    body = {"protocol": "hj212", "address": "MN9", "thing": town.thing("M1"), "profile": "well"}
    headers = {"Idempotency-Key": "enrol-1"}
    first = admin.post("/devices", json=body, headers=headers)
    second = admin.post("/devices", json=body, headers=headers)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["id"] == second.json()["id"]
    again = admin.post("/devices", json=body)
    assert again.status_code == 409 or again.json()["code"] == "refused"


def test_change_block_remove(town: Town, someone: Someone) -> None:
    id = quarantined(town)
    admin = someone("xitong")
    renamed = admin.send("PATCH", f"/devices/{id}", json={"name": {"zh": "河口站", "en": "Mouth"}})
    assert renamed.json()["name"]["zh"] == "河口站"
    stale = admin.post(f"/devices/{id}/block", json={}, headers={"If-Match": '"1"'})
    assert stale.status_code in (409, 412)
    blocked = admin.post(f"/devices/{id}/block", json={"note": "陌生来源"})
    assert blocked.json()["state"] == "blocked"
    assert admin.send("DELETE", f"/devices/{id}").status_code == 204
    assert admin.get(f"/devices/{id}").status_code == 404
    assert town.devices.find("hj212", "MN0001") is None


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"profile": "strange"}, "profile"),
        ({"channels": {"x": "drainage.nothing"}}, "channels/x"),
        ({"channels": {"x": "drainage.rain_intensity"}}, "channels/x"),
        ({"channels": {"x": {"property": "drainage.level", "unit": "mg/L"}}}, "unit"),
        ({}, "channels"),
    ],
)
def test_a_wrong_admission_says_what_is_wrong(
    town: Town, someone: Someone, body: dict[str, Any], field: str
) -> None:
    id = quarantined(town)
    answer = someone("xitong").post(f"/devices/{id}/admission", json={"thing": town.thing("M1"), **body})
    assert answer.status_code in (404, 422, 400), answer.text
    assert answer.json()["field"] == field
    assert town.devices.find("hj212", "MN0001").state == "quarantined"  # type: ignore[union-attr]


def test_handlers_may_not_manage_devices(town: Town, someone: Someone) -> None:
    id = quarantined(town)
    handler = someone("paishui")
    assert handler.post(f"/devices/{id}/block", json={}).status_code == 403
    assert handler.get("/gateways").status_code == 403


def test_profiles_and_gateways_are_shown(town: Town, someone: Someone, tmp_path: Path) -> None:
    admin = someone("xitong")
    assert [one["name"] for one in admin.get("/device-profiles").json()["rows"]] == ["well"]
    page = admin.get("/gateways").json()
    assert page["ports"] == []
    assert page["turned_away"] == 0
