"""Delivering: each subscription is told what came after its cursor, in order, at least once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import msgspec
from msgspec.structs import replace

from hutong.engine.directory import Directory
from hutong.engine.outbox import pause
from hutong.engine.rulebook import Rulebook
from hutong.engine.webhooks.events import CONTENT_TYPE, Event, Teller, Told, encode, wanted
from hutong.engine.webhooks.signing import signed
from hutong.kernel.access import Actor
from hutong.kernel.base import HOUR, SECOND, Instant
from hutong.kernel.case import Message
from hutong.kernel.changes import Changes, Record
from hutong.kernel.clock import Clock
from hutong.kernel.errors import Conflict, HutongError
from hutong.kernel.ports import Posted, Reader, Store, Webhooks
from hutong.kernel.query import both, equals
from hutong.kernel.subscription import Delivery, Subscription

LANE = 1
CHUNK = 500
"""Records looked at together …"""
MOST = 50
"""… and events posted to one subscription before its cursor is kept."""
QUIET = 2_000
"""Records without an event for it after which a subscription's cursor is kept all the same."""
ROUND = 20 * SECOND
"""How long a subscription is posted to before its cursor is kept: well within the lease."""
THREADS = 8
GONE = 410
"""The receiver wants no more, ever."""


class Look(msgspec.Struct, frozen=True):
    """What a subscription is to be told now, and how far it has then been told."""

    subscription: Subscription
    told: tuple[Told, ...]
    start: int
    end: int
    again: Delivery | None = None


class Outcome(msgspec.Struct, frozen=True):
    """Events posted before one failed (or all), and how the last was answered."""

    look: Look
    done: int
    posted: Posted


def cursor_of(id: int) -> str:
    return f"webhook/{id}"


class Deliverer:
    """Tells all subscriptions. One worker at a time; the subscriptions beside each other, each in order."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        rulebook: Rulebook,
        directory: Callable[[], Directory],
        webhooks: Webhooks,
    ) -> None:
        self.store = store
        self.clock = clock
        self.rulebook = rulebook
        self.directory = directory
        self.webhooks = webhooks
        self.lease = store.lease("webhooks")
        self._seen: dict[int, int] = {}
        """Subscription → position looked at without anything for it, ahead of its cursor."""
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="webhook")

    def close(self) -> None:
        self._threads.shutdown(wait=True, cancel_futures=True)

    def step(self) -> int:
        """One round; returns how many events were delivered. Nothing while another worker does it."""
        if not self.lease.hold():
            return 0
        with self.store.reader() as reader:
            head = reader.head(LANE)
            due = self._due(reader)
            looks = [look for one in due if (look := self._look(reader, one, head)) is not None]
        return sum(map(self._keep, self._threads.map(self._told, looks)))

    def _due(self, reader: Reader) -> Sequence[Subscription]:
        now = self.clock.recorded_at()
        active = reader.find(Subscription, equals("state", "active"), limit=1000).rows
        return [one for one in active if one.next_try is None or one.next_try <= now]

    def _look(self, reader: Reader, subscription: Subscription, head: int) -> Look | None:
        actor = self.actor(subscription)
        if actor is None:
            return None
        waiting = self._again(reader, subscription)
        if waiting is not None:
            told = self._told_of(reader, subscription, actor, waiting.first - 1, waiting.last)
            return Look(subscription, tuple(told), waiting.first - 1, waiting.last, waiting)
        start = int(reader.cursor(cursor_of(subscription.id), LANE) or head)
        after = max(start, self._seen.get(subscription.id, 0))
        if after >= head:
            return None
        end = min(head, after + CHUNK)
        told = self._told_of(reader, subscription, actor, after, end)
        if len(told) > MOST:
            told = told[:MOST]
            end = told[-1].position
        if told or end - start >= QUIET:
            return Look(subscription, tuple(told), after, end)
        self._seen[subscription.id] = end
        return None

    def _again(self, reader: Reader, subscription: Subscription) -> Delivery | None:
        where = both(equals("state", "waiting"), equals("subscription", subscription.id))
        return next(iter(reader.find(Delivery, where, limit=1).rows), None)

    def _told_of(
        self, reader: Reader, subscription: Subscription, actor: Actor, after: int, end: int
    ) -> list[Told]:
        records = reader.journal(lane=LANE, after=after, limit=end - after)
        asked = [one for one in records if one.position <= end and wanted(subscription.kinds, one.kind)]
        within = [one for one in (subscription.place, subscription.organisation) if one is not None]
        teller = Teller(self.rulebook, self.directory())
        return [one for one in teller.told(reader, asked) if one.for_whom(actor, within)]

    def actor(self, subscription: Subscription) -> Actor | None:
        """The subscribing account as it is now; None if it is gone or disabled: then nothing is told."""
        try:
            return self.directory().actor(subscription.account, self.clock.city_time())
        except HutongError:
            return None

    def _told(self, look: Look) -> Outcome:
        posted, began = Posted(200), self.clock.recorded_at()
        for count, one in enumerate(look.told):
            if self.clock.recorded_at() - began > ROUND:
                return Outcome(look, count, posted)
            posted = self.post(look.subscription, one.event)
            if not posted.taken:
                return Outcome(look, count, posted)
        return Outcome(look, len(look.told), posted)

    def post(self, subscription: Subscription, event: Event) -> Posted:
        """One event, signed, to the subscription's address."""
        return self.signed_post(self.webhooks, subscription, event, self.clock.recorded_at())

    @staticmethod
    def signed_post(webhooks: Webhooks, subscription: Subscription, event: Event, at: Instant) -> Posted:
        body = encode(event)
        headers = signed(subscription.secret, subscription.key_id, event.id, at, body)
        return webhooks.post(subscription.url, body, {"Content-Type": CONTENT_TYPE, **headers})

    def _keep(self, outcome: Outcome) -> int:
        """Cursor, log and state of the subscription in one commit."""
        look, now = outcome.look, self.clock.recorded_at()
        with self.store.reader() as reader:
            current = reader.get(Subscription, look.subscription.id)
        rows = self._deliveries(outcome, now)
        after = _after(current, outcome, now, self.rulebook.city.faces.webhooks.give_up_hours)
        puts = (*rows, *((after,) if after != current else ()))
        if after.state == "disabled" and current.state != "disabled":
            puts = (*puts, self._notice(after))
        cursors = {} if look.again else {cursor_of(current.id): str(_reached(outcome))}
        records = (self._record(outcome, after, puts),) if puts else ()
        try:
            self.store.apply(Changes(lane=LANE, puts=puts, records=records, cursors=cursors))
        except Conflict:
            return 0
        self._seen.pop(current.id, None)
        return outcome.done

    def _deliveries(self, outcome: Outcome, now: Instant) -> tuple[Delivery, ...]:
        look, told = outcome.look, outcome.look.told
        if look.again is not None:
            state = "delivered" if outcome.posted.taken else "failed"
            done = replace(
                look.again,
                state=state,
                count=len(told),
                status=outcome.posted.status,
                error=outcome.posted.error,
                attempts=look.again.attempts + 1,
                at=now,
            )
            return (done,)
        found = []
        ids = iter(self.store.new_ids(2))
        if outcome.done:
            found.append(
                self._row(next(ids), outcome, told[: outcome.done], Posted(outcome.posted.status), now)
            )
        if not outcome.posted.taken:
            found.append(
                self._row(next(ids), outcome, told[outcome.done : outcome.done + 1], outcome.posted, now)
            )
        return tuple(found)

    def _row(self, id: int, outcome: Outcome, told: Sequence[Told], posted: Posted, now: Instant) -> Delivery:
        return Delivery(
            id=id,
            subscription=outcome.look.subscription.id,
            first=told[0].position,
            last=told[-1].position,
            count=len(told),
            state="failed" if posted.error else "delivered",
            kind=told[0].kind,
            status=posted.status,
            error=posted.error[:300],
            attempts=outcome.look.subscription.failures + 1,
            at=now,
        )

    def _record(self, outcome: Outcome, after: Subscription, puts: Sequence[object]) -> Record:
        kind = "subscription.disable" if after.state == "disabled" else "subscription.deliver"
        named = tuple(("delivery", one.id) for one in puts if isinstance(one, Delivery))
        told = tuple(("message", one.id) for one in puts if isinstance(one, Message))
        return Record(
            kind=kind,
            actor=0,
            at=self.clock.city_time(),
            subjects=(("subscription", after.id), *named, *told),
            facts={
                "events": outcome.done,
                "status": outcome.posted.status,
                "error": outcome.posted.error[:300],
            },
        )

    def _notice(self, subscription: Subscription) -> Message:
        """The owner learns that nothing is told any more."""
        return Message(
            id=self.store.new_ids(1)[0],
            case=None,
            to=subscription.account,
            channel="console",
            kind="told",
            text=f"推送订阅「{subscription.name}」已停用：{subscription.why}",
            state="sent",
            at=self.clock.city_time(),
        )


def _reached(outcome: Outcome) -> int:
    """How far the subscription has been told."""
    look = outcome.look
    if outcome.posted.taken and outcome.done == len(look.told):
        return look.end
    return look.told[outcome.done - 1].position if outcome.done else look.start


def _after(current: Subscription, outcome: Outcome, now: Instant, give_up_hours: float) -> Subscription:
    """The subscription after a round; deliveries asked for by hand do not count."""
    if outcome.look.again is not None:
        return current
    if outcome.posted.taken:
        return replace(current, failures=0, failing_since=None, next_try=None)
    failures = current.failures + 1 if not outcome.done else 1
    since = now if outcome.done or current.failing_since is None else current.failing_since
    over = outcome.posted.status == GONE or now - since >= give_up_hours * HOUR
    return replace(
        current,
        failures=failures,
        failing_since=since,
        next_try=now + pause(failures),
        state="disabled" if over else current.state,
        why=outcome.posted.error[:300] if over else current.why,
    )
