"""Serves a running city on loopback: API, console, base map, clock."""

from __future__ import annotations

import gc
import socket
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import apsw
import uvicorn
from litestar import Litestar

from hutong.api.application import create_app
from hutong.api.context import ApiContext, BaseMap, Demo, Health, Pace
from hutong.app.city import OpenCity
from hutong.app.secret import secret_of
from hutong.gateways.notices.posting import Guarded
from hutong.loader.osm.mbtiles import read_tile
from hutong.store.verify import chain_holds

CONSOLE = Path(__file__).resolve().parents[1] / "console_build"
BASEMAP = "basemap.mbtiles"
COLLECT_AFTER = 20_000
"""Objects more than before, until the collector looks at the youngest."""


def context_of(
    running: OpenCity,
    *,
    pace: Callable[[], Pace] | None = None,
    set_pace: Callable[[float | None, bool | None], None] | None = None,
    password: str | None = None,
) -> ApiContext:
    """What the API needs of a running city. `password`: that of the demo accounts, shown on the sign-in page."""
    context = ApiContext(
        store=running.store,
        clock=running.clock,
        rulebook=running.rulebook,
        directory=running.directory,
        cases=running.desk,
        warnings=running.warnings,
        sessions=running.sessions,
        secret=secret_of(running.folder),
        failures=running.sessions,
        intake=running.intake,
        devices=running.devices,
        handovers=running.handovers,
        triage=running.triage,
        topics=running.topics,
        upper=running.upper,
        set_pace=set_pace,
        health=lambda: _health(running),
        verify=lambda first, last: chain_holds(running.store.database, running.store.digest, first, last),
        reread=running.directory_changed,
        basemap=base_map(running.folder / BASEMAP),
        console=CONSOLE if (CONSOLE / "index.html").is_file() else None,
        demo=Demo(password) if password else None,
        webhooks=Guarded(running.city.faces.webhooks),
    )
    return replace(context, pace=pace) if pace else context


def _health(running: OpenCity) -> Health:
    with running.store.reader() as reader:
        backlog = running.store.observations.backlog(reader.tx, 1)
    return Health(
        ok=True, version=version("hutong"), database=running.store.database.dialect, packing_backlog=backlog
    )


def base_map(path: Path) -> BaseMap | None:
    """Tiles of a city's map file; each reading thread opens it for itself."""
    if not path.is_file():
        return None
    address = f"file:{path}?mode=ro&immutable=1"
    flags = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI

    def tile(z: int, x: int, y: int) -> bytes | None:
        connection = apsw.Connection(address, flags=flags)
        try:
            return read_tile(connection, z, x, y)
        finally:
            connection.close()

    connection = apsw.Connection(address, flags=flags)
    facts = {str(name): str(value) for name, value in connection.execute("SELECT name, value FROM metadata")}
    connection.close()
    return BaseMap(tile, facts)


def settle_memory() -> None:
    """Takes what the city holds for as long as it runs out of the collector's rounds, and makes these rare: requests leave few
    cycles behind, and looking for them cost a quarter of a busy server's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER, 20, 50)


def _nothing() -> None:
    return None


class Serving(uvicorn.Server):
    """A server. `begun` is called when requests are answered, `leaving` when no more are taken in; who listens to events is
    let go then."""

    begun: Callable[[], None] = staticmethod(_nothing)
    leaving: Callable[[], None] = staticmethod(_nothing)

    def __init__(self, application: Litestar, host: str, port: int) -> None:
        config = uvicorn.Config(
            application,
            host=host,
            port=port,
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=3,
        )
        super().__init__(config)
        self.application = application

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            self.begun()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.leaving()
        self.application.state["house"].outbox.let_go()
        await super().shutdown(sockets=sockets)


def server(context: ApiContext, port: int = 0, host: str = "127.0.0.1") -> Serving:
    """A server ready to run, at this address or on sockets given to `run`; its log says only what an operator must know."""
    return Serving(create_app(context), host, port)
