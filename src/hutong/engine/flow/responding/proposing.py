"""Warnings watched: what a plan proposes because of them, and whom they call whether or not there is a response.

What was done is read from the rows themselves, so that nothing is proposed or called twice, and nothing is left out after
a stop.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import TYPE_CHECKING, TypeVar

from msgspec.structs import replace

from hutong.engine.flow.responding.roster import chain_of
from hutong.engine.respond.calls import Addressed, called
from hutong.engine.respond.trigger import LEVEL_NAMES, Proposed, longest, propose, watched
from hutong.kernel.access import Actor
from hutong.kernel.base import HOUR, Entity, Instant, Label
from hutong.kernel.case import Notice, Warning
from hutong.kernel.changes import Changes, Record
from hutong.kernel.definition.plan import PlanDefinition, WarningCall
from hutong.kernel.errors import Conflict, Refused
from hutong.kernel.plan import Calling, Proposal, Response
from hutong.kernel.ports import Reader
from hutong.kernel.query import Compare, Expr, IsNull, Or, Order, Value, both, equals, field
from hutong.kernel.spans import span

if TYPE_CHECKING:
    from hutong.engine.flow.cases import CaseDesk

E = TypeVar("E", bound=Entity)
AT_MOST = 5000
LOOK_BACK = 24 * HOUR
"""The oldest callings and responses that matter for a new warning."""
Check = Callable[[Proposal, Actor], None]


class Proposing:
    """Watches the warnings of one city."""

    def __init__(self, desk: CaseDesk) -> None:
        self.desk = desk
        self._seen: int | None = None

    def watch(self) -> int:
        """Looks at warnings that are new or changed since the last look; returns how many decisions came of it."""
        plans = self.desk.rulebook.plans
        if not plans:
            return 0
        with self.desk.store.reader() as reader:
            head = reader.head()
            if self._seen is not None:
                _, touched = reader.touched([Warning], {1: self._seen})
                if touched is not None and not touched.get(Warning):
                    self._seen = head
                    return 0
            decided = [one for plan in plans.values() for one in self._looked(reader, plan)]
        for changes in decided:
            try:
                self.desk.store.apply(changes)
            except Conflict:
                return 0
        self._seen = head
        return len(decided)

    def _looked(self, reader: Reader, plan: PlanDefinition) -> Iterable[Changes]:
        now = self.desk.clock.city_time()
        width = max(longest(plan), max((span(one.again_after) for one in plan.warns), default=0))
        raised = Compare("gt", field("raised"), Value(now - width))
        warnings = reader.find(Warning, raised, order=(Order(("raised",)),), limit=AT_MOST).rows
        if not warnings:
            return
        yield from self._proposed(reader, plan, warnings, now)
        for warn in plan.warns:
            yield from self._called(reader, plan, warn, warnings, now)

    def _proposed(
        self, reader: Reader, plan: PlanDefinition, warnings: tuple[Warning, ...], now: Instant
    ) -> Iterable[Changes]:
        responses = _of_plan(reader, Response, plan, "ended", now, IsNull(field("ended")))
        earlier = _of_plan(reader, Proposal, plan, "at", now, equals("state", "open"))
        floor = max((*_over(responses), *_dismissed(earlier)), default=0)
        counted = [one for one in warnings if one.raised > floor]
        names = {name: rule.label for name, rule in self.desk.rulebook.rules.items()}
        found = propose(plan, counted, now, names)
        reached = [one.level for one in responses if one.ended is None]
        reached += [one.level for one in earlier if one.state == "open"]
        if found is None or any(level <= found.level for level in reached):
            return
        proposal = Proposal(
            id=self.desk.store.new_ids(1)[0],
            plan=plan.name,
            level=found.level,
            colour=found.colour,
            reasons=found.reasons,
            warnings=found.warnings,
            taken_up=found.taken_up,
            at=now,
        )
        older = [replace(one, state="superseded") for one in earlier if one.state == "open"]
        notices = [
            Notice(None, "told", self._words(plan, found), role=role)
            for role in next(one.commanders for one in plan.levels if one.level == found.level)
        ]
        yield self._changes("make", plan, proposal, older, notices, now)

    def _words(self, plan: PlanDefinition, found: Proposed) -> Label:
        level = LEVEL_NAMES[found.level]
        return Label(
            f"{plan.label.zh}：建议启动{level.zh}。{'；'.join(one.zh for one in found.reasons)}",
            f"{plan.label.text('en')}: {level.en} is proposed. "
            + "; ".join(one.text("en") for one in found.reasons),
        )

    def _changes(
        self,
        action: str,
        plan: PlanDefinition,
        proposal: Proposal,
        older: list[Proposal],
        notices: list[Notice],
        now: Instant,
    ) -> Changes:
        messages = self.desk.messages(notices)
        rows: tuple[Entity, ...] = (proposal, *older, *messages)
        record = Record(
            kind=f"proposal.{action}",
            actor=0,
            at=now,
            subjects=tuple((type(one).__name__.lower(), one.id) for one in rows),
            facts={"plan": plan.name, "level": proposal.level, "colour": proposal.colour},
            explain={
                "plan_definition": self.desk.rulebook.plan_digests[plan.name],
                "reasons": [one.zh for one in proposal.reasons],
                "warnings": list(proposal.warnings),
            },
        )
        return Changes(puts=rows, records=(record,))

    def _called(
        self,
        reader: Reader,
        plan: PlanDefinition,
        warn: WarningCall,
        warnings: tuple[Warning, ...],
        now: Instant,
    ) -> Iterable[Changes]:
        """New warnings of these colours: added to a call that is young enough, or the first of the post is called."""
        standing = _of_plan(reader, Calling, plan, "called", now, equals("state", "waiting"))
        callings = [one for one in standing if one.response is None and one.post == warn.call.post]
        fresh = _fresh(plan, warn, warnings, {id for one in callings for id in one.warnings})
        if not fresh:
            return
        ids = tuple(one.id for one in fresh)
        young = [one for one in callings if one.called > now - span(warn.again_after)]
        if young:
            last = max(young, key=lambda one: (one.called, one.id))
            yield self._call_changes(replace(last, warnings=(*last.warnings, *ids)), ids, [], now)
            return
        people = chain_of(self.desk.directory(), self.desk.rulebook.city.duty, warn.call, now)
        if people:
            about = Addressed(plan=plan.name, warnings=ids)
            calling = called(self.desk.store.new_ids(1)[0], warn.call, about, people[0], 0, now)
            yield self._call_changes(calling, ids, [_notice(warn, fresh, people[0])], now)

    def _call_changes(
        self, calling: Calling, fresh: tuple[int, ...], notices: list[Notice], now: Instant
    ) -> Changes:
        messages = self.desk.messages(notices)
        record = Record(
            kind="calling.call" if calling.version == 0 else "calling.add",
            actor=0,
            at=now,
            subjects=(
                ("calling", calling.id),
                *(("warning", one) for one in fresh),
                *(("message", one.id) for one in messages),
            ),
            facts={"plan": calling.plan, "post": calling.post, "called": calling.account},
        )
        return Changes(puts=(calling, *messages), records=(record,))

    def dismiss(
        self, id: int, reason: str, actor: Actor, check: Check, *, key: str | None = None, digest: str = ""
    ) -> Proposal:
        """Nothing is started; why is kept."""
        now = self.desk.clock.city_time()
        before = self._proposal(id, "open", actor, check)
        decided = replace(
            before, state="dismissed", dismissed_by=actor.account, dismissed_at=now, dismissed_reason=reason
        )
        return self._decide("dismiss", decided, actor, now, key, digest)

    def reopen(
        self, id: int, actor: Actor, check: Check, *, key: str | None = None, digest: str = ""
    ) -> Proposal:
        """The proposal waits again."""
        before = self._proposal(id, "dismissed", actor, check)
        decided = replace(before, state="open", dismissed_by=None, dismissed_at=None, dismissed_reason="")
        return self._decide("reopen", decided, actor, self.desk.clock.city_time(), key, digest)

    def _proposal(self, id: int, state: str, actor: Actor, check: Check) -> Proposal:
        with self.desk.store.reader() as reader:
            proposal = reader.get(Proposal, id)
        check(proposal, actor)
        if proposal.state != state:
            raise Refused(
                "proposal", f"it is {proposal.state}", "look at the page again", zh="该建议已处理，请刷新查看"
            )
        return proposal

    def _decide(
        self, action: str, decided: Proposal, actor: Actor, now: Instant, key: str | None, digest: str
    ) -> Proposal:
        record = Record(
            kind=f"proposal.{action}",
            actor=actor.account,
            at=now,
            subjects=(("proposal", decided.id),),
            facts={"plan": decided.plan, "level": decided.level, "reason": decided.dismissed_reason},
        )
        self.desk.store.apply(
            Changes(
                puts=(decided,),
                records=(record,),
                idempotency_key=key,
                request_digest=digest,
                response=decided.id,
            )
        )
        with self.desk.store.reader() as reader:
            return reader.get(Proposal, decided.id)


def _fresh(
    plan: PlanDefinition, warn: WarningCall, warnings: tuple[Warning, ...], known: set[int]
) -> list[Warning]:
    """Warnings that somebody must confirm and that nobody was called for."""
    rules = warn.rules or watched(plan)
    return [
        one
        for one in warnings
        if one.colour in warn.colours
        and one.rule in rules
        and one.id not in known
        and one.cleared is None
        and one.state != "false_alarm"
    ]


def _notice(warn: WarningCall, fresh: list[Warning], account: int) -> Notice:
    first, minutes = fresh[0], warn.call.minutes
    text = Label(
        f"【叫应】{first.title.zh}等 {len(fresh)} 条预警，请在 {minutes:g} 分钟内确认收到",
        f"{first.title.text('en')}: {len(fresh)} warnings; confirm within {minutes:g} minutes",
    )
    return Notice(first.case, "call", text, account=account, channels=("sms",))


def _of_plan(
    reader: Reader, noun: type[E], plan: PlanDefinition, at: str, now: Instant, standing: Expr
) -> tuple[E, ...]:
    """Rows of a plan since a day ago, by their instant `at`, and all that are `standing`."""
    recent = Compare("gt", field(at), Value(now - LOOK_BACK))
    return reader.find(noun, both(equals("plan", plan.name), Or((recent, standing))), limit=AT_MOST).rows


def _over(responses: tuple[Response, ...]) -> list[Instant]:
    """Instants up to which warnings have been answered: the end of a response, or a decision to go down."""
    found = [one.ended for one in responses if one.ended is not None]
    for response in responses:
        changes = response.changes
        found += [later.at for earlier, later in pairwise(changes) if later.level > earlier.level]
    return found


def _dismissed(proposals: tuple[Proposal, ...]) -> list[Instant]:
    return [one.dismissed_at for one in proposals if one.dismissed_at is not None]
