"""The routes of /sta/v1.1 that write."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import msgspec
from litestar import Request, Response, delete, patch, post, put
from litestar.di import NamedDependency
from litestar.types import Message, Scope

from hutong.api.access import RouteAccess
from hutong.api.house import House
from hutong.api.problems import MEDIA_TYPE
from hutong.api.requests import TheActor, TheHouse, TheRepeat
from hutong.api.sensorthings.batch import PATCH_TYPE, Batch
from hutong.api.sensorthings.batch_parts import JSON, Answer, Part, read_batch, write_json, write_multipart
from hutong.api.sensorthings.ingest import ERROR, Ingest
from hutong.api.sensorthings.model import BASE
from hutong.api.sensorthings.paths import Resource
from hutong.api.sensorthings.told import base_of, resource_of, told
from hutong.api.sensorthings.writing import Writing
from hutong.kernel.access import Actor
from hutong.kernel.errors import HutongError, Invalid

TheIngest = NamedDependency[Ingest]
MOST_REASONS = 5
SEND = RouteAccess("signed in; what is written decides: manage thing, or observe datastream")
_KEPT = (b"authorization", b"cookie", b"host", b"origin", b"sec-fetch-site", b"x-csrf-token")
"""Headers of a batch that hold for each of its requests."""


def _json(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response[bytes]:
    return Response(msgspec.json.encode(body), status_code=status, media_type=JSON, headers=headers)


async def _body(request: Request[Any, Any, Any]) -> Any:
    try:
        return msgspec.json.decode(await request.body())
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid("body", f"is not JSON: {error}", "send a JSON document in UTF-8") from None


def _refused(reasons: dict[int, str]) -> dict[str, str]:
    """A header that says why rows were refused: the body has room for `error` only."""
    if not reasons:
        return {}
    first = "; ".join(f"row {row}: {reason}" for row, reason in list(reasons.items())[:MOST_REASONS])
    text = f"{len(reasons)} refused; {first}"
    return {"Hutong-Refused": text.encode("ascii", "replace").decode().replace("\n", " ").replace("\r", " ")}


@post("/CreateObservations", guards=[SEND], opt={"metered": False})
async def create_observations(
    request: Request[Any, Any, Any], actor: TheActor, repeat: TheRepeat, ingest: TheIngest
) -> Response[bytes]:
    """Data arrays: the address of each observation, or `error`, in the order sent; answered once durable."""
    ids, reasons = await ingest.arrays(actor, await request.body(), repeat)
    prefix = f"{base_of(request)}/Observations("
    return _json([f"{prefix}{id})" if id else ERROR for id in ids], 201, _refused(reasons))


@post("/$batch", guards=[SEND], status_code=200)
async def batch(
    request: Request[Any, Any, Any], house: TheHouse, actor: TheActor, ingest: TheIngest
) -> Response[bytes]:
    """Many requests in one, as multipart/mixed or JSON; change sets are kept whole or not at all."""
    sent = request.headers.get("content-type", "")
    parts = read_batch(await request.body(), sent)

    async def single(part: Part) -> Answer:
        return await _inner(request, part)

    runner = Batch(Writing(house, actor, base_of(request)), single, _answer)
    go_on = "continue-on-error" in request.headers.get("prefer", "").lower()
    answers = await runner.run(parts, go_on=go_on)
    ingest.streams.clear()
    if sent.lower().startswith(JSON):
        return Response(write_json(answers), status_code=200, media_type=JSON)
    content, kind = write_multipart(answers)
    return Response(content, status_code=200, headers={"Content-Type": kind})


def _answer(error: HutongError) -> Answer:
    status, headers, body = told(error)
    named = {name.lower(): value for name, value in headers.items()}
    return Answer(status=status, headers={"content-type": MEDIA_TYPE, **named}, body=body)


async def _inner(request: Request[Any, Any, Any], part: Part) -> Answer:
    """One request of a batch, through the whole application like any other, as the asker of the batch."""
    path, _, query = part.url.partition("?")
    own = [(name.encode(), value.encode("latin-1", "replace")) for name, value in part.headers.items()]
    own = [
        (name, value) for name, value in own if name not in (*_KEPT, b"content-length", b"transfer-encoding")
    ]
    if part.body and "content-type" not in part.headers:
        own.append((b"content-type", JSON.encode()))
    outer = request.scope
    kept = [(name, value) for name, value in outer["headers"] if name in _KEPT]
    scope: dict[str, Any] = {
        name: outer[name]
        for name in ("type", "asgi", "http_version", "scheme", "server", "client", "root_path")
        if name in outer
    }
    scope |= {
        "method": part.method,
        "path": f"{BASE}{path}",
        "raw_path": f"{BASE}{path}".encode(),
        "query_string": query.encode(),
        "headers": [*kept, *own, (b"content-length", str(len(part.body)).encode())],
        "state": {},
    }
    answer, content = Answer(status=500), list[bytes]()

    async def receive() -> Any:
        return {"type": "http.request", "body": part.body, "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            told_headers = {name.decode(): value.decode("latin-1") for name, value in message["headers"]}
            answer.headers = {name: told_headers[name] for name in _TOLD if name in told_headers}
        elif message["type"] == "http.response.body":
            content.append(message["body"])

    await request.app(cast(Scope, scope), receive, send)
    answer.body = b"".join(content)
    return answer


_TOLD = ("content-type", "location", "www-authenticate", "retry-after", "hutong-refused")


@post("/{resource:path}", guards=[SEND], opt={"metered": False})
async def create(
    request: Request[Any, Any, Any], house: TheHouse, actor: TheActor, repeat: TheRepeat, ingest: TheIngest
) -> Response[bytes]:
    """An entity with what stands inside it, an observation, or a link (`$ref`)."""
    resource, base = resource_of(request), base_of(request)
    body = await _body(request)
    if resource.tail == "$ref":
        return await _refer(request, house, actor, body)
    if resource.last.set.name == "Observations":
        stream = _stream_named(resource)
        plain = len(resource.steps) == 1 or stream is not None
        if plain and not resource.tail and resource.is_collection and not _describes(body, stream):
            id = await ingest.one(actor, body, stream, repeat)
            own = f"{base}/Observations({id})"
            return _json({**body, "@iot.id": id, "@iot.selfLink": own}, 201, {"Location": own})
    writing = Writing(house, actor, base)
    made, own = await asyncio.to_thread(writing.create, resource, body, (repeat.key, repeat.digest))
    ingest.streams.clear()
    return _json(made, 201, {"Location": own})


def _stream_named(resource: Resource) -> int | None:
    """The datastream of Datastreams(1)/Observations; None for another path."""
    first = resource.steps[0]
    named = len(resource.steps) == 2 and first.set.name == "Datastreams"
    return first.id if named else None


def _describes(body: Any, stream: int | None) -> bool:
    """Whether an observation brings the description of a new Datastream."""
    if stream is not None or not isinstance(body, dict):
        return False
    given = body.get("Datastream")
    return isinstance(given, dict) and "@iot.id" not in given


async def _refer(
    request: Request[Any, Any, Any], house: House, actor: Actor, target: Any, status: int = 200
) -> Response[bytes]:
    writing = Writing(house, actor, base_of(request))
    await asyncio.to_thread(writing.refer, request.method, resource_of(request), target)
    return Response(b"", status_code=status, media_type=JSON)


async def _change(
    request: Request[Any, Any, Any], house: House, actor: Actor, ingest: Ingest, how: str
) -> Response[bytes]:
    resource, body = resource_of(request), await _body(request)
    if resource.tail == "$ref":
        answer = await _refer(request, house, actor, body)
    else:
        writing = Writing(house, actor, base_of(request))
        answer = _json(await asyncio.to_thread(writing.update, resource, body, how))
    ingest.streams.clear()
    return answer


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
    """An entity anew, or the target of a link (`$ref`)."""
    return await _change(request, house, actor, ingest, "whole")


@delete("/{resource:path}", guards=[SEND], status_code=200)
async def remove(
    request: Request[Any, Any, Any], house: TheHouse, actor: TheActor, ingest: TheIngest
) -> Response[bytes]:
    """Retires an entity with what cannot stand without it, or takes a link away (`$ref`)."""
    resource = resource_of(request)
    if resource.tail == "$ref":
        answer = await _refer(request, house, actor, request.query_params.get("$id"))
    else:
        await asyncio.to_thread(Writing(house, actor, base_of(request)).remove, resource)
        answer = Response(b"", status_code=200, media_type=JSON)
    ingest.streams.clear()
    return answer


WRITES = [create_observations, batch, create, change, replace, remove]
