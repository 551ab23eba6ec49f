"""GET /procedures: how cases are handled, drawn and counted; which versions running cases keep."""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec
from litestar import Router, get
from litestar.params import FromPath

from hutong.api import procedure_shapes as shapes
from hutong.api.access import CASE, access, cases_predicate
from hutong.api.case_counts import Tally
from hutong.api.house import House
from hutong.api.requests import TheActor, TheHouse
from hutong.engine.handle.differences import Difference, affected
from hutong.engine.handle.procedure import Compiled
from hutong.kernel.access import Actor
from hutong.kernel.base import Label
from hutong.kernel.case import Case
from hutong.kernel.errors import NotFound
from hutong.kernel.ports import Reader
from hutong.kernel.query import IsNull, both, field

CHANGED_KEPT = 3600.0
"""Seconds: what is stored under a digest never changes."""
OLDER_KEPT = 10.0
"""Seconds for which it is remembered how many cases run on older versions: no case comes to run on one."""
Standing = dict[tuple[str, str], Counter[str]]
"""(procedure, digest) → state → open cases."""


class ProcedureRow(msgspec.Struct, frozen=True, kw_only=True):
    """A procedure; `open`: its open cases that the asker may read, `older` those of them on an older version."""

    name: str
    label: Label
    noun: Label
    pack: str
    digest: str
    states: int
    actions: int
    open: int
    older: int


class VersionShape(msgspec.Struct, frozen=True, kw_only=True):
    """A version that open cases run on. `differences`: what is otherwise in the current one, which is not theirs; `lost`:
    what they can no longer do because a role or a right is gone."""

    digest: str
    current: bool
    open: dict[str, int]
    differences: list[Difference]
    lost: list[str]


class ProcedurePage(ProcedureRow, frozen=True, kw_only=True):
    """A procedure with all its parts."""

    number: str
    start: str
    state_list: list[shapes.StateShape]
    action_list: list[shapes.ActionShape]
    clocks: list[shapes.ClockShape]
    limits: list[shapes.LimitShape]
    separation: list[list[Label]]
    versions: list[VersionShape]


@get("/procedures", guards=[access("read", CASE)], sync_to_thread=True, summary="Procedures")
def list_procedures(house: TheHouse, actor: TheActor) -> list[ProcedureRow]:
    """Every procedure of the city's packs, with the open cases that run on it."""
    with house.store.reader() as reader:
        standing = _standing(house, reader, actor)
    return [ProcedureRow(**_row(one, standing)) for one in house.rulebook.procedures.values()]


@get("/procedures/{name:str}", guards=[access("read", CASE)], sync_to_thread=True, summary="One procedure")
def one_procedure(house: TheHouse, actor: TheActor, name: FromPath[str]) -> ProcedurePage:
    """States, actions with who and under which conditions, clocks, limits of city and pack, separation, versions."""
    compiled = house.rulebook.procedures.get(name)
    if compiled is None:
        raise NotFound("procedure", f"there is no procedure {name!r}", "see GET /procedures")
    with house.store.reader() as reader:
        standing = _standing(house, reader, actor)
        setting = house.context.cases.setting(reader)
        versions = _versions(house, compiled, standing)
    counted = standing.get((compiled.name, compiled.digest), Counter())
    names = {one.name: one.procedure.label for one in house.rulebook.procedures.values()}
    label = {one.name: one.label for one in compiled.procedure.actions}
    return ProcedurePage(
        **_row(compiled, standing),
        number=compiled.procedure.number,
        start=compiled.procedure.start,
        state_list=shapes.states(compiled, dict(counted)),
        action_list=shapes.actions(compiled, setting, names),
        clocks=shapes.clocks(compiled),
        limits=shapes.limits(compiled, setting.limits),
        separation=[[label[one], label[other]] for one, other in compiled.procedure.separation],
        versions=versions,
    )


def _row(compiled: Compiled, standing: Standing) -> dict[str, Any]:
    own = {digest: states for (name, digest), states in standing.items() if name == compiled.name}
    return {
        "name": compiled.name,
        "label": compiled.procedure.label,
        "noun": compiled.procedure.noun,
        "pack": compiled.name.partition(".")[0],
        "digest": compiled.digest,
        "states": len(compiled.states),
        "actions": len(compiled.actions),
        "open": sum(states.total() for states in own.values()),
        "older": sum(states.total() for digest, states in own.items() if digest != compiled.digest),
    }


def _versions(house: House, compiled: Compiled, standing: Standing) -> list[VersionShape]:
    found = []
    for (name, digest), states in standing.items():
        if name != compiled.name:
            continue
        version = house.rulebook.procedure_of(digest)
        seen = affected(digest, version, compiled, states, house.rulebook.roles)
        found.append(
            VersionShape(
                digest=digest,
                current=digest == compiled.digest,
                open=seen.states,
                differences=list(seen.differences),
                lost=list(seen.lost),
            )
        )
    return sorted(found, key=lambda one: (not one.current, one.digest))


def _standing(house: House, reader: Reader, actor: Actor) -> Standing:
    """By kept counters; only which of the open cases run on older versions is read, and kept for some seconds."""
    older = _older(house, reader, actor)
    tally = Tally(house, reader, actor)
    found: Standing = dict(older)
    for name, compiled in house.rulebook.procedures.items():
        behind = Counter[str]()
        for (other, _), states in older.items():
            behind += states if other == name else Counter()
        now = {
            state: tally.of_state(name, state) - behind[state]
            for state in compiled.states
            if not compiled.ended(state)
        }
        if any(n > 0 for n in now.values()):
            found[name, compiled.digest] = Counter({state: n for state, n in now.items() if n > 0})
    return found


def _older(house: House, reader: Reader, actor: Actor) -> Standing:
    """Open cases that the asker may read and that run on another version than new ones."""
    allowed = cases_predicate(actor, "read", house.rulebook)
    digests = {name: one.digest for name, one in house.rulebook.procedures.items()}

    def count() -> Standing:
        found: Standing = {}
        if not _changed(house, reader):
            return found
        where = both(allowed, IsNull(field("closed")))
        columns = reader.columns(Case, ("procedure", "definition", "state"), where)
        for procedure, digest, state in zip(*columns.values(), strict=True):
            if digest != digests.get(procedure):
                found.setdefault((procedure, digest), Counter())[state] += 1
        return found

    return house.cached(("older", repr(allowed), tuple(digests.items())), OLDER_KEPT, count)


class _Parts(msgspec.Struct):
    """What only a procedure has."""

    actions: list[msgspec.Raw] = []


class _Stored(msgspec.Struct):
    definition: _Parts


def _changed(house: House, reader: Reader) -> bool:
    """Whether the store keeps a procedure that is not the current one: only then can a case run on an older version."""
    known = frozenset(reader.definitions()) - {one.digest for one in house.rulebook.procedures.values()}

    def look() -> bool:
        decoded = (msgspec.json.decode(reader.definition(one), type=_Stored) for one in known)
        return any(one.definition.actions for one in decoded)

    return house.cached(("changed procedures", known), CHANGED_KEPT, look)


router = Router("/", route_handlers=[list_procedures, one_procedure], tags=["procedures"])
