"""Settles a demo's communities with the invented households of a pack's model, through the registers' own rules."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import shapely
from msgspec.structs import replace

from hutong.app.models import run_model
from hutong.app.seeding import Seeder
from hutong.engine.directory import everything
from hutong.engine.register_fields import Catalogue
from hutong.engine.registers import Answers, Setting, Standing, Told, fill
from hutong.kernel.base import DAY, Entity, Provenance
from hutong.kernel.clock import local_date
from hutong.kernel.definition.pack import Residents
from hutong.kernel.errors import NotFound
from hutong.kernel.party import Party
from hutong.kernel.place import Place
from hutong.kernel.register import Household, RegisterEntry, Visit

INVENTED = Provenance("simulated", "invented households of the demo")


class PersonRow(msgspec.Struct, frozen=True):
    kind: str
    values: dict[str, Any]


class HouseholdRow(msgspec.Struct, frozen=True, kw_only=True):
    """A household as a model gives it; `seen` is how many days ago somebody was there."""

    code: str
    place: str
    lon: float
    lat: float
    seen: float
    values: dict[str, Any]
    members: list[PersonRow]


def settle(seeder: Seeder, wanted: Residents, workdir: Path) -> int:
    """How many households there are now."""
    today = local_date(seeder.at, ZoneInfo(seeder.city.head.zone))
    inputs = {
        "seed": seeder.city.head.seed,
        "today": today.isoformat(),
        "each": wanted.each,
        "places": [_place(seeder, code) for code in wanted.places],
    }
    workdir.mkdir(parents=True, exist_ok=True)
    result = run_model(seeder.city, wanted.model, inputs, workdir, lambda share, words: None)
    packs = seeder.city.packs
    fields = [one for pack in packs for one in pack.register_fields]
    catalogue = Catalogue(fields, [one for pack in packs for one in pack.registers])
    rows: list[Entity] = []
    fresh = _fresh(seeder)
    households = msgspec.convert(result["households"], list[HouseholdRow])
    for row in households:
        rows.extend(_settled(seeder, catalogue, row, fresh))
    record = {"source": INVENTED.source}
    for noun, kind in (
        ("party", Party),
        ("household", Household),
        ("register_entry", RegisterEntry),
        ("visit", Visit),
    ):
        seeder.load(noun, [one for one in rows if isinstance(one, kind)], record)
    return len(households)


def _fresh(seeder: Seeder) -> Iterator[int]:
    for _ in count():
        yield from seeder.store.new_ids(500)


def _place(seeder: Seeder, code: str) -> dict[str, Any]:
    """A community with the middles of its unit grids."""
    id = seeder.places.get(("community", code))
    if id is None:
        raise NotFound("residents.places", f"there is no community {code}", "name communities of this city")
    with seeder.store.reader() as reader:
        places = everything(reader, Place)
    name = next(one.name for one in places if one.id == id)
    shapes = [shapely.from_wkb(one.geometry) for one in places if one.parent == id and one.geometry]
    points = [shapely.point_on_surface(one) for one in shapes]
    return {"code": code, "name": name.zh, "points": [[one.x, one.y] for one in points]}


def _settled(seeder: Seeder, catalogue: Catalogue, row: HouseholdRow, fresh: Iterator[int]) -> list[Entity]:
    seen = seeder.at - int(row.seen * DAY)
    home = Household(
        id=next(fresh),
        code=row.code,
        place=seeder.places[("community", row.place)],
        position=shapely.to_wkb(shapely.Point(row.lon, row.lat)),
        provenance=INVENTED,
    )
    setting = Setting(
        account=0,
        now=seen,
        today=local_date(seeder.at, ZoneInfo(seeder.city.head.zone)),
        visit=next(fresh),
        kind="first",
        provenance=INVENTED,
        fresh=lambda: next(fresh),
    )
    members = tuple(Told(kind=one.kind, values=one.values) for one in row.members)  # type: ignore[arg-type]
    filled = fill(catalogue, Standing(household=home), Answers(values=row.values, members=members), setting)
    return [replace(one, provenance=INVENTED) for one in filled.puts]
