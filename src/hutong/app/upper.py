"""Upper platforms of a running city: each is asked for orders and told what became of them, by a thread of its own."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Mapping

from hutong.app.city import RunningCity
from hutong.engine.flow.upper import PlatformState, UpperDesk
from hutong.gateways.upper.link import Link
from hutong.kernel.base import MINUTE, SECOND, Instant
from hutong.kernel.changes import Changes
from hutong.kernel.definition.upper import UpperPlatform
from hutong.kernel.errors import HutongError, Refused, Unavailable
from hutong.kernel.upper import UpperReport

FIRST_WAIT = MINUTE
LONGEST_WAIT = 60 * MINUTE
STEP_SECONDS = 5.0
"""Between two looks for reports to send; orders are asked for every `poll_seconds`."""
_log = logging.getLogger(__name__)


class UpperExchange:
    """The exchange with one platform."""

    def __init__(self, running: RunningCity, platform: UpperPlatform, link: Link) -> None:
        self.desk: UpperDesk = running.upper
        self.store = running.store
        self.clock = running.clock
        self.platform = platform
        self.link = link
        self.state = self.desk.states[platform.name] = PlatformState()
        self._asked_at: Instant | None = None

    def step(self) -> None:
        """Asks if it is time to, then tells what waits; trouble is noted, and the next step tries again."""
        try:
            if self._time_to_ask():
                self.ask()
            self.tell()
            self.state.trouble = ""
        except Unavailable as error:
            self.state.trouble = error.reason
        except HutongError as error:
            self.state.trouble = str(error)
            _log.warning("upper platform %s: %s", self.platform.name, error)

    def _time_to_ask(self) -> bool:
        poll, now = self.platform.poll_seconds, self.clock.recorded_at()
        if poll <= 0 or (self._asked_at is not None and now - self._asked_at < poll * SECOND):
            return False
        self._asked_at = now
        return True

    def ask(self) -> None:
        """Takes all orders and words it has for us. The cursor moves after each page: one that was broken off comes again,
        and what was taken of it is known."""
        name = f"upper/{self.platform.name}/in"
        while True:
            with self.store.reader() as reader:
                cursor = reader.cursor(name) or ""
            page = self.link.page(cursor)
            answers = [self.desk.take(self.platform, one) for one in page.orders]
            answers += [self.desk.hear(self.platform, one) for one in page.words]
            self.state.taken += sum(1 for one in answers if one.state == "taken")
            self.state.refused += sum(1 for one in answers if one.state == "refused")
            self.state.asked = self.clock.recorded_at()
            if page.cursor and page.cursor != cursor:
                self.store.apply(Changes(cursors={name: page.cursor}))
            if not (page.orders or page.words) or page.cursor in ("", cursor):
                return

    def tell(self) -> None:
        """Sends what is due, of each order in its order; a platform in trouble is left alone until the next step."""
        self.desk.gather(self.platform)
        while due := self.desk.due(self.platform, self.clock.recorded_at()):
            for report in due:
                self._tell(report)

    def _tell(self, report: UpperReport) -> None:
        try:
            self.link.tell(report)
        except Unavailable as error:
            wait = min(LONGEST_WAIT, FIRST_WAIT << min(report.attempts, 6))
            self.desk.settle(report, sent=False, error=error.reason, retry_after=wait)
            raise
        except Refused as error:
            self.desk.settle(report, sent=False, error=error.reason)
            return
        self.state.told += 1
        self.desk.settle(report, sent=True)


class UpperPlatforms:
    """All platforms of upper.yaml that have an address. `troubles`: those that cannot be spoken to, and why."""

    def __init__(self, running: RunningCity, environment: Mapping[str, str] = os.environ) -> None:
        self.exchanges: list[UpperExchange] = []
        self.troubles: list[str] = []
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        for platform in running.city.upper.platforms:
            if not platform.url:
                continue
            secret = environment.get(platform.key, "")
            if not secret:
                self.troubles.append(f"{platform.name}: set {platform.key}")
                continue
            link = Link(platform.url, secret.encode(), running.clock.recorded_at)
            self.exchanges.append(UpperExchange(running, platform, link))

    def start(self) -> None:
        for exchange in self.exchanges:
            name = f"upper-{exchange.platform.name}"
            thread = threading.Thread(target=self._run, args=(exchange,), name=name, daemon=True)
            self._threads.append(thread)
            thread.start()

    def _run(self, exchange: UpperExchange) -> None:
        while not self._stop.is_set():
            try:
                exchange.step()
            except Exception:
                _log.exception("upper platform %s", exchange.platform.name)
            self._stop.wait(STEP_SECONDS)

    def close(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=30)
