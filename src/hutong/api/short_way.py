"""What is answered before the application's routing: parts that the short ways of plain requests share.

A short way takes only what is plain, by the same checks; everything else, and every doubt, goes on to the application, which
answers as it always does.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, cast

from litestar.types import Message, Receive, Scope, Send

from hutong.api.requests import with_headers

MOST_BYTES = 16_384
UNUSUAL = frozenset(
    (
        b"origin",
        b"sec-fetch-site",
        b"cookie",
        b"transfer-encoding",
        b"content-encoding",
        b"expect",
        b"x-forwarded-host",
    )
)
"""Headers that ask for more than a short way gives."""
Pairs = Sequence[tuple[bytes, bytes]]
Answering = Callable[[Scope, Send, int, Pairs, bytes], Awaitable[None]]


def answering(secure: bool) -> Answering:
    """Sends an answer with the headers that every answer has."""
    dressed = with_headers(secure)

    async def answer(scope: Scope, send: Send, status: int, headers: Pairs, body: bytes) -> None:
        length = () if status == 204 else ((b"content-length", b"%d" % len(body)),)
        pairs = [*headers, *length]
        start = cast(Message, {"type": "http.response.start", "status": status, "headers": pairs})
        await dressed(start, scope)
        await send(start)
        await send(cast(Message, {"type": "http.response.body", "body": body, "more_body": False}))

    return answer


async def body_of(receive: Receive) -> bytes | None:
    """The whole body (the server holds it to the length it was announced with); None if the client went away."""
    parts: list[bytes] = []
    while True:
        message: Any = await receive()
        if message["type"] != "http.request":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


def again(raw: bytes | None, receive: Receive) -> Receive:
    """The messages of a request whose body was read already."""
    given = False

    async def messages() -> Any:
        nonlocal given
        if raw is None:
            return {"type": "http.disconnect"}
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": raw, "more_body": False}

    return cast(Callable[[], Awaitable[Any]], messages)
