"""Places that a text names, by the city's own names."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
import shapely

from hutong.engine.triage.places import Gazetteer, telling
from hutong.kernel.base import Label
from hutong.kernel.place import Place
from hutong.kernel.thing import Thing


def _thing(id: int, name: str, shape: Any, en: str = "") -> Thing:
    return Thing(id=id, type="base.road", code=f"t{id}", name=Label(name, en), geometry=shapely.to_wkb(shape))


LINE = shapely.LineString
THINGS = {
    one.id: one
    for one in (
        _thing(1, "南京西路", LINE([(121.40, 31.20), (121.45, 31.20)]), "Nanjing Road West"),
        _thing(2, "陕西北路", LINE([(121.42, 31.19), (121.42, 31.21)])),
        _thing(3, "中山路", LINE([(121.40, 31.30), (121.45, 31.30)])),
        _thing(4, "人民公园", shapely.Point(121.43, 31.22)),
        _thing(5, "公园", shapely.Point(121.44, 31.22)),
        _thing(6, "南京西路泵站", shapely.Point(121.41, 31.201)),
        _thing(7, "12", shapely.Point(121.41, 31.201)),
    )
}
PLACES = {
    20: Place(
        id=20,
        tree="community",
        code="c",
        name=Label("静安社区"),
        geometry=shapely.to_wkb(shapely.box(121.40, 31.19, 121.41, 31.21)),
    )
}


class Rows:
    """A reader of these rows."""

    def columns(self, noun: type, fields: Any, where: Any = None) -> dict[str, list[Any]]:
        rows = (THINGS if noun is Thing else PLACES).values()
        return {
            "id": [one.id for one in rows],
            "name": [msgspec.json.encode(one.name).decode() for one in rows],
        }

    def many(self, noun: type, ids: list[int]) -> dict[int, Any]:
        rows: dict[int, Any] = dict(THINGS) if noun is Thing else dict(PLACES)
        return {id: rows[id] for id in ids}


@pytest.fixture
def reader() -> Any:
    return Rows()


def test_a_crossing_is_the_surest_and_lies_where_the_roads_meet(reader: Any) -> None:
    for text in ("南京西路与陕西北路交叉口积水", "在南京西路近陕西北路", "陕西北路南京西路路口红绿灯坏了"):
        first = Gazetteer(reader).spots(text, reader)[0]
        assert first.kind == "crossing"
        assert first.position == pytest.approx((121.42, 31.20), abs=1e-6)
        assert first.confidence == 0.9


def test_roads_that_do_not_meet_are_no_crossing(reader: Any) -> None:
    assert {spot.kind for spot in Gazetteer(reader).spots("南京西路与中山路都堵", reader)} == {"road"}


def test_the_longest_name_wins(reader: Any) -> None:
    found = Gazetteer(reader).spots("南京西路泵站停运", reader)
    assert [(spot.words, spot.kind) for spot in found] == [("南京西路泵站", "thing")]


def test_a_door_number_belongs_to_the_words_and_an_area_narrows_a_road(reader: Any) -> None:
    road, area = Gazetteer(reader).spots("静安社区南京西路1376号门前井盖缺失", reader)
    assert (road.words, road.name, road.confidence) == ("南京西路1376号", "南京西路", 0.6)
    assert 121.40 <= road.position[0] <= 121.41
    assert area.kind == "area"


def test_english_names_are_known_too_but_not_within_words(reader: Any) -> None:
    assert Gazetteer(reader).spots("flood at Nanjing Road West", reader)[0].words == "Nanjing Road West"
    assert Gazetteer(reader).spots("xNanjing Road Westy", reader) == []


def test_what_many_are_called_names_nothing(reader: Any) -> None:
    assert Gazetteer(reader).spots("公园里有12只狗", reader) == []
    assert not telling("12")
    assert not telling("医院")
    assert telling("外滩路")
