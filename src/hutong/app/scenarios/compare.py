"""What a scenario expects beside what came."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TypeVar

from msgspec import UNSET

from hutong.app.scenarios.play import Play
from hutong.engine.directory import everything
from hutong.kernel.case import Case, Warning
from hutong.kernel.definition.scenario import Expect, ExpectedCase, ExpectedClock, ExpectedWarning
from hutong.kernel.errors import HutongError

W = TypeVar("W")
G = TypeVar("G")
PLAIN = ("state", "ending", "urgency", "rounds", "returns", "extensions")


class Comparison:
    """Compares the store of a town that was played with a scenario's `expect`."""

    def __init__(self, play: Play, expect: Expect) -> None:
        self.play = play
        self.town = play.town
        self.times = play.town.times
        self.expect = expect
        with self.town.store.reader() as reader:
            self.warnings = sorted(everything(reader, Warning), key=lambda one: (one.raised, one.id))
            self.cases = sorted(everything(reader, Case), key=lambda one: (one.opened, one.id))

    def differences(self) -> Iterator[str]:
        if self.expect.warnings is not None:
            yield from self._warnings(self.expect.warnings)
        if self.expect.cases is not None:
            yield from self._cases(self.expect.cases)
        for rules in self.expect.one_cause:
            yield from self._one_cause(rules)
        if self.expect.case is not None:
            try:
                yield from self._case(self.expect.case, self.play.case_of(self.expect.case.thing), "case")
            except HutongError as error:
                yield f"case: expected one, {error}"

    def _thing(self, id: int | None) -> str:
        return self.town.codes.get(id or 0, "no thing")

    def _warnings(self, expected: Sequence[ExpectedWarning]) -> Iterator[str]:
        found = [(f"{one.rule} on {self._thing(one.thing)}", one) for one in self.warnings]
        wanted = [(f"{one.rule} on {one.thing}", one) for one in expected]
        for name, want, came in _paired(wanted, found):
            if came is None:
                yield f"warning {name}: expected, but it never came ({_listing(found)})"
            elif want is None:
                yield f"warning {name}: not expected, but raised at {self.times.write(came.raised)}"
            else:
                yield from self._warning(want, came, f"warning {name}")

    def _warning(self, want: ExpectedWarning, came: Warning, what: str) -> Iterator[str]:
        yield from self._time(f"{what}: began", want.began, came.began)
        yield from self._time(f"{what}: raised", want.raised, came.raised)
        if want.cleared is None and came.cleared is not None:
            yield f"{what}: expected to stand still, but cleared at {self.times.write(came.cleared)}"
        elif want.cleared is not UNSET and want.cleared is not None:
            yield from self._time(f"{what}: cleared", str(want.cleared), came.cleared)
        yield from _value(f"{what}: state", want.state, came.state)

    def _time(self, what: str, want: str | None, came: int | None) -> Iterator[str]:
        if want is not None and (came is None or self.times.read(want) != came):
            yield f"{what}: expected {want}, found {self.times.write(came)}"

    def _cases(self, expected: Sequence[ExpectedCase]) -> Iterator[str]:
        found = [(self._case_name(one), one) for one in self.cases]
        wanted = [(self._wanted_name(one), one) for one in expected]
        for name, want, came in _paired(wanted, found):
            if came is None:
                yield f"case {name}: expected, but none was opened ({_listing(found)})"
            elif want is None:
                yield f"case {name}: not expected, but opened at {self.times.write(came.opened)}"
            else:
                yield from self._case(want, came, f"case {name}")

    def _case_name(self, case: Case) -> str:
        return f"{case.category.kind}:{case.category.code} on {self._thing(case.thing)}"

    def _wanted_name(self, one: ExpectedCase) -> str:
        """A bare code stands for whatever kind the cases or the packs know it by."""
        category = one.category or ""
        if ":" not in category:
            known = [*(case.category for case in self.cases), *self.town.rulebook.categories]
            kind = next((known_one.kind for known_one in known if known_one.code == category), "other")
            category = f"{kind}:{category}"
        return f"{category} on {one.thing or 'no thing'}"

    def _case(self, want: ExpectedCase, came: Case, what: str) -> Iterator[str]:
        yield from self._time(f"{what}: opened", want.opened, came.opened)
        yield from self._time(f"{what}: closed", want.closed, came.closed)
        for field in PLAIN:
            yield from _value(f"{what}: {field}", getattr(want, field), getattr(came, field))
        if want.organisation is not None:
            unit = self.town.directory.organisations.get(came.organisation or 0)
            yield from _value(f"{what}: organisation", want.organisation, unit.code if unit else "none")
        clocks = {clock.name: clock for clock in came.clocks}
        for name, marks in want.clocks.items():
            clock = clocks.get(name)
            if clock is None:
                yield f"{what}: clock {name}: expected, but it never started (there are {', '.join(clocks)})"
            else:
                yield from self._clock(marks, clock, f"{what}: clock {name}")

    def _clock(self, want: ExpectedClock, came: object, what: str) -> Iterator[str]:
        yield from self._time(f"{what}: due", want.due, getattr(came, "due", None))
        for field in ("overdue", "mark"):
            yield from _value(f"{what}: {field}", getattr(want, field), getattr(came, field))
        used = getattr(came, "used", 0.0)
        if want.used is not None and abs(want.used - used) > 1e-6:
            yield f"{what}: used: expected {want.used:g}, found {used:g}"

    def _one_cause(self, rules: Sequence[str]) -> Iterator[str]:
        causes = {rule: {one.cause for one in self.warnings if one.rule == rule} for rule in rules}
        for rule, found in causes.items():
            if not found:
                yield f"one_cause: {rule} raised no warning"
        every = set().union(*causes.values())
        if len(every) > 1 or "" in every:
            listing = "; ".join(
                f"{rule}: {', '.join(sorted(found)) or 'none'}" for rule, found in causes.items()
            )
            yield f"one_cause: expected one cause of {' and '.join(rules)}, found {listing}"


def _value(what: str, want: object, came: object) -> Iterator[str]:
    if want is not None and want != came:
        yield f"{what}: expected {want}, found {came}"


def _paired(
    wanted: Sequence[tuple[str, W]], found: Sequence[tuple[str, G]]
) -> Iterator[tuple[str, W | None, G | None]]:
    """The first wanted of a name with the first found of it, and so on; None on the side that has no more."""
    wants: dict[str, list[W]] = defaultdict(list)
    came: dict[str, list[G]] = defaultdict(list)
    for name, want in wanted:
        wants[name].append(want)
    for name, got in found:
        came[name].append(got)
    for name in dict.fromkeys([*wants, *came]):
        for index in range(max(len(wants[name]), len(came[name]))):
            yield (
                name,
                wants[name][index] if index < len(wants[name]) else None,
                came[name][index] if index < len(came[name]) else None,
            )


def _listing(found: Sequence[tuple[str, object]]) -> str:
    return f"there came {', '.join(name for name, _ in found) or 'none'}"
