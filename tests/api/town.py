"""A tiny seeded city served in-process: two by two grids, a few drainage things, one account per role."""

from __future__ import annotations

from functools import cache, partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import shapely
from argon2 import PasswordHasher

from hutong.api.context import ApiContext, BaseMap, Demo, Health, Limits
from hutong.api.sessions import MemorySessions
from hutong.app.seeding import Seeder, StreamRow, ThingRow
from hutong.engine.directory import Directory
from hutong.engine.flow.cases import CaseDesk
from hutong.engine.flow.devices import DeviceDesk
from hutong.engine.flow.hot_topics import TopicDesk
from hutong.engine.flow.intake import Intake
from hutong.engine.flow.triaging import TriageDesk
from hutong.engine.flow.warnings import WarningDesk
from hutong.engine.rulebook import Rulebook
from hutong.gateways.notices.posting import Guarded
from hutong.kernel.base import HOUR, Label, Provenance
from hutong.kernel.clock import FixedClock
from hutong.kernel.definition.faces import WebhookRules
from hutong.kernel.definition.pack import AccountEntry, City, CityHead, OrganisationEntry, ResponsibilityRow
from hutong.kernel.query import equals
from hutong.kernel.thing import Thing
from hutong.loader.find import load_packs, packs_of
from hutong.store import CityStore, open_store
from hutong.store.verify import chain_holds

START = 1_784_372_400_000_000
"""2026-07-18T11:00:00Z, 19:00 in Shanghai."""
RECORDED = START + 100 * HOUR
PASSWORD = "hutong-demo-2026"
BOX = (121.40, 31.20, 121.42, 31.22)
ORGANISATIONS = (
    ("district", "区政府", "leadership", None),
    ("supervision", "监督科", "supervision", "district"),
    ("command", "指挥科", "command", "district"),
    ("data", "数据科", "administration", "district"),
    ("drainage", "排水所", "handling", "district"),
    ("roads", "道路所", "handling", "district"),
)
ACCOUNTS = (
    ("shouli", "沈受理", "supervision", "receptionist"),
    ("zhiban", "钱值班", "supervision", "duty_chief"),
    ("jiandu", "孙监督", "supervision", "collector"),
    ("paiqian", "李派遣", "command", "dispatcher"),
    ("paishui", "周排水", "drainage", "handler"),
    ("daolu", "吴道路", "roads", "handler"),
    ("lingdao", "郑领导", "district", "leader"),
    ("xitong", "王系统", "data", "administrator"),
    ("zhihui", "赵指挥", "district", "commander"),
    ("yingji", "冯应急", "drainage", "responder"),
)
PACKS = ("base", "urban", "drainage")
SIMULATED = Provenance("simulated", "test")


@cache
def tiny_city(packs: tuple[str, ...] = PACKS, further: tuple[Path, ...] = ()) -> tuple[City, dict[str, Any]]:
    """The definition of the city and the functions its packs bring."""
    sources = load_packs(packs, further)
    city = City(
        head=CityHead(
            name="tiny",
            label=Label("小城", "Tiny"),
            division="310101",
            packs=packs,
            box=BOX,
            source="test",
            licence="CC0",
        ),
        folder="",
        packs=packs_of(sources),
        organisations=tuple(
            OrganisationEntry(code=code, label=Label(name, code), side=side, parent=parent)
            for code, name, side, parent in ORGANISATIONS
        ),
        accounts=tuple(
            AccountEntry(login=login, name=name, organisation=unit, roles=(role,))
            for login, name, unit, role in ACCOUNTS
        ),
        responsibilities=(
            ResponsibilityRow(kind="other", code="drainage", organisation="drainage", basis="test"),
        ),
    )
    return city, {name: one for source in sources for name, one in source.functions.items()}


def _columns() -> tuple[dict[str, list[Any]], dict[str, list[Any]]]:
    west, south, _, _ = BOX
    boxes = [
        shapely.box(west + i * 0.01, south + j * 0.01, west + (i + 1) * 0.01, south + (j + 1) * 0.01)
        for i in range(2)
        for j in range(2)
    ]
    codes = [f"310101001001{n:03d}" for n in range(1, 5)]
    whole = shapely.box(*BOX)
    names = ["全区", "一网格", "二网格", "三网格", "四网格"]
    places = {
        "tree": ["division", *["unit_grid"] * 4],
        "code": ["310101", *codes],
        "name_zh": names,
        "name_en": ["District", "Grid 1", "Grid 2", "Grid 3", "Grid 4"],
        "parent": ["", *["310101"] * 4],
        "duty_grid": [""] * 5,
        "geometry": [shapely.to_wkb(one) for one in (whole, *boxes)],
        "provenance": ["derived"] * 5,
    }
    road = shapely.LineString([(121.401, 31.205), (121.419, 31.206)])
    things = {
        "type": ["base.road"],
        "code": ["road-1"],
        "name_zh": ["南京西路"],
        "name_en": ["Nanjing Road West"],
        "component_class": [""],
        "unit_grid": [codes[0]],
        "geometry": [shapely.to_wkb(road)],
        "properties": ['{"kind":"primary","length":1700.0}'],
        "osm": ["way/1"],
    }
    return places, things


def _row(type: str, code: str, zh: str, en: str, at: tuple[float, float], **more: Any) -> ThingRow:
    return ThingRow(
        type=type,
        code=code,
        name=Label(zh, en),
        geometry=shapely.to_wkb(shapely.Point(*at)),
        provenance=SIMULATED,
        **more,
    )


def furnished() -> list[ThingRow]:
    """A pump station with a pump, a manhole, three ponding points and a rain gauge."""
    station = _row(
        "drainage.pump_station", "P1", "一号泵站", "Pump station 1", (121.411, 31.211),
        streams=[StreamRow("drainage.level", "level")], properties={"pumps": 1, "rated_flow": 2.0},
    )  # fmt: skip
    pump = _row(
        "drainage.pump", "P1-1", "一号泵", "Pump 1", (121.4111, 31.2111),
        properties={"rated_flow": 2.0}, links={"station": ["P1"]},
        streams=[StreamRow(f"drainage.{name}", "pump") for name in ("pump_command", "pump_flow")],
    )  # fmt: skip
    ponding = [
        _row(
            "drainage.ponding_point", f"W{n}", f"{n}号积水点", f"Ponding point {n}", (121.402 + n * 0.003, 31.205),
            properties={"road": "南京西路", "close_depth": 0.27}, links={"served_by": ["P1"]},
            streams=[StreamRow("drainage.ponding", "ponding gauge")],
        )
        for n in (1, 2, 3)
    ]  # fmt: skip
    manhole = _row(
        "drainage.manhole", "M1", "雨水井一", "Manhole 1", (121.404, 31.204), component_class="01003",
        properties={"crown": 1.0, "depth": 3.0}, links={"served_by": ["P1"]},
        streams=[StreamRow("drainage.level", "level")],
    )  # fmt: skip
    rain = _row(
        "drainage.rain_gauge", "R1", "雨量站一", "Rain gauge 1", (121.41, 31.21),
        streams=[StreamRow("drainage.rain_intensity", "rain gauge")],
    )  # fmt: skip
    return [station, pump, *ponding, manhole, rain]


class Town:
    """The city's parts, for tests that reach behind the API."""

    def __init__(self, store: CityStore, city: City, functions: dict[str, Any], clock: FixedClock) -> None:
        self.store, self.clock = store, clock
        with store.reader() as reader:
            self.rulebook = Rulebook(city, functions, reader.definition)
        self.reread()
        self.cases = CaseDesk(store, clock, self.rulebook, lambda: self.directory, list_amended=self.reread)
        self.warnings = WarningDesk(self.cases)
        self.intake = Intake(self.cases, lambda: self.directory)
        self.triage = TriageDesk(self.cases)
        self.topics = TopicDesk(self.cases)
        self.devices = DeviceDesk(
            store, clock, self.rulebook, lambda: self.directory, changed=self.intake.changed
        )
        self.context = ApiContext(
            store=store,
            clock=clock,
            rulebook=self.rulebook,
            directory=lambda: self.directory,
            cases=self.cases,
            warnings=self.warnings,
            sessions=MemorySessions(),
            secret=b"0" * 32,
            intake=self.intake,
            devices=self.devices,
            triage=self.triage,
            topics=self.topics,
            verify=lambda first, last: chain_holds(store.database, store.digest, first, last),
            health=lambda: Health(ok=True, version="test", database="sqlite"),
            basemap=BaseMap(lambda z, x, y: None, {"minzoom": "9", "maxzoom": "16", "json": "{}"}),
            demo=Demo(PASSWORD),
            webhooks=Guarded(WebhookRules()),
            reread=self.reread,
            limits=Limits(reads=(100_000, 1e5), writes=(100_000, 1e5)),
        )

    def reread(self) -> None:
        with self.store.reader() as reader:
            self.directory = Directory(reader, self.rulebook.roles.values(), self.rulebook.modes.values())

    def close(self) -> None:
        self.intake.close()
        self.store.close()

    def thing(self, code: str) -> int:
        with self.store.reader() as reader:
            return reader.find(Thing, equals("code", code)).rows[0].id


def enter_people(seeder: Seeder) -> None:
    """Accounts with PASSWORD, hashed weakly: a right hash costs each test's first request half a second."""
    with patch("hutong.app.seeding.PasswordHasher", partial(PasswordHasher, 1, 8, 1)):
        seeder.parties(PASSWORD)


def seed(folder: Path, city: City, rows: list[ThingRow] | None = None, place: str = "") -> None:
    """Makes the city's store in a folder; its database is `place`, if that is given."""
    store = open_store(place or folder, clock=FixedClock(START, RECORDED), folder=folder)
    seeder = Seeder(store, city, START)
    places, things = _columns()
    seeder.map(places, things, "test", "CC0")
    enter_people(seeder)
    seeder.observed_properties()
    given = furnished() if rows is None else rows
    grid = seeder.places["unit_grid", "310101001001001"]
    seeder.furnish(given, [grid] * len(given))
    store.close()


def open_town(folder: Path, city: City, functions: dict[str, Any], place: str = "") -> Town:
    clock = FixedClock(START, RECORDED)
    return Town(open_store(place or folder, clock=clock, folder=folder), city, functions, clock)


def found_town(
    folder: Path,
    packs: tuple[str, ...] = PACKS,
    further: tuple[Path, ...] = (),
    rows: list[ThingRow] | None = None,
) -> Town:
    """Makes, seeds and opens a city of its own."""
    city, functions = tiny_city(packs, further)
    seed(folder, city, rows)
    return open_town(folder, city, functions)
