"""Frames of a maker's simulator: two link maintenances and one report."""

import math
from datetime import UTC, datetime, timedelta

from tests.gateways.devices import Station
from tests.gateways.streams import NOW, packets, values

from hutong.gateways.dialogue import Login
from hutong.gateways.sl651 import Sl651
from hutong.gateways.sl651.frame import crc16, read, write

LINK = bytes.fromhex("7E7E01001234567812342F0008020003591011155111036BCA")
LINK_TOO = bytes.fromhex("7E7E00987654321012342F0008027E0822101110074703C3AE")
REPORT = bytes.fromhex(
    "7E7E010012345678123430002B020003591011154947F1F1001234567848F0F05910111549"
    "20190000052619000005392300000127381211150320FA"
)


def micros(*moment: int) -> int:
    at = datetime(*moment, tzinfo=UTC) - timedelta(hours=8)  # type: ignore[arg-type, misc]
    return round(at.timestamp()) * 1_000_000


def test_crc_of_the_digits() -> None:
    assert crc16(b"123456789") == 0x4B37


def test_links_are_maintained() -> None:
    for sent, station in ((LINK, "0012345678"), (LINK_TOO, "9876543210")):
        (login,) = Sl651({}).receive(sent, NOW)
        assert isinstance(login, Login)
        assert (login.address, login.secret) == (station, "1234")
        assert login.answer("kept") == b""


def test_a_report() -> None:
    (packet,) = packets(Sl651({}), REPORT)
    assert (packet.address, packet.secret) == ("0012345678", "1234")
    assert packet.facts["kind"] == "河道"
    found = values(packet)
    assert found == {"20": 0.5, "26": 0.5, "39": 0.127, "38": 11.15}
    assert not any(map(math.isnan, found.values()))
    assert set(packet.readings.time.tolist()) == {micros(2059, 10, 11, 15, 49)}
    assert Station().confirmed(packet.answer("kept")) == [(3, 0x04)]


def test_what_is_read_is_written() -> None:
    for sent in (LINK, LINK_TOO, REPORT):
        assert write(read(sent)) == sent


def test_any_byte_changed_is_noticed() -> None:
    for at in range(2, len(REPORT)):
        spoilt = REPORT[:at] + bytes([REPORT[at] ^ 0x10]) + REPORT[at + 1 :]
        city = Sl651({})
        events = [*city.receive(spoilt, NOW), *city.receive(REPORT, NOW + 60_000_000)]
        assert [type(event).__name__ for event in events] == ["Fault", "Packet"], at
