"""部件普查: rows of the 18 fields become components or are refused with column, reason and remedy; and go out the same."""

from __future__ import annotations

from datetime import date

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from hutong.engine.census import CensusCity, Refusal, row_of, surveyed
from hutong.kernel.datums import wgs84_to_gcj02
from hutong.kernel.identifiers import credit_code_check
from hutong.loader.find import load_packs

GRID, OTHER = "310101001001001", "310101001001002"
USCC = "12310101MB1234567"
USCC += credit_code_check(USCC)
EXCHANGE = next(
    one.exchange
    for source in load_packs(("urban",), ())
    if source.pack is not None
    for one in source.pack.types
    if one.name == "urban.component"
)
assert EXCHANGE is not None
CITY = CensusCity(
    division="310101",
    classes={"01003", "01010"},
    grids={GRID: 1, OTHER: 2},
    grid=lambda lon, lat: None if not 121 < lon < 122 else 1 if lon < 121.5 else 2,
    choices={"state": ("完好", "破损", "丢失", "废弃", "移除"), "data_source": ("实测", "其他")},
)
ROW = {
    "GLBJBSM": "31010101003000123", "GLBJMC": "雨水井盖", "ZGBMDM": USCC, "ZGBMMC": "排水所", "SZDYWGBSM": GRID,
    "GLBJZT": "完好", "CSRQ": "20260701", "X": "121.4", "Y": "31.2",
}  # fmt: skip


def test_a_row_becomes_a_component() -> None:
    one = surveyed({**ROW, "BZ": "沿街", "BGRQ": "20260801"}, EXCHANGE, CITY)
    assert (one.code, one.component_class, one.place) == ("31010101003000123", "01003", 1)
    assert one.name.zh == "雨水井盖"
    assert one.properties["since"] == "2026-07-01"
    assert one.properties["note"] == "沿街"
    assert not one.retired
    assert not one.elsewhere
    assert surveyed({**ROW, "GLBJZT": "移除"}, EXCHANGE, CITY).retired
    assert surveyed({**ROW, "X": "121.6"}, EXCHANGE, CITY).elsewhere


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("GLBJBSM", "3101010100300012", "17 digits"), ("GLBJBSM", "11010101003000123", "the city is 310101"),
        ("GLBJBSM", "31010199999000123", "no class"), ("GLBJMC", "", "missing"), ("GLBJMC", "盖" * 31, "longer than 30"),
        ("ZGBMDM", "123", ""), ("SZDYWGBSM", "310101001001009", "no unit grid"), ("GLBJZT", "坏了", "no such code"),
        ("CSRQ", "20260231", "no date"), ("BGRQ", "20260630", "before"), ("X", "abc", "no position"),
        ("X", "120", "outside the city"), ("Y", "nan", "no position"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_with_its_reason(column: str, value: str, reason: str) -> None:
    with pytest.raises(Refusal) as refused:
        surveyed({**ROW, column: value}, EXCHANGE, CITY)
    assert reason in refused.value.reason
    assert column in refused.value.column
    assert refused.value.remedy


def test_positions_are_converted_once() -> None:
    lon, lat = (float(one) for one in wgs84_to_gcj02(121.4, 31.2))
    one = surveyed({**ROW, "X": str(lon), "Y": str(lat)}, EXCHANGE, CITY, "gcj02")
    point = shapely.from_wkb(one.geometry)
    assert (point.x, point.y) == (pytest.approx(121.4, abs=2e-7), pytest.approx(31.2, abs=2e-7))


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=40)


@given(st.dictionaries(st.sampled_from([one.column for one in EXCHANGE.fields] + ["X", "Y"]), TEXT))
def test_any_row_becomes_a_component_or_is_refused_by_a_known_column(row: dict[str, str]) -> None:
    refused: Refusal | None = None
    try:
        assert surveyed({**ROW, **row}, EXCHANGE, CITY).place in CITY.grids.values()
    except Refusal as refusal:
        refused = refusal
    if refused is not None:
        assert refused.column in {one.column for one in EXCHANGE.fields} | {"X, Y"}
        assert refused.reason
        assert refused.remedy


@given(
    st.integers(0, 999_999),
    st.text(st.characters(categories=("L", "N")), min_size=1, max_size=30),
    st.sampled_from(CITY.choices["state"]),
    st.dates(min_value=date(1990, 1, 1), max_value=date(2026, 7, 1)),
    st.text(st.characters(categories=("L", "N")), max_size=50),
)
def test_what_goes_out_comes_in_again_the_same(
    number: int, name: str, state: str, day: object, note: str
) -> None:
    row = {
        **ROW, "GLBJBSM": f"31010101003{number:06d}", "GLBJMC": name, "GLBJZT": state, "CSRQ": str(day), "BZ": note,
    }  # fmt: skip
    one = surveyed(row, EXCHANGE, CITY)
    values = {
        **one.properties,
        "code": one.code,
        "name": one.name.zh,
        "grid": GRID,
        "position": (121.4, 31.2),
    }
    columns = [each.column for each in EXCHANGE.fields] + ["X", "Y"]
    again = dict(zip(columns, row_of(values, EXCHANGE), strict=True))
    assert surveyed(again, EXCHANGE, CITY) == one
