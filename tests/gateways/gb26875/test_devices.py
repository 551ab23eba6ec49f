"""Fire protection devices: our vector, every type of object, confirmations and denials, clocks."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.gateways.devices import FireDevice
from tests.gateways.streams import NOW, packets, values

from hutong.gateways.dialogue import Answer, Event, Fault, Login, Packet
from hutong.gateways.gb26875 import Gb26875
from hutong.gateways.gb26875.frame import CONFIRM, DENY, Frame, check, read, write
from hutong.gateways.gb26875.names import ANALOG_SCALES
from hutong.kernel.errors import Invalid
from hutong.kernel.observation import Quality

VECTOR = bytes.fromhex("404001000101051E0E13091A0100000000110000000000000C0002010101010300051E0E13091AF82323")
AT = 1_789_799_405_000_000
"""2026-09-19 14:30:05 in Beijing."""
PLACE = bytes([1, 2, 40, 5, 0, 1, 0])


def test_the_vector() -> None:
    (packet,) = packets(Gb26875({}), VECTOR)
    assert (packet.address, packet.secret) == ("110000000001", None)
    assert packet.facts["version"] == "1.1"
    found = values(packet)
    assert (found["1/1/1"], found["1/1/1:normal"], found["1/1/1:fire"], found["1/1/1:fault"]) == (3, 1, 1, 0)
    assert set(packet.readings.time.tolist()) == {AT}
    device = FireDevice()
    assert device.answered(packet.answer("kept")) == [(1, CONFIRM)]
    assert device.answered(packet.answer("content")) == [(1, DENY)]
    assert device.answered(packet.answer("unknown")) == [(1, DENY)]
    assert packet.answer("busy") == b""


def test_its_frame() -> None:
    assert check(VECTOR) == ""
    assert write(read(VECTOR)) == VECTOR
    assert FireDevice().system(AT, 3) == VECTOR


@pytest.mark.parametrize("at", range(2, len(VECTOR)))
def test_any_byte_changed_is_noticed(at: int) -> None:
    spoilt = VECTOR[:at] + bytes([VECTOR[at] ^ 0x40]) + VECTOR[at + 1 :]
    city = Gb26875({})
    events = [*city.receive(spoilt, NOW), *city.receive(VECTOR, NOW + 60_000_000)]
    assert [type(event) for event in events] == [Fault, Packet]


@settings(deadline=None)
@given(
    serial=st.integers(0, 65535),
    source=st.binary(min_size=6, max_size=6),
    command=st.integers(1, 6),
    data=st.binary(max_size=1024),
)
def test_what_is_written_is_read(serial: int, source: bytes, command: int, data: bytes) -> None:
    frame = Frame(serial, 1, 2, bytes(6), source, bytes(6), command, data)
    assert check(write(frame)) == ""
    assert read(write(frame)) == frame


@settings(deadline=None)
@given(kind=st.integers(0, 40), steps=st.integers(-32768, 32767))
def test_analogue_values_have_their_units(kind: int, steps: int) -> None:
    (packet,) = packets(Gb26875({}), FireDevice().analog(NOW, kind, steps))
    scale = ANALOG_SCALES[kind][1] if kind in ANALOG_SCALES else 1
    assert packet.readings.channels == (f"3/1/1/91.00000007/{kind}",)
    assert packet.readings.number.tolist() == [steps / scale]
    assert packet.readings.quality.tolist() == [Quality.GOOD if kind in ANALOG_SCALES else Quality.SUSPECT]


def test_components() -> None:
    found = values(packets(Gb26875({}), FireDevice().component(NOW, 0b10))[0])
    assert found["2/1/1/40.00010005"] == 2
    assert (found["2/1/1/40.00010005:fire"], found["2/1/1/40.00010005:power_fault"]) == (1, 0)


@pytest.mark.parametrize(
    ("kind", "piece", "channels"),
    [
        (4, bytes([1, 2, 0b10, 7]), {"4/1/2": 2, "4/1/2:silence": 1, "4/1/2:operator": 7}),
        (21, bytes([0b1001]), {"21": 9, "21:normal": 1, "21:main_power_fault": 1, "21:fire": 0}),
        (24, bytes([0b100000, 3]), {"24": 32, "24:confirm": 1, "24:operator": 3}),
        (8, bytes([1, 2]), {"8/1/2": -60.0}),
        (8, b"", {"8": -60.0}),
        (28, b"", {"28": -60.0}),
    ],
)
def test_numbers_of_other_types(kind: int, piece: bytes, channels: dict[str, float]) -> None:
    (packet,) = packets(Gb26875({}), FireDevice().objects(NOW - 60_000_000, kind, [piece]), NOW)
    found = values(packet)
    assert {name: found[name] for name in channels} == channels


@pytest.mark.parametrize(
    ("kind", "piece", "channel", "text"),
    [
        (5, bytes([1, 2, 3, 14]), "5/1/2", "3.14"),
        (6, bytes([1, 2, 6]) + "东塔楼".encode("gb18030"), "6/1/2", "东塔楼"),
        (7, PLACE + "3层走廊".encode("gb18030").ljust(31, b"\0"), "7/1/2/40.00010005", "3层走廊"),
        (25, bytes([2, 1]), "25", "2.1"),
        (26, bytes([4]) + "大厅".encode("gb18030"), "26", "大厅"),
    ],
)
def test_texts(kind: int, piece: bytes, channel: str, text: str) -> None:
    (packet,) = packets(Gb26875({}), FireDevice().objects(NOW, kind, [piece, piece]))
    assert packet.readings.channels == (channel, channel)
    assert packet.readings.texts == {0: text, 1: text}


def test_bcd_time_and_addresses_from_the_other_end() -> None:
    device = FireDevice(bcd_time=True)
    (packet,) = packets(Gb26875({"time": "bcd", "address_order": "high"}), device.system(AT, 1))
    assert packet.address == "010000000011"
    assert set(packet.readings.time.tolist()) == {AT}
    assert packet.answer("kept")[6:12] == device.clock(NOW)
    for options in ({"time": "?"}, {"address_order": "?"}):
        with pytest.raises(Invalid):
            Gb26875(options)


def refused(events: list[Event], device: FireDevice) -> str:
    """The reason of a message that is denied and told."""
    fault, answer = events
    assert isinstance(fault, Fault)
    assert isinstance(answer, Answer)
    assert device.answered(answer.data) == [(device.serial, DENY)]
    return fault.reason


def test_what_cannot_be_read_is_denied_with_its_reason() -> None:
    device, city = FireDevice(), Gb26875({})
    assert refused(city.receive(device.frame(NOW, 2, b"\x01"), NOW), device).startswith("data without type")
    assert (
        refused(city.receive(device.frame(NOW, 2, b"\x80\x01" + bytes(9)), NOW), device)
        == "type 128 is not read"
    )
    assert refused(city.receive(device.frame(NOW, 2, b"\x01\x01" + bytes(5)), NOW), device).endswith(
        "is cut off"
    )
    wrong = bytes([1, 1, 1, 1, 1, 0, 61, 0, 0, 1, 1, 26])
    assert (
        refused(city.receive(device.frame(NOW, 2, wrong), NOW), device)
        == "the time 3d000001011a is no moment"
    )


def test_objects_before_a_broken_one_are_kept() -> None:
    device = FireDevice()
    data = bytes([1, 2, 1, 1, 3, 0]) + device.clock(NOW) + b"\x01"
    fault, packet = Gb26875({}).receive(device.frame(NOW, 2, data), NOW)
    assert isinstance(fault, Fault)
    assert fault.reason == "object 2 of 2 is cut off"
    assert isinstance(packet, Packet)


def test_a_device_may_ask_for_the_clock() -> None:
    device = FireDevice()
    (answer,) = Gb26875({}).receive(device.frame(NOW, 4, bytes([90, 1])), NOW)
    assert isinstance(answer, Answer)
    assert device.answered(answer.data) == [(1, 1)]
    assert answer.data[27:35] == bytes([90, 1]) + device.clock(NOW)
    (denied,) = Gb26875({}).receive(device.frame(NOW, 4, bytes([61, 1])), NOW)
    assert isinstance(denied, Answer)
    assert device.answered(denied.data) == [(2, DENY)]


def test_answers_are_read_and_not_answered() -> None:
    device = FireDevice()
    data = bytes([21, 1, 1]) + device.clock(NOW)
    (packet,) = packets(Gb26875({}), device.frame(NOW, 5, data))
    assert packet.answer("kept") == b""
    assert Gb26875({}).receive(device.frame(NOW, 3, b""), NOW) == []


def test_a_message_without_data_shows_that_the_device_is_there() -> None:
    device = FireDevice()
    (login,) = Gb26875({}).receive(device.frame(NOW, 2, b""), NOW)
    assert isinstance(login, Login)
    assert device.answered(login.answer("kept")) == [(1, CONFIRM)]
