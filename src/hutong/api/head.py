"""HEAD as GET without its body, for every path that answers GET (RFC 9110 §9.3.2)."""

from __future__ import annotations

from typing import cast

from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

ENDLESS = "/events"
"""Streams do not end, so they have no HEAD."""


def answers_head(app: ASGIApp) -> ASGIApp:
    """The application, with HEAD."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        if scope.get("method") != "HEAD" or scope["path"].endswith(ENDLESS):
            await app(scope, receive, send)
            return

        async def without_body(message: Message) -> None:
            if message["type"] == "http.response.body":
                message["body"] = b""
            await send(message)

        await app(cast(HTTPScope, {**scope, "method": "GET"}), receive, without_body)

    return wrapped
