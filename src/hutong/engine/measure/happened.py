"""Which counts a case adds to: when, to whose credit, and how much."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, cast

from hutong.engine.measure.seen import Seen
from hutong.kernel.base import Instant
from hutong.kernel.case import Case, CaseClock, Deed
from hutong.kernel.caseview import value_at
from hutong.kernel.definition.indicator import CountDefinition, Where

OPEN = "open"
KEEPER = "keeper"
EXCUSED = "excused"
"""The fact that an accepted 申诉 leaves: `timing` or `responsibility`, or a list of both."""


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
    weight: float
    excused: bool


def happened(seen: Seen, counts: Sequence[CountDefinition]) -> Iterator[Happened]:
    """All that the case adds to the counts, also what lies ahead (a limit that has yet to run out)."""
    for index, count in enumerate(counts):
        if seen.procedure not in count.procedures or not all(_holds(seen, one) for one in count.when):
            continue
        weight = _weight(seen, count)
        excused = _excuses(seen) if count.excusable else ()
        if weight == 0 or "responsibility" in excused:
            continue
        for at, account, organisation in _credits(seen, count, "timing" in excused):
            yield Happened(
                seen.id,
                at,
                index,
                account,
                organisation or 0,
                seen.place or 0,
                f"{seen.category.kind}:{seen.category.code}",
                weight,
                bool(excused),
            )


def _credits(seen: Seen, count: CountDefinition, excused: bool) -> Iterator[tuple[Instant, int, int | None]]:
    """(instant, account, unit) of each thing counted."""
    if count.actions:
        yield from _deeds(seen, count)
        return
    at = _instant(seen, count.at)
    if at is not None and _timed(seen, count, excused):
        credited = _last_before(seen, count.credit, len(seen.deeds)) if count.credit else None
        yield at, credited.account if credited else 0, seen.organisation


def _deeds(seen: Seen, count: CountDefinition) -> Iterator[tuple[Instant, int, int | None]]:
    found = [(-1, _opening(seen))] if OPEN in count.actions else []
    found += [(place, deed) for place, deed in enumerate(seen.deeds) if deed.action in count.actions]
    if count.which == "first":
        found = found[:1]
    elif count.which == "last":
        found = found[-1:]
    for place, deed in found:
        if count.timing and (count.clock in deed.late) != (count.timing != "in_time"):
            continue
        credited: Deed | None = deed
        if count.credit and count.credit != KEEPER:
            credited = _last_before(seen, count.credit, place)
        if credited is not None:
            yield deed.at, credited.account, credited.organisation


def _opening(seen: Seen) -> Deed:
    return Deed(OPEN, seen.opened_by, "", seen.opened)


def _last_before(seen: Seen, action: str, place: int) -> Deed | None:
    """The last deed of an action before a place in the row of deeds."""
    earlier = (deed for deed in reversed(seen.deeds[: max(place, 0)]) if deed.action == action)
    return next(earlier, _opening(seen) if action == OPEN else None)


def _timed(seen: Seen, count: CountDefinition, excused: bool) -> bool:
    """Whether the clock ended as the count wants it."""
    if not count.timing:
        return True
    clock = _clock(seen, count.clock)
    if clock is None:
        return False
    stopped = clock.mark == "stopped"
    if count.timing == "overdue":
        return not stopped
    return stopped and (clock.overdue and not excused) == (count.timing == "late")


def _clock(seen: Seen, name: str) -> CaseClock | None:
    return next((one for one in seen.clocks if one.name == name), None)


def _instant(seen: Seen, names: Sequence[str]) -> Instant | None:
    """The first of the instants that the case has."""
    found = [at for name in names if (at := _one_instant(seen, name)) is not None]
    return min(found, default=None)


def _one_instant(seen: Seen, name: str) -> Instant | None:
    group, dot, rest = name.partition(".")
    if not dot:
        value: Any = getattr(seen, name)
    elif group == "deeds":
        value = next((deed.at for deed in reversed(seen.deeds) if deed.action == rest), None)
    elif group == "facts":
        value = seen.facts.get(rest)
    else:
        clock = _clock(seen, rest)
        value = None if clock is None else clock.due if group == "due" else clock.stopped
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _weight(seen: Seen, count: CountDefinition) -> float:
    if not count.weight:
        return 1.0
    value = _value(seen, count.weight)
    if count.weights:
        return count.weights.get(str(value), 0.0)
    return float(value) if isinstance(value, int | float) else 0.0


def _excuses(seen: Seen) -> tuple[str, ...]:
    value = seen.facts.get(EXCUSED)
    return tuple(value) if isinstance(value, list) else (str(value),) if value else ()


def _holds(seen: Seen, where: Where) -> bool:
    value = _value(seen, where.path)
    values = value if isinstance(value, list | tuple) else [value]
    given = value not in (None, "", [], (), {}, False)
    number = value if isinstance(value, int | float) else None
    return (
        (where.given is None or where.given == given)
        and (not where.one_of or any(one in where.one_of for one in values))
        and not any(one in where.none_of for one in values)
        and (where.at_least is None or (number is not None and number >= where.at_least))
        and (where.at_most is None or (number is not None and number <= where.at_most))
    )


def _value(seen: Seen, path: str) -> Any:
    return value_at(cast(Case, seen), path)
