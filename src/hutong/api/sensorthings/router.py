"""The routes of /sta/v1.1. Paths of resources are read by `paths`, so one route stands for all of them."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from litestar import Request, Response, Router, delete, get, patch, post, put
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency, Provide
from litestar.handlers.base import BaseRouteHandler

from hutong.api.access import NOBODY, RouteAccess
from hutong.api.house import House
from hutong.api.problems import MEDIA_TYPE, problem
from hutong.api.requests import TheActor, TheHouse, TheRepeat
from hutong.api.sensorthings.ingest import ERROR, Ingest
from hutong.api.sensorthings.model import BASE, SETS
from hutong.api.sensorthings.paths import Resource, parse_path
from hutong.api.sensorthings.reading import Reading
from hutong.api.sensorthings.writing import Writing
from hutong.kernel.access import Actor
from hutong.kernel.errors import HutongError, Invalid, NotFound

JSON = "application/json"
PATCH_TYPE = "application/json-patch+json"
CONFORMANCE = (
    "http://www.opengis.net/spec/iot_sensing/1.1/req/datamodel",
    "http://www.opengis.net/spec/iot_sensing/1.1/req/resource-path/resource-path-to-entities",
    "http://www.opengis.net/spec/iot_sensing/1.1/req/request-data",
    "http://www.opengis.net/spec/iot_sensing/1.1/req/create-update-delete",
    "http://www.opengis.net/spec/iot_sensing/1.1/req/data-array/data-array",
)
MOST_REASONS = 5
TheIngest = NamedDependency[Ingest]


class Readable(RouteAccess):
    """`read thing` and `read observation`; open to everybody where the city says so."""

    async def __call__(
        self, connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler
    ) -> None:
        house: House = connection.app.state["house"]
        nobody = connection.scope["state"]["actor"].account == NOBODY.account
        if not (nobody and house.context.public_read):
            await super().__call__(connection, handler)


READ = Readable("may read thing (everybody, where the city sets public_read)", "read", "thing")
SEND = RouteAccess("signed in; what is written decides: manage thing, or observe datastream")


def _json(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response[bytes]:
    return Response(msgspec.json.encode(body), status_code=status, media_type=JSON, headers=headers)


def _base(request: Request[Any, Any, Any]) -> str:
    return f"{str(request.base_url).rstrip('/')}{BASE}"


def _resource(request: Request[Any, Any, Any]) -> Resource:
    return parse_path(str(request.scope["path"]).removeprefix(BASE))


async def _body(request: Request[Any, Any, Any]) -> Any:
    try:
        return msgspec.json.decode(await request.body())
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid("body", f"is not JSON: {error}", "send a JSON document in UTF-8") from None


@get("/", guards=[READ], sync_to_thread=False)
def root(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The eight entity sets."""
    base = _base(request)
    sets = [{"name": name, "url": f"{base}/{name}"} for name in SETS]
    return _json({"value": sets, "serverSettings": {"conformance": CONFORMANCE}})


@get("/{resource:path}", guards=[READ], sync_to_thread=True, opt={"metered": False})
def read(request: Request[Any, Any, Any], house: TheHouse, actor: TheActor) -> Response[bytes]:
    """A list, an entity, a property or a value."""
    resource = _resource(request)
    base = _base(request)
    query = request.scope["query_string"].decode("latin-1")
    url = f"{str(request.base_url).rstrip('/')}{request.scope['path']}"
    with house.store.reader() as reader:
        found = Reading(house, reader, actor, base).answer(resource, query, url)
    if resource.tail in ("$value", "$count"):
        text = found if isinstance(found, str) else msgspec.json.encode(found).decode()
        return Response(text.encode(), media_type="text/plain; charset=utf-8")
    if resource.inside and found[resource.inside[-1]] is None:
        return Response(b"", status_code=204)
    return _json(found)


def _refused(reasons: dict[int, str]) -> dict[str, str]:
    """A header that says why rows were refused: the body has room for `error` only."""
    if not reasons:
        return {}
    told = "; ".join(f"row {row}: {reason}" for row, reason in list(reasons.items())[:MOST_REASONS])
    text = f"{len(reasons)} refused; {told}"
    return {"Hutong-Refused": text.encode("ascii", "replace").decode().replace("\n", " ").replace("\r", " ")}


@post("/CreateObservations", guards=[SEND], opt={"metered": False})
async def create_observations(
    request: Request[Any, Any, Any], actor: TheActor, repeat: TheRepeat, ingest: TheIngest
) -> Response[bytes]:
    """Data arrays: the address of each observation, or `error`, in the order sent; answered once durable."""
    ids, reasons = await ingest.arrays(actor, await request.body(), repeat)
    prefix = f"{_base(request)}/Observations("
    return _json([f"{prefix}{id})" if id else ERROR for id in ids], 201, _refused(reasons))


@post("/{resource:path}", guards=[SEND], opt={"metered": False})
async def create(
    request: Request[Any, Any, Any], house: TheHouse, actor: TheActor, repeat: TheRepeat, ingest: TheIngest
) -> Response[bytes]:
    """An entity with what stands inside it, or an observation."""
    resource, base = _resource(request), _base(request)
    body = await _body(request)
    if resource.last.set.name == "Observations":
        stream = _stream_named(resource)
        if stream is None and len(resource.steps) > 1:
            stream = await asyncio.to_thread(_stream, house, actor, base, resource)
        id = await ingest.one(actor, body, stream, repeat)
        own = f"{base}/Observations({id})"
        return _json({**body, "@iot.id": id, "@iot.selfLink": own}, 201, {"Location": own})
    made, own = await asyncio.to_thread(Writing(house, actor, base).create, resource, body)
    ingest.streams.clear()
    return _json(made, 201, {"Location": own})


def _stream_named(resource: Resource) -> int | None:
    """The datastream of Datastreams(1)/Observations; None for another path."""
    first = resource.steps[0]
    plain = len(resource.steps) == 2 and resource.is_collection and not resource.tail
    return first.id if plain and first.set.name == "Datastreams" else None


def _stream(house: House, actor: Actor, base: str, resource: Resource) -> int:
    """The datastream that a longer path to a new observation names."""
    with house.store.reader() as reader:
        parent, name = Reading(house, reader, actor, base).walk(resource)
    if parent is None or not name or parent.set.name != "Datastreams":
        raise NotFound("path", "no observation is created here", "POST to Datastreams(1)/Observations")
    return parent.id


async def _change(
    request: Request[Any, Any, Any], house: House, actor: Actor, ingest: Ingest, how: str
) -> Response[bytes]:
    writing = Writing(house, actor, _base(request))
    found = await asyncio.to_thread(writing.update, _resource(request), await _body(request), how)
    ingest.streams.clear()
    return _json(found)


@patch("/{resource:path}", guards=[SEND])
async def change(
    request: Request[Any, Any, Any], house: TheHouse, actor: TheActor, ingest: TheIngest
) -> Response[bytes]:
    """Parts of an entity, as JSON or as a JSON Patch."""
    sent = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return await _change(request, house, actor, ingest, "operations" if sent == PATCH_TYPE else "part")


@put("/{resource:path}", guards=[SEND])
async def replace(
    request: Request[Any, Any, Any], house: TheHouse, actor: TheActor, ingest: TheIngest
) -> Response[bytes]:
    """An entity anew."""
    return await _change(request, house, actor, ingest, "whole")


@delete("/{resource:path}", guards=[SEND], status_code=200)
async def remove(
    request: Request[Any, Any, Any], house: TheHouse, actor: TheActor, ingest: TheIngest
) -> Response[bytes]:
    """Retires an entity with what cannot stand without it."""
    await asyncio.to_thread(Writing(house, actor, _base(request)).remove, _resource(request))
    ingest.streams.clear()
    return Response(b"", status_code=200, media_type=JSON)


def _problem(_: Request[Any, Any, Any], error: HutongError) -> Response[bytes]:
    """Problem details, with the `message` that SensorThings clients show, and how to sign in without a page."""
    found = problem(error)
    headers = {"WWW-Authenticate": 'Basic realm="hutong", charset="UTF-8"'} if found.status == 401 else {}
    wait = error.facts.get("retry_after")
    if wait:
        headers["Retry-After"] = str(wait)
    body = {"message": found.detail, **msgspec.to_builtins(found, enc_hook=str)}
    return Response(
        msgspec.json.encode(body), status_code=found.status, media_type=MEDIA_TYPE, headers=headers
    )


def face(house: House) -> Router:
    """The face of one application."""
    ingest = Ingest(house)
    return Router(
        BASE,
        route_handlers=[root, read, create_observations, create, change, replace, remove],
        dependencies={"ingest": Provide(lambda: ingest, sync_to_thread=False, use_cache=True)},
        exception_handlers={HutongError: _problem},
        request_max_body_size=house.context.limits.batch,
        include_in_schema=False,
    )
