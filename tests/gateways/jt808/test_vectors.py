"""Frames of other makers' vehicles, as they circulate: two good ones and one with a wrong check byte."""

from datetime import UTC, datetime, timedelta

from tests.gateways.streams import NOW, packets, values

from hutong.gateways.dialogue import Fault
from hutong.gateways.jt808 import Jt808
from hutong.gateways.jt808.frame import Frame, read, write
from hutong.kernel.observation import Quality

FIRST = bytes.fromhex(
    "7e020000470412106280030233000000000000200201d365df072f15d500280000002d21091719155801040002a10f2a0200042b049203a46f"
    "520103eb06000100ce0a5730011b31010951080000000000000000ca7e"
)
SECOND = bytes.fromhex(
    "7E02000043770191202229001000000000040010020318343c006d8ba000010005000021012908202430011f310105d40164d5020050da0300"
    "0115db02002fdc0400000000fd0901060200007f780212f77E"
)
WRONG = bytes.fromhex(
    "7E02000032011111111111012E00000000000C00000160E42506C30C82002C00000000180914142057010400001DC003020000250400000000"
    "300115310100977E"
)


def micros(*moment: int) -> int:
    at = datetime(*moment, tzinfo=UTC) - timedelta(hours=8)  # type: ignore[arg-type, misc]
    return round(at.timestamp()) * 1_000_000


def test_a_vehicle_in_jiaxing() -> None:
    (packet,) = packets(Jt808({}), FIRST)
    assert packet.address == "041210628003"
    found = values(packet)
    place = (found["latitude"], found["longitude"], found["altitude"], found["speed"], found["direction"])
    assert place == (30.631391, 120.526293, 40, 0, 45)
    assert (found["status"], found["mileage"], found["satellites"]) == (0x2002, 17230.3, 9)
    assert set(packet.readings.time.tolist()) == {micros(2021, 9, 17, 19, 15, 58)}
    assert set(packet.readings.quality.tolist()) == {int(Quality.GOOD)}


def test_its_header() -> None:
    frame = read(FIRST[1:-1])
    assert isinstance(frame, Frame)
    assert (frame.message, frame.serial, frame.version, frame.total) == (0x0200, 563, None, 0)
    assert write(frame) == FIRST


def test_a_vehicle_in_germany() -> None:
    (packet,) = packets(Jt808({}), SECOND)
    assert packet.address == "770191202229"
    found = values(packet)
    assert (found["latitude"], found["longitude"], found["altitude"], found["speed"]) == (
        51.917884,
        7.179168,
        1,
        0.5,
    )
    assert set(packet.readings.time.tolist()) == {micros(2021, 1, 29, 8, 20, 24)}


def test_the_sample_with_a_wrong_check_byte_is_rejected() -> None:
    (fault,) = Jt808({}).receive(WRONG, NOW)
    assert isinstance(fault, Fault)
    assert "97" in fault.reason
    assert "4E" in fault.reason
    assert fault.data == WRONG[1:-1]
