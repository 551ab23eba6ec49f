"""叫应 as time goes: who confirmed, who is called next, and when the commander must know that nobody answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hutong.engine.flow.responding.roster import chain
from hutong.engine.respond.calls import Passed, again, confirmed, dropped, passed
from hutong.kernel.access import Actor, decide
from hutong.kernel.base import MINUTE, Entity, Instant, Label
from hutong.kernel.case import Notice
from hutong.kernel.changes import Changes, Record
from hutong.kernel.errors import Conflict, Forbidden, Invalid, Refused
from hutong.kernel.plan import Calling, Response
from hutong.kernel.ports import Reader
from hutong.kernel.query import Compare, Field, IsNull, Not, Order, Value, both, equals

if TYPE_CHECKING:
    from hutong.engine.flow.cases import CaseDesk

BATCH = 200
CHANNELS = ("console", "phone", "sms")
"""How somebody can confirm; the last two are noted by a commander or told by a gateway."""


class CallDesk:
    """Callings of one city."""

    def __init__(self, desk: CaseDesk) -> None:
        self.desk = desk

    def confirm(
        self, id: int, actor: Actor, channel: str, *, key: str | None = None, digest: str = ""
    ) -> Calling:
        """Confirms; Refused if that was done or is not needed any more."""
        if channel not in CHANNELS:
            raise Invalid(
                "channel", f"there is no channel {channel!r}", f"choose one of {', '.join(CHANNELS)}"
            )
        now = self.desk.clock.city_time()
        with self.desk.store.reader() as reader:
            calling = reader.get(Calling, id)
            self._check(calling, actor)
            after = confirmed(calling, actor.account, channel, now)
            relieved = [dropped(one) for one in self._others(reader, calling)]
        rows: tuple[Entity, ...] = (after, *relieved)
        record = Record(
            kind="calling.confirm",
            actor=actor.account,
            at=now,
            subjects=(*_subjects(calling), *(("calling", one.id) for one in relieved)),
            facts={
                "action": "confirm",
                "post": calling.post,
                "called": calling.account,
                "channel": channel,
                "minutes": (now - calling.called) / MINUTE,
                "in_time": now <= calling.due,
            },
            explain={"undo": "not possible: who has heard has heard"},
        )
        self.desk.store.apply(
            Changes(
                puts=rows, records=(record,), idempotency_key=key, request_digest=digest, response=calling.id
            )
        )
        with self.desk.store.reader() as reader:
            return reader.get(Calling, id)

    def _check(self, calling: Calling, actor: Actor) -> None:
        if actor.account != calling.account and not decide(actor, "command", "response").allowed:
            raise Forbidden(
                "calling",
                "somebody else is called",
                "only he or the commander confirms",
                zh="只能由被叫应人或指挥长确认",
            )
        if calling.state in ("confirmed", "dropped"):
            words = {"confirmed": "已确认", "dropped": "已无须确认"}
            raise Refused(
                "calling", f"it is {calling.state}", "there is nothing to do", zh=words[calling.state]
            )

    def _others(self, reader: Reader, calling: Calling) -> list[Calling]:
        """Further people of the same post who wait about the same."""
        where = both(equals("plan", calling.plan), equals("state", "waiting"))
        return [
            one
            for one in reader.find(Calling, where, limit=BATCH).rows
            if one.id != calling.id
            and (one.response, one.post) == (calling.response, calling.post)
            and (one.response is not None or bool({*one.warnings} & {*calling.warnings}))
        ]

    def tick(self) -> int:
        """Calls the next person wherever nobody confirmed in time: once, also after a stop. Returns how many."""
        now = self.desk.clock.city_time()
        done = 0
        due = Field(("next_due",))
        where = both(Not(IsNull(due)), Compare("le", due, Value(now)))
        with self.desk.store.reader() as reader:
            waiting = reader.find(Calling, where, order=(Order(("next_due",)),), limit=BATCH).rows
        for calling in waiting:
            done += self._pass_on(calling, now)
        return done

    def _pass_on(self, calling: Calling, now: Instant) -> int:
        directory, duty = self.desk.directory(), self.desk.rulebook.city.duty
        over = passed(calling, chain(directory, duty, calling.post, calling.role, now), now)
        if over is None:
            return 0
        rows: list[Entity] = [over.calling]
        if over.next is not None:
            rows.append(again(self.desk.store.new_ids(1)[0], calling, over.next, now))
        messages = self.desk.messages([self._notice(calling, over)])
        rows.extend(messages)
        facts = {"post": calling.post, "called": calling.account, "step": calling.step}
        record = Record(
            kind="calling.pass" if over.next is not None else "calling.unanswered",
            actor=0,
            at=now,
            subjects=(
                *_subjects(calling),
                *((type(one).__name__.lower(), one.id) for one in rows[1:]),
            ),
            facts={**facts, "action": "pass", "next": over.next},
            explain={"due": calling.due, "late_by": max(0, now - calling.due), "minutes": calling.minutes},
        )
        try:
            self.desk.store.apply(Changes(puts=tuple(rows), records=(record,)))
        except Conflict:
            return 0
        return 1

    def _notice(self, calling: Calling, over: Passed) -> Notice:
        """To the next person, or to whoever commands that nobody is left."""
        directory = self.desk.directory()
        plan = self.desk.rulebook.plans.get(calling.plan)
        name = plan.label if plan else Label(calling.plan, calling.plan)
        case = commander = None
        if calling.response is not None:
            with self.desk.store.reader() as reader:
                response = reader.get(Response, calling.response)
                case, commander = response.case, response.commander
        who = directory.account_name(calling.account)
        if over.next is not None:
            text = Label(
                f"【叫应】{name.zh}：{who.zh}未应答，请您在 {calling.minutes:g} 分钟内确认收到",
                f"{name.text('en')}: {who.text('en')} has not answered; confirm within {calling.minutes:g} minutes",
            )
            return Notice(case, "call", text, account=over.next, channels=("sms",))
        text = Label(
            f"【叫应】{name.zh}：{calling.label.zh}无人应答，请电话联系",
            f"{name.text('en')}: nobody answers for {calling.label.text('en')}; call them by telephone",
        )
        role = "" if commander is not None else self._commanding(calling.plan)
        return Notice(case, "escalated", text, account=commander, role=role, channels=("sms",))

    def _commanding(self, plan: str) -> str:
        """The role that commands the plan's highest level."""
        definition = self.desk.rulebook.plans.get(plan)
        if definition is None:
            return ""
        highest = min(definition.levels, key=lambda one: one.level)
        return highest.commanders[0]


def _subjects(calling: Calling) -> tuple[tuple[str, int], ...]:
    about = (("response", calling.response),) if calling.response is not None else ()
    return (("calling", calling.id), *about, *(("warning", one) for one in calling.warnings[:20]))
