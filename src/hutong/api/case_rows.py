"""Cases as rows of lists: what, where, whose, and the clock that runs now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import msgspec

from hutong.api.house import House
from hutong.api.shapes import Named, PlaceName, Position, organisation, place_name, point, time_of
from hutong.kernel import caseclock
from hutong.kernel.base import Instant, Label, Provenance
from hutong.kernel.case import Case, CaseClock, Category
from hutong.kernel.ports import Reader
from hutong.kernel.query import Field, In
from hutong.kernel.worktime import LIMIT_UNITS, LimitUnit


class CategoryShape(msgspec.Struct, frozen=True):
    """What a case is about; a component and its matter share five digits, so kind and code together are the key."""

    kind: str
    code: str
    label: Label


class Left(msgspec.Struct, frozen=True):
    """What is left of a limit, negative once it is overdue, in the clock's own unit."""

    amount: float
    unit: str
    unit_label: Label


class RunningClock(msgspec.Struct, frozen=True, kw_only=True):
    """A clock of a case. `tone`: calm, amber (a share of the limit left), red (overdue), paused or stopped."""

    name: str
    label: Label
    due: str | None
    left: Left
    share_left: float
    tone: str
    overdue: bool


class Supervised(msgspec.Struct, frozen=True, kw_only=True):
    """督办: since when, by whom (None: the platform, as a clock ran out), at which step up the line (0: a person's), and
    whether an answer is waited for."""

    since: str | None
    by: Named | None
    level: int
    note: str
    awaiting: bool


class CaseRow(msgspec.Struct, frozen=True, kw_only=True):
    """A case in lists. `clock` is the one that runs out first; `joined` how many cases were joined to it."""

    id: int
    version: int
    number: str
    procedure: str
    state: str
    state_label: Label
    category: CategoryShape
    title: Label
    source: str
    urgency: str
    position: Position | None
    position_text: str
    place: PlaceName | None
    organisation: Named | None
    opened: str
    closed: str | None
    ending: str
    clock: RunningClock | None
    warnings: int
    joined: int
    holder: Named | None
    supervised: Supervised | None
    taken_over: bool
    simulated: bool
    provenance: Provenance


def case_rows(
    house: House, reader: Reader, cases: Sequence[Case], at: Instant | None = None
) -> list[CaseRow]:
    """`at`: city time that their clocks are read at (default: now)."""
    joined = joined_counts(reader, [one.id for one in cases])
    return [CaseRow(**row_fields(house, one, joined[one.id], at)) for one in cases]


def joined_counts(reader: Reader, ids: Sequence[int]) -> Counter[int]:
    """Case → how many cases were joined to it."""
    if not ids:
        return Counter()
    rows = reader.find(Case, In(Field(("joined_to",)), tuple(ids)), limit=5000).rows
    return Counter(one.joined_to for one in rows if one.joined_to is not None)


def row_fields(house: House, case: Case, joined: int, at: Instant | None = None) -> dict[str, Any]:
    directory = house.directory
    compiled = house.rulebook.procedure(case)
    holder = case.holder
    return {
        "id": case.id,
        "version": case.version,
        "number": case.number,
        "procedure": case.procedure,
        "state": case.state,
        "state_label": compiled.states[case.state].label,
        "category": CategoryShape(
            case.category.kind, case.category.code, category_label(house, case.category)
        ),
        "title": case.title,
        "source": case.source,
        "urgency": case.urgency,
        "position": point(case.position),
        "position_text": case.position_text,
        "place": place_name(directory, case.place),
        "organisation": organisation(directory, case.organisation),
        "opened": time_of(case.opened),
        "closed": time_of(case.closed),
        "ending": case.ending,
        "clock": running_clock(house, case, house.now() if at is None else at),
        "warnings": len(case.warnings),
        "joined": joined,
        "holder": Named(holder, directory.account_name(holder)) if holder else None,
        "supervised": _supervised(house, case),
        "taken_over": bool(case.facts.get("taken_over")),
        "simulated": case.provenance.kind == "simulated",
        "provenance": case.provenance,
    }


def _supervised(house: House, case: Case) -> Supervised | None:
    mark = case.facts.get("supervised")
    if not isinstance(mark, dict) or case.closed is not None:
        return None
    by = mark.get("by")
    return Supervised(
        since=time_of(mark.get("since")),
        by=Named(by, house.directory.account_name(by)) if by else None,
        level=int(mark.get("level", 0)),
        note=str(mark.get("note", "")),
        awaiting=bool(mark.get("awaiting")),
    )


def category_label(house: House, category: Category) -> Label:
    return house.rulebook.category_names.get(category, Label(category.code, category.code))


def running_clock(house: House, case: Case, now: Instant) -> RunningClock | None:
    """Of the clocks that run, the one that runs out first; else one that stands still."""
    if case.closed is not None:
        return None
    running = sorted((one for one in case.clocks if one.mark == "running"), key=lambda one: one.due or 0)
    waiting = [one for one in case.clocks if one.mark == "paused"]
    chosen = next(iter([*running, *waiting]), None)
    return clock_shape(house, case, chosen, now) if chosen else None


def clock_shape(house: House, case: Case, clock: CaseClock, now: Instant) -> RunningClock:
    definition = house.rulebook.procedure(case).clocks.get(clock.name)
    left = caseclock.left(clock, now, house.rulebook.calendar)
    overdue = is_overdue(clock, now)
    share = max(0.0, left / clock.amount) if clock.amount > 0 else 0.0
    warn_left = definition.warn_left if definition else 0.25
    return RunningClock(
        name=clock.name,
        label=definition.label if definition else Label(clock.name, clock.name),
        due=time_of(clock.due),
        left=Left(round(left, 3), clock.unit, unit_label(clock.unit)),
        share_left=round(share, 4),
        tone=_tone(clock, overdue, share, warn_left),
        overdue=overdue,
    )


def is_overdue(clock: CaseClock, now: int) -> bool:
    return clock.overdue or (clock.mark == "running" and clock.due is not None and now > clock.due)


def _tone(clock: CaseClock, overdue: bool, share: float, warn_left: float) -> str:
    if clock.mark != "running":
        return clock.mark
    if overdue:
        return "red"
    return "amber" if share <= warn_left else "calm"


def unit_label(unit: str) -> Label:
    zh, en = LIMIT_UNITS[LimitUnit(unit)]
    return Label(zh, en)
