"""Whatever comes over the wire: no exception, no growth, the same events however it is cut, and the next frame is read."""

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.gateways.devices import Vehicle, wrap_808
from tests.gateways.streams import NOW, cut, dirty, told

from hutong.gateways.jt808 import Jt808


def frames() -> st.SearchStrategy[bytes]:
    vehicles = st.builds(Vehicle, edition=st.sampled_from((2013, 2019)), serial=st.integers(0, 65535))
    kinds = st.sampled_from((0x0001, 0x0002, 0x0003, 0x0004, 0x0100, 0x0102, 0x0200, 0x0704, 0x0900))
    return st.one_of(
        st.builds(lambda vehicle: vehicle.position(NOW), vehicles),
        st.builds(lambda vehicle: vehicle.register(), vehicles),
        st.builds(lambda vehicle: vehicle.batch([vehicle.report(NOW)] * 3), vehicles),
        st.builds(
            lambda vehicle, kind, body: vehicle.message(kind, body), vehicles, kinds, st.binary(max_size=60)
        ),
        st.builds(
            lambda vehicle, kind, body, total, part: vehicle.message(kind, body, total, part),
            vehicles,
            kinds,
            st.binary(max_size=60),
            st.integers(0, 4),
            st.integers(0, 5),
        ),
        st.binary(max_size=60).map(wrap_808),
    )


@settings(deadline=None)
@given(cut(dirty(frames, b"\x7e")), st.booleans())
def test_any_stream(stream: tuple[bytes, list[bytes]], keyed: bool) -> None:
    data, chunks = stream
    options = {"key": "k"} if keyed else {}
    at_once, bit_by_bit = Jt808(options), Jt808(options)
    assert told(at_once, [data]) == told(bit_by_bit, chunks)
    vehicle = Vehicle(serial=77)
    last = told(at_once, [vehicle.heartbeat()])[-1]
    assert last[0] == "answer"
    assert vehicle.acknowledged(last[1]) == {77: 0}


def test_endless_garbage_is_told_of_now_and_then_and_not_kept() -> None:
    city = Jt808({})
    events = told(city, [b"\x55" * 1000] * 100)
    assert 10 < len(events) < 40
    assert {event[0] for event in events} == {"fault"}
    assert city.waiting < 100
