"""A city of a thousand grids and forty handling units for the benchmarks of cases, with the procedure of `packs/works`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import shapely
from tests.api.town import RECORDED, START, Town, enter_people

from hutong.app.seeding import Seeder
from hutong.kernel.base import Label
from hutong.kernel.clock import FixedClock
from hutong.kernel.definition.pack import (
    AccountEntry,
    City,
    CityHead,
    OrganisationEntry,
    ResponsibilityRow,
)
from hutong.loader.digest import contents_of
from hutong.loader.find import load_packs, packs_of
from hutong.store import open_store

PACKS = Path(__file__).parent / "packs"
BOX = (121.40, 31.20, 121.60, 31.40)
STREETS, COMMUNITIES, GRIDS = 8, 5, 25
"""Of the district, of a street, of a community."""
UNITS = 40
SIDES = (
    ("supervision", "supervision"),
    ("command", "command"),
    ("data", "administration"),
)
PEOPLE = (
    ("shouli", "supervision", "receptionist"),
    ("zhiban", "supervision", "duty_chief"),
    ("jiandu", "supervision", "collector"),
    ("paiqian", "command", "dispatcher"),
    ("xitong", "data", "administrator"),
)


@cache
def definition() -> tuple[City, dict[str, Any], list[Any]]:
    """The city, the functions of its packs, and where these were read from."""
    sources = load_packs(("base", "works"), (PACKS,))
    head = CityHead(
        name="benchmark", label=Label("基准城", "Benchmark"), division="310101", packs=("base", "works"),
        box=BOX, source="benchmark", licence="CC0",
    )  # fmt: skip
    duties = (
        ResponsibilityRow(
            kind="other",
            code="",
            place=f"310101{street:03d}",
            organisation=f"unit{street:02d}",
            basis="benchmark",
        )
        for street in range(STREETS)
    )
    city = City(
        head=head,
        folder="",
        packs=packs_of(sources),
        organisations=tuple(_offices()),
        accounts=tuple(_people()),
        responsibilities=tuple(duties),
    )
    return city, {name: one for source in sources for name, one in source.functions.items()}, sources


BEAT = "wangge"
"""Sees one community of forty only."""


def _offices() -> list[OrganisationEntry]:
    found = [
        OrganisationEntry(code="district", label=Label("区政府", "District"), side="leadership", parent=None)
    ]
    found += [
        OrganisationEntry(code=code, label=Label(code, code), side=side, parent="district")
        for code, side in SIDES
    ]
    for n in range(UNITS):
        label = Label(f"处置部门{n:02d}", f"Unit {n:02d}")
        found.append(OrganisationEntry(code=f"unit{n:02d}", label=label, side="handling", parent="district"))
    return found


def _people() -> list[AccountEntry]:
    found = [
        AccountEntry(login=login, name=login, organisation=unit, roles=(role,))
        for login, unit, role in PEOPLE
    ]
    found.append(
        AccountEntry(
            login=BEAT, name=BEAT, organisation="supervision", roles=("collector",), place="310101003002"
        )
    )
    for n in range(UNITS):
        login = f"chuzhi{n:02d}"
        found.append(AccountEntry(login=login, name=login, organisation=f"unit{n:02d}", roles=("handler",)))
    return found


def _squares() -> Iterator[tuple[str, str, str, str, Any]]:
    """(tree, code, name, parent, square) of district, streets, communities and unit grids."""
    yield "division", "310101", "基准区", "", shapely.box(*BOX)
    west, south, east, north = BOX
    wide, high = (east - west) / GRIDS, (north - south) / (STREETS * COMMUNITIES)
    for street in range(STREETS):
        code, top = f"310101{street:03d}", south + street * COMMUNITIES * high
        yield (
            "division",
            code,
            f"街道{street}",
            "310101",
            shapely.box(west, top, east, top + COMMUNITIES * high),
        )
        for community in range(COMMUNITIES):
            below, at = f"{code}{community:03d}", top + community * high
            yield (
                "community",
                below,
                f"社区{street}-{community}",
                code,
                shapely.box(west, at, east, at + high),
            )
            for grid in range(GRIDS):
                square = shapely.box(west + grid * wide, at, west + (grid + 1) * wide, at + high)
                yield "unit_grid", f"{below}{grid:03d}", f"网格{street}-{community}-{grid}", below, square


def _places() -> dict[str, list[Any]]:
    rows = list(_squares())
    return {
        "tree": [row[0] for row in rows],
        "code": [row[1] for row in rows],
        "name_zh": [row[2] for row in rows],
        "name_en": [row[2] for row in rows],
        "parent": [row[3] for row in rows],
        "duty_grid": ["" for _ in rows],
        "geometry": [shapely.to_wkb(row[4]) for row in rows],
        "provenance": ["derived" for _ in rows],
    }


NO_THINGS: dict[str, list[Any]] = {
    name: [] for name in ("type", "code", "name_zh", "name_en", "component_class", "unit_grid", "geometry", "properties", "osm")
}  # fmt: skip


def opened(folder: Path, place: str = "", *, beside: bool = False) -> Town:
    """The city in a folder (its database at `place`), made if it is new. `beside` a process that has it open."""
    city, functions, sources = definition()
    clock = FixedClock(START, RECORDED)
    store = open_store(place or folder, clock=clock, folder=folder, beside=beside)
    with store.reader() as reader:
        fresh = reader.head() == 0
    if fresh:
        seeder = Seeder(store, city, START)
        seeder.map(_places(), NO_THINGS, "benchmark", "CC0")
        enter_people(seeder)
        for source in sources:
            for content in contents_of(source.pack, source.functions).values():
                store.keep_definition(content)
    return Town(store, city, functions, clock)
