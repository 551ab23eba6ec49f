"""Whatever comes over the wire: no exception, no growth, the same events however it is cut, and the next message is read."""

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.gateways.devices import FireDevice
from tests.gateways.streams import NOW, cut, dirty, told

from hutong.gateways.gb26875 import Gb26875


def frames() -> st.SearchStrategy[bytes]:
    devices = st.builds(FireDevice, serial=st.integers(0, 65535))
    kinds = st.sampled_from((1, 2, 3, 4, 5, 6, 7, 8, 21, 24, 25, 26, 28, 90))
    pieces = st.lists(st.binary(max_size=45), max_size=4)
    return st.one_of(
        st.builds(lambda device: device.system(NOW, 3), devices),
        st.builds(lambda device: device.component(NOW, 2), devices),
        st.builds(lambda device, kind, some: device.objects(NOW, kind, some), devices, kinds, pieces),
        st.builds(
            lambda device, command, data: device.frame(NOW, command, data),
            devices,
            st.integers(0, 7),
            st.binary(max_size=60),
        ),
    )


@settings(deadline=None)
@given(cut(dirty(frames, b"@@")), st.sampled_from(("binary", "bcd")))
def test_any_stream(stream: tuple[bytes, list[bytes]], time: str) -> None:
    data, chunks = stream
    at_once, bit_by_bit = Gb26875({"time": time}), Gb26875({"time": time})
    assert told(at_once, [data]) == told(bit_by_bit, chunks)
    device = FireDevice("0000000000AB", bcd_time=time == "bcd")
    last = told(at_once, [device.system(NOW, 1)], NOW + 31_000_000)[-1]
    assert last[:2] == ("packet", "0000000000AB")


def test_endless_garbage_is_not_kept() -> None:
    city = Gb26875({})
    events = told(city, [b"@@" * 5000] * 10)
    assert 10 < len(events) < 100
    assert city.waiting < 2000
