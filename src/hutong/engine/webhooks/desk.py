"""Subscriptions: made, changed, switched off and on again, tried, and told again what was told before."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from hutong.engine.directory import Directory
from hutong.engine.webhooks.deliver import LANE, cursor_of
from hutong.engine.webhooks.events import NOUNS, known_pattern
from hutong.engine.webhooks.signing import new_key_id, new_secret
from hutong.kernel.access import Actor, decide
from hutong.kernel.changes import Changes, Record
from hutong.kernel.clock import Clock
from hutong.kernel.errors import Forbidden, Invalid, NotFound, Refused
from hutong.kernel.ports import Reader, Store, Webhooks
from hutong.kernel.query import equals
from hutong.kernel.subscription import Delivery, Subscription

MOST = 50
"""Subscriptions of one account."""
KINDS = 20


class SubscriptionDesk:
    """The subscriptions of one city."""

    def __init__(
        self, store: Store, clock: Clock, directory: Callable[[], Directory], webhooks: Webhooks
    ) -> None:
        self.store = store
        self.clock = clock
        self.directory = directory
        self.webhooks = webhooks

    def create(
        self,
        actor: Actor,
        *,
        name: str,
        url: str,
        kinds: Sequence[str],
        place: int | None = None,
        organisation: int | None = None,
        key: str | None = None,
        digest: str = "",
    ) -> int:
        """A new subscription, told of what happens from now on; returns its id."""
        self._check(url, kinds, place, organisation)
        with self.store.reader() as reader:
            own = reader.count(Subscription, equals("account", actor.account), at_most=MOST + 1)
            head = reader.head(LANE)
        if own >= MOST:
            raise Refused("subscription", f"the account has {own}", "retire one that is not needed")
        row = Subscription(
            id=self.store.new_ids(1)[0],
            account=actor.account,
            name=name,
            url=url,
            kinds=tuple(dict.fromkeys(kinds)),
            place=place,
            organisation=organisation,
            secret=new_secret(),
            key_id=new_key_id(),
        )
        changes = Changes(
            puts=(row,),
            records=(self._record("create", row, actor),),
            cursors={cursor_of(row.id): str(head)},
            idempotency_key=key,
            request_digest=digest,
            response=row.id,
        )
        return int(self.store.apply(changes).response)

    def change(
        self,
        id: int,
        actor: Actor,
        *,
        version: int | None,
        name: str | None = None,
        url: str | None = None,
        kinds: Sequence[str] | None = None,
        state: str | None = None,
    ) -> Subscription:
        """`state` active begins anew where it was left; only its owner changes where it goes and what it is told."""
        with self.store.reader() as reader:
            row = self.readable(reader, id, actor)
        if (url is not None or kinds is not None or name is not None or state == "active") and (
            row.account != actor.account
        ):
            raise Forbidden("subscription", "it belongs to another account", "its owner changes it")
        self._check(url or row.url, kinds or row.kinds, row.place, row.organisation)
        if version is not None:
            row = replace(row, version=version)
        changed = replace(row, name=name or row.name, url=url or row.url, kinds=tuple(kinds or row.kinds))
        if state == "active":
            changed = replace(changed, state="active", why="", failures=0, failing_since=None, next_try=None)
        elif state == "paused":
            changed = replace(changed, state="paused")
        return self._put(changed, "change", actor)

    def rotate(self, id: int, actor: Actor) -> Subscription:
        """A new secret with a new name; what is posted from now on is signed with it."""
        with self.store.reader() as reader:
            row = self.owned(reader, id, actor)
        return self._put(replace(row, secret=new_secret(), key_id=new_key_id()), "rotate", actor)

    def retire(self, id: int, actor: Actor) -> None:
        with self.store.reader() as reader:
            row = self.readable(reader, id, actor)
        gone = replace(row, state="paused", retired=self.clock.city_time())
        self.store.apply(Changes(puts=(gone,), records=(self._record("retire", row, actor),)))

    def again(self, id: int, delivery: int, actor: Actor, *, key: str | None, digest: str) -> int:
        """Asks for a delivery once more; the worker does it next."""
        with self.store.reader() as reader:
            row = self.owned(reader, id, actor)
            told = reader.get(Delivery, delivery)
        if told.subscription != id:
            raise NotFound("delivery", f"there is no delivery/{delivery}")
        if row.state != "active":
            raise Refused("subscription", f"it is {row.state}", "switch it on first", zh="订阅未启用")
        now = self.clock.recorded_at()
        asked = replace(
            told, id=self.store.new_ids(1)[0], version=0, state="waiting", status=None, error="",
            attempts=0, at=now, again=told.id,
        )  # fmt: skip
        record = Record(
            kind="subscription.again",
            actor=actor.account,
            at=self.clock.city_time(),
            subjects=(("subscription", id), ("delivery", asked.id)),
            facts={"first": told.first, "last": told.last},
        )
        changes = Changes(
            puts=(asked,), records=(record,), idempotency_key=key, request_digest=digest, response=asked.id
        )
        return int(self.store.apply(changes).response)

    def readable(self, reader: Reader, id: int, actor: Actor) -> Subscription:
        """The row, if it is the actor's own or the actor manages everything."""
        row = reader.get(Subscription, id)
        if row.retired is not None or not (row.account == actor.account or manages_all(actor)):
            raise NotFound("subscription", f"there is no subscription/{id}", noun="subscription", id=id)
        return row

    def owned(self, reader: Reader, id: int, actor: Actor) -> Subscription:
        row = self.readable(reader, id, actor)
        if row.account != actor.account:
            raise Forbidden("subscription", "it belongs to another account", "its owner does this")
        return row

    def _check(self, url: str, kinds: Sequence[str], place: int | None, organisation: int | None) -> None:
        self.webhooks.check(url)
        wrong = next((one for one in kinds if not known_pattern(one)), None)
        if not kinds or len(kinds) > KINDS or wrong is not None:
            reason = (
                f"{wrong!r} names nothing that is told" if wrong is not None else "names nothing, or too much"
            )
            raise Invalid(
                "kinds", reason, "write patterns such as case.*, of " + ", ".join(f"{one}.*" for one in NOUNS)
            )
        directory = self.directory()
        if place is not None and place not in directory.places:
            raise Invalid("place", f"there is no place/{place}", "choose one of GET /places")
        if organisation is not None and organisation not in directory.organisations:
            raise Invalid(
                "organisation", f"there is no organisation/{organisation}", "see GET /organisations"
            )

    def _put(self, row: Subscription, action: str, actor: Actor) -> Subscription:
        self.store.apply(Changes(puts=(row,), records=(self._record(action, row, actor),)))
        with self.store.reader() as reader:
            return reader.get(Subscription, row.id)

    def _record(self, action: str, row: Subscription, actor: Actor) -> Record:
        return Record(
            kind=f"subscription.{action}",
            actor=actor.account,
            at=self.clock.city_time(),
            subjects=(("subscription", row.id),),
            facts={"url": row.url, "kinds": list(row.kinds), "state": row.state},
        )


def manages_all(actor: Actor) -> bool:
    """Whether the actor manages whatever there is (an administrator)."""
    return decide(actor, "manage", "*").allowed
