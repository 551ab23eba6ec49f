"""Whatever comes over the wire: no exception, no growth, the same events however it is cut, and the next report is read."""

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.gateways.devices import Station, element
from tests.gateways.streams import NOW, cut, dirty, told

from hutong.gateways.sl651 import Sl651


def frames() -> st.SearchStrategy[bytes]:
    stations = st.builds(Station, address=st.sampled_from(("0012345678", "0012345679")))
    functions = st.sampled_from((0x2F, 0x30, 0x31, 0x32, 0x34, 0x35, 0x36, 0x38, 0x45))
    elements = st.binary(max_size=40) | st.just(element(0x39, 1.5, 4, 3)) | st.just(b"\xf4\x60" + bytes(12))
    return st.one_of(
        st.builds(lambda station: station.link(NOW), stations),
        st.builds(
            lambda station, body, function: station.report(NOW, body, function), stations, elements, functions
        ),
        st.builds(
            lambda station, function, body, total, part: station.frame(function, body, 0x17, total, part),
            stations,
            functions,
            st.binary(max_size=40),
            st.integers(0, 4),
            st.integers(0, 5),
        ),
    )


@settings(deadline=None)
@given(cut(dirty(frames, b"\x7e\x7e")))
def test_any_stream(stream: tuple[bytes, list[bytes]]) -> None:
    data, chunks = stream
    at_once, bit_by_bit = Sl651({}), Sl651({})
    assert told(at_once, [data]) == told(bit_by_bit, chunks)
    station = Station("0099999999")
    last = told(at_once, [station.level(NOW, 1.25)], NOW + 31_000_000)[-1]
    assert last[:2] == ("packet", "0099999999")


def test_a_report_behind_a_frame_with_a_wrong_length_is_read_at_once_or_after_the_wait() -> None:
    station = Station()
    long = bytearray(station.level(NOW, 1))
    long[11:13] = b"\x0f\xff"
    city = Sl651({})
    assert told(city, [bytes(long), station.level(NOW, 2)]) == []
    kinds = [event[0] for event in told(city, [station.level(NOW, 3)], NOW + 31_000_000)]
    assert kinds == ["fault", "packet", "packet"]
    busy = Sl651({})
    kinds = [event[0] for event in told(busy, [bytes(long), *[station.level(NOW, 2)] * 100])]
    assert kinds[0] == "fault"
    assert kinds[1:] == ["packet"] * 100


def test_frames_within_frames_cost_no_more_than_their_bytes() -> None:
    """Marks every few bytes, each with a header that promises the longest frame and a wrong CRC at its end."""
    head = b"\x7e\x7e\x01\x00\x12\x34\x56\x78\x12\x34\x32\x0f\xdf\x02"
    data = (head + b"\x03\x00\x00") * 6000
    city = Sl651({})
    faults = told(city, [data])
    assert {event[0] for event in faults} == {"fault"}
    assert len(faults) < 200


@settings(deadline=None)
@given(cut(dirty(frames, b"\x7e\x7e")), st.lists(st.integers(0, 40), min_size=14, max_size=14))
def test_any_stream_with_pauses(stream: tuple[bytes, list[bytes]], waits: list[int]) -> None:
    city, now = Sl651({}), NOW
    for chunk, seconds in zip(stream[1], waits, strict=False):
        now += seconds * 1_000_000
        told(city, [chunk], now)
    station = Station("0099999999")
    assert told(city, [station.level(NOW, 1.25)], now + 31_000_000)[-1][:2] == ("packet", "0099999999")
