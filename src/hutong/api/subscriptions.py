"""Webhook subscriptions: /subscriptions, their deliveries, and a test delivery."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from litestar import Response, Router, delete, get, patch, post
from litestar.params import FromQuery, JSONBody

from hutong.api.access import access
from hutong.api.house import House
from hutong.api.requests import (
    IfMatch,
    Limit,
    RowId,
    TheActor,
    TheHouse,
    TheRepeat,
    answered,
    etag,
    version_of,
)
from hutong.api.shapes import Id, Named, organisation, time_of
from hutong.engine.webhooks.deliver import Deliverer
from hutong.engine.webhooks.desk import SubscriptionDesk, manages_all
from hutong.engine.webhooks.events import Teller
from hutong.kernel.access import Actor
from hutong.kernel.base import Label
from hutong.kernel.clock import iso
from hutong.kernel.errors import Unavailable
from hutong.kernel.query import Order, equals
from hutong.kernel.subscription import Delivery, Subscription

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Url = Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]
Kinds = Annotated[
    list[Annotated[str, msgspec.Meta(min_length=1, max_length=60)]], msgspec.Meta(max_length=20)
]
MOST = 200


class NewSubscription(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which events (`case.*`, `warning.raise`) go where; narrowed to a place or an organisation if one is given."""

    name: Name
    url: Url
    kinds: Kinds
    place: Id | None = None
    organisation: Id | None = None


class SubscriptionChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is not given stays. `active` begins anew where it was left."""

    name: Name | None = None
    url: Url | None = None
    kinds: Kinds | None = None
    state: Literal["active", "paused"] | None = None


class SubscriptionRow(msgspec.Struct, frozen=True, kw_only=True):
    """A subscription. `secret` only in the answer that made it. `own`: whether it is the asker's."""

    id: int
    version: int
    name: str
    url: str
    kinds: list[str]
    place: Named | None
    organisation: Named | None
    account: Named
    own: bool
    state: str
    why: str
    key_id: str
    failures: int
    failing_since: str | None
    next_try: str | None
    secret: str | None = None


class SubscriptionList(msgspec.Struct, frozen=True):
    rows: list[SubscriptionRow]
    after: str | None


class DeliveryRow(msgspec.Struct, frozen=True, kw_only=True):
    """A run of events that were delivered, or one that failed; positions are of the journal."""

    id: int
    state: str
    first: int
    last: int
    count: int
    kind: str
    status: int | None
    error: str
    attempts: int
    at: str
    again: int | None


class DeliveryList(msgspec.Struct, frozen=True):
    rows: list[DeliveryRow]
    after: str | None


class Tried(msgspec.Struct, frozen=True):
    """How a test event was answered."""

    taken: bool
    status: int | None
    error: str


def _desk(house: House) -> SubscriptionDesk:
    if house.context.webhooks is None:
        raise Unavailable("webhooks", "this installation posts nothing", "serve the city with `hutong run`")
    return SubscriptionDesk(house.store, house.clock, house.context.directory, house.context.webhooks)


def _row(house: House, actor: Actor, row: Subscription, secret: str | None = None) -> SubscriptionRow:
    directory = house.directory
    place = directory.places.get(row.place or 0)
    return SubscriptionRow(
        id=row.id,
        version=row.version,
        name=row.name,
        url=row.url,
        kinds=list(row.kinds),
        place=Named(place.id, place.name) if place else None,
        organisation=organisation(directory, row.organisation),
        account=Named(row.account, directory.account_name(row.account)),
        own=row.account == actor.account,
        state=row.state,
        why=row.why,
        key_id=row.key_id,
        failures=row.failures,
        failing_since=time_of(row.failing_since),
        next_try=time_of(row.next_try),
        secret=secret,
    )


@get(
    "/subscriptions",
    guards=[access("manage", "subscription")],
    sync_to_thread=True,
    summary="Webhook subscriptions",
)
def list_subscriptions(
    house: TheHouse, actor: TheActor, after: FromQuery[str | None] = None, limit: Limit = 50
) -> SubscriptionList:
    """One's own; an administrator sees all."""
    with house.store.reader() as reader:
        own = equals("account", actor.account)
        where = equals("lane", 1) if manages_all(actor) else own
        page = reader.find(Subscription, where, limit=min(limit, MOST), after=after)
    return SubscriptionList([_row(house, actor, one) for one in page.rows], page.after)


@post("/subscriptions", guards=[access("manage", "subscription")], sync_to_thread=True, summary="Subscribe")
def create_subscription(
    house: TheHouse, actor: TheActor, repeat: TheRepeat, data: JSONBody[NewSubscription]
) -> Response[SubscriptionRow]:
    """Events from now on, of what the asker may read, are posted there as CloudEvents, signed with `secret`."""
    desk = _desk(house)
    id = answered(house, repeat) or desk.create(
        actor,
        name=data.name,
        url=data.url,
        kinds=data.kinds,
        place=data.place,
        organisation=data.organisation,
        key=repeat.key,
        digest=repeat.digest,
    )
    with house.store.reader() as reader:
        row = desk.owned(reader, id, actor)
    headers = {"Location": f"/api/v1/subscriptions/{id}", "ETag": etag(row.version)}
    return Response(_row(house, actor, row, row.secret), status_code=201, headers=headers)


@get(
    "/subscriptions/{id:int}",
    guards=[access("manage", "subscription")],
    sync_to_thread=True,
    summary="A webhook subscription",
)
def get_subscription(house: TheHouse, actor: TheActor, id: RowId) -> Response[SubscriptionRow]:
    """Without its secret."""
    with house.store.reader() as reader:
        row = _desk(house).readable(reader, id, actor)
    return Response(_row(house, actor, row), headers={"ETag": etag(row.version)})


@patch(
    "/subscriptions/{id:int}",
    guards=[access("manage", "subscription")],
    sync_to_thread=True,
    summary="Change a subscription",
)
def change_subscription(
    house: TheHouse, actor: TheActor, id: RowId, data: JSONBody[SubscriptionChange], if_match: IfMatch = None
) -> Response[SubscriptionRow]:
    """Pauses it, begins it anew, or changes where it goes and what it is told."""
    row = _desk(house).change(
        id,
        actor,
        version=version_of(if_match),
        name=data.name,
        url=data.url,
        kinds=data.kinds,
        state=data.state,
    )
    return Response(_row(house, actor, row), headers={"ETag": etag(row.version)})


@post(
    "/subscriptions/{id:int}/rotate",
    guards=[access("manage", "subscription")],
    status_code=200,
    sync_to_thread=True,
    summary="Give a subscription a new secret",
)
def rotate_subscription(house: TheHouse, actor: TheActor, id: RowId) -> SubscriptionRow:
    """The new secret has a new `key_id`; the old one signs nothing any more."""
    row = _desk(house).rotate(id, actor)
    return _row(house, actor, row, row.secret)


@delete(
    "/subscriptions/{id:int}",
    guards=[access("manage", "subscription")],
    sync_to_thread=True,
    summary="End a subscription",
)
def end_subscription(house: TheHouse, actor: TheActor, id: RowId) -> None:
    """Nothing more is told."""
    _desk(house).retire(id, actor)


@post(
    "/subscriptions/{id:int}/test",
    guards=[access("manage", "subscription")],
    status_code=200,
    sync_to_thread=True,
    summary="Try a subscription",
)
def try_subscription(house: TheHouse, actor: TheActor, id: RowId) -> Tried:
    """Posts an event `hutong.webhook.ping` now and says how it was answered."""
    desk = _desk(house)
    with house.store.reader() as reader:
        row = desk.owned(reader, id, actor)
    now = house.clock.recorded_at()
    event = Teller(house.rulebook, house.directory).ping(f"{id}-{now}", iso(now))
    posted = Deliverer.signed_post(desk.webhooks, row, event, now)
    return Tried(posted.taken, posted.status, posted.error)


@get(
    "/subscriptions/{id:int}/deliveries",
    guards=[access("manage", "subscription")],
    sync_to_thread=True,
    summary="What became of a subscription's events",
)
def list_deliveries(
    house: TheHouse, actor: TheActor, id: RowId, after: FromQuery[str | None] = None, limit: Limit = 50
) -> DeliveryList:
    """Newest first."""
    with house.store.reader() as reader:
        _desk(house).readable(reader, id, actor)
        order = (Order(("at",), descending=True),)
        page = reader.find(
            Delivery, equals("subscription", id), order=order, limit=min(limit, MOST), after=after
        )
    return DeliveryList([_delivery(row) for row in page.rows], page.after)


def _delivery(row: Delivery) -> DeliveryRow:
    return DeliveryRow(
        id=row.id,
        state=row.state,
        first=row.first,
        last=row.last,
        count=row.count,
        kind=row.kind,
        status=row.status,
        error=row.error,
        attempts=row.attempts,
        at=iso(row.at),
        again=row.again,
    )


@post(
    "/subscriptions/{id:int}/deliveries/{delivery:int}/again",
    guards=[access("manage", "subscription")],
    sync_to_thread=True,
    summary="Deliver once more",
)
def deliver_again(
    house: TheHouse, actor: TheActor, repeat: TheRepeat, id: RowId, delivery: RowId
) -> DeliveryRow:
    """The same events with the same ids, next; the receiver drops what it has."""
    known = answered(house, repeat) or _desk(house).again(
        id, delivery, actor, key=repeat.key, digest=repeat.digest
    )
    with house.store.reader() as reader:
        return _delivery(reader.get(Delivery, known))


EVENT_KINDS = {
    "case.*": Label("案卷的一切变化", "Everything about cases"),
    "case.open": Label("新案卷", "A case opened"),
    "case.close": Label("结案", "A case closed"),
    "case.overdue": Label("案卷超期", "A case overdue"),
    "warning.*": Label("预警的一切变化", "Everything about warnings"),
    "warning.raise": Label("新预警", "A warning raised"),
}
"""Patterns that forms suggest."""


class Suggestion(msgspec.Struct, frozen=True):
    pattern: str
    label: Label


@get(
    "/subscriptions/kinds",
    guards=[access("manage", "subscription")],
    sync_to_thread=True,
    summary="Patterns of events to choose from",
)
def event_kinds(house: TheHouse) -> list[Suggestion]:
    """Common patterns; any action of a procedure is `case.ACTION` too."""
    return [Suggestion(pattern, label) for pattern, label in EVENT_KINDS.items()]


router = Router(
    "/",
    route_handlers=[
        list_subscriptions,
        create_subscription,
        get_subscription,
        change_subscription,
        rotate_subscription,
        end_subscription,
        try_subscription,
        list_deliveries,
        deliver_again,
        event_kinds,
    ],
    tags=["webhooks"],
)
