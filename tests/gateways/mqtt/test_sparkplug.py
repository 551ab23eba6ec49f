"""Sparkplug B: payloads by field number, births, aliases, gaps, deaths, and the host's state."""

from __future__ import annotations

import json
import math
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutong.gateways.dialogue import Fault, Packet
from hutong.gateways.mqtt.ports import Reply
from hutong.gateways.mqtt.settings import Sparkplug
from hutong.gateways.mqtt.sparkplug import PATIENCE, REBIRTH, SparkplugHost
from hutong.gateways.mqtt.sparkplug_wire import (
    BOOLEAN,
    DOUBLE,
    FLOAT,
    INT8,
    INT16,
    INT32,
    INT64,
    STRING,
    UINT32,
    UINT64,
    Metric,
    Payload,
    read_payload,
    write_payload,
)  # fmt: skip
from hutong.gateways.mqtt.wire import Message
from hutong.kernel.errors import Invalid
from hutong.kernel.observation import Quality

NOW = 1_784_372_400_000_000
MS = NOW // 1000


class Edge:
    """An edge node and the host that hears it."""

    def __init__(self) -> None:
        self.host = SparkplugHost(Sparkplug(host="hutong"))
        self.seq = 0

    def say(
        self, kind: str, *metrics: Metric, seq: int | None = None, device: str = "", now: int = NOW
    ) -> list[Packet | Fault | Reply]:
        if kind == "NBIRTH":
            self.seq = 0
        payload = Payload(metrics, MS, None if kind == "NDEATH" else self.seq if seq is None else seq)
        self.seq = (self.seq + 1) % 256
        topic = f"spBv1.0/G/{kind}/N" + (f"/{device}" if device else "")
        return list(self.host.read(Message(topic, write_payload(payload)), now))

    def born(self) -> None:
        told = self.say(
            "NBIRTH",
            Metric("bdSeq", datatype=UINT64, value=4),
            Metric("Level", alias=1, datatype=DOUBLE, value=0.5),
            Metric("Offset", alias=2, datatype=INT16, value=-3),
        )
        assert [type(one) for one in told] == [Packet]


def values(told: list[Packet | Fault | Reply]) -> dict[str, float]:
    (found,) = [one for one in told if isinstance(one, Packet)]
    return dict(zip(found.readings.channels, found.readings.number.tolist(), strict=True))


def asked(told: list[Packet | Fault | Reply]) -> bool:
    return any(isinstance(one, Reply) for one in told)


def test_aliases_stand_for_the_names_of_the_birth() -> None:
    edge = Edge()
    edge.born()
    told = edge.say(
        "NDATA", Metric(alias=1, datatype=DOUBLE, value=0.75), Metric(alias=2, datatype=INT16, value=-7)
    )
    assert values(told) == {"Level": 0.75, "Offset": -7.0}
    assert told[0].address == "G/N"  # type: ignore[union-attr]


def test_data_may_leave_out_the_type() -> None:
    edge = Edge()
    edge.born()
    raw = b"\x10\x02" + b"\x50" + b"\xfd\xff\xff\xff\x0f"
    payload = b"\x12" + bytes([len(raw)]) + raw + b"\x18\x01"
    told = list(edge.host.read(Message("spBv1.0/G/NDATA/N", payload), NOW))
    assert values(told) == {"Offset": -3.0}


def test_devices_have_addresses_and_times_of_their_own() -> None:
    edge = Edge()
    edge.born()
    edge.say("DBIRTH", Metric("Flow", alias=9, datatype=FLOAT, value=1.5), device="D")
    late = Metric(alias=9, datatype=FLOAT, value=2.5, time=MS - 60_000, historical=True)
    told = edge.say("DDATA", late, device="D")
    (found,) = [one for one in told if isinstance(one, Packet)]
    assert found.address == "G/N/D"
    assert found.readings.time.tolist() == [NOW - 60_000_000]
    assert not asked(told)


def test_a_gap_asks_for_rebirth_and_keeps_the_value() -> None:
    edge = Edge()
    edge.born()
    told = edge.say("NDATA", Metric(alias=1, datatype=DOUBLE, value=0.9), seq=7)
    assert values(told) == {"Level": 0.9}
    (reply,) = [one for one in told if isinstance(one, Reply)]
    assert reply.topic == "spBv1.0/G/NCMD/N"
    (metric,) = read_payload(reply.payload).metrics
    assert (metric.name, metric.datatype, metric.value) == (REBIRTH, BOOLEAN, 1.0)
    assert not asked(edge.say("NDATA", Metric(alias=1, datatype=DOUBLE, value=1.0), seq=99))
    assert asked(edge.say("NDATA", Metric(alias=1, datatype=DOUBLE, value=1.0), seq=5, now=NOW + PATIENCE))


def test_the_sequence_goes_round() -> None:
    edge = Edge()
    edge.born()
    assert not any(asked(edge.say("NDATA", Metric(alias=1, datatype=DOUBLE, value=n))) for n in range(600))


def test_unknown_nodes_aliases_and_devices_ask_for_rebirth() -> None:
    assert asked(Edge().say("NDATA", Metric(alias=1, datatype=DOUBLE, value=1)))
    edge = Edge()
    edge.born()
    assert asked(edge.say("NDATA", Metric(alias=77, datatype=DOUBLE, value=1)))
    edge = Edge()
    edge.born()
    assert asked(edge.say("DDATA", Metric("Flow", datatype=FLOAT, value=1), device="D"))


def test_death_ends_a_birth_and_an_old_death_does_not() -> None:
    edge = Edge()
    edge.born()
    edge.say("NDEATH", Metric("bdSeq", datatype=UINT64, value=3))
    edge.seq = 1
    assert not asked(edge.say("NDATA", Metric(alias=1, datatype=DOUBLE, value=1)))
    edge.say("NDEATH", Metric("bdSeq", datatype=UINT64, value=4))
    edge.seq = 2
    assert asked(edge.say("NDATA", Metric(alias=1, datatype=DOUBLE, value=1)))


def test_nulls_are_no_values_and_quality_is_kept() -> None:
    edge = Edge()
    told = edge.say(
        "NBIRTH",
        Metric("a", datatype=DOUBLE, null=True),
        Metric("b", datatype=DOUBLE, value=1, quality=0),
        Metric("c", datatype=DOUBLE, value=2, quality=500),
        Metric("d", datatype=STRING, text="open"),
    )
    (found,) = [one for one in told if isinstance(one, Packet)]
    assert found.readings.channels == ("b", "c", "d")
    assert found.readings.quality.tolist() == [Quality.SENSOR_FAULT, Quality.SUSPECT, Quality.GOOD]
    assert found.readings.texts == {2: "open"}


def test_the_hosts_state_bears_the_time_of_its_will() -> None:
    host = SparkplugHost(Sparkplug(host="hutong", groups=("roads",)))
    will = host.presence(False, NOW)
    own = host.presence(True, NOW + 5_000_000)
    assert will.topic == own.topic == "spBv1.0/STATE/hutong"
    assert json.loads(will.payload) == {"online": False, "timestamp": MS}
    assert json.loads(own.payload) == {"online": True, "timestamp": MS}
    assert host.filters == ("spBv1.0/roads/#", "spBv1.0/STATE/hutong")
    (again,) = host.read(will, NOW)
    assert isinstance(again, Reply)
    assert (json.loads(again.payload)["online"], again.retain) == (True, True)
    assert not list(host.read(own, NOW))


@pytest.mark.parametrize(
    "topic", ["spBv1.0/G/NDATA", "spBv1.0/G/DDATA/N", "spBv1.0/G/XDATA/N", "spBv1.0/G/NCMD/N"]
)
def test_other_topics_are_passed_over(topic: str) -> None:
    assert not list(SparkplugHost(Sparkplug(host="h")).read(Message(topic, b"\xff"), NOW))


NUMBERS = st.one_of(
    st.tuples(st.just(INT8), st.integers(-128, 127)),
    st.tuples(st.just(INT32), st.integers(-(2**31), 2**31 - 1)),
    st.tuples(st.just(INT64), st.integers(-(2**53), 2**53)),
    st.tuples(st.just(UINT32), st.integers(0, 2**32 - 1)),
    st.tuples(st.just(DOUBLE), st.floats(allow_nan=False)),
    st.tuples(st.just(BOOLEAN), st.integers(0, 1)),
)


@given(NUMBERS, st.text(max_size=20), st.one_of(st.none(), st.integers(0, 2**63)), st.booleans())
def test_payloads_come_back(
    number: tuple[int, float], name: str, alias: int | None, historical: bool
) -> None:
    datatype, value = number
    metric = Metric(name, alias=alias, datatype=datatype, value=value, time=MS, historical=historical)
    (found,) = read_payload(write_payload(Payload((metric,), MS, 3))).metrics
    assert (found.name, found.alias, found.datatype, found.time) == (name, alias, datatype, MS)
    assert found.historical == historical
    assert found.value == value


def test_floats_are_read_as_they_were_sent() -> None:
    metric = Metric("f", datatype=FLOAT, value=0.1)
    (found,) = read_payload(write_payload(Payload((metric,)))).metrics
    assert found.value == struct.unpack("<f", struct.pack("<f", 0.1))[0]
    assert math.isnan(read_payload(write_payload(Payload((Metric("n", null=True),)))).metrics[0].value)


@given(st.binary(max_size=300), st.sampled_from(["NBIRTH", "NDATA", "NDEATH", "DDATA"]))
def test_any_bytes_are_read_or_told(data: bytes, kind: str) -> None:
    topic = f"spBv1.0/G/{kind}/N" + ("/D" if kind[0] == "D" else "")
    for one in SparkplugHost(Sparkplug(host="h")).read(Message(topic, data), NOW):
        assert isinstance(one, Packet | Fault | Reply)


@given(st.data())
def test_a_broken_payload_is_read_or_refused(data: st.DataObject) -> None:
    sent = bytearray(write_payload(Payload((Metric("Level", 1, MS, DOUBLE, 0.5, quality=192),), MS, 1)))
    sent[data.draw(st.integers(0, len(sent) - 1))] = data.draw(st.integers(0, 255))
    try:
        read_payload(bytes(sent))
    except Invalid:
        return
