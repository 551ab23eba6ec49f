"""HJ 212 without a wire: vectors, answers, split packets, qualities, and what noise does."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.gateways.hj212 import vectors
from tests.gateways.hj212.vectors import AIR_2025, MN, MODBUS, SAMPLED, WATER

from hutong.gateways.dialogue import Answer, Event, Fault, Login, Packet
from hutong.gateways.hj212 import Hj212, speak
from hutong.gateways.hj212.frame import Frame, Frames, Garbage, crc, framed
from hutong.gateways.hj212.segment import LONGEST, OPEN
from hutong.gateways.hj212.sm4 import Sm4
from hutong.kernel.base import MINUTE
from hutong.kernel.errors import Invalid
from hutong.kernel.observation import Quality

NOW = 1_784_372_400_000_000
"""2026-07-18 19:00 in Shanghai."""
WATER_TIME = 1_470_013_137_000_000
"""2016-08-01T08:58:57+08:00."""


def crc_bit_by_bit(data: bytes) -> int:
    """The standard's own procedure (appendix A)."""
    reg = 0xFFFF
    for byte in data:
        reg = (reg >> 8) ^ byte
        for _ in range(8):
            lowest = reg & 1
            reg >>= 1
            if lowest:
                reg ^= 0xA001
    return reg


def events(data: bytes, dialogue: Hj212 | None = None, now: int = NOW) -> list[Event]:
    return list((dialogue or speak({})).receive(data, now))


def upload(content: str, cn: str = "2011", flag: int = 5, **more: Any) -> bytes:
    head = f"QN=20260718190000123;ST=21;CN={cn};PW=123456;MN={MN};Flag={flag};"
    head += "".join(f"{name}={value};" for name, value in more.items())
    return framed(head.encode() + b"CP=&&" + content.encode("gbk") + b"&&")


def packet(data: bytes, options: dict[str, Any] | None = None) -> Packet:
    (found,) = events(data, speak(options or {}))
    assert isinstance(found, Packet)
    return found


def values(found: Packet) -> dict[str, float]:
    return dict(zip(found.readings.channels, found.readings.number.tolist(), strict=True))


@pytest.mark.parametrize("frame", vectors.GOOD)
def test_vectors_are_sound(frame: bytes) -> None:
    assert list(Frames().feed(frame)) == [Frame(frame[6:-6], True)]
    assert framed(frame[6:-6]) == frame


@given(st.binary(max_size=300))
def test_the_table_gives_the_standards_crc(data: bytes) -> None:
    assert crc(data) == crc_bit_by_bit(data)


def test_the_crc_of_modbus_is_refused() -> None:
    fault, answer = events(MODBUS)
    assert isinstance(fault, Fault)
    assert "CRC" in fault.reason
    assert isinstance(answer, Answer)
    assert b"CN=9011" in answer.data
    assert b"QnRtn=9" in answer.data


def test_real_time_values() -> None:
    found = packet(WATER)
    assert (found.address, found.secret) == (MN, "123456")
    assert values(found) == {"w01018-Rtd": 36.3, "w21003-Rtd": 1.25}
    assert found.readings.time.tolist() == [WATER_TIME] * 2
    assert found.readings.quality.tolist() == [Quality.GOOD] * 2
    assert found.facts == {"st": "32", "cn": "2011", "version": 2017}
    assert packet(AIR_2025).facts["version"] == 2025


def test_a_sample_has_the_time_it_was_taken() -> None:
    assert values(packet(SAMPLED)) == {"w01008-Rtd": 123.456}
    taken = upload("DataTime=20260718190000;w01018-SampleTime=20260718180000,w01018-Rtd=1;w01001-Rtd=7")
    times = packet(taken).readings.time
    assert times[1] - times[0] == 60 * MINUTE
    absurd = upload("DataTime=20260718190000;w01018-SampleTime=20160718180000,w01018-Rtd=1;w01001-Rtd=7")
    assert len(set(packet(absurd).readings.time.tolist())) == 1


def test_answers_say_what_became_of_it() -> None:
    answer = packet(WATER).answer
    kept = answer("kept")
    assert kept == framed(kept[6:-6])
    assert b"QN=20160801085857223;ST=91;CN=9014;PW=123456;MN=" + MN.encode() + b";Flag=4;CP=&&&&" in kept
    assert b"CN=9011" in answer("secret")
    assert b"QnRtn=3" in answer("secret")
    assert b"QnRtn=4" in answer("unknown")
    assert b"QnRtn=2" in answer("content")
    assert b"CN=9012" in answer("busy")
    assert b"ExeRtn=5" in answer("busy")
    assert b"Flag=8;" in packet(AIR_2025).answer("kept")


def test_no_answer_where_none_is_needed() -> None:
    silent = packet(upload("DataTime=20260718190000;w01018-Rtd=1", flag=4))
    assert {silent.answer(one) for one in ("kept", "secret", "unknown", "content", "busy")} == {b""}


@pytest.mark.parametrize(
    ("cn", "content", "channels"),
    [
        ("2061", "DataTime=20260718190000;w01018-Avg=3.5,w01018-Min=3,w01018-Max=4,w01018-Flag=N",
         ("2061:w01018-Avg", "2061:w01018-Min", "2061:w01018-Max")),
        ("2051", "DataTime=20260718190000;a34002-Avg=0.06", ("2051:a34002-Avg",)),
        ("2031", "DataTime=20260718000000;w00000-Cou=88.1", ("2031:w00000-Cou",)),
        ("2021", "DataTime=20260718190000;SB1-RS=1;SB2-RS=0", ("2021:SB1-RS", "2021:SB2-RS")),
        ("2041", "DataTime=20260718000000;SB1-RT=1.1", ("2041:SB1-RT",)),
        ("3015", "DataTime=20260718190000;VaseNo=1", ("3015:VaseNo",)),
        ("2011", "DataTime=20260718190000; LA-Rtd=50.1; LA-Flag=N", ("LA-Rtd",)),
    ],
)  # fmt: skip
def test_channels_are_named_by_command(cn: str, content: str, channels: tuple[str, ...]) -> None:
    assert packet(upload(content, cn)).readings.channels == channels


def test_a_restart_is_a_moment() -> None:
    found = packet(upload("DataTime=20260718190000;RestartTime=20160801085857", "2081"))
    assert values(found) == {"2081:RestartTime": WATER_TIME / 1_000_000}


@pytest.mark.parametrize(
    ("flag", "quality"),
    [
        ("N", Quality.GOOD), ("n", Quality.GOOD), ("D", Quality.SENSOR_FAULT), ("B", Quality.SENSOR_FAULT),
        ("M", Quality.MAINTENANCE), ("C", Quality.MAINTENANCE), ("T", Quality.OUT_OF_RANGE),
        ("F", Quality.SUSPECT), ("S", Quality.SUSPECT), ("?", Quality.SUSPECT),
    ],
)  # fmt: skip
def test_flags_become_qualities(flag: str, quality: Quality) -> None:
    found = packet(upload(f"DataTime=20260718190000;w01018-Rtd=1,w01018-Flag={flag}"))
    assert found.readings.quality.tolist() == [quality]


def test_resent_data_is_late() -> None:
    for data in (
        upload("DataTime=20260718180000;RF=1;w01018-Rtd=1,w01018-Flag=N;w01001-Rtd=7,w01001-Flag=D", flag=9),
        upload("DataTime=20260718180000;w01018-Rtd=1;w01001-Rtd=7,w01001-Flag=D", flag=9, RF=1),
    ):
        assert packet(data).readings.quality.tolist() == [Quality.LATE, Quality.SENSOR_FAULT]


def test_what_is_no_number_is_left_out() -> None:
    found = packet(
        upload(
            "DataTime=20260718190000;a-Rtd=nan;b-Rtd=1e999;c-Rtd=;d-Rtd=--;e-Rtd=1_0;f-Rtd=2.5;g;=1;-Rtd=3"
        )
    )
    assert values(found) == {"f-Rtd": 2.5}


def test_text_and_chinese_do_no_harm() -> None:
    found = packet(upload("DataTime=20260718190000;i13004-Info=校准完成;w01018-Rtd=1,w01018-EFlag=A01"))
    assert found.readings.texts == {0: "校准完成", 2: "A01"}
    assert np.isnan(found.readings.number[[0, 2]]).all()


def test_a_packet_without_a_time_has_that_of_its_request() -> None:
    found = packet(upload("w01018-Rtd=1"))
    assert found.readings.time.tolist() == [NOW + 123_000]
    nothing = packet(upload("DataTime=99999999999999"))
    assert len(nothing.readings) == 0


def test_the_clock_is_set_on_request() -> None:
    (asked,) = events(upload("", "1013"))
    assert isinstance(asked, Login)
    first, second = (
        frame.segment for frame in Frames().feed(asked.answer("kept")) if isinstance(frame, Frame)
    )
    assert b"CN=9013" in first
    assert b"CN=1012" in second
    assert b"SystemTime=20260718190000" in second
    assert b"Flag=5" in second
    assert b"QnRtn=3" in asked.answer("secret")


def test_a_heartbeat_is_a_login() -> None:
    (beat,) = events(upload("", "9015", flag=9))
    assert isinstance(beat, Login)
    assert (beat.address, beat.secret) == (MN, "123456")
    assert b"CN=9014" in beat.answer("kept")


def test_answers_of_a_station_are_heard_in_silence() -> None:
    assert events(vectors.ANSWERED) == [Answer(b"")]


def test_a_command_nobody_knows_is_refused() -> None:
    (answer,) = events(upload("", "7777"))
    assert isinstance(answer, Answer)
    assert b"QnRtn=8" in answer.data


def part(content: str, pno: int, pnum: int, qn: str = "20260718190000123") -> bytes:
    head = f"QN={qn};ST=21;CN=2011;PW=123456;MN={MN};Flag=7;PNUM={pnum};PNO={pno};CP=&&{content}&&"
    return framed(head.encode())


WHOLE = "DataTime=20260718190000;w01018-Rtd=36.3,w01018-Flag=N;w21003-Rtd=1.25,w21003-Flag=N"


@pytest.mark.parametrize("cut", range(1, len(WHOLE)))
def test_a_split_packet_is_put_together_wherever_it_was_cut(cut: int) -> None:
    if WHOLE[cut] == "," or WHOLE[cut - 1] == ",":
        return  # A cut at a comma reads the same either way: `;` and `,` both part fields.
    found = events(part(WHOLE[:cut], 1, 2) + part(WHOLE[cut:], 2, 2))
    assert isinstance(found[0], Answer)
    assert isinstance(found[1], Packet)
    assert values(found[1]) == {"w01018-Rtd": 36.3, "w21003-Rtd": 1.25}


def test_parts_that_each_say_the_time_and_come_in_any_order() -> None:
    one = part("DataTime=20260718190000;w01018-Rtd=36.3", 1, 2)
    two = part("DataTime=20260718190000;w21003-Rtd=1.25", 2, 2)
    for data in (one + two, two + one):
        *_, found = events(data)
        assert isinstance(found, Packet)
        assert values(found) == {"w01018-Rtd": 36.3, "w21003-Rtd": 1.25}


def test_parts_are_held_within_bounds() -> None:
    dialogue = speak({})
    for number in range(200):
        events(part("x" * 900, 1, 60, qn=f"2026071819{number:04d}123"), dialogue)
    assert dialogue.waiting <= 900 * OPEN
    for number in range(1, 60):
        events(part("y" * 9000, number, 60), dialogue)
    assert dialogue.waiting <= LONGEST
    events(part("z", 1, 60), dialogue, NOW + 10 * MINUTE)
    assert dialogue.waiting <= 1


def test_each_part_is_answered_only_if_the_city_says_so() -> None:
    (answer,) = events(part("a", 1, 2), speak({"answer_parts": True}))
    assert isinstance(answer, Answer)
    assert b"CN=9014" in answer.data
    assert events(part("a", 1, 2)) == [Answer(b"")]


KEY = "0123456789abcdeffedcba9876543210"


def test_sm4_keeps_what_does_not_fill_a_block() -> None:
    sm4 = Sm4(KEY)
    block = bytes.fromhex(KEY)
    assert sm4.encrypt(block).hex() == "681edf34d206965e86b3e94f536e4246"  # GB/T 32907 A.1
    assert sm4.encrypt(block + b"rest")[16:] == b"rest"
    assert sm4.decrypt(sm4.encrypt(b"x" * 37)) == b"x" * 37
    assert sm4.encrypt(b"short") == b"short"
    with pytest.raises(Invalid):
        Sm4("too short")


def test_content_of_2025_is_decrypted() -> None:
    plain = b"DataTime=20260718190000;w01018-Rtd=36.3,w01018-Flag=N"
    head = f"QN=20260718190000123;ST=21;CN=2011;PW=123456;MN={MN};Flag=9;CP=&&".encode()
    hidden = framed(head + Sm4(KEY).encrypt(plain) + b"&&")
    assert values(packet(hidden, {"sm4_key": KEY})) == {"w01018-Rtd": 36.3}
    assert values(packet(framed(head + plain + b"&&"), {"sm4_key": KEY})) == {"w01018-Rtd": 36.3}
    assert values(packet(hidden)) == {}


@pytest.mark.parametrize("options", [{"strange": 1}, {"zone": "Mars/Base"}, {"sm4_key": "x"}])
def test_wrong_options_are_told(options: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        speak(options)


numbers = st.floats(-1e6, 1e6).map(lambda x: round(x, 3))
factors = st.dictionaries(st.from_regex(r"[a-z][0-9]{5}", fullmatch=True), numbers, min_size=1, max_size=12)


@given(factors, st.datetimes(), st.sampled_from(["2011", "2051", "2061", "2031"]))
def test_what_was_written_is_read(wanted: dict[str, float], at: Any, cn: str) -> None:
    at = at.replace(year=2000 + at.year % 60)
    groups = ";".join(f"{name}-Rtd={value},{name}-Flag=N" for name, value in wanted.items())
    found = packet(upload(f"DataTime={at:%Y%m%d%H%M%S};{groups}", cn))
    prefix = "" if cn == "2011" else f"{cn}:"
    assert values(found) == {f"{prefix}{name}-Rtd": value for name, value in wanted.items()}
    assert len(set(found.readings.time.tolist())) == 1


def plain(found: list[Event]) -> list[Any]:
    """Events that can be compared."""
    return [
        (one.address, one.readings.channels, one.readings.number.tolist(), one.answer("kept"))
        if isinstance(one, Packet)
        else (one.address, one.answer("kept"))
        if isinstance(one, Login)
        else one
        for one in found
    ]


def noisy(seed: int) -> bytes:
    """Frames with bytes changed, cut, doubled, and noise between them."""
    chance = random.Random(seed)
    pieces = []
    for _ in range(chance.randint(1, 12)):
        piece = bytearray(chance.choice([*vectors.GOOD, MODBUS, part("x", 1, 3), upload("中文", "2011")]))
        for _ in range(chance.choice([0, 0, 1, 4])):
            piece[chance.randrange(len(piece))] = chance.randrange(256)
        if chance.random() < 0.2:
            del piece[chance.randrange(len(piece)) :]
        if chance.random() < 0.3:
            piece += chance.choice([b"#", b"##", b"##00", b"###", b"##9999", bytes(chance.randbytes(40))])
        pieces.append(bytes(piece))
    return b"".join(pieces)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32), st.lists(st.integers(1, 60), min_size=1, max_size=20))
def test_noise_is_survived_and_cuts_change_nothing(seed: int, cuts: list[int]) -> None:
    data = noisy(seed)
    whole = plain(events(data))
    dialogue, found, at, turn = speak({}), [], 0, 0
    while at < len(data):
        step = cuts[turn % len(cuts)]
        found += events(data[at : at + step], dialogue)
        at, turn = at + step, turn + 1
    assert plain(found) == whole


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=4000))
def test_a_good_frame_is_found_after_any_garbage(garbage: bytes) -> None:
    found = events(garbage + b"\r\n" + WATER)
    assert any(isinstance(one, Packet) and one.address == MN for one in found)


def test_endless_garbage_is_told_and_not_kept() -> None:
    chance = random.Random(7)
    frames = Frames()
    told = 0
    for _ in range(200):
        told += sum(isinstance(one, Garbage) for one in frames.feed(chance.randbytes(10_000)))
        assert frames.waiting < 11_000
    assert told > 1500


def test_a_false_header_does_not_hold_up_the_next_frame() -> None:
    found = events(b"##9999" + WATER)
    assert [type(one) for one in found] == [Fault, Packet]
    assert [type(one) for one in events(WATER[:80] + WATER)] == [Fault, Packet]
