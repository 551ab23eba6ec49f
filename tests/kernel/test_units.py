"""UCUM units: grammar, dimensions, conversion."""

from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from hutong.kernel import ucum_atoms, units
from hutong.kernel.errors import Invalid

VECTORS = yaml.safe_load(Path(__file__).with_name("vectors.yaml").read_text(encoding="utf-8"))["units"]


@pytest.mark.parametrize("code", VECTORS["valid"])
def test_valid(code):
    assert units.parse_unit(code).factor > 0


@pytest.mark.parametrize("row", VECTORS["invalid"], ids=str)
def test_invalid(row):
    with pytest.raises(Invalid) as caught:
        units.parse_unit(row["code"])
    assert caught.value.field == "unit"
    assert row.get("says", "") in caught.value.reason


@pytest.mark.parametrize("row", VECTORS["convert"], ids=str)
def test_convert(row):
    assert units.convert(row["value"], row["from"], row["to"]) == pytest.approx(
        row["gives"], rel=1e-9, abs=1e-9
    )
    assert units.convert(row["gives"], row["to"], row["from"]) == pytest.approx(
        row["value"], rel=1e-9, abs=1e-9
    )


@pytest.mark.parametrize(
    ("first", "second"), [("m", "s"), ("Cel", "m"), ("[CFU]", "1"), ("[CFU]", "[PFU]"), ("rad", "1")]
)
def test_different_things(first, second):
    assert not units.commensurable(first, second)
    with pytest.raises(Invalid, match="cannot be converted"):
        units.convert(1.0, first, second)


def test_exact_where_numbers_are():
    assert units.convert(1, "m3", "L") == 1000
    assert units.convert(1, "L", "m3") == 0.001
    assert units.convert(100, "Cel", "[degF]") == 212
    assert units.convert(35, "ug/m3", "mg/m3") == 0.035
    assert units.convert(36, "km/h", "m/s") == 10


def test_arrays_keep_their_shape():
    values = np.array([[0.0, 10.0], [25.0, -40.0]])
    assert units.convert(values, "Cel", "[degF]") == pytest.approx(np.array([[32.0, 50.0], [77.0, -40.0]]))
    assert values[0, 0] == 0, "the input is not changed"


def test_dimensions():
    assert units.dimension("m3/s") == (3, -1, 0, 0, 0, 0, 0)
    assert units.dimension("kPa") == units.dimension("m[H2O]") == (-1, -2, 1, 0, 0, 0, 0)
    assert units.dimension("V") == (2, -2, 1, 0, 0, -1, 0)
    assert units.dimension("%") == units.dimension("mol") == units.NO_DIMENSION
    assert units.commensurable("[CFU]/mL", "[CFU]/L")
    assert units.commensurable("{vehicle}/h", "Hz")


def test_every_atom_and_prefix_parses():
    for code in (*units._ATOMS, *units._ARBITRARY, *ucum_atoms.BASES):
        assert units.parse_unit(code).factor > 0
    for prefix in (*ucum_atoms.PREFIXES, *ucum_atoms.BINARY_PREFIXES):
        assert units.parse_unit(prefix + "By").dimension == units.NO_DIMENSION


simple = st.sampled_from(
    ["m", "km", "mm", "s", "h", "kg", "mg", "L", "ug", "kPa", "K", "mol", "[ft_i]", "deg"]
)
powers = st.sampled_from(["", "2", "3", "-1", "-2"])
OPPOSITE = {"": "-1", "2": "-2", "3": "-3", "-1": "", "-2": "2"}
products = st.lists(st.tuples(simple, powers), min_size=1, max_size=4)


@given(products, st.data())
def test_writing_a_product_otherwise_changes_nothing(parts, data):
    straight = ".".join(unit + power for unit, power in parts)
    divided = "/" + "/".join(unit + OPPOSITE[power] for unit, power in parts)
    shuffled = ".".join(unit + power for unit, power in data.draw(st.permutations(parts)))
    for other in (divided, shuffled, f"({straight})", f"{straight}{{any}}"):
        assert units.parse_unit(other) == units.parse_unit(straight)


@given(
    st.floats(-80, 200),
    st.sampled_from(["Cel", "K", "[degF]", "mK", "[degRe]", "[degR]"]),
    st.sampled_from(["Cel", "K", "[degF]", "mK", "[degRe]", "[degR]"]),
)
def test_temperatures_come_back(celsius, first, second):
    value = units.convert(celsius, "Cel", first)
    there = units.convert(value, first, second)
    assert units.convert(there, second, first) == pytest.approx(value, abs=1e-6)


@given(st.floats(0, 140), st.sampled_from(["Pa", "B[SPL]", "kPa"]))
def test_levels_come_back(decibels, other):
    assert units.convert(units.convert(decibels, "dB[SPL]", other), other, "dB[SPL]") == pytest.approx(
        decibels
    )
