"""GCJ-02, BD-09, Gauss-Krüger zones and map sheets."""

from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS

from hutong.kernel import datums
from hutong.kernel.errors import Invalid
from hutong.kernel.sheets import SHEET_SCALES, sheet_bounds, sheet_number

VECTORS = yaml.safe_load(Path(__file__).with_name("vectors.yaml").read_text(encoding="utf-8"))
CITIES = VECTORS["datums"]["rows"]
ZONES = VECTORS["zones"]["rows"]
SHEETS = VECTORS["sheets"]


def columns(name: str) -> tuple[np.ndarray, np.ndarray]:
    lon, lat = np.array([row[name] for row in CITIES]).T
    return lon, lat


CONVERSIONS = [
    (datums.wgs84_to_gcj02, "wgs84", "gcj02"),
    (datums.gcj02_to_wgs84, "gcj02", "wgs84"),
    (datums.gcj02_to_bd09, "gcj02", "bd09"),
    (datums.bd09_to_gcj02, "bd09", "gcj02"),
    (datums.wgs84_to_bd09, "wgs84", "bd09"),
    (datums.bd09_to_wgs84, "bd09", "wgs84"),
]


@pytest.mark.parametrize(
    ("function", "source", "target"), CONVERSIONS, ids=lambda one: getattr(one, "__name__", str(one))
)
def test_cities(function, source, target):
    got = np.array(function(*columns(source)))
    assert np.abs(got - np.array(columns(target))).max() < 1.5e-6, "the vectors have six decimals"


@given(st.floats(72.1, 137.7), st.floats(0.9, 55.7))
def test_there_and_back(lon, lat):
    for there, back in (
        (datums.wgs84_to_gcj02, datums.gcj02_to_wgs84),
        (datums.gcj02_to_bd09, datums.bd09_to_gcj02),
        (datums.wgs84_to_bd09, datums.bd09_to_wgs84),
    ):
        x, y = back(*there(lon, lat))
        assert abs(x - lon) < 1e-7
        assert abs(y - lat) < 1e-7


@pytest.mark.parametrize(("lon", "lat"), [(13.4, 52.5), (-74.0, 40.7), (151.2, -33.9), (0.0, 90.0)])
def test_abroad_nothing_moves(lon, lat):
    assert datums.wgs84_to_gcj02(lon, lat) == (lon, lat)
    assert datums.gcj02_to_wgs84(lon, lat) == (lon, lat)


def test_no_points_and_missing_points():
    for function, _source, _target in CONVERSIONS:
        assert function([], [])[0].shape == (0,)
        x, y = function(np.array([np.nan, 116.4]), np.array([39.9, 39.9]))
        assert np.isnan(x[0])
        assert not np.isnan([x[1], y[1]]).any()


def test_points_known_to_have_no_offset():
    lon, lat = np.array([114.17, 116.404]), np.array([22.32, 39.915])
    x, y = datums.wgs84_to_gcj02(lon, lat, offset=np.array([False, True]))
    assert (x[0], y[0]) == (lon[0], lat[0])
    assert x[1] != lon[1]


def test_named_datums():
    for name in ("wgs84", "gcj02", "bd09"):
        got = np.array(datums.to_wgs84(*columns(name), name))
        assert np.abs(got - np.array(columns("wgs84"))).max() < 1.5e-6
    with pytest.raises(Invalid, match="one of each"):
        datums.to_wgs84([1.0, 2.0], [1.0], "gcj02")


@pytest.mark.parametrize("row", ZONES, ids=str)
def test_zones(row):
    zone = datums.gauss_kruger_zone(row["lon"], row["width"])
    assert zone == row["zone"]
    assert datums.central_meridian(zone, row["width"]) == row["meridian"]
    for numbered, base in ((True, zone * 1e6), (False, 0)):
        epsg = datums.cgcs2000_epsg(zone, row["width"], numbered)
        assert epsg == row["numbered" if numbered else "plain"]
        assert "CGCS2000" in CRS.from_epsg(epsg).name
        east, north = datums.project_cgcs2000(row["meridian"], 40.0, epsg)
        assert east == pytest.approx(base + 500_000, abs=0.001)
        assert north == pytest.approx(4_429_529.03, abs=0.01), (
            "the meridian arc from the equator to 40° north"
        )


def test_projected_and_back():
    lon, lat = columns("wgs84")
    epsg = datums.cgcs2000_epsg(39)
    back = datums.unproject_cgcs2000(*datums.project_cgcs2000(lon, lat, epsg), epsg)
    assert np.abs(np.array(back) - np.array((lon, lat))).max() < 1e-9


@pytest.mark.parametrize("epsg", [4326, 3857, 32650])
def test_other_systems_are_refused(epsg):
    with pytest.raises(Invalid, match="CGCS2000"):
        datums.project_cgcs2000(116.0, 40.0, epsg)


def test_zones_outside_china_are_refused():
    with pytest.raises(Invalid, match="25 to 45"):
        datums.cgcs2000_epsg(20)


@pytest.mark.parametrize(("scale", "number"), SHEETS["numbers"].items())
def test_sheets(scale, number):
    assert sheet_number(SHEETS["lon"], SHEETS["lat"], scale) == number


@given(st.floats(73, 136), st.floats(3, 54), st.sampled_from(list(SHEET_SCALES)))
def test_a_point_lies_on_its_sheet(lon, lat, scale):
    number = sheet_number(lon, lat, scale)
    west, south, east, north = sheet_bounds(number)
    assert west - 1e-9 <= lon <= east + 1e-9
    assert south - 1e-9 <= lat <= north + 1e-9
    assert sheet_number((west + east) / 2, (south + north) / 2, scale) == number


@pytest.mark.parametrize(
    "number", ["", "J5", "J61", "W50", "J50L001001", "J50E1", "J50B003001", "J50E0010XX", "J50K001001"]
)
def test_wrong_sheets_are_refused(number):
    with pytest.raises(Invalid):
        sheet_bounds(number)
