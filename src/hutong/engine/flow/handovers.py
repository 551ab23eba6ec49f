"""交接班: sheets that write themselves when the shift changes, signed by the one who goes and the one who comes."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from hutong.engine.directory import Directory
from hutong.engine.flow.measuring import Measuring
from hutong.engine.flow.shift_content import ShiftContent
from hutong.engine.flow.shift_times import changes_around
from hutong.engine.rulebook import Rulebook
from hutong.kernel.access import Actor, decide
from hutong.kernel.base import Facts, Instant
from hutong.kernel.case import Case
from hutong.kernel.changes import Changes, Record
from hutong.kernel.clock import Clock
from hutong.kernel.errors import Conflict, Forbidden, Refused
from hutong.kernel.handover import Handover
from hutong.kernel.ports import Reader, Store
from hutong.kernel.query import Compare, Field, Order, Value, both, equals

SIDES = ("supervision", "command")
"""Whose desks change shifts: those of the centre."""


class HandoverDesk:
    """Drafts, signs and takes over sheets."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        rulebook: Rulebook,
        directory: Callable[[], Directory],
        measuring: Measuring,
    ) -> None:
        self.store = store
        self.clock = clock
        self.rulebook = rulebook
        self.directory = directory
        self.measuring = measuring
        self.desks = _desks(rulebook)
        self.content = ShiftContent(rulebook, measuring, self.desks)
        self._looked: Instant = 0

    def tick(self) -> int:
        """Drafts the sheets of the shift that ended last, once; returns how many. Cheap while no shift ends."""
        times = self.rulebook.city.head.shifts
        now = self.clock.city_time()
        if not times or now < self._looked:
            return 0
        since, until, following = changes_around(now, times, self.rulebook.zone)
        with self.store.reader() as reader:
            missing = [name for name in self.desks if _sheet(reader, name, until) is None]
            if not missing or not self._began(reader, until):
                self._looked = following
                return 0
            found = self.content.found(reader, since, until, now, following)
        drafted = self._draft({name: found[name] for name in missing}, since, until, 0)
        self._looked = following
        return len(drafted)

    def draft(self, desk: str, actor: Actor, *, key: str | None = None, digest: str = "") -> Handover:
        """A sheet of the shift so far, for somebody who hands over before it ends."""
        self._may_write(desk, actor)
        times = self.rulebook.city.head.shifts
        if not times:
            raise Refused("shifts", "the city has no shifts", "name them in city.yaml", zh="本市未设班次")
        now = self.clock.city_time()
        _, since, following = changes_around(now, times, self.rulebook.zone)
        with self.store.reader() as reader:
            found = self.content.found(reader, since, now, now, following)
        (row,) = self._draft({desk: found[desk]}, since, now, actor.account, key, digest)
        return row

    def note(self, id: int, notes: str, actor: Actor, version: int | None = None) -> Handover:
        """What the person who goes adds; possible until it is signed."""
        row = self._own(id, actor, version)
        if row.state != "drafted":
            raise _locked(row)
        return self._put(replace(row, notes=notes), "note", actor)

    def sign(self, id: int, actor: Actor, version: int | None = None) -> Handover:
        """The one who goes hands over."""
        row = self._own(id, actor, version)
        if row.state != "drafted":
            raise _locked(row)
        now = self.clock.city_time()
        return self._put(replace(row, state="signed", given_by=actor.account, given_at=now), "sign", actor)

    def take(self, id: int, remark: str, actor: Actor, version: int | None = None) -> Handover:
        """The one who comes confirms; nothing changes afterwards."""
        row = self._own(id, actor, version)
        if row.state != "signed":
            reason = "it has not been signed yet" if row.state == "drafted" else "it was taken over already"
            zh = "交班人尚未签字" if row.state == "drafted" else "已有人接班"
            raise Refused("handover.take", reason, "ask the one who goes to sign it", zh=zh)
        if row.given_by == actor.account:
            raise Refused(
                "handover.take",
                "the same person handed it over",
                "the next shift confirms it",
                zh="交班人不能自己接班",
            )
        now = self.clock.city_time()
        taken = replace(row, state="taken", taken_by=actor.account, taken_at=now, remark=remark)
        return self._put(taken, "take", actor)

    def _draft(
        self,
        contents: dict[str, Facts],
        since: Instant,
        until: Instant,
        account: int,
        key: str | None = None,
        digest: str = "",
    ) -> list[Handover]:
        now = self.clock.city_time()
        ids = self.store.new_ids(len(contents))
        rows = [
            Handover(id=id, desk=desk, since=since, until=until, drafted=now, content=content)
            for id, (desk, content) in zip(ids, contents.items(), strict=True)
        ]
        record = Record(
            kind="handover.draft",
            actor=account,
            at=min(now, until) if account == 0 else now,
            subjects=tuple(("handover", one.id) for one in rows),
            facts={"desks": list(contents), "until": until},
        )
        applied = self.store.apply(
            Changes(
                puts=tuple(rows),
                records=(record,),
                idempotency_key=key,
                request_digest=digest,
                response=rows[0].id,
            )
        )
        with self.store.reader() as reader:
            return [
                reader.get(Handover, one)
                for one in ([int(applied.response)] if applied.repeated else [row.id for row in rows])
            ]

    def _own(self, id: int, actor: Actor, version: int | None) -> Handover:
        with self.store.reader() as reader:
            row = reader.get(Handover, id)
        self._may_write(row.desk, actor)
        if version is not None and version != row.version:
            raise Conflict(
                "handover",
                "somebody changed the sheet meanwhile",
                "look at it again",
                expected=version,
                found=row.version,
            )
        return row

    def _may_write(self, desk: str, actor: Actor) -> None:
        """Those who work at the desk, and those who manage it."""
        if desk not in self.desks:
            raise Refused("desk", f"there is no desk {desk!r}", "choose one of " + ", ".join(self.desks))
        if desk not in actor.roles and not decide(actor, "manage", "handover").allowed:
            role = self.rulebook.roles[desk].label
            raise Forbidden(
                "handover",
                f"only {role.text('en')} hands this desk over",
                "ask somebody of the desk",
                zh=f"只有{role.zh}可以办理本岗位的交接班",
            )

    def _put(self, row: Handover, deed: str, actor: Actor) -> Handover:
        record = Record(
            kind=f"handover.{deed}",
            actor=actor.account,
            at=self.clock.city_time(),
            subjects=(("handover", row.id),),
            facts={"desk": row.desk, "state": row.state},
        )
        self.store.apply(Changes(puts=(row,), records=(record,)))
        with self.store.reader() as reader:
            return reader.get(Handover, row.id)

    def _began(self, reader: Reader, until: Instant) -> bool:
        """Whether there is anything a first shift could leave: a new city has no past."""
        opened = Compare("lt", Field(("opened",)), Value(until))
        return reader.count(Case, opened, at_most=1) > 0


def _sheet(reader: Reader, desk: str, until: Instant) -> Handover | None:
    rows = reader.find(Handover, both(equals("desk", desk), equals("until", until)), limit=1).rows
    return rows[0] if rows else None


def _desks(rulebook: Rulebook) -> tuple[str, ...]:
    """Roles of the centre that have a turn in some procedure and may read the sheets: those who could sign them."""
    turns = {
        role
        for compiled in rulebook.procedures.values()
        for state in compiled.procedure.states
        for role in state.turn
    }
    readers = {
        name for name, role in rulebook.roles.items() if {"*", "handover"} & {*role.may.get("read", ())}
    }
    centre = {name for name, role in rulebook.roles.items() if role.side in SIDES}
    return tuple(name for name in rulebook.roles if name in turns & readers & centre)


def _locked(row: Handover) -> Refused:
    when = "taken over" if row.state == "taken" else "signed"
    return Refused(
        "handover",
        f"the sheet was {when} and is locked",
        "write what is missing into the next one",
        zh="交接班单已签字，不能再改",
    )


def latest(
    reader: Reader, desk: str | None, after: str | None, limit: int
) -> tuple[tuple[Handover, ...], str | None]:
    """A page of sheets, the newest first."""
    order = (Order(("until",), descending=True),)
    where = equals("desk", desk) if desk else both()
    page = reader.find(Handover, where, order=order, limit=limit, after=after)
    return page.rows, page.after
