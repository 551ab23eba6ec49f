"""Keys of programs: GET, POST and DELETE /keys."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from litestar import Response, Router, delete, get, post
from litestar.params import FromQuery, JSONBody

from hutong.api.access import access
from hutong.api.house import House
from hutong.api.requests import Limit, RowId, TheActor, TheHouse, TheRepeat
from hutong.api.shapes import Named, time_of
from hutong.engine.keys import issue, known, revoke
from hutong.kernel.query import Order
from hutong.kernel.subscription import ApiKey

MOST = 200


class NewKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose program it is for, what it may do (`report`: Open311), and how often a minute."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    may: Annotated[tuple[Literal["report"], ...], msgspec.Meta(min_length=1, max_length=5)] = ("report",)
    per_minute: Annotated[int, msgspec.Meta(ge=1, le=6000)] = 60


class KeyRow(msgspec.Struct, frozen=True, kw_only=True):
    """A key by its first characters; `key` itself only in the answer that issued it."""

    id: int
    name: str
    may: list[str]
    shown: str
    per_minute: int
    by: Named
    since: str | None
    revoked: str | None
    key: str | None = None


class KeyList(msgspec.Struct, frozen=True):
    rows: list[KeyRow]
    after: str | None


def _row(house: House, row: ApiKey, key: str | None = None) -> KeyRow:
    return KeyRow(
        id=row.id,
        name=row.name,
        may=list(row.may),
        shown=row.shown,
        per_minute=row.per_minute,
        by=Named(row.by, house.directory.account_name(row.by)),
        since=time_of(row.since),
        revoked=time_of(row.revoked),
        key=key,
    )


@get("/keys", guards=[access("manage", "api_key")], sync_to_thread=True, summary="Keys of programs")
def list_keys(house: TheHouse, after: FromQuery[str | None] = None, limit: Limit = 50) -> KeyList:
    """Newest first, revoked ones too."""
    with house.store.reader() as reader:
        order = (Order(("id",), descending=True),)
        page = reader.find(ApiKey, order=order, limit=min(limit, MOST), after=after)
    return KeyList([_row(house, one) for one in page.rows], page.after)


@post("/keys", guards=[access("manage", "api_key")], sync_to_thread=True, summary="Issue a key")
def issue_key(
    house: TheHouse, actor: TheActor, repeat: TheRepeat, data: JSONBody[NewKey]
) -> Response[KeyRow]:
    """The key is shown once: only its hash is kept."""
    id, key = issue(
        house.store,
        actor,
        data.name,
        tuple(dict.fromkeys(data.may)),
        data.per_minute,
        house.now(),
        key=repeat.key,
        digest=repeat.digest,
    )
    with house.store.reader() as reader:
        row = known(reader, id)
    return Response(_row(house, row, key), status_code=201, headers={"Location": f"/api/v1/keys/{id}"})


@delete(
    "/keys/{id:int}",
    guards=[access("manage", "api_key")],
    status_code=200,
    sync_to_thread=True,
    summary="Revoke a key",
)
def revoke_key(house: TheHouse, actor: TheActor, id: RowId) -> KeyRow:
    """From the next request on it opens nothing."""
    return _row(house, revoke(house.store, actor, id, house.now()))


router = Router("/", route_handlers=[list_keys, issue_key, revoke_key], tags=["keys"])
