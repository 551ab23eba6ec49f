"""What a running city sends outside: messages of the outbox, and events to webhooks; a thread each."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from hutong.app.city import RunningCity
from hutong.app.secret import secret_of
from hutong.engine.outbox import Outbox
from hutong.engine.reporting import tracking_code
from hutong.engine.webhooks.deliver import Deliverer
from hutong.gateways.notices.channels import Channels
from hutong.gateways.notices.posting import Guarded
from hutong.kernel.base import Label
from hutong.kernel.case import Case
from hutong.kernel.ports import Webhooks

IDLE_SECONDS = 1.0
PATIENCE_SECONDS = 40.0
_log = logging.getLogger(__name__)


class Outside:
    """Works until it is closed. Several processes may run it: the leases let one work at a time."""

    def __init__(self, running: RunningCity, webhooks: Webhooks | None = None) -> None:
        faces, names = running.city.faces, running.rulebook.category_names
        self.webhooks = webhooks or Guarded(faces.webhooks)
        self.outbox = Outbox(
            running.store,
            running.clock,
            Channels(faces, self.webhooks, running.clock),
            faces,
            lambda category: names.get(category, Label(category.code, category.code)),
            lambda case: link(faces.public_url, secret_of(running.folder), case),
        )
        self.deliverer = Deliverer(
            running.store, running.clock, running.rulebook, running.directory, self.webhooks
        )
        self._stop = threading.Event()
        steps = {"outbox": self.outbox.step, "webhooks": self.deliverer.step}
        self._threads = [
            threading.Thread(target=self._run, args=(step,), name=name, daemon=True)
            for name, step in steps.items()
        ]

    def start(self) -> Outside:
        for thread in self._threads:
            thread.start()
        return self

    def _run(self, step: Callable[[], int]) -> None:
        while not self._stop.is_set():
            try:
                worked = step()
            except Exception:
                _log.exception("%s failed; it will be tried again", threading.current_thread().name)
                worked = 0
            if not worked:
                self._stop.wait(IDLE_SECONDS)

    def close(self) -> None:
        """Ends after what is under way, and lets another process take over at once."""
        self._stop.set()
        for thread in self._threads:
            thread.join(PATIENCE_SECONDS)
        self.deliverer.close()
        self.outbox.lease.give_up()
        self.deliverer.lease.give_up()


def link(public_url: str, secret: bytes, case: Case) -> str:
    """The page where a reporter follows a case; empty where the city names no address of its own."""
    if not public_url:
        return ""
    return f"{public_url.rstrip('/')}/report/{case.number}?code={tracking_code(secret, case.id)}"
