"""How many cases stand where, without counting them: counters that are kept for each place and organisation.

A case is counted in the same commit that changes it, so the figures are exact at any time. What is not kept is read from an
index: the few cases whose limit ran out since the last tick, and those that somebody holds himself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hutong.api.access import cases_predicate
from hutong.api.house import House
from hutong.engine.handle.notices import next_roles
from hutong.engine.handle.procedure import Compiled
from hutong.kernel.access import Actor, predicate
from hutong.kernel.case import Case
from hutong.kernel.ports import Reader
from hutong.kernel.query import (
    EVERYTHING,
    NOTHING,
    Compare,
    Expr,
    Field,
    In,
    InScope,
    IsNull,
    Not,
    Or,
    Value,
    both,
    equals,
    field,
)

MOST = 10_000_000
HELD = 5000
WHOLE = 0
"""The scope that every case is in."""
TREES = ("division", "community", "unit_grid")
"""Trees in which a place has one parent, so that places of which none lies in another have no case in common."""


def late(now: int) -> Expr:
    """Open cases with a running clock that is used up."""
    return both(IsNull(field("closed")), Compare("lt", Field(("late_from",)), Value(now)))


@dataclass(frozen=True)
class Turn:
    """States of a procedure in which the actor is next: anywhere, or only with cases of his units."""

    procedure: str
    free: tuple[str, ...]
    of_units: tuple[str, ...]


def turns(house: House, actor: Actor) -> Iterator[Turn]:
    """A handling role is next for cases of its own unit."""
    for name, compiled in house.rulebook.procedures.items():
        mine = {state: set(next_roles(compiled, state)) & set(actor.roles) for state in compiled.states}
        handling = {role for role in actor.roles if _handles(compiled, role)}
        free = tuple(state for state, roles in mine.items() if roles - handling)
        of_units = tuple(state for state, roles in mine.items() if roles and not roles - handling)
        yield Turn(name, free, of_units)


def _handles(compiled: Compiled, role: str) -> bool:
    return role in compiled.roles and compiled.roles[role].side == "handling"


def own_units(house: House, actor: Actor) -> tuple[int, ...]:
    """The actor's unit, those above it and those below."""
    own, directory = actor.organisation, house.directory
    if own is None:
        return ()
    below = [id for id in directory.organisations if own in directory.ancestors(id)]
    return tuple(dict.fromkeys((*directory.ancestors(own), *below)))


def my_turn(house: House, reader: Reader, actor: Actor) -> Expr:
    """Cases that wait for one of the actor's roles (a handling role: for its own unit), or that the actor took. These are
    few and named one by one, so that the rest can be told from what lists are read from."""
    took = reader.columns(Case, ("id",), both(equals("holder", actor.account), IsNull(field("closed"))))
    choices: list[Expr] = [In(field("id"), tuple(took["id"]))] if took["id"] else []
    units = own_units(house, actor)
    for turn in turns(house, actor):
        of = equals("procedure", turn.procedure)
        if turn.free:
            choices.append(both(of, In(Field(("state",)), turn.free)))
        if turn.of_units and units:
            here = In(Field(("organisation",)), units)
            choices.append(both(of, In(Field(("state",)), turn.of_units), here))
    return both(IsNull(field("closed")), Or(tuple(choices)))


class Tally:
    """The counts of what one actor may read. `scopes`: procedure → scopes without a case in common whose cases are those
    (None: they overlap, so rows must be counted)."""

    def __init__(self, house: House, reader: Reader, actor: Actor) -> None:
        self.house, self.reader, self.actor = house, reader, actor
        self.allowed = cases_predicate(actor, "read", house.rulebook)
        self.scopes = {name: self._scopes(name) for name in house.rulebook.procedures}
        self._kept: dict[str, dict[str, int]] = {}

    def _scopes(self, procedure: str) -> tuple[int, ...] | None:
        allowed = predicate(self.actor, "read", procedure)
        if allowed == EVERYTHING:
            return (WHOLE,)
        if allowed == NOTHING:
            return ()
        parts = allowed.parts if isinstance(allowed, Or) else (allowed,)
        if not all(isinstance(part, InScope) and len(part.ids) == 1 for part in parts):
            return None
        return self._apart([part.ids[0] for part in parts if isinstance(part, InScope)])

    def _apart(self, ids: list[int]) -> tuple[int, ...] | None:
        """The scopes that lie in no other of them; None if these may share cases."""
        directory = self.house.directory
        widest = [one for one in ids if not set(directory.ancestors(one)[1:]) & set(ids)]
        if len(widest) == 1:
            return tuple(widest)
        trees = {directory.places[one].tree if one in directory.places else "" for one in widest}
        return tuple(widest) if len(trees) == 1 and trees <= set(TREES) else None

    def _counters(self, name: str) -> dict[str, int]:
        known = self._kept.get(name)
        if known is None:
            known = self._kept[name] = self.reader.counters(name)
        return known

    def of_state(self, procedure: str, state: str) -> int:
        """Cases of a procedure in a state."""
        scopes = self.scopes[procedure]
        if scopes is None:
            ended = self.house.rulebook.procedures[procedure].ended(state)
            phase = Not(IsNull(field("closed"))) if ended else IsNull(field("closed"))
            where = both(self.allowed, phase, equals("procedure", procedure), equals("state", state))
            return self.reader.count(Case, where, at_most=MOST)
        names = ("case.state" if one == WHOLE else f"case.state.{one}" for one in scopes)
        return sum(self._counters(name).get(f"{procedure}/{state}", 0) for name in names)

    def open(self) -> int:
        """Cases that have not ended."""
        return sum(
            self.of_state(name, state)
            for name, compiled in self.house.rulebook.procedures.items()
            for state in compiled.states
            if not compiled.ended(state)
        )

    def overdue(self) -> int:
        """Those told to be overdue, as kept; and those whose limit ran out since."""
        now = self.house.now()
        if None in self.scopes.values():
            return self.reader.count(Case, both(self.allowed, late(now)), at_most=MOST)
        told = sum(
            self._counters(f"case.late.{one}").get(name, 0)
            for name, scopes in self.scopes.items()
            for one in scopes or ()
        )
        since = both(self.allowed, Compare("gt", Field(("late_from",)), Value(0)), late(now))
        return told + self.reader.count(Case, since, at_most=MOST)

    def mine(self, of: str | None = None) -> int:
        """Cases that wait for the actor, of all procedures or of one."""
        found = 0
        own, units = self.actor.organisation, own_units(self.house, self.actor)
        mine = {
            turn.procedure: turn for turn in turns(self.house, self.actor) if of in (None, turn.procedure)
        }
        for turn in mine.values():
            found += sum(self.of_state(turn.procedure, state) for state in turn.free)
            if not turn.of_units or not units:
                continue
            if self.scopes[turn.procedure] == (own,):
                found += sum(self.of_state(turn.procedure, state) for state in turn.of_units)
            else:
                found += self._of_units(turn, units)
        return found + self._held(mine, units, of)

    def _of_units(self, turn: Turn, units: tuple[int, ...]) -> int:
        here = both(In(Field(("organisation",)), units), In(Field(("state",)), turn.of_units))
        where = both(self.allowed, IsNull(field("closed")), equals("procedure", turn.procedure), here)
        return self.reader.count(Case, where, at_most=MOST)

    def _held(self, mine: dict[str, Turn], units: tuple[int, ...], of: str | None) -> int:
        """Cases that the actor took and that do not wait for him otherwise."""
        one = None if of is None else equals("procedure", of)
        where = both(self.allowed, equals("holder", self.actor.account), IsNull(field("closed")), one)
        held = self.reader.columns(Case, ("procedure", "state", "organisation"), where)
        found = 0
        for procedure, state, unit in zip(*held.values(), strict=True):
            turn = mine.get(procedure)
            waits = turn is not None and (state in turn.free or (state in turn.of_units and unit in units))
            found += not waits
        return found
