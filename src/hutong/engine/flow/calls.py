"""话务: calls taken, made and missed, and who it was that called."""

from __future__ import annotations

from msgspec.structs import replace

from hutong.kernel.access import Actor, decide
from hutong.kernel.base import Entity, Facts
from hutong.kernel.call import Call, dialled
from hutong.kernel.changes import Changes, Record
from hutong.kernel.clock import Clock
from hutong.kernel.errors import Forbidden, Invalid, Refused
from hutong.kernel.party import Party
from hutong.kernel.ports import Reader, Store

CALL = "call"


class CallDesk:
    """The telephone of a call desk."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self.store = store
        self.clock = clock

    def callers(self, reader: Reader, number: str) -> list[Party]:
        """Everybody known under a number: a household shares one."""
        found = reader.search_hash(Party, "phone", dialled(number))
        return [one for one in found if one.kind == "person" and one.erased is None]

    def ring(
        self, number: str, actor: Actor, *, missed: bool = False, key: str | None = None, digest: str = ""
    ) -> Call:
        """A call in: answered by the actor, or missed (nobody answered; it is to be returned)."""
        self._may(actor)
        digits = dialled(number)
        with self.store.reader() as reader:
            known = self.callers(reader, digits)
        id, fresh = self.store.new_ids(2)
        party = known[0] if known else Party(id=fresh, subject=fresh, kind="person", phone=digits)
        now = self.clock.city_time()
        call = Call(
            id=id,
            direction="in",
            subject=party.id,
            number=digits,
            state="missed" if missed else "talking",
            account=None if missed else actor.account,
            began=now,
            ended=now if missed else None,
        )
        rows: tuple[Entity, ...] = (call,) if known else (call, party)
        return self._kept(call, rows, "miss" if missed else "answer", actor, key=key, digest=digest)

    def end(
        self, id: int, case: int | None, actor: Actor, *, key: str | None = None, digest: str = ""
    ) -> Call:
        """The call is over; `case` is the order it was about, if any."""
        self._may(actor)
        with self.store.reader() as reader:
            call = reader.get(Call, id)
        if call.state != "talking":
            raise Refused("call", f"is {call.state}", "there is nothing to end", zh="该通话已结束")
        self._own(call, actor)
        ended = replace(call, state="ended", ended=self.clock.city_time(), case=case or call.case)
        return self._kept(ended, (ended,), "end", actor, key=key, digest=digest)

    def returned(self, id: int, actor: Actor, *, key: str | None = None, digest: str = "") -> Call:
        """回拨: a call out that returns a missed one; the missed one is done with."""
        self._may(actor)
        with self.store.reader() as reader:
            missed = reader.get(Call, id)
        if missed.state != "missed":
            raise Refused("call", f"is {missed.state}, not missed", "take another one", zh="该来电已回拨")
        call = Call(
            id=self.store.new_ids(1)[0],
            direction="out",
            subject=missed.subject,
            number=missed.number,
            state="talking",
            account=actor.account,
            purpose="call_back",
            returns=missed.id,
            began=self.clock.city_time(),
        )
        rows = (call, replace(missed, state="returned"))
        return self._kept(call, rows, "return", actor, key=key, digest=digest)

    def about(self, id: int | None, case: int, actor: Actor) -> Call | None:
        """The call with the order it was about, for whoever stores both; None without a call."""
        if id is None:
            return None
        with self.store.reader() as reader:
            call = reader.get(Call, id)
        self._own(call, actor)
        return replace(call, case=case)

    def _own(self, call: Call, actor: Actor) -> None:
        if call.account != actor.account:
            raise Invalid(
                "call", f"call {call.id} is not yours", "name the call you are in", zh="不是您的通话"
            )

    def _may(self, actor: Actor) -> None:
        decision = decide(actor, "answer", CALL)
        if not decision.allowed:
            raise Forbidden(CALL, decision.reason, "ask somebody of the call desk")

    def _kept(
        self, call: Call, rows: tuple[Entity, ...], verb: str, actor: Actor, *, key: str | None, digest: str
    ) -> Call:
        facts: Facts = {"direction": call.direction, "state": call.state, "case": call.case}
        record = Record(
            kind=f"call.{verb}",
            actor=actor.account,
            at=self.clock.city_time(),
            subjects=tuple((type(one).__name__.lower(), one.id) for one in rows),
            facts=facts,
        )
        applied = self.store.apply(
            Changes(
                puts=rows, records=(record,), idempotency_key=key, request_digest=digest, response=call.id
            )
        )
        with self.store.reader() as reader:
            return reader.get(Call, int(applied.response))
