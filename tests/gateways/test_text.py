from hypothesis import given, settings
from hypothesis import strategies as st

from hutong.gateways.bcd import bcd_time, to_bcd_time
from hutong.gateways.text import gbk


def test_padding_and_control_characters_are_left_out() -> None:
    assert gbk("沪A12345".encode("gbk") + b"\0\0") == "沪A12345"
    assert gbk(b"  a\0b\x1bc ") == "abc"
    assert gbk(b"\xff") == "�"


@settings(deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_become_text_that_databases_take(data: bytes) -> None:
    text = gbk(data)
    assert "\0" not in text
    assert text.encode("utf-8").decode("utf-8") == text


@settings(deadline=None)
@given(st.integers(946_656_000, 4_102_416_000 - 1))
def test_times_of_this_century_come_back(second: int) -> None:
    assert bcd_time(to_bcd_time(second * 1_000_000)) == second * 1_000_000
