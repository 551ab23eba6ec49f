"""北斗网格位置码."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from hutong.kernel.beidou import beidou_bounds, beidou_code, beidou_level
from hutong.kernel.errors import Invalid

VECTORS = yaml.safe_load(Path(__file__).with_name("vectors.yaml").read_text(encoding="utf-8"))["beidou"]


@pytest.mark.parametrize("row", VECTORS["rows"], ids=lambda row: row["code"])
def test_published_codes(row):
    assert beidou_code(row["lon"], row["lat"], row["level"]) == row["code"]
    assert beidou_level(row["code"]) == row["level"]


@given(st.floats(0, 179.999), st.floats(0, 87.999), st.integers(1, 10))
def test_a_point_lies_in_its_cell_and_cells_nest(lon, lat, level):
    code = beidou_code(lon, lat, level)
    west, south, east, north = beidou_bounds(code)
    assert west - 1e-9 <= lon <= east + 1e-9
    assert south - 1e-9 <= lat <= north + 1e-9
    assert beidou_code((west + east) / 2, (south + north) / 2, level) == code
    if level > 1:
        assert code.startswith(beidou_code(lon, lat, level - 1))


def test_sizes():
    west, south, east, north = beidou_bounds("N50J475")
    assert (east - west, north - south) == pytest.approx((15 / 60, 10 / 60))


@pytest.mark.parametrize(
    "code", ["", "S50J", "N50Z", "N61J", "N50JC7", "N50J48", "N50J476", "N50J4753A", "N50J47539B84"]
)
def test_wrong_codes_are_refused(code):
    with pytest.raises(Invalid):
        beidou_bounds(code)


@pytest.mark.parametrize("place", [(-70.0, 40.0, 3), (116.0, -1.0, 3), (116.0, 40.0, 11)])
def test_outside(place):
    with pytest.raises(Invalid):
        beidou_code(*place)
