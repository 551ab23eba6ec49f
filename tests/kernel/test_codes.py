"""Codes of places, grids, components, matters and cases."""

from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from hutong.kernel import codes
from hutong.kernel.errors import Invalid

VECTORS = yaml.safe_load(Path(__file__).with_name("vectors.yaml").read_text(encoding="utf-8"))
CITY = VECTORS["city_codes"]


@pytest.mark.parametrize("row", VECTORS["divisions"]["valid"], ids=lambda row: row["text"])
def test_division(row):
    parsed = codes.parse_division(row["text"])
    assert (parsed.code, parsed.level, parsed.parent) == (row["code"], row["level"], row["parent"])


@pytest.mark.parametrize("row", VECTORS["divisions"]["invalid"], ids=lambda row: row["why"])
def test_division_refused(row):
    with pytest.raises(Invalid):
        codes.parse_division(row["text"])


def test_division_nesting():
    beijing, street = codes.parse_division("110000"), codes.parse_division("110101001")
    assert beijing.contains(street)
    assert not street.contains(beijing)
    assert street.ancestors == ("11", "1101", "110101")
    assert codes.parse_division("441900003001").ancestors == ("44", "4419", "441900003")
    assert beijing.padded == "110000"


@given(
    st.sampled_from(sorted(codes.PROVINCES)), st.from_regex(r"[0-9]{4}[1-9][0-9]{2}[1-9]{3}", fullmatch=True)
)
def test_a_division_lies_in_each_of_its_ancestors(province, rest):
    division = codes.parse_division(province + rest)
    for ancestor in division.ancestors:
        assert codes.parse_division(ancestor).contains(division)
        assert len(ancestor) < len(division.code)


def test_unit_grid():
    row = CITY["unit_grid"]
    grid = codes.parse_unit_grid(row["code"])
    assert (grid.county, grid.street, grid.community) == (row["county"], row["street"], row["community"])
    assert codes.parse_division(grid.street).contains(codes.parse_division(grid.community))
    for wrong in ("110101000001001", "11010100100100", "990101001001001"):
        with pytest.raises(Invalid):
            codes.parse_unit_grid(wrong)


def test_component_id():
    row = CITY["component"]
    component = codes.component_id(row["division"], row["class"], row["number"])
    assert component.code == row["code"]
    assert codes.parse_component_id(row["code"]) == component
    assert component.component == codes.ClassCode("component", row["class"])
    for number in (0, 1_000_000):
        with pytest.raises(Invalid):
            codes.component_id(row["division"], row["class"], number)
    with pytest.raises(Invalid):
        codes.parse_component_id("110101" + "06010" + "000001")


def test_matter_code():
    row = CITY["matter"]
    matter = codes.parse_matter_code(row["code"])
    assert (matter.division, matter.matter.code) == (row["division"], row["class"])


def test_one_code_is_two_classes():
    component = codes.parse_class_code("component", "01003")
    matter = codes.parse_class_code("matter", "01003")
    assert component != matter
    assert len({component, matter}) == 2
    assert matter.component == component
    assert codes.parse_class_code("matter", "06010").component is None


@pytest.mark.parametrize("kind_code", [("component", "06010"), ("matter", "11001"), ("matter", "06000")])
def test_class_code_refused(kind_code):
    with pytest.raises(Invalid):
        codes.parse_class_code(*kind_code)


@pytest.mark.parametrize("row", CITY["legacy"], ids=lambda row: row["new"])
def test_class_code_of_2013(row):
    assert codes.class_code_of_2013(*row["old"]).code == row["new"]


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.integers(1, 99_999))
def test_case_number_round_trip(day, number):
    made = codes.case_number("110101", day, number)
    assert len(made.text) == 19
    assert codes.parse_case_number(made.text) == made


@pytest.mark.parametrize("text", ["1101012026023000001", "1101012026022800000", "110101202602280001"])
def test_case_number_refused(text):
    with pytest.raises(Invalid):
        codes.parse_case_number(text)
