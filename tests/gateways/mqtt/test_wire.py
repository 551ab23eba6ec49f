"""MQTT packets: what the standard's examples say, whole round trips, and anything at all on the wire."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutong.gateways.mqtt import wire
from hutong.gateways.mqtt.wire import Connected, Control, Decoder, Hello, Message
from hutong.kernel.errors import Invalid

TOPICS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=40)
MESSAGES = st.builds(
    lambda topic, payload, qos, mid, dup, retain: Message(
        topic, payload, qos, mid if qos else 0, dup and qos > 0, retain
    ),
    TOPICS, st.binary(max_size=300), st.integers(0, 2), st.integers(1, 65_535), st.booleans(), st.booleans(),
)  # fmt: skip


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0, "00"), (127, "7f"), (128, "8001"), (16_383, "ff7f"), (16_384, "808001"),
        (2_097_151, "ffff7f"), (2_097_152, "80808001"), (268_435_455, "ffffff7f"),
    ],
)  # fmt: skip
def test_lengths_of_the_standards_table(value: int, written: str) -> None:
    """MQTT 3.1.1 table 2.4."""
    assert wire.length(value).hex() == written


@given(st.lists(MESSAGES, max_size=8), st.sampled_from([4, 5]), st.integers(1, 50))
def test_messages_come_back_whatever_the_reads(messages: list[Message], version: int, cut: int) -> None:
    level: wire.Version = 5 if version == 5 else 4
    decoder, found = Decoder(level), []
    sent = b"".join(wire.publish(one, level) for one in messages)
    for start in range(0, len(sent), cut):
        found += decoder.feed(sent[start : start + cut])
    assert found == messages
    assert decoder.waiting == 0


@given(st.binary(max_size=400), st.sampled_from([4, 5]))
def test_anything_is_read_or_refused(data: bytes, version: int) -> None:
    decoder = Decoder(5 if version == 5 else 4, largest=200)
    try:
        decoder.feed(data)
    except Invalid:
        return
    assert decoder.waiting <= 205


@given(MESSAGES, st.data(), st.sampled_from([4, 5]))
def test_a_broken_message_is_read_or_refused(message: Message, data: st.DataObject, version: int) -> None:
    level: wire.Version = 5 if version == 5 else 4
    sent = bytearray(wire.publish(message, level))
    at = data.draw(st.integers(0, len(sent) - 1))
    sent[at] = data.draw(st.integers(0, 255))
    try:
        Decoder(level).feed(bytes(sent))
    except Invalid:
        return


def test_too_large_packets_are_refused_before_they_came() -> None:
    head = b"\x30" + wire.length(1_000_000)
    with pytest.raises(Invalid, match="1000000 bytes"):
        Decoder(4, largest=1000).feed(head)


def test_connect_says_everything() -> None:
    will = Message("gone", b"x", qos=1, retain=True)
    four = wire.connect(Hello(client="c", version=4, user="u", password="p", clean=True, will=will))
    assert four.hex(" ") == (
        "10 1c 00 04 4d 51 54 54 04 ee 00 1e 00 01 63 00 04 67 6f 6e 65 00 01 78 00 01 75 00 01 70"
    )
    five = wire.connect(Hello(client="c", version=5, receive=7, largest=9, keep_alive=10))
    assert five.hex(" ") == (
        "10 1b 00 04 4d 51 54 54 05 00 00 0a 0d 11 ff ff ff ff 21 00 07 27 00 00 00 09 00 01 63"
    )


def test_answers_of_brokers() -> None:
    assert Decoder(4).feed(b"\x20\x02\x01\x00") == [Connected(0, session=True)]
    properties = b"\x21\x00\x14" + b"\x13\x00\x3c" + b"\x1f\x00\x02ok" + b"\x26\x00\x01a\x00\x01b"
    five = b"\x00\x00" + wire.length(len(properties)) + properties
    assert Decoder(5).feed(wire.packet(0x20, five)) == [Connected(0, False, 20, 60)]
    assert Decoder(5).feed(b"\x40\x03\x00\x07\x10") == [Control(wire.PUBACK, 7, b"\x10")]
    assert Decoder(5).feed(b"\x90\x05\x00\x02\x00\x01\x87") == [Control(wire.SUBACK, 2, b"\x01\x87")]
    assert Decoder(5).feed(b"\xd0\x00\xe0\x01\x8e") == [
        Control(wire.PINGRESP), Control(wire.DISCONNECT, 0, b"\x8e"),
    ]  # fmt: skip


def test_acknowledgements_are_one_write() -> None:
    assert wire.acknowledgements([1, 258]).hex() == "40020001" + "40020102"


def test_what_we_publish_does_not_come_back() -> None:
    assert wire.subscribe(1, ["a/+"], 5)[-1] == 0b0001_0101
    assert wire.subscribe(1, ["a/+"], 4)[-1] == 1
