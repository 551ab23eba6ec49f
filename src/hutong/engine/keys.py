"""Keys of programs: 256 random bits, shown once, kept as a hash; issued and revoked by people, looked up by what is sent."""

from __future__ import annotations

import hashlib
import secrets

from msgspec.structs import replace

from hutong.kernel.access import Actor
from hutong.kernel.base import Instant
from hutong.kernel.changes import Changes, Record
from hutong.kernel.errors import NotFound, Refused, Unauthenticated
from hutong.kernel.ports import Reader, Store
from hutong.kernel.query import equals
from hutong.kernel.subscription import ApiKey

PREFIX = "hutong_"
SHOWN = len(PREFIX) + 6


def issue(
    store: Store,
    actor: Actor,
    name: str,
    may: tuple[str, ...],
    per_minute: int,
    at: Instant,
    **once: str | None,
) -> tuple[int, str]:
    """A new key: its row's id and the key itself, which nobody sees again. `once`: idempotency key and digest."""
    key = PREFIX + secrets.token_urlsafe(32)
    row = ApiKey(
        id=store.new_ids(1)[0],
        name=name,
        may=may,
        digest=_digest(key),
        shown=key[:SHOWN],
        per_minute=per_minute,
        by=actor.account,
        since=at,
    )
    changes = Changes(
        puts=(row,),
        records=(_record("issue", row, actor, at),),
        idempotency_key=once.get("key"),
        request_digest=once.get("digest") or "",
        response=row.id,
    )
    applied = store.apply(changes)
    if applied.repeated:
        raise Refused(
            "Idempotency-Key",
            "this key was issued already and is shown only once",
            "revoke it and issue another",
        )
    return row.id, key


def revoke(store: Store, actor: Actor, id: int, at: Instant) -> ApiKey:
    """From now on it opens nothing."""
    with store.reader() as reader:
        row = reader.get(ApiKey, id)
    if row.revoked is None:
        gone = replace(row, revoked=at)
        store.apply(Changes(puts=(gone,), records=(_record("revoke", row, actor, at),)))
    with store.reader() as reader:
        return reader.get(ApiKey, id)


def held(reader: Reader, key: str, purpose: str) -> ApiKey:
    """The row of a key that somebody sent. Unauthenticated if it is none, was revoked, or is not for this."""
    rows = reader.find(ApiKey, equals("digest", _digest(key)), limit=1).rows if key.startswith(PREFIX) else ()
    if not rows or rows[0].revoked is not None or purpose not in rows[0].may:
        raise Unauthenticated("api_key", "is missing, unknown or revoked", "ask the city for a key")
    return rows[0]


def known(reader: Reader, id: int) -> ApiKey:
    row = reader.many(ApiKey, [id]).get(id)
    if row is None:
        raise NotFound("api_key", f"there is no api_key/{id}")
    return row


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _record(action: str, row: ApiKey, actor: Actor, at: Instant) -> Record:
    return Record(
        kind=f"api_key.{action}",
        actor=actor.account,
        at=at,
        subjects=(("api_key", row.id),),
        facts={"name": row.name, "may": list(row.may)},
    )
