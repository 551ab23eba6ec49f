"""Where a text says it is: the city's own names of roads, buildings and areas, the longest first."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise

import msgspec
import shapely
from shapely import Geometry

from hutong.kernel.base import Label
from hutong.kernel.place import Place
from hutong.kernel.ports import Reader
from hutong.kernel.query import EVERYTHING
from hutong.kernel.thing import Thing

_ROAD = re.compile(r"[路街道巷弄桥里]$|高架$|大道$| (?:road|street|avenue|lane)$", re.IGNORECASE)
_BETWEEN = re.compile(r"^(?:与|和|同|跟|及|、|/|靠近|靠|近|到|至|交|上|的|路口|交叉口| (?:and|at|near) )*$")
_NUMBER = re.compile(r"^\s?(\d{1,5}(?:弄\d{0,4}号?|号|-\d+号)?)")
_COMMON = "公园 医院 学校 超市 银行 广场 小区 车站 商场 工地 厕所 停车场 加油站 幼儿园 菜市场 派出所 居委会 市场 食堂 门卫"
_SAID_OF_ALL = frozenset(_COMMON.split())
CROSSING = 0.0015
"""Degrees (about 150 m) within which two roads meet."""
MET, ONE_OF_ITS_NAME, IN_AREA, ALONG, AREA = 0.9, 0.8, 0.6, 0.4, 0.3
"""How sure the kinds of spot are."""


class Named(msgspec.Struct, frozen=True):
    """A row that has a name: a thing, or a place of a tree."""

    id: int
    is_place: bool


class Spot(msgspec.Struct, frozen=True, kw_only=True):
    """Somewhere in a text: the words that said it, what they name, a point (lon, lat) and how sure that is."""

    words: str
    start: int
    name: str
    kind: str
    """crossing, thing, road or area."""
    id: int
    position: tuple[float, float]
    confidence: float


class Mention(msgspec.Struct, frozen=True):
    """A known name in a text."""

    start: int
    end: int
    name: str
    rows: tuple[Named, ...]


class Gazetteer:
    """The names of a city. Built from the store; built anew when things or places changed."""

    def __init__(self, reader: Reader) -> None:
        self._rows: dict[str, list[Named]] = {}
        for noun in (Thing, Place):
            columns = reader.columns(noun, ("id", "name"), EVERYTHING)
            self._add(zip(columns["id"], columns["name"], strict=True), noun is Place)
        self._lengths: dict[str, tuple[int, ...]] = {}
        for name in sorted(self._rows, key=len, reverse=True):
            known = self._lengths.get(name[:2], ())
            self._lengths[name[:2]] = known if len(name) in known else (*known, len(name))

    def _add(self, rows: Iterable[tuple[int, str]], is_place: bool) -> None:
        for id, text in rows:
            label = msgspec.json.decode(text, type=Label)
            for name in {label.zh.lower(), label.en.lower()}:
                if telling(name):
                    self._rows.setdefault(name, []).append(Named(id, is_place))

    def __len__(self) -> int:
        return len(self._rows)

    def mentions(self, text: str) -> list[Mention]:
        """Known names in order, the longest at each place, none over another."""
        plain, at, found = text.lower(), 0, []
        while at < len(plain):
            end = self._end(plain, at)
            if end:
                found.append(Mention(at, end, plain[at:end], tuple(self._rows[plain[at:end]])))
            at = end or at + 1
        return found

    def _end(self, plain: str, at: int) -> int:
        for length in self._lengths.get(plain[at : at + 2], ()):
            name = plain[at : at + length]
            if name in self._rows and (not name.isascii() or _alone(plain, at, at + length)):
                return at + length
        return 0

    def spots(self, text: str, reader: Reader) -> list[Spot]:
        """Where the text is about, the surest first: crossings, things, roads (within an area that is named too), areas."""
        mentions = self.mentions(text)
        if not mentions:
            return []
        shapes = _shapes(reader, mentions)
        areas = [one for one in mentions if all(row.is_place for row in one.rows)]
        found = list(_crossings(text, mentions, shapes))
        within = next((shapes[one.name] for one in reversed(areas) if one.name in shapes), None)
        found.extend(spot for one in mentions if (spot := _spot(text, one, shapes, within)) is not None)
        return sorted(found, key=lambda spot: (-spot.confidence, spot.start))


def telling(name: str) -> bool:
    """Whether a name says which one: not too short, no plain number, not what many are called."""
    if not 2 <= len(name) <= 40 or name in _SAID_OF_ALL or re.fullmatch(r"[\d\W]+", name):
        return False
    return len(name) >= (4 if name.isascii() else 3) or bool(_ROAD.search(name))


def _alone(text: str, start: int, end: int) -> bool:
    return not (text[start - 1 : start].isalnum() or text[end : end + 1].isalnum())


def _shapes(reader: Reader, mentions: list[Mention]) -> dict[str, Geometry]:
    """name → everything of that name as one geometry."""
    rows = {row for one in mentions for row in one.rows}
    things = reader.many(Thing, [row.id for row in rows if not row.is_place])
    places = reader.many(Place, [row.id for row in rows if row.is_place])
    shapes: dict[str, Geometry] = {}
    for one in mentions:
        parts = [
            shapely.from_wkb(shape)
            for row in one.rows
            if (shape := (places if row.is_place else things)[row.id].geometry) is not None
        ]
        if parts:
            shapes[one.name] = shapely.union_all(parts)
    return shapes


def _crossings(text: str, mentions: list[Mention], shapes: dict[str, Geometry]) -> Iterable[Spot]:
    """Two roads one after the other that meet: 南京西路与陕西北路交叉口, 南京西路近陕西北路."""
    roads = [one for one in mentions if _ROAD.search(one.name) and one.name in shapes]
    for first, second in pairwise(roads):
        between = text[first.end : second.start]
        if first.name == second.name or not _BETWEEN.match(between.lower()):
            continue
        one, other = shapes[first.name], shapes[second.name]
        if shapely.distance(one, other) > CROSSING:
            continue
        line = shapely.shortest_line(one, other)
        point = shapely.centroid(line)
        yield Spot(
            words=text[first.start : second.end],
            start=first.start,
            name=f"{text[first.start : first.end]}·{text[second.start : second.end]}",
            kind="crossing",
            id=first.rows[0].id,
            position=(float(point.x), float(point.y)),
            confidence=MET,
        )


def _spot(text: str, one: Mention, shapes: dict[str, Geometry], within: Geometry | None) -> Spot | None:
    shape = shapes.get(one.name)
    if shape is None:
        return None
    is_area = all(row.is_place for row in one.rows)
    is_road = bool(_ROAD.search(one.name)) and not is_area
    kind = "area" if is_area else "road" if is_road else "thing"
    sure = AREA if is_area else ALONG if is_road else ONE_OF_ITS_NAME / len(one.rows)
    if not is_area and within is not None and shapely.intersects(shape, within):
        shape, sure = shapely.intersection(shape, within), max(sure, IN_AREA)
    point = shapely.point_on_surface(shape)
    number = _NUMBER.match(text[one.end :]) if is_road else None
    end = one.end + (number.end() if number else 0)
    return Spot(
        words=text[one.start : end],
        start=one.start,
        name=text[one.start : one.end],
        kind=kind,
        id=one.rows[0].id,
        position=(float(point.x), float(point.y)),
        confidence=round(sure, 2),
    )
