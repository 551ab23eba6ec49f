"""Warnings: 待研判 → 确认 · 误报 · 并入, one by one or many at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec
from msgspec.structs import replace

from hutong.engine.flow.cases import CaseDesk
from hutong.engine.flow.openings import Openings
from hutong.kernel.access import Actor, decide
from hutong.kernel.case import Case, Warning
from hutong.kernel.changes import Changes, Record
from hutong.kernel.errors import Forbidden, HutongError, Invalid, Refused
from hutong.kernel.ports import Reader

Verdict = Literal["confirmed", "false_alarm", "joined"]


class Judged(msgspec.Struct, frozen=True):
    """What became of one warning: the row and its case, or why not."""

    id: int
    warning: Warning | None = None
    case: Case | None = None
    error: str = ""


class WarningDesk:
    """Judges warnings. A confirmed one becomes a case, or further evidence of the case its thing has."""

    def __init__(self, desk: CaseDesk) -> None:
        self.desk = desk
        self.store = desk.store

    def judge_many(
        self, ids: Sequence[int], verdict: Verdict, reason: str, actor: Actor, joined_to: int | None = None
    ) -> list[Judged]:
        """Each on its own: one that cannot be judged does not hold up the others."""
        found = []
        for id in ids:
            try:
                found.append(self.judge(id, verdict, reason, actor, joined_to))
            except HutongError as error:
                found.append(Judged(id, error=str(error)))
        return found

    def judge(
        self,
        id: int,
        verdict: Verdict,
        reason: str,
        actor: Actor,
        joined_to: int | None = None,
        *,
        key: str | None = None,
        digest: str = "",
    ) -> Judged:
        """Refused if it was judged before; Invalid without a reason where one is due."""
        with self.store.reader() as reader:
            warning = reader.get(Warning, id)
            self._check(warning, verdict, reason, actor)
            judged = replace(
                warning,
                state=verdict,
                judged_by=actor.account,
                judged_at=self.desk.clock.city_time(),
                judged_reason=reason.strip(),
            )
            openings = Openings(reader, self.desk)
            if verdict == "confirmed":
                judged = openings.place(judged, "confirmed", actor)
            elif verdict == "joined":
                judged = self._joined(reader, judged, joined_to, openings)
        self.store.apply(
            replace(self._changes(judged, openings, actor), idempotency_key=key, request_digest=digest)
        )
        with self.store.reader() as reader:
            stored = reader.get(Warning, id)
            return Judged(id, stored, reader.get(Case, stored.case) if stored.case else None)

    def _changes(self, judged: Warning, openings: Openings, actor: Actor) -> Changes:
        messages = self.desk.messages(openings.notices)
        named = tuple(("message", one.id) for one in messages)
        return Changes(
            puts=(judged, *openings.cases.values(), *messages),
            numbering=tuple(openings.numbering),
            records=(self._record(judged, actor, named), *openings.records),
            response=judged.id,
        )

    def _check(self, warning: Warning, verdict: Verdict, reason: str, actor: Actor) -> None:
        decision = decide(actor, "judge", "warning", warning.scope or None)
        if not decision.allowed:
            raise Forbidden("warning", decision.reason, "ask the receptionist or the duty chief")
        if warning.state != "to_judge":
            by = self.desk.directory().account_name(warning.judged_by or 0)
            raise Refused(
                "warning",
                f"it was judged {warning.state} before",
                "look at it again",
                zh=f"该预警已由{by.zh}研判",
                state=warning.state,
            )
        if verdict == "false_alarm" and not reason.strip():
            raise Invalid(
                "reason", "a false alarm needs a reason", "say how it is known", zh="请说明判为误报的依据"
            )

    def _joined(self, reader: Reader, warning: Warning, joined_to: int | None, openings: Openings) -> Warning:
        if joined_to is None or joined_to == warning.id:
            raise Invalid("joined_to", "names no other warning", "name the warning it belongs to")
        main = reader.get(Warning, joined_to)
        if main.joined_to is not None:
            raise Invalid("joined_to", "that warning is joined itself", f"join {main.joined_to} instead")
        case = reader.get(Case, main.case) if main.case else None
        if case is not None and case.closed is None:
            case = replace(case, warnings=(*case.warnings, warning.id))
            openings.cases[(warning.thing, case.category)] = case
            openings.records.append(openings.joining(case, warning, Actor(account=warning.judged_by or 0)))
        return replace(warning, joined_to=main.id, case=case.id if case else None)

    def _record(self, warning: Warning, actor: Actor, further: tuple[tuple[str, int], ...]) -> Record:
        return Record(
            kind=f"warning.{warning.state}",
            actor=actor.account,
            at=self.desk.clock.city_time(),
            subjects=(("warning", warning.id), *further),
            facts={
                "action": warning.state,
                "reason": warning.judged_reason,
                "role": actor.roles[0] if actor.roles else "",
            },
            explain={
                "rule": warning.rule,
                "rule_version": warning.rule_version,
                "joined_to": warning.joined_to,
            },
            cause=warning.cause,
        )
