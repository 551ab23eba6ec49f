"""The vector tile encoder, read back by a decoder written from the specification."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from hutong.kernel import mvt
from hutong.kernel.mvt import MvtLayer, encode

Decode = Callable[[bytes], dict[str, list[Any]]]


def shapes(*texts: str) -> Any:
    return shapely.from_wkt(list(texts))


def twice_area(ring: list[tuple[int, int]]) -> int:
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairwise(ring))


def test_kinds_attributes_and_ids(decode: Decode) -> None:
    geometries = shapes("POINT (10 20)", "LINESTRING (0 0, 5 0, 5 -7)", "POLYGON ((0 0, 9 0, 9 9, 0 0))")
    attributes = {
        "name": ["点", None, "面"],
        "n": [1, -2, 2**40],
        "x": [0.5, None, None],
        "yes": [True, False, None],
    }
    tile = decode(encode([MvtLayer("one", geometries, attributes, ids=[7, 300, 2**33])]))
    point, line, polygon = tile["one"]
    assert [f.kind for f in tile["one"]] == [1, 2, 3]
    assert [f.id for f in tile["one"]] == [7, 300, 2**33]
    assert point.attributes == {"name": "点", "n": 1, "x": 0.5, "yes": True}
    assert line.attributes == {"n": -2, "yes": False}
    assert polygon.attributes == {"name": "面", "n": 2**40}
    assert point.parts == [[(10, 20)]]
    assert line.parts == [[(0, 0), (5, 0), (5, -7)]]
    assert sorted(polygon.parts[0][:-1]) == [(0, 0), (9, 0), (9, 9)]


def test_equal_numbers_of_other_types_stay_apart(decode: Decode) -> None:
    layer = MvtLayer("a", shapes("POINT (1 1)", "POINT (2 2)", "POINT (3 3)"), {"v": [1, True, 1.0]})
    values = [f.attributes["v"] for f in decode(encode([layer]))["a"]]
    assert [type(v) for v in values] == [int, bool, float]


def test_multi_geometries(decode: Decode) -> None:
    layer = MvtLayer(
        "m",
        shapes(
            "MULTIPOINT (1 1, 2 3, 9 9)",
            "MULTILINESTRING ((0 0, 4 4), (7 7, 8 8, 9 0))",
            "MULTIPOLYGON (((0 0, 40 0, 40 40, 0 40, 0 0), (10 10, 20 10, 20 20, 10 20, 10 10)),"
            " ((50 50, 60 50, 60 60, 50 50)))",
        ),
    )
    points, lines, areas = decode(encode([layer]))["m"]
    assert points.parts == [[(1, 1)], [(2, 3)], [(9, 9)]]
    assert lines.parts == [[(0, 0), (4, 4)], [(7, 7), (8, 8), (9, 0)]]
    assert [twice_area(ring) > 0 for ring in areas.parts] == [True, False, True]
    assert [abs(twice_area(ring)) for ring in areas.parts] == [3200, 200, 100]


def test_what_shrinks_to_nothing_is_left_out(decode: Decode) -> None:
    layer = MvtLayer(
        "s",
        shapes(
            "LINESTRING (0.1 0.1, 0.2 0.2)",
            "POLYGON ((0 0, 0.4 0, 0.4 0.4, 0 0))",
            "POLYGON EMPTY",
            "POLYGON ((0 0, 90 0, 90 90, 0 90, 0 0), (5 5, 5.3 5, 5.3 5.3, 5 5))",
            "GEOMETRYCOLLECTION (POINT (1 1))",
        ),
        {"i": [0, 1, 2, 3, 4]},
    )
    (only,) = decode(encode([layer]))["s"]
    assert only.attributes == {"i": 3}
    assert len(only.parts) == 1


def test_nothing_is_no_bytes() -> None:
    assert encode([]) == b""
    assert encode([MvtLayer("empty", shapes("POINT EMPTY"), {"a": [1]})]) == b""
    with pytest.raises(TypeError):
        encode([MvtLayer("bad", shapes("POINT (1 1)"), {"a": [[1]]})])  # type: ignore[list-item]


coordinate = st.integers(-64, 4160)
line = st.lists(st.tuples(coordinate, coordinate), min_size=2, max_size=12)


@given(lines=st.lists(line, min_size=1, max_size=8))
def test_any_lines_round_trip(decode: Decode, lines: list[list[tuple[int, int]]]) -> None:
    drawn = MvtLayer("l", np.array([shapely.LineString(c) for c in lines]), {"i": list(range(len(lines)))})
    found = {f.attributes["i"]: f.parts for f in decode(encode([drawn])).get("l", [])}
    for i, points in enumerate(lines):
        kept = [p for p, before in zip(points, [None, *points], strict=False) if p != before]
        assert found.get(i) == ([kept] if len(kept) > 1 else None)


def test_web_mercator_and_tile_units() -> None:
    corner = mvt.web_mercator(shapes("POINT (-180 85.0511287798066)", "POINT (0 0)", "POINT (121.5 31.25)"))
    assert shapely.get_coordinates(corner)[0] == pytest.approx((0, 0), abs=1e-8)
    assert shapely.get_coordinates(corner)[1] == pytest.approx((0.5, 0.5))
    # Shanghai lies in tile 12/3430/1673
    (point,) = shapely.get_coordinates(mvt.to_tile(corner[2:], 12, 3430, 1673))
    assert (point > 0).all()
    assert (point < mvt.EXTENT).all()


def test_shapes_are_cut_at_the_buffer() -> None:
    world = shapes("LINESTRING (0.1 0.5, 0.9 0.5)", "POINT (0.9 0.9)")
    cut = mvt.to_tile(world, 2, 1, 2)
    assert cut[0].bounds == (-64, 0, 4160, 0)
    assert cut[1].is_empty
