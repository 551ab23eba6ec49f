"""The desk of the commander: starts, changes and ends responses; and what time and warnings make of them.

Nothing here can be undone once people were called: a response is ended, not taken back, and every refusal says so. A
proposal that was dismissed can be opened again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from msgspec.structs import replace

from hutong.engine.flow.responding.calling import CallDesk
from hutong.engine.flow.responding.commands import ChangeLevel, EndResponse, StartResponse
from hutong.engine.flow.responding.foresight import Foresight, foreseen
from hutong.engine.flow.responding.gathering import Gathering
from hutong.engine.flow.responding.modes import Switching
from hutong.engine.flow.responding.proposing import Proposing
from hutong.engine.flow.responding.steps import ended, level_changed, started
from hutong.kernel.access import Actor, decide
from hutong.kernel.changes import Changes, Record
from hutong.kernel.definition.plan import Level, PlanDefinition
from hutong.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from hutong.kernel.plan import Calling, Proposal, Reservation, Response
from hutong.kernel.ports import Reader
from hutong.kernel.query import IsNull, both, equals, field

if TYPE_CHECKING:
    from hutong.engine.flow.cases import CaseDesk

T = TypeVar("T")
TRIES = 4


class ResponseDesk:
    """Responses of one city. `changed` is called when roles or modes were switched: what is known of them is read again."""

    def __init__(self, desk: CaseDesk, changed: Callable[[], None] = lambda: None) -> None:
        self.desk = desk
        self.changed = changed
        self.calls = CallDesk(desk)
        self.switching = Switching(desk)
        self.proposing = Proposing(desk)

    def plan(self, name: str) -> PlanDefinition:
        """A plan by its qualified name."""
        plan = self.desk.rulebook.plans.get(name)
        if plan is None:
            raise NotFound("plan", f"there is no plan {name!r}", "see the plans of this city's packs")
        return plan

    def level(self, plan: PlanDefinition, number: int) -> Level:
        found = next((one for one in plan.levels if one.level == number), None)
        if found is None:
            known = ", ".join(str(one.level) for one in plan.levels)
            raise Invalid("level", f"{plan.name} has no level {number}", f"choose one of {known}")
        return found

    def foresee(self, reader: Reader, plan: PlanDefinition, level: Level, actor: Actor) -> Foresight:
        """What starting the level, or going to it, would do now."""
        gathering = Gathering(self.desk, reader, actor, self.desk.clock.city_time())
        running = running_of(reader, plan.name)
        return foreseen(gathering, plan, level, running, self.may_command(actor, level))

    def may_command(self, actor: Actor, level: Level) -> str:
        """Why the actor may not decide about this level; "" if he may."""
        decision = decide(actor, "command", "response")
        if not decision.allowed:
            return decision.reason
        if not set(actor.roles) & set(level.commanders):
            return f"this level is commanded by {', '.join(level.commanders)}"
        return ""

    def _check(self, actor: Actor, level: Level) -> None:
        reason = self.may_command(actor, level)
        if reason:
            names = [self.desk.rulebook.roles[one].label for one in level.commanders]
            raise Forbidden(
                "response",
                reason,
                "ask somebody who commands: " + ", ".join(one.text("en") for one in names),
                zh=f"{level.label.zh}由{'、'.join(one.zh for one in names)}决定",
            )

    def start(
        self, wanted: StartResponse, actor: Actor, *, key: str | None = None, digest: str = ""
    ) -> Response:
        """Starts a response. Refused where one of the plan is running, or resources are missing and that is not accepted."""
        plan = self.plan(wanted.plan)
        level = self.level(plan, wanted.level)
        self._check(actor, level)
        reason = _reason(wanted.reason)

        def step(reader: Reader) -> tuple[Gathering, Response]:
            running = running_of(reader, plan.name)
            if running is not None:
                raise Refused(
                    "plan",
                    "a response of this plan is running",
                    "change its level instead",
                    zh="该预案的响应正在进行，请调整级别",
                    response=running.id,
                )
            gathering = Gathering(self.desk, reader, actor, self.desk.clock.city_time())
            return gathering, started(gathering, plan, level, replace(wanted, reason=reason))

        return self._decide(step, key, digest)

    def change(
        self, wanted: ChangeLevel, actor: Actor, *, key: str | None = None, digest: str = ""
    ) -> Response:
        """Another level, grade or colour of a running response."""
        reason = _reason(wanted.reason)

        def step(reader: Reader) -> tuple[Gathering, Response]:
            response = self._running(reader, wanted.response, wanted.version)
            plan = self.plan(response.plan)
            level = self.level(plan, wanted.level)
            self._check(actor, level)
            gathering = Gathering(self.desk, reader, actor, self.desk.clock.city_time())
            before = self.level(plan, response.level)
            return gathering, level_changed(
                gathering, plan, (before, level), response, replace(wanted, reason=reason)
            )

        return self._decide(step, key, digest, again=wanted.version is None)

    def end(self, wanted: EndResponse, actor: Actor, *, key: str | None = None, digest: str = "") -> Response:
        """Ends a response: everything it set aside or switched goes back. Refused while tasks are open, unless dropped."""
        reason = _reason(wanted.reason)

        def step(reader: Reader) -> tuple[Gathering, Response]:
            response = self._running(reader, wanted.response, wanted.version)
            self._check(actor, self.level(self.plan(response.plan), response.level))
            gathering = Gathering(self.desk, reader, actor, self.desk.clock.city_time())
            return gathering, ended(gathering, response, reason, wanted.drop_tasks)

        return self._decide(step, key, digest, again=wanted.version is None)

    def _decide(
        self,
        step: Callable[[Reader], tuple[Gathering, Response]],
        key: str | None,
        digest: str,
        *,
        again: bool = True,
    ) -> Response:
        """Commits a step; where somebody was faster it is decided anew on what stands now."""
        for attempt in range(TRIES):
            with self.desk.store.reader() as reader:
                gathering, response = step(reader)
            gathering.put(response)
            changes = gathering.following.changes(
                tuple(gathering.rows.values()), key=key, digest=digest, response=response.id
            )
            try:
                applied = self.desk.store.apply(changes)
                break
            except Conflict:
                if not again or attempt == TRIES - 1:
                    raise
        if gathering.mode_changed:
            self.changed()
        with self.desk.store.reader() as reader:
            return reader.get(Response, int(applied.response))

    def _running(self, reader: Reader, id: int, version: int | None) -> Response:
        response = reader.get(Response, id)
        if version is not None and response.version != version:
            who = self.desk.directory().account_name(response.changes[-1].account).zh
            raise Conflict(
                "response",
                f"{who} changed the response meanwhile",
                "look at it again and decide anew",
                expected=version,
                found=response.version,
                by=who,
            )
        if response.ended is not None:
            raise Refused("response", "it has ended", "start a new one", zh="该响应已终止")
        return response

    def release(
        self, reservation: int, actor: Actor, *, key: str | None = None, digest: str = ""
    ) -> Reservation:
        """Gives one reservation back before the response ends."""
        for attempt in range(TRIES):
            with self.desk.store.reader() as reader:
                one = reader.get(Reservation, reservation)
                response = reader.get(Response, one.response)
                self._check(actor, self.level(self.plan(response.plan), response.level))
                if one.until is not None:
                    raise Refused(
                        "reservation", "it was released before", "there is nothing to do", zh="已释放"
                    )
                gathering = Gathering(self.desk, reader, actor, self.desk.clock.city_time())
                gathering.give_back(one, one.amount)
            record = Record(
                kind="response.release",
                actor=actor.account,
                at=gathering.now,
                subjects=(("response", response.id), ("case", response.case), *gathering.named),
                facts={"action": "release", "kind": one.kind, "amount": one.amount},
            )
            try:
                self.desk.store.apply(
                    Changes(
                        puts=tuple(gathering.rows.values()),
                        records=(record,),
                        idempotency_key=key,
                        request_digest=digest,
                        response=one.id,
                    )
                )
                break
            except Conflict:
                if attempt == TRIES - 1:
                    raise
        with self.desk.store.reader() as reader:
            return reader.get(Reservation, reservation)

    def dismiss(
        self, proposal: int, reason: str, actor: Actor, *, key: str | None = None, digest: str = ""
    ) -> Proposal:
        """Lets a proposal be; what follows may propose again."""
        return self.proposing.dismiss(
            proposal, _reason(reason), actor, self._check_proposal, key=key, digest=digest
        )

    def reopen(self, proposal: int, actor: Actor, *, key: str | None = None, digest: str = "") -> Proposal:
        """Takes a dismissal back."""
        return self.proposing.reopen(proposal, actor, self._check_proposal, key=key, digest=digest)

    def _check_proposal(self, proposal: Proposal, actor: Actor) -> None:
        self._check(actor, self.level(self.plan(proposal.plan), proposal.level))

    def confirm(
        self, calling: int, actor: Actor, channel: str, *, key: str | None = None, digest: str = ""
    ) -> Calling:
        """叫应: the person confirms, or a commander notes that he answered by telephone."""
        return self.calls.confirm(calling, actor, channel, key=key, digest=digest)

    def tick(self) -> int:
        """What warnings propose, whom time makes call next, clocks that a switch has yet to reach; how much was done.

        Safe to call at any time and from several processes.
        """
        return self.proposing.watch() + self.calls.tick() + self.switching.go_on()


def running_of(reader: Reader, plan: str) -> Response | None:
    """The plan's response that has not ended."""
    found = reader.find(Response, both(equals("plan", plan), IsNull(field("ended"))), limit=1).rows
    return found[0] if found else None


def _reason(text: str) -> str:
    if not text.strip():
        raise Invalid("reason", "is empty", "say why, in a sentence", zh="请写明理由")
    return text.strip()
