"""What a 交接班 sheet says: found in one pass over the open cases for all desks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from hutong.engine.flow.measuring import Measuring
from hutong.engine.handle.notices import next_roles
from hutong.engine.handle.procedure import Compiled
from hutong.engine.rulebook import Rulebook
from hutong.kernel.base import Facts, Instant
from hutong.kernel.case import Case, Warning
from hutong.kernel.caseview import all_hold
from hutong.kernel.definition.procedure import Action
from hutong.kernel.ports import Reader
from hutong.kernel.query import Compare, Field, IsNull, Order, Value, both, equals
from hutong.kernel.query import field as column

PAGE = 2000
LISTED = 100
"""Cases named in one list of a sheet; their number is told in full."""


@dataclass
class _Desk:
    """What is found for one desk."""

    open: Counter[tuple[str, str]] = field(default_factory=Counter)
    overdue: list[int] = field(default_factory=list)
    soon: list[int] = field(default_factory=list)
    waiting: dict[str, list[int]] = field(default_factory=dict)


class ShiftContent:
    """Contents of the sheets of one change of shifts."""

    def __init__(self, rulebook: Rulebook, measuring: Measuring, desks: Sequence[str]) -> None:
        self.rulebook = rulebook
        self.measuring = measuring
        self.desks = tuple(desks)

    def found(
        self, reader: Reader, since: Instant, until: Instant, now: Instant, following: Instant
    ) -> dict[str, Facts]:
        """Desk → content. The shift was from `since` to `until`; `following` is when the next one ends."""
        desks = {name: _Desk() for name in self.desks}
        for case in _open_cases(reader):
            self._look_at(case, now, following, desks)
        shared: Facts = {
            "opened": reader.count(Case, _between("opened", since, until), at_most=1_000_000),
            "closed": reader.count(Case, _between("closed", since, until), at_most=1_000_000),
        }
        to_judge = reader.count(Warning, equals("state", "to_judge"), at_most=100_000)
        done = self.measuring.by_role(reader, since, until)
        return {
            name: {
                **_content(desk),
                **shared,
                "done": done.get(name, {}),
                **({"to_judge": to_judge} if self._judges(name) else {}),
            }
            for name, desk in desks.items()
        }

    def _look_at(self, case: Case, now: Instant, following: Instant, desks: dict[str, _Desk]) -> None:
        compiled = self.rulebook.procedure(case)
        turn = set(next_roles(compiled, case.state)) & desks.keys()
        dues = [one.due for one in case.clocks if one.mark == "running" and one.due is not None]
        for name in turn:
            desk = desks[name]
            desk.open[case.procedure, case.state] += 1
            if any(due <= now for due in dues):
                desk.overdue.append(case.id)
            elif any(due <= following for due in dues):
                desk.soon.append(case.id)
        for action in _answers(compiled):
            if case.state in action.of and all_hold(case, action.when):
                for name in desks.keys() & set(action.roles):
                    known = desks[name].waiting.setdefault(f"{compiled.name}/{action.name}", [])
                    known.append(case.id)

    def _judges(self, role: str) -> bool:
        return "warning" in self.rulebook.roles[role].may.get("judge", ())


def _answers(compiled: Compiled) -> Iterator[Action]:
    """Actions that answer something: they are there only while a fact waits for them (a 督办 for its answer)."""
    for action in compiled.procedure.actions:
        if not action.automatic and any(one.given and one.path.startswith("facts.") for one in action.when):
            yield action


def _open_cases(reader: Reader) -> Iterator[Case]:
    after: str | None = None
    while True:
        page = reader.find(
            Case, IsNull(column("closed")), order=(Order(("next_due",)),), limit=PAGE, after=after
        )
        yield from page.rows
        after = page.after
        if after is None:
            return


def _between(name: str, since: Instant, until: Instant) -> Any:
    at = Field((name,))
    return both(Compare("ge", at, Value(since)), Compare("lt", at, Value(until)))


def _content(desk: _Desk) -> Facts:
    return {
        "open": [
            {"procedure": procedure, "state": state, "n": n}
            for (procedure, state), n in sorted(desk.open.items())
        ],
        "overdue": {"n": len(desk.overdue), "cases": desk.overdue[:LISTED]},
        "soon": {"n": len(desk.soon), "cases": desk.soon[:LISTED]},
        "waiting": [
            {"action": name, "n": len(ids), "cases": ids[:LISTED]}
            for name, ids in sorted(desk.waiting.items())
        ],
    }
