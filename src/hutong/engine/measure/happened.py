"""Which counts a case adds to: when, to whose credit, and how much."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from hutong.engine.measure.conditions import Conditions, reading
from hutong.engine.measure.seen import Seen
from hutong.kernel.base import Instant
from hutong.kernel.case import Case, CaseClock, Deed
from hutong.kernel.definition.indicator import CountDefinition

OPEN = "open"
KEEPER = "keeper"
EXCUSED = "excused"
"""The fact that an accepted 申诉 leaves: `timing` or `responsibility`, or a list of both."""
Clocks = Mapping[str, CaseClock]


class Happened(NamedTuple):
    """One thing counted. `counted` is the place of the count among all; 0 stands for nobody or nowhere. `excused`: an
    accepted 申诉 made it what it is."""

    case: int
    at: Instant
    counted: int
    account: int
    organisation: int
    place: int
    category: str
    value: str
    """What the count is `by`."""
    weight: float
    excused: bool


class _Planned(NamedTuple):
    """A count with its place among all, and the numbers of its conditions."""

    place: int
    definition: CountDefinition
    conditions: tuple[int, ...]


class Plan:
    """Counts put in order by procedure and action, so that a case meets only those that can count something of it."""

    def __init__(self, counts: Sequence[CountDefinition]) -> None:
        self.conditions = Conditions()
        self._deeds: dict[str, dict[str, list[_Planned]]] = {}
        self._cases: dict[str, list[_Planned]] = {}
        for index, count in enumerate(counts):
            one = _Planned(index, count, self.conditions.numbers(count.when))
            for procedure in count.procedures:
                if not count.actions:
                    self._cases.setdefault(procedure, []).append(one)
                for action in count.actions:
                    self._deeds.setdefault(procedure, {}).setdefault(action, []).append(one)

    def happened(self, seen: Seen | Case) -> Iterator[Happened]:
        """All that the case adds to the counts, also what lies ahead (a limit that has yet to run out)."""
        by_action, of_case = self._deeds.get(seen.procedure, {}), self._cases.get(seen.procedure, [])
        if not by_action and not of_case:
            return
        holding = self.conditions.hold(seen)
        excuses = _excuses(seen)
        category = f"{seen.category.kind}:{seen.category.code}"
        for one, at, account, organisation in self._credits(seen, by_action, of_case, holding, excuses):
            weight = _weight(seen, one.definition)
            if weight == 0:
                continue
            excused = bool(excuses) and one.definition.excusable
            yield Happened(
                seen.id,
                at,
                one.place,
                account,
                organisation or 0,
                seen.place or 0,
                category,
                _by(seen, one.definition),
                weight,
                excused,
            )

    def _credits(
        self,
        seen: Seen | Case,
        by_action: Mapping[str, list[_Planned]],
        of_case: Sequence[_Planned],
        holding: Sequence[bool],
        excuses: tuple[str, ...],
    ) -> Iterator[tuple[_Planned, Instant, int, int | None]]:
        """(count, instant, account, unit) of each thing counted."""
        counts = _Standing(holding, "responsibility" in excuses)
        opening = Deed(OPEN, seen.opened_by, "", seen.opened)
        for place, deed in enumerate((opening, *seen.deeds)):
            for one in by_action.get(deed.action, ()):
                if counts.stand(one) and _counts(seen, one.definition, place, deed):
                    credited = _credited(seen, one.definition, place, deed)
                    if credited is not None:
                        yield one, deed.at, credited.account, credited.organisation
        clocks = {clock.name: clock for clock in seen.clocks}
        for one in of_case:
            if not counts.stand(one) or not _timed(clocks, one.definition, "timing" in excuses):
                continue
            at = _instant(seen, clocks, one.definition.at)
            if at is not None:
                doer = (
                    _last_before(seen, one.definition.credit, len(seen.deeds))
                    if one.definition.credit
                    else None
                )
                yield one, at, doer.account if doer else 0, seen.organisation


class _Standing(NamedTuple):
    """Which counts a case can add to at all."""

    holding: Sequence[bool]
    taken_out: bool
    """An accepted 申诉 took it out of the unit's counts."""

    def stand(self, one: _Planned) -> bool:
        if self.taken_out and one.definition.excusable:
            return False
        return all(map(self.holding.__getitem__, one.conditions))


def _counts(seen: Seen | Case, count: CountDefinition, place: int, deed: Deed) -> bool:
    """Whether this deed is the one that counts, and in time or late as the count wants it. `place` 0 is the report itself."""
    if count.timing and (count.clock in deed.late) != (count.timing != "in_time"):
        return False
    if count.which == "each":
        return True
    places = [n for n, one in enumerate(seen.deeds, 1) if one.action in count.actions]
    if OPEN in count.actions:
        places.insert(0, 0)
    return place == (places[0] if count.which == "first" else places[-1])


def _credited(seen: Seen | Case, count: CountDefinition, place: int, deed: Deed) -> Deed | None:
    if not count.credit or count.credit == KEEPER:
        return deed
    return _last_before(seen, count.credit, place - 1)


def _last_before(seen: Seen | Case, action: str, place: int) -> Deed | None:
    """The last deed of an action before a place in the row of deeds."""
    earlier = (deed for deed in reversed(seen.deeds[: max(place, 0)]) if deed.action == action)
    return next(earlier, None)


def _timed(clocks: Clocks, count: CountDefinition, excused: bool) -> bool:
    """Whether the clock ended as the count wants it."""
    if not count.timing:
        return True
    clock = clocks.get(count.clock)
    if clock is None:
        return False
    stopped = clock.mark == "stopped"
    if count.timing == "overdue":
        return not stopped
    return stopped and (clock.overdue and not (excused and count.excusable)) == (count.timing == "late")


def _instant(seen: Seen | Case, clocks: Clocks, names: Sequence[str]) -> Instant | None:
    """The first of the instants that the case has."""
    found: Instant | None = None
    for name in names:
        at = _one_instant(seen, clocks, name)
        if isinstance(at, int) and not isinstance(at, bool) and (found is None or at < found):
            found = at
    return found


def _one_instant(seen: Seen | Case, clocks: Clocks, name: str) -> Any:
    group, dot, rest = name.partition(".")
    if not dot:
        return getattr(seen, name)
    if group == "deeds":
        return next((deed.at for deed in reversed(seen.deeds) if deed.action == rest), None)
    if group == "facts":
        return seen.facts.get(rest)
    clock = clocks.get(rest)
    return None if clock is None else clock.due if group == "due" else clock.stopped


def _weight(seen: Seen | Case, count: CountDefinition) -> float:
    if not count.weight:
        return 1.0
    value = reading(count.weight)(seen)
    if count.weights:
        return count.weights.get(str(value), 0.0)
    return float(value) if isinstance(value, int | float) else 0.0


def _by(seen: Seen | Case, count: CountDefinition) -> str:
    if not count.by:
        return ""
    value = reading(count.by)(seen)
    return "" if value is None else str(value)


def _excuses(seen: Seen | Case) -> tuple[str, ...]:
    value = seen.facts.get(EXCUSED)
    return tuple(value) if isinstance(value, list) else (str(value),) if value else ()
