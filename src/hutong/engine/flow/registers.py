"""Households, registers and visits: loads what `engine.registers` needs, checks who may, commits what it decided."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import count

import msgspec

from hutong.engine.directory import Directory
from hutong.engine.flow.cases import Act, CaseDesk, open_cases
from hutong.engine.register_fields import Catalogue
from hutong.engine.registers import Answers, Filled, Member, Setting, Standing, fill
from hutong.kernel.access import Actor, decide
from hutong.kernel.base import Facts, noun_name
from hutong.kernel.case import Case
from hutong.kernel.changes import Changes, Record
from hutong.kernel.clock import local_date
from hutong.kernel.errors import Conflict, Forbidden, Invalid
from hutong.kernel.party import Party
from hutong.kernel.ports import Reader
from hutong.kernel.query import equals
from hutong.kernel.register import Household, RegisterEntry, Visit

NOUN = "household"
CONSULT = "consult"
"""The verb that shows households and entries: a right to read everything does not reach into people's homes."""
MOST = 500
"""Entries of one household."""


class NewHousehold(msgspec.Struct, frozen=True, kw_only=True):
    """A dwelling that nobody registered before."""

    code: str
    place: int
    position: bytes | None = None


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """A visit to save. `version`: of the household as it was read (None: whatever it is now)."""

    answers: Answers
    household: int | None = None
    new: NewHousehold | None = None
    kind: str = "visit"
    version: int | None = None
    device: Facts = {}
    key: str | None = None
    digest: str = ""


class Saved(msgspec.Struct, frozen=True, kw_only=True):
    """What a visit did; `ended`: cases that it ended (visits that were due)."""

    visit: Visit
    changed: tuple[str, ...] = ()
    ended: tuple[int, ...] = ()


class RegisterDesk:
    """The registers of one city."""

    def __init__(self, cases: CaseDesk) -> None:
        self.cases = cases
        self.store = cases.store
        self.clock = cases.clock
        self.rulebook = cases.rulebook

    @cached_property
    def catalogue(self) -> Catalogue:
        packs = self.rulebook.city.packs
        fields = [one for pack in packs for one in pack.register_fields]
        return Catalogue(fields, [one for pack in packs for one in pack.registers])

    @property
    def directory(self) -> Directory:
        return self.cases.directory()

    def standing(self, reader: Reader, household: Household) -> Standing:
        """The household with its entries and everybody that they are about."""
        entries = reader.find(RegisterEntry, equals("household", household.id), limit=MOST).rows
        own = tuple(one for one in entries if one.subject is None)
        by_party: dict[int, list[RegisterEntry]] = {}
        for one in entries:
            if one.subject is not None:
                by_party.setdefault(one.subject, []).append(one)
        parties = reader.many(Party, list(by_party))
        members = tuple(
            Member(party=parties[id], entries=tuple(found)) for id, found in by_party.items() if id in parties
        )
        return Standing(household=household, entries=own, members=members)

    def save(self, seen: Seen, actor: Actor) -> Saved:
        """Saves the visit, or says what is wrong with it; all registers change in one commit, or none."""
        with self.store.reader() as reader:
            standing = self._wanted(reader, seen, actor)
            filled = fill(self.catalogue, standing, seen.answers, self.setting(reader, seen, actor))
        changes = Changes(
            puts=filled.puts,
            records=(_record(filled, actor, seen),),
            idempotency_key=seen.key,
            request_digest=seen.digest,
            response=filled.visit.id,
        )
        applied = self.store.apply(changes)
        if applied.repeated:
            return self.saved(int(applied.response))
        return Saved(
            visit=filled.visit,
            changed=filled.changed,
            ended=self._ended(standing.household, filled, actor, seen),
        )

    def saved(self, visit: int) -> Saved:
        """A visit that was saved before."""
        with self.store.reader() as reader:
            return Saved(visit=reader.get(Visit, visit))

    def preview(self, reader: Reader, seen: Seen, actor: Actor) -> Filled:
        """What `save` would do."""
        standing = self._wanted(reader, seen, actor)
        return fill(self.catalogue, standing, seen.answers, self.setting(reader, seen, actor))

    def setting(self, reader: Reader, seen: Seen, actor: Actor) -> Setting:
        now = self.clock.city_time()
        fresh = self._fresh()
        return Setting(
            account=actor.account,
            now=now,
            today=local_date(now, self.rulebook.zone),
            visit=next(fresh),
            kind=seen.kind,
            device=seen.device,
            fresh=lambda: next(fresh),
            known=lambda field, value: _known(reader, field, value),
        )

    def _fresh(self) -> Iterator[int]:
        for _ in count():
            yield from self.store.new_ids(16)

    def _wanted(self, reader: Reader, seen: Seen, actor: Actor) -> Standing:
        if seen.household is not None:
            household = reader.get(Household, seen.household)
            self.check(actor, household.place)
            if seen.version is not None and household.version != seen.version:
                raise Conflict(
                    NOUN, "somebody was there meanwhile", "read it again", expected=seen.version,
                    found=household.version, zh="这户刚有别人走访过，请重新载入后再填",
                )  # fmt: skip
            return self.standing(reader, household)
        if seen.new is None:
            raise Invalid(NOUN, "is missing", "name a household, or give a new one")
        return Standing(household=self._founded(reader, seen.new, actor))

    def _founded(self, reader: Reader, new: NewHousehold, actor: Actor) -> Household:
        self.check(actor, new.place)
        code = new.code.strip()
        if not code or len(code) > 60:
            raise Invalid("code", "must have 1 to 60 characters", "give the code of the standard address")
        if reader.find(Household, equals("code", code), limit=1).rows:
            raise Invalid(
                "code", f"{code} is registered already", "open that household", zh="该地址编码已登记"
            )
        return Household(id=self.store.new_ids(1)[0], code=code, place=new.place, position=new.position)

    def check(self, actor: Actor, place: int | None, verb: str = "visit") -> None:
        """Forbidden outside the places that the actor's role is held in."""
        decision = decide(actor, verb, NOUN, self.directory.scope(place))
        if not decision.allowed:
            raise Forbidden(
                NOUN, decision.reason, "ask somebody of that community", zh="这户不在你负责的社区或网格内"
            )

    def _ended(self, household: Household, filled: Filled, actor: Actor, seen: Seen) -> tuple[int, ...]:
        """Visits that were due here are done by this one, where the actor may say so."""
        ended = []
        with self.store.reader() as reader:
            waiting = open_cases(reader, equals("cause", cause_of(household)))
        for case, action in self._done_by(waiting):
            compiled = self.rulebook.procedure(case)
            if case.state not in compiled.actions[action].of:
                continue
            if decide(actor, f"act.{action}", case.procedure, case.scope).allowed:
                self.cases.act(_deed(case, action, seen), actor)
                ended.append(case.id)
        return tuple(ended)

    def _done_by(self, cases: Sequence[Case]) -> Iterator[tuple[Case, str]]:
        rounds = [one.rounds for one in self.catalogue.registers.values() if one.rounds is not None]
        done = {(one.kind, one.code): one.done for one in rounds}
        for case in cases:
            action = done.get((case.category.kind, case.category.code))
            if action is not None:
                yield case, action


def cause_of(household: Household) -> str:
    """What binds a visit that is due to the household: found without knowing anything of the people."""
    return f"household/{household.id}"


def _deed(case: Case, action: str, seen: Seen) -> Act:
    return Act(case=case.id, action=action, device=seen.device)


def _known(reader: Reader, field: str, value: str) -> Party | None:
    """The person of a citizen number, the body of a credit code."""
    if field == "code":
        rows = reader.find(Party, equals("code", value), limit=2).rows
    else:
        rows = tuple(reader.search_hash(Party, field, value))
    return next((one for one in rows if one.erased is None and one.kind in ("person", "legal_person")), None)


def _record(filled: Filled, actor: Actor, seen: Seen) -> Record:
    """Names of fields, never their values: what was told stands encrypted in the rows."""
    rows: list[tuple[str, int]] = [(noun_name(type(row)), row.id) for row in filled.puts]
    facts: Facts = {
        "role": actor.roles[0] if actor.roles else "",
        "registers": dict(filled.registers),
        "fields": list(filled.changed),
        "visit": filled.visit.kind,
    }
    if seen.device:
        facts["device"] = seen.device
    return Record(
        kind="household.visit" if filled.visit.kind == "visit" else "household.import",
        actor=actor.account,
        at=filled.visit.at,
        subjects=tuple(rows),
        facts=facts,
    )
