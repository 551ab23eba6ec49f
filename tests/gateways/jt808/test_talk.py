"""Registration, authentication, heartbeats, packets: who is answered what, and when."""

from typing import TypeVar

from tests.gateways.devices import Vehicle, unwrap_808
from tests.gateways.streams import NOW

from hutong.gateways.dialogue import Answer, Close, Event, Fault, Login, Packet
from hutong.gateways.jt808 import Jt808
from hutong.gateways.jt808.codes import Codes

Kind = TypeVar("Kind", bound=Event)
KEY = {"key": "a key of the city"}


def only(events: list[Event], kind: type[Kind]) -> Kind:
    (event,) = events
    assert isinstance(event, kind), event
    return event


def test_a_terminal_registers_shows_its_code_and_reports() -> None:
    for edition in (2013, 2019):
        vehicle, city = Vehicle(edition=edition), Jt808(KEY)
        login = only(city.receive(vehicle.register(), NOW), Login)
        assert (login.address, login.secret) == (vehicle.phone, vehicle.terminal)
        assert login.facts["plate"] == "沪A12345"
        assert login.facts["division"] == "310115"
        result, code = vehicle.code(login.answer("kept"))
        assert result == 0
        shown = only(city.receive(vehicle.authenticate(code), NOW), Login)
        assert (shown.address, shown.secret) == (vehicle.phone, vehicle.terminal)
        assert vehicle.acknowledged(shown.answer("kept")) == {1: 0}
        assert shown.facts.get("imei") == ("860000000000001" if edition == 2019 else None)
        packet = only(city.receive(vehicle.position(NOW), NOW), Packet)
        assert packet.secret is None
        assert vehicle.acknowledged(packet.answer("kept")) == {2: 0}


def test_with_a_key_nothing_is_taken_before_the_code_is_shown() -> None:
    vehicle, city = Vehicle(), Jt808(KEY)
    fault, answer = city.receive(vehicle.position(NOW), NOW)
    assert isinstance(fault, Fault)
    assert isinstance(answer, Answer)
    assert vehicle.acknowledged(answer.data) == {0: 1}
    fault, answer = city.receive(vehicle.authenticate("T000001.0123456789abcdef"), NOW)
    assert isinstance(fault, Fault)
    assert isinstance(answer, Answer)
    assert vehicle.acknowledged(answer.data) == {1: 1}


def test_a_code_is_of_one_phone_one_terminal_and_one_city() -> None:
    codes = Codes("key")
    code = codes.issue("013800138000", "T1")
    assert codes.terminal("013800138000", code) == "T1"
    assert codes.terminal("013800138001", code) is None
    assert codes.terminal("013800138000", code.replace("T1", "T2")) is None
    assert Codes("other").terminal("013800138000", code) is None
    assert codes.terminal("013800138000", "") is None
    assert codes.terminal("013800138000", "号码.�") is None


def test_without_a_key_the_code_is_the_secret() -> None:
    vehicle, city = Vehicle(), Jt808({})
    register = only(city.receive(vehicle.register(), NOW), Login)
    assert register.secret is None
    assert vehicle.code(register.answer("secret"))[0] == 3
    assert vehicle.code(register.answer("unknown"))[0] == 4
    assert vehicle.code(register.answer("kept")) == (0, vehicle.phone)
    assert register.answer("busy") == b""
    shown = only(city.receive(vehicle.authenticate("open sesame"), NOW), Login)
    assert shown.secret == "open sesame"
    assert vehicle.acknowledged(shown.answer("secret")) == {1: 1}


def test_registration_of_2011() -> None:
    vehicle = Vehicle()
    body = b"\x00\x1f\x00\x73" + b"MAKER" + b"MODEL\0\0\0" + b"T000001" + b"\x02" + "沪B00001".encode("gbk")
    login = only(Jt808({}).receive(vehicle.message(0x0100, body), NOW), Login)
    assert (login.facts["terminal"], login.facts["plate"], login.facts["colour"]) == (
        "T000001",
        "沪B00001",
        2,
    )


def test_every_verdict_has_its_answer() -> None:
    vehicle = Vehicle()
    packet = only(Jt808({}).receive(vehicle.position(NOW), NOW), Packet)
    assert vehicle.acknowledged(packet.answer("unknown")) == {0: 1}
    assert vehicle.acknowledged(packet.answer("secret")) == {0: 1}
    assert vehicle.acknowledged(packet.answer("content")) == {0: 2}
    assert packet.answer("busy") == b""


def test_small_talk() -> None:
    vehicle, city = Vehicle(edition=2019), Jt808({})
    assert vehicle.acknowledged(only(city.receive(vehicle.heartbeat(), NOW), Answer).data) == {0: 0}
    clock = only(city.receive(vehicle.ask_time(), NOW), Answer)
    kind, _, body = vehicle.head(unwrap_808(clock.data)[0])
    assert (kind, body.hex()) == (0x8004, "260921141320")
    assert city.receive(vehicle.message(0x0001, b"\0\0\0\0\0"), NOW) == []
    unknown = only(city.receive(vehicle.message(0x0900, b"x"), NOW), Answer)
    assert vehicle.acknowledged(unknown.data) == {3: 3}
    answer, close = city.receive(vehicle.logout(), NOW)
    assert isinstance(answer, Answer)
    assert isinstance(close, Close)


def test_an_encrypted_body_is_not_supported() -> None:
    vehicle = Vehicle()
    fault, answer = Jt808({}).receive(vehicle.message(0x0200, b"secret", encrypted=True), NOW)
    assert isinstance(fault, Fault)
    assert isinstance(answer, Answer)
    assert vehicle.acknowledged(answer.data) == {0: 3}


def test_packets_are_put_together_in_any_order() -> None:
    vehicle = Vehicle()
    body = vehicle.batch_body([vehicle.report(NOW + at * 1_000_000) for at in range(60)])
    pieces = vehicle.packets(0x0704, body, 500)
    city = Jt808({})
    for piece in pieces[1:-1][::-1] + pieces[:1]:
        assert city.receive(piece, NOW) == []
    assert city.waiting > 1000
    packet = only(city.receive(pieces[-1], NOW), Packet)
    assert packet.readings.channels.count("speed") == 60
    assert vehicle.acknowledged(packet.answer("kept")) == dict.fromkeys(range(len(pieces)), 0)
    assert city.waiting == 0


def test_missing_packets_are_asked_for_when_the_last_one_came() -> None:
    for edition in (2013, 2019):
        vehicle = Vehicle(edition=edition, serial=0xFFFE)
        pieces = vehicle.packets(0x0704, vehicle.batch_body([vehicle.report(NOW)] * 30), 200)
        city = Jt808({})
        for piece in pieces[:1] + pieces[3:-1]:
            assert city.receive(piece, NOW) == []
        asked = only(city.receive(pieces[-1], NOW), Answer)
        kind, _, body = vehicle.head(unwrap_808(asked.data)[0])
        count = b"\x02" if edition == 2013 else b"\x00\x02"
        assert (kind, body) == (0x8003, b"\xff\xfe" + count + b"\x00\x02\x00\x03")
        assert city.receive(pieces[1], NOW) == []
        assert isinstance(only(city.receive(pieces[2], NOW), Packet), Packet)


def test_unfinished_messages_do_not_pile_up() -> None:
    vehicle, city = Vehicle(), Jt808({})
    for _ in range(400):
        city.receive(vehicle.packets(0x0704, bytes(3000), 1000)[0], NOW)
        assert city.waiting < 64_000
    events = city.receive(vehicle.message(0x0801, bytes(10), 900, 1), NOW)
    assert [type(event) for event in events] == [Fault, Answer]
