"""The routes of /sta/v1.1. Paths of resources are read by `paths`, so one route stands for all of them."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, Response, Router, get
from litestar.connection import ASGIConnection
from litestar.di import Provide
from litestar.handlers.base import BaseRouteHandler

from hutong.api.access import RouteAccess
from hutong.api.house import House
from hutong.api.problems import MEDIA_TYPE
from hutong.api.requests import TheActor, TheHouse
from hutong.api.sensorthings.express import Express
from hutong.api.sensorthings.ingest import Ingest
from hutong.api.sensorthings.model import BASE, SETS
from hutong.api.sensorthings.reading import Reading, sight_of
from hutong.api.sensorthings.told import base_of, resource_of, told
from hutong.api.sensorthings.write_routes import WRITES
from hutong.kernel.errors import HutongError

JSON = "application/json"
_REQUESTS = (
    "", "/order", "/expand", "/select", "/status-code", "/query-status-code", "/orderby", "/top", "/skip", "/count",
    "/filter", "/built-in-filter-operations", "/built-in-query-functions", "/pagination",
)  # fmt: skip
CONFORMANCE = (
    "http://www.opengis.net/spec/iot_sensing/1.1/req/datamodel",
    "http://www.opengis.net/spec/iot_sensing/1.1/req/resource-path/resource-path-to-entities",
    *(f"http://www.opengis.net/spec/iot_sensing/1.1/req/request-data{part}" for part in _REQUESTS),
    "http://www.opengis.net/spec/iot_sensing/1.1/req/create-update-delete",
    "http://www.opengis.net/spec/iot_sensing/1.1/req/data-array/data-array",
    "http://www.opengis.net/spec/iot_sensing/1.1/req/batch-request/batch-request",
)


class Readable(RouteAccess):
    """`read thing` and `read observation`; open to everybody where the city says so."""

    async def __call__(
        self, connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler
    ) -> None:
        house: House = connection.app.state["house"]
        if not house.context.public_read:
            await super().__call__(connection, handler)


READ = Readable("may read thing (everybody, where the city sets public_read)", "read", "thing")


def _json(body: Any) -> Response[bytes]:
    return Response(msgspec.json.encode(body), media_type=JSON)


@get("/", guards=[READ], sync_to_thread=False)
def root(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The eight entity sets."""
    base = base_of(request)
    sets = [{"name": name, "url": f"{base}/{name}"} for name in SETS]
    return _json({"value": sets, "serverSettings": {"conformance": CONFORMANCE}})


@get("/{resource:path}", guards=[READ], sync_to_thread=True, opt={"metered": False})
def read(request: Request[Any, Any, Any], house: TheHouse, actor: TheActor) -> Response[bytes]:
    """A list, an entity, a property or a value."""
    resource = resource_of(request)
    base = base_of(request)
    query = request.scope["query_string"].decode("latin-1")
    url = f"{str(request.base_url).rstrip('/')}{request.scope['path']}"
    with house.store.reader() as reader:
        found = Reading(house, reader, actor, base, sight_of(house, actor)).answer(resource, query, url)
    if resource.tail in ("$value", "$count"):
        text = found if isinstance(found, str) else msgspec.json.encode(found).decode()
        return Response(text.encode(), media_type="text/plain; charset=utf-8")
    if resource.inside and found[resource.inside[-1]] is None:
        return Response(b"", status_code=204)
    return _json(found)


def _problem(_: Request[Any, Any, Any], error: HutongError) -> Response[bytes]:
    """Problem details, with the `message` that SensorThings clients show, and how to sign in without a page."""
    status, headers, body = told(error)
    return Response(body, status_code=status, media_type=MEDIA_TYPE, headers=headers)


def face(house: House) -> Router:
    """The face of one application."""
    house.fronts.append(lambda app: Express(app, house, house.part(Ingest)))
    return Router(
        BASE,
        route_handlers=[root, read, *WRITES],
        dependencies={"ingest": Provide(lambda: house.part(Ingest), sync_to_thread=False)},
        exception_handlers={HutongError: _problem},
        request_max_body_size=house.context.limits.batch,
        include_in_schema=False,
    )
