"""Position reports, alone and in batches: what is measured, what is doubted, what is refused."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.gateways.devices import Vehicle
from tests.gateways.streams import NOW, packets, values

from hutong.gateways.dialogue import Answer, Fault, Packet
from hutong.gateways.jt808 import Jt808
from hutong.gateways.jt808.frame import Frame, read, unescape, write, xor
from hutong.kernel.observation import Quality


@settings(deadline=None)
@given(
    longitude=st.integers(-180_000_000, 180_000_000),
    latitude=st.integers(-90_000_000, 90_000_000),
    altitude=st.integers(0, 65535),
    speed=st.integers(0, 65535),
    direction=st.integers(0, 359),
    alarm=st.integers(0, 2**32 - 1),
    second=st.integers(0, 3_000_000_000),
    edition=st.sampled_from((2013, 2019)),
)
def test_what_a_vehicle_sends_is_what_is_read(
    longitude: int,
    latitude: int,
    altitude: int,
    speed: int,
    direction: int,
    alarm: int,
    second: int,
    edition: int,
) -> None:
    at = (946_684_800 + second) * 1_000_000
    vehicle = Vehicle(edition=edition)
    sent = vehicle.position(
        at,
        longitude=longitude / 1e6,
        latitude=latitude / 1e6,
        altitude=altitude,
        speed=speed / 10,
        direction=direction,
        alarm=alarm,
    )
    (packet,) = packets(Jt808({}), sent)
    found = values(packet)
    assert packet.address == vehicle.phone
    assert (found["longitude"], found["latitude"]) == pytest.approx((longitude / 1e6, latitude / 1e6))
    assert (found["altitude"], found["speed"], found["direction"]) == (altitude, speed / 10, direction)
    assert (found["alarm"], found["alarm:sos"], found["alarm:collision"]) == (
        alarm,
        alarm & 1,
        alarm >> 29 & 1,
    )
    assert set(packet.readings.time.tolist()) == {at}


def test_a_position_without_fix_is_suspect_but_its_alarm_is_not() -> None:
    (packet,) = packets(Jt808({}), Vehicle().position(NOW, located=False, alarm=1))
    quality = dict(zip(packet.readings.channels, packet.readings.quality.tolist(), strict=True))
    assert quality["longitude"] == quality["speed"] == Quality.SUSPECT
    assert quality["alarm"] == quality["alarm:sos"] == Quality.GOOD


def test_a_place_beyond_the_earth_is_out_of_range() -> None:
    (packet,) = packets(Jt808({}), Vehicle().position(NOW, latitude=91.0))
    assert int(packet.readings.quality[1]) == Quality.OUT_OF_RANGE


def test_items() -> None:
    items = [
        (0x01, (123).to_bytes(4)),
        (0x02, (555).to_bytes(2)),
        (0x03, (301).to_bytes(2)),
        (0x06, (0x8000 | 55).to_bytes(2)),
        (0x25, (3).to_bytes(4)),
        (0x2A, (1).to_bytes(2)),
        (0x2B, b"\x00\x07\x00\x09"),
        (0x30, b"\x1f"),
        (0x31, b"\x0c"),
        (0xE1, b"maker"),
        (0x02, b"too long"),
    ]
    found = values(packets(Jt808({}), Vehicle().position(NOW, items=items))[0])
    wanted = {
        "mileage": 12.3,
        "fuel": 55.5,
        "recorder_speed": 30.1,
        "cabin_temperature": -5.5,
        "vehicle_signals": 3,
        "io": 1,
        "analog_0": 9,
        "analog_1": 7,
        "signal": 31,
        "satellites": 12,
    }
    assert {name: found[name] for name in wanted} == wanted


def test_an_item_that_is_cut_off_loses_only_itself() -> None:
    vehicle = Vehicle()
    body = vehicle.report(NOW, items=[(0x30, b"\x10")]) + b"\x01\x04\x00"
    fault, packet = Jt808({}).receive(vehicle.message(0x0200, body), NOW)
    assert isinstance(fault, Fault)
    assert "01" in fault.reason
    assert isinstance(packet, Packet)
    assert values(packet)["signal"] == 16


@pytest.mark.parametrize(
    "clock", ["2613011200AA", "261301120000", "260230120000", "260101240000", "260101126000"]
)
def test_a_time_that_is_none_is_refused_with_its_reason(clock: str) -> None:
    vehicle = Vehicle()
    body = bytearray(vehicle.report(NOW))
    body[22:28] = bytes.fromhex(clock)
    fault, answer = Jt808({}).receive(vehicle.message(0x0200, bytes(body)), NOW)
    assert isinstance(fault, Fault)
    assert clock.lower() in fault.reason
    assert isinstance(answer, Answer)
    assert vehicle.acknowledged(answer.data) == {0: 2}


def test_a_batch_keeps_its_good_positions() -> None:
    vehicle = Vehicle()
    bad = bytearray(vehicle.report(NOW))
    bad[22:28] = b"\xff" * 6
    reports = [vehicle.report(NOW), bytes(bad), vehicle.report(NOW + 10_000_000)]
    fault, packet = Jt808({}).receive(vehicle.batch(reports, blind=True), NOW)
    assert isinstance(fault, Fault)
    assert isinstance(packet, Packet)
    assert packet.readings.channels.count("longitude") == 2
    assert sorted(set(packet.readings.time.tolist())) == [NOW, NOW + 10_000_000]
    assert vehicle.acknowledged(packet.answer("kept")) == {0: 0}


def test_a_batch_that_promises_too_much_is_read_as_far_as_it_goes() -> None:
    vehicle = Vehicle()
    body = b"\x00\x05\x00" + vehicle.batch_body([vehicle.report(NOW)])[3:]
    fault, packet = Jt808({}).receive(vehicle.message(0x0704, body), NOW)
    assert isinstance(fault, Fault)
    assert isinstance(packet, Packet)


@settings(deadline=None)
@given(st.binary(max_size=1200))
def test_the_check_byte_is_the_exclusive_or(data: bytes) -> None:
    wanted = 0
    for byte in data:
        wanted ^= byte
    assert xor(data) == wanted


@settings(deadline=None)
@given(
    message=st.integers(0, 65535),
    phone=st.text("0123456789", min_size=12, max_size=12),
    version=st.none() | st.integers(0, 255),
    serial=st.integers(0, 65535),
    body=st.binary(max_size=1023) | st.lists(st.sampled_from((0x7D, 0x7E, 1, 2)), max_size=100).map(bytes),
    parts=st.none() | st.tuples(st.integers(1, 500), st.integers(0, 499)),
)
def test_what_is_written_is_read(
    message: int, phone: str, version: int | None, serial: int, body: bytes, parts: tuple[int, int] | None
) -> None:
    total, part = (parts[0], parts[1] % parts[0] + 1) if parts else (0, 0)
    number = bytes.fromhex(phone if version is None else phone.zfill(20))
    frame = Frame(message, number, version, serial, body, False, total, part)
    sent = write(frame)
    assert sent.count(b"\x7e") == 2
    assert read(sent[1:-1]) == frame
    assert frame.address == phone


def test_an_escape_of_nothing_is_no_message() -> None:
    assert unescape(b"\x7d\x03") is None
    assert unescape(b"\x7d") is None
    assert unescape(b"\x7d\x01\x02\x7d\x02") == b"\x7d\x02\x7e"
