"""The port an upper platform sends to: POST /upper/v1/{platform}/orders and /words, each request signed."""

from __future__ import annotations

import os
from typing import Any

import msgspec
from litestar import Request, Router, post
from litestar.params import FromPath, JSONBody, RawBody

from hutong.api.access import public
from hutong.api.house import House
from hutong.api.requests import TheHouse
from hutong.engine.flow.upper import Taken, UpperDesk
from hutong.kernel.definition.upper import UpperPlatform
from hutong.kernel.errors import Invalid, NotFound, Unauthenticated
from hutong.kernel.signature import HEADER, signed
from hutong.kernel.upper import UpperOrder, UpperWord

BASE = "/upper/v1"
MOST = 500


class Answers(msgspec.Struct, frozen=True):
    """One answer an order or word, in their order; what was taken before is `repeated`."""

    answers: list[Taken]


def upper_desk(house: House) -> UpperDesk:
    """NotFound where the city has no platform above it."""
    desk = house.context.upper
    if desk is None or not desk.platforms:
        raise NotFound("platform", "this city has no upper platform", "name it in upper.yaml")
    return desk


def _signed(house: House, name: str, request: Request[Any, Any, Any], body: bytes) -> UpperPlatform:
    """The platform, if it signed this very request; nobody is told which platforms there are."""
    platform = house.context.upper.platforms.get(name) if house.context.upper else None
    secret = os.environ.get(platform.key, "") if platform and platform.key else ""
    given, now = request.headers.get(HEADER, ""), house.clock.recorded_at()
    if not (platform and secret and signed(given, secret.encode(), now, "POST", request.scope["path"], body)):
        raise Unauthenticated(
            HEADER,
            "is missing, wrong or too old",
            "sign time, method, target and the body's digest with the secret",
        )
    return platform


def _most(rows: list[Any]) -> None:
    if len(rows) > MOST:
        raise Invalid("body", f"holds {len(rows)} rows", f"send at most {MOST} at once")


@post(
    "/{platform:str}/orders",
    guards=[public()],
    status_code=200,
    sync_to_thread=True,
    summary="Orders of an upper platform",
)
def orders(
    house: TheHouse,
    platform: FromPath[str],
    request: Request[Any, Any, Any],
    body: RawBody,
    data: JSONBody[list[UpperOrder]],
) -> Answers:
    """Each is taken once, or answered with the reason why not. Signed by the platform."""
    known = _signed(house, platform, request, body)
    _most(data)
    desk = upper_desk(house)
    return Answers([desk.take(known, one) for one in data])


@post(
    "/{platform:str}/words",
    guards=[public()],
    status_code=200,
    sync_to_thread=True,
    summary="Words of an upper platform",
)
def words(
    house: TheHouse,
    platform: FromPath[str],
    request: Request[Any, Any, Any],
    body: RawBody,
    data: JSONBody[list[UpperWord]],
) -> Answers:
    """催办, 督办, 退回重办, decisions on 退单 and 延期: each is followed once. Signed by the platform."""
    known = _signed(house, platform, request, body)
    _most(data)
    desk = upper_desk(house)
    return Answers([desk.hear(known, one) for one in data])


def face(_: House) -> Router:
    return Router(BASE, route_handlers=[orders, words], tags=["upper platform"])
