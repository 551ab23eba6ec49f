"""`hutong check` of a city with records: a formula that changed under a stored definition is a mistake."""

import shutil

import pytest

from hutong.app.checking import check_folders
from hutong.app.city import open_city
from hutong.kernel.clock import FixedClock
from hutong.loader.scaffold import new_pack

FORMULAS = '''\
"""Formulas of trees."""

import numpy as np
from numpy.typing import NDArray


def leans(level: NDArray[np.float64], alert: float) -> NDArray[np.bool_]:
    """Whether it leans."""
    return level > alert
'''
CITY = """\
name: town
label: {zh: 小城, en: Town}
division: "310101"
packs: [base, urban, trees]
box: [121.4, 31.2, 121.5, 31.3]
source: test
licence: CC0
"""


@pytest.fixture
def town(tmp_path):
    """A city that was opened once with its own pack `trees`, so its store keeps the definitions."""
    folder = tmp_path / "town"
    folder.mkdir()
    (folder / "city.yaml").write_text(CITY, "utf-8")
    pack = new_pack("trees", folder / "packs")
    rules = (pack / "rules.yaml").read_text("utf-8")
    call = "{formula: {name: leans, properties: {level: level}, things: {alert: alert}}}"
    (pack / "rules.yaml").write_text(rules.replace("{above: {thing: alert}}", call), "utf-8")
    (pack / "formulas.py").write_text(FORMULAS, "utf-8")
    open_city(folder, FixedClock(1_790_000_000_000_000)).close()
    return folder


def test_what_stayed_as_it_was_is_no_mistake(town):
    assert check_folders((town,)) == []


def test_a_formula_that_changed_is_told(town):
    path = town / "packs" / "trees" / "formulas.py"
    path.write_text(FORMULAS.replace("level > alert", "level >= alert"), "utf-8")
    (problem,) = check_folders((town,))
    assert str(problem).startswith(
        "trees/formulas.py:7: leans: has changed, but the stored definition of trees.too_high"
    )


def test_a_pack_that_is_gone_is_told_first(town):
    shutil.rmtree(town / "packs")
    (problem,) = check_folders((town,))
    assert "there is no pack 'trees'" in problem.reason
