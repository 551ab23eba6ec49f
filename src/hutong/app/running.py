"""`hutong run`: a city in real time."""

from __future__ import annotations

import logging
import signal
import threading
from contextlib import ExitStack, closing
from pathlib import Path

from rich.console import Console

from hutong.app.city import RunningCity, open_city
from hutong.app.clocks import SystemClock
from hutong.app.first import first_start
from hutong.app.gateways import Gateways, take_in
from hutong.app.learning import Learning
from hutong.app.listening import listening, port_of
from hutong.app.mqtt import Brokers
from hutong.app.outside import Outside
from hutong.app.retention import DailyRetention
from hutong.app.serve import Serving, context_of, server, settle_memory
from hutong.app.upper import UpperPlatforms
from hutong.app.web_workers import WebWorkers

TICK_SECONDS = 1.0
_log = logging.getLogger(__name__)


def serve_city(
    folder: Path,
    screen: Console,
    *,
    host: str,
    port: int,
    packs: tuple[Path, ...],
    database: str | None,
    workers: int = 1,
) -> None:
    """Serves until interrupted; deadlines and missing data are looked after every second. `workers`: so many processes
    answer HTTP, of which this one does all that only one may do."""
    signal.signal(signal.SIGTERM, _stopped)
    sockets = listening(host, port, shared=workers > 1)
    first_start(folder, screen, packs=packs, database=database)
    with ExitStack() as ending:  # What began last ends first.
        running = ending.enter_context(
            closing(open_city(folder, SystemClock(), database=database, packs=packs, apart=True))
        )
        _begin_work(running, ending)
        ending.enter_context(closing(open_gateways(running, screen)))
        serving = server(context_of(running))
        ending.enter_context(closing(open_brokers(running, serving, screen)))
        ending.enter_context(closing(open_platforms(running, screen)))
        others = WebWorkers(
            running, workers - 1, host=host, port=port_of(sockets), database=database, packs=packs,
            all_ready=lambda: screen.print(f"{workers} processes answer"),
        )  # fmt: skip
        ending.enter_context(closing(others))
        serving.begun, serving.leaving = others.answer_too, others.let_go
        screen.print(f"[bold]胡同 Hutong[/] → http://{host}:{port_of(sockets)}")
        settle_memory()
        serving.run(sockets=sockets)


def _begin_work(running: RunningCity, ending: ExitStack) -> None:
    """What goes on beside the requests."""
    stop = threading.Event()
    ticking = threading.Thread(target=_tick, args=(running, stop), name="tick", daemon=True)
    ending.callback(ticking.join, timeout=30)
    ending.callback(stop.set)
    ticking.start()
    ending.enter_context(closing(Outside(running).start()))
    for work in (Learning(running), DailyRetention(running)):
        work.start()
        ending.enter_context(closing(work))


def open_gateways(running: RunningCity, screen: Console) -> Gateways:
    """Takes in the devices of devices.yaml and opens its ports; what cannot be done is told and left out."""
    gateways = Gateways(running)
    troubles = take_in(running)
    gateways.start()
    for trouble in [*troubles, *gateways.troubles]:
        screen.print(f"! {trouble}", markup=False, soft_wrap=True)
    for one in gateways.gateways:
        port = one.state()
        screen.print(f"{port.protocol} → {port.transport}://{port.host}:{port.port}", markup=False)
    return gateways


def open_brokers(running: RunningCity, serving: Serving, screen: Console) -> Brokers:
    """Connects to the brokers of devices.yaml; the server's own application gives the SensorThings face."""
    brokers = Brokers(running, serving.application.state["house"])
    brokers.start()
    for trouble in brokers.troubles:
        screen.print(f"! {trouble}", markup=False, soft_wrap=True)
    for one in brokers.clients:
        screen.print(f"mqtt → {one.address[0]}:{one.address[1]}", markup=False)
    return brokers


def open_platforms(running: RunningCity, screen: Console) -> UpperPlatforms:
    """Speaks to the platforms of upper.yaml; one without its secret is told and left out."""
    platforms = UpperPlatforms(running)
    for trouble in platforms.troubles:
        screen.print(f"! {trouble}", markup=False, soft_wrap=True)
    platforms.start()
    return platforms


def _tick(running: RunningCity, stop: threading.Event) -> None:
    while not stop.wait(TICK_SECONDS):
        try:
            _ticked(running)
        except Exception:
            _log.exception("what is due could not be done; it is tried again in a second")


def _ticked(running: RunningCity) -> None:
    running.intake.tick().result()
    running.deadlines.tick()
    running.dispatch.tick()
    running.rounds.tick()
    running.responses.tick()
    running.handovers.tick()
    running.store.sign_passed()


def _stopped(*_: object) -> None:
    """SIGTERM, as service managers send it, ends the server like Ctrl-C: in order."""
    raise SystemExit(0)
