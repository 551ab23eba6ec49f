"""The demo night played live: its clock, the thread that plays it, and the server beside it."""

from __future__ import annotations

import os
import sys
import threading
import traceback
import webbrowser
from contextlib import closing
from itertools import count
from pathlib import Path

from rich.console import Console

from hutong.api.context import Night as ShownNight
from hutong.api.context import Pace
from hutong.app.city import open_city
from hutong.app.clocks import DemoClock
from hutong.app.demo import PASSWORD, prepare, progress_bar
from hutong.app.night import Night, night_start
from hutong.app.outside import Outside
from hutong.app.running import open_gateways
from hutong.app.serve import context_of, server, settle_memory
from hutong.kernel.base import HOUR, Instant, Label
from hutong.kernel.definition.pack import StormNight

POLL_SECONDS = 0.05


class Player:
    """Plays a night on a demo clock in a thread of its own."""

    def __init__(self, night: Night, clock: DemoClock, definition: StormNight) -> None:
        self.night = night
        self.clock = clock
        self.definition = definition
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self._run, name="night", daemon=True)

    def _run(self) -> None:
        try:
            self._play()
        except Exception:
            traceback.print_exc()

    def _play(self) -> None:
        night = self.night
        for number in count(max(night.done, 0)):
            if not self._wait(night.at(number)):
                return
            night.step(number)

    def _wait(self, at: Instant) -> bool:
        """Until city time is there; False if the night was stopped."""
        self.clock.allow_until(at)
        while not self.clock.reached(at):
            if self.stop.wait(POLL_SECONDS):
                return False
        return not self.stop.is_set()

    def pace(self) -> Pace:
        start, end = self.night.start, self.night.end
        shown = ShownNight(self.definition.label, start, end, self._phase())
        return Pace(self.clock.rate, self.clock.running, shown)

    def _phase(self) -> Label:
        hours = (self.clock.city_time() - self.night.start) / HOUR
        if self.clock.city_time() >= self.night.end:
            return Label("已结束", "Over")
        begun = [label for since, label in self.definition.phases if since <= hours]
        return begun[-1] if begun else self.definition.label

    def set_pace(self, rate: float | None, running: bool | None) -> None:
        self.clock.set_pace(rate=rate, running=running)


def live(
    folder: Path, screen: Console, *, port: int, rate: float | None, fresh: bool, database: str | None
) -> None:
    """Prepares the city with progress shown, then serves it until interrupted."""
    with progress_bar(screen) as tell:
        city = prepare(folder, tell, fresh=fresh, database=database)
    definition = city.head.night
    assert definition is not None
    start = night_start(definition, city.head.zone)
    clock = DemoClock(start, rate or definition.rate)
    running = open_city(folder, clock, database=database, apart=True)
    try:
        night = Night(running, start)
        clock.jump_to(night.resumes_at)
        player = Player(night, clock, definition)
        context = context_of(running, pace=player.pace, set_pace=player.set_pace, password=PASSWORD)
        player.thread.start()
        with closing(open_gateways(running, screen)), closing(Outside(running).start()):
            _greet(screen, port, night)
            serving = server(context, port)
            settle_memory()
            serving.run()
        player.stop.set()
        player.thread.join(timeout=30)
    finally:
        running.close()


def _greet(screen: Console, port: int, night: Night) -> None:
    address = f"http://127.0.0.1:{port}"
    screen.print(f"[bold]胡同 Hutong[/] → {address}")
    screen.print(f"演示口令 · demo password: {PASSWORD}   (Ctrl-C 结束 · to stop)")
    if night.done + 1 >= len(night.feed.steps):
        screen.print(
            "暴雨之夜已经结束；重新开始请用 · the night is over; begin anew with: hutong demo --fresh"
        )
    if sys.stdout.isatty() and (os.environ.get("DISPLAY") or sys.platform == "darwin"):
        threading.Timer(1.0, webbrowser.open, (address,)).start()
