"""Functions that definitions call exist, are typed, and take what they are given."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

from hutong.kernel.definition.rule import FormulaCall
from hutong.loader.checks.known import Known, rule_conditions
from hutong.loader.pack import PackSource
from hutong.loader.problem import Problem
from hutong.loader.yaml_source import Path_

MODEL_ARGUMENTS = ["inputs", "workdir", "progress"]


def check(source: PackSource, known: Known) -> Iterator[Problem]:
    pack = source.pack
    assert pack is not None
    for index, rule in enumerate(pack.rules):
        for path, condition in rule_conditions(index, rule):
            if condition.formula:
                yield from _formula(source, (*path, "formula"), condition.formula)
    module = source.module("models") if pack.models else None
    for index, model in enumerate(pack.models):
        yaml = source.sources["models.yaml"]
        function = getattr(module, model.function, None)
        if not callable(function):
            yield yaml.problem(
                ("models", index, "function"), f"models.py has no function {model.function!r}", "write it"
            )
        elif list(inspect.signature(function).parameters) != MODEL_ARGUMENTS:
            yield yaml.problem(
                ("models", index, "function"),
                f"{model.function} has other arguments",
                "take (inputs, workdir, progress)",
            )


def _formula(source: PackSource, path: Path_, call: FormulaCall) -> Iterator[Problem]:
    yaml = source.sources["rules.yaml"]
    function = source.functions.get(call.name)
    if function is None:
        yield yaml.problem(path, f"formulas.py has no function {call.name!r}", "write it, or mend the name")
        return
    parameters = inspect.signature(function).parameters
    given = {*call.properties, *call.things, *call.parameters}
    needed = {name for name, one in parameters.items() if one.default is inspect.Parameter.empty}
    if missing := sorted(needed - given):
        yield yaml.problem(path, f"{call.name} also needs {', '.join(missing)}", "give them")
    if strange := sorted(given - set(parameters)):
        yield yaml.problem(path, f"{call.name} takes no {', '.join(strange)}", "take them out")
    untyped = [name for name, one in parameters.items() if one.annotation is inspect.Parameter.empty]
    if untyped or inspect.signature(function).return_annotation is inspect.Signature.empty:
        yield yaml.problem(path, f"{call.name} is not fully typed", "annotate every argument and the result")
