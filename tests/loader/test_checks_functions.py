"""Functions that definitions call: there, typed, given what they take; and not changed under stored definitions."""

import pytest

from hutong.loader.check import changed_functions
from hutong.loader.digest import contents_of, digest
from hutong.loader.pack import PackSource

FORMULAS = '''\
"""Formulas of trees."""

import numpy as np
from numpy.typing import NDArray


def _twice(value: float) -> float:
    return 2.0 * value


def leans(level: NDArray[np.float64], alert: float, calm: float) -> NDArray[np.bool_]:
    """Whether it leans."""
    return level > _twice(alert) + calm
'''
CALL = (
    "{formula: {name: leans, properties: {level: level}, things: {alert: alert}, parameters: {calm: calm}}}"
)


@pytest.fixture
def leaning(pack):
    pack.write("formulas.py", FORMULAS)
    pack.replace("rules.yaml", "{above: {thing: alert}}", CALL)
    return pack


def test_a_rule_with_a_formula_is_sound(leaning):
    assert leaning.problems() == []


@pytest.mark.parametrize(
    ("old", "new", "reason", "remedy"),
    [
        (
            "def leans(",
            "def tilts(",
            "formulas.py has no function 'trees.leans'",
            "write it, or mend the name",
        ),
        ("calm: float)", "calm: float, wind: float)", "leans also needs wind", "give them"),
        (", calm: float)", ")", "leans takes no calm", "take them out"),
        ("alert: float,", "alert,", "leans is not fully typed", "annotate every argument and the result"),
        (" -> NDArray[np.bool_]", "", "leans is not fully typed", "annotate every argument and the result"),
    ],
)
def test_a_wrong_signature(leaning, old, new, reason, remedy):
    leaning.replace("formulas.py", old, new)
    leaning.says("rules.yaml", "name: leans", reason, remedy)


@pytest.mark.parametrize(
    ("old", "new", "mark", "what"),
    [
        ("level: level}", "level: levle}", "levle", "there is no observed property 'trees.levle'"),
        ("alert: alert}", "alert: alarm}", "alarm", "there is no property of the thing type 'alarm'"),
        ("calm: calm}", "calm: clam}", "clam", "there is no parameter 'trees.clam'"),
    ],
)
def test_what_a_formula_is_given_exists(leaning, old, new, mark, what):
    leaning.replace("rules.yaml", old, new)
    leaning.says("rules.yaml", mark, what, "did you mean")


MODELS = """\
models:
  - name: grow
    label: {zh: 生长, en: Growth}
    function: grow
    source: city rule
"""


@pytest.mark.parametrize(
    ("code", "reason", "remedy"),
    [
        ("def shrink(inputs, workdir, progress): ...\n", "models.py has no function 'grow'", "write it"),
        ("def grow(inputs): ...\n", "grow has other arguments", "take (inputs, workdir, progress)"),
    ],
)
def test_a_model_with_a_wrong_function(pack, code, reason, remedy):
    pack.write("models.yaml", MODELS)
    pack.write("models.py", code)
    pack.says("models.yaml", "function: grow", reason, remedy)


def stored(pack):
    """The definitions of the pack as a store keeps them."""
    source = PackSource(pack.folder)
    contents = contents_of(source.pack, source.functions).values()
    return {digest(content): (lambda content=content: content) for content in contents}


def functions(pack):
    return PackSource(pack.folder).functions


def test_a_function_that_stayed_as_it_was(leaning):
    assert changed_functions(stored(leaning), functions(leaning)) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [("level > _twice", "level >= _twice"), ("2.0 * value", "3.0 * value")],
    ids=["itself", "a function it calls"],
)
def test_a_function_that_changed(leaning, old, new):
    kept = stored(leaning)
    leaning.replace("formulas.py", old, new)
    (problem,) = changed_functions(kept, functions(leaning))
    assert (problem.file, problem.key) == ("trees/formulas.py", "leans")
    assert problem.line == leaning.line("formulas.py", "def leans(")
    assert "has changed, but the stored definition of trees.too_high uses it" in problem.reason
    assert "give the changed meaning a new dated name" in problem.remedy


def test_a_function_that_is_gone(leaning):
    kept = stored(leaning)
    leaning.replace("formulas.py", "def leans(", "def leans_2027(")
    (problem,) = changed_functions(kept, functions(leaning))
    assert problem.reason.startswith("is gone, but the stored definition of trees.too_high uses it")


def test_a_stored_definition_that_is_not_what_was_kept():
    (problem,) = changed_functions({"0" * 64: lambda: b"{}"}, {})
    assert "not what was kept under this digest" in problem.reason
    assert "backup" in problem.remedy
