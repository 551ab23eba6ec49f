"""Procedures: unreachable states, dead ends, unknown names, separation of duties that is not enforced."""

from __future__ import annotations

from collections.abc import Iterator

from hutong.engine.handle.faults import faults
from hutong.loader.checks.known import Known
from hutong.loader.pack import PackSource
from hutong.loader.problem import Problem


def check(source: PackSource, known: Known) -> Iterator[Problem]:
    pack = source.pack
    assert pack is not None
    for index, procedure in enumerate(pack.procedures):
        for fault in faults(procedure, tuple(known.roles.values())):
            path = ("procedures", index, *fault.path)
            yield source.sources["cases.yaml"].problem(path, fault.reason, fault.remedy)
