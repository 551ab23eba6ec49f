"""The application: which faces there are, and what is around all of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any

from litestar import Litestar, Request, Router
from litestar.datastructures import State
from litestar.di import Provide
from litestar.middleware import DefineMiddleware
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.types import ASGIApp, ControllerRouterHandler

from hutong.api import (
    account,
    bulk,
    calls,
    case_commands,
    case_page,
    cases,
    census,
    city,
    clock,
    devices,
    duplicates,
    evaluation,
    events,
    export,
    field,
    figures,
    files,
    handovers,
    history,
    households,
    journal,
    keys,
    knowledge,
    layers,
    messages,
    orders,
    pages,
    plans,
    procedures,
    registers,
    responses,
    responsibilities,
    rule_figures,
    rules,
    search,
    streams,
    subscriptions,
    things,
    topics,
    triage,
    upper,
    upper_reports,
    warnings,
)
from hutong.api.access import public
from hutong.api.case_express import CaseExpress
from hutong.api.context import ApiContext
from hutong.api.head import answers_head
from hutong.api.house import House
from hutong.api.open311.router import face as open311
from hutong.api.problems import HANDLERS
from hutong.api.public.reports import face as public_reports
from hutong.api.requests import Asking, Repeat, repeat_of, with_headers
from hutong.api.sensorthings.router import face as sensorthings
from hutong.kernel.access import Actor

BASE = "/api/v1"
NATIVE = (
    account.router,
    city.router,
    clock.router,
    layers.router,
    figures.router,
    things.router,
    history.router,
    export.router,
    streams.router,
    devices.router,
    warnings.router,
    rules.router,
    rule_figures.router,
    plans.router,
    responses.router,
    cases.router,
    case_page.router,
    case_commands.router,
    bulk.router,
    procedures.router,
    calls.router,
    orders.router,
    knowledge.router,
    duplicates.router,
    census.router,
    evaluation.router,
    handovers.router,
    responsibilities.router,
    journal.router,
    events.router,
    search.router,
    triage.router,
    topics.router,
    keys.router,
    subscriptions.router,
    messages.router,
    upper_reports.router,
    field.router,
    households.router,
    registers.router,
)
"""The native API."""

Face = Callable[[House], ControllerRouterHandler]
FACES: tuple[Face, ...] = (sensorthings, public_reports, open311, upper.face)
"""Faces of other standards: each makes its router, with its own base path, from the house. Add new ones here."""


def create_app(context: ApiContext) -> Litestar:
    """The ASGI application of one city."""
    house = House(context)
    house.fronts.append(lambda app: CaseExpress(app, house))
    handlers: Sequence[ControllerRouterHandler] = [
        Router(BASE, route_handlers=[*NATIVE, files.router(context.limits.upload)]),
        *(face(house) for face in FACES),
        pages.router,
    ]
    app = Litestar(
        route_handlers=handlers,
        dependencies={
            "house": Provide(lambda: house, sync_to_thread=False, use_cache=True),
            "actor": Provide(_actor, sync_to_thread=False),
            "repeat": Provide(_repeat),
        },
        middleware=[DefineMiddleware(Asking, house=house)],
        exception_handlers=HANDLERS,
        before_send=[with_headers(context.secure)],
        lifespan=[_running(house)],
        state=State({"house": house}),
        request_max_body_size=context.limits.body,
        openapi_config=_openapi(context),
        debug=False,
    )
    app.state["routed"] = app.asgi_handler
    app.asgi_handler = _fronted(app)
    return app


def take_up(app: Litestar, context: ApiContext) -> None:
    """The routes serve another town from now on; its limits and its being `secure` are as before.

    Making the routes takes a quarter of a second, so tests make them once.
    """
    app.state["house"].take_up(context)
    app.asgi_handler = _fronted(app)


def _fronted(app: Litestar) -> ASGIApp:
    handler = app.state["routed"]
    for front in app.state["house"].fronts:
        handler = front(handler)
    return answers_head(handler)


def _actor(request: Request[Any, Any, Any]) -> Actor:
    actor: Actor = request.scope["state"]["actor"]
    return actor


async def _repeat(request: Request[Any, Any, Any]) -> Repeat:
    return await repeat_of(request)


def _running(house: House) -> Callable[[Litestar], Any]:
    @asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncIterator[None]:
        threads = ThreadPoolExecutor(house.context.limits.threads, thread_name_prefix="api")
        asyncio.get_running_loop().set_default_executor(threads)
        house.outbox.start(threads)
        try:
            yield
        finally:
            await house.outbox.stop()
            threads.shutdown(wait=False, cancel_futures=True)

    return lifespan


def _operation_ids() -> Callable[..., str]:
    """A route is called as its function is; of two with one name the later one has its module's name before it."""
    known: set[str] = set()

    def name_of(handler: Any, *_: Any) -> str:
        name, module = str(handler.handler_name), handler.fn.__module__.rpartition(".")[2]
        for one in (name, f"{module}_{name}", *(f"{module}_{name}_{n}" for n in range(2, 10))):
            if one not in known:
                known.add(one)
                return one
        raise ValueError(f"too many routes are called {name}")

    return name_of


def _openapi(context: ApiContext) -> OpenAPIConfig:
    return OpenAPIConfig(
        title="Hutong",
        version="1",
        description="The native API of Hutong, the operating platform of a city.",
        use_handler_docstrings=True,
        operation_id_creator=_operation_ids(),
        render_plugins=[JsonRenderPlugin()],
        openapi_router=Router("/api", route_handlers=[], guards=[public()], include_in_schema=False),
    )
