"""Every worked example of the domain, and the properties that hold for all of them."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from hutong.kernel.errors import Invalid
from hutong.packs.drainage import formulas

VECTORS = yaml.safe_load(
    (Path(__file__).parent / "data" / "formula_vectors.yaml").read_text(encoding="utf-8")
)
FORMULAS = [row["key"] for row in formulas.table("storm_formulas.csv")]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda v: f"{v['call']}-{v['args']}")
def test_worked_example(vector: dict[str, Any]) -> None:
    args = [np.asarray(a, dtype=float) if isinstance(a, list) else a for a in vector["args"]]
    result = np.asarray(getattr(formulas, vector["call"])(*args), dtype=float)
    expected = np.asarray(vector["expect"], dtype=float)
    np.testing.assert_allclose(result, expected, rtol=vector.get("share", 0), atol=vector.get("within", 0))


@given(
    formula=st.sampled_from(FORMULAS),
    period=st.floats(1, 100),
    duration=st.floats(10, 180),
    ratio=st.floats(0.3, 0.5),
    step=st.floats(1, 30),
)
def test_chicago_storm_brings_exactly_the_design_depth(
    formula: str, period: float, duration: float, ratio: float, step: float
) -> None:
    increments = formulas.chicago_increments(formula, period, duration, ratio, step)
    assert increments.sum() == pytest.approx(formulas.storm_depth(formula, period, duration), rel=1e-12)
    assert np.all(increments >= -1e-9)


def test_chicago_peak_stands_at_the_peak_ratio() -> None:
    increments = formulas.chicago_increments("shanghai", 50, 180, 0.405, 1)
    assert int(np.argmax(increments)) in (72, 73)


def test_storms_grow_with_return_period_and_thin_out_with_duration() -> None:
    for formula in FORMULAS:
        by_period = [formulas.storm_intensity(formula, p, 60) for p in (1, 2, 5, 10, 50, 100)]
        by_duration = [formulas.storm_intensity(formula, 5, t) for t in (5, 10, 30, 60, 120, 180)]
        assert by_period == sorted(by_period)
        assert by_duration == sorted(by_duration, reverse=True)


def test_old_shanghai_formula_is_of_the_same_order_as_the_new_one() -> None:
    new, old = formulas.storm_intensity("shanghai", 5, 60), formulas.storm_intensity_shanghai_old(5, 60)
    assert old == pytest.approx(new, rel=0.15)


def test_every_number_in_the_tables_has_tag_and_source() -> None:
    for name in ("storm_formulas.csv", "storm_intervals.csv", "runoff_coefficients.csv"):
        assert all(row["tag"] and row["source"] for row in formulas.table(name))


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (lambda: formulas.storm_intensity("atlantis", 2, 20), "storm_formulas.csv"),
        (lambda: formulas.storm_intensity("shanghai", 2, 0), "duration_min"),
        (lambda: formulas.storm_intensity("shanghai", 0, 20), "return_period_a"),
        (lambda: formulas.storm_intensity("guangzhou_centre", 2, 181), "duration_min"),
        (lambda: formulas.storm_intensity("guangzhou_centre", 101, 60), "return_period_a"),
        (lambda: formulas.storm_intensity("shenzhen_west", 0.5, 60), "return_period_a"),
        (lambda: formulas.chicago_increments("shanghai", 2, 60, 1.0, 5), "peak_ratio"),
        (lambda: formulas.chicago_increments("shanghai", 2, 60, 0.4, 0), "step_min"),
        (lambda: formulas.rain_grade(10, 6), "hours"),
        (lambda: formulas.design_return_period(2000, "roof"), "element"),
        (lambda: formulas.design_return_period(80, "underpass"), "underpass"),
        (lambda: formulas.runoff_coefficient("glass"), "runoff_coefficients.csv"),
    ],
)
def test_impossible_input_is_refused_by_name(call: Any, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        call()
    assert caught.value.field == field
    assert caught.value.remedy
