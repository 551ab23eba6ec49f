"""A town's application over HTTP until standard input is closed, in a process of its own; its port is printed first."""

from __future__ import annotations

import os
import socket
import sys
import threading
from collections.abc import Callable

import uvicorn

from hutong.api.application import create_app
from hutong.api.context import ApiContext
from hutong.app.serve import settle_memory


def serve(context: ApiContext, close: Callable[[], None], sockets: list[socket.socket] | None = None) -> None:
    """`close` is called at the end; the process ends with it, whatever threads are left. `sockets`: bound ones to answer on."""
    given = sockets or [socket.create_server(("127.0.0.1", 0), backlog=128)]
    config = uvicorn.Config(create_app(context), log_level="warning", access_log=False, timeout_keep_alive=75)
    server = uvicorn.Server(config)
    settle_memory()

    def until_told() -> None:
        sys.stdin.read()
        server.should_exit = True

    threading.Thread(target=until_told, daemon=True).start()
    for one in given:  # Connections wait until the server takes them.
        one.listen(128)
    print(given[0].getsockname()[1], flush=True)
    server.run(sockets=given)
    close()
    os._exit(0)
