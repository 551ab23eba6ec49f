"""Cases: open, act, undo, attach, take over: loads what `handle` needs and applies what it decided."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from hutong.engine.directory import Directory
from hutong.engine.flow.following import Following, naming
from hutong.engine.flow.on_device import DEVICE, told_by_device
from hutong.engine.flow.private_words import with_masked_words
from hutong.engine.flow.telling import messages
from hutong.engine.flow.together import Decided
from hutong.engine.flow.undoing import undone_with, with_rows
from hutong.engine.flow.versions import last_change, same_since
from hutong.engine.handle.act import Command, act
from hutong.engine.handle.children import awaited
from hutong.engine.handle.offers import Offer, allowed
from hutong.engine.handle.open import OpenCase, Opened, open_case
from hutong.engine.handle.responsibility import responsible_unit
from hutong.engine.handle.setting import Found, Setting
from hutong.engine.handle.undo import undo
from hutong.engine.rulebook import Rulebook
from hutong.kernel.access import Actor, Decision, decide
from hutong.kernel.base import Entity, Facts
from hutong.kernel.case import Case, Message, Notice, Warning
from hutong.kernel.case import File as CaseFile
from hutong.kernel.changes import Applied, Changes, Record
from hutong.kernel.clock import Clock
from hutong.kernel.errors import Conflict, Forbidden, NotFound, Refused
from hutong.kernel.ports import Reader, Store
from hutong.kernel.query import Expr, IsNull, both, equals, field
from hutong.kernel.thing import Thing

T = TypeVar("T")
TRIES = 4


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody's action on a case. `version`: the version they saw (None: whatever it is now)."""

    case: int
    action: str
    answers: Facts = {}
    files: tuple[int, ...] = ()
    version: int | None = None
    puts: tuple[Entity, ...] = ()
    """Further rows stored in the same commit; the deed's record names them."""
    device: Facts = {}
    """What the device told of a deed done before it was sent; clocks go by the server's time."""
    key: str | None = None
    digest: str = ""


class CaseDesk:
    """The cases of one city.

    `list_amended` is called after a 会商 amended the 权责清单, so that `directory` reads it again.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        rulebook: Rulebook,
        directory: Callable[[], Directory],
        *,
        list_amended: Callable[[], None] = lambda: None,
    ) -> None:
        self.store = store
        self.clock = clock
        self.rulebook = rulebook
        self.directory = directory
        self.list_amended = list_amended

    def setting(
        self,
        reader: Reader,
        case: Callable[[int], Case | None] | None = None,
        open_children: Callable[[int], tuple[Case, ...]] | None = None,
    ) -> Setting:
        """The city around a case, as the engine wants it; other cases as stored, or as `case` and `open_children` have it."""
        directory, head = self.directory(), self.rulebook.city.head
        modes = directory.modes_at(self.clock.city_time())
        return Setting(
            calendar=self.rulebook.calendar,
            limits=self.rulebook.limits(modes),
            mode=modes[0] if modes else "",
            urgent=self.rulebook.urgent,
            division=head.division,
            at_most=head.at_most,
            ancestors=directory.ancestors,
            case=case or (lambda id: _or_none(reader, id)),
            responsible=lambda case: self._responsible(reader, case),
            account_name=directory.account_name,
            organisation_name=directory.organisation_name,
            is_unit=directory.organisations.__contains__,
            open_children=open_children
            or (lambda id: tuple(filter(awaited, open_cases(reader, equals("parent", id))))),
            category_names=self.rulebook.category_names,
        )

    def _responsible(self, reader: Reader, case: Case) -> tuple[int, Found] | None:
        directory = self.directory()
        places = [directory.places[id].code for id in directory.ancestors(case.place)] if case.place else []
        thing = reader.many(Thing, [case.thing]).get(case.thing) if case.thing else None
        owner = directory.organisations.get(thing.owner) if thing and thing.owner else None
        found = responsible_unit(
            directory.duties,
            () if directory.duties.listed else self.rulebook.city.responsibilities,
            case.category,
            places,
            directory.unit_code(owner.id) if owner else None,
            self.clock.city_time(),
        )
        return None if found is None else (directory.organisation(found.organisation), found)

    def open(
        self,
        command: OpenCase,
        actor: Actor,
        *,
        key: str | None = None,
        digest: str = "",
        puts: Sequence[Entity] = (),
    ) -> Case:
        """Opens a case; `puts` are rows stored in the same commit (its files, its reporter)."""
        with self.store.reader() as reader:
            decided = self.decided_open(reader, command, actor, key=key, digest=digest, puts=puts)
        return decided.done(self.store.apply(decided.changes))

    def decided_open(
        self,
        reader: Reader,
        command: OpenCase,
        actor: Actor,
        *,
        key: str | None = None,
        digest: str = "",
        puts: Sequence[Entity] = (),
    ) -> Decided:
        """What `open` changes, for a caller that commits it."""
        opened = self.opened(command, actor, self.setting(reader))
        told = self.messages(opened.notices, puts)
        changes = Changes(
            puts=(opened.case, *puts, *told),
            numbering=(opened.numbering,),
            records=naming(told_by_device(opened.records, command.facts.get(DEVICE, {})), (*puts, *told)),
            idempotency_key=key,
            request_digest=digest,
            response=opened.case.id,
        )

        def done(applied: Applied) -> Case:
            return self._stored(applied, int(applied.response if applied.repeated else opened.case.id))

        return Decided(changes, done)

    def opened(self, command: OpenCase, actor: Actor, setting: Setting) -> Opened:
        """A new case as values, for a caller that commits it with something else."""
        compiled = self.rulebook.procedure_for(command.category)
        return open_case(with_masked_words(command), actor, self.clock.city_time(), compiled, setting)

    def act(self, wanted: Act, actor: Actor, look: Callable[[Case], object] = bool) -> Case:
        """Does the action. Conflict if the case is not at `wanted.version`; tried again if none was named. `look` sees the case
        first: it raises where the asker may not know of it."""
        for attempt in range(TRIES):
            with self.store.reader() as reader:
                decided = self.decided(reader, wanted, actor, look)
            try:
                return decided.done(self.store.apply(decided.changes))
            except Conflict:  # the case moved, as the next look tells, or another row that the deed touches
                if attempt == TRIES - 1:
                    raise
        raise AssertionError("unreachable")

    def decided(
        self,
        reader: Reader,
        wanted: Act,
        actor: Actor,
        look: Callable[[Case], object] = bool,
        known: Case | None = None,
    ) -> Decided:
        """The deed and all that follows from it, as values; Conflict if the case is not at the version that was seen. `known`:
        the case, where `reader` gave it already."""
        case = known or reader.get(Case, wanted.case)
        look(case)
        self._check_version(reader, case, wanted.version)
        compiled = self.rulebook.procedure(case)
        action = compiled.actions.get(wanted.action)
        proved = bool(wanted.files) or (action is not None and action.proof is not None)
        following = Following(self, reader, actor)
        command = Command(
            action=wanted.action,
            answers=wanted.answers,
            files=files_of(reader, case.id) if proved else (),
            warnings=warnings_of(reader, case) if proved else (),
            new_files=wanted.files,
        )
        acted = act(case, command, actor, self.clock.city_time(), compiled, following.setting)
        following.add(replace(acted, records=told_by_device(acted.records, wanted.device)))
        changes = following.changes(wanted.puts, key=wanted.key, digest=wanted.digest, response=case.id)

        def done(applied: Applied) -> Case:
            if following.rows:
                self.list_amended()
            return self._stored(applied, case.id)

        return Decided(changes, done)

    def _check_version(self, reader: Reader, case: Case, version: int | None) -> None:
        if version is None or case.version == version or same_since(reader, case, version):
            return
        deed = case.deeds[-1] if case.deeds else None
        who = self.directory().account_name(deed.account).zh if deed else ""
        raise Conflict(
            "case",
            f"{who or 'somebody'} changed the case meanwhile; it is now {case.state}",
            "look at it again and decide anew",
            expected=version,
            found=case.version,
            by=who,
            action=deed.action if deed else "",
        )

    def undo(self, case_id: int, actor: Actor, *, key: str | None = None, digest: str = "") -> Case:
        """Takes back the actor's last deed, within the grace time."""
        with self.store.reader() as reader:
            case = reader.get(Case, case_id)
            changed = last_change([one for _, one in reader.versions(Case, case_id)])
            if changed is None:
                raise Refused(
                    "action.undo",
                    "nothing was done yet",
                    "there is nothing to take back",
                    zh="尚无可撤销的办理",
                )
            compiled, setting = self.rulebook.procedure(case), self.setting(reader)
            now, (before, done) = self.clock.city_time(), changed
            acted = undo(done, before, actor, now, compiled, setting)
            acted = replace(acted, case=replace(acted.case, version=case.version))
            rows, records = undone_with(reader, case, before, now, self.rulebook.procedure_of)
        acted = with_rows(acted, rows, records)
        self.store.apply(
            Changes(
                puts=(acted.case, *rows),
                records=acted.records,
                idempotency_key=key,
                request_digest=digest,
                response=case_id,
            )
        )
        return self._read(case_id)

    def take_over(self, case_id: int, actor: Actor, *, key: str | None = None, digest: str = "") -> Case:
        """A person takes a case from the simulated posts; they leave it alone from then on."""
        with self.store.reader() as reader:
            case = reader.get(Case, case_id)
        decision = decide(actor, "attach", case.procedure, case.scope)
        if not decision.allowed:
            raise Forbidden("case", decision.reason, "ask somebody who works on cases here")
        taken = replace(case, facts={**case.facts, "taken_over": actor.account})
        record = Record(
            kind="case.take_over",
            actor=actor.account,
            at=self.clock.city_time(),
            subjects=(("case", case.id),),
            facts={"action": "take_over", "role": actor.roles[0] if actor.roles else ""},
        )
        self.store.apply(
            Changes(
                puts=(taken,),
                records=(record,),
                idempotency_key=key,
                request_digest=digest,
                response=case.id,
            )
        )
        return self._read(case_id)

    def attach(
        self, file: CaseFile, content: bytes, actor: Actor, *, key: str | None = None, digest: str = ""
    ) -> CaseFile:
        """Keeps a file of a case (or one not yet of a case), content first."""
        with self.store.reader() as reader:
            scope: tuple[int, ...] = ()
            procedure = "*"
            if file.case is not None:
                case = reader.get(Case, file.case)
                scope, procedure = case.scope, case.procedure
        decision = _may_attach(actor, procedure, scope)
        if not decision.allowed:
            raise Forbidden("file", decision.reason, "ask somebody who works on this case")
        content_digest = self.store.files.put(content, subject=file.subject)
        kept = replace(file, digest=content_digest, size=len(content), by=actor.account)
        subjects = (("file", kept.id), *((("case", kept.case),) if kept.case else ()))
        record = Record(
            kind="file.attach",
            actor=actor.account,
            at=self.clock.city_time(),
            subjects=subjects,
            facts={"stage": kept.stage, "role": kept.role, "digest": content_digest},
        )
        applied = self.store.apply(
            Changes(
                puts=(kept,),
                records=(record,),
                idempotency_key=key,
                request_digest=digest,
                response=kept.id,
            )
        )
        with self.store.reader() as reader:
            return reader.get(CaseFile, int(applied.response))

    def offers(self, reader: Reader, case: Case, actor: Actor) -> list[Offer]:
        """What the actor can do on the case now, and why not."""
        return allowed(
            case,
            actor,
            self.clock.city_time(),
            self.rulebook.procedure(case),
            self.setting(reader),
            files_of(reader, case.id),
            warnings_of(reader, case),
        )

    def messages(self, notices: Iterable[Notice], coming: Iterable[Entity] = ()) -> tuple[Message, ...]:
        """A console message for each account that a notice is for; others wait for the outbox. `coming`: rows that the same
        commit stores (the reporter)."""
        faces = self.rulebook.city.faces
        return messages(self.store, self.clock, self.directory(), faces, notices, coming)

    def _stored(self, applied: Applied, id: int) -> Case:
        """The case as it was stored; of a repeated request, as it stands."""
        kept = (row for row in applied.rows if isinstance(row, Case) and row.id == id)
        return next(kept, None) or self._read(id)

    def _read(self, id: int) -> Case:
        with self.store.reader() as reader:
            return reader.get(Case, id)


def _may_attach(actor: Actor, procedure: str, scope: tuple[int, ...]) -> Decision:
    """A file of a case asks about that case; one not yet of a case needs the right for some procedure."""
    if procedure != "*":
        return decide(actor, "attach", procedure, scope)
    nouns = [grant.permission.noun for grant in actor.grants if grant.permission.verb in ("attach", "*")]
    return decide(actor, "attach", nouns[0] if nouns else "case")


def _or_none(reader: Reader, id: int) -> Case | None:
    try:
        return reader.get(Case, id)
    except NotFound:
        return None


def files_of(reader: Reader, case: int) -> tuple[CaseFile, ...]:
    return reader.find(CaseFile, equals("case", case), limit=500).rows


def warnings_of(reader: Reader, case: Case) -> tuple[Warning, ...]:
    """Its warnings and those of the cases joined to it: all must have cleared before it is proved."""
    joined = reader.find(Case, equals("joined_to", case.id), limit=500).rows
    ids = [id for one in (case, *joined) for id in one.warnings]
    return tuple(reader.many(Warning, ids).values())


def open_cases(reader: Reader, where: Expr, limit: int = 200) -> tuple[Case, ...]:
    """Cases that have not ended, by a further filter."""
    return reader.find(Case, both(where, IsNull(field("closed"))), limit=limit).rows
