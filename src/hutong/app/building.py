"""Makes a city folder ready: map, first rows, furnished things, and the demo night's feed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import shapely

from hutong.app.models import run_model
from hutong.app.residents import settle
from hutong.app.seeding import Seeder, ThingRow
from hutong.kernel.base import Instant, Label
from hutong.kernel.definition.pack import City, StormNight
from hutong.kernel.errors import Refused
from hutong.kernel.locate import OUTSIDE, Locator
from hutong.kernel.ports import Store
from hutong.loader.osm import build_city, read_city
from hutong.loader.osm.city import CityData

Progress = Callable[[str, float], None]
CITY_FILES = (
    "city.yaml",
    "organisations.yaml",
    "accounts.yaml",
    "devices.yaml",
    "faces.yaml",
    "upper.yaml",
    "duty.yaml",
    "articles.yaml",
    "responsibilities.csv",
    "NOTICE",
)
READY = "ready.json"
SUPPLEMENT = "waters.geojson"
STEPS = {
    "map": Label(
        "正在从 OpenStreetMap 生成城区底图与单元网格", "Making the map and unit grids from OpenStreetMap"
    ),
    "rows": Label("正在登记区域、道路和部件", "Registering places, roads and components"),
    "furnish": Label(
        "正在沿真实道路布设模拟排水管网", "Laying the simulated drainage network along real roads"
    ),
    "night": Label("正在用 SWMM 推演暴雨之夜", "Simulating the storm night with SWMM"),
}
SHARES = {"map": (0.0, 0.35), "rows": (0.35, 0.5), "furnish": (0.5, 0.6), "night": (0.6, 1.0)}


def copy_city(source: Path, folder: Path) -> Path:
    """The hand-written files of a shipped city, and its extract; returns the extract's path."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in CITY_FILES:
        if (source / name).is_file():
            shutil.copyfile(source / name, folder / name)
    extracts = sorted((source / "source").glob("*.osm*")) + sorted((source / "source").glob("*.pbf"))
    return extracts[0]


class Builder:
    """Builds one city in steps that can be taken up again: each finished step is remembered in the folder."""

    def __init__(self, folder: Path, city: City, tell: Callable[[Label, float], None]) -> None:
        self.folder = folder
        self.city = city
        self.tell = tell
        path = folder / READY
        self.done: list[str] = json.loads(path.read_text("utf-8")) if path.is_file() else []

    def _share(self, step: str) -> Progress:
        low, high = SHARES[step]
        return lambda _, share: self.tell(STEPS[step], low + (high - low) * share)

    def finish(self, step: str) -> None:
        self._remember([*self.done, step])

    def forget_all_but(self, *steps: str) -> None:
        """The others are to be done again."""
        self._remember([step for step in self.done if step in steps])

    def _remember(self, done: list[str]) -> None:
        """The file is whole at any moment: what was broken off is not ready."""
        self.done = done
        draft = self.folder / f"{READY}.draft"
        draft.write_text(json.dumps(done), "utf-8")
        draft.replace(self.folder / READY)

    def map(self, extract: Path) -> None:
        """Places, things and tiles as files."""
        if "map" not in self.done:
            head = self.city.head
            drawn = extract.parent / SUPPLEMENT
            build_city(
                head.label.zh,
                extract,
                head.division,
                self.folder,
                progress=self._share("map"),
                supplement=drawn if drawn.is_file() else None,
            )
            self.finish("map")

    def seed(self, store: Store, at: Instant, password: str) -> None:
        """All first rows of a new store; broken off, it is begun again with another new store."""
        if "rows" in self.done:
            return
        with store.reader() as reader:
            if reader.head() > 0:
                raise Refused(
                    "database",
                    "holds rows already",
                    "begin with an empty database, and without the folder's keys, files and checkpoints",
                )
        tell = self._share("rows")
        data = read_city(self.folder)
        head = self.city.head
        seeder = Seeder(store, self.city, at)
        tell("", 0.1)
        seeder.map(data.places, data.things, head.source, head.licence)
        seeder.parties(password)
        seeder.articles()
        seeder.responsibilities()
        seeder.observed_properties()
        tell("", 0.8)
        if head.residents is not None:
            settle(seeder, head.residents, self.folder / "residents")
        if head.night is not None:
            rows = self._furnished(data, head.night)
            seeder.furnish(rows, _grids(data, seeder, rows))
        self.finish("rows")

    def _furnished(self, data: CityData, night: StormNight) -> list[ThingRow]:
        inputs = {"seed": self.city.head.seed, "things": plain_things(data, ("base.road", "base.water_body"))}
        tell = self._share("furnish")
        result = run_model(
            self.city, night.furnish, inputs, self.folder / "night", lambda share, words: tell(words, share)
        )
        return msgspec.convert(result["things"], list[ThingRow])

    def feed(self) -> None:
        """The night's observations as a file of columns."""
        night = self.city.head.night
        if night is None or "night" in self.done:
            return
        inputs = {**night.inputs, "seed": self.city.head.seed, "folder": str(self.folder / "night")}
        tell = self._share("night")
        run_model(
            self.city, night.feed, inputs, self.folder / "night", lambda share, words: tell(words, share)
        )
        self.finish("night")


def plain_things(data: CityData, types: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
    """Map things as plain data for a model: name, properties, and parts of (closed, lonlat)."""
    wanted = set(types)
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in wanted}
    things = data.things
    for i, kind in enumerate(things["type"]):
        if kind in wanted:
            shape = shapely.from_wkb(things["geometry"][i])
            found[kind].append(
                {
                    "name": {"zh": things["name_zh"][i], "en": things["name_en"][i]},
                    "properties": msgspec.json.decode(things["properties"][i] or "{}"),
                    "parts": [_part(part) for part in shapely.get_parts(shape)],
                }
            )
    return found


def _part(shape: Any) -> dict[str, Any]:
    closed = shapely.get_dimensions(shape) == 2
    line = shapely.get_exterior_ring(shape) if closed else shape
    return {"closed": bool(closed), "lonlat": shapely.get_coordinates(line).tolist()}


def _grids(data: CityData, seeder: Seeder, rows: list[ThingRow]) -> list[int | None]:
    """The unit grid (id) in which each furnished thing's middle lies."""
    index = [i for i, tree in enumerate(data.places["tree"]) if tree == "unit_grid"]
    codes = np.array([data.places["code"][i] for i in index])
    order = np.argsort(codes, kind="stable")
    shapes = shapely.from_wkb([data.places["geometry"][index[i]] for i in order])
    ids = [seeder.places[("unit_grid", str(codes[i]))] for i in order]
    points = [
        shapely.point_on_surface(shapely.from_wkb(row.geometry)) if row.geometry else None for row in rows
    ]
    at = [i for i, point in enumerate(points) if point is not None]
    found: list[int | None] = [None] * len(rows)
    placed = Locator(np.asarray(shapes, dtype=object)).locate(np.array([points[i] for i in at], dtype=object))
    for i, grid in zip(at, placed, strict=True):
        found[i] = None if grid == OUTSIDE else ids[int(grid)]
    return found
