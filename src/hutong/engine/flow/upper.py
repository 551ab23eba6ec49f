"""Orders of an upper platform: taken in once, with their number and deadlines; what becomes of them goes back once.

The journal says what there is to tell. A report waits for the grace in which the deed can be undone, so that nothing is told
that was taken back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import Literal

import msgspec
import shapely
from msgspec.structs import replace

from hutong.engine.directory import Directory
from hutong.engine.flow.cases import Act, CaseDesk
from hutong.engine.flow.parties import reporter
from hutong.engine.handle.open import OpenCase
from hutong.engine.upper import Translated, answers_of, external, told, translated
from hutong.kernel.access import Actor
from hutong.kernel.base import Entity, Facts, Instant
from hutong.kernel.case import Case
from hutong.kernel.changes import Changes, Record
from hutong.kernel.definition.upper import UpperPlatform
from hutong.kernel.errors import Conflict, Forbidden, HutongError, Invalid, NotFound, Refused
from hutong.kernel.ports import JournalRecord, Reader
from hutong.kernel.query import Order, both, equals
from hutong.kernel.upper import Event, UpperOrder, UpperReport, UpperWord

READ_AT_ONCE = 1000
OPEN_REPORTS = 5000


class Taken(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of an order or a word: `repeated` was known already (`differs`: with other content)."""

    number: str
    state: Literal["taken", "repeated", "refused"]
    case: str = ""
    """Our number of the case."""
    field: str = ""
    reason: str = ""
    remedy: str = ""
    differs: bool = False


class PlatformState(msgspec.Struct):
    """How the exchange with a platform goes, as seen since the start."""

    asked: Instant | None = None
    """Recorded time of the last answer to a question for orders."""
    taken: int = 0
    refused: int = 0
    told: int = 0
    trouble: str = ""
    """Why the last attempt came to nothing; empty when it did not."""


class UpperDesk:
    """The platforms above one city."""

    def __init__(
        self, desk: CaseDesk, directory: Callable[[], Directory], platforms: Sequence[UpperPlatform]
    ) -> None:
        self.desk = desk
        self.store = desk.store
        self.directory = directory
        self.platforms = {one.name: one for one in platforms}
        self.states: dict[str, PlatformState] = {}
        """Of the platforms that a worker speaks to."""

    def exchanges(self) -> dict[str, PlatformState]:
        """How it goes with the platforms that somebody speaks to, by name."""
        return self.states

    def platform(self, name: str) -> UpperPlatform:
        if name not in self.platforms:
            raise NotFound("platform", f"there is no platform {name!r}", "see upper.yaml of the city")
        return self.platforms[name]

    # ---- orders and words ----------------------------------------------------------------------------------------

    def take(self, platform: UpperPlatform, order: UpperOrder) -> Taken:
        """Opens the order's case, or says that it is known, or why it cannot be taken (which is told back too)."""
        digest = hashlib.sha256(msgspec.json.encode(order)).hexdigest()
        key = f"upper:{platform.name}:order:{order.number}"
        with self.store.reader() as reader:
            known = reader.answered(key)
            if known is not None:
                return self._known(reader, order.number, known[0] != digest, known[1])
        try:
            case = self._opened(platform, order, key, digest)
        except Conflict:  # the same order came twice at once
            with self.store.reader() as reader:
                known = reader.answered(key)
                if known is None:
                    raise
                return self._known(reader, order.number, known[0] != digest, known[1])
        except (Invalid, Refused, Forbidden, NotFound) as error:
            self._tell_refusal(platform, order.number, "not_taken", digest, error)
            return _refused(order.number, error)
        return Taken(order.number, "taken", case.number)

    def _known(self, reader: Reader, number: str, differs: bool, id: object) -> Taken:
        case = reader.many(Case, [int(str(id))]) if id is not None else {}
        return Taken(number, "repeated", next((one.number for one in case.values()), ""), differs=differs)

    def _opened(self, platform: UpperPlatform, order: UpperOrder, key: str, digest: str) -> Case:
        read = translated(order, platform, self.desk.rulebook.category_names)
        id, fresh, report = self.store.new_ids(3)
        puts: list[Entity] = []
        caller = order.caller
        subject: int | None = None
        if caller is not None and (caller.name.strip() or caller.phone.strip()):
            with self.store.reader() as reader:
                party = reporter(reader, caller.name.strip(), caller.phone.strip(), fresh)
            subject = party.id
            puts += [party] if party.version == 0 else []
        taken = self._report(platform, order.number.strip(), "taken", f"{key}:taken", report, id)
        return self.desk.open(
            self._command(order, read, id, subject, platform),
            self._actor(platform),
            key=key,
            digest=digest,
            puts=[*puts, taken],
        )

    def _command(
        self, order: UpperOrder, read: Translated, id: int, subject: int | None, platform: UpperPlatform
    ) -> OpenCase:
        place = self.directory().locate(*read.point) if read.point else None
        facts = dict(read.facts)
        if read.deadlines:
            facts["deadlines"] = read.deadlines
        if read.point is not None and place is None:
            facts["outside"] = True
        return OpenCase(
            id=id,
            category=read.category,
            title=read.title,
            source="upper",
            text=read.text,
            place=place,
            position=shapely.to_wkb(shapely.Point(*read.point)) if read.point else None,
            position_text=order.address.strip(),
            subject=subject,
            confidential=bool(order.caller and order.caller.confidential),
            condition=read.condition,
            urgent=read.urgent,
            external=external(platform.name, order.number.strip()),
            facts=facts,
        )

    def hear(self, platform: UpperPlatform, word: UpperWord) -> Taken:
        """Follows a word about an order, once. What its state does not allow is told back with the reason."""
        key = f"upper:{platform.name}:word:{word.id}"
        digest = hashlib.sha256(msgspec.json.encode(word)).hexdigest()
        with self.store.reader() as reader:
            known = reader.answered(key)
            case = self.case_of(reader, platform, word.number)
        if known is not None:
            return Taken(word.number, "repeated", case.number if case else "", differs=known[0] != digest)
        try:
            if case is None:
                raise NotFound("number", f"there is no order {word.number!r}", "send the order first")
            self.desk.act(self._act(platform, case, word, key, digest), self._actor(platform))
        except (Invalid, Refused, Forbidden, NotFound) as error:
            self._tell_refusal(platform, word.number, "word_refused", key, error, case.id if case else None)
            return _refused(word.number, error)
        return Taken(word.number, "taken", case.number)

    def _act(self, platform: UpperPlatform, case: Case, word: UpperWord, key: str, digest: str) -> Act:
        hearing = platform.hears.get(word.kind)
        if hearing is None:
            raise Invalid(
                "kind", f"{word.kind!r} is not understood", "use one of " + ", ".join(platform.hears)
            )
        leaving = {one.name for one in self.desk.rulebook.procedure(case).leaving[case.state]}
        action = next((one for one in hearing.actions if one in leaving), None)
        if action is None:
            raise Refused(
                "kind", f"{word.kind!r} cannot be followed in the state {case.state}", "look at the order"
            )
        return Act(case=case.id, action=action, answers=answers_of(word, hearing), key=key, digest=digest)

    def case_of(self, reader: Reader, platform: UpperPlatform, number: str) -> Case | None:
        """The case of a platform's order."""
        rows = reader.find(Case, equals("external", external(platform.name, number)), limit=1).rows
        return rows[0] if rows else None

    def _actor(self, platform: UpperPlatform) -> Actor:
        directory = self.directory()
        account = next((one for one in directory.accounts.values() if one.login == platform.account), None)
        if account is None:
            raise Refused("account", f"there is no account {platform.account!r}", "name one in upper.yaml")
        return directory.actor(account.id, self.desk.clock.city_time())

    # ---- reports -------------------------------------------------------------------------------------------------

    def _report(
        self, platform: UpperPlatform, number: str, event: Event, key: str, id: int, case: int | None,
        facts: Facts | None = None,
    ) -> UpperReport:  # fmt: skip
        return UpperReport(
            id=id,
            platform=platform.name,
            number=number,
            case=case,
            event=event,
            key=key,
            at=self.desk.clock.city_time(),
            facts=facts or {},
            after=self.desk.clock.recorded_at(),
        )

    def _tell_refusal(
        self, platform: UpperPlatform, number: str, event: Event, told_by: str, error: HutongError,
        case: int | None = None,
    ) -> None:  # fmt: skip
        facts = {"field": error.field, "reason": error.reason, "remedy": error.remedy}
        key = f"upper:{platform.name}:{event}:{number}:{told_by}"
        report = self._report(platform, number, event, key, self.store.new_ids(1)[0], case, facts)
        record = Record(
            kind=f"upper_report.{event}",
            actor=0,
            at=self.desk.clock.city_time(),
            subjects=(("upper_report", report.id),),
            facts={"platform": platform.name, "number": number, **facts},
        )
        self.store.apply(Changes(puts=(report,), records=(record,), idempotency_key=key, response=report.id))

    def gather(self, platform: UpperPlatform) -> int:
        """Makes reports of what was done since it was last called; how many. Deed and report are never apart: the cursor
        moves in the same commit."""
        name = f"upper/{platform.name}"
        made = 0
        while True:
            with self.store.reader() as reader:
                at = reader.cursor(name)
                after = int(at) if at is not None else 0
                records = reader.journal(after=after, limit=READ_AT_ONCE)
                if not records:
                    return made
                puts = self._told(reader, platform, records)
            self._keep(puts, name, records[-1].position)
            made += sum(1 for one in puts if one.version == 0)

    def _keep(self, puts: Sequence[UpperReport], cursor: str, position: int) -> None:
        record = Record(
            kind="upper_report.gather",
            actor=0,
            at=self.desk.clock.city_time(),
            subjects=tuple(("upper_report", one.id) for one in puts),
            facts={"until": position},
        )
        self.store.apply(
            Changes(puts=tuple(puts), records=(record,) if puts else (), cursors={cursor: str(position)})
        )

    def _told(
        self, reader: Reader, platform: UpperPlatform, records: Iterable[JournalRecord]
    ) -> list[UpperReport]:
        """New reports of these records, and waiting ones whose deed was undone, dropped."""
        wanted = [
            (record, id)
            for record in records
            for noun, id, _ in record.subjects[:1]
            if noun == "case"
            and (record.kind.removeprefix("case.") in platform.tells or record.kind == "case.undo")
        ]
        cases = reader.many(Case, [id for _, id in wanted])
        prefix = external(platform.name, "")
        made: list[UpperReport] = []
        for record, id in wanted:
            case = cases.get(id)
            if case is None or not case.external.startswith(prefix):
                continue
            if record.kind == "case.undo":
                made = self._dropped(reader, case, str(record.facts.get("undone")), made)
            else:
                made.append(self._of_deed(platform, case, case.external.removeprefix(prefix), record))
        return made

    def _of_deed(
        self, platform: UpperPlatform, case: Case, number: str, record: JournalRecord
    ) -> UpperReport:
        action = record.kind.removeprefix("case.")
        telling = platform.tells[action]
        unit = self.directory().organisation_name(case.organisation).zh if case.organisation else ""
        compiled = self.desk.rulebook.procedure(case)
        final = action in compiled.actions and compiled.actions[action].final
        with self.store.reader() as reader:
            grace = 0 if final else self.desk.setting(reader).grace
        deed = Record(kind=record.kind, actor=record.actor, at=record.at, facts=record.facts)
        return UpperReport(
            id=self.store.new_ids(1)[0],
            platform=platform.name,
            number=number,
            case=case.id,
            event=telling.event,
            key=f"upper:{platform.name}:deed:{record.lane}:{record.position}",
            action=action,
            at=record.at,
            facts=told(case, telling, deed, unit),
            after=record.recorded_at + grace,
        )

    def _dropped(self, reader: Reader, case: Case, action: str, made: list[UpperReport]) -> list[UpperReport]:
        """Without the report of the deed that was undone: the newest one of that action which still waits."""
        for place in range(len(made) - 1, -1, -1):
            if (
                made[place].case == case.id
                and made[place].action == action
                and made[place].state == "waiting"
            ):
                return [*made[:place], replace(made[place], state="dropped"), *made[place + 1 :]]
        where = both(equals("case", case.id), equals("action", action), equals("state", "waiting"))
        standing = reader.find(UpperReport, where, order=(Order(("id",), descending=True),), limit=1).rows
        return [*made, *(replace(one, state="dropped") for one in standing)]

    def due(self, platform: UpperPlatform, now: Instant) -> list[UpperReport]:
        """The reports to send now: of every order the first that waits, if its time has come."""
        first: dict[str, UpperReport] = {}
        for one in self._standing(platform):
            first.setdefault(one.number, one)
        return [one for one in first.values() if one.after <= now]

    def waiting(self, platform: UpperPlatform, now: Instant) -> list[UpperReport]:
        """All reports that can be told now; of an order none before those that came earlier."""
        held: set[str] = set()
        found = []
        for one in self._standing(platform):
            if one.after > now:
                held.add(one.number)
            elif one.number not in held:
                found.append(one)
        return found

    def _standing(self, platform: UpperPlatform) -> Sequence[UpperReport]:
        where = both(equals("platform", platform.name), equals("state", "waiting"))
        with self.store.reader() as reader:
            return reader.find(UpperReport, where, order=(Order(("id",)),), limit=OPEN_REPORTS).rows

    def settle(
        self, report: UpperReport, *, sent: bool, error: str = "", retry_after: int | None = None
    ) -> UpperReport:
        """What became of an attempt: sent, to be tried again after `retry_after` µs, or failed for good (None)."""
        now = self.desk.clock.recorded_at()
        tried = replace(report, attempts=report.attempts + 1, error=error)
        if sent:
            tried = replace(tried, state="sent", sent=now)
        elif retry_after is None:
            tried = replace(tried, state="failed")
        else:
            tried = replace(tried, after=now + retry_after)
        return self._kept(tried, tried.state)

    def retry(self, id: int, actor: Actor) -> UpperReport:
        """A failed report is to be sent again."""
        with self.store.reader() as reader:
            report = reader.get(UpperReport, id)
        if report.state != "failed":
            raise Refused("report", f"it is {report.state}", "only failed reports are sent again")
        again = replace(report, state="waiting", after=self.desk.clock.recorded_at(), error="")
        return self._kept(again, "retry", actor.account)

    def _kept(self, report: UpperReport, did: str, actor: int = 0) -> UpperReport:
        record = Record(
            kind=f"upper_report.{did}",
            actor=actor,
            at=self.desk.clock.city_time(),
            subjects=(("upper_report", report.id),),
            facts={
                "event": report.event,
                "number": report.number,
                "attempts": report.attempts,
                "error": report.error,
            },
        )
        applied = self.store.apply(Changes(puts=(report,), records=(record,)))
        return next((row for row in applied.rows if isinstance(row, UpperReport)), report)


def _refused(number: str, error: HutongError) -> Taken:
    return Taken(number, "refused", field=error.field, reason=error.reason, remedy=error.remedy)
