"""What a decision will do, told before it is made: who is called, which tasks, resources, clocks and roles change."""

from __future__ import annotations

import msgspec

from hutong.engine.flow.responding.gathering import AT_MOST, Gathering
from hutong.engine.flow.responding.roster import accounts, chain_of
from hutong.engine.respond.stock import Supply
from hutong.kernel.case import Case
from hutong.kernel.definition.plan import Call, Level, ModeDefinition, PlanDefinition, TaskDefinition
from hutong.kernel.errors import Invalid
from hutong.kernel.plan import Response
from hutong.kernel.query import IsNull, both, equals, field


class Called(msgspec.Struct, frozen=True):
    """A post and its people in the order of call (accounts)."""

    call: Call
    people: tuple[int, ...]


class Given(msgspec.Struct, frozen=True):
    """A task and its unit (None: nobody is found responsible)."""

    task: TaskDefinition
    organisation: int | None


class RoleGiven(msgspec.Struct, frozen=True):
    """A role that somebody holds while the mode is on."""

    account: int
    role: str


class Foresight(msgspec.Struct, frozen=True, kw_only=True):
    """What the level would do. `refused`: why the asker may not decide it. `mode_now`: it is on already."""

    refused: str
    calls: tuple[Called, ...]
    tasks: tuple[Given, ...]
    supplies: tuple[Supply, ...]
    mode: ModeDefinition | None
    mode_now: bool
    roles: tuple[RoleGiven, ...]
    running_cases: int
    """Open cases with clocks that the mode's limits may reach."""


def foreseen(
    gathering: Gathering, plan: PlanDefinition, level: Level, running: Response | None, refused: str
) -> Foresight:
    """What starting the level, or changing to it, would do; nothing is stored."""
    desk = gathering.desk
    directory, duty = desk.directory(), desk.rulebook.city.duty
    mode = desk.rulebook.modes.get(level.mode)
    on = level.mode in directory.modes_at(gathering.now)
    known: set[str] = set()
    if running is not None:
        children = gathering.reader.find(Case, equals("parent", running.case), limit=AT_MOST).rows
        known = {str(one.facts.get("task")) for one in children}
    people = {one.post: accounts(directory, one.people) for one in duty.posts}
    return Foresight(
        refused=refused,
        calls=tuple(Called(one, chain_of(directory, duty, one, gathering.now)) for one in level.calls),
        tasks=tuple(Given(one, _unit(gathering, level, one)) for one in level.tasks if one.name not in known),
        supplies=gathering.supplies(level, running.id if running else None),
        mode=mode,
        mode_now=on,
        roles=tuple(
            RoleGiven(account, role)
            for row in (mode.roster if mode and not on else ())
            for account in people.get(row.post, ())
            for role in row.roles
        ),
        running_cases=_reached(gathering, mode) if mode and not on else 0,
    )


def _unit(gathering: Gathering, level: Level, task: TaskDefinition) -> int | None:
    try:
        return gathering.unit(level, task)
    except Invalid:
        return None


def _reached(gathering: Gathering, mode: ModeDefinition) -> int:
    """Open cases of the kinds that the mode's limits are about."""
    kinds = {(row.kind, row.code) for row in mode.limits}
    found = 0
    for kind, code in kinds:
        where = both(equals("category/kind", kind), equals("category/code", code), IsNull(field("closed")))
        found += gathering.reader.count(Case, where)
    return found
