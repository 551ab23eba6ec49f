"""A device speaks to a running city's port, by the profiles of the demo city; a rule of the pack raises its warning, and a
listed class is a case."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import shapely
from tests.app.test_custody import built, start
from tests.app.test_gateways import free_port, opened
from tests.gateways.devices import FireDevice, Station, Vehicle, element

from hutong.app.city import RunningCity
from hutong.app.gateways import Gateways, take_in
from hutong.engine.directory import everything
from hutong.engine.flow.devices import Admission
from hutong.kernel.access import SYSTEM
from hutong.kernel.base import HOUR, MINUTE, SECOND, Facts, Label
from hutong.kernel.case import Case, Warning
from hutong.kernel.changes import Changes, Record
from hutong.kernel.query import equals
from hutong.kernel.thing import Datastream, Thing

SHIPPED = Path(__file__).resolve().parents[2] / "cities" / "shanghai_center" / "devices.yaml"
PHONE, STATION, TRANSMITTER = "013800138000", "0012345678", "110000000001"
DEVICES = f"""\
devices:
  - {{protocol: jt808, address: "{PHONE}", thing: V1, profile: jt808_vehicle}}
  - {{protocol: sl651, address: "{STATION}", thing: R1, profile: sl651_river}}
  - {{protocol: sl651, address: "0012345679", thing: N1, profile: sl651_rain}}
  - {{protocol: gb26875, address: "{TRANSMITTER}", thing: F1, profile: gb26875_alarm_system}}
"""
THINGS: tuple[tuple[str, str, Facts], ...] = (
    ("vehicles.vehicle", "V1", {"speed_limit": 50.0}),
    ("hydrology.river_station", "R1", {"warning_level": 3.5, "guarantee_level": 4.0}),
    ("hydrology.rain_station", "N1", {}),
    ("fire.fire_host", "F1", {}),
)
OPENS = "opens_cases: [vehicles.sos, hydrology.above_warning, fire.alarm]\n"


class City:
    """A running city with open ports."""

    def __init__(self, running: RunningCity, ports: dict[str, int]) -> None:
        self.running = running
        self._ports = ports

    def now(self) -> int:
        """Whole seconds, as devices tell them."""
        return self.running.clock.city_time() // SECOND * SECOND

    def told(self, protocol: str, data: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", self._ports[protocol]), timeout=20) as wire:
            wire.sendall(data)
            return wire.recv(4000)

    def warnings(self) -> dict[str, Warning]:
        with self.running.store.reader() as reader:
            return {one.rule: one for one in everything(reader, Warning)}

    def cases(self) -> dict[str, Case]:
        with self.running.store.reader() as reader:
            return {one.category.code: one for one in everything(reader, Case)}


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    folder = built(tmp_path)
    ports = {name: free_port() for name in ("hj212", "jt808", "sl651", "gb26875")}
    text = re.sub(
        r"\{protocol: (\w+), port: \d+\}",
        lambda found: f"{{protocol: {found[1]}, port: {ports[found[1]]}}}",
        SHIPPED.read_text("utf-8"),
    )
    (folder / "devices.yaml").write_text(text + DEVICES, "utf-8")
    head = (folder / "city.yaml").read_text("utf-8")
    wider = head.replace("- drainage\n", "- drainage\n- vehicles\n- fire\n- hydrology\n")
    assert wider != head
    (folder / "city.yaml").write_text(wider + OPENS, "utf-8")
    start(folder)
    with opened(folder) as running:
        _stand(running)
        assert take_in(running) == []
        gateways = Gateways(running)
        with closing(gateways):
            gateways.start()
            assert gateways.troubles == []
            yield City(running, ports)


def _stand(running: RunningCity) -> None:
    ids = running.store.new_ids(len(THINGS))
    things = tuple(
        Thing(id=id, type=type, code=code, name=Label(f"{code} 号", code), properties=facts)
        for id, (type, code, facts) in zip(ids, THINGS, strict=True)
    )
    record = Record(kind="thing.create", actor=0, at=1, subjects=tuple(("thing", id) for id in ids))
    running.store.apply(Changes(puts=things, records=(record,)))


def test_a_drivers_call_for_help_is_a_case_where_the_vehicle_is(city: City) -> None:
    truck, now = Vehicle(PHONE), city.now()
    west, south, east, north = city.running.city.head.box
    lon, lat = round((west + east) / 2, 6), round((south + north) / 2, 6)
    fast = [truck.report(now - 20 * SECOND * (3 - n), lon, lat, speed=62.0) for n in range(3)]
    answer = city.told("jt808", truck.batch(fast))
    assert list(truck.acknowledged(answer).values()) == [0]
    assert city.warnings().keys() == {"vehicles.overspeed"}
    assert city.warnings()["vehicles.overspeed"].state == "to_judge"
    answer = city.told("jt808", truck.position(now, longitude=lon, latitude=lat, speed=0.0, alarm=1))
    assert list(truck.acknowledged(answer).values()) == [0]
    warning = city.warnings()["vehicles.sos"]
    assert (warning.colour, warning.state) == ("orange", "confirmed")
    case = city.cases()["vehicles.emergency"]
    assert (case.urgency, case.state) == ("urgent", "to_dispatch")
    assert case.position is not None
    at = shapely.from_wkb(case.position)
    assert (at.x, at.y) == (lon, lat)


def test_a_position_without_satellites_raises_nothing_and_places_nobody(city: City) -> None:
    truck, now = Vehicle(PHONE), city.now()
    blind = [truck.report(now - n * 10 * SECOND, 0.0, 0.0, speed=150.0, located=False) for n in (3, 2, 1)]
    city.told("jt808", truck.batch(blind))
    assert city.warnings() == {}
    city.told("jt808", truck.position(now, longitude=0.0, latitude=0.0, alarm=1, located=False))
    assert city.cases()["vehicles.emergency"].position is None


def test_a_river_above_its_warning_level_is_a_case(city: City) -> None:
    station, now = Station(STATION), city.now()
    first = city.told("sl651", station.level(now - HOUR, 3.1))
    assert station.confirmed(first) == [(1, 0x04)]
    assert city.warnings() == {}
    city.told("sl651", station.level(now, 3.62))
    assert city.warnings().keys() == {"hydrology.above_warning", "hydrology.fast_rise"}
    assert city.warnings()["hydrology.above_warning"].colour == "yellow"
    assert city.cases()["hydrology.high_water"].state == "to_dispatch"


def test_rain_of_an_hour_and_a_weak_battery_are_told(city: City) -> None:
    station, now = Station("0012345679"), city.now()
    for ago, total in ((30, 10.0), (20, 40.0), (10, 80.5)):
        rows = element(0x26, total, 3, 1) + element(0x1A, 24.5, 3, 1) + element(0x38, 10.4, 2, 2)
        assert station.confirmed(city.told("sl651", station.report(now - ago * MINUTE, rows)))
    rules = {"heavy_hour", "rainstorm_blue", "rainstorm_yellow", "rainstorm_orange", "rain_low_battery"}
    assert city.warnings().keys() == {f"hydrology.{rule}" for rule in rules}
    assert city.cases() == {}, "none of these is listed"


def test_a_fire_alarm_is_red_and_a_case_at_once(city: City) -> None:
    panel, now = FireDevice(TRANSMITTER), city.now()
    assert panel.answered(city.told("gb26875", panel.system(now - MINUTE, 0b01))) == [(1, 3)]
    assert city.warnings() == {}
    assert panel.answered(city.told("gb26875", panel.system(now, 0b11))) == [(2, 3)]
    warning = city.warnings()["fire.alarm"]
    assert (warning.colour, warning.raised) == ("red", now)
    case = city.cases()["fire.alarm"]
    assert (case.urgency, case.state) == ("urgent", "to_dispatch")


def test_power_lost_and_a_broken_line_must_last(city: City) -> None:
    panel, now = FireDevice(TRANSMITTER), city.now()
    main, line = 1 << 8, 1 << 6
    for ago in (12, 6, 1):
        at = now - ago * MINUTE
        city.told("gb26875", panel.system(at, main))
        city.told("gb26875", panel.objects(at, 21, [bytes([line])]))
    assert city.warnings().keys() == {"fire.main_power_lost", "fire.line_fault"}
    with city.running.store.reader() as reader:
        (host,) = reader.find(Thing, equals("code", "F1")).rows
    assert {one.thing for one in city.warnings().values()} == {host.id}


@pytest.mark.parametrize(("profile", "thing"), [("mqtt_vehicle", "V1"), ("mqtt_rain", "N1")])
def test_devices_over_mqtt_are_admitted_with_their_profiles(city: City, profile: str, thing: str) -> None:
    with city.running.store.reader() as reader:
        (row,) = reader.find(Thing, equals("code", thing)).rows
    device = city.running.devices.enrol("mqtt", "m-1", Admission(thing=row.id, profile=profile), SYSTEM)
    assert device.channels
    with city.running.store.reader() as reader:
        streams = reader.many(Datastream, sorted(device.channels.values()))
    pack = row.type.partition(".")[0]
    assert {one.property_code.partition(".")[0] for one in streams.values()} == {pack}
