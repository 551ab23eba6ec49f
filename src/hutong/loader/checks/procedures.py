"""Procedures: unreachable states, dead ends, unknown names, separation of duties that is not enforced."""

from __future__ import annotations

from collections.abc import Iterator

from hutong.engine.handle.faults import faults
from hutong.kernel.definition.procedure import Procedure
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
        yield from _children(source, known, index, procedure)


def _children(source: PackSource, known: Known, index: int, procedure: Procedure) -> Iterator[Problem]:
    """Child cases are handled by a procedure that is there."""
    for at, action in enumerate(procedure.actions):
        for place, opening in enumerate(action.opens):
            if opening.procedure and opening.procedure not in known.procedures:
                path = ("procedures", index, "actions", at, "opens", place, "procedure")
                reason = f"there is no procedure {opening.procedure!r}"
                remedy = "name one of " + ", ".join(sorted(known.procedures))
                yield source.sources["cases.yaml"].problem(path, reason, remedy)
