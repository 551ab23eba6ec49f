"""The device registry: quarantine within bounds, credentials, channels, and what other processes do. On both databases."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest
from msgspec.structs import replace
from tests.api.town import START, furnished, tiny_city

from hutong.app.seeding import Seeder
from hutong.engine.directory import Directory
from hutong.engine.flow.devices import Admission, DeviceDesk, check_secret, hash_secret, is_hash
from hutong.engine.flow.devices import desk as devices
from hutong.engine.flow.devices import quarantine as bounds
from hutong.engine.flow.devices import secret as secrets
from hutong.engine.rulebook import Rulebook
from hutong.kernel.access import SYSTEM, Actor
from hutong.kernel.base import HOUR, MINUTE, Label
from hutong.kernel.clock import FixedClock
from hutong.kernel.definition.device import ChannelDefinition, DevicesFile, ProfileDefinition
from hutong.kernel.errors import Conflict, Forbidden, Invalid, Refused
from hutong.kernel.query import equals
from hutong.kernel.thing import Datastream, Device, Sensor, Thing
from hutong.store import CityStore

PROFILE = ProfileDefinition(
    name="well",
    label=Label("井", "Well"),
    protocol="hj212",
    channels={
        "level": "drainage.level",
        "depth": ChannelDefinition(property="drainage.level", unit="cm", scale=0.1, offset=5.0),
    },
    options={"charset": "gbk"},
)


@dataclass(frozen=True)
class Columns:
    """What a gateway read."""

    channels: tuple[str, ...]
    time: np.ndarray
    number: np.ndarray
    quality: np.ndarray
    texts: dict[int, str] = field(default_factory=dict)


def columns(**values: float) -> Columns:
    count = len(values)
    return Columns(tuple(values), np.arange(count), np.array([*values.values()]), np.zeros(count, np.uint8))


def desk_of(store: CityStore, clock: FixedClock) -> DeviceDesk:
    city, functions = tiny_city()
    with store.reader() as reader:
        rulebook = Rulebook(
            replace(city, devices=DevicesFile(profiles=(PROFILE,))), functions, reader.definition
        )
        directory = Directory(reader, rulebook.roles.values())
    return DeviceDesk(store, clock, rulebook, lambda: directory)


@pytest.fixture
def desk(store: CityStore, clock: FixedClock) -> DeviceDesk:
    seeder = Seeder(store, tiny_city()[0], START)
    seeder.observed_properties()
    rows = furnished()
    seeder.furnish(rows, [None] * len(rows))
    return desk_of(store, clock)


def thing(desk: DeviceDesk, code: str = "M1") -> int:
    with desk.store.reader() as reader:
        return reader.find(Thing, equals("code", code)).rows[0].id


def enrolled(desk: DeviceDesk, address: str = "A1", secret: str = "") -> Device:
    given = Admission(thing=thing(desk), profile="well", secret_hash=hash_secret(secret) if secret else "")
    return desk.enrol("hj212", address, given, SYSTEM)


def test_admission_makes_what_is_missing(desk: DeviceDesk) -> None:
    device = enrolled(desk)
    assert (device.state, device.profile, device.options["charset"]) == ("admitted", "well", "gbk")
    with desk.store.reader() as reader:
        streams = reader.many(Datastream, sorted(device.channels.values()))
        sensors = {one.sensor for one in streams.values()}
        assert len(reader.many(Sensor, sorted(sensors))) == 1
        records = reader.journal(subject=("device", device.id))
    assert {one.same_time for one in streams.values()} == {"keep_first"}
    assert {one.unit for one in streams.values()} == {"m"}
    assert [one.kind for one in records] == ["device.admit"]
    again = desk.admit(device.id, Admission(thing=thing(desk), profile="well"), SYSTEM)
    assert again.channels == device.channels
    other = enrolled(desk, "A2")
    assert not set(other.channels.values()) & set(device.channels.values())


def test_values_arrive_in_the_unit_of_their_stream(desk: DeviceDesk) -> None:
    device = enrolled(desk)
    batch, unmapped = desk.batch(device, columns(strange=9.0, depth=250.0, level=1.5))
    assert unmapped == (0,)
    assert batch.stream.tolist() == [device.channels["depth"], device.channels["level"]]
    assert batch.number.tolist() == pytest.approx([0.3, 1.5])  # 250 × 0.1 + 5 = 30 cm
    assert batch.time.tolist() == [1, 2]
    text = Columns(("x", "level"), np.zeros(2, np.int64), np.full(2, np.nan), np.zeros(2, np.uint8), {1: "a"})
    assert desk.batch(device, text)[0].texts == {0: "a"}


def test_what_others_did_is_seen(desk: DeviceDesk, clock: FixedClock) -> None:
    other = desk_of(desk.store, clock)  # type: ignore[arg-type]
    device = enrolled(other)
    assert desk.find("hj212", "A1") is None
    desk.keep_up()
    assert desk.find("hj212", "A1") == device
    other.block(device.id, SYSTEM)
    desk.keep_up()
    assert desk.find("hj212", "A1").state == "blocked"  # type: ignore[union-attr]
    other.remove(device.id, SYSTEM)
    desk.keep_up()
    assert desk.find("hj212", "A1") is None
    assert enrolled(desk).id != device.id


def test_a_datastream_that_another_process_gave_away_is_not_given_twice(
    desk: DeviceDesk, clock: FixedClock
) -> None:
    desk.unknown("hj212", "A2", {})
    desk.keep_up()
    waiting = desk.find("hj212", "A2")
    assert waiting is not None
    first = enrolled(desk_of(desk.store, clock))  # type: ignore[arg-type]
    second = desk.admit(waiting.id, Admission(thing=thing(desk), profile="well"), SYSTEM)
    assert not set(first.channels.values()) & set(second.channels.values())


def test_an_address_names_one_device(desk: DeviceDesk, clock: FixedClock) -> None:
    other = desk_of(desk.store, clock)  # type: ignore[arg-type]
    enrolled(other)
    with pytest.raises(Refused):
        enrolled(desk)
    desk.unknown("hj212", "A9", {})
    other.unknown("hj212", "A9", {})
    desk.keep_up()
    other.keep_up()
    other.keep_up()
    with desk.store.reader() as reader:
        assert reader.count(Device, equals("address", "A9")) == 1


def test_a_version_that_moved_is_a_conflict(desk: DeviceDesk) -> None:
    device = enrolled(desk)
    desk.rename(device.id, Label("新名", "New"), SYSTEM)
    with pytest.raises(Conflict):
        desk.block(device.id, SYSTEM, version=device.version)


def test_only_those_who_may_manage_devices(desk: DeviceDesk) -> None:
    device = enrolled(desk)
    nobody = Actor(account=5)
    for deed in (desk.block, desk.remove):
        with pytest.raises(Forbidden):
            deed(device.id, nobody)
    with pytest.raises(Forbidden):
        desk.admit(device.id, Admission(thing=thing(desk), profile="well"), nobody)


def test_a_scanner_fills_neither_memory_nor_database(desk: DeviceDesk, clock: FixedClock) -> None:
    for minute in range(30):
        for number in range(500):
            desk.unknown("hj212", f"S{minute}-{number}", {"n": number}, f"10.0.0.{number % 100}")
            desk.unknown("hj212", "one", {"n": number}, "10.9.9.9")
        for _ in range(5):
            desk.keep_up()
        clock.move_to(clock.city + MINUTE)
    with desk.store.reader() as reader:
        kept = reader.count(Device, equals("state", "quarantined"))
        records = reader.head()
    assert kept <= bounds.MOST
    assert records < 30 * bounds.PER_MINUTE + 100
    assert len(desk.quarantine._waiting) <= bounds.WAITING
    assert desk.quarantine.turned_away > 1000
    assert desk.find("hj212", "one") is not None


def test_one_address_may_not_take_all_places(desk: DeviceDesk, clock: FixedClock) -> None:
    for number in range(200):
        desk.unknown("hj212", f"S{number}", {}, "10.0.0.1")
    desk.unknown("hj212", "real", {}, "10.0.0.2")
    desk.keep_up()
    assert desk.find("hj212", "real") is not None
    with desk.store.reader() as reader:
        assert reader.count(Device) == bounds.MOST_OF_PEER + 1


def test_a_quiet_newcomer_costs_one_row(desk: DeviceDesk, clock: FixedClock) -> None:
    for _ in range(3):
        for _ in range(10):
            desk.unknown("hj212", "Q1", {"st": "21"}, "10.0.0.1")
            desk.keep_up()
        clock.move_to(clock.city + 2 * HOUR)
    device = desk.find("hj212", "Q1")
    assert device is not None
    assert device.version == 1
    desk.unknown("hj212", "Q1", {"st": "22"}, "10.0.0.1")
    desk.keep_up()
    assert desk.find("hj212", "Q1").options["seen"] == {"st": "22"}  # type: ignore[union-attr]


@pytest.mark.parametrize("address", ["", "x" * 65, "a\nb", "a\x00b"])
def test_absurd_addresses_are_turned_away(desk: DeviceDesk, address: str) -> None:
    desk.unknown("hj212", address, {})
    desk.keep_up()
    assert desk.find("hj212", address) is None


def test_secrets_are_salted_and_remembered(desk: DeviceDesk) -> None:
    digest = hash_secret("123456")
    assert digest != hash_secret("123456")
    assert check_secret(digest, "123456")
    assert not check_secret(digest, "123457")
    assert is_hash(digest)
    assert not is_hash("123456")
    with pytest.raises(Invalid):
        hash_secret("")
    device = enrolled(desk, secret="123456")
    assert desk.known(device, "123456") is None
    assert desk.known(device, None) is False
    assert desk.verify(device, "123456")
    assert desk.known(device, "123456") is True
    changed = desk.change(device.id, SYSTEM, secret_hash=hash_secret("654321"))
    assert desk.known(changed, "123456") is None
    assert not desk.verify(changed, "123456")
    open_to_all = desk.change(device.id, SYSTEM, secret_hash="")
    assert desk.known(open_to_all, None) is True


def test_guessing_is_slowed_down_for_that_peer_alone(desk: DeviceDesk, clock: FixedClock) -> None:
    device = enrolled(desk, secret="123456")
    for number in range(secrets.TRIES):
        assert not desk.verify(device, f"guess{number}", "10.0.0.1")
    assert not desk.verify(device, "123456", "10.0.0.1")
    assert desk.known(device, "123456") is None
    assert desk.verify(device, "123456", "10.0.0.2")
    fresh = enrolled(desk, "A2", secret="abcdef")
    assert desk.verify(fresh, "abcdef", "10.0.0.1")
    clock.move_to(clock.city + secrets.PER_TRY)
    assert not desk.verify(device, "guess-again", "10.0.0.1")


def quarantined(desk: DeviceDesk, address: str = "A1") -> Device:
    desk.unknown("hj212", address, {"mn": address})
    desk.keep_up()
    found = desk.find("hj212", address)
    assert found is not None
    assert found.state == "quarantined"
    return found


def test_enrolling_takes_over_what_waits_in_quarantine(desk: DeviceDesk) -> None:
    waiting = quarantined(desk)
    device = enrolled(desk, secret="secret-1")
    assert (device.id, device.state, device.version) == (waiting.id, "admitted", waiting.version + 1)
    with pytest.raises(Refused, match="known already"):
        enrolled(desk)


@pytest.mark.parametrize("heard_before", [False, True])
def test_a_device_heard_while_it_is_enrolled_is_one_device(
    desk: DeviceDesk, clock: FixedClock, monkeypatch: pytest.MonkeyPatch, *, heard_before: bool
) -> None:
    other = desk_of(desk.store, clock)  # type: ignore[arg-type]
    if heard_before:
        quarantined(other)
    admit, heard = desk._admit, []

    def late(device: Device, given: Admission, actor: Actor, once: devices.Once) -> Device:
        if not heard:
            clock.move_to(clock.city + 2 * HOUR)
            other.unknown("hj212", "A1", {"mn": "news"}, "10.0.0.9")
            other.keep_up()
            heard.append(other.find("hj212", "A1"))
        return admit(device, given, actor, once)

    monkeypatch.setattr(desk, "_admit", late)
    device = enrolled(desk)
    assert (device.id, device.state) == (heard[0].id, "admitted")
    with desk.store.reader() as reader:
        assert reader.count(Device, equals("address", "A1")) == 1
        assert reader.count(Datastream, equals("thing", device.thing)) >= len(device.channels)
