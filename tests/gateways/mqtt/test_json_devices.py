"""JSON messages of devices: addresses, times and values by the city's settings; nothing on the wire raises."""

from __future__ import annotations

import json
import math
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutong.gateways.dialogue import Fault, Packet
from hutong.gateways.mqtt.json_devices import JsonDevices, path_of
from hutong.gateways.mqtt.settings import JsonTopic, read_settings
from hutong.gateways.mqtt.wire import Message
from hutong.kernel.errors import Invalid

NOW = 1_784_372_400_000_000
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)


def heard(settings: dict[str, Any], body: Any, topic: str = "city/g1/telemetry") -> list[Packet | Fault]:
    payload = body if isinstance(body, bytes) else json.dumps(body).encode()
    made = JsonDevices(JsonTopic(**{"topic": "city/+/telemetry", **settings}), ZoneInfo("Asia/Shanghai"))
    return list(made.read(Message(topic, payload), NOW))


def packet(settings: dict[str, Any], body: Any, topic: str = "city/g1/telemetry") -> Packet:
    (found,) = heard(settings, body, topic)
    assert isinstance(found, Packet), found
    return found


def test_values_by_path_and_time_in_milliseconds() -> None:
    settings = {"values": {"level": "data.level", "second": "list[1].v"}, "time": "ts", "time_unit": "ms"}
    found = packet(settings, {"ts": 1_784_372_400_123, "data": {"level": 0.5}, "list": [{}, {"v": "7.5"}]})
    assert found.address == "g1"
    assert found.readings.channels == ("level", "second")
    assert found.readings.number.tolist() == [0.5, 7.5]
    assert found.readings.time.tolist() == [1_784_372_400_123_000] * 2


@pytest.mark.parametrize(
    ("unit", "value", "time"),
    [
        ("s", 1_784_372_400, NOW),
        ("s", 1_784_372_400.5, NOW + 500_000),
        ("us", "1784372400000001", NOW + 1),
        ("iso", "2026-07-18T11:00:00Z", NOW),
        ("iso", "2026-07-18 19:00:00", NOW),
        ("iso", "2026-07-18T21:00:00+10:00", NOW),
    ],
)
def test_times(unit: str, value: Any, time: int) -> None:
    found = packet({"values": {"v": "v"}, "time": "t", "time_unit": unit}, {"t": value, "v": 1})
    assert found.readings.time.tolist() == [time]


@pytest.mark.parametrize("value", [None, True, "soon", -1, 1e300, "nan", [], "2026-13-01T00:00:00Z"])
@pytest.mark.parametrize("unit", ["s", "iso"])
def test_what_is_no_time_is_a_fault(unit: str, value: Any) -> None:
    (found,) = heard({"values": {"v": "v"}, "time": "t", "time_unit": unit}, {"t": value, "v": 1})
    assert isinstance(found, Fault)
    assert "time" in found.reason


def test_all_numbers_when_no_values_are_named() -> None:
    found = packet({}, {"a": {"b": 1, "c": True, "note": "x"}, "d": 2.5, "e": None})
    assert dict(zip(found.readings.channels, found.readings.number.tolist(), strict=True)) == {
        "a.b": 1.0, "a.c": 1.0, "d": 2.5,
    }  # fmt: skip
    assert found.readings.time.tolist() == [NOW] * 3


def test_text_results_and_secret() -> None:
    found = packet({"values": {"state": "s"}, "secret": "key"}, {"s": "open", "key": "k1"})
    assert found.readings.texts == {0: "open"}
    assert math.isnan(found.readings.number[0])
    assert found.secret == "k1"
    assert packet({"values": {"s": "s"}, "secret": "key"}, {"s": 1}).secret == ""


def test_records_with_addresses_of_their_own() -> None:
    settings = {"records": "rows", "address": "id", "values": {"v": "v"}, "time": "t", "time_unit": "s"}
    found = heard(
        settings, {"rows": [{"id": "a", "v": 1, "t": 10}, {"id": 7, "v": 2, "t": 11}, {"v": 3, "t": 12}]}
    )
    assert [one.address for one in found if isinstance(one, Packet)] == ["a", "7"]
    assert isinstance(found[2], Fault)


def test_the_rest_of_a_topic_may_be_the_address() -> None:
    settings = {"topic": "gateway/#", "values": {"v": "v"}}
    assert packet(settings, {"v": 1}, "gateway/north/7").address == "north/7"


@given(JSON)
def test_any_json_is_read_or_told(body: Any) -> None:
    settings = {"values": {"v": "v", "w": "a[0].b"}, "time": "t", "time_unit": "ms", "records": "rows"}
    for given_settings in (settings, {}, {**settings, "records": ""}):
        for one in heard(given_settings, body):
            assert isinstance(one, Packet | Fault)


@given(st.binary(max_size=100))
def test_any_bytes_are_read_or_told(body: bytes) -> None:
    assert all(isinstance(one, Packet | Fault) for one in heard({}, body))


def test_numbers_beyond_floats_do_not_raise() -> None:
    found = packet({"values": {"v": "v"}}, b'{"v": 1' + b"0" * 400 + b"}")
    assert math.isinf(found.readings.number[0])


@pytest.mark.parametrize("text", ["a..b", ".a", "a[x]", "a]", "a[0"])
def test_what_is_no_path(text: str) -> None:
    with pytest.raises(Invalid):
        path_of(text)


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({"version": "3"}, "version"),
        ({"client_id": ""}, "client_id"),
        ({"in_flight": 0}, "in_flight"),
        ({"ca": "/nowhere.pem"}, "ca"),
        ({"nonsense": 1}, "nonsense"),
        ({"json": [{"topic": "a/#/b"}]}, "topic"),
        ({"json": [{"topic": "a/b"}]}, "address"),
        ({"json": [{"topic": "a/+", "time_unit": "h"}]}, "time_unit"),
        ({"json": [{"topic": "a/+"}], "sparkplug": {"host": "h"}}, "sparkplug"),
        ({"version": "3.1.1", "sensorthings": {"account": "a"}}, "version"),
    ],
)
def test_wrong_settings_name_their_key(options: dict[str, Any], key: str) -> None:
    with pytest.raises(Invalid, match=key):
        read_settings(options)
