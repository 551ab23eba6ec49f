"""Triage learns beside the running city: now and then, when enough further cases were closed."""

from __future__ import annotations

import logging
import threading

from hutong.app.city import RunningCity
from hutong.kernel.case import Case
from hutong.kernel.query import IsNull, Not, field

_log = logging.getLogger(__name__)
LOOK_SECONDS = 600.0
FEWEST = 30
"""Closed cases from which it begins to learn."""
SHARE = 0.05
"""It learns anew when the closed cases grew by this share."""
COUNTED = 200_000


class Learning:
    """A thread that looks every ten minutes; nothing of the city waits for it."""

    def __init__(self, running: RunningCity) -> None:
        self._running = running
        self._stop = threading.Event()
        self._closed = 0
        """Closed cases at the last learning."""
        self._thread = threading.Thread(target=self._run, name="learning", daemon=True)

    def start(self) -> None:
        if self._running.triage.learns:
            self._thread.start()

    def _run(self) -> None:
        while not self._stop.wait(LOOK_SECONDS):
            try:
                self.look()
            except Exception:
                _log.exception("triage could not learn; it will be tried again")

    def look(self) -> bool:
        """Learns if there is enough that is new; says whether it did."""
        with self._running.store.reader() as reader:
            closed = reader.count(Case, Not(IsNull(field("closed"))), at_most=COUNTED)
        known = self._closed or self._running.triage.kept.cases
        if closed < FEWEST or closed < known * (1 + SHARE):
            return False
        learnt = self._running.triage.learn() is not None
        self._closed = closed
        return learnt

    def close(self) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=30)
