"""平战: a mode is on while a running response needs it.

Its limits hold for new clocks and its grants for all who ask from the commit that switches it; people of its roster get
their roles in the same commit. Clocks that run already are brought in line case by case afterwards: a switch that was broken
off goes on where it stood.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from hutong.engine.flow.responding.roster import accounts
from hutong.engine.handle.clocks import limit_of, with_next_due
from hutong.engine.handle.setting import Setting
from hutong.engine.respond.rebase import Limited, Rebased, switch_off, switch_on
from hutong.kernel.base import Entity, Instant, Provenance
from hutong.kernel.case import Case
from hutong.kernel.changes import Changes, Record
from hutong.kernel.definition.plan import ModeDefinition
from hutong.kernel.errors import Conflict
from hutong.kernel.party import Role
from hutong.kernel.plan import Mode
from hutong.kernel.ports import Reader
from hutong.kernel.query import Compare, In, IsNull, Value, both, equals, field

if TYPE_CHECKING:
    from hutong.engine.flow.cases import CaseDesk

BATCH = 200
TRIES = 4


def entered(desk: CaseDesk, reader: Reader, name: str, response: int, now: Instant) -> list[Entity]:
    """The mode with one more response that needs it, and the roles of its roster if it is switched on now."""
    standing = standing_mode(reader, name)
    if standing is not None:
        return [replace(standing, responses=(*standing.responses, response))]
    definition = desk.rulebook.modes[name]
    roles = _roster(desk, definition, now)
    id = desk.store.new_ids(1)[0]
    mode = Mode(id=id, name=name, since=now, responses=(response,), roles=tuple(one.id for one in roles))
    return [mode, *roles]


def left(
    desk: CaseDesk, reader: Reader, name: str, response: int, now: Instant, coming: Sequence[Mode] = ()
) -> list[Entity]:
    """The mode without this response. If none needs it any more it is off, and its roster's roles are taken back but those
    that another mode needs, which has them from then on; clocks are then brought in line with the modes that are still on.
    `coming`: modes as the same commit stores them."""
    mode = standing_mode(reader, name)
    if mode is None:
        return []
    needing = tuple(one for one in mode.responses if one != response)
    if needing:
        return [replace(mode, responses=needing)]
    off = replace(mode, responses=(), until=now, state="switching_off", after=0)
    stored = {one.id: one for one in reader.find(Mode, IsNull(field("until")), limit=100).rows}
    standing = {**stored, **{one.id: one for one in coming if one.until is None}}
    given = [one for one in reader.many(Role, mode.roles).values() if one.until is None]
    others_again: list[Entity] = []
    for other in standing.values():
        if other.id == mode.id:
            continue
        wanted = _wanted(desk, desk.rulebook.modes[other.name]) if other.name in desk.rulebook.modes else {}
        kept = [one for one in given if (one.account, one.role) in wanted]
        given = [one for one in given if one not in kept]
        roles = (*other.roles, *(one.id for one in kept))
        others_again.append(replace(other, state="switching_on", after=0, roles=roles))
    return [off, *others_again, *(replace(one, until=now) for one in given)]


def standing_mode(reader: Reader, name: str) -> Mode | None:
    """The row of a mode that is on."""
    found = reader.find(Mode, both(equals("name", name), IsNull(field("until"))), limit=1).rows
    return found[0] if found else None


def _wanted(desk: CaseDesk, definition: ModeDefinition) -> dict[tuple[int, str], None]:
    """(account, role) of the mode's roster, each once."""
    directory, duty = desk.directory(), desk.rulebook.city.duty
    people = {one.post: accounts(directory, one.people) for one in duty.posts}
    return dict.fromkeys(
        (account, role)
        for row in definition.roster
        for account in people.get(row.post, ())
        for role in row.roles
    )


def _roster(desk: CaseDesk, definition: ModeDefinition, now: Instant) -> list[Role]:
    """Roles that people of the mode's roster do not hold already."""
    directory, wanted = desk.directory(), _wanted(desk, definition)
    held = {
        (one.account, one.role)
        for roles in directory.held.values()
        for one in roles
        if one.place is None
        and one.organisation is None
        and one.since <= now
        and (one.until or now + 1) > now
    }
    missing = [one for one in wanted if one not in held]
    ids = desk.store.new_ids(len(missing)) if missing else range(0)
    made = Provenance("derived", f"roster of the mode {definition.name}")
    return [
        Role(id=id, account=account, role=role, since=now, provenance=made)
        for id, (account, role) in zip(ids, missing, strict=True)
    ]


class Switching:
    """Brings running clocks in line with modes that were switched."""

    def __init__(self, desk: CaseDesk) -> None:
        self.desk = desk

    def go_on(self) -> int:
        """All that is left to do; returns how many cases got other limits. What another process changed meanwhile is left
        to the next call."""
        with self.desk.store.reader() as reader:
            where = In(field("state"), ("switching_on", "switching_off"))
            waiting = reader.find(Mode, where, limit=100).rows
        changed = 0
        # What a mode gives back comes first: another that is still on may have a limit for it.
        for mode in sorted(waiting, key=lambda one: (one.state == "switching_on", one.id)):
            count, done = self._switch(mode)
            changed += count
            if not done:
                break
        return changed

    def _switch(self, mode: Mode) -> tuple[int, bool]:
        changed = 0
        while mode.state in ("switching_on", "switching_off"):
            for attempt in range(TRIES):
                try:
                    mode, count = self._batch(mode)
                    changed += count
                    break
                except Conflict:
                    if attempt == TRIES - 1:
                        return changed, False
                    with self.desk.store.reader() as reader:
                        mode = reader.get(Mode, mode.id)
        return changed, True

    def _batch(self, mode: Mode) -> tuple[Mode, int]:
        """The next cases after `mode.after`, in one commit with the mode's row."""
        now = self.desk.clock.city_time()
        with self.desk.store.reader() as reader:
            where = both(IsNull(field("closed")), Compare("gt", field("id"), Value(mode.after)))
            ids = sorted(int(id) for id in reader.columns(Case, ["id"], where)["id"])[:BATCH]
            cases = reader.many(Case, ids)
            setting = self.desk.setting(reader)
            rebased = [(case, self._rebased(case, mode, setting, now)) for case in cases.values()]
        done = len(ids) < BATCH
        after = replace(
            mode,
            after=ids[-1] if ids else mode.after,
            cases=mode.cases + sum(one is not None for _, one in rebased),
            state=mode.state if not done else ("on" if mode.state == "switching_on" else "off"),
        )
        found = [one for _, one in rebased if one is not None]
        records = [self._record(one, mode, now) for one in found]
        told = Record(
            kind=f"mode.{after.state}",
            actor=0,
            at=now,
            subjects=(("mode", mode.id),),
            facts={"mode": mode.name, "cases": len(found), "after": after.after},
        )
        self.desk.store.apply(Changes(puts=(after, *(one.case for one in found)), records=(told, *records)))
        with self.desk.store.reader() as reader:
            return reader.get(Mode, mode.id), len(found)

    def _rebased(self, case: Case, mode: Mode, setting: Setting, now: Instant) -> Rebased | None:
        compiled = self.desk.rulebook.procedure(case)
        definitions, calendar = dict(compiled.clocks), setting.calendar
        if mode.state == "switching_off":
            found = switch_off(case, now, definitions, calendar, mode.name)
        else:
            definition = self.desk.rulebook.modes.get(mode.name)
            if definition is None:
                return None

            def limit(one: Case, clock: str) -> Limited | None:
                found = limit_of(one, compiled.clocks[clock], compiled, setting, now)
                row = found.row if found else None
                return Limited(row.amount, row.unit) if row is not None and row.mode else None

            found = switch_on(case, limit, definition.running, now, definitions, calendar, mode.name)
        if found is None:
            return None
        return replace(found, case=with_next_due(found.case, compiled, setting))

    def _record(self, rebased: Rebased, mode: Mode, now: Instant) -> Record:
        case, on = rebased.case, mode.state == "switching_on"
        return Record(
            kind="case.mode_on" if on else "case.mode_off",
            actor=0,
            at=now,
            subjects=(("case", case.id),),
            facts={
                "action": "mode_on" if on else "mode_off",
                "mode": mode.name,
                "from": case.state,
                "to": case.state,
            },
            explain={
                "procedure": case.procedure,
                "definition": case.definition,
                "clocks": list(rebased.effects),
                "mode": mode.name,
            },
            cause=case.cause,
        )
