"""Reports: numbers and their signs, missing values, series, hours of five-minute values, text, several packets."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.gateways.devices import Station, bcd, beijing, element
from tests.gateways.streams import NOW, packets, values

from hutong.gateways.dialogue import Answer, Event, Fault, Login, Packet
from hutong.gateways.sl651 import Sl651
from hutong.kernel.errors import Invalid
from hutong.kernel.observation import Quality

HOUR = 3_600_000_000
FIVE = 300_000_000
AT = NOW // HOUR * HOUR


def faults(events: list[Event]) -> list[str]:
    return [event.reason for event in events if isinstance(event, Fault)]


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(5, 0x44), st.integers(2, 5), st.integers(0, 3), st.integers(-99, 9999)),
        max_size=12,
    )
)
def test_what_a_station_sends_is_what_is_read(sent: list[tuple[int, int, int, int]]) -> None:
    wanted = [(f"{sign:02X}", whole / 10**decimals) for sign, _, decimals, whole in sent]
    elements = b"".join(
        element(sign, whole / 10**decimals, size, decimals) for sign, size, decimals, whole in sent
    )
    found = Sl651({}).receive(Station().report(AT, elements), NOW)
    if not sent:
        assert [type(event) for event in found] == [Login]
        return
    (packet,) = found
    assert isinstance(packet, Packet)
    got = list(zip(packet.readings.channels, packet.readings.number.tolist(), strict=True))
    assert got == [(name, pytest.approx(number)) for name, number in wanted]


def test_a_level_below_the_gauge_zero() -> None:
    (packet,) = packets(Sl651({}), Station().level(AT, -0.345))
    assert values(packet)["39"] == -0.345


def test_missing_values_are_no_rows() -> None:
    elements = bytes.fromhex("3923FFFFFFFF") + bytes.fromhex("2019AAAAAA") + element(0x38, 12.1, 2, 2)
    (packet,) = packets(Sl651({}), Station().report(AT, elements))
    assert values(packet) == {"38": 12.1}


def test_a_number_that_is_none_is_told_and_the_others_are_kept() -> None:
    elements = bytes.fromhex("39230000012F") + element(0x38, 12.1, 2, 2)
    events = Sl651({}).receive(Station().report(AT, elements), NOW)
    assert faults(events) == ["the element 39 has other than decimal digits: 0000012f"]
    assert isinstance(events[-1], Packet)
    assert values(events[-1]) == {"38": 12.1}


def test_a_report_of_which_nothing_is_left_is_not_confirmed() -> None:
    events = Sl651({}).receive(Station().report(AT, bytes.fromhex("39230000012F")), NOW)
    assert [type(event) for event in events] == [Fault]


def test_an_element_that_is_cut_off() -> None:
    events = Sl651({}).receive(Station().report(AT, element(0x38, 12.1, 2, 2) + b"\x39\x23\x00"), NOW)
    assert faults(events) == ["the element 39 is cut off"]
    assert isinstance(events[-1], Packet)


def test_alarms_are_bits_and_own_elements_have_two_bytes_of_name() -> None:
    elements = b"\x45\x20\x00\x00\x0f\xff" + b"\xff" + element(0x03, 7.5, 2, 1)
    (packet,) = packets(Sl651({}), Station().report(AT, elements))
    assert values(packet) == {"45": 0x0FFF, "FF03": 7.5}


def test_a_test_report_is_maintenance() -> None:
    (packet,) = packets(Sl651({}), Station().report(AT, element(0x39, 1, 4, 3), 0x30))
    assert packet.readings.quality.tolist() == [Quality.MAINTENANCE]


def test_a_series_at_regular_steps() -> None:
    step = b"\x04\x18" + bcd("000005")
    levels = [28.960, -0.5, 29.0, 29.5]
    series = element(0x39, levels[0], 4, 3) + b"".join(element(0x39, level, 4, 3)[2:] for level in levels[1:])
    (packet,) = packets(Sl651({}), Station().report(AT, step + series, 0x31))
    assert packet.readings.channels == ("39",) * 4
    assert packet.readings.number.tolist() == levels
    assert packet.readings.time.tolist() == [AT + index * FIVE for index in range(4)]


def test_a_series_without_a_step_gives_its_first_value() -> None:
    events = Sl651({}).receive(Station().report(AT, element(0x39, 1, 4, 3) + bcd("00002000"), 0x31), NOW)
    assert faults(events) == ["the series 39 has no time step"]
    assert isinstance(events[-1], Packet)
    assert events[-1].readings.number.tolist() == [1.0]


def test_an_hour_of_rain_and_levels() -> None:
    rains = bytes([0xF4, 0x60, *range(11), 0xFF])
    levels = b"\xf5\x5c" + b"".join((100 + index).to_bytes(2) for index in range(11)) + b"\xff\xff"
    elements = rains + levels + element(0x39, 3, 4, 3)
    (packet,) = packets(Sl651({}), Station().report(AT, elements, 0x34))
    columns = zip(
        packet.readings.channels, packet.readings.time.tolist(), packet.readings.number.tolist(), strict=True
    )
    rows = list(columns)
    assert rows[:2] == [("F4", AT - 11 * FIVE, 0.0), ("F4", AT - 10 * FIVE, 0.1)]
    assert rows[11] == ("F5", AT - 11 * FIVE, 1.0)
    assert rows[-1] == ("39", AT, 3.0)
    assert len(rows) == 23
    (early,) = packets(Sl651({}), Station().report(AT + FIVE, rains, 0x34))
    assert early.readings.time.tolist()[0] == AT + FIVE


def test_manual_text() -> None:
    station = Station()
    body = station.head(AT) + b"\xf2\xf2" + "人工 3.2".encode("gb18030")
    (packet,) = packets(Sl651({}), station.frame(0x35, body))
    assert packet.readings.channels == ("F2",)
    assert packet.readings.texts == {0: "人工 3.2"}


def test_another_stations_values_are_not_taken_for_the_speakers() -> None:
    station = Station()
    relayed = Station("0099999999").body(AT, element(0x39, 1, 4, 3))
    (packet,) = packets(Sl651({}), station.frame(0x32, relayed))
    assert (packet.address, packet.readings.channels) == ("0012345678", ("0099999999:39",))


def test_times_that_are_none() -> None:
    station = Station()
    body = station.head(AT) + b"\xf0\xf0" + bcd("2613010000") + element(0x39, 1, 4, 3)
    events = Sl651({}).receive(station.frame(0x32, body), NOW)
    assert faults(events) == ["the time of observation 2613010000 is no moment", "the element 39 has no time"]
    assert len(events) == 2


def test_confirmations() -> None:
    station = Station(serial=9)
    (packet,) = packets(Sl651({}), station.level(AT, 1))
    confirmation = packet.answer("kept")
    assert station.confirmed(confirmation) == [(9, 0x04)]
    assert confirmation[16:22] == bcd(beijing(NOW).strftime("%y%m%d%H%M%S"))
    assert station.confirmed(packet.answer("busy")) == [(9, 0x15)]
    assert [packet.answer(verdict) for verdict in ("unknown", "secret", "content")] == [b""] * 3  # type: ignore[arg-type]
    (more,) = packets(Sl651({}), station.frame(0x32, station.body(AT, element(0x39, 1, 4, 3)), 0x17))
    assert station.confirmed(more.answer("kept")) == [(10, 0x06)]
    (stays,) = packets(Sl651({"end": "ESC"}), station.level(AT, 1))
    assert station.confirmed(stays.answer("kept")) == [(11, 0x1B)]
    (silent,) = packets(Sl651({"confirm": False}), station.level(AT, 1))
    assert silent.answer("kept") == b""
    (queried,) = packets(Sl651({}), station.report(AT, element(0x39, 1, 4, 3), 0x37))
    assert queried.answer("kept") == b""
    with pytest.raises(Invalid, match="EOT"):
        Sl651({"end": "?"})


def test_a_link_is_confirmed_if_the_port_says_so() -> None:
    station = Station()
    (login,) = Sl651({"link": True}).receive(station.link(NOW), NOW)
    assert isinstance(login, Login)
    assert station.confirmed(login.answer("kept")) == [(1, 0x04)]


def test_packets_are_put_together() -> None:
    station, city = Station(), Sl651({})
    elements = element(0x39, 12.345, 4, 3) * 20 + element(0x38, 12, 2, 2)
    pieces = station.packets(0x32, station.body(AT, elements), 40)
    events: list[Event] = []
    for piece in pieces:
        assert not events
        events += city.receive(piece, NOW)
    (packet,) = events
    assert isinstance(packet, Packet)
    assert packet.readings.channels == ("39",) * 20 + ("38",)
    assert station.confirmed(packet.answer("kept")) == [(1, 0x04)]
    assert city.waiting == 0


def test_missing_packets_are_asked_for() -> None:
    station, city = Station(), Sl651({})
    pieces = station.packets(0x32, station.body(AT, element(0x39, 12.345, 4, 3) * 20), 40)
    assert city.receive(pieces[0] + b"".join(pieces[2:-1]), NOW) == []
    (asked,) = city.receive(pieces[-1], NOW)
    assert isinstance(asked, Answer)
    assert (asked.data[13], asked.data[-3]) == (0x16, 0x15)
    assert asked.data[14:17].hex() == f"{len(pieces):03x}002"
    (packet,) = packets(city, pieces[1])
    assert len(packet.readings) == 20


def test_a_picture_is_confirmed_and_not_kept() -> None:
    station, city = Station(), Sl651({})
    pieces = station.packets(0x36, station.head(AT) + b"\xf3\xf3" + bytes(1000), 300)
    logins = [event for piece in pieces for event in city.receive(piece, NOW)]
    assert [type(event) for event in logins] == [Login] * len(pieces)
    answers = [event.answer("kept") for event in logins if isinstance(event, Login)]
    assert [bool(answer) for answer in answers] == [False] * (len(pieces) - 1) + [True]
    assert city.waiting == 0


def test_unfinished_reports_do_not_pile_up() -> None:
    city = Sl651({})
    for number in range(300):
        station = Station(f"{number:010d}")
        city.receive(station.packets(0x32, bytes(4000), 2000)[0], NOW)
        assert city.waiting < 64_000


def test_unknown_functions_are_told() -> None:
    assert faults(Sl651({}).receive(Station().frame(0x46, bytes(8)), NOW)) == ["function 46 is not read"]
