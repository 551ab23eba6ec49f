"""WKB, GeoJSON, and measures in metres."""

import json

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from hutong.kernel import geometry as geo
from hutong.kernel.errors import Invalid

LON, LAT = 116.404, 39.915


def square(side_m: float, lon: float = LON, lat: float = LAT) -> bytes:
    plane, half = geo.LocalMetres(lon, lat), side_m / 2
    return geo.to_wkb(plane.to_degrees(shapely.box(-half, -half, half, half)))


def test_bounds():
    line = geo.to_wkb(shapely.LineString([(116.0, 39.0), (117.0, 40.5)]))
    assert geo.bbox(line) == (116.0, 39.0, 117.0, 40.5)
    point = geo.to_wkb(shapely.Point(1, 2))
    assert geo.bboxes([line, point]).tolist() == [[116.0, 39.0, 117.0, 40.5], [1, 2, 1, 2]]
    assert geo.bboxes([]).shape == (0, 4)


def test_geojson_there_and_back():
    source = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]]}
    assert geo.to_geojson(geo.from_geojson(source)) == source
    assert geo.from_geojson(json.dumps(source)) == geo.from_geojson(source)
    height = {"type": "Point", "coordinates": [116.4, 39.9, 43.5]}
    assert geo.to_geojson(geo.from_geojson(height)) == height


def test_rings_are_turned_the_right_way():
    clockwise = {"type": "Polygon", "coordinates": [[[0, 0], [0, 1], [1, 1], [1, 0], [0, 0]]]}
    turned = shapely.from_wkb(geo.from_geojson(clockwise))
    assert turned.exterior.is_ccw


def test_coordinates_are_rounded():
    point = geo.to_wkb(shapely.Point(116.123456789, 39.1))
    assert geo.to_geojson(point)["coordinates"] == [116.1234568, 39.1]


WRONG = {
    "not json": "{",
    "no type": {"coordinates": [1, 2]},
    "a number": "7",
    "empty": {"type": "MultiPoint", "coordinates": []},
    "metres": {"type": "Point", "coordinates": [39_500_000, 4_400_000]},
    "latitude first": {"type": "Point", "coordinates": [39.9, 116.4]},
    "crosses itself": {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]},
    "not closed": {"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]},
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_geometry_is_refused(name):
    with pytest.raises(Invalid) as caught:
        geo.from_geojson(WRONG[name], "place.geometry")
    assert caught.value.field == "place.geometry"
    assert caught.value.remedy


def test_wrong_wkb_is_refused():
    with pytest.raises(Invalid, match="not WKB"):
        geo.bbox(b"\x01\x02")


def test_lengths():
    degree = geo.to_wkb(shapely.LineString([(0, 0), (1, 0)]))
    assert geo.length_m(degree) == pytest.approx(111_319.49, abs=0.01)
    assert geo.length_m(square(100)) == pytest.approx(400, abs=0.01)
    assert geo.length_m(geo.to_wkb(shapely.Point(LON, LAT))) == 0


def test_areas():
    assert geo.grid_area_m2(square(100)) == pytest.approx(10_000, abs=0.01)
    clockwise = geo.to_wkb(shapely.from_wkb(square(100)).reverse())
    assert geo.area_m2(clockwise) == pytest.approx(10_000, abs=0.01)
    with pytest.raises(Invalid, match="LineString"):
        geo.grid_area_m2(geo.to_wkb(shapely.LineString([(0, 0), (1, 0)])))


def test_an_area_with_a_hole():
    outer, hole = (shapely.from_wkb(square(side)) for side in (200, 100))
    ring = shapely.Polygon(outer.exterior.coords, [hole.exterior.coords])
    assert geo.area_m2(geo.to_wkb(ring)) == pytest.approx(30_000, abs=0.1)


@pytest.mark.parametrize("lat", [-60.0, 0.0, 22.5, 45.0, 70.0])
def test_buffers_are_in_metres_everywhere(lat):
    point = geo.to_wkb(shapely.Point(LON, lat))
    disc = shapely.from_wkb(geo.buffer_m(point, 500))
    ring = np.array(disc.exterior.coords)
    assert geo.distance_m(LON, lat, ring[:, 0], ring[:, 1]) == pytest.approx(500, abs=0.05)
    assert geo.area_m2(geo.buffer_m(square(100, lat=lat), -10)) == pytest.approx(6_400, rel=1e-3)


@given(st.floats(-50_000, 50_000), st.floats(-50_000, 50_000), st.floats(-60, 60))
def test_the_plane_and_back(x, y, lat):
    plane = geo.local_metres(LON, lat)
    lon, back_lat = plane.lon_lat(x, y)
    again = plane.xy(lon, back_lat)
    assert np.hypot(again[0] - x, again[1] - y) < 1e-3
    straight = geo.distance_m(*plane.lon_lat(0, 0), lon, back_lat)
    assert straight == pytest.approx(np.hypot(x, y), abs=1e-3)


def test_neighbours_share_a_plane():
    assert geo.local_metres(116.4041, 39.9149) is geo.local_metres(116.4, 39.91)


def test_heights_do_not_disturb_measures():
    flat = shapely.LineString([(0, 0), (1, 0)])
    high = geo.to_wkb(shapely.force_3d(flat, 500.0))
    assert geo.length_m(high) == geo.length_m(geo.to_wkb(flat))
    assert geo.area_m2(high) == 0
    assert geo.area_m2(geo.buffer_m(high, 10)) == pytest.approx(2 * 10 * 111_319.49, rel=1e-3)


def test_a_buffer_may_leave_nothing():
    assert shapely.from_wkb(geo.buffer_m(square(10), -20)).is_empty
    with pytest.raises(Invalid, match="empty"):
        geo.buffer_m(geo.to_wkb(shapely.Point()), 10)
