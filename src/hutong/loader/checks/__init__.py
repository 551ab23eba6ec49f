"""One small module per class of mistake; each yields Problems about one pack, seen among all loaded packs."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from hutong.loader.checks import (
    imports,
    indicators,
    names,
    plans,
    procedures,
    registers,
    required,
    scenarios,
    sends,
    signatures,
    sources,
    spans,
    units,
    words,
)
from hutong.loader.checks.known import Known
from hutong.loader.pack import PackSource
from hutong.loader.problem import Problem

CHECKS: tuple[Callable[[PackSource, Known], Iterator[Problem]], ...] = (
    required.check,
    names.check,
    words.check,
    units.check,
    spans.check,
    scenarios.check,
    sources.check,
    signatures.check,
    indicators.check,
    procedures.check,
    registers.check,
    sends.check,
    plans.check,
    imports.check,
)


def check_packs(packs: list[PackSource]) -> list[Problem]:
    """Every mistake in the packs, sorted by file and line."""
    known = Known.of(packs)
    problems: list[Problem] = []
    for source in packs:
        if source.pack is not None:
            problems.extend(problem for check in CHECKS for problem in check(source, known))
    problems.extend(problem for source in packs for problem in source.problems)
    return sorted(set(problems))
