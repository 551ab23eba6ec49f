"""The folder of a small city with a hotline and two units, and how such a folder begins."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import pytest
from tests.conftest import Databases

from hutong.app.seeding import Seeder
from hutong.kernel.clock import FixedClock
from hutong.loader.city import load_city
from hutong.store import open_store

P = TypeVar("P")
FILES = {
    "city.yaml": """\
name: town
label: {zh: 小城, en: Town}
division: "310101"
zone: Asia/Shanghai
packs: [base, urban, hotline]
box: [121.4, 31.2, 121.5, 31.3]
source: test
licence: CC0
""",
    "organisations.yaml": """\
organisations:
  - {code: district, label: {zh: 区政府, en: District}, side: leadership}
  - {code: hotline, label: {zh: 热线中心, en: Hotline}, side: supervision, parent: district}
  - {code: utilities, label: {zh: 公用所, en: Utilities}, side: handling, parent: district}
  - {code: housing, label: {zh: 房管所, en: Housing}, side: handling, parent: district}
""",
    "accounts.yaml": """\
accounts:
  - {login: zuoxi, name: 陈坐席, organisation: hotline, roles: [seat]}
  - {login: paidan, name: 冯派单, organisation: hotline, roles: [order_dispatcher]}
  - {login: banzhang, name: 褚班长, organisation: hotline, roles: [hotline_chief]}
  - {login: gongyong, name: 许公用, organisation: utilities, roles: [order_handler]}
  - {login: fangguan, name: 何房管, organisation: housing, roles: [order_handler]}
""",
}


def begun(
    folder: Path,
    files: Mapping[str, str],
    clock: FixedClock,
    *,
    database: str | None = None,
    further: Callable[[Seeder], None] = lambda _: None,
) -> None:
    """Writes the files and stores the parties they name, and what `further` stores besides."""
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    city, _ = load_city(folder)
    store = open_store(database or folder, clock=clock, folder=folder)
    try:
        seeder = Seeder(store, city, clock.city_time())
        seeder.parties("small-city")
        further(seeder)
    finally:
        store.close()


@contextmanager
def two_alike(
    request: pytest.FixtureRequest, folder: Path, make: Callable[[Path, str | None], P]
) -> Iterator[tuple[P, P]]:
    """Two cities made alike, in their folders or (parameter `postgresql`) in databases of their own."""
    if request.param == "sqlite":
        yield make(folder / "one", None), make(folder / "other", None)
        return
    databases: Databases = request.getfixturevalue("postgres_databases")
    with databases() as one, databases() as other:
        yield make(folder / "one", one), make(folder / "other", other)
