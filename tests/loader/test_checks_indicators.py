"""Counts and indicators that name what is not there, and functions that take something else."""

from __future__ import annotations

import pytest

COUNTS = """\
counts:
  - {name: filed, label: {zh: 立案数, en: filed}, procedures: [urban.case], actions: [file], clock: filing, timing: in_time}
  - {name: open, label: {zh: 在办, en: open}, procedures: [urban.case], at: [due.handling],
     when: [{path: facts.a, given: true}]}
indicators:
  - name: share
    label: {zh: 占比, en: share}
    unit: "%"
    formula: rate
    object: organisation
    counts: {n: filed, of: open}
"""


@pytest.fixture
def measured(pack):
    text = (pack.folder / "pack.yaml").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("needs:")]
    pack.write("pack.yaml", "\n".join([*lines, "needs: [base, urban]"]) + "\n")
    pack.write("indicators.yaml", COUNTS)
    return pack


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ("actions: [file]", "actions: [fil]", "there is no action 'fil'"),
        ("clock: filing", "clock: filling", "there is no clock 'filling'"),
        (", timing: in_time", "", "a clock needs a timing"),
        ("due.handling", "due.hand", "there is no due 'hand'"),
        ("path: facts.a", "path: stat", "there is no field of a case 'stat'"),
        ("{n: filed", "{n: field", "there is no count 'trees.field'"),
        ("formula: rate", "formula: rates", "there is no figure or function 'trees.rates'"),
        ("object: organisation", "object: value", "a sheet of values has no values"),
        ("object: organisation", "object: value\n    values: {a: {zh: 甲}}", "trees.filed is by nothing"),
        (
            "counts:\n  - {name: filed",
            "day_starts: noon\ncounts:\n  - {name: filed",
            "no parameter 'trees.noon'",
        ),
        ("object: organisation", "object: role\n    role: nobody", "there is no role 'nobody'"),
    ],
)
def test_a_wrong_name_is_told(measured, before, after, reason):
    assert [one for one in measured.problems() if one.file.endswith("indicators.yaml")] == []
    measured.replace("indicators.yaml", before, after)
    found = [one for one in measured.problems() if one.file.endswith("indicators.yaml")]
    assert any(reason in one.reason and one.remedy and one.line for one in found), found
