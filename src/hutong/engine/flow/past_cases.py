"""What happened to a case, from its journal: its clocks' starts and stops, and how long which unit had it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from hutong.engine.handle.notices import next_roles
from hutong.engine.handle.procedure import Compiled
from hutong.kernel.base import Instant
from hutong.kernel.case import Case
from hutong.kernel.ports import JournalRecord

EFFECTS = ("start", "restart", "stop", "pause", "resume", "extend")


@dataclass(frozen=True)
class ClockMove:
    """What an action did to a clock. `amount` and `unit`: its limit by then; `by` of an extension."""

    at: Instant
    clock: str
    effect: str
    amount: float
    unit: str
    by: float = 0.0


@dataclass(frozen=True)
class Stay:
    """A unit had the case to work on. `taken`: when somebody of it took it, if that was said; `until` None: it still has."""

    unit: int
    since: Instant
    taken: Instant | None
    until: Instant | None


@dataclass(frozen=True)
class Past:
    """A case as it stands, and what led there."""

    case: Case
    moves: tuple[ClockMove, ...]
    stays: tuple[Stay, ...]


def past_of(case: Case, records: Sequence[JournalRecord], compiled: Compiled) -> Past:
    """From all records about the case, oldest first. What was undone is as if it had not been."""
    return Past(case, tuple(_moves(records)), tuple(_stays(case, records, compiled)))


def _moves(records: Iterable[JournalRecord]) -> list[ClockMove]:
    by_record: list[tuple[str, list[ClockMove]]] = []
    for record in records:
        if record.kind == "case.undo":
            undone = record.facts.get("undone")
            last = next((n for n in reversed(range(len(by_record))) if by_record[n][0] == undone), None)
            if last is not None:
                del by_record[last]
            continue
        told = [one for one in record.explain.get("clocks", ()) if one.get("effect") in EFFECTS]
        by_record.append((str(record.facts.get("action")), [_move(record.at, one) for one in told]))
    return [move for _, moves in by_record for move in moves]


def _move(at: Instant, told: dict[str, Any]) -> ClockMove:
    by = float(told.get("by") or 0)
    return ClockMove(at, told["clock"], told["effect"], float(told["amount"]), told["unit"], by)


def _stays(case: Case, records: Iterable[JournalRecord], compiled: Compiled) -> list[Stay]:
    found: list[Stay] = []
    state, unit = "", None
    now: Stay | None = None
    for record in records:
        changed = record.changes.get(f"case/{case.id}")
        if changed is None:
            continue
        state, unit = changed.get("state", state), changed.get("organisation", unit)
        at_work = unit if unit is not None and _handled(compiled, state) else None
        if now is not None and now.unit != at_work:
            found.append(Stay(now.unit, now.since, now.taken, record.at))
            now = None
        if at_work is None:
            continue
        if now is None:
            now = Stay(at_work, record.at, None, None)
        if now.taken is None and changed.get("holder") is not None:
            now = Stay(now.unit, now.since, record.at, None)
    return [*found, now] if now is not None else found


def _handled(compiled: Compiled, state: str) -> bool:
    """Is it a handling unit's turn?"""
    known = state in compiled.states
    return known and any(compiled.roles[role].side == "handling" for role in next_roles(compiled, state))
